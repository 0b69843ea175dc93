// Scripts of the user's: what they get, what they print, how they end, and what is said where the recording lacks
// something.
#include "core/base/unique_fd.h"
#include "tests/core/session/python_fixture.h"
#include "tests/places/places.h"

#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace timeslice::python_run_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

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

TEST_F(PythonRunTest, WhatAScriptPrintedLastIsNoReasonForItsExitStatus)
{
    const ScriptRun script = run("import sys\nprint('all is well')\nsys.exit(3)\n");
    EXPECT_EQ(script.exit().code, 3);
    EXPECT_EQ(script.exit().text, "failed with exit status 3");
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
#ifdef TIMESLICE_SANITIZED
    GTEST_SKIP() << "a sanitized guard wants its own library to be preloaded first";
#endif
    setenv("LD_PRELOAD", harmlessLibrary().c_str(), 1);
    const ScriptRun script =
        run("import os\nprint(os.environ['LD_PRELOAD'])\n"
            "print(os.path.realpath(os.environ['LD_PRELOAD']) in open('/proc/self/maps').read())\n");
    EXPECT_EQ(script.output, harmlessLibrary() + "\nTrue\n");
    EXPECT_EQ(script.facts().gilNote, "");
}

TEST_F(PythonRunTest, TheProbeMayLieWhereNoLoaderCouldBeToldOf)
{
    fs::create_directory(folder() / "a place: mine");
    const fs::path probe = folder() / "a place: mine/probe.so";
    fs::copy_file(test::programFolder() / "libtimeslice-gil-probe.so", probe);
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
                                "sys.path.insert(0, '"
        + test::resourceFolder().string()
        + "/python')\n"
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

TEST_F(PythonRunTest, AScriptReadsTheInputThatItIsGivenToItsEnd)
{
    int ends[2];
    ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
    const UniqueFd theirs(ends[0]);
    UniqueFd ours(ends[1]);
    const std::string typed = "Ada\nleft\nover";
    ASSERT_EQ(::write(ours.get(), typed.data(), typed.size()), static_cast<ssize_t>(typed.size()));
    ours.reset();
    PythonCommand own = command("import os, sys\n"
                                "print('hello', input('name? '))\n"
                                "print(sys.stdin.read().split())\n"
                                "print(os.read(0, 1))\n");
    own.input = theirs.get();
    const ScriptRun script = run(std::move(own));
    EXPECT_TRUE(script.exit().ok()) << script.exit().text << script.output;
    EXPECT_EQ(script.output, "name? hello Ada\n['left', 'over']\nb''\n");
    EXPECT_NE(fcntl(theirs.get(), F_GETFD), -1) << "it stays the caller's";
}

TEST_F(PythonRunTest, AScriptThatCannotBeOpenedEndsWithStatusOneAndPythonsOwnMessage)
{
    PythonCommand missing = command("pass\n");
    missing.directory = folder();
    missing.arguments = {"not-there.py"};
    const ScriptRun script = run(std::move(missing));
    EXPECT_EQ(script.exit().kind, Exit::Kind::Exited);
    EXPECT_EQ(script.exit().code, 1);
    EXPECT_THAT(
        script.output, AllOf(HasSubstr("can't open file"), HasSubstr("not-there.py"), HasSubstr("No such file")));

    PythonCommand there = command("import sys\nsys.exit(2)\n");
    there.directory = folder();
    there.arguments = {"script.py"};
    EXPECT_EQ(run(std::move(there)).exit().code, 2);
}

TEST_F(PythonRunTest, ASignalReachesTheScriptWhileItRuns)
{
    Result<std::unique_ptr<ScenarioRun>> started =
        ScenarioRun::start(command("import os, signal\n"
                                   "signal.signal(signal.SIGUSR1, lambda number, frame: os._exit(7))\n"
                                   "print('ready', flush=True)\n"
                                   "while True: signal.pause()\n"),
            {});
    ASSERT_TRUE(started) << started.error().message;
    bool sent = false;
    const FollowedRun run = timeslice::follow(**started, std::make_unique<RunModel>(std::string("a script")),
        [&](ScenarioRun& live, const FollowedRun& soFar) {
            if (!sent && soFar.variant().output == "ready\n") {
                sent = true;
                EXPECT_TRUE(live.signalProgram(0));
                EXPECT_TRUE(live.signalProgram(SIGUSR1));
            }
        });
    EXPECT_EQ(run.exit().code, 7) << run.exit().text;
    EXPECT_FALSE((*started)->signalProgram(0)) << "nothing runs any more";
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

} // namespace
} // namespace timeslice::python_run_test
