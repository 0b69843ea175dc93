// The writers' and the reader's end together, between threads and between processes.
#include "core/record/channel.h"
#include "core/record/channel_reader.h"
#include "core/record/event_writer.h"
#include "tests/core/record/ring_view.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace timeslice::event_channel_test {
namespace {

constexpr const char* kChildRole = "TIMESLICE_TEST_WRITES_AFTER_EXEC";
constexpr std::uint64_t kChildEvents = 20;

// This program, executed again by a test below, is a program that was handed the channel by path.
[[maybe_unused]] const bool kRanAsChild = [] {
    if (std::getenv(kChildRole) == nullptr) {
        return false;
    }
    Result<Channel> channel = Channel::openFromEnvironment();
    if (!channel) {
        _exit(1);
    }
    EventWriter& writer = EventWriter::attachThread(*channel, "after exec");
    const ObjectId lock = channel->addObject(ObjectKind::Mutex, "lock of the child", getpid());
    for (std::uint64_t i = 0; i < kChildEvents; ++i) {
        writer.record(EventKind::Mark, lock, i);
    }
    _exit(0);
}();

Channel make(ChannelGeometry geometry)
{
    Result<Channel> channel = Channel::create(geometry);
    EXPECT_TRUE(channel) << channel.error().message;
    return std::move(*channel);
}

Batch drainOf(ChannelReader& reader)
{
    Batch batch;
    reader.drain(batch);
    return batch;
}

std::vector<std::uint64_t> valuesOf(const std::vector<Event>& events)
{
    std::vector<std::uint64_t> values;
    std::transform(events.begin(), events.end(), std::back_inserter(values), [](const Event& e) { return e.value; });
    return values;
}

std::vector<std::uint64_t> countingFrom(std::uint64_t first, std::uint64_t count)
{
    std::vector<std::uint64_t> values(count);
    for (std::uint64_t i = 0; i < count; ++i) {
        values[i] = first + i;
    }
    return values;
}

int waitFor(pid_t pid)
{
    int status = 0;
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    return status;
}

TEST(EventChannel, DeliversEventsAsTheyWereWritten)
{
    const Channel channel = make({.rings = 2, .ringCapacity = 16, .objects = 4});
    const ObjectId lock = channel.addObject(ObjectKind::Gil, "GIL", 7);
    ChannelReader reader{channel, SchedulingSource::Workload};
    EventWriter writer{channel, "Thread 1"};
    const Nanos before = monotonicNow();
    writer.record(EventKind::LockAcquire, lock);
    writer.record(EventKind::LockRelease, lock, 1);
    writer.recordAt(before, EventKind::SwitchIn, 0, 0, 0);
    const Nanos after = monotonicNow();

    const Batch batch = drainOf(reader);
    ASSERT_EQ(batch.events.size(), 3U);
    for (const Event& event : batch.events) {
        EXPECT_EQ(event.tid, gettid());
        EXPECT_EQ(event.pid, getpid());
        EXPECT_GE(event.time, before);
        EXPECT_LE(event.time, after);
    }
    EXPECT_EQ(batch.events[0].kind, EventKind::LockAcquire);
    EXPECT_EQ(batch.events[0].object, lock);
    EXPECT_EQ(batch.events[1].kind, EventKind::LockRelease);
    EXPECT_EQ(batch.events[1].value, 1U);
    EXPECT_EQ(batch.events[2].cpu, 0);
    ASSERT_EQ(batch.objects.size(), 1U);
    EXPECT_EQ(batch.objects[0].name, "GIL");
    EXPECT_EQ(batch.objects[0].kind, ObjectKind::Gil);
    EXPECT_EQ(batch.objects[0].pid, 7);
    ASSERT_EQ(batch.names.size(), 1U);
    EXPECT_EQ(batch.names[0].name, "Thread 1");
    EXPECT_EQ(batch.lost.total(), 0U);
    EXPECT_TRUE(drainOf(reader).empty());
}

TEST(EventChannel, KeepsTheOldestEventsAndCountsExactlyWhatAFullRingDrops)
{
    const Channel channel = make({.rings = 1, .ringCapacity = 8, .objects = 1});
    ChannelReader reader{channel};
    EventWriter writer{channel};
    for (std::uint64_t i = 0; i < 20; ++i) {
        writer.record(EventKind::Mark, 0, i);
    }
    Batch batch = drainOf(reader);
    EXPECT_EQ(valuesOf(batch.events), countingFrom(0, 8));
    EXPECT_EQ(batch.lost.channel, 12U);
    for (std::uint64_t i = 0; i < 10; ++i) {
        writer.record(EventKind::Mark, 0, 100 + i);
    }
    batch = drainOf(reader);
    EXPECT_EQ(valuesOf(batch.events), countingFrom(100, 8));
    EXPECT_EQ(batch.lost.channel, 14U);
    EXPECT_EQ(batch.lost.malformed, 0U);
}

TEST(EventChannel, LosesNothingOverManyLapsOfTheRing)
{
    const Channel channel = make({.rings = 1, .ringCapacity = 8, .objects = 1});
    ChannelReader reader{channel};
    EventWriter writer{channel};
    std::uint64_t next = 0;
    for (std::uint64_t lap = 0; lap < 1000; ++lap) {
        const std::uint64_t count = lap % 9; // every length from none to full, at every place in the ring
        for (std::uint64_t i = 0; i < count; ++i) {
            writer.record(EventKind::Mark, 0, next + i);
        }
        const Batch batch = drainOf(reader);
        ASSERT_EQ(valuesOf(batch.events), countingFrom(next, count));
        ASSERT_EQ(batch.lost.total(), 0U);
        next += count;
    }
}

long pageFaultsOfThisThread()
{
    rusage used{};
    getrusage(RUSAGE_THREAD, &used);
    return used.ru_minflt + used.ru_majflt;
}

TEST(EventChannel, RecordsWithoutAPageFaultWhereItHasTouchedTheRingBefore)
{
#ifdef __SANITIZE_THREAD__
    GTEST_SKIP() << "ThreadSanitizer has memory of its own to map for each page";
#endif
    constexpr std::uint32_t kEvents = 1U << 15; // 256 pages
    const Channel channel = make({.rings = 2, .ringCapacity = 2 * kEvents, .objects = 1});
    const auto faultsOfRecording = [&](std::uint64_t touched) {
        EventWriter writer{channel};
        writer.touchAhead(touched);
        const long before = pageFaultsOfThisThread();
        for (std::uint64_t i = 0; i < kEvents; ++i) {
            writer.record(EventKind::Mark, 0, i);
        }
        return pageFaultsOfThisThread() - before;
    };
    EXPECT_GE(faultsOfRecording(0), 100) << "or this test would tell nothing";
    EXPECT_LE(faultsOfRecording(kEvents), 8); // the code's own pages, the first time round
    ChannelReader reader{channel};
    const Batch batch = drainOf(reader);
    EXPECT_EQ(batch.events.size(), 2U * kEvents);
    EXPECT_EQ(batch.lost.total(), 0U);
}

TEST(EventChannel, TouchingTheRingChangesNothingOfWhatIsRecordedAndDropped)
{
    for (const std::uint64_t touched : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{300}, UINT64_MAX}) {
        constexpr std::uint32_t kCapacity = 512; // four pages
        const Channel channel = make({.rings = 1, .ringCapacity = kCapacity, .objects = 1});
        ChannelReader reader{channel};
        EventWriter writer{channel};
        writer.touchAhead(touched);
        for (std::uint64_t i = 0; i < 100; ++i) {
            writer.record(EventKind::Mark, 0, i);
        }
        writer.touchAhead(touched); // in the middle of a page: what is written stays
        for (std::uint64_t i = 100; i < kCapacity + 7; ++i) {
            writer.record(EventKind::Mark, 0, i);
        }
        Batch batch = drainOf(reader);
        EXPECT_EQ(valuesOf(batch.events), countingFrom(0, kCapacity)) << touched;
        EXPECT_EQ(batch.lost.channel, 7U) << touched;
        writer.touchAhead(touched); // on a later lap
        for (std::uint64_t i = 0; i < kCapacity; ++i) {
            writer.record(EventKind::Mark, 0, i);
        }
        batch = drainOf(reader);
        EXPECT_EQ(valuesOf(batch.events), countingFrom(0, kCapacity)) << touched;
        EXPECT_EQ(batch.lost.channel, 7U) << touched;
    }
    EventWriter unattached;
    unattached.touchAhead(1000);
    EXPECT_FALSE(unattached.attached());
}

