#include "core/analysis/process_report.h"

#include "core/trace/process_lives.h"

#include <algorithm>

namespace timeslice {

namespace {

void raise(MemoryPeak& peak, const MemoryPeak& to)
{
    peak.rss = std::max(peak.rss, to.rss);
    peak.pss = std::max(peak.pss, to.pss);
    peak.own = std::max(peak.own, to.own);
}

} // namespace

std::vector<ProcessReport> reportProcesses(const Timeline& timeline, const RowLabels& labels)
{
    const std::vector<ProcessLife> lives = processLives(timeline);
    std::vector<ProcessReport> reports;
    for (const ProcessLife& life : lives) {
        ProcessReport& report = reports.emplace_back();
        report.pid = life.pid;
        report.parent = life.parent ? lives[*life.parent].pid : 0;
        const auto name = labels.processes.find(life.pid);
        report.name = name != labels.processes.end() ? name->second : std::string();
        report.auxiliary = life.auxiliary;
        report.status = life.status;
        for (const MemorySample& sample : memoryOf(timeline, life)) {
            raise(report.memory ? *report.memory : report.memory.emplace(), {sample.rss, sample.pss, sample.own});
        }
    }
    return reports;
}

std::optional<MemoryPeak> peakMemory(const Timeline& timeline)
{
    std::optional<MemoryPeak> peak;
    for (auto at = timeline.memory.begin(); at != timeline.memory.end();) {
        MemoryPeak sum;
        for (const Nanos time = at->time; at != timeline.memory.end() && at->time == time; ++at) {
            sum.rss += at->rss;
            sum.pss += at->pss;
            sum.own += at->own;
        }
        raise(peak ? *peak : peak.emplace(), sum);
    }
    return peak;
}

} // namespace timeslice
