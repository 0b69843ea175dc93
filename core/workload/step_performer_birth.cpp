// Starting and joining: what a worker costs that does one line.
#include "core/workload/birth.h"
#include "core/workload/step_performer.h"

namespace timeslice {

Result<void> StepPerformer::perform(const step::Bear& bear)
{
    for (std::uint64_t number = 0; number <= bear.times && !stopping(); ++number) {
        const std::size_t done = m_plan.state->births.load(std::memory_order_relaxed);
        Birth& birth = *m_plan.births[done];
        ShortLife life(birth, number);
        if (!takeThreadAllowance(m_control)) {
            return fail("cannot start another: this run may have " + std::to_string(m_control.threadLimit)
                + " threads and processes in all");
        }
        const Result<void> started = bear.processes ? life.startProcess() : life.startThread();
        if (started) {
            const Waiting waiting(*this, WaitKind::Join, Certainty::Surely);
            life.join();
        }
        m_control.threadsInUse.fetch_sub(1, std::memory_order_relaxed);
        if (!started) {
            return started;
        }
        if (bear.processes) {
            m_writer.record(EventKind::ProcessReaped, 0, Reaping{life.pid(), life.status()}.bits());
        }
        if (number > 0) { // the first one warms up: its memory is touched for the first time
            m_plan.state->births.store(static_cast<std::uint32_t>(done + 1), std::memory_order_release);
        }
    }
    return {};
}

} // namespace timeslice
