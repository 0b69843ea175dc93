// Whatever stands in the shared memory, the reader stays within it and lets nothing implausible through.
#include "core/record/channel.h"
#include "core/record/channel_reader.h"
#include "core/record/event_writer.h"
#include "tests/core/record/ring_view.h"

#include <atomic>
#include <cstring>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace timeslice::hostile_channel_test {
namespace {

Channel make(ChannelGeometry geometry = {.rings = 4, .ringCapacity = 16, .objects = 8})
{
    Result<Channel> channel = Channel::create(geometry);
    EXPECT_TRUE(channel) << channel.error().message;
    return std::move(*channel);
}

bool isText(const std::string& name)
{
    for (const char c : name) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
            return false;
        }
    }
    return true;
}

// What every consumer may rely on.
void expectPlausible(const Batch& batch, const ChannelGeometry& geometry)
{
    for (const Event& event : batch.events) {
        ASSERT_GT(event.tid, 0);
        ASSERT_GT(event.pid, 0);
        ASSERT_GE(event.time, 0);
        ASSERT_LE(event.time, monotonicNow());
        ASSERT_NE(event.kind, EventKind::None);
        ASSERT_LT(event.object, geometry.objects);
    }
    for (const ObjectBirth& object : batch.objects) {
        ASSERT_GT(object.id, 0U);
        ASSERT_LT(object.id, geometry.objects);
        ASSERT_GE(static_cast<int>(object.kind), 1);
        ASSERT_LE(static_cast<int>(object.kind), 7);
        ASSERT_TRUE(isText(object.name));
    }
    for (const ThreadNaming& naming : batch.names) {
        ASSERT_GT(naming.tid, 0);
        ASSERT_TRUE(isText(naming.name));
    }
}

TEST(HostileChannel, RandomBytesEverywhereAreReadWithoutHarm)
{
    std::mt19937_64 random{20240607};
    for (int round = 0; round < 300; ++round) {
        const Channel channel = make();
        ChannelReader reader{channel};
        const test::ChannelView all{channel, 0, channel.layout().totalBytes()};
        const std::size_t bytes = all.size();
        auto* memory = reinterpret_cast<unsigned char*>(all.bytes());
        for (int pass = 0; pass < 4; ++pass) {
            // Mostly small numbers: they get past more checks than evenly random bytes do.
            for (std::size_t i = 0; i < bytes; ++i) {
                const std::uint64_t r = random();
                memory[i] = static_cast<unsigned char>((r & 7U) < 6 ? 0 : (r & 8U) != 0 ? r >> 32 & 3U : r >> 40);
            }
            if (round % 2 == 0) { // as if threads had claimed them: what rings hold is looked at only then
                channel.header().claimed.store(4);
                for (std::uint32_t ring = 0; ring < 4; ++ring) {
                    test::RingView(channel, ring).header().claim.store(ring + 1);
                }
            }
            Batch batch;
            reader.drain(batch);
            expectPlausible(batch, channel.geometry());
            if (HasFatalFailure()) {
                return;
            }
        }
    }
}

TEST(HostileChannel, BytesThatChangeWhileTheyAreReadDoNoHarm)
{
#ifdef __SANITIZE_THREAD__
    GTEST_SKIP() << "scribbles over the memory on purpose: a race by design";
#endif
    const Channel channel = make();
    ChannelReader reader{channel};
    for (int i = 0; i < 4; ++i) {
        EventWriter{channel}.record(EventKind::Mark);
    }
    std::atomic<bool> done{false};
    std::thread scribbler{[&] {
        std::mt19937_64 random{7};
        const test::ChannelView all{channel, 0, channel.layout().totalBytes()};
        auto* words = reinterpret_cast<volatile std::uint32_t*>(all.bytes());
        const std::size_t count = all.size() / sizeof(std::uint32_t);
        while (!done) {
            const std::uint64_t r = random();
            words[16 + r % (count - 16)] = static_cast<std::uint32_t>((r >> 60 & 1U) != 0 ? r >> 20 & 3U : r >> 30);
        }
    }};
    for (int round = 0; round < 20'000; ++round) {
        Batch batch;
        reader.drain(batch);
        expectPlausible(batch, channel.geometry());
        if (HasFatalFailure()) {
            break;
        }
    }
    done = true;
    scribbler.join();
}

