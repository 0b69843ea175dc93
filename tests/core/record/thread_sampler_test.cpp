// The fallback without kernel records: what may be guessed is guessed, what is known is kept.
#include "core/record/run_inference.h"
#include "core/record/thread_sampler.h"
#include "recorded_child.h"

#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <random>
#include <thread>

namespace timeslice::test::thread_sampler_test {
namespace {

constexpr Nanos kStep = 4 * kMillisecond;

ThreadReading reading(Tid tid, char state, CpuId core, Nanos ran, Nanos waited = 0)
{
    return {tid, 100, 0, state, core, ran, waited, "thread"};
}

std::vector<Event> inOrder(Batch batch)
{
    std::vector<Event> scratch;
    sortByTime(batch.events, scratch);
    return batch.events;
}

TEST(RunInference, KeepsRunningTimesAndOneThreadACoreWhateverTheReadings)
{
    std::mt19937 random{5};
    for (int round = 0; round < 50; ++round) {
        // A true schedule on two cores, of which only the sums are told.
        constexpr int kThreads = 5;
        std::vector<ThreadReading> threads;
        for (Tid tid = 1; tid <= kThreads; ++tid) {
            threads.push_back(reading(tid, 'S', 0, 0));
        }
        RunInference inference;
        Batch batch;
        Nanos now = kSecond;
        inference.observe(threads, now, batch);
        for (int step = 0; step < 200; ++step) {
            for (ThreadReading& t : threads) {
                t.state = 'S';
            }
            for (CpuId core = 0; core < 2; ++core) {
                Nanos left = kStep;
                for (std::size_t i = random() % 2; i < kThreads && left > 0; i += 1 + random() % 3) {
                    if ((i % 2 == 0) != (core == 0)) {
                        continue;
                    }
                    const Nanos run = std::min(left, static_cast<Nanos>(random() % (kStep + 1)));
                    threads[i].core = core;
                    threads[i].ran += run;
                    threads[i].state = random() % 2 != 0 ? 'R' : 'S';
                    left -= run;
                }
            }
            now += kStep;
            inference.observe(threads, now, batch);
        }
        // Everybody sleeps long enough for what is still owed to be placed.
        for (ThreadReading& t : threads) {
            t.state = 'S';
        }
        for (int i = 0; i < 20; ++i) {
            now += 10 * kStep;
            inference.observe(threads, now, batch);
        }
        const std::vector<Event> events = inOrder(batch);
        ASSERT_EQ(overlapError(events), "");
        for (const ThreadReading& t : threads) {
            ASSERT_NEAR(static_cast<double>(runningTime(events, t.tid)), static_cast<double>(t.ran), 10e6);
        }
    }
}

TEST(RunInference, ShowsAnUninterruptedSpinnerAsOneSlice)
{
    RunInference inference;
    Batch batch;
    Nanos now = kSecond;
    inference.observe({reading(1, 'R', 0, 0)}, now, batch);
    for (int step = 1; step <= 100; ++step) {
        now += kStep;
        // The counter moves at ticks only: every other sample shows nothing, then twice as much.
        inference.observe({reading(1, 'R', 0, step / 2 * 2 * kStep)}, now, batch);
    }
    inference.observe({reading(1, 'S', 0, 100 * kStep)}, now + kStep, batch);
    const std::vector<Event> events = inOrder(batch);
    const auto switchesIn =
        std::count_if(events.begin(), events.end(), [](const Event& e) { return e.kind == EventKind::SwitchIn; });
    EXPECT_LE(switchesIn, 2);
    EXPECT_NEAR(static_cast<double>(runningTime(events, 1)), static_cast<double>(100 * kStep), 2.0 * kStep);
}

TEST(RunInference, PlacesWhatAThreadRanUntilItsEndAsItsProcessesClockTells)
{
    RunInference inference;
    Batch batch;
    inference.observe({reading(100, 'S', 0, 0), reading(101, 'R', 1, 0)}, {{100, 0}}, kSecond, batch);
    inference.observe({reading(100, 'S', 0, 0), reading(101, 'S', 1, 2 * kMillisecond)}, {{100, 2 * kMillisecond}},
        kSecond + kStep, batch);
    // It ran another 3 ms, and then it was gone.
    inference.observe({reading(100, 'S', 0, 0)}, {{100, 5 * kMillisecond}}, kSecond + 2 * kStep, batch);
    const std::vector<Event> events = inOrder(batch);
    EXPECT_EQ(runningTime(events, 101), 5 * kMillisecond);
    EXPECT_EQ(overlapError(events), "");
    EXPECT_EQ(events.back().kind, EventKind::ThreadExit);
    EXPECT_EQ(events.back().tid, 101);
}

TEST(RunInference, CreditsNoMoreInAdvanceThanTheProcessesClockKnows)
{
    constexpr Nanos kTick = 10 * kMillisecond;
    RunInference inference;
    Batch batch;
    Nanos now = kSecond;
    Nanos ran = 0;
    inference.observe({reading(1, 'R', 0, 0)}, {{100, 0}}, now, batch);
    for (int step = 1; step <= 21; ++step) {
        now += kStep;
        ran += step % 4 == 3 ? kStep / 2 : kStep; // others run in between; its counter moves at ticks
        inference.observe({reading(1, 'R', 0, ran / kTick * kTick)}, {{100, ran}}, now, batch);
    }
    now += kStep;
    inference.observe({}, {{100, ran}}, now, batch); // it ended at once
    EXPECT_EQ(runningTime(inOrder(batch), 1), ran);
}

TEST(RunInference, PlacesWhatAProcessRanUntilItsEndAsTheTotalTells)
{
    RunInference inference;
    Batch batch;
    inference.observe({reading(100, 'R', 1, kMillisecond)}, {{100, kMillisecond}}, kSecond, batch);
    inference.observe({reading(100, 'R', 1, 3 * kMillisecond)}, {{100, 3 * kMillisecond}}, kSecond + kStep, batch);
    inference.awaitTotal(true);
    inference.observe({}, {}, kSecond + kStep + kStep / 2, batch); // seen to be over before the total is known
    inference.endWith(3 * kMillisecond); // since the first observation: a millisecond that no reading showed
    inference.observe({}, {}, kSecond + 2 * kStep, batch);
    EXPECT_EQ(runningTime(inOrder(batch), 100), 3 * kMillisecond);
}

TEST(RunInference, LetsThreadsThatAreMetTogetherAppearInTheOrderOfTheirIds)
{
    std::mt19937 random{11};
    for (int round = 0; round < 200; ++round) {
        RunInference inference;
        Batch batch;
        inference.observe({reading(1, 'S', 0, 0)}, kSecond, batch);
        std::vector<ThreadReading> threads = {reading(1, 'S', 0, 0)};
        for (Tid tid = 2; tid < 9; ++tid) {
            const Nanos ran = static_cast<Nanos>(random() % (2 * kStep));
            threads.push_back(reading(tid, random() % 2 != 0 ? 'R' : 'Z', static_cast<CpuId>(random() % 2), ran));
        }
        std::shuffle(threads.begin(), threads.end(), random);
        inference.observe(threads, kSecond + kStep, batch);
        std::vector<Tid> appeared;
        for (const Event& event : inOrder(batch)) {
            if (std::find(appeared.begin(), appeared.end(), event.tid) == appeared.end()) {
                appeared.push_back(event.tid);
                EXPECT_EQ(event.kind, EventKind::ThreadBorn) << "nothing happens to a thread before its birth";
            }
        }
        ASSERT_TRUE(std::is_sorted(appeared.begin(), appeared.end())) << round;
        ASSERT_EQ(appeared.size(), 8U);
    }
}

TEST(RunInference, TellsBirthsExitsWakeupsAndReasons)
{
    RunInference inference;
    Batch batch;
    inference.observe({reading(1, 'S', 0, 0)}, 100 * kStep, batch);
    inference.observe({reading(1, 'R', 0, 0)}, 101 * kStep, batch);
    inference.observe({reading(1, 'R', 0, kStep / 2), reading(2, 'S', 1, kStep / 4, kStep / 4)}, 102 * kStep, batch);
    inference.observe({reading(1, 'Z', 0, kStep / 2)}, 103 * kStep, batch);
    inference.observe({reading(1, 'Z', 0, kStep / 2)}, 104 * kStep, batch);
    const std::vector<Event> events = inOrder(batch);
    std::map<Tid, std::vector<EventKind>> kinds;
    for (const Event& event : events) {
        kinds[event.tid].push_back(event.kind);
    }
    using enum EventKind;
    EXPECT_EQ(kinds[1], (std::vector{ThreadBorn, Wakeup, SwitchIn, SwitchOut, ThreadExit}));
    EXPECT_EQ(kinds[2], (std::vector{ThreadBorn, SwitchIn, SwitchOut, ThreadExit}));
    for (const Event& event : events) {
        if (event.tid == 2 && event.kind == ThreadBorn) {
            EXPECT_EQ(event.time, 102 * kStep - kStep / 2) << "it is as old as it has run and waited";
        }
    }
    EXPECT_EQ(batch.names.size(), 2U);
}

TEST(ThreadSampler, SumsUpToTheCpuTimeOfRealThreads)
{
    constexpr Nanos kWork = 300 * kMillisecond;
    const RecordedRun run = recordChildWith(
        [](int reportFd) {
            std::vector<std::thread> threads;
            for (int i = 0; i < 2; ++i) {
                threads.emplace_back([=] {
                    spinUntilCpuTime(kWork);
                    report(reportFd, i);
                    stayUntilDrained();
                });
            }
            for (std::thread& thread : threads) {
                thread.join();
            }
            const pid_t grandchild = fork();
            if (grandchild == 0) {
                pthread_setname_np(pthread_self(), "grandchild");
                spinUntilCpuTime(threadCpuTime() + 50 * kMillisecond);
                report(reportFd, 2);
                stayUntilDrained();
                _exit(0);
            }
            waitpid(grandchild, nullptr, 0);
        },
        [](Pid pid) -> Result<Drain> {
            auto sampler = std::make_shared<ThreadSampler>(pid);
            return Drain{[sampler](Batch& batch) { sampler->sample(batch); }};
        });
    ASSERT_EQ(run.error, "");
    ASSERT_EQ(run.reports.size(), 3U);
    EXPECT_EQ(overlapError(run.events), "");
    for (const ThreadReport& thread : run.reports) {
        // A tick ahead or behind at each end, and a core that is shared with a thread placed on it before.
        const Nanos inferred = runningTime(run.events, thread.tid);
        EXPECT_LE(std::abs(inferred - thread.cpu), 25 * kMillisecond + run.stolen)
            << thread.role << ": " << inferred << " of " << thread.cpu;
        EXPECT_EQ(std::count_if(run.events.begin(), run.events.end(),
                      [&](const Event& e) { return e.tid == thread.tid && e.kind == EventKind::ThreadBorn; }),
            1);
        EXPECT_EQ(std::count_if(run.events.begin(), run.events.end(),
                      [&](const Event& e) { return e.tid == thread.tid && e.kind == EventKind::ThreadExit; }),
            1);
    }
    bool named = false;
    for (const ThreadNaming& naming : run.names) {
        named = named || naming.name == "grandchild";
    }
    EXPECT_TRUE(named);
}

TEST(ThreadSampler, OfAProcessThatIsGoneFindsNothing)
{
    const pid_t child = fork();
    if (child == 0) {
        _exit(0);
    }
    waitpid(child, nullptr, 0);
    ThreadSampler sampler{child};
    Batch batch;
    sampler.sample(batch);
    sampler.sample(batch);
    EXPECT_TRUE(batch.empty());
}

} // namespace
} // namespace timeslice::test::thread_sampler_test
