#include "core/analysis/foreign_programs.h"

#include "core/trace/core_others.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

namespace timeslice {

namespace {

constexpr std::array<std::string_view, 3> kDisplayServers = {"Xorg", "Xvfb", "Xwayland"};

} // namespace

bool isDisplayServer(const std::string& name)
{
    return std::find(kDisplayServers.begin(), kDisplayServers.end(), name) != kDisplayServers.end();
}

std::vector<ForeignProgram> busiest(std::vector<ForeignProgram> programs)
{
    std::erase_if(programs, [](const ForeignProgram& program) { return program.share < kWorthNaming; });
    std::stable_sort(programs.begin(), programs.end(),
        [](const ForeignProgram& a, const ForeignProgram& b) { return a.share > b.share; });
    programs.resize(std::min(programs.size(), kMostForeignPrograms));
    return programs;
}

std::vector<ForeignProgram> measuredPrograms(const Timeline& timeline)
{
    std::map<std::string, Nanos> times;
    for (const CoreInfo& core : timeline.cores) {
        for (std::size_t i = 0; i < core.others.size(); ++i) {
            const Slice slice = core.others.slice(i);
            if (slice.value.state() != SliceState::Running) {
                continue;
            }
            const OtherProgram& program = timeline.programs[slice.value.subject()];
            if (program.kind != OtherProgram::Kind::Timeslice && !program.name.empty()
                && !isDisplayServer(program.name)) {
                times[program.name] += slice.length();
            }
        }
    }
    const auto coreTime =
        static_cast<double>(timeline.end - timeline.begin) * static_cast<double>(timeline.cores.size());
    std::vector<ForeignProgram> programs;
    for (const auto& [name, time] : times) {
        programs.push_back({name, coreTime > 0 ? static_cast<double>(time) / coreTime : 0});
    }
    return busiest(std::move(programs));
}

} // namespace timeslice