TEST(HostileChannel, AHeadBeyondTheRingIsCountedAndTheRingGoesOn)
{
    const Channel channel = make();
    ChannelReader reader{channel};
    EventWriter writer{channel};
    writer.record(EventKind::Mark, 0, 1);
    test::RingView(channel, 0).header().head.store(1000);
    Batch ahead;
    reader.drain(ahead);
    EXPECT_TRUE(ahead.events.empty());
    EXPECT_EQ(ahead.lost.malformed, 1U);
    // The writer, unaware, puts its own head back: that is a step backwards.
    writer.record(EventKind::Mark, 0, 2);
    Batch back;
    reader.drain(back);
    EXPECT_TRUE(back.events.empty());
    EXPECT_EQ(back.lost.malformed, 2U);
    writer.record(EventKind::Mark, 0, 3);
    Batch again;
    reader.drain(again);
    ASSERT_EQ(again.events.size(), 1U);
    EXPECT_EQ(again.events[0].value, 3U);
    EXPECT_EQ(again.lost.malformed, 2U);
}

TEST(HostileChannel, LiesAboutTheGeometryAfterOpeningAreIgnored)
{
    const Channel channel = make();
    ChannelReader reader{channel};
    EventWriter writer{channel};
    Batch batch;
    reader.drain(batch);
    writer.record(EventKind::Mark, 0, 1);
    channel::Header& header = channel.header();
    header.fixed.ringCount = 0xFFFFFFFF;
    header.fixed.ringCapacity = 0x80000000;
    header.fixed.objectCount = 0xFFFFFFFF;
    header.fixed.ringBytes = ~std::uint64_t{0};
    header.fixed.ringsOffset = 1;
    header.fixed.objectsOffset = std::uint64_t{1} << 60;
    header.claimed.store(0xFFFFFFFF);
    header.nextObject.store(0xFFFFFFFF);
    reader.drain(batch);
    ASSERT_EQ(batch.events.size(), 1U);
    EXPECT_EQ(batch.events[0].value, 1U);
    EventWriter another{channel};
    EXPECT_FALSE(another.attached());
    EXPECT_EQ(channel.addObject(ObjectKind::Mutex, "m", 0), 0U);
}

TEST(HostileChannel, EventsCannotBeAttributedToAnotherThread)
{
    const Channel channel = make();
    ChannelReader reader{channel};
    EventWriter writer{channel};
    writer.record(EventKind::Mark, 0, 1);
    const test::RingView ring{channel, 0};
    ring.events()[0].tid = 1;
    ring.events()[0].pid = 1;
    Batch batch;
    reader.drain(batch);
    ring.header().tid = 1; // too late: the ring was seen before
    ring.header().pid = 1;
    writer.record(EventKind::Mark, 0, 2);
    reader.drain(batch);
    ASSERT_EQ(batch.events.size(), 2U);
    for (const Event& event : batch.events) {
        EXPECT_EQ(event.tid, gettid());
        EXPECT_EQ(event.pid, getpid());
    }
}

TEST(HostileChannel, ImplausibleEventsAreDroppedAndCountedOneByOne)
{
    const Channel channel = make();
    const ObjectId lock = channel.addObject(ObjectKind::Mutex, "m", 0);
    ChannelReader reader{channel};
    EventWriter writer{channel};
    const Nanos now = monotonicNow();
    writer.record(static_cast<EventKind>(0));
    writer.record(EventKind::ProcessExec, 0, static_cast<std::uint64_t>(ExecNews::Certain)); // the kernel's to say
    writer.record(static_cast<EventKind>(9999));
    writer.record(EventKind::LockRelease, lock, 4);
    writer.record(EventKind::SwitchOut, 0, 2);
    writer.record(EventKind::WaitBegin, 0, static_cast<std::uint64_t>(kLastWaitKind) + 1);
    writer.record(EventKind::WaitUntil, 0, static_cast<std::uint64_t>(kLatestTime) + 1);
    writer.record(EventKind::StartDelay, 0, static_cast<std::uint64_t>(kLatestTime) + 1);
    writer.record(EventKind::LockAcquire, lock + 1);
    writer.record(EventKind::LockAcquire, 0xFFFFFFFF);
    writer.recordAt(-1, EventKind::Mark);
    writer.recordAt(now + 1000 * kSecond, EventKind::Mark);
    writer.recordAt(INT64_MAX, EventKind::Mark);
    writer.record(EventKind::Latency, 0, ~std::uint64_t{0});
    writer.record(EventKind::LockAcquire, lock);
    Batch batch;
    reader.drain(batch);
    ASSERT_EQ(batch.events.size(), 1U);
    EXPECT_EQ(batch.events[0].kind, EventKind::LockAcquire);
    EXPECT_EQ(batch.lost.malformed, 14U);
}

TEST(HostileChannel, ObjectsOfUnknownKindAreDropped)
{
    const Channel channel = make();
    ChannelReader reader{channel};
    channel.addObject(static_cast<ObjectKind>(0), "none", 0);
    channel.addObject(static_cast<ObjectKind>(200), "unknown", 0);
    channel.addObject(ObjectKind::Mutex, "negative", -3);
    channel.addObject(ObjectKind::Mutex, "good", 0);
    Batch batch;
    reader.drain(batch);
    ASSERT_EQ(batch.objects.size(), 1U);
    EXPECT_EQ(batch.objects[0].name, "good");
    EXPECT_EQ(batch.lost.malformed, 3U);
}

