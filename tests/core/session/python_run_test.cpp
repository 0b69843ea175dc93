// Real scripts under a real interpreter: what they print, what they get, how they end, and what is not run and why.
#include "core/session/scenario_run.h"

#include "core/python/interpreter.h"
#include "tests/core/session/invariants.h"

#include <csignal>
#include <filesystem>
#include <fstream>

namespace timeslice {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

/// A library that does no harm wherever it is preloaded: this system's libc, which is loaded anyway.
std::string harmlessLibrary()
{
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        if (line.ends_with("/libc.so.6")) {
            return line.substr(line.find('/'));
        }
    }
    throw std::runtime_error("no libc is mapped");
}

/// Output as it came, and the order in which updates came.
struct ScriptRun {
    FollowedRun followed;
    std::string output;
    bool outputAfterEnd = false;
    std::optional<VariantStarted> started;

    const Exit& exit() const { return followed.exit(); }
    const RunFacts& facts() const { return followed.variant().facts; }
};

class PythonRunTest : public testing::Test {
protected:
    PythonRunTest()
    {
        std::string pattern = (fs::temp_directory_path() / "timeslice-session-XXXXXX").string();
        m_folder = fs::canonical(mkdtemp(pattern.data()));
        setenv("XDG_CACHE_HOME", (m_folder / "cache").c_str(), 1);
        setenv("TIMESLICE_RESOURCES", TIMESLICE_RESOURCE_DIR, 1);
        m_python.path = "/usr/bin/python3";
    }
    ~PythonRunTest() override
    {
        for (const char* name : {"XDG_CACHE_HOME", "TIMESLICE_RESOURCES", "TIMESLICE_GIL_PROBE", "LD_PRELOAD"}) {
            unsetenv(name);
        }
        std::error_code ignored;
        fs::remove_all(m_folder, ignored);
    }
    void SetUp() override
    {
        const Result<Interpreter> python = askInterpreter("/usr/bin/python3");
        ASSERT_TRUE(python) << python.error().message;
        m_python = *python;
    }
    void TearDown() override { EXPECT_THAT(descendants(getpid()), IsEmpty()); }

    fs::path folder() const { return m_folder; }
    const Interpreter& python() const { return m_python; }

    fs::path write(const std::string& name, const std::string& text) const
    {
        std::ofstream(m_folder / name, std::ios::binary) << text;
        return m_folder / name;
    }

    /// A script of the user's.
    PythonCommand command(const std::string& script, std::vector<std::string> arguments = {}) const
    {
        PythonCommand made;
        made.interpreter = m_python;
        made.arguments = std::move(arguments);
        made.arguments.insert(made.arguments.begin(), write("script.py", script).string());
        made.captureOutput = true;
        made.limits = Limits{0, 64, 0, 0};
        return made;
    }
    static ScriptRun run(PythonCommand command, const RunOptions& options = {})
    {
        Result<std::unique_ptr<ScenarioRun>> run = ScenarioRun::start(std::move(command), options);
        if (!run) {
            throw std::runtime_error(run.error().message);
        }
        return follow(**run, std::make_unique<RunModel>(std::string("script.py")));
    }
    ScriptRun run(const std::string& script, std::vector<std::string> arguments = {}) const
    {
        return run(command(script, std::move(arguments)));
    }

