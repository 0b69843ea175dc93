#include "core/trace/timeline.h"

#include <algorithm>

namespace timeslice {

namespace {

template <class Map, class Key> std::optional<std::uint32_t> find(const Map& map, Key key)
{
    const auto found = map.find(key);
    return found == map.end() ? std::nullopt : std::optional<std::uint32_t>(found->second);
}

template <class Tracks, class Measure> std::size_t sumOver(const Tracks& tracks, Measure measure)
{
    std::size_t sum = 0;
    for (const auto& row : tracks) {
        sum += measure(row.track);
    }
    return sum;
}

} // namespace

TimeRange Timeline::workRange() const
{
    const Nanos first = workBegin.value_or(begin);
    const Nanos last = workEnd.value_or(end);
    return {first, last > first ? last : std::max(first, end)};
}

std::optional<std::uint32_t> Timeline::threadIndex(Tid tid) const
{
    return find(threadByTid, tid);
}

std::optional<std::uint32_t> Timeline::lockIndex(ObjectId id) const
{
    return find(lockById, id);
}

std::optional<std::uint32_t> Timeline::counterIndex(ObjectId id) const
{
    return find(counterById, id);
}

std::optional<std::uint32_t> Timeline::coreIndex(CpuId cpu) const
{
    const auto found = std::lower_bound(
        cores.begin(), cores.end(), cpu, [](const CoreInfo& core, CpuId wanted) { return core.cpu < wanted; });
    if (found == cores.end() || found->cpu != cpu) {
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(found - cores.begin());
}

std::size_t Timeline::sliceCount() const
{
    const auto slices = [](const Track& track) { return track.size(); };
    return sumOver(cores, slices) + sumOver(threads, slices) + sumOver(locks, slices);
}

std::size_t Timeline::memoryBytes() const
{
    const auto bytes = [](const Track& track) { return track.memoryBytes(); };
    std::size_t sum = sizeof(*this) + sumOver(cores, bytes) + sumOver(threads, bytes) + sumOver(locks, bytes);
    sum += marks.size() * sizeof(MarkPoint) + latencies.size() * sizeof(LatencySample);
    for (const CoreInfo& core : cores) {
        sum += core.usage.capacity() * sizeof(UsageSample) + core.others.memoryBytes();
    }
    for (const LockInfo& lock : locks) {
        sum += lock.moments.size() * sizeof(LockMoment);
    }
    for (const auto& [thread, alarms] : falseAlarms) {
        sum += alarms.size() * sizeof(FalseAlarm);
    }
    for (const CounterInfo& counter : counters) {
        sum += counter.accesses.size() * sizeof(CounterAccess);
    }
    return sum;
}

} // namespace timeslice
