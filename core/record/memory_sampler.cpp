#include "core/record/memory_sampler.h"

#include "core/base/proc_file.h"

#include <algorithm>
#include <ctime>

namespace timeslice {

namespace {

Nanos cpuTimeOfThread()
{
    timespec ts{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return Nanos{ts.tv_sec} * kSecond + ts.tv_nsec;
}

} // namespace

MemorySampler::MemorySampler(Pid root)
{
    m_processes.insert(root);
}

void MemorySampler::note(const std::vector<Event>& events)
{
    for (const Event& event : events) {
        if (event.tid != event.pid || event.pid <= 0) {
            continue;
        }
        if (event.kind == EventKind::ThreadBorn) {
            m_processes.insert(event.pid);
        } else if (event.kind == EventKind::ThreadExit) {
            m_processes.erase(event.pid);
        }
    }
}

void MemorySampler::sample(Batch& batch, Nanos now)
{
    if (now < m_next) {
        return;
    }
    const Nanos before = cpuTimeOfThread();
    for (const Pid pid : m_processes) {
        if (!readFile(("/proc/" + std::to_string(pid) + "/smaps_rollup").c_str(), m_text)) {
            continue;
        }
        if (auto sample = parse(m_text)) {
            sample->time = now;
            sample->pid = pid;
            batch.memory.push_back(*sample);
        }
    }
    m_next = now + std::max(kPeriod, kShare * (cpuTimeOfThread() - before));
}

std::optional<MemorySample> MemorySampler::parse(std::string_view rollup)
{
    constexpr std::uint64_t kKibibyte = 1024;
    MemorySample sample;
    bool rss = false;
    bool pss = false;
    for (std::string_view word = nextWord(rollup); !word.empty(); word = nextWord(rollup)) {
        const auto number = [&rollup] { return toNumber<std::uint64_t>(nextWord(rollup)).value_or(0) * kKibibyte; };
        if (word == "Rss:") {
            sample.rss = number();
            rss = true;
        } else if (word == "Pss:") {
            sample.pss = number();
            pss = true;
        } else if (word == "Private_Clean:" || word == "Private_Dirty:" || word == "Private_Hugetlb:") {
            sample.own += number();
        }
    }
    return rss && pss ? std::optional(sample) : std::nullopt;
}

} // namespace timeslice
