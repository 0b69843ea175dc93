// `timeslice python`: any script, as its user would run it.
#include "core/python/interpreter.h"
#include "core/session/process_tree.h"
#include "tests/system/program.h"

#include <chrono>
#include <csignal>
#include <cstring>
#include <elf.h>
#include <gmock/gmock.h>
#include <link.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <thread>

namespace timeslice::system::python_test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class PythonTest : public SystemTest {
protected:
    PythonTest()
    {
        setenv("XDG_CACHE_HOME", path("cache").c_str(), 1); // this program's own look at interpreters too
    }
    ~PythonTest() override { unsetenv("XDG_CACHE_HOME"); }

    std::string script(const std::string& text, const std::string& name = "script.py") const
    {
        writeText(folder() / name, text);
        return path(name);
    }
    /// `timeslice python --interpreter /usr/bin/python3 WORDS...`
    Outcome python(std::vector<std::string> words, const std::map<std::string, std::string>& environment = {},
        const std::string& input = {}, const std::function<void()>& inChild = {}) const
    {
        words.insert(words.begin(), {"python", "--interpreter", "/usr/bin/python3"});
        return Program(program(), words, folder(), environment, inChild, input).wait();
    }
    Outcome plainPython(const std::vector<std::string>& words) const
    {
        return Program("/usr/bin/python3", words, folder()).wait();
    }
};

TEST_F(PythonTest, AnInterpreterAndAScriptWhoseNamesAreNoUtf8AreReportedCleaned)
{
    const std::string interpreter = path("python\xff");
    fs::create_symlink("/usr/bin/python3", interpreter);
    const std::string failing = script("import sys\n"
                                       "sys.stderr.buffer.write(b'Traceback (most recent call last):\\n'\n"
                                       "                        b'ValueError: caf\\xe9\\n')\n"
                                       "sys.exit(3)\n",
        "caf\xe9.py");
    const Outcome outcome = timeslice(
        {"python", "--interpreter", interpreter, "--report", path("r.json"), "--save", path("r.timeslice"), failing});
    EXPECT_EQ(outcome.status, 3) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("ValueError: caf\xe9\n")) << "the script's own output is passed on as it is";
    const json variant = json::parse(readText(path("r.json"))).at("variants").at(0);
    EXPECT_THAT(variant.at("interpreter").get<std::string>(), EndsWith("/python\uFFFD"));
    EXPECT_EQ(timeslice({"info", path("r.timeslice")}).status, 0);
}

