// Rings of threads that have ended serve others: a run has as many threads as the system gives it.
#include "core/record/channel.h"
#include "core/record/channel_reader.h"
#include "core/record/event_writer.h"
#include "tests/core/record/ring_view.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <ctime>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <poll.h>
#include <semaphore.h>
#include <set>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace timeslice::ring_reuse_test {
namespace {

Channel make(ChannelGeometry geometry)
{
    Result<Channel> channel = Channel::create(geometry);
    EXPECT_TRUE(channel) << channel.error().message;
    return std::move(*channel);
}

std::int64_t allocatedBytes(const Channel& channel)
{
    struct stat status { };
    EXPECT_EQ(fstat(channel.fd(), &status), 0);
    return std::int64_t{status.st_blocks} * 512;
}

/// A semaphore that forked processes share.
class SharedSemaphore {
public:
    SharedSemaphore()
        : m_semaphore(static_cast<sem_t*>(
            mmap(nullptr, sizeof(sem_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)))
    {
        sem_init(m_semaphore, 1, 0);
    }
    ~SharedSemaphore() { munmap(m_semaphore, sizeof(sem_t)); }
    SharedSemaphore(const SharedSemaphore&) = delete;
    SharedSemaphore& operator=(const SharedSemaphore&) = delete;

    void post() { sem_post(m_semaphore); }
    void wait()
    {
        while (sem_wait(m_semaphore) != 0) { }
    }
    bool tryWait() { return sem_trywait(m_semaphore) == 0; }

private:
    sem_t* m_semaphore;
};

void runThread(const Channel& channel, std::uint64_t events)
{
    EventWriter& writer = EventWriter::attachThread(channel, "short");
    for (std::uint64_t i = 0; i < events; ++i) {
        writer.record(EventKind::Mark, 0, i);
    }
    EventWriter::detachThread();
}

TEST(RingReuse, ThreadsOneAfterAnotherNeedOneRing)
{
    const Channel channel = make({.rings = 1, .ringCapacity = 64, .objects = 1});
    ChannelReader reader{channel};
    for (std::uint64_t round = 0; round < 3U * channel::kFreeRings; ++round) {
        Tid tid = 0;
        if (round % 1000 == 0) { // a thread is dear; it is the claim that counts
            std::thread{[&] {
                tid = gettid();
                runThread(channel, 3);
            }}.join();
        } else {
            tid = gettid();
            runThread(channel, 3);
        }
        Batch batch;
        reader.drain(batch);
        ASSERT_EQ(batch.events.size(), 3U) << "round " << round;
        ASSERT_EQ(batch.events[2].value, 2U);
        ASSERT_EQ(batch.events[2].tid, tid);
        ASSERT_EQ(batch.names.size(), 1U);
        ASSERT_EQ(batch.lost.total(), 0U);
    }
}

TEST(RingReuse, ARingIsFreeAgainOnlyWhenAllOfItIsRead)
{
    const Channel channel = make({.rings = 1, .ringCapacity = 64, .objects = 1});
    ChannelReader reader{channel};
    runThread(channel, 5);
    EXPECT_FALSE(EventWriter{channel}.attached());
    Batch batch;
    reader.drain(batch);
    EXPECT_EQ(batch.events.size(), 5U);
    EXPECT_EQ(batch.lost.threadsWithoutRing, 1U);
    EXPECT_TRUE(EventWriter{channel}.attached());
}

TEST(RingReuse, NoRingIsHandedOutTwiceAtATime)
{
    constexpr std::uint32_t kRings = 4000;
    const Channel channel = make({.rings = kRings, .ringCapacity = 1, .objects = 1});
    std::vector<std::vector<std::uint32_t>> got(4);
    std::vector<std::thread> threads;
    for (std::vector<std::uint32_t>& mine : got) {
        threads.emplace_back([&] {
            while (const auto claim = channel::claimRing(channel.header(), kRings)) {
                mine.push_back(claim->ring);
            }
        });
    }
    std::set<std::uint32_t> all;
    for (std::size_t i = 0; i < threads.size(); ++i) {
        threads[i].join();
        all.insert(got[i].begin(), got[i].end());
    }
    EXPECT_EQ(got[0].size() + got[1].size() + got[2].size() + got[3].size(), kRings);
    EXPECT_EQ(all.size(), kRings);
}

TEST(RingReuse, ProcessesThatEndWithoutAWordGiveTheirRingsBack)
{
    const Channel channel = make({.rings = 2, .ringCapacity = 64, .objects = 1});
    ChannelReader reader{channel};
    std::size_t events = 0;
    const auto drain = [&] {
        Batch batch;
        reader.drain(batch);
        events += batch.events.size();
        EXPECT_EQ(batch.lost.total(), 0U);
    };
    for (int process = 0; process < 50; ++process) {
        const pid_t child = fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            EventWriter::attachThread(channel, "doomed").record(EventKind::Mark);
            std::thread([&] { // as a daemon thread, it is in the middle of something
                EventWriter::attachThread(channel, "doomed, too").record(EventKind::Mark);
                raise(SIGKILL);
            })
                .join();
        }
        int status = 0;
        EXPECT_EQ(waitpid(child, &status, 0), child);
        EXPECT_EQ(WTERMSIG(status), SIGKILL);
        // Each ring is looked at once in a while.
        const std::uint64_t offered = channel.header().offered.load();
        for (int i = 0; i < 100 && channel.header().offered.load() < offered + 2; ++i) {
            drain();
        }
        ASSERT_EQ(events, 2U * static_cast<std::size_t>(process + 1));
    }
}

TEST(RingReuse, AProcessThatIsStoppedKeepsItsRing)
{
    const Channel channel = make({.rings = 2, .ringCapacity = 64, .objects = 1});
    ChannelReader reader{channel};
    SharedSemaphore goOn;
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        EventWriter& writer = EventWriter::attachThread(channel, "stopped");
        writer.record(EventKind::Mark, 0, 1);
        raise(SIGSTOP);
        writer.record(EventKind::Mark, 0, 2);
        _exit(0);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
    ASSERT_TRUE(WIFSTOPPED(status));
    Batch batch;
    for (int i = 0; i < 300; ++i) {
        reader.drain(batch);
        runThread(channel, 1); // in the other ring
    }
    kill(child, SIGCONT);
    EXPECT_EQ(waitpid(child, &status, 0), child);
    reader.drain(batch);
    std::vector<std::uint64_t> values;
    for (const Event& event : batch.events) {
        if (event.tid == child) {
            values.push_back(event.value);
        }
    }
    EXPECT_EQ(values, (std::vector<std::uint64_t>{1, 2}));
}

TEST(RingReuse, AnExecEndsThePreviousProgramsRings)
{
    const Channel channel = make({.rings = 4, .ringCapacity = 16, .objects = 1});
    ChannelReader reader{channel};
    for (std::uint64_t image = 1; image <= 20; ++image) { // one after another in this process
        const auto claim = channel::claimRing(channel.header(), 4);
        ASSERT_TRUE(claim) << "program " << image;
        const test::RingView view{channel, claim->ring};
        channel::RingWriter writer;
        writer.attach(channel.header(), &view.header(), 16, *claim, {.tid = getpid(), .pid = getpid(), .image = image},
            "program");
        writer.record(monotonicNow(), EventKind::Mark, 0, image);
        Batch batch;
        reader.drain(batch);
        ASSERT_EQ(batch.events.size(), 1U);
        EXPECT_EQ(batch.events[0].value, image);
        EXPECT_EQ(batch.lost.total(), 0U);
    }
}

// What a run of many processes does to a channel: `work` runs in each of them.
struct ManyThreads {
    std::map<Tid, std::uint64_t> next; ///< the value that each living thread's next event must have
    std::uint64_t events = 0;
    std::uint64_t outOfOrder = 0;
    LossCounts lost;
    std::int64_t mostBytes = 0;
    Nanos longestGap = 0; ///< in which the reader had no turn: what it works itself does not count
};

Nanos ownCpuTime()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec * kSecond + time.tv_nsec;
}