    /// A variant of a scenario.
    VariantSpec variant(const std::string& id, const std::string& script, std::string need = "cpython") const
    {
        VariantSpec made;
        made.id = id;
        made.title = "Variant " + id;
        made.engine = need.starts_with("cpython") ? Engine::CPython : Engine::OtherPython;
        made.python.script = write(id + ".py", script);
        made.python.interpreter = std::move(need);
        made.code = script;
        return made;
    }
    ScriptRun runScenario(const Scenario& scenario) const
    {
        RunOptions options;
        options.interpreter = m_python.path;
        Result<std::unique_ptr<ScenarioRun>> run = ScenarioRun::start(scenario, options);
        if (!run) {
            throw std::runtime_error(run.error().message);
        }
        return follow(**run, std::make_unique<RunModel>(scenario));
    }
    ScriptRun runLesson(const std::string& script, Limits limits = {}) const
    {
        return runScenario(scenarioOf(std::vector<VariantSpec>{variant("only", script)}, limits));
    }

private:
    static ScriptRun follow(ScenarioRun& run, std::unique_ptr<RunModel> model)
    {
        ScriptRun script;
        FollowedRun& followed = script.followed;
        followed.model = std::move(model);
        const Nanos deadline = monotonicNow() + kPatience;
        bool ended = false;
        while (!followed.model->finished() && monotonicNow() < deadline) {
            pollfd ready{run.updateFd(), POLLIN, 0};
            ::poll(&ready, 1, 100);
            std::vector<RunUpdate> updates = run.poll();
            for (const RunUpdate& update : updates) {
                if (const auto* output = std::get_if<VariantOutput>(&update)) {
                    script.output += output->text;
                    script.outputAfterEnd = script.outputAfterEnd || ended;
                } else if (const auto* started = std::get_if<VariantStarted>(&update)) {
                    script.started = *started;
                    ended = false;
                } else if (const auto* batches = std::get_if<VariantBatches>(&update)) {
                    for (const Batch& batch : batches->batches) {
                        followed.events.insert(followed.events.end(), batch.events.begin(), batch.events.end());
                    }
                } else if (std::holds_alternative<VariantEnded>(update)) {
                    ended = true;
                }
            }
            followed.model->apply(std::move(updates));
        }
        EXPECT_TRUE(followed.model->finished()) << "the run does not end";
        return script;
    }

    fs::path m_folder;
    Interpreter m_python;
};

TEST_F(PythonRunTest, AScriptsArgumentsFolderAndEnvironmentAreItsOwn)
{
    PythonCommand own =
        command("import os, sys\nprint(sys.argv[1:])\nprint(os.getcwd())\n", {"--png", "a b", "--", ""});
    own.directory = folder();
    const ScriptRun script = run(std::move(own));
    EXPECT_TRUE(script.exit().ok()) << script.exit().text;
    EXPECT_EQ(script.output, "['--png', 'a b', '--', '']\n" + folder().string() + "\n");
    EXPECT_FALSE(script.outputAfterEnd);
    expectSoundRecording(script.followed);
}

TEST_F(PythonRunTest, ModulesRunToo)
{
    write("lesson_module.py", "import sys\nprint(__name__, sys.argv[1:])\n");
    PythonCommand own = command("");
    own.arguments = {"-m", "lesson_module", "-x"};
    own.directory = folder();
    EXPECT_EQ(run(std::move(own)).output, "__main__ ['-x']\n");
}

TEST_F(PythonRunTest, OutputAndErrorsComeInTheOrderInWhichTheyWereWritten)
{
    const ScriptRun script = run("import sys\n"
                                 "for i in range(200):\n"
                                 "    print('out', i)\n"
                                 "    print('err', i, file=sys.stderr)\n");
    std::string expected;
    for (int i = 0; i < 200; ++i) {
        expected += "out " + std::to_string(i) + "\nerr " + std::to_string(i) + "\n";
    }
    EXPECT_EQ(script.output, expected);
}

TEST_F(PythonRunTest, AllOfALongOutputArrivesUnchanged)
{
    const ScriptRun script = run("import sys\n"
                                 "for i in range(30000):\n"
                                 "    sys.stdout.buffer.write(b'%06d \\t\\x80\\r\\xff\\x04\\n' % i)\n"
                                 "sys.stdout.write('the end')\n");
    std::string expected;
    for (int i = 0; i < 30000; ++i) {
        char number[16];
        std::snprintf(number, sizeof number, "%06d", i);
        expected += std::string(number) + " \t\x80\r\xff\x04\n";
    }
    EXPECT_EQ(script.output.size(), expected.size() + 7);
    EXPECT_TRUE(script.output == expected + "the end");
    EXPECT_EQ(script.followed.variant().output, script.output); // less than what the model keeps
}