TEST_F(PythonTest, EverythingBehindTheScriptBelongsToTheScript)
{
    const std::string echo = script("import sys\nprint(sys.argv[1:])\n");
    const Outcome outcome = python({"-q", echo, "--png", "-q", "--", "--interpreter", "a b", "", "--help", "-"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "['--png', '-q', '--', '--interpreter', 'a b', '', '--help', '-']\n");
    EXPECT_EQ(outcome.err, "");
}

TEST_F(PythonTest, OurOwnOptionsStandBeforeTheScript)
{
    const std::string echo = script("import sys\nprint(sys.argv[1:])\n");
    const Outcome outcome =
        python({"--report", path("r.json"), "--png", path("a.png"), "--size", "800x400", "--quiet", echo, "x"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "['x']\n");
    EXPECT_EQ(json::parse(readText(path("r.json"))).at("schema"), "timeslice.report/1");
    const Outcome unknown = python({"--nonsense", echo});
    EXPECT_EQ(unknown.status, 2);
    EXPECT_THAT(unknown.err, HasSubstr("--nonsense"));
}

TEST_F(PythonTest, ModulesCodeAndStandardInputRunAsWithPythonItself)
{
    script("import sys\nprint(__name__, sys.argv[1:])\n", "lesson_module.py");
    const auto there = [this] { ASSERT_EQ(chdir(folder().c_str()), 0); };
    EXPECT_EQ(python({"-q", "-m", "lesson_module", "-q"}, {}, {}, there).out, "__main__ ['-q']\n");
    EXPECT_EQ(python({"-q", "-c", "import sys; print(sys.argv)", "-q"}).out, "['-c', '-q']\n");
    EXPECT_EQ(python({"-q", "-", "x"}, {}, "import sys; print(sys.argv)\n").out, "['-', 'x']\n");
    EXPECT_EQ(python({"-q", "--", "-X", "dev", "-c", "import sys; print(sys.flags.dev_mode)"}).out, "True\n");
    const Outcome missing = python({"-q", "-m", "no_such_module"});
    EXPECT_EQ(missing.status, 1);
    EXPECT_THAT(missing.err, HasSubstr("No module named no_such_module"));
}

TEST_F(PythonTest, StandardInputWorkingFolderAndEnvironmentAreTheCallers)
{
    const std::string tell = script("import os, sys\nprint(os.getcwd(), os.environ['COLOUR'], sys.stdin.read())\n");
    const Outcome outcome =
        python({"-q", tell}, {{"COLOUR", "blue"}}, "some\ntext", [this] { ASSERT_EQ(chdir(folder().c_str()), 0); });
    EXPECT_EQ(outcome.out, fs::canonical(folder()).string() + " blue some\ntext\n");
}

TEST_F(PythonTest, TheExitStatusIsTheScriptsOwn)
{
    EXPECT_EQ(python({"-q", script("import sys\nsys.exit(42)\n")}).status, 42);
    EXPECT_EQ(python({"-q", script("import os\nos._exit(7)\n")}).status, 7);
    EXPECT_EQ(python({"-q", script("import sys\nsys.exit(2)\n")}).status, 2);
    EXPECT_EQ(python({"-q", script("import os\nos.kill(os.getpid(), 9)\n")}).status, 128 + SIGKILL);
    EXPECT_EQ(python({"-q", script("import os\nos.kill(os.getpid(), 15)\n")}).status, 128 + SIGTERM);
    EXPECT_EQ(python({"-q",
                         script("import os, threading\n"
                                "threading.Thread(target=lambda: os._exit(3)).start()\nwhile True: pass\n")})
                  .status,
        3);
    EXPECT_EQ(python({"-q", script("import ctypes\nctypes.string_at(0)\n")}).status, 128 + SIGSEGV);
}

TEST_F(PythonTest, PythonsOwnMessagesAreShownWhole)
{
    const std::string raises = script("def f():\n    raise ValueError('no such thing')\nf()\n");
    const Outcome traced = python({"-q", raises});
    EXPECT_EQ(traced.status, 1);
    EXPECT_EQ(traced.err, plainPython({raises}).err);
    EXPECT_THAT(traced.err, AllOf(StartsWith("Traceback"), EndsWith("ValueError: no such thing\n")));
}

TEST_F(PythonTest, AScriptThatCannotBeRunFailsWithPythonsMessageAndStatusOne)
{
    const std::string wrong = script("def f(:\n");
    const Outcome syntax = python({"-q", wrong});
    EXPECT_EQ(syntax.status, 1);
    EXPECT_EQ(syntax.err, plainPython({wrong}).err);
    EXPECT_THAT(syntax.err, HasSubstr("SyntaxError"));

    const Outcome missing = python({"-q", path("not-there.py")});
    EXPECT_EQ(missing.status, 1);
    EXPECT_EQ(missing.err, plainPython({path("not-there.py")}).err);
    EXPECT_THAT(missing.err, AllOf(HasSubstr("not-there.py"), HasSubstr("No such file")));

    const std::string secret = script("print('secret')\n", "secret.py");
    fs::permissions(secret, fs::perms::none);
    if (access(secret.c_str(), R_OK) != 0) { // root may read everything
        const Outcome unreadable = python({"-q", secret});
        EXPECT_EQ(unreadable.status, 1);
        EXPECT_THAT(unreadable.err, HasSubstr("Permission denied"));
    }
}

TEST_F(PythonTest, AnInterpreterThatCannotBeUsedIsRefusedWithTheReason)
{
    const std::string hello = script("print('hello')\n");
    const auto with = [&](const std::string& interpreter) {
        const Outcome outcome = timeslice({"python", "--interpreter", interpreter, hello});
        EXPECT_EQ(outcome.status, 2);
        EXPECT_EQ(outcome.out, "");
        EXPECT_THAT(outcome.err, StartsWith("timeslice: "));
        return outcome.err;
    };
    EXPECT_THAT(with("/no/such/python"), AllOf(HasSubstr("/no/such/python"), HasSubstr("No such file")));
    EXPECT_THAT(with("no-such-python"), HasSubstr("no-such-python"));
    EXPECT_THAT(with("/bin/ls"), HasSubstr("/bin/ls is not a Python"));
    EXPECT_THAT(with(folder().string()), HasSubstr("is a folder"));
    EXPECT_THAT(with(hello), HasSubstr("is not executable"));
    // As a linker without a dynamic loader makes it: the same program without its PT_INTERP.
    std::string bytes = readText("/bin/true");
    ElfW(Ehdr) header;
    std::memcpy(&header, bytes.data(), sizeof header);
    for (std::size_t i = 0; i < header.e_phnum; ++i) {
        ElfW(Phdr) segment;
        const std::size_t at = header.e_phoff + i * header.e_phentsize;
        std::memcpy(&segment, bytes.data() + at, sizeof segment);
        if (segment.p_type == PT_INTERP) {
            segment.p_type = PT_NULL;
            std::memcpy(bytes.data() + at, &segment, sizeof segment);
        }
    }
    writeText(path("static-python"), bytes);
    fs::permissions(path("static-python"), fs::perms::owner_all);
    EXPECT_THAT(with(path("static-python")), HasSubstr("is statically linked: the GIL probe cannot be loaded into it"));
}

TEST_F(PythonTest, AnOptionOfTheInterpretersBeforeTheScriptIsRefusedWithWhatToWriteInstead)
{
    const std::string echo = script("import sys\nprint(sys.flags.no_site)\n");
    const Outcome before = timeslice({"python", "-q", "-S", "x.py"});
    EXPECT_EQ(before.status, 2);
    EXPECT_THAT(before.err,
        AllOf(StartsWith("timeslice: timeslice python has no option -S"),
            EndsWith("stand behind --: timeslice python -q -- -S x.py\n")));
    EXPECT_EQ(python({"-q", "--", "-S", echo}).out, "1\n");
    const Outcome mistyped = timeslice({"python", "--reprot=r.json", "x.py"});
    EXPECT_EQ(mistyped.status, 2);
    EXPECT_THAT(mistyped.err, HasSubstr("did you mean '--report'?"));
    // Ours in their other form.
    EXPECT_EQ(python({"-q", "--report=" + path("r.json"), echo}).out, "0\n");
    EXPECT_TRUE(fs::exists(path("r.json")));
}

TEST_F(PythonTest, TheDefaultIsThePython3OfThePath)
{
    fs::create_directories(folder() / "bin");
    writeText(folder() / "bin/python3", "#!/bin/sh\nCHOSEN=this exec /usr/bin/python3 \"$@\"\n");
    fs::permissions(folder() / "bin/python3", fs::perms::owner_all);
    const std::string tell = script("import os\nprint(os.environ.get('CHOSEN'))\n");
    const Outcome outcome = timeslice({"python", "-q", tell}, {{"PATH", path("bin") + ":" + std::getenv("PATH")}});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "this\n");
}

TEST_F(PythonTest, WithoutAScriptItSaysHowItIsUsed)
{
    for (const std::vector<std::string>& words :
        {std::vector<std::string>{"python"}, {"python", "-q"}, {"python", "--"}}) {
        const Outcome outcome = timeslice(words);
        EXPECT_EQ(outcome.status, 2);
        EXPECT_THAT(outcome.err, HasSubstr("SCRIPT [ARGS...]"));
    }
}

TEST_F(PythonTest, TheSummaryOnStandardErrorSaysWhoHeldTheGilAndWhyItChangedHands)
{
    const std::string two = script("import threading\n"
                                   "def count():\n    n = 0\n    for i in range(3000000): n += i\n"
                                   "ts = [threading.Thread(target=count) for _ in range(2)]\n"
                                   "[t.start() for t in ts]\n[t.join() for t in ts]\nprint('done')\n");
    const Outcome outcome =
        python({"--report", path("r.json"), "--png", path("a.png"), "--save", path("a.timeslice"), two});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "done\n");
    EXPECT_THAT(outcome.err,
        AllOf(HasSubstr("CPython 3"), HasSubstr("GIL: held "), HasSubstr("asked for"), HasSubstr("given up freely"),
            HasSubstr("longest wait")));
    EXPECT_THAT(readText(path("a.png")), StartsWith("\x89PNG"));

    const json report = json::parse(readText(path("r.json")));
    const json& variant = report.at("variants").at(0);
    EXPECT_EQ(variant.at("engine"), "cpython");
    EXPECT_THAT(variant.at("interpreter").get<std::string>(), EndsWith(", /usr/bin/python3"));
    EXPECT_TRUE(report.at("machine").at("interpreters").contains("CPython"));
    ASSERT_EQ(variant.at("locks").size(), 1U);
    EXPECT_EQ(variant.at("locks").at(0).at("kind"), "gil");
    EXPECT_EQ(variant.at("locks").at(0).at("max_concurrent_holders"), 1);

    const Outcome info = timeslice({"info", path("a.timeslice")});
    EXPECT_EQ(info.status, 0) << info.err;
    EXPECT_THAT(info.out, AllOf(HasSubstr("CPython"), HasSubstr("GIL: held ")));
    EXPECT_EQ(timeslice({"export", path("a.timeslice"), "--png", path("b.png")}).status, 0);
}