template <class Work>
ManyThreads readWhileRunning(const Channel& channel, int processes, Work work, const std::function<void()>& each)
{
    std::vector<pid_t> running;
    for (int i = 0; i < processes; ++i) {
        const pid_t child = fork();
        if (child == 0) {
            work();
            _exit(0);
        }
        running.push_back(child);
    }
    ManyThreads seen;
    ChannelReader reader{channel};
    bool last = false;
    Nanos before = monotonicNow() - ownCpuTime();
    while (!last) {
        std::erase_if(running, [](pid_t pid) { return waitpid(pid, nullptr, WNOHANG) == pid; });
        last = running.empty();
        Batch batch;
        reader.drain(batch);
        const Nanos now = monotonicNow() - ownCpuTime();
        seen.longestGap = std::max(seen.longestGap, now - before);
        before = now;
        for (const Event& event : batch.events) {
            std::uint64_t& next = seen.next[event.tid];
            next = event.value == 0 ? 0 : next; // a number may come again, with another thread
            seen.outOfOrder += event.value == next ? 0 : 1;
            ++next;
        }
        seen.events += batch.events.size();
        seen.lost = batch.lost;
        seen.mostBytes = std::max(seen.mostBytes, allocatedBytes(channel));
        each();
        poll(nullptr, 0, 2);
    }
    return seen;
}

