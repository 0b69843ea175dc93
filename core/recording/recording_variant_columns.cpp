#include "core/recording/recording_variant.h"

#include "core/recording/recording_columns.h"
#include "core/trace/core_others.h"
#include "core/trace/waker.h"

#include <algorithm>
#include <cmath>

namespace timeslice::recording_format {

namespace {

template <class Row> Row* rowAt(std::vector<Row>& rows, std::uint32_t index)
{
    return index < rows.size() ? &rows[index] : nullptr;
}
template <class Row> Row* rowAt(std::deque<Row>& rows, std::uint32_t index)
{
    return index < rows.size() ? &rows[index] : nullptr;
}

/// Whether the times of a section may follow what a list has already.
template <class List> bool follows(const List& list, const std::vector<Nanos>& times)
{
    return list.empty() || times.empty() || list.back().time <= times.front();
}

const std::string kNoSuchRow = "there is no such row";
const std::string kNotWhole = "it is no whole number of entries";
const std::string kNoOrder = "its times are not in order";

} // namespace

std::string VariantReader::apply(const SectionReader::Read& section)
{
    Timeline& t = m_variant->timeline;
    const std::uint32_t row = section.header.row;
    const auto trackOfRow = [](auto* info) { return info == nullptr ? nullptr : &info->track; };
    switch (section.header.section) {
    case Section::CoreRows:
    case Section::ThreadRows:
    case Section::LockRows:
    case Section::CounterRows:
    case Section::MarkNames:
    case Section::ProgramRows:
        return applyRows(section);
    case Section::OthersTrack: {
        CoreInfo* core = rowAt(t.cores, row);
        return applyTrack(section, TrackKind::Others, core == nullptr ? nullptr : &core->others);
    }
    case Section::CoreTrack:
        return applyTrack(section, TrackKind::Core, trackOfRow(rowAt(t.cores, row)));
    case Section::ThreadTrack:
        return applyTrack(section, TrackKind::Thread, trackOfRow(rowAt(t.threads, row)));
    case Section::LockTrack:
        return applyTrack(section, TrackKind::Lock, trackOfRow(rowAt(t.locks, row)));
    case Section::Usage:
        return applyUsage(section);
    case Section::FalseAlarms:
        return applyFalseAlarms(section);
    case Section::Moments:
        return applyMoments(section);
    case Section::Accesses:
        return applyAccesses(section);
    case Section::Marks:
        return applyMarks(section);
    case Section::Latencies:
        return applyLatencies(section);
    case Section::Memory:
        return applyMemory(section);
    case Section::VariantEnd:
        return applyEnd();
    default:
        return "it does not belong here";
    }
}

bool VariantReader::isPossibleOther(SliceValue value) const
{
    return value.state() == SliceState::Absent ? value.category() == 0 || value.category() == kNotMeasured
                                               : value.state() == SliceState::Running
            && value.category() == kOtherPrograms && value.subject() < m_variant->timeline.programs.size();
}

bool VariantReader::isPossible(TrackKind kind, SliceValue value) const
{
    if (kind == TrackKind::Others) {
        return isPossibleOther(value);
    }
    const Timeline& t = m_variant->timeline;
    if (value.state() > SliceState::OffCore || value.cause() > Cause::Exec) {
        return false;
    }
    if (kind == TrackKind::Thread) {
        switch (value.state()) {
        case SliceState::Running:
            return value.subject() < t.cores.size();
        case SliceState::WaitingForLock:
            return value.subject() < t.locks.size();
        case SliceState::Runnable: {
            const Waker waker = Waker::of(value);
            return waker.kind != Waker::Kind::Thread || waker.thread < t.threads.size();
        }
        case SliceState::Blocked:
            return value.subject() <= static_cast<std::uint32_t>(kLastWaitKind);
        default:
            return true;
        }
    }
    return value.state() == SliceState::Absent
        || (value.state() == SliceState::Running && value.subject() < t.threads.size());
}

std::string VariantReader::applyTrack(const SectionReader::Read& section, TrackKind kind, Track* track)
{
    if (track == nullptr) {
        return kNoSuchRow;
    }
    std::optional<ColumnsIn> columns = ColumnsIn::of(section.raw, kSliceBytes);
    if (!columns) {
        return kNotWhole;
    }
    if (!columns->nextTimes(m_times)) {
        return kNoOrder;
    }
    const auto values = columns->next<std::uint32_t>();
    m_values.resize(columns->count());
    for (std::size_t i = 0; i < m_values.size(); ++i) {
        m_values[i] = values[i];
        // Slices alternate between few values: most were looked at two places ago.
        const bool seen = i >= 2 && m_values[i] == m_values[i - 2];
        if (!seen && !isPossible(kind, SliceValue::fromBits(m_values[i]))) {
            return kImpossible;
        }
    }
    return track->restore(m_times, m_values) ? "" : kNoOrder;
}

std::string VariantReader::applyUsage(const SectionReader::Read& section)
{
    CoreInfo* core = rowAt(m_variant->timeline.cores, section.header.row);
    std::optional<ColumnsIn> columns = ColumnsIn::of(section.raw, kUsageBytes);
    if (core == nullptr || !columns) {
        return core == nullptr ? kNoSuchRow : kNotWhole;
    }
    if (!columns->nextTimes(m_times)
        || (!core->usage.empty() && !m_times.empty() && core->usage.back().begin > m_times.front())) {
        return kNoOrder;
    }
    const auto ends = columns->next<Nanos>();
    const auto cpus = columns->next<CpuId>();
    const auto busy = columns->next<float>();
    const auto stolen = columns->next<float>();
    const auto idle = columns->next<float>();
    for (std::size_t i = 0; i < columns->count(); ++i) {
        const bool numbers = std::isfinite(busy[i]) && std::isfinite(stolen[i]) && std::isfinite(idle[i]);
        if (ends[i] < m_times[i] || ends[i] > kLatestTime || !numbers) {
            return kImpossible;
        }
        core->usage.push_back({m_times[i], ends[i], cpus[i], busy[i], stolen[i], idle[i]});
    }
    return {};
}

std::string VariantReader::applyFalseAlarms(const SectionReader::Read& section)
{
    Timeline& t = m_variant->timeline;
    const std::uint32_t thread = section.header.row;
    std::optional<ColumnsIn> columns = ColumnsIn::of(section.raw, kFalseAlarmBytes);
    if (thread >= t.threads.size() || !columns) {
        return thread >= t.threads.size() ? kNoSuchRow : kNotWhole;
    }
    if (columns->count() == 0) {
        return {};
    }
    std::deque<FalseAlarm>& alarms = t.falseAlarms[thread];
    if (!columns->nextTimes(m_times) || !follows(alarms, m_times)) {
        return kNoOrder;
    }
    const auto locks = columns->next<std::uint32_t>();
    for (std::size_t i = 0; i < columns->count(); ++i) {
        if (locks[i] >= t.locks.size()) {
            return kImpossible;
        }
        alarms.push_back({m_times[i], locks[i]});
    }
    return {};
}

std::string VariantReader::applyMoments(const SectionReader::Read& section)
{
    Timeline& t = m_variant->timeline;
    LockInfo* lock = rowAt(t.locks, section.header.row);
    std::optional<ColumnsIn> columns = ColumnsIn::of(section.raw, kMomentBytes);
    if (lock == nullptr || !columns) {
        return lock == nullptr ? kNoSuchRow : kNotWhole;
    }
    if (!columns->nextTimes(m_times) || !follows(lock->moments, m_times)) {
        return kNoOrder;
    }
    const auto threads = columns->next<std::uint32_t>();
    const auto kinds = columns->next<std::uint16_t>();
    for (std::size_t i = 0; i < columns->count(); ++i) {
        const auto kind = static_cast<EventKind>(kinds[i]);
        if (threads[i] >= t.threads.size()
            || (kind != EventKind::LockDropRequest && kind != EventKind::LockForcedWait)) {
            return kImpossible;
        }
        lock->moments.push_back({m_times[i], threads[i], kind});
    }
    return {};
}

std::string VariantReader::applyAccesses(const SectionReader::Read& section)
{
    Timeline& t = m_variant->timeline;
    CounterInfo* counter = rowAt(t.counters, section.header.row);
    std::optional<ColumnsIn> columns = ColumnsIn::of(section.raw, kAccessBytes);
    if (counter == nullptr || !columns) {
        return counter == nullptr ? kNoSuchRow : kNotWhole;
    }
    if (!columns->nextTimes(m_times) || !follows(counter->accesses, m_times)) {
        return kNoOrder;
    }
    const auto values = columns->next<std::int64_t>();
    const auto threads = columns->next<std::uint32_t>();
    const auto stores = columns->next<std::uint8_t>();
    for (std::size_t i = 0; i < columns->count(); ++i) {
        if (threads[i] >= t.threads.size() || stores[i] > 1) {
            return kImpossible;
        }
        counter->accesses.push_back({m_times[i], values[i], threads[i], stores[i] != 0});
    }
    return {};
}

std::string VariantReader::applyMarks(const SectionReader::Read& section)
{
    Timeline& t = m_variant->timeline;
    std::optional<ColumnsIn> columns = ColumnsIn::of(section.raw, kMarkBytes);
    if (!columns) {
        return kNotWhole;
    }
    if (!columns->nextTimes(m_times) || !follows(t.marks, m_times)) {
        return kNoOrder;
    }
    const auto threads = columns->next<std::uint32_t>();
    const auto objects = columns->next<std::uint32_t>();
    const auto values = columns->next<std::uint64_t>();
    for (std::size_t i = 0; i < columns->count(); ++i) {
        if (threads[i] >= t.threads.size()) {
            return kImpossible;
        }
        t.marks.push_back({m_times[i], threads[i], objects[i], values[i]});
    }
    return {};
}

std::string VariantReader::applyLatencies(const SectionReader::Read& section)
{
    Timeline& t = m_variant->timeline;
    std::optional<ColumnsIn> columns = ColumnsIn::of(section.raw, kLatencyBytes);
    if (!columns) {
        return kNotWhole;
    }
    if (!columns->nextTimes(m_times) || !follows(t.latencies, m_times)) {
        return kNoOrder;
    }
    const auto threads = columns->next<std::uint32_t>();
    const auto delays = columns->next<Nanos>();
    for (std::size_t i = 0; i < columns->count(); ++i) {
        if (threads[i] >= t.threads.size()) {
            return kImpossible;
        }
        t.latencies.push_back({m_times[i], threads[i], delays[i]});
    }
    return {};
}

std::string VariantReader::applyMemory(const SectionReader::Read& section)
{
    Timeline& t = m_variant->timeline;
    std::optional<ColumnsIn> columns = ColumnsIn::of(section.raw, kMemoryBytes);
    if (!columns) {
        return kNotWhole;
    }
    if (!columns->nextTimes(m_times) || !follows(t.memory, m_times)) {
        return kNoOrder;
    }
    const auto pids = columns->next<Pid>();
    const auto rss = columns->next<std::uint64_t>();
    const auto pss = columns->next<std::uint64_t>();
    const auto own = columns->next<std::uint64_t>();
    for (std::size_t i = 0; i < columns->count(); ++i) {
        if (std::max({rss[i], pss[i], own[i]}) > kMostMemory) {
            return kImpossible;
        }
        t.memory.push_back({m_times[i], pids[i], rss[i], pss[i], own[i]});
    }
    return {};
}

} // namespace timeslice::recording_format