TEST(EventChannel, AccountsForEveryEventWhileThreadsWriteAndTheReaderDrains)
{
    constexpr std::uint64_t kEach = 200'000;
    constexpr int kThreads = 3;
    const Channel channel = make({.rings = kThreads, .ringCapacity = 256, .objects = 1});
    std::atomic<int> running{kThreads};
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&] {
            EventWriter& writer = EventWriter::attachThread(channel, "writer");
            for (std::uint64_t i = 0; i < kEach; ++i) {
                writer.record(EventKind::Mark, 0, i);
                if (i % 1000 == 0) {
                    writer.setName("writer at " + std::to_string(i));
                }
            }
            EventWriter::detachThread();
            --running;
        });
    }
    ChannelReader reader{channel};
    std::map<Tid, std::uint64_t> lastValue;
    std::uint64_t read = 0;
    std::uint64_t lost = 0;
    const auto check = [&] {
        const Batch batch = drainOf(reader);
        for (const Event& event : batch.events) {
            const auto [at, isFirst] = lastValue.try_emplace(event.tid, event.value);
            ASSERT_TRUE(isFirst || event.value > at->second);
            at->second = event.value;
        }
        for (const ThreadNaming& naming : batch.names) {
            ASSERT_TRUE(naming.name.starts_with("writer")) << naming.name; // never a torn mixture
        }
        read += batch.events.size();
        lost = batch.lost.channel;
        ASSERT_EQ(batch.lost.malformed, 0U);
    };
    while (running > 0) {
        check();
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    check();
    EXPECT_EQ(read + lost, kThreads * kEach);
    EXPECT_GT(read, 0U);
}