TEST_F(PythonRunTest, AnExceptionIsShownWholeAndItsLastLineExplainsTheEnd)
{
    const ScriptRun script = run("def f():\n    raise ValueError('no such thing')\nf()\n");
    EXPECT_EQ(script.exit().kind, Exit::Kind::Exited);
    EXPECT_EQ(script.exit().code, 1);
    EXPECT_EQ(script.exit().text, "failed with exit status 1: ValueError: no such thing");
    EXPECT_THAT(script.output, AllOf(StartsWith("Traceback"), HasSubstr("line 2, in f"), HasSubstr("ValueError")));
    EXPECT_EQ(script.output.find('\x1b'), std::string::npos); // the panel shows no colours
    expectSoundRecording(script.followed);
}

TEST_F(PythonRunTest, HoweverAScriptEndsItsStatusIsPassedOnAndItsRecordingIsUsable)
{
    const ScriptRun exits =
        run("import os, threading\nt = threading.Thread(target=lambda: os._exit(7))\nt.start()\nt.join()\n");
    EXPECT_EQ(exits.exit().kind, Exit::Kind::Exited);
    EXPECT_EQ(exits.exit().code, 7);
    expectSoundRecording(exits.followed);
    const ScriptRun killed = run("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n");
    EXPECT_EQ(killed.exit().kind, Exit::Kind::Signalled);
    EXPECT_EQ(killed.exit().code, SIGKILL);
    expectSoundRecording(killed.followed);
}

TEST_F(PythonRunTest, TheRunSaysWhichInterpreterItWas)
{
    const ScriptRun script = run("pass\n");
    const std::string text = "CPython " + python().version + ", /usr/bin/python3";
    ASSERT_TRUE(script.started);
    EXPECT_EQ(script.started->interpreter, text);
    EXPECT_EQ(script.started->engine, Engine::CPython);
    EXPECT_EQ(script.facts().interpreter, text);
    EXPECT_EQ(script.followed.variant().report.engine, Engine::CPython);
    const auto& machine = script.followed.model->report().machine;
    EXPECT_THAT(machine.interpreters, testing::ElementsAre(testing::Pair("CPython", python().version)));
}

TEST_F(PythonRunTest, WithoutTheProbeAScriptRunsAllTheSameAndTheRunSaysWhatIsMissing)
{
    setenv("TIMESLICE_GIL_PROBE", "/no/such/probe.so", 1);
    const ScriptRun script =
        run("import os\nprint(os.environ.get('LD_PRELOAD'), os.environ.get('TIMESLICE_CHANNEL'))\n");
    EXPECT_TRUE(script.exit().ok()) << script.exit().text;
    EXPECT_EQ(script.output, "None None\n");
    EXPECT_THAT(script.facts().gilNote, HasSubstr("/no/such/probe.so"));
    ASSERT_TRUE(script.started);
    EXPECT_EQ(script.started->builder.gilNote, script.facts().gilNote);
    EXPECT_EQ(script.followed.timeline().gilNote, script.facts().gilNote);
    EXPECT_GT(script.followed.timeline().threads.size(), 0U);
}

TEST_F(PythonRunTest, AGilThatWasNotSeenIsSaidToBe)
{
    // A library that is loaded but knows nothing of the GIL stands for a probe that does not find it.
    setenv("TIMESLICE_GIL_PROBE", harmlessLibrary().c_str(), 1);
    const ScriptRun script = run("print('hello')\n");
    EXPECT_EQ(script.output, "hello\n");
    EXPECT_THAT(script.facts().gilNote, StartsWith("No GIL was seen"));
    EXPECT_EQ(script.followed.timeline().gilNote, script.facts().gilNote);
}

TEST_F(PythonRunTest, WhatIsPreloadedAlreadyStaysPreloaded)
{
    setenv("LD_PRELOAD", harmlessLibrary().c_str(), 1);
    const ScriptRun script = run("import os\nprint(os.environ['LD_PRELOAD'])\n");
    EXPECT_THAT(script.output, HasSubstr(":" + harmlessLibrary() + "\n"));
}