/// What a script may say of itself, in this process and in a child.
const char* const kTellsOfItself = "import os, timeslice\n"
                                   "timeslice.work_begin()\n"
                                   "x = timeslice.Counter('x')\n"
                                   "for i in range(3):\n    x.add(2)\n"
                                   "timeslice.mark('half of it')\n"
                                   "timeslice.mark('step =', 4)\n"
                                   "timeslice.mark('step =', 5)\n"
                                   "timeslice.result(counters={'x': (8, 6)}, extra={'requests': 20})\n"
                                   "if os.fork() == 0:\n"
                                   "    timeslice.result(extra={'child': 'was here'}, error='no luck')\n"
                                   "    os._exit(0)\n"
                                   "os.wait()\n"
                                   "print(sorted(n for n in os.environ if 'TIMESLICE' in n))\n";

void expectWhatItTellsOfItself(const json& variant)
{
    ASSERT_EQ(variant.at("counters").size(), 1U);
    EXPECT_EQ(variant.at("counters").at(0).at("name"), "x");
    EXPECT_EQ(variant.at("counters").at(0).at("expected"), 8);
    EXPECT_EQ(variant.at("counters").at(0).at("lost"), 2);
    EXPECT_EQ(variant.at("extra"), (json{{"requests", 20}, {"child", "was here"}}));
    EXPECT_THAT(variant.at("findings").dump(), HasSubstr("It reports an error: no luck"));
    ASSERT_EQ(variant.at("counter_tracks").size(), 1U);
    EXPECT_EQ(variant.at("counter_tracks").at(0).at("accesses"), 6);
    EXPECT_EQ(variant.at("counter_tracks").at(0).at("last"), 6);
    ASSERT_EQ(variant.at("marks").size(), 2U);
    EXPECT_EQ(variant.at("marks").at(0).at("name"), "half of it");
    EXPECT_GT(variant.at("marks").at(0).at("first_s"), 0);
    EXPECT_EQ(variant.at("marks").at(1).at("name"), "step =");
    EXPECT_EQ(variant.at("marks").at(1).at("count"), 2);
    EXPECT_EQ(variant.at("marks").at(1).at("value"), 5);
}

