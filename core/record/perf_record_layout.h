// The parts of perf's records: linux/perf_event.h, enum perf_event_type. The event must have been opened with
// sample_id_all and PERF_SAMPLE_TID | TIME | CPU, so that every record ends in the same 24 bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <linux/perf_event.h>
#include <optional>
#include <span>

namespace timeslice::perf {

// struct sample_id for PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU.
struct SampleId {
    std::int32_t pid;
    std::int32_t tid;
    std::int64_t time;
    std::uint32_t cpu;
    std::uint32_t reserved;
};
static_assert(sizeof(SampleId) == 24);

struct TaskBody { // PERF_RECORD_FORK, PERF_RECORD_EXIT
    std::int32_t pid;
    std::int32_t parentPid;
    std::int32_t tid;
    std::int32_t parentTid;
    std::int64_t time;
};
struct CommBody { // PERF_RECORD_COMM; the name follows
    std::int32_t pid;
    std::int32_t tid;
};
struct LostBody { // PERF_RECORD_LOST
    std::uint64_t id;
    std::uint64_t lost;
};
struct LostSamplesBody { // PERF_RECORD_LOST_SAMPLES
    std::uint64_t lost;
};
struct CpuWideBody { // PERF_RECORD_SWITCH_CPU_WIDE: who comes next, or who was there before
    std::int32_t pid;
    std::int32_t tid;
};

template <class T> std::optional<T> readAt(std::span<const std::byte> bytes, std::size_t offset)
{
    if (bytes.size() < offset || bytes.size() - offset < sizeof(T)) {
        return std::nullopt;
    }
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

/// The body of a record: what lies between its header and its sample_id.
inline std::span<const std::byte> bodyOf(std::span<const std::byte> record)
{
    constexpr std::size_t around = sizeof(perf_event_header) + sizeof(SampleId);
    return record.size() < around ? std::span<const std::byte>{}
                                  : record.subspan(sizeof(perf_event_header), record.size() - around);
}

} // namespace timeslice::perf
