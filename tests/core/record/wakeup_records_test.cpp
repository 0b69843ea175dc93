// Wake-ups out of the samples of two tracepoints, from bytes put together here.
#include "core/record/wakeup_records.h"

#include <array>
#include <cstring>
#include <gtest/gtest.h>
#include <linux/perf_event.h>
#include <random>
#include <vector>

namespace timeslice::wakeup_records_test {
namespace {

constexpr std::uint16_t kWaking = 40;
constexpr std::uint16_t kWakeup = 41;
constexpr WakeupLayout kLayout{kWaking, kWakeup, 0, 2, 24};
constexpr std::uint8_t kFromTimer = 0x08;
constexpr Tid kMain = 100;
constexpr Tid kA = 101;
constexpr Tid kB = 102;
constexpr Tid kStranger = 7;

/// One ring's records.
class Samples {
public:
    Samples& add(std::uint16_t type, Nanos time, Tid current, Tid woken, std::uint8_t flags = 0, std::uint32_t cpu = 1)
    {
        std::array<std::byte, 36> raw{};
        std::memcpy(raw.data(), &type, sizeof type);
        std::memcpy(raw.data() + 2, &flags, sizeof flags);
        std::memcpy(raw.data() + 24, &woken, sizeof woken);
        constexpr std::uint16_t kSize = sizeof(perf_event_header) + 24 + 4 + raw.size();
        put(perf_event_header{PERF_RECORD_SAMPLE, 0, kSize});
        put(std::int32_t{current}); // pid, tid, time, cpu, reserved
        put(std::int32_t{current});
        put(time);
        put(cpu);
        put(std::uint32_t{0});
        put(static_cast<std::uint32_t>(raw.size()));
        put(raw);
        return *this;
    }
    Samples& addLost(std::uint64_t count)
    {
        put(perf_event_header{PERF_RECORD_LOST, 0, sizeof(perf_event_header) + 16 + 24});
        put(std::uint64_t{1});
        put(count);
        put(std::array<std::byte, 24>{});
        return *this;
    }
    template <class T> void put(const T& value)
    {
        const auto* bytes = reinterpret_cast<const std::byte*>(&value);
        m_bytes.insert(m_bytes.end(), bytes, bytes + sizeof value);
    }
    const std::vector<std::byte>& bytes() const { return m_bytes; }

private:
    std::vector<std::byte> m_bytes;
};

Event own(Tid tid, EventKind kind = EventKind::SwitchIn)
{
    return {1, tid, kMain, kind, 0, 0, 0};
}

class Wakes : public testing::Test {
protected:
    Wakes()
        : records(kLayout)
    {
        records.learnOwn(std::vector{own(kMain), own(kA, EventKind::ThreadBorn), own(kB)});
    }
    std::vector<Event> conclude(const std::vector<Samples>& rings, bool last = false)
    {
        Batch batch;
        for (const Samples& ring : rings) {
            foreign += records.parse(ring.bytes());
        }
        records.conclude(batch, last);
        lost = batch.lost;
        return batch.events;
    }

    WakeupRecords records;
    std::size_t foreign = 0;
    LossCounts lost;
};

WokenBy wokenBy(const Event& event)
{
    return WokenBy::fromBits(event.value);
}

TEST_F(Wakes, TellWhoFromTheOneTracepointAndWhenFromTheOther)
{
    // On another core, which runs a stranger meanwhile; and its ring is read first.
    Samples there;
    there.add(kWakeup, 30, kStranger, kB, kFromTimer, 0);
    Samples here;
    here.add(kWaking, 20, kA, kB);
    const std::vector<Event> events = conclude({there, here});
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].kind, EventKind::Wakeup);
    EXPECT_EQ(events[0].time, 30);
    EXPECT_EQ(events[0].tid, kB);
    EXPECT_EQ(events[0].pid, kMain);
    EXPECT_EQ(events[0].cpu, 0);
    EXPECT_EQ(wokenBy(events[0]).kind, WokenBy::Kind::Thread);
    EXPECT_EQ(wokenBy(events[0]).tid, kA);
}

TEST_F(Wakes, ByATimerAreNotTheDoingOfWhoeverItInterrupted)
{
    Samples ring;
    ring.add(kWaking, 20, kA, kB, kFromTimer).add(kWakeup, 21, kA, kB, kFromTimer);
    ring.add(kWaking, 40, 0, kA).add(kWakeup, 41, 0, kA); // while the core was idle
    const std::vector<Event> events = conclude({ring});
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(wokenBy(events[0]).kind, WokenBy::Kind::Interrupt);
    EXPECT_EQ(wokenBy(events[1]).kind, WokenBy::Kind::Interrupt);
}

