// Who else had the cores, from system-wide perf records that are put together here.
#include "core/record/system_records.h"

#include <cstring>
#include <gtest/gtest.h>
#include <linux/perf_event.h>
#include <string>
#include <tuple>
#include <vector>

namespace timeslice::system_records_test {
namespace {

constexpr Pid kRoot = 100;
constexpr Pid kHog = 500;
constexpr Pid kUs = 900;

enum class Leaves { Blocked, Preempted };

class Ring {
public:
    template <class... Fields> Ring& add(std::uint32_t type, int misc, Nanos time, Pid pid, Tid tid, Fields... fields)
    {
        const std::size_t size = sizeof(perf_event_header) + (sizeof(Fields) + ... + 0) + 24;
        put(perf_event_header{type, static_cast<std::uint16_t>(misc), static_cast<std::uint16_t>(size)});
        (put(fields), ...);
        put(pid);
        put(tid);
        put(time);
        put(std::uint64_t{0});
        return *this;
    }
    /// Both records of one switch, as the kernel writes them.
    Ring& change(Nanos time, Pid from, Pid to, Leaves how = Leaves::Blocked)
    {
        const int preempted = how == Leaves::Preempted ? PERF_RECORD_MISC_SWITCH_OUT_PREEMPT : 0;
        add(PERF_RECORD_SWITCH_CPU_WIDE, PERF_RECORD_MISC_SWITCH_OUT | preempted, time, from, from, to, to);
        return add(PERF_RECORD_SWITCH_CPU_WIDE, 0, time + 1, to, to, from, from);
    }
    Ring& named(Nanos time, Pid pid, const char* name)
    {
        std::uint64_t words[2] = {};
        std::memcpy(words, name, std::min<std::size_t>(std::strlen(name), 15));
        return add(PERF_RECORD_COMM, PERF_RECORD_MISC_COMM_EXEC, time, pid, pid, pid, pid, words[0], words[1]);
    }
    Ring& forked(Nanos time, Pid parent, Pid child)
    {
        return add(PERF_RECORD_FORK, 0, time, parent, parent, child, parent, child, parent, time);
    }
    Ring& lost(Nanos time, std::uint64_t count)
    {
        return add(PERF_RECORD_LOST, 0, time, 0, 0, std::uint64_t{0}, count);
    }
    SystemRecords::Ring all(bool crowded = false) const { return {m_bytes, crowded}; }

private:
    template <class T> void put(const T& value)
    {
        const auto* bytes = reinterpret_cast<const std::byte*>(&value);
        m_bytes.insert(m_bytes.end(), bytes, bytes + sizeof value);
    }
    std::vector<std::byte> m_bytes;
};

std::optional<OtherProgram> lookUp(Pid pid)
{
    if (pid == kHog) {
        return OtherProgram{pid, "hog", OtherProgram::Kind::Program};
    }
    return std::nullopt;
}

struct Told {
    explicit Told(bool allVisible = true)
        : records({3}, {kRoot, {kUs}, 10, allVisible}, lookUp)
    {
    }
    /// "begin-end name" of each interval.
    std::vector<std::string> operator()(const Ring& ring, Nanos now, bool crowded = false)
    {
        Batch batch;
        records.translate({ring.all(crowded)}, now, batch);
        programs.insert(programs.end(), batch.programs.begin(), batch.programs.end());
        lost = batch.lost.others;
        std::vector<std::string> lines;
        for (const OthersRun& run : batch.others) {
            EXPECT_EQ(run.cpu, 3);
            lines.push_back(std::to_string(run.begin) + "-" + std::to_string(run.end) + " "
                + (run.program == OthersRun::kNobody ? "-" : programs.at(run.program).name));
        }
        return lines;
    }
    SystemRecords records;
    std::vector<OtherProgram> programs;
    std::uint64_t lost = 0;
};

using Lines = std::vector<std::string>;

TEST(SystemRecords, TellWhoElseHadACore)
{
    Told told;
    const Ring ring = Ring().change(20, kRoot, kHog, Leaves::Preempted).change(60, kHog, kRoot, Leaves::Preempted);
    EXPECT_EQ(told(ring, 80), (Lines{"10-20 -", "20-60 hog", "60-80 -"}));
    ASSERT_EQ(told.programs.size(), 1U);
    EXPECT_EQ(told.programs[0].pid, kHog);
    EXPECT_EQ(told.programs[0].kind, OtherProgram::Kind::Program);
}

TEST(SystemRecords, GoOnFromDrainToDrain)
{
    Told told;
    EXPECT_EQ(told(Ring(), 15), Lines{}) << "nobody knows yet who is there";
    EXPECT_EQ(told(Ring().change(20, kHog, 0), 30), (Lines{"10-20 hog", "20-30 -"})) << "it was there all the time";
    EXPECT_EQ(told(Ring().change(35, 0, kHog, Leaves::Preempted), 40), (Lines{"30-35 -", "35-40 hog"}));
    EXPECT_EQ(told(Ring(), 50), Lines{"40-50 hog"}) << "it goes on";
    EXPECT_EQ(told(Ring().change(49, kHog, 0), 60), Lines{"50-60 -"}) << "a record from before the last look";
    EXPECT_EQ(told.programs.size(), 1U);
}

TEST(SystemRecords, KnowTheRunsThreadsAndThisProgram)
{
    Told told;
    const Event born{5, 101, kRoot, EventKind::ThreadBorn, 0, 0, 0};
    told.records.learnOwn(std::span(&born, 1));
    Ring ring;
    ring.change(20, kUs, 101).change(30, 101, kHog).change(40, kHog, 101).change(50, 101, kUs);
    EXPECT_EQ(told(ring, 60), (Lines{"10-20 Timeslice", "20-30 -", "30-40 hog", "40-50 -", "50-60 Timeslice"}));
    EXPECT_EQ(told.programs[0].kind, OtherProgram::Kind::Timeslice);
    // Its number may be given to another after it has ended.
    const Event gone{60, 101, kRoot, EventKind::ThreadExit, 0, 0, 0};
    told.records.learnOwn(std::span(&gone, 1));
    const Nanos later = 10 * kSecond;
    EXPECT_EQ(told(Ring().named(later - 5, 101, "late").change(later, kUs, 101), later + 10).back(),
        std::to_string(later) + "-" + std::to_string(later + 10) + " late");
}

TEST(SystemRecords, KnowAThreadByItsProcessThatTheRunsOwnRecordsHaveNotSeen)
{
    Told told;
    Ring ring;
    ring.change(20, kRoot, kHog, Leaves::Preempted);
    ring.add(PERF_RECORD_SWITCH_CPU_WIDE, PERF_RECORD_MISC_SWITCH_OUT, 30, kHog, kHog, kRoot, kRoot + 1);
    ring.add(PERF_RECORD_SWITCH_CPU_WIDE, 0, 31, kRoot, kRoot + 1, kHog, kHog);
    EXPECT_EQ(told(ring, 80), (Lines{"10-20 -", "20-30 hog", "30-80 -"}));
}

TEST(SystemRecords, NameWhatIsBornAndBeginsAnotherProgram)
{
    Told told;
    Ring ring;
    ring.change(20, 0, kHog, Leaves::Preempted).forked(25, kHog, 600).change(30, kHog, 600);
    ring.named(40, 600, "cc1plus").change(45, 600, 0).change(50, 0, 600, Leaves::Preempted).change(60, 600, 0);
    // 600 is called as its parent was when it comes first; what it is called later holds from the next turn on.
    EXPECT_EQ(told(ring, 70), (Lines{"10-20 -", "20-30 hog", "30-45 hog", "45-50 -", "50-60 cc1plus", "60-70 -"}));
    EXPECT_EQ(told.programs.size(), 3U) << "two processes, one of them of two names";
}

TEST(SystemRecords, SayNothingWhereRecordsWereLost)
{
    Told told;
    Ring ring;
    ring.change(20, 0, kHog, Leaves::Preempted).lost(30, 7).change(40, kRoot, 0).change(50, 0, kHog);
    EXPECT_EQ(told(ring, 60), (Lines{"10-20 -", "40-50 -", "50-60 hog"}));
    EXPECT_EQ(told.lost, 7U);
    EXPECT_EQ(told(Ring().change(70, kHog, 0), 90, true), (Lines{"60-70 hog", "70-71 -"}))
        << "a full ring: what came after it nobody has told yet";
    EXPECT_EQ(told(Ring().lost(95, 1).change(96, 0, kHog), 100), (Lines{"96-100 hog"}));
}

TEST(SystemRecords, WhereProcessesMayBeOutOfSightOnlyOneThatWaitsIsKnownToHaveRun)
{
    Told told(false);
    Ring ring;
    ring.change(20, kRoot, 0).change(30, 0, kRoot, Leaves::Preempted); // idle, or somebody
    ring.change(40, kRoot, 0).change(50, 0, kRoot, Leaves::Blocked); // the idle thread never waits
    EXPECT_EQ(told(ring, 60), (Lines{"10-20 -", "30-40 -", "40-50 ", "50-60 -"}));
    ASSERT_EQ(told.programs.size(), 1U);
    EXPECT_EQ(told.programs[0].pid, 0);
}

TEST(SystemRecords, TakeNoHarmFromBrokenRecords)
{
    Told told;
    Ring ring;
    ring.add(PERF_RECORD_SWITCH_CPU_WIDE, 0, 20, kHog, kHog); // without its body
    ring.add(PERF_RECORD_COMM, 0, 20, kHog, kHog);
    ring.add(PERF_RECORD_LOST, 0, 20, kHog, kHog);
    ring.change(-5, 0, kHog);
    EXPECT_EQ(told(ring, 30), Lines{});
    const Ring whole = Ring().change(40, kHog, 0);
    Batch batch;
    SystemRecords::Ring cut = whole.all();
    for (std::size_t size = 0; size <= cut.bytes.size(); ++size) {
        told.records.translate({{cut.bytes.first(size), false}}, 50, batch);
    }
}

} // namespace
} // namespace timeslice::system_records_test
