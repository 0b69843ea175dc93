// A job of a textbook's table: computes, blocks for its I/O, and does so only while its gate is open.
#include "core/workload/dispatcher.h"
#include "core/workload/step_performer.h"

#include <algorithm>

namespace timeslice {

Result<void> StepPerformer::perform(const step::Job& jobStep)
{
    Dispatcher& dispatcher = *m_plan.dispatcher;
    const Job& job = dispatcher.spec().jobs[jobStep.job];
    DispatchedJob& told = dispatcher.job(jobStep.job);
    const Nanos begin = m_control.workBegin.load(std::memory_order_relaxed);
    const Nanos until = dispatcher.spec().until;
    const auto since = [begin](Nanos time) { return time - begin; };
    const auto over = [&] { return stopping() || (until > 0 && since(monotonicNow()) >= until); };
    const std::uint64_t chunk =
        std::max<std::uint64_t>(iterationsFor(DispatchSpec::kGranularity, m_plan.iterationsPerUs), 1);

    if (job.arrival > 0) {
        const Waiting waiting(*this, WaitKind::Sleep, Certainty::Surely);
        sleepUntil(begin + (until > 0 ? std::min(job.arrival, until) : job.arrival));
    }
    Nanos ready = job.arrival;
    Nanos letsGoAt = job.untilItLetsGo(0);
    std::uint64_t stopAt = iterationsFor(letsGoAt, m_plan.iterationsPerUs);
    std::uint64_t done = 0;
    while (!over()) {
        told.ready.store(ready, std::memory_order_relaxed);
        if (!dispatcher.byKernel() && !throughGate(told)) {
            return {};
        }
        const Nanos on = monotonicNow();
        told.waited.fetch_add(std::max<Nanos>(since(on) - ready, 0), std::memory_order_relaxed);
        told.ready.store(-1, std::memory_order_relaxed);
        const std::uint64_t before = done;
        const auto goesOn = [&] {
            return done < stopAt && !over()
                && (dispatcher.byKernel()
                    || (told.gate.isOpen() && done < told.target.load(std::memory_order_acquire)));
        };
        while (goesOn()) {
            const std::uint64_t target =
                dispatcher.byKernel() ? stopAt : std::min(stopAt, told.target.load(std::memory_order_acquire));
            const std::uint64_t piece = std::min(chunk, target - done);
            workFor(piece);
            done += piece;
            told.done.store(done, std::memory_order_release);
            if (told.begun.load(std::memory_order_relaxed) < 0) {
                told.begun.store(since(on), std::memory_order_relaxed);
            }
        }
        m_plan.state->iterations.fetch_add(done - before, std::memory_order_relaxed);
        ready = since(monotonicNow());
        const bool ends = done >= stopAt && letsGoAt == job.length;
        const bool blocks = done >= stopAt && !ends;
        if (ends) {
            told.ended.store(ready, std::memory_order_relaxed);
        }
        told.gate.close();
        told.stop.store(ends ? JobStop::Ended : blocks ? JobStop::Blocked : JobStop::LetGo, std::memory_order_relaxed);
        told.stops.fetch_add(1, std::memory_order_release);
        dispatcher.tell();
        if (ends) {
            return {};
        }
        if (blocks) {
            {
                const Nanos back = begin + ready + job.ioLength;
                const Waiting waiting(*this, WaitKind::Sleep, Certainty::Surely);
                sleepUntil(until > 0 ? std::min(back, begin + until) : back);
            }
            const Nanos back = since(monotonicNow());
            told.blocked.fetch_add(back - ready, std::memory_order_relaxed);
            ready = back;
            letsGoAt += job.untilItLetsGo(letsGoAt);
            stopAt = iterationsFor(letsGoAt, m_plan.iterationsPerUs);
            told.wakes.fetch_add(1, std::memory_order_release);
            dispatcher.tell();
        }
    }
    return {};
}

/// False: the run is over. True: it has a core; the reason is told, and what a context switch costs is done.
bool StepPerformer::throughGate(DispatchedJob& told)
{
    {
        const Waiting waiting(*this, WaitKind::Gate, Certainty::Surely);
        if (!told.gate.waitUntilOpen()) {
            return false;
        }
    }
    if (told.mark != 0) {
        m_writer.record(EventKind::Mark, told.mark, told.markValue);
    }
    for (std::uint64_t left = told.switchIterations; left > 0 && told.gate.isOpen();) {
        const std::uint64_t piece = std::min(left, kChunkIterations);
        workFor(piece);
        left -= piece;
    }
    return true;
}

void StepPerformer::workFor(std::uint64_t iterations)
{
    while (iterations > 0) {
        const std::uint64_t piece = std::min(iterations, kChunkIterations);
        m_computed = compute(m_computed, piece);
        iterations -= piece;
        betweenChunks();
    }
}

} // namespace timeslice
