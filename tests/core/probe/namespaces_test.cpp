// Processes that cannot open the channel by its path, or are told other numbers than the kernel's records have.
#include "tests/core/probe/gil_invariants.h"
#include "tests/core/probe/interpreters.h"

#include <gtest/gtest.h>

namespace timeslice::test::namespaces_test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class Elsewhere : public testing::Test {
protected:
    void SetUp() override
    {
        if (pythons().empty()) {
            GTEST_SKIP() << "no CPython";
        }
    }
    /// Prefix and a Python program. The numbers that its process has outside of all namespaces come from the kernel.
    ProbedRun run(std::vector<std::string> prefix, const std::string& code, ProbedOptions options = {}) const
    {
        options.offerChannel = true;
        prefix.insert(prefix.end(), {pythons().front().path, "-c", code});
        return runProbed(prefix, options);
    }
    /// Whether the kernel allows what is to be tried; says why not.
    static bool allowed(std::vector<std::string> prefix, std::string& why)
    {
        prefix.insert(prefix.end(), {"true"});
        const ProbedRun tried = runProbed(prefix, {.probe = false});
        why = tried.err;
        return tried.error.empty() && tried.status == 0;
    }
};

/// Prints the number of this process in the outermost namespace that its /proc knows, and in its own.
const char* const kThreads = "import os, threading, time\n"
                             "def work():\n"
                             "    for i in range(20): time.sleep(0.0005)\n"
                             "ts = [threading.Thread(target=work) for i in range(3)]\n"
                             "for t in ts: t.start()\n"
                             "for t in ts: t.join()\n"
                             "print(os.getpid(), *sorted(t.native_id for t in ts))\n";

std::vector<Tid> numbersIn(const std::string& text)
{
    std::istringstream in{text};
    std::vector<Tid> numbers;
    for (Tid number = 0; in >> number;) {
        numbers.push_back(number);
    }
    return numbers;
}

TEST_F(Elsewhere, the_channel_is_had_where_its_path_leads_nowhere)
{
    const ProbedRun run = this->run({}, kThreads, {.channelPath = "/nonexistent"});
    EXPECT_EQ(run.status, 0);
    EXPECT_EQ(run.err, "");
    EXPECT_EQ(violated(run), "");
    ASSERT_THAT(run.gils(), SizeIs(1));
    EXPECT_EQ(run.gils()[0].pid, run.pid);
    EXPECT_THAT(run.threadsOf(run.gils()[0].id), SizeIs(4));
}

TEST_F(Elsewhere, the_channel_is_had_where_its_path_leads_to_something_else)
{
    const ProbedRun run = this->run({}, kThreads, {.channelPath = probeLibrary()});
    EXPECT_EQ(run.status, 0);
    EXPECT_EQ(violated(run), "");
    ASSERT_THAT(run.gils(), SizeIs(1));
}

TEST_F(Elsewhere, no_descriptor_stays_open)
{
    const std::string code = "import os; print(sorted(os.listdir('/proc/self/fd')))";
    const ProbedRun run = this->run({}, code, {.channelPath = "/nonexistent"});
    EXPECT_EQ(run.out, this->run({}, code, {.probe = false}).out);
    EXPECT_THAT(run.gils(), SizeIs(1));
}

TEST_F(Elsewhere, a_process_of_another_pid_namespace_has_the_numbers_that_it_has_in_ours)
{
    const std::vector<std::vector<std::string>> ways{
        {"unshare", "--pid", "--fork"}, // /proc stays the old one
        {"unshare", "--pid", "--fork", "--mount-proc"}, // the path leads nowhere, or to another process's file
        {"unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc"},
        {"unshare", "--pid", "--fork", "unshare", "--pid", "--fork", "--mount-proc"},
    };
    int tried = 0;
    for (const std::vector<std::string>& way : ways) {
        std::string joined;
        for (const std::string& word : way) {
            joined += word + ' ';
        }
        SCOPED_TRACE(joined);
        std::string why;
        if (!allowed(way, why)) {
            continue;
        }
        ++tried;
        const ProbedRun run = this->run(way, kThreads);
        EXPECT_EQ(run.status, 0) << run.err;
        EXPECT_EQ(run.err, "");
        EXPECT_EQ(violated(run), "");
        const std::vector<Tid> inner = numbersIn(run.out);
        ASSERT_THAT(inner, SizeIs(4));
        EXPECT_EQ(inner[0], 1);
        ASSERT_THAT(run.gils(), SizeIs(1));
        const ObjectBirth gil = run.gils()[0];
        EXPECT_GT(gil.pid, run.pid); // a descendant of what we started, by numbers of ours
        EXPECT_LT(gil.pid, 1 << 22);
        const std::set<Tid> threads = run.threadsOf(gil.id);
        ASSERT_THAT(threads, SizeIs(4));
        EXPECT_EQ(*threads.begin(), gil.pid); // its main thread
        for (const Event& event : run.eventsOf(gil.id)) {
            ASSERT_EQ(event.pid, gil.pid);
        }
    }
    if (tried == 0) {
        GTEST_SKIP() << "this kernel, or this user, makes no PID namespaces";
    }
}

