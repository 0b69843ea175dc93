#include "core/workload/workload_runner.h"

#include "core/workload/coordinator.h"

#include <cassert>

namespace timeslice {

Result<WorkloadResult> runWorkload(const WorkloadSpec& spec, const WorkloadOptions& options)
{
    assert(options.iterationsPerUs > 0);
    auto coordinator = Coordinator::create(spec, options);
    if (!coordinator) {
        return tl::unexpected<Error>(coordinator.error());
    }
    auto result = (*coordinator)->run();
    if ((*coordinator)->abandoned()) {
        // A thread that waits for a lock for ever cannot be ended; what it uses must stay.
        [[maybe_unused]] const Coordinator* left = coordinator->release();
    }
    return result;
}

} // namespace timeslice
