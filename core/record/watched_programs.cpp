#include "core/record/watched_programs.h"

#include <algorithm>
#include <iterator>

namespace timeslice {

void WatchedPrograms::observe(const std::vector<ThreadReading>& readings, Nanos now, bool last, Batch& batch)
{
    for (auto& [pid, process] : m_processes) {
        process.seen = false;
    }
    std::map<Pid, std::size_t> threads;
    for (const ThreadReading& reading : readings) {
        ++threads[reading.pid];
    }
    for (const ThreadReading& reading : readings) {
        if (reading.tid != reading.pid) {
            continue;
        }
        const auto [at, isNew] = m_processes.try_emplace(reading.pid);
        Process& process = at->second;
        const auto parent = !isNew || reading.parent == 0
            ? readings.end()
            : std::find_if(
                readings.begin(), readings.end(), [&](const ThreadReading& r) { return r.tid == reading.parent; });
        if (isNew && parent != readings.end()) {
            // A fork leaves the stack where it is; the program that an exec begins has it somewhere else.
            m_images.forked(now, reading.pid, parent->pid);
            const auto known = m_processes.find(parent->pid);
            process.stack = known != m_processes.end() ? known->second.stack : 0;
            m_looks.forked(reading.pid, now);
        }
        if (process.stack != reading.stack || (isNew && parent == readings.end())) {
            m_images.exec(now, reading.pid);
            process.stack = reading.stack;
            m_looks.begun(reading.pid, now);
        }
        process.seen = true;
        if (threads[reading.pid] > 1 && process.threads <= 1) {
            m_images.threadBorn(now, reading.pid);
        }
        process.threads = threads[reading.pid];
    }
    for (auto at = m_processes.begin(); at != m_processes.end();) {
        if (!at->second.seen) {
            m_images.ended(now, at->first);
        }
        at = at->second.seen ? std::next(at) : m_processes.erase(at);
    }
    m_looks.look(m_images);
    m_images.conclude(now, last, batch);
}

} // namespace timeslice
