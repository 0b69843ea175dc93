// The guard and what it keeps: spawned processes end when they should, and nothing is left behind.
#include "core/session/worker_process.h"

#include "core/session/process_tree.h"
#include "core/session/programs.h"
#include "tests/core/session/testing.h"

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>

namespace timeslice::worker_process_test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class WorkerProcessTest : public testing::Test {
protected:
    WorkerProcess spawn(std::vector<std::string> argv, bool contain = true)
    {
        ProcessSpec spec;
        spec.argv = std::move(argv);
        spec.contain = contain;
        return spawn(spec);
    }
    WorkerProcess spawn(const ProcessSpec& spec)
    {
        Result<WorkerProcess> process = WorkerProcess::spawnHeld(guardProgram(), spec);
        if (!process) {
            throw std::runtime_error(process.error().message);
        }
        return std::move(*process);
    }
    /// Events up to and with `kind`.
    static std::vector<ProcessEvent> eventsUntil(WorkerProcess& process, ProcessEvent::Kind kind)
    {
        std::vector<ProcessEvent> events;
        const Nanos deadline = monotonicNow() + kPatience;
        while (monotonicNow() < deadline) {
            if (const std::optional<ProcessEvent> event = process.waitEvent(deadline)) {
                events.push_back(*event);
                if (event->kind == kind) {
                    return events;
                }
            }
        }
        ADD_FAILURE() << "the awaited event did not come";
        return events;
    }
};

TEST_F(WorkerProcessTest, IsHeldBeforeExecUntilReleased)
{
    WorkerProcess process = spawn({"echo", "hello"});
    EXPECT_EQ(process.waitEvent(monotonicNow() + 50 * kMillisecond), std::nullopt);
    EXPECT_THAT(commandLine(process.pid()), HasSubstr("timeslice-guard"));
    EXPECT_EQ(process.output(), "");
    process.release();
    const auto events = eventsUntil(process, ProcessEvent::Kind::Swept);
    ASSERT_EQ(events.size(), 3U);
    EXPECT_EQ(events[0].kind, ProcessEvent::Kind::Started);
    EXPECT_EQ(events[1].kind, ProcessEvent::Kind::Ended);
    EXPECT_EQ(events[1].value, 0);
    EXPECT_EQ(process.output(), "hello\n");
}

TEST_F(WorkerProcessTest, AHeldProcessThatIsNeverReleasedGoesWithItsOwner)
{
    {
        const WorkerProcess process = spawn({"echo", "never"});
    }
    EXPECT_THAT(descendants(getpid()), IsEmpty());
}

TEST_F(WorkerProcessTest, WhatItMadeIsRemovedThoughItIsKilledAndWhatIsNotEmptyStays)
{
    namespace fs = std::filesystem;
    std::string pattern = (fs::temp_directory_path() / "timeslice-made-XXXXXX").string();
    const fs::path folder = mkdtemp(pattern.data());
    const UniqueFd made = aboveStdio(UniqueFd(memfd_create("made", MFD_CLOEXEC)));
    ProcessSpec spec;
    spec.argv = {"sh", "-c",
        "mkdir a a/b full foreign && touch full/file && printf '%s\\0' \"$PWD/a\" \"$PWD/a/b\" \"$PWD/full\" "
        ">>/proc/self/fd/"
            + std::to_string(made.get()) + " && printf '%s' \"$PWD/foreign\" >>/proc/self/fd/"
            + std::to_string(made.get()) + " && kill -9 $$"};
    spec.directory = folder;
    spec.inherit = {made.get()};
    spec.made = made.get();
    WorkerProcess process = spawn(spec);
    process.release();
    const auto events = eventsUntil(process, ProcessEvent::Kind::Swept);
    ASSERT_EQ(events.size(), 3U);
    EXPECT_EQ(events[1].value, SIGKILL);
    EXPECT_FALSE(fs::exists(folder / "a")) << "with what was in it";
    EXPECT_TRUE(fs::exists(folder / "full/file"));
    EXPECT_TRUE(fs::exists(folder / "foreign")) << "its name was not written to its end: it may be another's";
    fs::remove_all(folder);
}

TEST_F(WorkerProcessTest, SaysWhyACommandCannotBeRun)
{
    WorkerProcess missing = spawn({"/no/such/program"});
    missing.release();
    EXPECT_EQ(eventsUntil(missing, ProcessEvent::Kind::ExecFailed).back().value, ENOENT);
    WorkerProcess forbidden = spawn({"/etc/passwd"});
    forbidden.release();
    EXPECT_EQ(eventsUntil(forbidden, ProcessEvent::Kind::ExecFailed).back().value, EACCES);
}

TEST_F(WorkerProcessTest, ReportsTheExitStatusAndTheSignal)
{
    WorkerProcess exits = spawn({"sh", "-c", "exit 3"});
    exits.release();
    EXPECT_EQ(WEXITSTATUS(eventsUntil(exits, ProcessEvent::Kind::Ended).back().value), 3);
    WorkerProcess dies = spawn({"sh", "-c", "kill -SEGV $$"});
    dies.release();
    EXPECT_EQ(WTERMSIG(eventsUntil(dies, ProcessEvent::Kind::Ended).back().value), SIGSEGV);
}