TEST_F(PythonTest, WhatAScriptSaysOfItselfIsInTheReportAndItsStatusIsItsOwn)
{
    const std::map<std::string, std::string> module{{"PYTHONPATH", (test::resourceFolder() / "python").string()}};
    const Outcome outcome = python({"--report", path("r.json"), script(kTellsOfItself)}, module);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "[]\n") << "of the file of results the script sees nothing";
    expectWhatItTellsOfItself(json::parse(readText(path("r.json"))).at("variants").at(0));

    const Outcome recorded =
        timeslice({"record", "--report", path("r.json"), "--", "/usr/bin/python3", path("script.py")}, module);
    EXPECT_EQ(recorded.status, 0) << recorded.err;
    expectWhatItTellsOfItself(json::parse(readText(path("r.json"))).at("variants").at(0));
}

TEST_F(PythonTest, TheOutputsAreWrittenAlsoWhenTheScriptFails)
{
    const Outcome outcome = python({"-q", "--report", path("r.json"), script("raise SystemExit(9)\n")});
    EXPECT_EQ(outcome.status, 9);
    EXPECT_EQ(json::parse(readText(path("r.json"))).at("variants").at(0).at("exit").at("code"), 9);
    const Outcome refused = python({"-q", "--report", "/no/such/folder/r.json", script("print('ran')\n")});
    EXPECT_EQ(refused.status, 2);
    EXPECT_EQ(refused.out, "");
}

