#include "core/analysis/marks_report.h"

#include "core/trace/mark_text.h"

#include <unordered_map>

namespace timeslice {

std::vector<MarkReport> reportMarks(const Timeline& timeline)
{
    std::vector<MarkReport> marks;
    std::unordered_map<std::string, std::size_t> byName; // processes have objects of their own for one name
    std::unordered_map<ObjectId, std::size_t> byObject;
    const Nanos begin = timeline.workRange().begin;
    for (const MarkPoint& mark : timeline.marks) {
        auto known = byObject.find(mark.object);
        if (known == byObject.end()) {
            const auto named = timeline.markNames.find(mark.object);
            const std::string name = named == timeline.markNames.end() ? "mark" : markName(named->second);
            const auto [place, isNew] = byName.emplace(name, marks.size());
            if (isNew) {
                marks.push_back({name, 0, mark.time - begin, 0, 0});
            }
            known = byObject.emplace(mark.object, place->second).first;
        }
        MarkReport& report = marks[known->second];
        ++report.count;
        report.last = mark.time - begin;
        report.value = static_cast<std::int64_t>(mark.value);
    }
    return marks;
}

std::vector<CounterTrackReport> reportCounterTracks(const Timeline& timeline)
{
    std::vector<CounterTrackReport> counters;
    for (const CounterInfo& counter : timeline.counters) {
        if (!counter.accesses.empty()) {
            counters.push_back({counter.name, counter.pid, counter.accesses.size(), counter.accesses.back().value});
        }
    }
    return counters;
}

} // namespace timeslice
