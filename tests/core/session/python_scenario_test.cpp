// Variants of a scenario that are scripts: contained, within limits, and not run where their interpreter is missing.
#include "core/base/json_in.h"
#include "core/base/json_out.h"
#include "tests/core/session/python_fixture.h"

namespace timeslice::python_scenario_test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

using PythonScenarioTest = PythonRunTest;

TEST_F(PythonScenarioTest, AScenariosScriptHasOurModuleAndNoInput)
{
    const ScriptRun script = runLesson("import sys, timeslice\nprint(timeslice.__name__, repr(sys.stdin.read()))\n");
    EXPECT_TRUE(script.exit().ok()) << script.exit().text << script.output;
    EXPECT_EQ(script.output, "timeslice ''\n");
    EXPECT_FALSE(script.outputAfterEnd);
}

TEST_F(PythonScenarioTest, WhatAScenariosScriptReportsIsMergedIntoTheReport)
{
    const ScriptRun script = runLesson("import json\n"
                                       "from timeslice import _record\n"
                                       "def say(text):\n"
                                       "    with open(_record.result_path(), 'a') as f:\n"
                                       "        f.write(text + '\\n')\n"
                                       "say(json.dumps({'counters': [{'name': 'x', 'expected': 10, 'actual': 7}]}))\n"
                                       "say('this is no JSON')\n"
                                       "say(json.dumps({'extra': {'requests': 20, 'size': 1}}))\n"
                                       "say(json.dumps({'extra': {'size': 2}, 'latency_ms': [3, 1.5, 'x', 2]}))\n"
                                       "say('{\"extra\": {\"cut sho')\n");
    EXPECT_TRUE(script.exit().ok()) << script.exit().text << script.output;
    ASSERT_EQ(script.facts().counters.size(), 1U);
    EXPECT_EQ(script.facts().counters[0].lost(), 3);
    const VariantReport& report = script.followed.variant().report;
    EXPECT_EQ(report.extra.at("requests"), 20);
    EXPECT_EQ(report.extra.at("size"), 2);
    ASSERT_TRUE(report.latencyMillis);
    EXPECT_EQ(report.latencyMillis->count, 3U);
    EXPECT_DOUBLE_EQ(report.latencyMillis->p50, 2);
    EXPECT_DOUBLE_EQ(report.latencyMillis->max, 3);
    EXPECT_THAT(report.findings,
        ElementsAre(HasSubstr("line 2: it cannot be read"), HasSubstr("line 4: 1 of its delays is no number"),
            HasSubstr("line 5: it cannot be read")));
}

/// Two threads that update a counter, which nothing protects, by STEP: an expression of i.
std::string countingBy(const std::string& step)
{
    return "import sys, threading, timeslice\n"
           "sys.setswitchinterval(1e-5)\n"
           "x = timeslice.Counter('x')\n"
           "steps = ["
        + step
        + " for i in range(2000)]\n"
          "def work():\n"
          "    for step in steps: x.add(step)\n"
          "both = [threading.Thread(target=work) for _ in range(2)]\n"
          "for each in both: each.start()\n"
          "for each in both: each.join()\n"
          "timeslice.result(counters={'x': (2 * sum(steps), x.value)})\n";
}

TEST_F(PythonScenarioTest, LostUpdatesOfACounterThatCountsByAnyNumberAreAccountedForInItsUnits)
{
    for (const std::int64_t step : {-7, 1000}) {
        const ScriptRun script = runLesson(countingBy(std::to_string(step)));
        ASSERT_TRUE(script.exit().ok()) << script.exit().text << script.output;
        ASSERT_EQ(script.followed.variant().report.counters.size(), 1U);
        const CounterResult& x = script.followed.variant().report.counters.front();
        ASSERT_TRUE(x.found) << step;
        EXPECT_EQ(x.found->updates + x.found->unexplained, x.lost());
        EXPECT_EQ(x.found->updates % step, 0);
        EXPECT_GE(x.found->updates / step, 0);
        EXPECT_LE(x.found->updates / step, x.lost() / step);
    }
}