TEST_F(PythonRunTest, TheProbeMayLieWhereNoLoaderCouldBeToldOf)
{
    fs::create_directory(folder() / "a place: mine");
    const fs::path probe = folder() / "a place: mine/probe.so";
    fs::copy_file(fs::path(TIMESLICE_BIN_DIR) / "libtimeslice-gil-probe.so", probe);
    setenv("TIMESLICE_GIL_PROBE", probe.c_str(), 1);
    const ScriptRun script =
        run("import threading\nt = threading.Thread(target=print, args=('hello',))\nt.start()\nt.join()\n");
    EXPECT_EQ(script.output, "hello\n");
    EXPECT_EQ(script.facts().gilNote, "");
    EXPECT_FALSE(script.followed.timeline().locks.empty());
}

TEST_F(PythonRunTest, OnlyTheWorkloadIsPreloadedNotItsGuard)
{
    const ScriptRun script = run("import os\n"
                                 "print('guard' in open('/proc/%d/comm' % os.getppid()).read(),\n"
                                 "    'gil-probe' in open('/proc/%d/maps' % os.getppid()).read(),\n"
                                 "    'gil-probe' in open('/proc/self/maps').read())\n");
    EXPECT_EQ(script.output, "True False True\n");
}

TEST_F(PythonRunTest, AnUnrecordedScriptIsLeftAlone)
{
    RunOptions options;
    options.record = false;
    const ScriptRun script =
        run(command("import os\nprint(os.environ.get('LD_PRELOAD'), os.environ.get('TIMESLICE_CHANNEL'))\n"), options);
    EXPECT_EQ(script.output, "None None\n");
    EXPECT_EQ(script.facts().gilNote, "");
}

TEST_F(PythonRunTest, WhatAKilledScriptLeavesInSharedMemoryIsRemovedAsWithoutUs)
{
    const ScriptRun script = run("import os, signal\n"
                                 "from multiprocessing.shared_memory import SharedMemory\n"
                                 "os.write(1, SharedMemory(create=True, size=4096).name.encode())\n"
                                 "os.kill(os.getpid(), signal.SIGKILL)\n");
    const std::string name = script.output.substr(0, script.output.find('\n'));
    ASSERT_THAT(name, StartsWith("psm_"));
    EXPECT_FALSE(fs::exists("/dev/shm/" + name.substr(0, 12)));
}

TEST_F(PythonRunTest, ADeadlockOfAPersonsOwnScriptIsShownButNotEnded)
{
    // Both threads give up by themselves; until then they wait in a circle for longer than a lesson would be let.
    PythonCommand own = command("import sys\n"
                                "sys.path.insert(0, '" TIMESLICE_RESOURCE_DIR "/python')\n"
                                "sys.dont_write_bytecode = True\n"
                                "import os, threading, timeslice\n"
                                "a, b = timeslice.Lock(name='A'), timeslice.Lock(name='B')\n"
                                "both = threading.Barrier(2)\n"
                                "def cross(first, second):\n"
                                "    with first:\n"
                                "        both.wait()\n"
                                "        os.write(1, b'%d\\n' % second.acquire(timeout=1.0))\n"
                                "        both.wait()\n"
                                "t = threading.Thread(target=cross, args=(a, b))\n"
                                "t.start()\n"
                                "cross(b, a)\n"
                                "t.join()\n");
    const ScriptRun script = run(std::move(own));
    EXPECT_TRUE(script.exit().ok()) << script.exit().text << script.output;
    EXPECT_EQ(script.output, "0\n0\n");
}

TEST_F(PythonRunTest, AFolderThatIsNotThereIsRefusedBeforeTheRun)
{
    PythonCommand own = command("pass\n");
    own.directory = "/no/such/folder";
    const auto run = ScenarioRun::start(std::move(own), {});
    ASSERT_FALSE(run);
    EXPECT_EQ(run.error().kind, ErrorKind::Usage);
    EXPECT_THAT(run.error().message, HasSubstr("/no/such/folder"));
}