TEST_F(PythonTest, WithoutTheProbeTheScriptRunsAndTheSummarySaysWhatIsMissing)
{
    const Outcome outcome = python({script("print('hello')\n")}, {{"TIMESLICE_GIL_PROBE", "/no/such/probe.so"}});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.out, "hello\n");
    EXPECT_THAT(outcome.err, HasSubstr("The GIL is not recorded: libtimeslice-gil-probe.so"));
    const Outcome doctor = timeslice({"doctor"}, {{"TIMESLICE_GIL_PROBE", "/no/such/probe.so"}});
    EXPECT_EQ(doctor.status, 0);
    EXPECT_THAT(doctor.out, AllOf(HasSubstr("GIL probe"), HasSubstr("missing"), HasSubstr("/no/such/probe.so")));
}

TEST_F(PythonTest, UnderALimitOnAddressSpaceTheScriptStillRuns)
{
    const Outcome outcome = Program(program(),
        {"python", "-q", "--interpreter", "/usr/bin/python3", script("bytearray(200 << 20)\nprint('hello')\n")},
        folder(), {}, [] {
            rlimit limit{};
            getrlimit(RLIMIT_AS, &limit);
            limit.rlim_cur = rlim_t{1} << 30;
            setrlimit(RLIMIT_AS, &limit);
        }).wait();
#ifndef TIMESLICE_SANITIZED
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "hello\n");
#endif
}

TEST_F(PythonTest, UnderALimitOnTheSizeOfFilesTheScriptStillRunsAndHearsOfTheLimit)
{
    const std::string writes = script("import signal\n"
                                      "print(signal.SIGXFSZ in signal.pthread_sigmask(signal.SIG_BLOCK, []))\n");
    const Outcome outcome = python({writes}, {}, {}, [] {
        const rlimit limit{64 << 10, 64 << 10};
        setrlimit(RLIMIT_FSIZE, &limit);
    });
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "False\n");
    EXPECT_THAT(outcome.err, HasSubstr("The GIL is not recorded: cannot size the event channel"));
}