TEST_F(PythonScenarioTest, OfACounterThatCountsByDifferentAmountsNoLossIsTold)
{
    const ScriptRun script = runLesson(countingBy("i % 3 + 1"));
    ASSERT_TRUE(script.exit().ok()) << script.exit().text << script.output;
    const VariantReport& report = script.followed.variant().report;
    ASSERT_EQ(report.counters.size(), 1U);
    EXPECT_FALSE(report.counters.front().found);
    if (report.counters.front().lost() != 0) { // two threads on one core may not meet
        EXPECT_THAT(report.findings, Contains(HasSubstr("x counts by different amounts")));
    }
    EXPECT_THAT(report.findings, testing::Not(Contains(HasSubstr("updates lost"))));
}

TEST_F(PythonScenarioTest, WhateverAScriptReportsItIsKeptOrNamedAndEndsNothing)
{
    const ScriptRun script =
        runLesson("import os, timeslice\n"
                  "class Odd:\n"
                  "    def __str__(self): raise RuntimeError('no')\n"
                  "deep = []\n"
                  "for i in range(100000): deep = [deep]\n"
                  "circle = {}\n"
                  "circle['self'] = circle\n"
                  "timeslice.result(extra={'latency_ms': 5})\n"
                  "timeslice.result(extra={'latency_ms': {'p50': 'none'}, 'threads': [1], 'odd': Odd(), 'set': {7}, "
                  "'bytes': b'b'})\n"
                  "timeslice.result(counters={'x': (10, 7), 'inf': (float('inf'), 1), 'text': ('many', 1), 'huge': (2 "
                  "** 70, 1),\n"
                  "                           'one': 3, 'text that counts': ('5', 5)},\n"
                  "                 extra={'inf': float('inf'), 'nan': float('nan'), 'huge': 10 ** 5000, 'n': 1})\n"
                  "timeslice.result(extra={'deep': deep, 'circle': circle, (1, 2): 'pair', 1: 'a', '1': 'b', 'm': 2})\n"
                  "timeslice.result(extra={'name': os.fsdecode(b'caf\\xe9')})\n"
                  "timeslice.latency(float('nan'))\n");
    EXPECT_TRUE(script.exit().ok()) << script.exit().text << script.output;
    const VariantReport& report = script.followed.variant().report;
    EXPECT_FALSE(report.latencyMillis);
    ASSERT_EQ(report.counters.size(), 2U);
    EXPECT_EQ(report.counters[0].name, "x");
    EXPECT_EQ(report.counters[0].lost(), 3);
    EXPECT_EQ(report.counters[1].name, "text that counts");
    const nlohmann::json& extra = report.extra;
    EXPECT_EQ(extra.at("latency_ms"), nlohmann::json({{"p50", "none"}}));
    EXPECT_EQ(extra.at("set"), nlohmann::json({7}));
    EXPECT_EQ(extra.at("bytes"), "b");
    EXPECT_EQ(extra.at("odd"), "<Odd>");
    EXPECT_EQ(extra.at("(1, 2)"), "pair");
    EXPECT_EQ(extra.at("name"), "caf\uFFFD");
    EXPECT_EQ(extra.at("n"), 1);
    EXPECT_EQ(extra.at("m"), 2);
    for (const char* none : {"inf", "nan", "huge"}) {
        EXPECT_TRUE(extra.at(none).is_null()) << none;
        EXPECT_THAT(report.findings, Contains(HasSubstr(std::string("extra/") + none + " is "))) << none;
    }
    for (const char* fault : {"counter 'inf'", "counter 'text'", "counter 'huge'", "counter 'one'", "extra/deep/",
             "extra/circle/", "extra/1 stands twice"}) {
        EXPECT_THAT(report.findings, Contains(HasSubstr(fault)));
    }
    const Result<RunReport> back =
        parseJson(jsonText(toJson(script.followed.model->report()))).and_then(reportFromJson);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->variants.at(0).extra, extra);
}