TEST_F(WorkerProcessTest, CountsTheCpuTimeOfTheWholeTree)
{
    const char* spin = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done";
    WorkerProcess process = spawn({"sh", "-c", std::string("sh -c '") + spin + "'; " + spin});
    process.release();
    EXPECT_GT(eventsUntil(process, ProcessEvent::Kind::Swept).back().cpu, kMillisecond);
}

TEST_F(WorkerProcessTest, KillsWhatRanAwayFromSessionAndParent)
{
    // A daemon: its parent is gone, its session is its own.
    WorkerProcess process =
        spawn({"sh", "-c", "(setsid sleep 1000 &) ; (setsid sh -c 'sleep 1001 & sleep 1002' &) ; exit 0"});
    process.release();
    eventsUntil(process, ProcessEvent::Kind::Swept);
    EXPECT_THAT(descendants(getpid()), ElementsAreGuardOnly());
}

TEST_F(WorkerProcessTest, KillsProcessesThatIgnoreEverySignalAndKeepForking)
{
    WorkerProcess process = spawn(
        {"sh", "-c", "trap '' TERM INT HUP; for i in 1 2 3 4; do (while :; do (sleep 0.01 &); done) & done; wait"});
    process.release();
    eventsUntil(process, ProcessEvent::Kind::Started);
    process.waitEvent(monotonicNow() + 100 * kMillisecond);
    process.signalAll(SIGTERM);
    process.waitEvent(monotonicNow() + 50 * kMillisecond);
    process.sweep();
    eventsUntil(process, ProcessEvent::Kind::Swept);
    EXPECT_THAT(descendants(getpid()), ElementsAreGuardOnly());
}

TEST_F(WorkerProcessTest, AStoppedProcessIsKilledToo)
{
    WorkerProcess process = spawn({"sleep", "1000"});
    process.release();
    eventsUntil(process, ProcessEvent::Kind::Started);
    process.signalAll(SIGSTOP);
    process.sweep();
    const auto events = eventsUntil(process, ProcessEvent::Kind::Ended);
    EXPECT_EQ(WTERMSIG(events.back().value), SIGKILL);
}

TEST_F(WorkerProcessTest, WhenTheGuardIsKilledTheProcessDiesAndItsOwnerLearnsOfIt)
{
    WorkerProcess process = spawn({"sleep", "1000"});
    process.release();
    eventsUntil(process, ProcessEvent::Kind::Started);
    const Pid workload = process.pid();
    ASSERT_EQ(::kill(parentProcess(workload), SIGKILL), 0);
    eventsUntil(process, ProcessEvent::Kind::GuardLost);
    EXPECT_TRUE(comesToAnEnd(workload));
}

TEST_F(WorkerProcessTest, GivesAContainedProcessNoDescriptorBeyondThoseNamed)
{
    const UniqueFd leaked(::open("/dev/null", O_RDONLY)); // not close-on-exec
    UniqueFd wanted(fcntl(::open("/dev/zero", O_RDONLY | O_CLOEXEC), F_DUPFD_CLOEXEC, 50));
    ProcessSpec spec;
    spec.argv = {"sh", "-c", "for f in /proc/self/fd/*; do readlink $f; done"};
    spec.inherit = {wanted.get()};
    WorkerProcess process = spawn(spec);
    process.release();
    eventsUntil(process, ProcessEvent::Kind::Swept);
    EXPECT_THAT(process.output(), HasSubstr("/dev/zero"));
    // Standard input is /dev/null; a second one would be the leak.
    EXPECT_EQ(occurrences(process.output(), "/dev/null"), 1);
}

TEST_F(WorkerProcessTest, HoldsAContainedProcessToItsMemoryAndWritesNoCore)
{
    ProcessSpec spec;
    spec.argv = {"sh", "-c", "ulimit -v; ulimit -c; cat /proc/self/oom_score_adj; ulimit -r"};
    spec.memoryBytes = std::int64_t{512} << 20;
    WorkerProcess process = spawn(spec);
    process.release();
    eventsUntil(process, ProcessEvent::Kind::Swept);
    EXPECT_THAT(process.output(), testing::StartsWith("524288\n0\n1000\n"));
}

