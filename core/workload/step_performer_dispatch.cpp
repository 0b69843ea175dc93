// A job of a textbook's table: computes, blocks for its I/O, and does so only while its gate is open.
#include "core/workload/dispatcher.h"
#include "core/workload/step_performer.h"

#include <algorithm>

namespace timeslice {

Result<void> StepPerformer::perform(const step::Job& jobStep)
{
    Dispatcher& dispatcher = *m_plan.dispatcher;
    if (dispatcher.byCalculation()) {
        showCalculated(dispatcher, jobStep.job);
        return {};
    }
    const Job& job = dispatcher.spec().jobs[jobStep.job];
    DispatchedJob& told = dispatcher.job(jobStep.job);
    const Nanos begin = m_control.workBegin.load(std::memory_order_relaxed);
    const Nanos until = dispatcher.spec().until;
    const auto since = [begin](Nanos time) { return time - begin; };
    const auto over = [&] { return stopping() || (until > 0 && since(monotonicNow()) >= until); };
    const std::uint64_t chunk =
        std::max<std::uint64_t>(iterationsFor(DispatchSpec::kGranularity, m_plan.iterationsPerUs), 1);

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
            if (dispatcher.endMark() != 0) {
                m_writer.recordAt(begin + ready, EventKind::Mark, dispatcher.endMark());
            }
        }
        told.gate.close();
        told.stop.store(ends ? JobStop::Ended : blocks ? JobStop::Blocked : JobStop::LetGo, std::memory_order_relaxed);
        told.stops.fetch_add(1, std::memory_order_release);
        dispatcher.tell();
        if (ends) {
            return {};
        }
        if (blocks) {
            const Nanos due = begin + ready + job.ioLength;
            waitUntil(until > 0 ? std::min(due, begin + until) : due);
            const Nanos back = since(monotonicNow());
            // Without a dispatcher, whatever is longer than the I/O is the wait for a core.
            told.blocked.fetch_add(
                dispatcher.byKernel() ? std::min(back - ready, job.ioLength) : back - ready, std::memory_order_relaxed);
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

/// The thread sleeps from one of its moments to the next, and notes each as if the kernel had told of it.
void StepPerformer::showCalculated(const Dispatcher& dispatcher, JobIndex index)
{
    const Job& job = dispatcher.spec().jobs[index];
    const JobSchedule& schedule = dispatcher.closedFormSchedule();
    const Nanos begin = m_control.workBegin.load(std::memory_order_relaxed);
    const auto at = [&](Nanos time, EventKind kind, ObjectId object = 0, std::uint64_t value = 0, CpuId cpu = kNoCpu) {
        m_writer.recordAt(begin + time, kind, object, value, cpu);
    };
    const auto sleeps = [&](Nanos from, Nanos until) {
        at(from, EventKind::WaitBegin, 0, static_cast<std::uint64_t>(WaitKind::Sleep));
        sleepUntil(begin + until);
        at(until, EventKind::WaitEnd, 0, static_cast<std::uint64_t>(WaitKind::Sleep));
        at(until, EventKind::Wakeup);
    };
    const auto blocked = static_cast<std::uint64_t>(SwitchOutReason::Blocked);
    const auto preempted = static_cast<std::uint64_t>(SwitchOutReason::Preempted);

    at(0, EventKind::ThreadBorn); // ready, but for one that has yet to arrive
    if (job.arrival > 0) {
        at(0, EventKind::SwitchOut, 0, blocked);
        sleeps(0, std::min(job.arrival, schedule.length));
    }
    auto decision = schedule.decisions.begin();
    for (const Span& span : schedule.spans) {
        if (span.job != index) {
            continue;
        }
        sleepUntil(begin + span.begin);
        if (stopping()) {
            return;
        }
        at(span.begin, EventKind::SwitchIn, 0, 0, m_plan.task->cpus[static_cast<std::size_t>(span.core)]);
        for (; decision != schedule.decisions.end() && decision->time <= span.begin; ++decision) {
            const Decision& made = decision->decision;
            if (made.in == index && made.out != index) {
                at(span.begin, EventKind::Mark, dispatcher.markFor(made), Dispatcher::markValue(made));
            }
        }
        sleepUntil(begin + span.end);
        if (stopping()) {
            return;
        }
        const bool blocks = span.how == SpanEnd::Blocked;
        at(span.end, EventKind::SwitchOut, 0, blocks || span.how == SpanEnd::Ended ? blocked : preempted);
        if (blocks) {
            sleeps(span.end, std::min(span.end + job.ioLength, schedule.length));
        }
    }
    const auto ended = schedule.figures.jobs[index].ended;
    sleepUntil(begin + ended.value_or(schedule.length));
    if (!stopping()) {
        if (ended) {
            at(*ended, EventKind::Mark, dispatcher.endMark());
        }
        at(ended.value_or(schedule.length), EventKind::ThreadExit);
    }
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
