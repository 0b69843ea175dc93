// The translation of perf records, from bytes put together here: also those that a healthy kernel never sends.
#include "core/record/perf_records.h"

#include <cstring>
#include <gtest/gtest.h>
#include <linux/perf_event.h>
#include <random>
#include <string>
#include <vector>

namespace timeslice::perf_records_test {
namespace {

class Records {
public:
    template <class... Fields>
    Records& add(std::uint32_t type, std::uint16_t misc, Nanos time, Tid tid, Fields... fields)
    {
        const std::size_t size = sizeof(perf_event_header) + (sizeof(Fields) + ... + 0) + 2 * sizeof(std::int32_t) + 16;
        put(perf_event_header{type, misc, static_cast<std::uint16_t>(size)});
        (put(fields), ...);
        put(std::int32_t{100}); // sample_id: pid, tid, time, cpu, reserved
        put(std::int32_t{tid});
        put(time);
        put(std::uint32_t{1});
        put(std::uint32_t{0});
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

Records& addFork(Records& records, Nanos time, Pid pid, Pid parentPid, Tid tid, Tid parentTid)
{
    return records.add(PERF_RECORD_FORK, 0, time, parentTid, pid, parentPid, tid, parentTid, time);
}
Records& addName(Records& records, Nanos time, Tid tid, const char* name)
{
    char padded[16] = {};
    std::strncpy(padded, name, sizeof padded - 1);
    std::uint64_t words[2];
    std::memcpy(words, padded, sizeof words);
    return records.add(PERF_RECORD_COMM, 0, time, tid, Pid{100}, tid, words[0], words[1]);
}

Batch translate(PerfRecords& parser, const Records& records)
{
    Batch batch;
    parser.parse(records.bytes(), batch);
    parser.finish(batch);
    return batch;
}

TEST(PerfRecords, TellAnExecFromAChangeOfName)
{
    Records records;
    addName(records, 10, 100, "python3");
    std::uint64_t words[2] = {};
    std::memcpy(words, "sleep", 5);
    records.add(PERF_RECORD_COMM, PERF_RECORD_MISC_COMM_EXEC, 20, 100, Pid{100}, Tid{100}, words[0], words[1]);
    PerfRecords parser;
    const Batch batch = translate(parser, records);
    ASSERT_EQ(batch.names.size(), 2U);
    EXPECT_EQ(batch.names[1].name, "sleep");
    ASSERT_EQ(batch.events.size(), 1U);
    EXPECT_EQ(batch.events[0].kind, EventKind::ProcessExec);
    EXPECT_EQ(batch.events[0].time, 20);
    EXPECT_EQ(batch.events[0].tid, 100);
    EXPECT_EQ(batch.events[0].cpu, 1);
    EXPECT_EQ(batch.events[0].value, static_cast<std::uint64_t>(ExecNews::Certain));
}

TEST(PerfRecords, TranslatesSwitchesWithTheirReason)
{
    Records records;
    records.add(PERF_RECORD_SWITCH, 0, 10, 101)
        .add(PERF_RECORD_SWITCH, PERF_RECORD_MISC_SWITCH_OUT, 20, 101)
        .add(PERF_RECORD_SWITCH, PERF_RECORD_MISC_SWITCH_OUT | PERF_RECORD_MISC_SWITCH_OUT_PREEMPT, 30, 102);
    PerfRecords parser;
    const Batch batch = translate(parser, records);
    ASSERT_EQ(batch.events.size(), 3U);
    EXPECT_EQ(batch.events[0].kind, EventKind::SwitchIn);
    EXPECT_EQ(batch.events[0].time, 10);
    EXPECT_EQ(batch.events[0].tid, 101);
    EXPECT_EQ(batch.events[0].pid, 100);
    EXPECT_EQ(batch.events[0].cpu, 1);
    EXPECT_EQ(batch.events[1].kind, EventKind::SwitchOut);
    EXPECT_EQ(batch.events[1].value, static_cast<std::uint64_t>(SwitchOutReason::Blocked));
    EXPECT_EQ(batch.events[2].value, static_cast<std::uint64_t>(SwitchOutReason::Preempted));
    EXPECT_EQ(batch.lost.total(), 0U);
}

TEST(PerfRecords, AThreadInheritsItsCreatorsNameOfThatMoment)
{
    PerfRecords parser;
    parser.seed(100, "program");
    // The ring with the birth is read before the one with the name that the creator had by then.
    Records first;
    addFork(first, 50, 100, 100, 101, 100);
    Records second;
    addName(second, 40, 100, "renamed");
    addName(second, 60, 100, "later");
    Batch batch;
    parser.parse(first.bytes(), batch);
    parser.parse(second.bytes(), batch);
    parser.finish(batch);
    ASSERT_EQ(batch.names.size(), 4U);
    EXPECT_EQ(batch.names[0].name, "program");
    EXPECT_EQ(batch.names[1].name, "renamed");
    EXPECT_EQ(batch.names[2].tid, 101);
    EXPECT_EQ(batch.names[2].name, "renamed");
    EXPECT_EQ(batch.names[3].name, "later");
    ASSERT_EQ(batch.events.size(), 1U);
    EXPECT_EQ(batch.events[0].kind, EventKind::ThreadBorn);
    EXPECT_EQ(batch.events[0].tid, 101);
    EXPECT_EQ(batch.events[0].value, 100U);
}

TEST(PerfRecords, CountsLostRecordsSinceTheStart)
{
    PerfRecords parser;
    Records records;
    records.add(PERF_RECORD_LOST, 0, 10, 0, std::uint64_t{1}, std::uint64_t{500})
        .add(PERF_RECORD_LOST_SAMPLES, 0, 11, 0, std::uint64_t{3});
    EXPECT_EQ(translate(parser, records).lost.kernel, 503U);
    EXPECT_EQ(translate(parser, Records{}).lost.kernel, 503U);
    EXPECT_EQ(translate(parser, records).lost.kernel, 1006U);
}

TEST(PerfRecords, GoesOnBehindARecordThatMakesNoSense)
{
    Records records;
    records.add(PERF_RECORD_SWITCH, 0, 10, -1); // a thread that is already gone
    records.put(perf_event_header{PERF_RECORD_SWITCH, 0, sizeof(perf_event_header)}); // without its sample_id
    records.add(PERF_RECORD_FORK, 0, 20, 100); // without its body
    records.add(PERF_RECORD_THROTTLE, 0, 25, 100, std::uint64_t{0}, std::uint64_t{0}, std::uint64_t{0});
    records.add(PERF_RECORD_SWITCH, 0, 30, 101);
    PerfRecords parser;
    const Batch batch = translate(parser, records);
    ASSERT_EQ(batch.events.size(), 1U);
    EXPECT_EQ(batch.events[0].time, 30);
    EXPECT_EQ(batch.lost.malformed, 3U);
}

TEST(PerfRecords, StopsAtARecordWithoutASize)
{
    Records records;
    records.add(PERF_RECORD_SWITCH, 0, 30, 101);
    records.put(perf_event_header{PERF_RECORD_SWITCH, 0, 0});
    records.add(PERF_RECORD_SWITCH, 0, 40, 101);
    PerfRecords parser;
    const Batch batch = translate(parser, records);
    EXPECT_EQ(batch.events.size(), 1U);
    EXPECT_EQ(batch.lost.malformed, 1U);
}

TEST(PerfRecords, SurvivesRandomBytes)
{
    std::mt19937 random{11};
    PerfRecords parser;
    for (int round = 0; round < 20'000; ++round) {
        std::vector<std::byte> bytes(random() % 120);
        for (std::byte& b : bytes) {
            b = static_cast<std::byte>(random() % 4 == 0 ? random() : random() % 48);
        }
        if (bytes.size() >= sizeof(perf_event_header)) {
            const perf_event_header header{
                static_cast<std::uint32_t>(random() % 20), 0, static_cast<std::uint16_t>(bytes.size())};
            std::memcpy(bytes.data(), &header, sizeof header);
        }
        Batch batch;
        parser.parse(bytes, batch);
        parser.finish(batch);
        for (const Event& event : batch.events) {
            ASSERT_GT(event.tid, 0);
        }
    }
}

} // namespace
} // namespace timeslice::perf_records_test