TEST(RingReuse, ServesAHundredThousandShortThreadsOfTwentyProcesses)
{
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
    constexpr int kThreads = 500; // dear there
#else
    constexpr int kThreads = 5000;
#endif
    constexpr int kProcesses = 20;
    const Channel channel = make({.rings = 1U << 20, .ringCapacity = 1U << 14, .objects = 1});
    const ManyThreads seen = readWhileRunning(
        channel, kProcesses,
        [&] {
            for (int i = 0; i < kThreads; ++i) {
                std::thread{[&] { runThread(channel, 4); }}.join();
            }
        },
        [] {});
    EXPECT_EQ(seen.events + seen.lost.channel, 4U * kProcesses * kThreads);
    EXPECT_EQ(seen.lost.channel, 4U * seen.lost.threadsWithoutRing);
    EXPECT_EQ(seen.outOfOrder, 0U);
    EXPECT_EQ(seen.lost.malformed, 0U);
    // Free rings last for the threads of a second.
    if (seen.lost.threadsWithoutRing > 0 && seen.longestGap > kSecond / 2) {
        GTEST_SKIP() << "this machine gave the reader no turn for " << seen.longestGap / kMillisecond << " ms";
    }
    EXPECT_EQ(seen.lost.threadsWithoutRing, 0U) << "longest gap " << seen.longestGap / kMillisecond << " ms";
    RecordProperty("most_bytes", std::to_string(seen.mostBytes));
}

TEST(RingReuse, ServesTwoThousandThreadsAtATimeAndItsMemoryIsTheirs)
{
    constexpr int kProcesses = 20;
    constexpr int kThreads = 100;
    const Channel channel = make({.rings = 1U << 14, .ringCapacity = 1U << 14, .objects = 1});
    SharedSemaphore arrived;
    SharedSemaphore goOn;
    int alive = 0;
    const ManyThreads seen = readWhileRunning(
        channel, kProcesses,
        [&] {
            std::vector<std::thread> threads;
            for (int i = 0; i < kThreads; ++i) {
                threads.emplace_back([&] {
                    EventWriter& writer = EventWriter::attachThread(channel, "one of many");
                    writer.record(EventKind::Mark, 0, 0);
                    arrived.post();
                    goOn.wait();
                    writer.record(EventKind::Mark, 0, 1);
                    EventWriter::detachThread();
                });
            }
            for (std::thread& thread : threads) {
                thread.join();
            }
        },
        [&] {
            while (arrived.tryWait()) {
                if (++alive == kProcesses * kThreads) {
                    for (int i = 0; i < kProcesses * kThreads; ++i) {
                        goOn.post();
                    }
                }
            }
        });
    EXPECT_EQ(seen.events, 2U * kProcesses * kThreads);
    EXPECT_EQ(seen.outOfOrder, 0U);
    EXPECT_EQ(seen.lost.total(), 0U);
    EXPECT_LT(seen.mostBytes, std::int64_t{kProcesses} * kThreads * (32 << 10)); // a header and 16 KiB for each
    EXPECT_LT(allocatedBytes(channel), 1 << 20) << "when all have ended";
}

} // namespace
} // namespace timeslice::ring_reuse_test
