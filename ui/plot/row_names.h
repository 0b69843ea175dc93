// What threads, processes and locks are called in the picture: as short as tells them apart.
#pragma once

#include "core/trace/timeline.h"

#include <QString>
#include <cstddef>
#include <vector>

namespace timeslice {

/// Made from a timeline as it is at the moment; O(threads + locks).
class RowNames {
public:
    explicit RowNames(const Timeline& timeline);

    /// Its name. Threads of one name in several processes are told apart by these: "Process 2" where it is the only
    /// thread of its process, else "P2 MainThread".
    const QString& thread(std::size_t index) const { return m_threads[index]; }
    /// Its name. Locks of one name in several processes: "GIL of Process 2", and within one process "A 1", "A 2".
    const QString& lock(std::size_t index) const { return m_locks[index]; }
    /// Which process a thread is of: 0, 1, ... in the order of appearance. Rows go by it.
    std::size_t process(std::size_t thread) const { return m_processOfThread[thread]; }
    /// "Process 2", or as its only thread.
    const QString& processName(std::size_t process) const { return m_processNames[process]; }
    /// In a tree of processes: as its first thread where no other process has one of that name, else processName().
    const QString& processTitle(std::size_t process) const { return m_processTitles[process]; }
    std::size_t processOfLock(std::size_t lock) const { return m_processOfLock[lock]; }
    bool severalProcesses() const noexcept { return m_processes > 1; }

private:
    std::vector<QString> m_threads;
    std::vector<QString> m_locks;
    std::vector<QString> m_processNames;
    std::vector<QString> m_processTitles;
    std::vector<std::size_t> m_processOfThread;
    std::vector<std::size_t> m_processOfLock;
    std::size_t m_processes = 0; ///< with threads that do more than coordinate
};

/// One name of RowNames, for where a single one is needed. "an unknown thread", "a lock" beyond the end.
QString threadLabel(const Timeline& timeline, std::size_t thread);
QString lockLabel(const Timeline& timeline, std::size_t lock);

} // namespace timeslice
