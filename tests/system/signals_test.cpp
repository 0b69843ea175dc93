// Signals that are sent to `timeslice python` and `timeslice record` reach the program that they run, once each, and
// what comes of them is that program's choice.
#include "core/base/unique_fd.h"
#include "core/session/process_tree.h"
#include "tests/system/program.h"

#include <csignal>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

namespace timeslice::system::signals_test {
namespace {

using nlohmann::json;

/// A script that says each signal that it gets, and ends with SIGWINCH.
const char* const kTells = R"(
import os, signal
def tell(number, frame):
    os.write(1, signal.Signals(number).name.encode() + b"\n")
    if number == signal.SIGWINCH:
        os._exit(0)
for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2,
            signal.SIGALRM, signal.SIGCONT, signal.SIGWINCH):
    signal.signal(one, tell)
os.write(1, b"ready\n")
while True:
    signal.pause()
)";

class SignalsTest : public SystemTest {
protected:
    std::unique_ptr<Program> python(const std::string& text, const std::function<void()>& inChild = {}) const
    {
        writeText(folder() / "script.py", text);
        return std::make_unique<Program>(program(),
            std::vector<std::string>{
                "python", "-q", "--interpreter", "/usr/bin/python3", "--report", path("r.json"), path("script.py")},
            folder(), std::map<std::string, std::string>{}, inChild);
    }
    json exitInReport() const { return json::parse(readText(path("r.json"))).at("variants").at(0).at("exit"); }

    /// The program that `timeslice` runs: its guard's child.
    static Pid programOf(const Program& timeslice)
    {
        for (const Pid pid : descendants(timeslice.pid())) {
            const std::string words = readText("/proc/" + std::to_string(pid) + "/cmdline");
            if (words.rfind("/usr/bin/python3", 0) == 0) {
                return pid;
            }
        }
        return 0;
    }
    /// The script says `next`, and nothing more until a signal comes that is for timeslice alone, which takes it up
    /// when it is through with the one before.
    static void saysOnce(const Program& timeslice, std::string& expected, const std::string& next)
    {
        expected += next;
        EXPECT_TRUE(timeslice.says(expected)) << timeslice.outSoFar();
        ::kill(timeslice.pid(), SIGUSR2);
        expected += "SIGUSR2\n";
        EXPECT_TRUE(timeslice.says(expected)) << timeslice.outSoFar();
    }
    static bool isStopped(Pid pid)
    {
        const std::string stat = readText("/proc/" + std::to_string(pid) + "/stat");
        return stat.find(") T ") != std::string::npos;
    }
};

TEST_F(SignalsTest, AScriptThatHandlesSigtermCleansUpAndItsOutputsAreWritten)
{
    const auto running = python("import signal, sys, time\n"
                                "signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(7))\n"
                                "print('ready', flush=True)\n"
                                "try:\n    time.sleep(1000)\n"
                                "finally:\n    time.sleep(0.5)\n    print('cleaned up')\n");
    ASSERT_TRUE(running->says("ready\n"));
    ::kill(running->pid(), SIGTERM);
    const Outcome outcome = running->wait();
    EXPECT_EQ(outcome.status, 7) << outcome.err;
    EXPECT_EQ(outcome.out, "ready\ncleaned up\n");
    EXPECT_EQ(exitInReport().at("code"), 7);
}

TEST_F(SignalsTest, AScriptThatDoesNotHandleASignalEndsByItAndItsOutputsAreWritten)
{
    for (const int signal : {SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM}) {
        SCOPED_TRACE(strsignal(signal));
        fs::remove(path("r.json"));
        const auto running = python("import time\nprint('ready', flush=True)\ntime.sleep(1000)\n", [] {
            const rlimit noCore{0, 0};
            setrlimit(RLIMIT_CORE, &noCore);
        });
        ASSERT_TRUE(running->says("ready\n"));
        ::kill(running->pid(), signal);
        const Outcome outcome = running->wait();
        EXPECT_EQ(outcome.status, 128 + signal) << outcome.err;
        EXPECT_EQ(exitInReport().at("kind"), "signalled");
        EXPECT_EQ(exitInReport().at("code"), signal);
    }
}

TEST_F(SignalsTest, AnInterruptIsPythonsKeyboardInterrupt)
{
    const auto running = python("import time\nprint('ready', flush=True)\ntime.sleep(1000)\n", [] {
        std::signal(SIGINT, SIG_DFL); // whatever the tests were started with
    });
    ASSERT_TRUE(running->says("ready\n"));
    ::kill(running->pid(), SIGINT);
    const Outcome outcome = running->wait();
    EXPECT_EQ(outcome.status, 128 + SIGINT);
    EXPECT_THAT(outcome.err, testing::EndsWith("KeyboardInterrupt\n"));
}

TEST_F(SignalsTest, AScriptThatIgnoresASignalGoesOn)
{
    const auto running = python("import os, signal\n"
                                "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
                                "signal.signal(signal.SIGUSR1, lambda number, frame: os.write(1, b'still here\\n'))\n"
                                "os.write(1, b'ready\\n')\n"
                                "while True:\n    signal.pause()\n");
    ASSERT_TRUE(running->says("ready\n"));
    ::kill(running->pid(), SIGINT);
    ::kill(running->pid(), SIGINT);
    ::kill(running->pid(), SIGUSR1); // comes behind them
    EXPECT_TRUE(running->says("ready\nstill here\n"));
    EXPECT_FALSE(running->hasEnded());
    ::kill(running->pid(), SIGTERM);
    EXPECT_EQ(running->wait().status, 128 + SIGTERM);
}

