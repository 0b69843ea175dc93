// Any bytes as a workload: the reader gives a workload that keeps its promises, or a message.
#include "core/workload/workload_spec.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

void require(bool holds)
{
    if (!holds) {
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    const timeslice::WorkloadBounds bounds{16, {0, 1}};
    const std::string text(reinterpret_cast<const char*>(bytes), size);
    const auto spec = timeslice::parseWorkload(text, bounds);
    if (!spec) {
        require(!spec.error().message.empty());
        return 0;
    }
    require(!spec->tasks.empty() && spec->instances() >= 1 && spec->instances() <= bounds.threads);
    for (const timeslice::TaskSpec& task : spec->tasks) {
        require(task.delay >= 0 && task.loop >= 1 && !task.phases.empty());
        require(!task.gil || *task.gil < spec->gils.size());
        for (const timeslice::PhaseSpec& phase : task.phases) {
            require(phase.loop >= 1 && !phase.steps.empty());
            for (const timeslice::TaskStep& step : phase.steps) {
                if (const auto* lock = std::get_if<timeslice::step::Lock>(&step)) {
                    require(lock->mutex < spec->mutexes.size());
                } else if (const auto* increment = std::get_if<timeslice::step::Increment>(&step)) {
                    require(increment->counter < spec->counters.size() && increment->times >= 1);
                } else if (const auto* write = std::get_if<timeslice::step::Write>(&step)) {
                    require(write->bytes <= spec->files.at(write->file).largest);
                }
            }
        }
    }
    return 0;
}
