#include "core/trace/process_lives.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

namespace timeslice {

namespace {

/// Exec from within another thread than the first makes a new row of the process's number, and no new process.
bool beginsAtExec(const Timeline& timeline, const ThreadInfo& thread)
{
    return std::any_of(timeline.execs.begin(), timeline.execs.end(),
        [&thread](const ExecPoint& exec) { return exec.pid == thread.pid && exec.time == thread.born; });
}

Nanos exitOf(const Timeline& timeline, const ProcessLife& life)
{
    Nanos last = 0;
    for (const std::uint32_t thread : life.threads) {
        const Nanos exited = timeline.threads[thread].exited;
        if (exited == 0) {
            return 0;
        }
        last = std::max(last, exited);
    }
    return last;
}

class Lives {
public:
    explicit Lives(const Timeline& timeline)
        : m_timeline(timeline)
    {
    }

    std::vector<ProcessLife> take()
    {
        for (std::uint32_t i = 0; i < m_timeline.threads.size(); ++i) {
            addThread(i);
        }
        for (ProcessLife& life : m_lives) {
            life.exited = exitOf(m_timeline, life);
            life.auxiliary = std::all_of(life.threads.begin(), life.threads.end(),
                [this](std::uint32_t thread) { return m_timeline.threads[thread].auxiliary; });
        }
        for (const ExecPoint& exec : m_timeline.execs) {
            if (ProcessLife* life = at(exec.pid, exec.time)) {
                life->execs.push_back(exec.time);
            }
        }
        for (const ReapPoint& reap : m_timeline.reaps) {
            if (ProcessLife* life = at(reap.pid, reap.time)) {
                life->reaped = reap.time;
                life->status = reap.status;
            }
        }
        return std::move(m_lives);
    }

private:
    void addThread(std::uint32_t index)
    {
        const ThreadInfo& thread = m_timeline.threads[index];
        const auto known = m_ofPid.find(thread.pid);
        if (known != m_ofPid.end() && !isAnother(known->second.back(), thread)) {
            ProcessLife& life = m_lives[known->second.back()];
            life.threads.push_back(index);
            life.born = std::min(life.born, thread.born);
        } else {
            ProcessLife& life = m_lives.emplace_back();
            life.pid = thread.pid;
            life.threads.push_back(index);
            life.born = thread.born;
            life.parent = parentOf(thread);
            m_ofPid[thread.pid].push_back(m_lives.size() - 1);
        }
        m_ofTid[thread.tid] = m_ofPid[thread.pid].back();
    }

    /// Whether the first thread of a process has the number of one that is over.
    bool isAnother(std::size_t life, const ThreadInfo& thread) const
    {
        return thread.tid == thread.pid && !beginsAtExec(m_timeline, thread)
            && std::all_of(m_lives[life].threads.begin(), m_lives[life].threads.end(), [&](std::uint32_t i) {
                   const ThreadInfo& before = m_timeline.threads[i];
                   return before.exited != 0 && before.exited <= thread.born;
               });
    }

    std::optional<std::size_t> parentOf(const ThreadInfo& first) const
    {
        const auto creator = m_ofTid.find(first.parent);
        return first.parent != 0 && creator != m_ofTid.end() && m_lives[creator->second].pid != first.pid
            ? std::optional(creator->second)
            : std::nullopt;
    }

    ProcessLife* at(Pid pid, Nanos time)
    {
        const auto known = m_ofPid.find(pid);
        if (known == m_ofPid.end()) {
            return nullptr;
        }
        const auto& indices = known->second;
        const auto lived = std::find_if(
            indices.rbegin(), indices.rend(), [&](std::size_t life) { return m_lives[life].born <= time; });
        return lived == indices.rend() ? nullptr : &m_lives[*lived];
    }

    const Timeline& m_timeline;
    std::vector<ProcessLife> m_lives;
    std::unordered_map<Pid, std::vector<std::size_t>> m_ofPid; ///< in order of appearance
    std::unordered_map<Tid, std::size_t> m_ofTid; ///< the process of the latest thread with that number
};

} // namespace

std::vector<ProcessLife> processLives(const Timeline& timeline)
{
    return Lives(timeline).take();
}

std::vector<MemorySample> memoryOf(const Timeline& timeline, const ProcessLife& life)
{
    std::vector<MemorySample> samples;
    const Nanos end = life.exited != 0 ? life.exited : std::numeric_limits<Nanos>::max();
    for (const MemorySample& sample : timeline.memory) {
        if (sample.pid == life.pid && sample.time >= life.born && sample.time <= end) {
            samples.push_back(sample);
        }
    }
    return samples;
}

} // namespace timeslice
