#include "core/session/live_waits.h"

#include <algorithm>

namespace timeslice {

void LiveWaits::apply(const Batch& batch)
{
    m_lost = m_lost || batch.lost.channel > 0 || batch.lost.malformed > 0 || batch.lost.overBudget > 0;
    for (const ObjectBirth& object : batch.objects) {
        m_locks[object.id] = object.name;
        if (object.kind == ObjectKind::Gil) {
            m_gils.insert(object.id);
        }
    }
    for (const ThreadNaming& naming : batch.names) {
        m_threads[naming.tid].name = naming.name;
    }
    for (const Event& event : batch.events) {
        switch (event.kind) {
        case EventKind::SwitchIn:
        case EventKind::SwitchOut:
        case EventKind::ThreadBorn:
        case EventKind::Wakeup:
            continue; // the kernel's records say nothing of locks; a waiter that wakes up to look again still waits
        case EventKind::ThreadExit:
            m_threads[event.tid].exited = true;
            continue;
        default:
            break;
        }
        ThreadState& thread = m_threads[event.tid];
        thread.lastEvent = std::max(thread.lastEvent, event.time);
        switch (event.kind) {
        case EventKind::LockRequest:
            (m_gils.contains(event.object) ? thread.gil : thread.lock) = event.object;
            break;
        case EventKind::LockAcquire:
            (m_gils.contains(event.object) ? thread.gil : thread.lock) = 0;
            thread.holds.push_back(event.object);
            break;
        case EventKind::LockRelease:
            if (std::erase(thread.holds, event.object) == 0) { // another thread took it: Python's Lock allows that
                if (const std::optional<Tid> holder = holderOf(event.object)) {
                    std::erase(m_threads[*holder].holds, event.object);
                }
            }
            break;
        case EventKind::LockAbandon:
            (m_gils.contains(event.object) ? thread.gil : thread.lock) = 0;
            break;
        default:
            break;
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

std::optional<std::string> LiveWaits::deadlock(Nanos now, Nanos quiet) const
{
    if (m_lost) {
        return std::nullopt;
    }
    // From each waiting thread, go to the holder of what it waits for, as long as that one waits too. A thread waits
    // for one lock at a time, so the way is a line that ends or runs into itself.
    for (const auto& [start, first] : m_threads) {
        std::vector<Tid> way;
        std::optional<Tid> at = start;
        while (at) {
            const ThreadState& thread = m_threads.at(*at);
            if (thread.exited || thread.waitsFor() == 0 || now - thread.lastEvent < quiet) {
                break;
            }
            if (const auto seen = std::find(way.begin(), way.end(), *at); seen != way.end()) {
                return describe(std::vector<Tid>(seen, way.end()));
            }
            way.push_back(*at);
            at = holderOf(thread.waitsFor());
        }
    }
    return std::nullopt;
}

std::string LiveWaits::describe(const std::vector<Tid>& cycle) const
{
    // Begin with the name that sorts first, so that the sentence is the same in every run.
    std::vector<Tid> ordered = cycle;
    const auto name = [this](Tid tid) {
        const std::string& known = m_threads.at(tid).name;
        return known.empty() ? "thread " + std::to_string(tid) : known;
    };
    std::rotate(ordered.begin(),
        std::min_element(ordered.begin(), ordered.end(), [&](Tid a, Tid b) { return name(a) < name(b); }),
        ordered.end());
    const auto lockName = [this](ObjectId id) {
        const auto it = m_locks.find(id);
        return it == m_locks.end() || it->second.empty() ? "lock " + std::to_string(id) : it->second;
    };
    std::string text;
    for (std::size_t i = 0; i < ordered.size(); ++i) {
        // What this thread holds of the cycle is what the one before it waits for.
        const ObjectId held = m_threads.at(ordered[(i + ordered.size() - 1) % ordered.size()]).waitsFor();
        text += (i == 0 ? "" : "; ") + name(ordered[i]) + " holds " + lockName(held) + " and waits for "
            + lockName(m_threads.at(ordered[i]).waitsFor());
    }
    return text;
}

} // namespace timeslice
