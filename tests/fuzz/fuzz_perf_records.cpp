// Any bytes as the contents of a perf ring, of switches and of wake-ups, in two pieces: they become a timeline and a
// report, whatever they say.
#include "core/analysis/report.h"
#include "core/base/json_in.h"
#include "core/base/json_out.h"
#include "core/record/perf_records.h"
#include "core/record/wakeup_records.h"
#include "core/trace/timeline_builder.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace timeslice;
    constexpr Nanos kNow = 1'000'000 * kSecond; // since the machine's start
    const auto bytes = std::as_bytes(std::span(data, size));
    Timeline timeline;
    TimelineBuilder builder(timeline, {{0, 1}, 100});
    PerfRecords records;
    records.seed(100, "seeded");
    WakeupRecords wakeups({40, 41, 0, 2, 24}); // ids and offsets as Linux 6 has them
    wakeups.learnOwn(std::vector<Event>{{1, 100, 100, EventKind::SwitchIn, 0, 0, 0}});
    for (const auto piece : {bytes.first(size / 2), bytes.subspan(size / 2)}) {
        Batch batch;
        records.parse(piece, batch);
        records.finish(batch);
        wakeups.learnOwn(batch.events);
        wakeups.parse(piece);
        wakeups.conclude(batch, piece.data() != bytes.data());
        // What cannot be does not get past the collector.
        std::erase_if(batch.events, [](const Event& event) { return event.time < 0 || event.time > kNow; });
        std::stable_sort(
            batch.events.begin(), batch.events.end(), [](const Event& a, const Event& b) { return a.time < b.time; });
        builder.append(batch);
    }
    builder.finish(timeline.end);
    RunReport report;
    report.variants.push_back(analyzeVariant(timeline, RunFacts{}, "id", "name", Engine::Native));
    if (!parseJson(jsonText(toJson(report))).and_then(reportFromJson)) {
        std::abort();
    }
    return 0;
}