TEST_F(Wakes, OfOtherProgramsAreCountedAndLeftOut)
{
    Samples ring;
    ring.add(kWaking, 20, kA, kStranger).add(kWakeup, 21, kA, kStranger);
    ring.add(kWaking, 30, kStranger, kA).add(kWakeup, 31, kStranger, kA);
    const std::vector<Event> events = conclude({ring});
    EXPECT_EQ(foreign, 2U);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].tid, kA);
    EXPECT_EQ(wokenBy(events[0]).tid, kStranger) << "but who woke one of ours is told";
}

TEST_F(Wakes, WaitForAWakerWhoseRingWasReadBefore)
{
    Samples late;
    late.add(kWakeup, 30, 0, kB);
    EXPECT_TRUE(conclude({late}).empty());
    Samples early;
    early.add(kWaking, 20, kA, kB);
    const std::vector<Event> events = conclude({early});
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].time, 30);
    EXPECT_EQ(wokenBy(events[0]).tid, kA);
}

TEST_F(Wakes, WhoseWakerWasLostAreToldWithoutOne)
{
    Samples ring;
    ring.add(kWaking, 10, kA, kB).add(kWakeup, 11, kA, kB).addLost(5).add(kWakeup, 30, 0, kB);
    EXPECT_EQ(conclude({ring}).size(), 1U);
    const std::vector<Event> events = conclude({});
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].time, 30);
    EXPECT_EQ(wokenBy(events[0]).kind, WokenBy::Kind::Unknown) << "not the one of the time before";
    EXPECT_EQ(lost.wakeups, 5U);
    EXPECT_EQ(lost.total(), 0U);
}

TEST_F(Wakes, NeverWaitForAnotherTimeWhenThisIsTheLast)
{
    Samples ring;
    ring.add(kWakeup, 30, 0, kB);
    EXPECT_EQ(conclude({ring}, true).size(), 1U);
}

TEST_F(Wakes, OfAThreadThatEndsAreToldUntilThen)
{
    records.learnOwn(std::vector{own(kB, EventKind::ThreadExit)});
    Samples ring;
    ring.add(kWaking, 20, kA, kB).add(kWakeup, 21, kA, kB); // read with its end
    EXPECT_EQ(conclude({ring}).size(), 1U);
    EXPECT_TRUE(conclude({ring}).empty()) << "now the number may be anybody's";
}

TEST_F(Wakes, SurviveRandomBytes)
{
    std::mt19937 random{3};
    for (int round = 0; round < 20'000; ++round) {
        std::vector<std::byte> bytes(random() % 120);
        for (std::byte& b : bytes) {
            b = static_cast<std::byte>(random() % 4 == 0 ? random() : 40 + random() % 2);
        }
        if (bytes.size() >= sizeof(perf_event_header)) {
            const perf_event_header header{static_cast<std::uint32_t>(PERF_RECORD_LOST + random() % 9), 0,
                static_cast<std::uint16_t>(bytes.size() - random() % 2)};
            std::memcpy(bytes.data(), &header, sizeof header);
        }
        records.parse(bytes);
        Batch batch;
        records.conclude(batch, round % 2 == 0);
        for (const Event& event : batch.events) {
            ASSERT_TRUE(event.tid == kMain || event.tid == kA || event.tid == kB);
        }
    }
}

TEST(WakeupLayout, OfAKernelThatDescribesThemOtherwiseIsRefused)
{
    Tracepoint waking{40, {{"common_type", 0, 2}, {"common_flags", 2, 1}, {"pid", 24, 4}}};
    Tracepoint wakeup{41, {{"common_type", 0, 2}, {"pid", 24, 4}}};
    const Result<WakeupLayout> layout = WakeupLayout::of(waking, wakeup);
    ASSERT_TRUE(layout.has_value());
    EXPECT_EQ(layout->waking, 40);
    EXPECT_EQ(layout->wakeup, 41);
    EXPECT_EQ(layout->pid, 24U);
    wakeup.fields.back().offset = 28;
    EXPECT_FALSE(WakeupLayout::of(waking, wakeup).has_value());
    wakeup.fields.back().offset = 24;
    waking.id = 70'000;
    EXPECT_FALSE(WakeupLayout::of(waking, wakeup).has_value());
}

} // namespace
} // namespace timeslice::wakeup_records_test
