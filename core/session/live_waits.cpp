#include "core/session/live_waits.h"

#include <algorithm>

namespace timeslice {

LiveWaits::ThreadState& LiveWaits::thread(Tid tid)
{
    const auto [entry, isNew] = m_threads.try_emplace(tid);
    if (isNew) {
        entry->second.number = static_cast<std::uint32_t>(m_tids.size());
        m_tids.push_back(tid);
    }
    return entry->second;
}

LiveWaits::Lock& LiveWaits::lock(ObjectId id)
{
    const auto [entry, isNew] = m_locks.try_emplace(id);
    if (isNew) {
        entry->second.number = static_cast<std::uint32_t>(m_lockIds.size());
        m_lockIds.push_back(id);
    }
    return entry->second;
}

void LiveWaits::apply(const Batch& batch)
{
    m_lost = m_lost || batch.lost.channel > 0 || batch.lost.malformed > 0 || batch.lost.overBudget > 0;
    for (const ObjectBirth& object : batch.objects) {
        lock(object.id).name = object.name;
        if (object.kind == ObjectKind::Gil) {
            m_gils.insert(object.id);
        }
    }
    for (const ThreadNaming& naming : batch.names) {
        thread(naming.tid).name = naming.name;
    }
    for (const Event& event : batch.events) {
        switch (event.kind) {
        case EventKind::SwitchIn:
        case EventKind::SwitchOut:
        case EventKind::ThreadBorn:
        case EventKind::Wakeup:
        case EventKind::ProcessReaped:
            continue; // the kernel's records say nothing of locks; a waiter that wakes up to look again still waits
        case EventKind::ThreadExit:
            thread(event.tid).exited = true;
            continue;
        case EventKind::ProcessExec:
            if (batch.source == Source::Inferred || event.value == static_cast<std::uint64_t>(ExecNews::Certain)) {
                forget(event);
            }
            continue;
        default:
            break;
        }
        ThreadState& actor = thread(event.tid);
        actor.lastEvent = std::max(actor.lastEvent, event.time);
        actor.pid = event.pid;
        switch (event.kind) {
        case EventKind::LockRequest:
            lock(event.object);
            (m_gils.contains(event.object) ? actor.gil : actor.lock) = event.object;
            break;
        case EventKind::LockAcquire:
            (m_gils.contains(event.object) ? actor.gil : actor.lock) = 0;
            if (std::find(actor.holds.begin(), actor.holds.end(), event.object) == actor.holds.end()) {
                actor.holds.push_back(event.object); // else it says so anew, after an exec that failed
            }
            break;
        case EventKind::LockRelease:
            if (std::erase(actor.holds, event.object) == 0) { // another thread took it: Python's Lock allows that
                if (const std::optional<Tid> holder = holderOf(event.object)) {
                    std::erase(m_threads[*holder].holds, event.object);
                }
            }
            break;
        case EventKind::LockAbandon:
            (m_gils.contains(event.object) ? actor.gil : actor.lock) = 0;
            break;
        default:
            break;
        }
    }
}

/// What the threads of a process held and waited for lay in memory that is gone. A thread that has ended with it does
/// neither, which is all that is asked here.
void LiveWaits::forget(const Event& exec)
{
    for (auto& [tid, thread] : m_threads) {
        if (thread.pid == exec.pid && thread.lastEvent <= exec.time) {
            thread.holds.clear();
            thread.lock = 0;
            thread.gil = 0;
        }
    }
}

std::optional<Tid> LiveWaits::holderOf(ObjectId lock) const
{
    for (const auto& [tid, thread] : m_threads) {
        if (!thread.exited && std::find(thread.holds.begin(), thread.holds.end(), lock) != thread.holds.end()) {
            return tid;
        }
    }
    return std::nullopt;
}

/// Of threads that have been quiet; GIL and lock holders are looked up once.
std::vector<WaitEdge> LiveWaits::waits(Nanos now, Nanos quiet) const
{
    std::unordered_map<ObjectId, std::uint32_t> holders;
    for (const auto& [tid, thread] : m_threads) {
        for (const ObjectId held : thread.holds) {
            if (!thread.exited) {
                holders.emplace(held, thread.number);
            }
        }
    }
    std::vector<WaitEdge> edges;
    for (const auto& [tid, thread] : m_threads) {
        if (thread.exited || thread.waitsFor() == 0 || now - thread.lastEvent < quiet) {
            continue;
        }
        if (const auto holder = holders.find(thread.waitsFor()); holder != holders.end()) {
            edges.push_back({thread.number, m_locks.at(thread.waitsFor()).number, holder->second, thread.lastEvent});
        }
    }
    return edges;
}

std::optional<std::string> LiveWaits::deadlock(Nanos now, Nanos quiet) const
{
    if (m_lost) {
        return std::nullopt;
    }
    const std::optional<DeadlockCycle> cycle = findCycle(waits(now, quiet));
    if (!cycle) {
        return std::nullopt;
    }
    return describe(
        *cycle,
        [this](std::uint32_t number) {
            const std::string& known = m_threads.at(m_tids[number]).name;
            return known.empty() ? "thread " + std::to_string(m_tids[number]) : known;
        },
        [this](std::uint32_t number) {
            const std::string& known = m_locks.at(m_lockIds[number]).name;
            return known.empty() ? "lock " + std::to_string(m_lockIds[number]) : known;
        });
}

} // namespace timeslice