TEST(EventChannel, CountsTheEventsOfThreadsThatGotNoRing)
{
    const Channel channel = make({.rings = 2, .ringCapacity = 16, .objects = 1});
    ChannelReader reader{channel};
    std::vector<EventWriter> writers;
    for (int i = 0; i < 5; ++i) {
        writers.emplace_back(channel);
        EXPECT_EQ(writers.back().attached(), i < 2);
        writers.back().record(EventKind::Mark);
        writers.back().record(EventKind::Mark);
    }
    const Batch batch = drainOf(reader);
    EXPECT_EQ(batch.events.size(), 4U);
    EXPECT_EQ(batch.lost.channel, 6U);
    EXPECT_EQ(batch.lost.malformed, 0U);
}

TEST(EventChannel, CostsNothingToRecordWithoutAChannel)
{
    EventWriter writer;
    EXPECT_FALSE(writer.attached());
    writer.record(EventKind::Mark);
    writer.setName("nobody");
    EXPECT_FALSE(EventWriter::current().attached());
}

TEST(EventChannel, TellsARenamedThreadOnceAndAnAuxiliaryOne)
{
    const Channel channel = make({.rings = 2, .ringCapacity = 16, .objects = 1});
    ChannelReader reader{channel};
    EventWriter writer{channel, "first", true};
    Batch batch = drainOf(reader);
    ASSERT_EQ(batch.names.size(), 1U);
    EXPECT_TRUE(batch.names[0].auxiliary);
    EXPECT_TRUE(drainOf(reader).names.empty());
    writer.setName("second");
    batch = drainOf(reader);
    ASSERT_EQ(batch.names.size(), 1U);
    EXPECT_EQ(batch.names[0].name, "second");
}

