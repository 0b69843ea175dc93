// What must be true of every recording of a GIL. Each function returns "" or what is wrong.
#pragma once

#include "tests/core/probe/probed_run.h"

#include <limits>

namespace timeslice::test {

struct Hold {
    Tid tid = 0;
    Nanos begin = 0;
    Nanos end = std::numeric_limits<Nanos>::max(); ///< max: never released
    ReleaseReason reason = ReleaseReason::Killed;

    bool open() const { return end == std::numeric_limits<Nanos>::max(); }
};

inline std::string at(const Event& event, const char* what)
{
    return "thread " + std::to_string(event.tid) + ' ' + what + " at " + std::to_string(event.time) + " (lock "
        + std::to_string(event.object) + ")";
}

/// Whether a thread has announced an exec in that time: it has failed if the thread takes the GIL again after it.
inline bool execBetween(const ProbedRun& run, Tid tid, Nanos begin, Nanos end)
{
    return std::any_of(run.events.begin(), run.events.end(), [&](const Event& event) {
        return event.kind == EventKind::ProcessExec && event.tid == tid && begin <= event.time && event.time <= end;
    });
}

/// The holds of one GIL in the order of their beginnings. `error` gets what does not balance.
inline std::vector<Hold> holdsOf(const ProbedRun& run, ObjectId gil, std::string& error)
{
    std::vector<Hold> holds;
    for (const Tid tid : run.threadsOf(gil)) {
        bool holding = false;
        Nanos last = 0;
        for (const Event& event : run.events) {
            const bool exec = event.kind == EventKind::ProcessExec;
            if (event.tid != tid || (event.object != gil && !exec)) {
                continue;
            }
            if (exec && holding) { // if it fails, the thread says that it still has it
                holding = false;
                holds.back().end = event.time;
            }
            if (event.time < last) {
                error = at(event, "goes back in time");
            }
            last = event.time;
            if (event.kind == EventKind::LockAcquire) {
                if (holding && !execBetween(run, tid, holds.back().begin, event.time)) {
                    error = at(event, "acquires what it holds");
                }
                holding = true;
                holds.push_back({tid, event.time});
            } else if (event.kind == EventKind::LockRelease) {
                if (!holding) {
                    error = at(event, "releases what it does not hold");
                    continue;
                }
                holding = false;
                holds.back().end = event.time;
                holds.back().reason = static_cast<ReleaseReason>(event.value);
            } else if (event.kind == EventKind::LockRequest && holding) {
                error = at(event, "requests what it holds");
            } else if (event.kind == EventKind::LockForcedWait && holding) {
                error = at(event, "waits for a switch while it holds");
            }
        }
    }
    for (const Event& event : run.events) {
        if (event.kind != EventKind::ProcessExec) {
            continue;
        }
        for (Hold& hold : holds) { // it ends with the memory that the lock lies in
            if (event.tid == hold.tid && hold.begin <= event.time) {
                hold.end = std::min(hold.end, event.time);
            }
        }
    }
    std::stable_sort(holds.begin(), holds.end(),
        [](const Hold& a, const Hold& b) { return a.begin != b.begin ? a.begin < b.begin : a.end < b.end; });
    return holds;
}

/// Holds never overlap, so at most the last one is open.
inline std::string overlap(const std::vector<Hold>& holds)
{
    for (std::size_t i = 1; i < holds.size(); ++i) {
        if (holds[i - 1].end > holds[i].begin) {
            return "thread " + std::to_string(holds[i].tid) + " takes it at " + std::to_string(holds[i].begin)
                + " before thread " + std::to_string(holds[i - 1].tid) + " lets go at "
                + (holds[i - 1].open() ? "no time" : std::to_string(holds[i - 1].end));
        }
    }
    return {};
}

/// A request is followed by an acquisition, by giving up, or by the end of the thread; drop requests and false
/// alarms come in between.
inline std::string badRequests(const ProbedRun& run, ObjectId gil)
{
    for (const Tid tid : run.threadsOf(gil)) {
        bool waiting = false;
        for (const Event& event : run.eventsOf(gil, tid)) {
            switch (event.kind) {
            case EventKind::LockRequest:
                if (waiting) {
                    return at(event, "requests twice");
                }
                waiting = true;
                break;
            case EventKind::LockDropRequest:
                if (!waiting) {
                    return at(event, "makes a drop request without waiting");
                }
                break;
            case EventKind::LockFalseAlarm:
                if (!waiting) {
                    return at(event, "is woken in vain without waiting");
                }
                break;
            case EventKind::LockAbandon:
                if (!waiting) {
                    return at(event, "gives up what it did not wait for");
                }
                waiting = false;
                break;
            case EventKind::LockAcquire:
                waiting = false;
                break;
            case EventKind::LockRelease:
            case EventKind::LockForcedWait:
                if (waiting) {
                    return at(event, "releases while it waits");
                }
                break;
            default:
                return at(event, "has an event that no GIL has");
            }
        }
    }
    return {};
}

/// A hold ends by a timeout exactly if another thread made a drop request during it.
inline std::string badReasons(const ProbedRun& run, ObjectId gil, const std::vector<Hold>& holds)
{
    std::vector<Event> drops;
    for (const Event& event : run.eventsOf(gil)) {
        if (event.kind == EventKind::LockDropRequest) {
            drops.push_back(event);
        }
    }
    for (const Hold& hold : holds) {
        if (hold.open()) {
            continue;
        }
        const bool asked = std::any_of(drops.begin(), drops.end(), [&](const Event& drop) {
            return drop.tid != hold.tid && hold.begin <= drop.time && drop.time <= hold.end;
        });
        if (asked != (hold.reason == ReleaseReason::Timeout)) {
            return "thread " + std::to_string(hold.tid) + " releases at " + std::to_string(hold.end)
                + (asked ? " freely although asked to" : " by timeout although not asked to");
        }
    }
    return {};
}

/// A release wakes one waiter at most: to get it, or in vain.
inline std::string badAlarms(const ProbedRun& run, ObjectId gil)
{
    std::size_t releases = 0;
    std::size_t alarms = 0;
    for (const Event& event : run.eventsOf(gil)) {
        releases += event.kind == EventKind::LockRelease ? 1 : 0;
        alarms += event.kind == EventKind::LockFalseAlarm ? 1 : 0;
    }
    return alarms <= releases ? std::string()
                              : std::to_string(alarms) + " false alarms of " + std::to_string(releases) + " releases";
}

/// No thread holds two GILs of one process at once. An exec ends what was held before it.
inline std::string twoAtOnce(const ProbedRun& run)
{
    struct Held {
        Hold hold;
        const ObjectBirth* gil;
    };
    const std::vector<ObjectBirth> gils = run.gils();
    std::map<std::pair<Pid, Tid>, std::vector<Held>> byThread;
    for (const ObjectBirth& gil : gils) {
        std::string ignored;
        for (const Hold& hold : holdsOf(run, gil.id, ignored)) {
            byThread[{gil.pid, hold.tid}].push_back({hold, &gil});
        }
    }
    for (auto& [thread, holds] : byThread) {
        std::sort(holds.begin(), holds.end(), [](const Held& a, const Held& b) { return a.hold.begin < b.hold.begin; });
        const Held* longest = nullptr; // of those before: the one that ends last
        for (const Held& held : holds) {
            if (longest != nullptr && held.gil != longest->gil && held.hold.begin < longest->hold.end) {
                return "thread " + std::to_string(thread.second) + " holds " + longest->gil->name + " and "
                    + held.gil->name + " at " + std::to_string(held.hold.begin);
            }
            if (longest == nullptr || longest->hold.end < held.hold.end) {
                longest = &held;
            }
        }
    }
    return {};
}

/// All of the above for every GIL of the run, and that nothing was lost.
inline std::string violated(const ProbedRun& run)
{
    if (!run.error.empty()) {
        return run.error;
    }
    if (run.lost.total() != 0) {
        return std::to_string(run.lost.channel) + " events lost, " + std::to_string(run.lost.malformed) + " malformed";
    }
    for (const ObjectBirth& gil : run.gils()) {
        std::string error;
        const std::vector<Hold> holds = holdsOf(run, gil.id, error);
        for (const std::string& wrong :
            {error, overlap(holds), badRequests(run, gil.id), badReasons(run, gil.id, holds), badAlarms(run, gil.id)}) {
            if (!wrong.empty()) {
                return gil.name + " of process " + std::to_string(gil.pid) + ": " + wrong;
            }
        }
    }
    return twoAtOnce(run);
}

inline std::size_t countOf(const ProbedRun& run, ObjectId object, EventKind kind)
{
    const std::vector<Event> events = run.eventsOf(object);
    return static_cast<std::size_t>(
        std::count_if(events.begin(), events.end(), [kind](const Event& event) { return event.kind == kind; }));
}

} // namespace timeslice::test
