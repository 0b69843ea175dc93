#include "core/session/disturbance.h"

#include "core/analysis/foreign_programs.h"
#include "core/base/cpu_time.h"
#include "core/base/proc_file.h"
#include "core/base/proc_stat.h"

#include <algorithm>
#include <cstdlib>
#include <dirent.h>
#include <memory>
#include <unistd.h>

namespace timeslice {

namespace {

Nanos tickLength()
{
    return kSecond / std::max(sysconf(_SC_CLK_TCK), 1L);
}

/// Calls `take` with each process's identifier.
template <class Take> void forEachProcess(Take take)
{
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir("/proc"), ::closedir);
    while (const dirent* entry = directory ? ::readdir(directory.get()) : nullptr) {
        if (const auto pid = toNumber<Pid>(entry->d_name)) {
            take(*pid);
        }
    }
}

/// Those there were when this was asked first: the one that shows our window is among them.
const std::vector<Pid>& displayServers()
{
    static const std::vector<Pid> servers = [] {
        std::vector<Pid> found;
        forEachProcess([&](Pid pid) {
            if (const auto stat = readProcStat(pid); stat && isDisplayServer(stat->name)) {
                found.push_back(pid);
            }
        });
        return found;
    }();
    return servers;
}

} // namespace

DisturbanceMeter::DisturbanceMeter(std::vector<CpuId> cpus, Pid guard, Names names)
    : m_cpus(std::move(cpus))
    , m_guard(guard)
    , m_names(names)
    , m_programs(readPrograms())
{
    std::string text;
    if (readFile("/proc/stat", text)) {
        m_ticks = CpuUsage::parse(text.c_str(), m_cpus);
    }
    m_ownBefore = processCpuTime();
    m_begin = monotonicNow();
}

DisturbanceMeter::Programs DisturbanceMeter::readPrograms() const
{
    Programs programs;
    const auto read = [&programs, tick = tickLength()](Pid pid) {
        if (std::optional<ProcStat> stat = readProcStat(pid)) {
            programs[pid] = {std::move(stat->name), stat->cpuTicks * tick};
        }
    };
    if (m_names == Names::Read) {
        forEachProcess(read);
        return programs;
    }
    for (const Pid server : displayServers()) {
        read(server);
    }
    if (m_guard > 0) {
        read(m_guard);
    }
    return programs;
}

Disturbance DisturbanceMeter::measure(Nanos own) const
{
    Disturbance load;
    const Nanos length = monotonicNow() - m_begin;
    const Nanos ownSince = processCpuTime() - m_ownBefore;
    std::string text;
    if (m_ticks.empty() || length <= 0 || !readFile("/proc/stat", text)) {
        return load;
    }
    const std::vector<CpuUsage::Ticks> now = CpuUsage::parse(text.c_str(), m_cpus);
    const Nanos tick = tickLength();
    std::int64_t busy = 0;
    std::int64_t stolen = 0;
    for (std::size_t i = 0; i < now.size(); ++i) {
        busy += static_cast<std::int64_t>(now[i].busy - m_ticks[i].busy);
        stolen += static_cast<std::int64_t>(now[i].stolen - m_ticks[i].stolen);
    }
    const auto coreTime = static_cast<double>(length) * static_cast<double>(m_cpus.size());
    const auto error = static_cast<std::int64_t>(m_cpus.size()) * tick;
    const auto shareOf = [&](Nanos time) { return std::clamp(static_cast<double>(time) / coreTime, 0.0, 1.0); };
    load.stolen = shareOf(stolen * tick);

    Nanos ours = own + ownSince;
    std::map<std::string, Nanos> programs;
    for (const auto& [pid, program] : readPrograms()) {
        const auto before = m_programs.find(pid);
        const Nanos used = program.cpu - (before == m_programs.end() ? 0 : before->second.cpu);
        if (pid == ::getpid()) {
            continue;
        }
        if (pid == m_guard || isDisplayServer(program.name)) {
            ours += used;
        } else if (used > 0 && m_names == Names::Read) {
            programs[program.name] += used;
        }
    }
    load.others = shareOf(std::max<Nanos>(0, busy * tick - ours - error));
    for (const auto& [name, used] : programs) {
        // Where others run on cores of their own they took nothing of this run's.
        load.programs.push_back({name, std::min(shareOf(used), load.others)});
    }
    load.programs = busiest(std::move(load.programs));
    return load;
}

} // namespace timeslice