TEST(EventChannel, AdoptsTheNameThatAThreadGaveItselfJustBeforeItEnded)
{
    const Channel channel = make({.rings = 2, .ringCapacity = 16, .objects = 1});
    ChannelReader reader(channel);
    std::thread([&] {
        EventWriter& writer = EventWriter::attachThread(channel, "Thread 1");
        drainOf(reader);
        writer.record(EventKind::Mark);
        writer.setName("ticker");
        EventWriter::detachThread();
    }).join();
    const Batch batch = drainOf(reader);
    ASSERT_EQ(batch.names.size(), 1U);
    EXPECT_EQ(batch.names[0].name, "ticker");
    EXPECT_EQ(batch.events.size(), 1U);
}

TEST(EventChannel, GivesBackTheMemoryOfARingThatWasClosedAndReadAndOfNoOther)
{
    constexpr std::uint32_t kEvents = 4096; // 128 KiB a ring
    const Channel channel = make({.rings = 64, .ringCapacity = kEvents, .objects = 1});
    const auto allocated = [&] {
        struct stat status { };
        EXPECT_EQ(fstat(channel.fd(), &status), 0);
        return static_cast<std::size_t>(status.st_blocks) * 512;
    };
    ChannelReader reader(channel);
    EventWriter stays(channel, "stays");
    for (std::uint32_t i = 0; i < kEvents / 2; ++i) {
        stays.record(EventKind::Mark, 0, i);
    }
    const std::size_t ofOneRing = allocated();
    for (int thread = 0; thread < 40; ++thread) {
        std::thread([&] {
            EventWriter& writer = EventWriter::attachThread(channel, "short");
            for (std::uint32_t i = 0; i < kEvents; ++i) {
                writer.record(EventKind::Mark, 0, i);
            }
            EventWriter::detachThread();
        }).join();
        const Batch batch = drainOf(reader);
        ASSERT_EQ(batch.events.size(), kEvents + (thread == 0 ? kEvents / 2 : 0));
        ASSERT_EQ(batch.lost.total(), 0U);
    }
    EXPECT_LT(allocated(), ofOneRing + 4 * kEvents * sizeof(Event)) << "forty rings were used";
    for (std::uint32_t i = 0; i < kEvents; ++i) {
        stays.record(EventKind::Mark, 0, i);
    }
    EXPECT_EQ(valuesOf(drainOf(reader).events), countingFrom(0, kEvents));
}

TEST(EventChannel, CountsWhatAClosedRingHadDroppedForAllTimesToCome)
{
    const Channel channel = make({.rings = 2, .ringCapacity = 16, .objects = 1});
    ChannelReader reader(channel);
    std::thread([&] {
        EventWriter& writer = EventWriter::attachThread(channel, "loud");
        for (int i = 0; i < 20; ++i) {
            writer.record(EventKind::Mark);
        }
        EventWriter::detachThread();
    }).join();
    EXPECT_EQ(drainOf(reader).lost.channel, 4U);
    EXPECT_EQ(drainOf(reader).lost.channel, 4U);
}

TEST(EventChannel, CutsLongNamesBetweenCharacters)
{
    const Channel channel = make({.rings = 1, .ringCapacity = 16, .objects = 2});
    std::string longName(39, 'x');
    longName += "ä and more"; // its first byte would be the 40th
    channel.addObject(ObjectKind::Mutex, longName, 0);
    ChannelReader reader{channel};
    EventWriter writer{channel, longName};
    const Batch batch = drainOf(reader);
    ASSERT_EQ(batch.names.size(), 1U);
    EXPECT_EQ(batch.names[0].name, std::string(39, 'x'));
    ASSERT_EQ(batch.objects.size(), 1U);
    EXPECT_EQ(batch.objects[0].name, std::string(39, 'x'));
}