TEST_F(Elsewhere, forks_into_another_namespace_are_told_apart_from_processes_with_the_same_numbers)
{
    std::string why;
    if (!allowed({"unshare", "--pid", "--fork"}, why)) {
        GTEST_SKIP() << why;
    }
    // Twice a process 1, and each forks a process 2: none of the six is executed anew after its namespace was made.
    const ProbedRun run = this->run({},
        "import ctypes, os, time\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "children = []\n"
        "for i in range(2):\n"
        "    if libc.unshare(0x20000000) != 0: os._exit(9)\n" // CLONE_NEWPID: of the children
        "    pid = os.fork()\n"
        "    if pid == 0:\n"
        "        inner = os.fork()\n"
        "        time.sleep(0.002)\n"
        "        if inner == 0: os._exit(0)\n"
        "        os.waitpid(inner, 0)\n"
        "        os._exit(0)\n"
        "    children.append(pid)\n"
        "    os.waitpid(pid, 0)\n"
        "    break\n"
        "print(*children)\n");
    EXPECT_EQ(run.status, 0) << run.err;
    EXPECT_EQ(violated(run), "");
    ASSERT_THAT(run.gils(), SizeIs(3));
    const std::vector<Tid> children = numbersIn(run.out);
    ASSERT_THAT(children, SizeIs(1));
    std::set<Pid> processes;
    for (const ObjectBirth& gil : run.gils()) {
        EXPECT_GE(gil.pid, run.pid);
        EXPECT_TRUE(processes.insert(gil.pid).second);
        EXPECT_THAT(run.threadsOf(gil.id), testing::ElementsAre(gil.pid));
    }
    EXPECT_EQ(processes.count(children[0]), 1U); // as its parent, which is here, calls it
}

TEST_F(Elsewhere, another_user_is_recorded)
{
    const std::vector<std::string> nobody{"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
    std::string why;
    if (!allowed(nobody, why)) {
        GTEST_SKIP() << why;
    }
    const auto readable = [&](const std::string& file) {
        const ProbedRun tried = runProbed(
            {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "test", "-r", file}, {.probe = false});
        return tried.status == 0;
    };
    std::string python;
    for (const Python& one : pythons()) {
        python = python.empty() && readable(one.path) ? one.path : python;
    }
    if (python.empty() || !readable(probeLibrary())) {
        GTEST_SKIP() << "another user may not read the interpreter or the probe";
    }
    std::vector<std::string> command = nobody;
    command.insert(command.end(), {python, "-c", kThreads});
    const ProbedRun run = runProbed(command, {.offerChannel = true});
    EXPECT_EQ(run.status, 0) << run.err;
    EXPECT_EQ(violated(run), "");
    ASSERT_THAT(run.gils(), SizeIs(1));
    EXPECT_EQ(run.gils()[0].pid, run.pid);
    EXPECT_THAT(run.threadsOf(run.gils()[0].id), SizeIs(4));
}

TEST_F(Elsewhere, a_process_goes_on_being_recorded_in_another_root_and_as_another_user)
{
    if (geteuid() != 0) {
        GTEST_SKIP() << "only root may change them";
    }
    const ProbedRun run = this->run({},
        "import os, tempfile, threading, time\n"
        "root = tempfile.mkdtemp()\n"
        "os.chroot(root); os.chdir('/'); os.setgid(65534); os.setuid(65534)\n"
        "def work():\n"
        "    for i in range(20): time.sleep(0.0005)\n"
        "pid = os.fork()\n"
        "ts = [threading.Thread(target=work) for i in range(3)]\n"
        "for t in ts: t.start()\n"
        "for t in ts: t.join()\n"
        "if pid == 0: os._exit(0)\n"
        "print(os.waitpid(pid, 0)[1])");
    EXPECT_EQ(run.status, 0) << run.err;
    EXPECT_EQ(run.out, "0\n");
    EXPECT_EQ(violated(run), "");
    ASSERT_THAT(run.gils(), SizeIs(2));
    for (const ObjectBirth& gil : run.gils()) {
        EXPECT_THAT(run.threadsOf(gil.id), SizeIs(4));
        EXPECT_EQ(*run.threadsOf(gil.id).begin(), gil.pid);
    }
}

TEST_F(Elsewhere, a_program_whose_recording_cannot_be_reached_runs_as_without_it)
{
    const std::string nobody = "timeslice-nobody-listens:" + std::string(channel::kTokenBytes, '0') + ":1:1";
    const ProbedRun run = runProbed({pythons().front().path, "-c", "print(sum(range(5)))"},
        {.channelPath = "/nonexistent", .serverAddress = nobody});
    EXPECT_EQ(run.status, 0);
    EXPECT_EQ(run.out, "10\n");
    EXPECT_EQ(run.err, "");
    EXPECT_THAT(run.gils(), IsEmpty());
}

} // namespace
} // namespace timeslice::test::namespaces_test