TEST_F(PythonScenarioTest, ATracebackInAnotherEncodingIsToldInUtf8)
{
    const ScriptRun script = runLesson("import sys\n"
                                       "sys.stderr.buffer.write(b'Traceback (most recent call last):\\n'\n"
                                       "                        b'ValueError: caf\\xe9\\n')\n"
                                       "sys.exit(3)\n");
    EXPECT_EQ(script.exit().text, "failed with exit status 3: ValueError: caf\uFFFD");
    EXPECT_NO_THROW((void)toJson(script.followed.model->report()).dump());
    EXPECT_THAT(script.followed.model->recording().reportJson, HasSubstr("caf\uFFFD"));
}

TEST_F(PythonScenarioTest, AScenariosScriptThatSaysItHasNoResultHasFailed)
{
    const ScriptRun script = runLesson("import timeslice\ntimeslice.result(error='the server did not start')\n");
    EXPECT_FALSE(script.exit().ok());
    EXPECT_THAT(script.exit().text, HasSubstr("the server did not start"));
}

TEST_F(PythonScenarioTest, OfAScenariosScriptTheWorkProperIsMeasuredWithoutTheInterpretersStart)
{
    const ScriptRun script = runLesson("import time, timeslice\n"
                                       "end = time.process_time() + 0.3\n"
                                       "while time.process_time() < end: pass\n"
                                       "timeslice.work_begin()\n"
                                       "time.sleep(0.2)\n"
                                       "timeslice.work_end()\n");
    ASSERT_TRUE(script.exit().ok()) << script.exit().text << script.output;
    const Timeline& timeline = script.followed.timeline();
    ASSERT_TRUE(timeline.workBegin && timeline.workEnd);
    EXPECT_EQ(script.facts().wall, *timeline.workEnd - *timeline.workBegin);
    EXPECT_GE(script.facts().wall, 200 * kMillisecond);
    EXPECT_LT(script.followed.variant().report.cpu, 200 * kMillisecond); // the 300 ms before it do not count
}

TEST_F(PythonScenarioTest, AVariantWhoseInterpreterIsMissingIsNotRunAndTheOthersAre)
{
    const Scenario scenario = scenarioOf({variant("future", "print('future')\n", "cpython>=3.999"),
        variant("here", "print('here')\n"), variant("mars", "print('mars')\n", "martian-python")});
    const ScriptRun script = runScenario(scenario);
    EXPECT_FALSE(script.followed.model->error());
    EXPECT_EQ(script.output, "here\n");
    EXPECT_EQ(script.followed.exit(0).kind, Exit::Kind::NotRun);
    EXPECT_THAT(script.followed.exit(0).text, HasSubstr("3.999 or newer"));
    EXPECT_TRUE(script.followed.exit(1).ok()) << script.followed.exit(1).text;
    EXPECT_EQ(script.followed.exit(2).kind, Exit::Kind::NotRun);
    EXPECT_THAT(script.followed.exit(2).text, HasSubstr("martian-python"));
    EXPECT_EQ(script.followed.model->report().variants.size(), 3U);
}

TEST_F(PythonScenarioTest, AnInterpreterThatWasNamedButCannotBeUsedEndsTheRunWithTheReason)
{
    RunOptions options;
    options.interpreter = "/no/such/python";
    const FollowedRun run = runToEnd(scenarioOf(std::vector<VariantSpec>{variant("only", "pass\n")}), options);
    ASSERT_TRUE(run.model->error());
    EXPECT_THAT(run.model->error()->message, HasSubstr("/no/such/python"));
}

TEST_F(PythonScenarioTest, AScriptThatIsGoneIsNotRun)
{
    VariantSpec gone = variant("gone", "pass\n");
    fs::remove(gone.python.script);
    const ScriptRun script = runScenario(scenarioOf(std::vector<VariantSpec>{gone}));
    EXPECT_EQ(script.exit().kind, Exit::Kind::NotRun);
    EXPECT_THAT(script.exit().text, HasSubstr("gone.py"));
}

