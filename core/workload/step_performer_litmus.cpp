// Litmus tests: what the machine's memory does with two threads.
#include "core/workload/step_performer.h"

namespace timeslice {

Result<void> StepPerformer::perform(const step::StoreBuffer& side)
{
    m_plan.resources->litmusTests[side.test]->run(side.rounds, side.order, [this] {
        betweenChunks();
        return !stopping();
    });
    return {};
}

} // namespace timeslice