TEST(EventChannel, NeverNamesAnObjectThatItDidNotDeliverBefore)
{
    const Channel channel = make({.rings = 1, .ringCapacity = 1024, .objects = 2000});
    std::atomic<bool> done{false};
    std::thread adder{[&] {
        EventWriter& writer = EventWriter::attachThread(channel, "adder");
        for (ObjectId id = 1; id != 0;) {
            id = channel.addObject(ObjectKind::Counter, "counter", 0);
            writer.record(EventKind::CounterLoad, id);
        }
        done = true;
    }};
    ChannelReader reader{channel};
    std::vector<bool> delivered(2000);
    bool last = false;
    while (!last) {
        last = done;
        const Batch batch = drainOf(reader);
        for (const ObjectBirth& object : batch.objects) {
            delivered[object.id] = true;
        }
        for (const Event& event : batch.events) {
            ASSERT_TRUE(event.object == 0 || delivered[event.object]);
        }
        ASSERT_EQ(batch.lost.malformed, 0U);
    }
    adder.join();
    EXPECT_EQ(std::count(delivered.begin(), delivered.end(), true), 1999);
}

TEST(EventChannel, GivesAForkedChildARingOfItsOwn)
{
    const Channel channel = make({.rings = 4, .ringCapacity = 64, .objects = 1});
    EventWriter& writer = EventWriter::attachThread(channel, "parent");
    writer.record(EventKind::Mark, 0, 1);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const bool unattached = !EventWriter::current().attached();
        EventWriter::current().record(EventKind::Mark, 0, 999); // has no ring: counted, and not in the parent's
        EventWriter& own = EventWriter::attachThread(channel, "child");
        own.record(EventKind::Mark, 0, 2);
        _exit(unattached ? 0 : 1); // leaves the ring open, as a killed process does
    }
    EXPECT_EQ(waitFor(child), 0);
    writer.record(EventKind::Mark, 0, 3);
    ChannelReader reader{channel};
    const Batch batch = drainOf(reader);
    EventWriter::detachThread();

    ASSERT_EQ(batch.events.size(), 3U);
    EXPECT_EQ(valuesOf(batch.events), (std::vector<std::uint64_t>{1, 3, 2}));
    EXPECT_EQ(batch.events[1].pid, getpid());
    EXPECT_EQ(batch.events[2].pid, child);
    EXPECT_EQ(batch.events[2].tid, child);
    EXPECT_EQ(batch.lost.channel, 1U);
    ASSERT_EQ(batch.names.size(), 2U);
    EXPECT_EQ(batch.names[1].name, "child");
}

TEST(EventChannel, IsWrittenByAProgramThatWasExecuted)
{
    const Channel channel = make({.rings = 4, .ringCapacity = 64, .objects = 4});
    const std::string path = "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(channel.fd());
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        setenv(channel::kEnvironmentPath, path.c_str(), 1);
        setenv(kChildRole, "1", 1);
        execl("/proc/self/exe", "child", nullptr);
        _exit(127);
    }
    EXPECT_EQ(waitFor(child), 0);
    ChannelReader reader{channel};
    const Batch batch = drainOf(reader);
    EXPECT_EQ(valuesOf(batch.events), countingFrom(0, kChildEvents));
    ASSERT_EQ(batch.names.size(), 1U);
    EXPECT_EQ(batch.names[0].name, "after exec");
    EXPECT_EQ(batch.names[0].pid, child);
    ASSERT_EQ(batch.objects.size(), 1U);
    EXPECT_EQ(batch.objects[0].pid, child);
    EXPECT_EQ(batch.lost.total(), 0U);
}

TEST(EventChannel, KeepsWhatAKilledProcessHadPublished)
{
    const Channel channel = make({.rings = 4, .ringCapacity = 1 << 14, .objects = 1});
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        EventWriter& writer = EventWriter::attachThread(channel, "doomed");
        for (std::uint64_t i = 0;; ++i) {
            writer.record(EventKind::Mark, 0, i);
        }
    }
    const test::RingView ring{channel, 0};
    while (ring.header().head.load() < 1000) {
        std::this_thread::yield();
    }
    kill(child, SIGKILL);
    EXPECT_EQ(WTERMSIG(waitFor(child)), SIGKILL);
    ChannelReader reader{channel};
    const Batch batch = drainOf(reader);
    EXPECT_GE(batch.events.size(), 1000U);
    EXPECT_EQ(valuesOf(batch.events), countingFrom(0, batch.events.size()));
    EXPECT_EQ(batch.lost.malformed, 0U);
}

} // namespace
} // namespace timeslice::event_channel_test