TEST_F(PythonRunTest, AScenariosScriptHasOurModuleAndNoInput)
{
    const ScriptRun script = runLesson("import sys, timeslice\nprint(timeslice.__name__, repr(sys.stdin.read()))\n");
    EXPECT_TRUE(script.exit().ok()) << script.exit().text << script.output;
    EXPECT_EQ(script.output, "timeslice ''\n");
    EXPECT_FALSE(script.outputAfterEnd);
}

TEST_F(PythonRunTest, WhatAScenariosScriptReportsIsMergedIntoTheReport)
{
    const ScriptRun script = runLesson("import json, os\n"
                                       "def say(text):\n"
                                       "    with open(os.environ['TIMESLICE_RESULT'], 'a') as f:\n"
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
}

TEST_F(PythonRunTest, AScenariosScriptThatSaysItHasNoResultHasFailed)
{
    const ScriptRun script = runLesson("import timeslice\ntimeslice.result(error='the server did not start')\n");
    EXPECT_FALSE(script.exit().ok());
    EXPECT_THAT(script.exit().text, HasSubstr("the server did not start"));
}

TEST_F(PythonRunTest, OfAScenariosScriptTheWorkProperIsMeasuredWithoutTheInterpretersStart)
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

TEST_F(PythonRunTest, AVariantWhoseInterpreterIsMissingIsNotRunAndTheOthersAre)
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

TEST_F(PythonRunTest, AnInterpreterThatWasNamedButCannotBeUsedEndsTheRunWithTheReason)
{
    RunOptions options;
    options.interpreter = "/no/such/python";
    const FollowedRun run = runToEnd(scenarioOf(std::vector<VariantSpec>{variant("only", "pass\n")}), options);
    ASSERT_TRUE(run.model->error());
    EXPECT_THAT(run.model->error()->message, HasSubstr("/no/such/python"));
}

TEST_F(PythonRunTest, AScriptThatIsGoneIsNotRun)
{
    VariantSpec gone = variant("gone", "pass\n");
    fs::remove(gone.python.script);
    const ScriptRun script = runScenario(scenarioOf(std::vector<VariantSpec>{gone}));
    EXPECT_EQ(script.exit().kind, Exit::Kind::NotRun);
    EXPECT_THAT(script.exit().text, HasSubstr("gone.py"));
}

TEST_F(PythonRunTest, ARecordingsScenarioRunsNoScriptButTheInstalledOneThatItShows)
{
    VariantSpec other = variant("other", "print('from elsewhere')\n");
    other.python.script = "gil_two_threads.py"; // a recording has the name alone
    const ScriptRun script = runScenario(scenarioOf(std::vector<VariantSpec>{other}));
    EXPECT_EQ(script.exit().kind, Exit::Kind::NotRun);
    EXPECT_EQ(script.output, "");
}

TEST_F(PythonRunTest, AScenariosScriptIsEndedAtItsTimeLimit)
{
    Limits limits;
    limits.time = 500 * kMillisecond;
    const ScriptRun script = runLesson("import time\ntime.sleep(1000)\n", limits);
    EXPECT_EQ(script.exit().kind, Exit::Kind::TimeLimit);
    expectSoundRecording(script.followed);
}

TEST_F(PythonRunTest, AScenariosScriptThatStartsThreadsWithoutEndIsEndedAtItsLimit)
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

TEST_F(PythonRunTest, AScenariosScriptThatWantsMoreMemoryThanItsLimitIsRefusedIt)
{
    Limits limits;
    limits.memoryBytes = std::int64_t{256} << 20;
    const ScriptRun script = runLesson("bytearray(100 << 20)\nprint('some')\nbytearray(300 << 20)\n", limits);
    EXPECT_THAT(script.output, StartsWith("some\n"));
    EXPECT_EQ(script.exit().code, 1);
    EXPECT_THAT(script.exit().text, HasSubstr("MemoryError"));
}

TEST_F(PythonRunTest, ADeadlockOfAScenariosScriptIsFoundAndEnded)
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
} // namespace timeslice
