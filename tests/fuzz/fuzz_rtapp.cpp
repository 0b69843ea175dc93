// Any bytes as a workload in rt-app's grammar: the reader gives a workload that keeps its promises, or a message.
#include "core/rtapp/rtapp_workload.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace timeslice;

void require(bool holds)
{
    if (!holds) {
        std::abort();
    }
}

void requireStep(const WorkloadSpec& spec, const TaskStep& step)
{
    if (const auto* lock = std::get_if<step::Lock>(&step)) {
        require(lock->mutex < spec.mutexes.size());
    } else if (const auto* wait = std::get_if<step::Wait>(&step)) {
        require(wait->condition < spec.conditions.size() && wait->mutex < spec.mutexes.size());
    } else if (const auto* suspend = std::get_if<step::Suspend>(&step)) {
        require(suspend->condition < spec.conditions.size() && suspend->mutex < spec.mutexes.size());
    } else if (const auto* timer = std::get_if<step::AwaitTimer>(&step)) {
        require(timer->timer < spec.timers.size() && timer->period >= 0);
    } else if (const auto* barrier = std::get_if<step::Barrier>(&step)) {
        require(spec.barriers.at(barrier->barrier).participants >= 0);
    } else if (const auto* semaphore = std::get_if<step::AwaitSemaphore>(&step)) {
        require(semaphore->semaphore < spec.semaphores.size());
    } else if (const auto* fork = std::get_if<step::Fork>(&step)) {
        require(fork->task < spec.tasks.size());
    } else if (const auto* write = std::get_if<step::WriteOut>(&step)) {
        require(!spec.files.at(write->file).path.empty() && write->portion >= 1);
    } else if (const auto* use = std::get_if<step::UseMemory>(&step)) {
        const BufferSpec& buffer = spec.buffers.at(use->buffer);
        const bool chase = use->how == step::UseMemory::How::Chase;
        require(buffer.bytes >= 1 && chase == (buffer.chain != BufferSpec::Chain::None));
        require(!chase || (buffer.stride % sizeof(void*) == 0 && buffer.bytes / buffer.stride >= 2));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    const WorkloadBounds bounds{16, {0, 1}};
    const auto workload = readRtappWorkload({reinterpret_cast<const char*>(bytes), size}, "f", bounds);
    if (!workload) {
        require(workload.error().message.starts_with("f:"));
        return 0;
    }
    const WorkloadSpec& spec = workload->spec;
    require(spec.instances() >= 1 && spec.instances() <= bounds.threads && spec.duration >= 0);
    for (const TaskSpec& task : spec.tasks) {
        require(task.policy.has_value() && task.loop >= 1 && task.delay >= 0 && !task.phases.empty());
        for (const PhaseSpec& phase : task.phases) {
            require(phase.loop >= 1 && !phase.steps.empty() && phase.stepPaths.size() == phase.steps.size());
            for (const TaskStep& step : phase.steps) {
                requireStep(spec, step);
            }
        }
    }
    return 0;
}
