#include "core/dispatch/gate.h"

#include <atomic>
#include <csignal>
#include <gtest/gtest.h>
#include <new>
#include <sys/mman.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace timeslice {
namespace {

/// A gate that forked children have, too.
class SharedGate {
public:
    SharedGate()
    {
        void* memory = mmap(nullptr, sizeof(Gate), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        EXPECT_NE(memory, MAP_FAILED);
        m_gate = new (memory) Gate;
    }
    ~SharedGate() { munmap(m_gate, sizeof(Gate)); }
    SharedGate(const SharedGate&) = delete;
    SharedGate& operator=(const SharedGate&) = delete;
    Gate* operator->() const { return m_gate; }

private:
    Gate* m_gate = nullptr;
};

/// A child that waits at the gate and ends with 1 if it was let through, with 0 if it was sent home.
pid_t waitingChild(const SharedGate& gate)
{
    const pid_t child = fork();
    if (child == 0) {
        _exit(gate->waitUntilOpen() ? 1 : 0);
    }
    return child;
}

int statusOf(pid_t child)
{
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return status;
}

TEST(Gate, LetsThroughWhoComesWhileItIsOpen)
{
    Gate gate;
    EXPECT_FALSE(gate.isOpen());
    gate.open();
    EXPECT_TRUE(gate.isOpen());
    EXPECT_TRUE(gate.waitUntilOpen());
    EXPECT_TRUE(gate.waitUntilOpen()) << "it stays open until somebody closes it";
    gate.close();
    EXPECT_FALSE(gate.isOpen());
}

TEST(Gate, HoldsThreadsBackUntilItOpensAndShowsThemWhatWasWrittenBefore)
{
    Gate gate;
    int written = 0;
    std::atomic<int> right{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] { right += gate.waitUntilOpen() && written == 42 ? 1 : 0; });
    }
    written = 42;
    gate.open();
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(right, 4);
}

TEST(Gate, OnceItIsStoppedEverybodyIsSentHomeForGood)
{
    Gate gate;
    std::atomic<int> sentHome{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] { sentHome += gate.waitUntilOpen() ? 0 : 1; });
    }
    gate.stop();
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(sentHome, 4);
    gate.open();
    gate.close();
    EXPECT_TRUE(gate.isStopped());
    EXPECT_FALSE(gate.isOpen());
    EXPECT_FALSE(gate.waitUntilOpen());
}

TEST(Gate, WorksBetweenProcesses)
{
    const SharedGate gate;
    const pid_t first = waitingChild(gate);
    gate->open();
    EXPECT_EQ(WEXITSTATUS(statusOf(first)), 1);
    gate->close();
    const pid_t second = waitingChild(gate);
    gate->stop();
    EXPECT_EQ(WEXITSTATUS(statusOf(second)), 0);
}

TEST(Gate, AProcessThatIsKilledAtItHoldsNobodyUp)
{
    const SharedGate gate;
    const pid_t victim = waitingChild(gate);
    const pid_t other = waitingChild(gate);
    kill(victim, SIGKILL);
    EXPECT_TRUE(WIFSIGNALED(statusOf(victim)));
    gate->open();
    EXPECT_EQ(WEXITSTATUS(statusOf(other)), 1);
}

TEST(Gate, ASignalDoesNotEndTheWait)
{
    struct sigaction quiet { };
    quiet.sa_handler = [](int) {};
    struct sigaction before { };
    sigaction(SIGUSR1, &quiet, &before);
    Gate gate;
    std::atomic<bool> through{false};
    std::thread waiter([&] { through = gate.waitUntilOpen(); });
    for (int i = 0; i < 100; ++i) {
        pthread_kill(waiter.native_handle(), SIGUSR1);
        std::this_thread::yield();
    }
    EXPECT_FALSE(through);
    gate.open();
    waiter.join();
    EXPECT_TRUE(through);
    sigaction(SIGUSR1, &before, nullptr);
}

} // namespace
} // namespace timeslice