TEST_F(SignalsTest, EachSignalSentToTimesliceReachesTheScriptOnce)
{
    const auto running = python(kTells);
    std::string expected = "ready\n";
    ASSERT_TRUE(running->says(expected));
    for (const int signal : {SIGUSR1, SIGUSR2, SIGTERM, SIGTERM, SIGHUP, SIGQUIT, SIGINT, SIGALRM, SIGCONT, SIGWINCH}) {
        ::kill(running->pid(), signal);
        expected += "SIG" + std::string(sigabbrev_np(signal)) + "\n";
        ASSERT_TRUE(running->says(expected)) << running->outSoFar();
    }
    const Outcome outcome = running->wait();
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.out, expected);
}

TEST_F(SignalsTest, ASignalSentToTheWholeGroupReachesTheScriptOnce)
{
    const auto running = python(kTells, [] { setpgid(0, 0); });
    std::string expected = "ready\n";
    ASSERT_TRUE(running->says(expected));
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGTERM, SIGUSR1, SIGCONT}) {
        ::kill(-running->pid(), signal);
        saysOnce(*running, expected, "SIG" + std::string(sigabbrev_np(signal)) + "\n");
    }
    ::kill(running->pid(), SIGWINCH);
    EXPECT_EQ(running->wait().out, expected + "SIGWINCH\n");
}

TEST_F(SignalsTest, OnlyTimesliceItselfIsFoundByItsNameAndItsCommandLine)
{
    // pkill(1) would signal each that it finds; two of one group would look like the whole group.
    const auto running = python(kTells);
    ASSERT_TRUE(running->says("ready\n"));
    ::kill(running->pid(), SIGUSR1); // by whose arrival everything is in place
    ASSERT_TRUE(running->says("ready\nSIGUSR1\n"));
    for (const Pid pid : descendants(running->pid())) {
        const std::string process = "/proc/" + std::to_string(pid);
        EXPECT_EQ(readText(process + "/cmdline").find(path("r.json")), std::string::npos);
        EXPECT_NE(readText(process + "/comm"), "timeslice\n");
        if (getpgid(pid) == getpgid(running->pid())) {
            EXPECT_EQ(readText(process + "/comm").find("timeslice"), std::string::npos);
        }
    }
    ::kill(running->pid(), SIGWINCH);
    EXPECT_EQ(running->wait().status, 0);
}

TEST_F(SignalsTest, TheKeyboardsInterruptReachesTheScriptOnce)
{
    const UniqueFd keyboard(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    char name[64];
    ASSERT_EQ(grantpt(keyboard.get()), 0);
    ASSERT_EQ(unlockpt(keyboard.get()), 0);
    ASSERT_EQ(ptsname_r(keyboard.get(), name, sizeof name), 0);
    const auto running = python(kTells, [&name] {
        setsid();
        dup2(::open(name, O_RDWR), STDIN_FILENO); // becomes the terminal of a session that has none
    });
    std::string expected = "ready\n";
    ASSERT_TRUE(running->says(expected));
    for (const auto& [key, signal] : {std::pair("\003", "SIGINT\n"), std::pair("\034", "SIGQUIT\n")}) {
        ASSERT_EQ(::write(keyboard.get(), key, 1), 1);
        saysOnce(*running, expected, signal);
    }
    ::kill(running->pid(), SIGWINCH);
    EXPECT_EQ(running->wait().out, expected + "SIGWINCH\n");
}

TEST_F(SignalsTest, SuspendedAndContinuedByItsProcessIdTheScriptIsToo)
{
    const auto running = python("import time\nprint('ready', flush=True)\ntime.sleep(1000)\n", [] {
        setpgid(0, 0); // as a shell's job, whose shell can continue it
        std::signal(SIGTSTP, SIG_DFL);
    });
    ASSERT_TRUE(running->says("ready\n"));
    const Pid script = programOf(*running);
    ASSERT_GT(script, 0);
    ::kill(running->pid(), SIGTSTP);
    int status = 0;
    ASSERT_EQ(waitpid(running->pid(), &status, WUNTRACED), running->pid());
    ASSERT_TRUE(WIFSTOPPED(status)) << status;
    EXPECT_EQ(WSTOPSIG(status), SIGTSTP);
    while (!isStopped(script)) {
        ASSERT_EQ(::kill(script, 0), 0);
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ::kill(running->pid(), SIGCONT);
    while (isStopped(script) || isStopped(running->pid())) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ::kill(running->pid(), SIGTERM);
    EXPECT_EQ(running->wait().status, 128 + SIGTERM);
}

TEST_F(SignalsTest, ARunThatIsStartedToIgnoreHangUpsIsNotEndedByOne)
{
    Program running(program(), {"run", scenarioFile(R"({"tasks": {"Thread": {"do": [{"runtime": "500ms"}]}}})")},
        folder(), {}, [] { std::signal(SIGHUP, SIG_IGN); });
    ASSERT_TRUE(running.says("A test"));
    ::kill(running.pid(), SIGHUP);
    EXPECT_EQ(running.wait().status, 0);
}

} // namespace
} // namespace timeslice::system::signals_test
