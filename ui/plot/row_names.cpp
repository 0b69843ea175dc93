#include "ui/plot/row_names.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

namespace timeslice {

namespace {

/// The processes in the order in which their threads appear; those whose threads only coordinate come last.
std::vector<Pid> processesOf(const Timeline& timeline)
{
    std::vector<Pid> pids;
    std::set<Pid> seen;
    for (const bool auxiliary : {false, true}) {
        for (const ThreadInfo& thread : timeline.threads) {
            if (thread.auxiliary == auxiliary && seen.insert(thread.pid).second) {
                pids.push_back(thread.pid);
            }
        }
    }
    return pids;
}

constexpr std::uint32_t kNobody = UINT32_MAX;

struct Holder {
    std::uint32_t thread = kNobody;
    Nanos held = 0;
};

/// The thread that has a lock longest, as far as some looks tell; kNobody: nobody had it.
Holder mainHolder(const LockInfo& lock)
{
    constexpr Nanos kLooks = 128;
    std::map<std::uint32_t, Nanos> holds;
    const auto look = [&](std::size_t index) {
        if (const Slice slice = lock.track.slice(index); slice.value.state() == SliceState::Running) {
            holds[slice.value.subject()] += slice.length();
        }
    };
    // By time, so that no long hold is missed among many short ones.
    std::optional<std::size_t> last;
    for (Nanos k = 0; k < kLooks && !lock.track.empty(); ++k) {
        const Nanos length = lock.track.end() - lock.track.begin();
        const std::size_t index = lock.track.indexAt(lock.track.begin() + length / kLooks * k + length / kLooks / 2);
        if (index < lock.track.size() && index != last) {
            look(index);
            last = index;
        }
    }
    if (holds.empty()) { // held for moments only
        const std::size_t stride = (lock.track.size() / static_cast<std::size_t>(kLooks)) | 1U; // held, free, held ...
        for (std::size_t i = 0; i < lock.track.size(); i += stride) {
            look(i);
        }
    }
    const auto most =
        std::max_element(holds.begin(), holds.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == holds.end() ? Holder() : Holder{most->first, most->second};
}

QString usualName(std::size_t process)
{
    return QStringLiteral("Process %1").arg(process + 1);
}

/// The GILs of one process are numbered in the order in which they are found, which tells nobody whose they are.
std::string familyName(const LockInfo& lock)
{
    const std::string gil = "GIL";
    return lock.kind == ObjectKind::Gil && lock.name.starts_with(gil + ' ') ? gil : lock.name;
}

} // namespace

RowNames::RowNames(const Timeline& timeline)
{
    const std::vector<Pid> pids = processesOf(timeline);
    std::unordered_map<Pid, std::size_t> number;
    for (std::size_t i = 0; i < pids.size(); ++i) {
        number.emplace(pids[i], i);
    }
    std::vector<std::size_t> threadsOf(pids.size()); // that do more than coordinate
    std::map<std::string, std::set<Pid>> homes;
    for (const ThreadInfo& thread : timeline.threads) {
        threadsOf[number[thread.pid]] += thread.auxiliary ? 0U : 1U;
        homes[thread.name].insert(thread.pid);
    }
    m_processes = static_cast<std::size_t>(
        std::count_if(threadsOf.begin(), threadsOf.end(), [](std::size_t count) { return count > 0; }));

    for (std::size_t i = 0; i < pids.size(); ++i) { // as long as nobody has a better name
        const QString usual = usualName(i);
        const auto taken = homes.find(usual.toStdString());
        const bool others = taken != homes.end() && (taken->second.size() > 1 || !taken->second.contains(pids[i]));
        m_processNames.push_back(others ? QStringLiteral("process %1").arg(pids[i]) : usual);
    }
    for (const ThreadInfo& thread : timeline.threads) {
        const std::size_t process = number[thread.pid];
        const bool alone = threadsOf[process] == 1 && !thread.auxiliary;
        QString name =
            thread.name.empty() ? QStringLiteral("thread %1").arg(thread.tid) : QString::fromStdString(thread.name);
        if (!thread.name.empty() && homes[thread.name].size() > 1) {
            name = alone ? m_processNames[process] : QStringLiteral("P%1 %2").arg(process + 1).arg(name);
        }
        if (alone) {
            m_processNames[process] = name;
        }
        m_threads.push_back(name);
        m_processOfThread.push_back(process);
    }

    m_processTitles = m_processNames;
    for (const ThreadInfo& thread : timeline.threads) {
        if (thread.tid == thread.pid && !thread.name.empty() && homes[thread.name].size() == 1) {
            m_processTitles[number[thread.pid]] = QString::fromStdString(thread.name);
        }
    }

    std::map<std::string, std::vector<std::size_t>> namesakes;
    for (std::size_t i = 0; i < timeline.locks.size(); ++i) {
        namesakes[familyName(timeline.locks[i])].push_back(i);
        const auto process = number.find(timeline.locks[i].pid);
        m_processOfLock.push_back(process == number.end() ? pids.size() : process->second);
    }
    std::vector<Holder> owners(timeline.locks.size()); // of the GILs of one process
    for (const auto& [name, same] : namesakes) {
        for (const std::size_t lock : same) {
            const bool several = std::count_if(same.begin(), same.end(), [&](std::size_t other) {
                return m_processOfLock[other] == m_processOfLock[lock];
            }) > 1;
            if (several && timeline.locks[lock].kind == ObjectKind::Gil) {
                owners[lock] = mainHolder(timeline.locks[lock]);
            }
        }
    }
    // No row is called "Process 1". The one process without a name of its own needs none: all the others have theirs.
    const auto isUnnamed = [&](std::size_t process) {
        return process < pids.size() && threadsOf[process] > 1 && m_processNames[process] == usualName(process);
    };
    const auto isOnlyUnnamed = [&](std::size_t process, const std::vector<std::size_t>& same) {
        return isUnnamed(process) && std::none_of(same.begin(), same.end(), [&](std::size_t other) {
            const std::size_t its = m_processOfLock[other];
            return its != process && its < pids.size() && m_processNames[its] == usualName(its);
        });
    };
    for (std::size_t i = 0; i < timeline.locks.size(); ++i) {
        const LockInfo& lock = timeline.locks[i];
        const std::string family = familyName(lock);
        QString name = QString::fromStdString(lock.name);
        const std::vector<std::size_t>& same = namesakes[family];
        const std::size_t process = m_processOfLock[i];
        const auto inProcess = std::count_if(
            same.begin(), same.end(), [&](std::size_t other) { return m_processOfLock[other] == process; });
        if (lock.name.empty()) {
            name = QStringLiteral("lock %1").arg(lock.id);
        } else if (static_cast<std::size_t>(inProcess) < same.size() && process < pids.size()
            && !isOnlyUnnamed(process, same)) {
            name = QStringLiteral("%1 of %2").arg(name, m_processNames[process]);
        }
        const bool numbered = std::any_of(same.begin(), same.end(), [&](std::size_t other) {
            return m_processOfLock[other] == process && timeline.locks[other].name != family;
        });
        const Holder owner = owners[i];
        const auto others = std::count_if(same.begin(), same.end(), [&](std::size_t other) {
            const Holder& its = owners[other]; // who makes a sub-interpreter has the main one's for a moment
            return other != i && m_processOfLock[other] == process && its.thread == owner.thread
                && 2 * its.held >= owner.held;
        });
        if (owner.thread < m_threads.size() && others == 0) { // of a sub-interpreter, which has a thread of its own
            name = QStringLiteral("%1 of %2").arg(QString::fromStdString(family), m_threads[owner.thread]);
        } else if (!lock.name.empty() && inProcess > 1 && !numbered) {
            const auto before = std::count_if(same.begin(), same.end(),
                [&](std::size_t other) { return other <= i && m_processOfLock[other] == process; });
            name = QStringLiteral("%1 %2").arg(name).arg(before);
        }
        m_locks.push_back(name);
    }
}

QString threadLabel(const Timeline& timeline, std::size_t thread)
{
    return thread < timeline.threads.size() ? RowNames(timeline).thread(thread) : QStringLiteral("an unknown thread");
}

QString lockLabel(const Timeline& timeline, std::size_t lock)
{
    return lock < timeline.locks.size() ? RowNames(timeline).lock(lock) : QStringLiteral("a lock");
}

} // namespace timeslice