TEST_F(WorkerProcessTest, KeepsTheEndOfAFloodOfOutput)
{
    WorkerProcess process = spawn({"sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x; echo; echo the last line"});
    process.release();
    eventsUntil(process, ProcessEvent::Kind::Swept);
    EXPECT_THAT(process.output(), testing::EndsWith("x\nthe last line\n"));
    EXPECT_LE(process.output().size(), 10'000U);
}

TEST_F(WorkerProcessTest, AContainedProcessHasASessionOfItsOwnAndAnyOtherStaysInOurs)
{
    WorkerProcess contained = spawn({"sleep", "1000"});
    contained.release();
    eventsUntil(contained, ProcessEvent::Kind::Started);
    EXPECT_EQ(getsid(contained.pid()), contained.pid());
    WorkerProcess plain = spawn({"sleep", "1000"}, false);
    plain.release();
    eventsUntil(plain, ProcessEvent::Kind::Started);
    EXPECT_EQ(getsid(plain.pid()), getsid(0));
    EXPECT_EQ(getpgid(plain.pid()), getpgrp());
}

TEST_F(WorkerProcessTest, NothingIsLeftWhenItsOwnerIsKilled)
{
    int report[2];
    ASSERT_EQ(pipe2(report, O_CLOEXEC), 0);
    const UniqueFd reportRead(report[0]);
    UniqueFd reportWrite(report[1]);
    const pid_t owner = fork();
    if (owner == 0) {
        ProcessSpec spec;
        spec.argv = {"sh", "-c", "setsid sleep 1000 & (setsid sleep 1000 &); exec sleep 1000"};
        Result<WorkerProcess> process = WorkerProcess::spawnHeld(guardProgram(), spec);
        process->release();
        Pid found[2] = {process->pid(), parentProcess(process->pid())};
        while (descendants(found[0]).empty()) {
            process->waitEvent(monotonicNow() + kMillisecond);
        }
        [[maybe_unused]] const ssize_t n = ::write(reportWrite.get(), found, sizeof found);
        for (;;) {
            process->waitEvent(monotonicNow() + kSecond);
        }
    }
    reportWrite.reset();
    Pid found[2] = {};
    ASSERT_EQ(::read(reportRead.get(), found, sizeof found), static_cast<ssize_t>(sizeof found));
    std::vector<Pid> all = descendants(found[1]);
    ASSERT_GE(all.size(), 2U);
    all.push_back(found[1]);
    ASSERT_EQ(::kill(owner, SIGKILL), 0);
    ASSERT_EQ(::waitpid(owner, nullptr, 0), owner);
    for (const Pid pid : all) {
        EXPECT_TRUE(comesToAnEnd(pid)) << commandLine(pid);
    }
}

TEST_F(WorkerProcessTest, EnvironmentAndFolderAreTheWorkloadsNotItsGuards)
{
    ProcessSpec spec;
    spec.argv = {"sh", "-c",
        "echo $COLOUR; pwd; tr '\\0' '\\n' < /proc/$PPID/environ | grep -c COLOUR; readlink /proc/$PPID/cwd"};
    spec.environment = {"COLOUR=blue and green"};
    spec.directory = "/usr";
    WorkerProcess process = spawn(spec);
    process.release();
    eventsUntil(process, ProcessEvent::Kind::Swept);
    EXPECT_EQ(process.output(), "blue and green\n/usr\n0\n" + std::filesystem::current_path().string() + "\n");
}

TEST_F(WorkerProcessTest, WhatMayLingerEndsByItselfAndIsNotWaitedForLonger)
{
    ProcessSpec spec;
    spec.linger = 60 * kSecond;
    spec.argv = {"sh", "-c", "(sleep 0.2; echo cleaned up) & exit 0"};
    WorkerProcess cleansUp = spawn(spec);
    cleansUp.release();
    eventsUntil(cleansUp, ProcessEvent::Kind::Swept);
    EXPECT_EQ(cleansUp.output(), "cleaned up\n");

    spec.linger = 100 * kMillisecond;
    spec.argv = {"sh", "-c", "sleep 1000 & exit 0"};
    WorkerProcess stays = spawn(spec);
    stays.release();
    eventsUntil(stays, ProcessEvent::Kind::Swept);
}

TEST_F(WorkerProcessTest, AFolderThatIsNotThereIsReported)
{
    ProcessSpec spec;
    spec.argv = {"true"};
    spec.directory = "/no/such/folder";
    WorkerProcess process = spawn(spec);
    process.release();
    EXPECT_EQ(eventsUntil(process, ProcessEvent::Kind::ExecFailed).back().value, ENOENT);
}

TEST_F(WorkerProcessTest, OutputThroughATerminalArrivesAsItWasWritten)
{
    ProcessSpec spec;
    spec.argv = {"sh", "-c", "test -t 1 && test -t 2 && printf 'a\\nb\\r\\n\\004\\033[0m' && echo c >&2; exit 3"};
    spec.contain = false;
    spec.terminal = true;
    WorkerProcess process = spawn(spec);
    process.release();
    std::string taken;
    const Nanos deadline = monotonicNow() + kPatience;
    std::optional<ProcessEvent> event;
    while ((!event || event->kind != ProcessEvent::Kind::Swept) && monotonicNow() < deadline) {
        event = process.waitEvent(deadline);
        taken += process.takeOutput();
    }
    EXPECT_EQ(taken, "a\nb\r\n\004\033[0mc\n");
    EXPECT_EQ(process.output(), taken); // what was taken is still known
}

} // namespace
} // namespace timeslice::worker_process_test
