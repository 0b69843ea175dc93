// Wake-ups of a child's threads, as the kernel of this machine tells of them.
#include "core/record/wakeups.h"

#include "recorded_child.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <thread>

namespace timeslice::test::wakeups_test {
namespace {

enum Role { Waiter, Waker };
constexpr int kRounds = 20;

/// One thread waits at a pipe for the other, which sleeps and then writes.
void waitAndWake(int reportFd)
{
    int pipe[2];
    if (pipe2(pipe, O_CLOEXEC) != 0) {
        return;
    }
    std::thread waiter([&] {
        char byte = 0;
        for (int i = 0; i < kRounds && read(pipe[0], &byte, 1) == 1; ++i) { }
        report(reportFd, Waiter);
    });
    for (int i = 0; i < kRounds; ++i) {
        const timespec nap{0, 2'000'000};
        nanosleep(&nap, nullptr);
        [[maybe_unused]] const ssize_t written = write(pipe[1], "x", 1);
    }
    report(reportFd, Waker);
    waiter.join();
}

struct Watched {
    RecordedRun run;
    bool recorded = true; ///< wake-ups, in each batch

    Tid of(Role role) const
    {
        const auto found = std::find_if(
            run.reports.begin(), run.reports.end(), [role](const ThreadReport& thread) { return thread.role == role; });
        return found != run.reports.end() ? found->tid : 0;
    }
};

Watched recordWakeups(const std::function<void(int)>& body)
{
    Watched result;
    result.run = recordChildWith(body, [&](Pid pid) -> Result<Drain> {
        Result<Wakeups> opened = Wakeups::open();
        Result<ContextSwitches> switches = ContextSwitches::open(pid, {});
        if (!opened || !switches) {
            return tl::unexpected(opened ? switches.error() : opened.error());
        }
        auto wakeups = std::make_shared<Wakeups>(std::move(*opened));
        auto own = std::make_shared<ContextSwitches>(std::move(*switches));
        return Drain{[=, &result](Batch& batch) {
            wakeups->read();
            own->drain(batch);
            wakeups->translate(batch.events, monotonicNow(), batch, false);
            result.recorded = result.recorded && batch.wakeups;
        }};
    });
    return result;
}

class KernelWakes : public testing::Test {
protected:
    void SetUp() override
    {
        if (const Result<void> allowed = probeWakeups(); !allowed) {
            GTEST_SKIP() << allowed.error().message;
        }
    }
};

TEST_F(KernelWakes, AreOnceBetweenEachStandstillOfAThreadAndTheRunThatFollows)
{
    const Watched recorded = recordWakeups(waitAndWake);
    ASSERT_EQ(recorded.run.error, "");
    ASSERT_TRUE(recorded.recorded) << "the rest of the machine did not make too many";
    ASSERT_EQ(recorded.run.lost.wakeups, 0U);
    ASSERT_EQ(recorded.run.lost.total(), 0U);
    std::map<Tid, int> wakes; ///< since each blocked
    int standstills = 0;
    for (const Event& event : recorded.run.events) {
        const bool blocks =
            event.kind == EventKind::SwitchOut && event.value == static_cast<std::uint64_t>(SwitchOutReason::Blocked);
        if (blocks) {
            wakes[event.tid] = 0;
        } else if (const auto blocked = wakes.find(event.tid); blocked != wakes.end()) {
            if (event.kind == EventKind::Wakeup) {
                ++blocked->second;
            } else if (event.kind == EventKind::SwitchIn) {
                EXPECT_EQ(blocked->second, 1) << "thread " << event.tid << " at " << event.time;
                ++standstills;
                wakes.erase(blocked);
            }
        }
    }
    EXPECT_GE(standstills, 2 * kRounds - 2) << "each sleeps or waits in each round";
}

TEST_F(KernelWakes, SayWhoWroteToThePipeAndThatATimerEndedTheSleep)
{
    const Watched recorded = recordWakeups(waitAndWake);
    ASSERT_EQ(recorded.run.error, "");
    const Tid waits = recorded.of(Waiter);
    const Tid wakes = recorded.of(Waker);
    ASSERT_NE(waits, 0);
    ASSERT_NE(wakes, 0);
    int byTheOther = 0;
    int byTimer = 0;
    for (const Event& event : recorded.run.events) {
        const WokenBy by = WokenBy::fromBits(event.value);
        if (event.kind == EventKind::Wakeup && event.tid == waits && by.tid == wakes) {
            ++byTheOther;
        } else if (event.kind == EventKind::Wakeup && event.tid == wakes && by.kind == WokenBy::Kind::Interrupt) {
            ++byTimer;
        }
    }
    // One that had not come to wait when its turn came is not woken.
    EXPECT_GE(byTheOther, kRounds / 2);
    EXPECT_LE(byTheOther, kRounds);
    EXPECT_GE(byTimer, kRounds / 2);
}

TEST_F(KernelWakes, OfAThreadThatIsShortLivedAreTold)
{
    const Watched recorded = recordWakeups([](int reportFd) {
        for (int i = 0; i < 5; ++i) {
            std::thread([reportFd] {
                const timespec nap{0, 100'000};
                nanosleep(&nap, nullptr);
                report(reportFd, Waiter);
            }).join();
        }
    });
    ASSERT_EQ(recorded.run.error, "");
    ASSERT_EQ(recorded.run.reports.size(), 5U);
    for (const ThreadReport& thread : recorded.run.reports) {
        EXPECT_TRUE(std::any_of(recorded.run.events.begin(), recorded.run.events.end(),
            [&](const Event& event) { return event.kind == EventKind::Wakeup && event.tid == thread.tid; }))
            << "thread " << thread.tid;
    }
}

} // namespace
} // namespace timeslice::test::wakeups_test
