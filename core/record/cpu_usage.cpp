#include "core/record/cpu_usage.h"

#include "core/base/proc_file.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace timeslice {

namespace {

// Idle time can go back by a tick when a core comes out of a long sleep (proc(5)).
constexpr std::uint64_t growth(std::uint64_t before, std::uint64_t now)
{
    return now > before ? now - before : 0;
}

} // namespace

CpuUsage::CpuUsage(std::vector<CpuId> cpus)
    : m_cpus(std::move(cpus))
    , m_tickLength(kSecond / std::max(sysconf(_SC_CLK_TCK), 1L))
{
}

std::vector<CpuUsage::Ticks> CpuUsage::parse(const char* procStat, const std::vector<CpuId>& cpus)
{
    std::vector<Ticks> ticks(cpus.size());
    std::string_view rest{procStat};
    while (!rest.empty()) {
        std::string_view line = rest.substr(0, std::min(rest.find('\n'), rest.size()));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        const std::string_view label = nextWord(line);
        const auto cpu = toNumber<CpuId>(label.starts_with("cpu") ? label.substr(3) : std::string_view{});
        const auto wanted = cpu ? std::find(cpus.begin(), cpus.end(), *cpu) : cpus.end();
        if (wanted == cpus.end()) {
            continue;
        }
        enum { User, Nice, System, Idle, IoWait, Irq, SoftIrq, Steal, Fields };
        std::array<std::uint64_t, Fields> value{};
        for (std::uint64_t& v : value) {
            v = toNumber<std::uint64_t>(nextWord(line)).value_or(0); // an old kernel has fewer fields
        }
        ticks[static_cast<std::size_t>(wanted - cpus.begin())] = {
            value[User] + value[Nice] + value[System] + value[Irq] + value[SoftIrq], value[Steal],
            value[Idle] + value[IoWait]};
    }
    return ticks;
}

void CpuUsage::sample(Batch& batch)
{
    std::string text;
    if (readFile("/proc/stat", text)) {
        const Nanos now = monotonicNow();
        sampleTicks(parse(text.c_str(), m_cpus), now, batch);
    }
}

void CpuUsage::sampleTicks(const std::vector<Ticks>& ticks, Nanos now, Batch& batch)
{
    if (m_last.empty()) {
        m_last = ticks;
        m_lastTime.assign(ticks.size(), now);
        return;
    }
    for (std::size_t i = 0; i < m_cpus.size(); ++i) {
        const std::uint64_t busy = growth(m_last[i].busy, ticks[i].busy);
        const std::uint64_t stolen = growth(m_last[i].stolen, ticks[i].stolen);
        const std::uint64_t idle = growth(m_last[i].idle, ticks[i].idle);
        const std::uint64_t all = busy + stolen + idle;
        if (all == 0 || now <= m_lastTime[i]) {
            continue;
        }
        const auto share = [&](std::uint64_t part) { return static_cast<float>(part) / static_cast<float>(all); };
        batch.usage.push_back({m_lastTime[i], now, m_cpus[i], share(busy), share(stolen), share(idle)});
        m_stolen += static_cast<Nanos>(stolen) * m_tickLength;
        m_last[i] = ticks[i];
        m_lastTime[i] = now;
    }
}

} // namespace timeslice
