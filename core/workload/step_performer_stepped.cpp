// Threads that are stepped: all orders one after another, or as somebody outside says.
#include "core/workload/step_performer.h"

#include "core/workload/stepped_thread.h"

namespace timeslice {

Result<void> StepPerformer::perform(const step::Stepped& stepped)
{
    const SteppedSpec& spec = *m_plan.workload->stepped;
    const auto me = static_cast<std::size_t>(m_plan.index);
    StepBoard& board = *m_plan.resources->stepBoard;
    const bool fromOutside = m_plan.stepPage != nullptr;
    StepSeat& seat = fromOutside ? m_plan.stepPage->seat(me) : board.seat(me);
    std::atomic<std::int64_t>& shared = m_plan.resources->counters[spec.counter]->value;
    SteppedThread self(stepped.program, shared, spec.mutex ? m_plan.resources->mutexes[*spec.mutex] : nullptr);
    const auto reset = [&] { shared.store(spec.job.initial, std::memory_order_relaxed); };

    std::vector<Schedule> schedules; // each thread its own list: they are the same, and nothing has to be shared
    if (!fromOutside) {
        forEachSchedule(spec.job, [&](const Schedule& schedule, const StepState&) {
            schedules.push_back(schedule);
            return !stopping();
        });
        if (stopping()) {
            return {};
        }
    }
    seat.sit(gettid());
    if (!fromOutside && me == 0) {
        board.begin(schedules);
    }
    while (!stopping()) {
        const std::optional<StepOrder> order = seat.nextOrder();
        if (!order) {
            continue;
        }
        if (*order == StepOrder::Leave || (*order == StepOrder::Step && self.atEnd())) {
            seat.answer(self.answer()); // one who orders more than there is gets no more
            if (*order == StepOrder::Leave) {
                break;
            }
            continue;
        }
        if (*order == StepOrder::Rewind) {
            self.rewind();
            reset();
        } else {
            self.step();
        }
        const StepAnswer answer = self.answer();
        seat.answer(answer);
        if (!fromOutside) {
            if (self.atEnd()) {
                self.rewind(); // its next step is one of the next order
            }
            board.stepTaken(schedules, answer.value, reset);
        }
    }
    self.rewind(); // gives back what it holds
    return {};
}

} // namespace timeslice