TEST(HostileChannel, ACountOfClaimsThatCannotBeIsCountedOnceAndTheRingsInUseGoOn)
{
    const Channel channel = make();
    ChannelReader reader{channel};
    EventWriter writer{channel};
    Batch batch;
    reader.drain(batch);
    for (const std::uint64_t nonsense : {std::uint64_t{0}, std::uint64_t{5}, ~std::uint64_t{0}}) {
        channel.header().claimed.store(nonsense);
        writer.record(EventKind::Mark, 0, nonsense);
        Batch more;
        reader.drain(more);
        ASSERT_EQ(more.events.size(), 1U);
        EXPECT_EQ(more.events[0].value, nonsense);
        EXPECT_EQ(more.lost.malformed, 1U);
    }
}

TEST(HostileChannel, AWriterWhoseRingWentToAnotherThreadWritesNoMoreThere)
{
    const Channel channel = make();
    ChannelReader reader{channel};
    EventWriter writer{channel};
    writer.record(EventKind::Mark, 0, 1);
    const test::RingView ring{channel, 0};
    ring.header().claim.store(99); // as after its thread was taken for dead
    for (std::uint64_t i = 0; i < 100; ++i) {
        writer.record(EventKind::Mark, 0, i);
    }
    EXPECT_FALSE(writer.attached());
    EXPECT_LE(ring.header().head.load(), 16U);
    EXPECT_EQ(channel.header().droppedWithoutRing.load() + ring.header().head.load(), 101U);
}

TEST(HostileChannel, SchedulingIsToldByWorkloadsThatStampThemselvesOnlyAndOfCoresThatThereAre)
{
    const auto passed = [](SchedulingSource source) {
        const Channel channel = make();
        ChannelReader reader{channel, source};
        EventWriter writer{channel};
        const auto cores = static_cast<CpuId>(sysconf(_SC_NPROCESSORS_CONF));
        writer.record(EventKind::ThreadBorn);
        writer.record(EventKind::SwitchIn, 0, 0, 0);
        writer.record(EventKind::SwitchOut, 0, 0, static_cast<CpuId>(cores - 1));
        writer.record(EventKind::Wakeup);
        writer.record(EventKind::ThreadExit);
        writer.record(EventKind::SwitchIn, 0, 0, cores);
        writer.record(EventKind::SwitchOut, 0, 0, 32767);
        writer.record(EventKind::SwitchIn, 0, 0, -2);
        writer.record(EventKind::Mark, 0, 0, cores);
        writer.record(EventKind::Mark, 0, 0, kNoCpu);
        Batch batch;
        reader.drain(batch);
        EXPECT_EQ(batch.events.size() + batch.lost.malformed, 10U);
        return batch.events.size();
    };
    EXPECT_EQ(passed(SchedulingSource::Workload), 6U);
    EXPECT_EQ(passed(SchedulingSource::Kernel), 1U);
    EXPECT_EQ(passed(SchedulingSource::Samples), 1U);
}

TEST(HostileChannel, AnAnnouncedExecIsNoLossWhereverTheSchedulingIsKnownFrom)
{
    for (const SchedulingSource source :
        {SchedulingSource::Kernel, SchedulingSource::Samples, SchedulingSource::Workload}) {
        const Channel channel = make();
        ChannelReader reader{channel, source};
        EventWriter writer{channel};
        writer.record(EventKind::ProcessExec, 0, static_cast<std::uint64_t>(ExecNews::Announced));
        Batch batch;
        reader.drain(batch);
        EXPECT_EQ(batch.events.size(), 1U);
        EXPECT_EQ(batch.lost.total(), 0U);
    }
}

TEST(HostileChannel, RingsThatClaimNoThreadAreLeftAlone)
{
    const Channel channel = make();
    ChannelReader reader{channel};
    EventWriter writer{channel};
    writer.record(EventKind::Mark);
    test::RingView(channel, 0).header().tid = -5;
    for (int i = 0; i < 3; ++i) {
        Batch batch;
        reader.drain(batch);
        EXPECT_TRUE(batch.events.empty());
        EXPECT_EQ(batch.lost.malformed, 1U);
    }
}

TEST(HostileChannel, NamesBecomeValidText)
{
    const Channel channel = make();
    ChannelReader reader{channel};
    EventWriter writer{channel, "line\nbreak \x1b[31m \xff\xfe"};
    Batch batch;
    reader.drain(batch);
    ASSERT_EQ(batch.names.size(), 1U);
    EXPECT_EQ(batch.names[0].name, "line\uFFFDbreak \uFFFD[31m \uFFFD\uFFFD");
}

} // namespace
} // namespace timeslice::hostile_channel_test
