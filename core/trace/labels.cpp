#include "core/trace/labels.h"

#include <deque>
#include <unordered_map>
#include <unordered_set>

namespace timeslice {

namespace {

/// What each row is called by itself.
template <class Rows, class Fallback>
std::vector<std::string> plainNames(const Rows& rows, std::string_view noun, Fallback idOf)
{
    std::vector<std::string> names;
    names.reserve(rows.size());
    for (const auto& row : rows) {
        names.push_back(row.name.empty() ? std::string(noun) + ' ' + std::to_string(idOf(row)) : row.name);
    }
    return names;
}

/// Adds its id to every name that another row has too.
template <class Rows, class Fallback>
std::vector<std::string> distinct(std::vector<std::string> names, const Rows& rows, Fallback idOf)
{
    std::unordered_map<std::string, int> uses;
    for (const std::string& name : names) {
        ++uses[name];
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (uses[names[i]] > 1) {
            names[i].append(" (").append(std::to_string(idOf(rows[i]))).append(")");
        }
    }
    return names;
}

/// The processes of a run, numbered from 1 in the order in which their threads appear; those whose threads only
/// coordinate come last.
class Processes {
public:
    explicit Processes(const Timeline& timeline)
    {
        std::unordered_map<std::string, Pid> named;
        for (const ThreadInfo& thread : timeline.threads) {
            named.emplace(thread.name, thread.pid);
        }
        for (const bool auxiliary : {false, true}) {
            for (const ThreadInfo& thread : timeline.threads) {
                if (thread.auxiliary == auxiliary) {
                    const auto [entry, isNew] = m_processes.try_emplace(thread.pid);
                    if (isNew) {
                        entry->second.number = m_processes.size();
                        entry->second.name = "Process " + std::to_string(entry->second.number);
                        // Unless a thread of another process calls itself so.
                        if (const auto taken = named.find(entry->second.name);
                            taken != named.end() && taken->second != thread.pid) {
                            entry->second.name = "process " + std::to_string(thread.pid);
                        }
                    }
                    entry->second.threads += auxiliary ? 0 : 1;
                }
            }
        }
    }

    /// The names of the threads; a process of one thread is called as that is, where it has a name of its own.
    std::vector<std::string> tellApart(std::vector<std::string> names, const std::deque<ThreadInfo>& threads)
    {
        const auto shared = sharedBetweenProcesses(names, threads);
        for (std::size_t i = 0; i < names.size(); ++i) {
            Process& process = m_processes.at(threads[i].pid);
            const bool alone = process.threads == 1 && !threads[i].auxiliary;
            if (shared.contains(names[i])) {
                names[i] = alone ? process.name : 'P' + std::to_string(process.number) + ' ' + names[i];
            }
            if (alone) {
                process.name = names[i];
            }
        }
        return names;
    }
    std::vector<std::string> tellApart(std::vector<std::string> names, const std::deque<LockInfo>& locks) const
    {
        const auto shared = sharedBetweenProcesses(names, locks);
        for (std::size_t i = 0; i < names.size(); ++i) {
            const auto process = m_processes.find(locks[i].pid);
            if (process != m_processes.end() && shared.contains(names[i])) {
                names[i] += " of " + process->second.name;
            }
        }
        return names;
    }

    std::unordered_map<Pid, std::string> names() const
    {
        std::unordered_map<Pid, std::string> names;
        for (const auto& [pid, process] : m_processes) {
            names.emplace(pid, process.name);
        }
        return names;
    }

private:
    struct Process {
        std::size_t number = 0;
        std::size_t threads = 0; ///< that do more than coordinate
        std::string name;
    };

    template <class Rows>
    static std::unordered_set<std::string> sharedBetweenProcesses(
        const std::vector<std::string>& names, const Rows& rows)
    {
        std::unordered_map<std::string, Pid> home;
        std::unordered_set<std::string> shared;
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (home.try_emplace(names[i], rows[i].pid).first->second != rows[i].pid) {
                shared.insert(names[i]);
            }
        }
        return shared;
    }

    std::unordered_map<Pid, Process> m_processes;
};

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
    case SliceState::OffCore:
        return "off the core: blocked, or waiting for a GIL that is not recorded";
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
    case Cause::Exec:
        return "program replaced";
    }
    return "";
}

std::string_view sourceText(Source source) noexcept
{
    switch (source) {
    case Source::Measured:
        return "measured";
    case Source::Inferred:
        return "inferred";
    case Source::Calculated:
        return "calculated";
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
    case WaitKind::Gate:
        return "gate";
    }
    return "";
}

RowLabels::RowLabels(const Timeline& timeline)
{
    const auto tid = [](const ThreadInfo& thread) { return thread.tid; };
    const auto id = [](const auto& row) { return row.id; };
    Processes numbered(timeline);
    threads = distinct(
        numbered.tellApart(plainNames(timeline.threads, "thread", tid), timeline.threads), timeline.threads, tid);
    locks = distinct(numbered.tellApart(plainNames(timeline.locks, "lock", id), timeline.locks), timeline.locks, id);
    processes = numbered.names();
    counters = distinct(plainNames(timeline.counters, "counter", id), timeline.counters, id);
    for (const CoreInfo& core : timeline.cores) {
        cores.push_back("core " + std::to_string(core.cpu));
    }
}

std::string_view RowLabels::wakerText(Waker waker) const
{
    switch (waker.kind) {
    case Waker::Kind::Unknown:
        return "";
    case Waker::Kind::Interrupt:
        return "an interrupt";
    case Waker::Kind::Outsider:
        return "not this run";
    case Waker::Kind::Thread:
        return at(threads, waker.thread);
    }
    return "";
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
    case SliceState::Runnable:
        return wakerText(Waker::of(value));
    default:
        return "";
    }
}

} // namespace timeslice
