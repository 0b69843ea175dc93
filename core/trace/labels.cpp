#include "core/trace/labels.h"

#include <unordered_map>

namespace timeslice {

namespace {

/// Makes the names of rows tell them apart.
template <class Rows, class Fallback>
std::vector<std::string> distinct(const Rows& rows, std::string_view noun, Fallback idOf, bool byProcess = false)
{
    const auto inProcess = [](const auto& row) { return row.name + " (process " + std::to_string(row.pid) + ')'; };
    std::unordered_map<std::string, int> uses;
    for (const auto& row : rows) {
        ++uses[row.name];
        if (byProcess) {
            ++uses[inProcess(row)];
        }
    }
    std::vector<std::string> labels;
    labels.reserve(rows.size());
    for (const auto& row : rows) {
        const std::string id = std::to_string(idOf(row));
        if (row.name.empty()) {
            labels.push_back(std::string(noun) + ' ' + id);
        } else if (uses[row.name] == 1) {
            labels.push_back(row.name);
        } else if (byProcess && row.pid != 0 && uses[inProcess(row)] == 1) {
            labels.push_back(inProcess(row));
        } else {
            labels.push_back(row.name + " (" + id + ')');
        }
    }
    return labels;
}

std::string_view at(const std::vector<std::string>& labels, std::uint32_t index)
{
    return index < labels.size() ? std::string_view(labels[index]) : std::string_view();
}

} // namespace

std::string_view trackKindText(TrackKind kind) noexcept
{
    switch (kind) {
    case TrackKind::Core:
        return "core";
    case TrackKind::Thread:
        return "thread";
    case TrackKind::Lock:
        return "lock";
    }
    return "";
}

std::string_view stateText(TrackKind kind, SliceState state) noexcept
{
    switch (state) {
    case SliceState::Absent:
        return kind == TrackKind::Core ? "not this run" : kind == TrackKind::Lock ? "free" : "absent";
    case SliceState::Running:
        return kind == TrackKind::Lock ? "held" : "running";
    case SliceState::Runnable:
        return "runnable";
    case SliceState::Blocked:
        return "blocked";
    case SliceState::WaitingForLock:
        return "waiting for lock";
    }
    return "";
}

std::string_view causeText(Cause cause) noexcept
{
    switch (cause) {
    case Cause::Unknown:
        return "";
    case Cause::Born:
        return "born";
    case Cause::SwitchedIn:
        return "switched in";
    case Cause::Preempted:
        return "preempted";
    case Cause::Blocked:
        return "blocked";
    case Cause::Requested:
        return "requested a lock";
    case Cause::Woken:
        return "woken";
    case Cause::Acquired:
        return "acquired";
    case Cause::ReleasedVoluntarily:
        return "released voluntarily";
    case Cause::ReleasedAfterTimeout:
        return "released after timeout";
    case Cause::ReleasedAtExit:
        return "released at exit";
    case Cause::HolderKilled:
        return "holder gone";
    case Cause::Exited:
        return "exited";
    }
    return "";
}

std::string_view waitText(WaitKind kind) noexcept
{
    switch (kind) {
    case WaitKind::Unknown:
        return "";
    case WaitKind::Sleep:
        return "sleep";
    case WaitKind::FileIo:
        return "file I/O";
    case WaitKind::PipeIo:
        return "pipe I/O";
    case WaitKind::Barrier:
        return "barrier";
    case WaitKind::Condition:
        return "condition";
    case WaitKind::Join:
        return "join";
    case WaitKind::NetworkIo:
        return "network I/O";
    }
    return "";
}

RowLabels::RowLabels(const Timeline& timeline)
    : threads(distinct(timeline.threads, "thread", [](const ThreadInfo& thread) { return thread.tid; }))
    , locks(distinct(
          timeline.locks, "lock", [](const LockInfo& lock) { return lock.id; }, true))
    , counters(distinct(timeline.counters, "counter", [](const CounterInfo& counter) { return counter.id; }))
{
    for (const CoreInfo& core : timeline.cores) {
        cores.push_back("core " + std::to_string(core.cpu));
    }
}

std::string_view RowLabels::subject(TrackKind kind, SliceValue value) const
{
    switch (value.state()) {
    case SliceState::Running:
        return at(kind == TrackKind::Thread ? cores : threads, value.subject());
    case SliceState::WaitingForLock:
        return at(locks, value.subject());
    case SliceState::Blocked:
        return waitText(static_cast<WaitKind>(value.subject()));
    default:
        return "";
    }
}

} // namespace timeslice