TEST_F(PythonTest, AnInterruptReachesTheScriptAndItsRecordingIsUsable)
{
    const std::string waits = script("import signal, sys, time\n"
                                     "print('ready', flush=True)\n"
                                     "try:\n    time.sleep(1000)\n"
                                     "except KeyboardInterrupt:\n    print('interrupted')\n    sys.exit(5)\n");
    Program run(program(), {"python", "-q", "--interpreter", "/usr/bin/python3", "--report", path("r.json"), waits},
        folder(), {}, [] {
            setpgid(0, 0); // a foreground group of its own, as a terminal's
            std::signal(SIGINT, SIG_DFL);
        });
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (run.outSoFar() != "ready\n" && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ASSERT_EQ(run.outSoFar(), "ready\n");
    // What the terminal's keyboard does, save that the kernel would say that it is from there: only to the script.
    for (const Pid pid : descendants(run.pid())) {
        if (getpgid(pid) == run.pid()) {
            ::kill(pid, SIGINT);
        }
    }
    const Outcome outcome = run.wait();
    EXPECT_EQ(outcome.status, 5) << outcome.err;
    EXPECT_EQ(outcome.out, "ready\ninterrupted\n");
    EXPECT_EQ(json::parse(readText(path("r.json"))).at("variants").at(0).at("exit").at("code"), 5);
}

TEST_F(PythonTest, DoctorListsTheInterpretersWithTheirKind)
{
    const Outcome text = timeslice({"doctor"});
    EXPECT_THAT(text.out, AllOf(HasSubstr("Python interpreters"), HasSubstr("GIL traced")));
    const json doctor = json::parse(timeslice({"doctor", "--json"}).out);
    const std::vector<Interpreter> found = findInterpreters();
    ASSERT_EQ(doctor.at("interpreters").size(), found.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(doctor.at("interpreters").at(i).at("path"), found[i].path.string());
        EXPECT_EQ(doctor.at("interpreters").at(i).at("version"), found[i].version);
        EXPECT_EQ(doctor.at("interpreters").at(i).at("gil_traced"), found[i].kind == InterpreterKind::CPython);
    }
}

/// A scenario with a variant for each of the needs; its script prints nothing.
std::string scenarioWith(const fs::path& folder, const std::vector<std::string>& needs)
{
    writeText(
        folder / "job.py", "import timeslice\ntimeslice.work_begin()\nsum(range(1000000))\ntimeslice.work_end()\n");
    json variants = json::array();
    for (const std::string& need : needs) {
        const bool cpython = need.starts_with("cpython");
        variants.push_back({{"id", std::string("v").append(std::to_string(variants.size()))}, {"title", need},
            {"note", ""}, {"engine", cpython ? std::string("cpython") : std::string("python:").append(need)},
            {"python", {{"script", "job.py"}, {"arguments", json::array()}, {"interpreter", need}}}});
    }
    const json scenario{{"id", "a-test"}, {"chapter", "gil"}, {"order", 1}, {"title", "A test"}, {"question", "Well?"},
        {"claims", {"same-time"}}, {"engine", "cpython"},
        {"predictions",
            {{{"id", "yes"}, {"text", "yes"}, {"from", 0}, {"to", 100}},
                {{"id", "no"}, {"text", "no"}, {"from", 100}, {"to", 1000}}}},
        {"knobs", json::array()}, {"variants", variants},
        {"verdict",
            {{"claim", "same-time"}, {"text", "It runs."}, {"metric", {{"variant", "v0"}, {"value", "/parallelism"}}},
                {"band", {0, 1000}}, {"format", "{:.2f}"}, {"caption", "cores"}, {"holds", "It does."},
                {"fails", "It does not."}}},
        {"why", {"Because."}}};
    writeText(folder / "scenario.json", scenario.dump());
    return (folder / "scenario.json").string();
}

TEST_F(PythonTest, AScenarioRunsItsScriptsWithTheInterpreterThatIsNamed)
{
    const std::string scenario = scenarioWith(folder(), {"cpython"});
    const Outcome outcome =
        timeslice({"run", scenario, "--interpreter", "/usr/bin/python3", "--report", path("r.json")});
    EXPECT_EQ(outcome.status, 0) << outcome.err << outcome.out;
    const json report = json::parse(readText(path("r.json")));
    EXPECT_THAT(report.at("variants").at(0).at("interpreter").get<std::string>(), EndsWith(", /usr/bin/python3"));
    const Outcome ls = timeslice({"run", scenario, "--interpreter", "/bin/ls"});
    EXPECT_EQ(ls.status, 2);
    EXPECT_THAT(ls.err, HasSubstr("/bin/ls is not a Python"));
    const Outcome unfit = timeslice({"run", "three-ways", "--interpreter", "/usr/bin/python3"});
    EXPECT_EQ(unfit.status, 2);
    EXPECT_THAT(unfit.err, HasSubstr("no variant for CPython"));
}

TEST_F(PythonTest, VariantsWhoseInterpreterIsMissingAreNamedAndTheOthersRun)
{
    const std::string mixed = scenarioWith(folder(), {"cpython", "cpython>=3.999"});
    const Outcome outcome = timeslice({"run", mixed, "--report", path("r.json")});
    EXPECT_EQ(outcome.status, 0) << outcome.err << outcome.out;
    EXPECT_THAT(outcome.out, HasSubstr("not run: needs CPython 3.999 or newer"));
    const json report = json::parse(readText(path("r.json")));
    EXPECT_EQ(report.at("variants").at(1).at("exit").at("kind"), "not-run");

    const Outcome none = timeslice({"run", scenarioWith(folder(), {"cpython>=3.999"})});
    EXPECT_EQ(none.status, 3);
}

TEST_F(PythonTest, ListSaysOfEachVariantWhetherItIsRunnableHere)
{
    fs::create_directories(folder() / "resources/scenarios");
    scenarioWith(folder() / "resources/scenarios", {"cpython", "cpython>=3.999"});
    const std::map<std::string, std::string> there{{"TIMESLICE_RESOURCES", path("resources")}};
    const json list = json::parse(timeslice({"list", "--json"}, there).out);
    EXPECT_EQ(list.at(0).at("runnable"), true);
    EXPECT_EQ(list.at(0).at("variants").at(0).at("runnable"), true);
    EXPECT_EQ(list.at(0).at("variants").at(1).at("runnable"), false);
    EXPECT_THAT(list.at(0).at("variants").at(1).at("why_not").get<std::string>(), HasSubstr("3.999"));
    EXPECT_THAT(timeslice({"list"}, there).out, HasSubstr("not here  v1: needs CPython 3.999"));
}

} // namespace
} // namespace timeslice::system::python_test