TEST_F(PythonScenarioTest, ARecordingsScenarioRunsNoScriptButTheInstalledOneThatItShows)
{
    VariantSpec other = variant("other", "print('from elsewhere')\n");
    other.python.script = "gil_two_threads.py"; // a recording has the name alone
    const ScriptRun script = runScenario(scenarioOf(std::vector<VariantSpec>{other}));
    EXPECT_EQ(script.exit().kind, Exit::Kind::NotRun);
    EXPECT_EQ(script.output, "");
}

TEST_F(PythonScenarioTest, AScenariosScriptIsEndedAtItsTimeLimit)
{
    Limits limits;
    limits.time = 500 * kMillisecond;
    const ScriptRun script = runLesson("import time\ntime.sleep(1000)\n", limits);
    EXPECT_EQ(script.exit().kind, Exit::Kind::TimeLimit);
    expectSoundRecording(script.followed);
}

TEST_F(PythonScenarioTest, AScenariosScriptThatStartsThreadsWithoutEndIsEndedAtItsLimit)
{
    Limits limits;
    limits.threads = 8;
    const ScriptRun script = runLesson("import threading, time\n"
                                       "while True:\n"
                                       "    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()\n"
                                       "    time.sleep(0.005)\n",
        limits);
    EXPECT_EQ(script.exit().kind, Exit::Kind::Signalled);
    EXPECT_THAT(script.exit().text, HasSubstr("more than 8 threads"));
    expectSoundRecording(script.followed);
}

TEST_F(PythonScenarioTest, AScenariosScriptThatWantsMoreMemoryThanItsLimitIsRefusedIt)
{
#ifdef TIMESLICE_SANITIZED
    GTEST_SKIP() << "a sanitizer needs more address space than any limit";
#endif
    Limits limits;
    limits.memoryBytes = std::int64_t{256} << 20;
    // The rings of as many threads as it may have come on top of the limit: 64 MiB that this one does not use.
    const ScriptRun script = runLesson("bytearray(100 << 20)\nprint('some')\nbytearray(400 << 20)\n", limits);
    EXPECT_THAT(script.output, StartsWith("some\n"));
    EXPECT_EQ(script.exit().code, 1);
    EXPECT_THAT(script.exit().text, HasSubstr("MemoryError"));
}

TEST_F(PythonScenarioTest, ARunIsStoppedAlsoWhileAnInterpreterIsLookedFor)
{
    const fs::path mute = write("python3.99", "#!/bin/sh\n: > '" + (folder() / "asked").string() + "'\nsleep 1000\n");
    fs::permissions(mute, fs::perms::owner_all);
    RunOptions options;
    options.addedInterpreters = {mute};
    const Scenario scenario = scenarioOf(std::vector<VariantSpec>{variant("only", "pass\n", "no-such-kind")});
    Result<std::unique_ptr<ScenarioRun>> run = ScenarioRun::start(scenario, options);
    ASSERT_TRUE(run) << run.error().message;
    const FollowedRun followed =
        timeslice::follow(**run, std::make_unique<RunModel>(scenario), [&](ScenarioRun& live, const FollowedRun&) {
            if (fs::exists(folder() / "asked")) {
                live.stop();
            }
        });
    // Had it been waited for to the end, the variant would be said to have no interpreter.
    EXPECT_EQ(followed.variant().phase, VariantModel::Phase::Waiting);
    EXPECT_FALSE(followed.model->error());
}

TEST_F(PythonScenarioTest, ADeadlockOfAScenariosScriptIsFoundAndEnded)
{
    const ScriptRun script = runLesson("import threading, timeslice\n"
                                       "a, b = timeslice.Lock(name='A'), timeslice.Lock(name='B')\n"
                                       "both = threading.Barrier(2)\n"
                                       "def cross(first, second):\n"
                                       "    with first:\n"
                                       "        both.wait()\n"
                                       "        with second: pass\n"
                                       "threading.Thread(target=cross, args=(a, b)).start()\n"
                                       "cross(b, a)\n");
    EXPECT_EQ(script.exit().kind, Exit::Kind::Deadlocked) << script.exit().text << script.output;
    EXPECT_THAT(script.exit().text, AllOf(HasSubstr("waits for A"), HasSubstr("waits for B")));
}

} // namespace
} // namespace timeslice::python_scenario_test
