#include "core/record/run_inference.h"

#include <algorithm>
#include <iterator>
#include <map>

namespace timeslice {

namespace {

// The kernel brings a running thread's counter up to date at scheduler ticks (every 1 to 10 ms, CONFIG_HZ). A thread
// that is alone in wanting its core and runs at both ends of the interval is credited up to one tick in advance: what
// its process's clock, which is always up to date, is ahead of its threads' counters, where that is known.
constexpr Nanos kTick = 10 * kMillisecond;

constexpr bool isGone(char state)
{
    return state == 'Z' || state == 'X' || state == 'x';
}
constexpr bool isRunnable(char state)
{
    return state == 'R';
}

} // namespace

void RunInference::observe(
    const std::vector<ThreadReading>& readings, const std::vector<ProcessReading>& processes, Nanos now, Batch& batch)
{
    if (!m_started) {
        m_lastTime = now;
    }
    // What the last processes ran at their end comes with the total: until then they are not buried.
    if (m_started && m_awaitsTotal && !m_ranTogether
        && std::all_of(readings.begin(), readings.end(), [](const ThreadReading& r) { return isGone(r.state); })) {
        return;
    }
    for (auto& [tid, thread] : m_threads) {
        thread.seen = false;
    }
    std::vector<Thread*> met;
    for (const ThreadReading& reading : readings) {
        met.push_back(&meet(reading, now, batch));
    }
    announceBirths(met, batch);
    const std::vector<Thread*> dying = theDying();
    settleWithProcesses(processes, dying);
    settleWithTotal(dying);
    for (const Thread* thread : dying) {
        m_ranOfGone[thread->last.pid] += thread->last.ran;
        m_ranOfAllGone += thread->last.ran;
    }
    if (!m_started) {
        for (const auto& [tid, thread] : m_threads) {
            m_ranBefore += thread.last.ran;
        }
    }
    creditInAdvance(processes);
    std::map<CpuId, std::vector<Thread*>> byCore;
    for (auto& [tid, thread] : m_threads) {
        if (!thread.exited) {
            byCore[thread.last.core].push_back(&thread);
        }
    }
    for (auto& [core, threads] : byCore) {
        std::sort(
            threads.begin(), threads.end(), [](const Thread* x, const Thread* y) { return x->last.tid < y->last.tid; });
        place(core, threads, now, batch);
    }
    for (Thread* thread : dying) {
        bury(*thread, now, batch);
    }
    std::erase_if(m_threads, [](const auto& entry) { return !entry.second.seen; });
    m_lastTime = now;
    m_started = true;
}

RunInference::Thread& RunInference::meet(const ThreadReading& reading, Nanos now, Batch& batch)
{
    const auto [at, isNew] = m_threads.try_emplace(reading.tid);
    Thread& thread = at->second;
    if (isNew) {
        // It is at least as old as the time that it has spent running and waiting for a core.
        thread.bornAt = std::clamp(now - reading.ran - reading.waited, m_lastTime, now);
        thread.owed = m_started ? reading.ran : 0;
    } else {
        // A thread that becomes its process by exec takes the number of the first, and has a counter of its own.
        thread.owed += std::max<Nanos>(reading.ran - thread.last.ran, 0);
    }
    const bool replaced = !isNew && reading.tid == reading.pid && thread.last.stack != 0 && reading.stack != 0
        && thread.last.stack != reading.stack;
    if (replaced) {
        const auto since = std::max(static_cast<std::uint64_t>(m_lastTime), std::uint64_t{2});
        batch.events.push_back({now, reading.tid, reading.pid, EventKind::ProcessExec, kNoCpu, 0, since});
    }
    if (isNew || replaced || thread.last.name != reading.name) {
        batch.names.push_back({reading.tid, reading.pid, reading.name, false});
    }
    if (thread.openOn != kNoCpu && thread.openOn != reading.core) {
        batch.events.push_back({m_lastTime, reading.tid, reading.pid, EventKind::SwitchOut, thread.openOn, 0,
            static_cast<std::uint64_t>(SwitchOutReason::Preempted)});
        thread.openOn = kNoCpu;
    }
    thread.stateBefore = isNew ? reading.state : thread.last.state;
    thread.seen = true;
    thread.last = reading;
    return thread;
}

/// Those that have ended since the last observation: what they still ran is placed, and then they are buried.
std::vector<RunInference::Thread*> RunInference::theDying()
{
    std::vector<Thread*> dying;
    for (auto& [tid, thread] : m_threads) {
        if (!thread.exited && (!thread.seen || isGone(thread.last.state))) {
            thread.last.state = 'X';
            dying.push_back(&thread);
        }
    }
    std::sort(dying.begin(), dying.end(), [](const Thread* a, const Thread* b) { return a->last.tid < b->last.tid; });
    return dying;
}

// A thread's own counter goes with it; its process's clock keeps what it ran. Of several that ended since the last
// observation it is not known which ran how much of that: they get equal parts.
void RunInference::settleWithProcesses(const std::vector<ProcessReading>& processes, const std::vector<Thread*>& dying)
{
    std::unordered_map<Pid, Nanos> known;
    std::unordered_map<Pid, Nanos> ended;
    for (const auto& [tid, thread] : m_threads) {
        if (!thread.exited) {
            known[thread.last.pid] += thread.last.ran;
        }
    }
    for (const Thread* thread : dying) {
        ++ended[thread->last.pid];
    }
    for (const ProcessReading& process : processes) {
        const auto count = ended.find(process.pid);
        if (count == ended.end()) {
            continue;
        }
        const Nanos unknown = std::max<Nanos>(process.ran - known[process.pid] - m_ranOfGone[process.pid], 0);
        for (Thread* thread : dying) {
            if (thread->last.pid == process.pid) {
                thread->owed += unknown / count->second;
                thread->last.ran += unknown / count->second;
            }
        }
    }
    std::erase_if(m_ranOfGone, [&](const auto& entry) { // a number may come again, for another process
        return !processes.empty()
            && std::none_of(processes.begin(), processes.end(), [&](const auto& p) { return p.pid == entry.first; });
    });
}

void RunInference::settleWithTotal(const std::vector<Thread*>& dying)
{
    if (!m_ranTogether || dying.empty()) {
        return;
    }
    Nanos known = m_ranOfAllGone - m_ranBefore;
    for (const auto& [tid, thread] : m_threads) {
        known += thread.exited ? 0 : thread.last.ran;
    }
    const Nanos unknown = std::max<Nanos>(*m_ranTogether - known, 0);
    for (Thread* thread : dying) {
        thread->owed += unknown / static_cast<Nanos>(dying.size());
        thread->last.ran += unknown / static_cast<Nanos>(dying.size());
    }
    m_ranTogether.reset();
}

// Several that run share what their process's clock is ahead: never more than it knows of, so that none has been shown
// to run for longer, all together, when they end.
void RunInference::creditInAdvance(const std::vector<ProcessReading>& processes)
{
    struct Clock {
        Nanos ahead = 0;
        Nanos running = 0; ///< threads
    };
    std::unordered_map<Pid, Clock> clocks;
    for (const ProcessReading& process : processes) {
        clocks[process.pid].ahead = process.ran - m_ranOfGone[process.pid];
    }
    const auto runs = [](const Thread& thread) { return thread.openOn != kNoCpu && isRunnable(thread.last.state); };
    for (const auto& [tid, thread] : m_threads) {
        const auto clock = thread.exited ? clocks.end() : clocks.find(thread.last.pid);
        if (clock != clocks.end()) {
            clock->second.ahead -= isGone(thread.last.state) ? 0 : thread.last.ran; // the dying are among the gone
            clock->second.running += runs(thread) ? 1 : 0;
        }
    }
    for (auto& [tid, thread] : m_threads) {
        const auto clock = clocks.find(thread.last.pid);
        thread.credit = kTick;
        if (clock != clocks.end() && runs(thread)) {
            thread.credit = std::clamp<Nanos>(clock->second.ahead / clock->second.running, 0, kTick);
        }
    }
}

// Threads that are met together appear in the order of their ids, which is nearly always that of their births: so that
// rows and colours are the same in every run. None is said to be older than one that came before it.
void RunInference::announceBirths(const std::vector<Thread*>& met, Batch& batch)
{
    std::vector<Thread*> born;
    std::copy_if(met.begin(), met.end(), std::back_inserter(born), [](const Thread* t) { return !t->announced; });
    std::sort(born.begin(), born.end(), [](const Thread* a, const Thread* b) { return a->last.tid < b->last.tid; });
    for (std::size_t i = born.size(); i-- > 1;) {
        born[i - 1]->bornAt = std::min(born[i - 1]->bornAt, born[i]->bornAt);
    }
    for (Thread* thread : born) {
        const ThreadReading& t = thread->last;
        batch.events.push_back(
            {thread->bornAt, t.tid, t.pid, EventKind::ThreadBorn, t.core, 0, static_cast<std::uint64_t>(t.parent)});
        thread->announced = true;
    }
}

// Lays the running times of a core's threads one after another into the interval since the last observation: first
// whoever was on the core at its start, last whoever is on it now. What does not fit stays owed.
void RunInference::place(CpuId core, std::vector<Thread*>& threads, Nanos now, Batch& batch) const
{
    std::vector<Nanos> wanted;
    Nanos together = 0;
    for (const Thread* t : threads) {
        wanted.push_back(std::clamp(t->owed, Nanos{0}, now - m_lastTime));
        together += wanted.back();
    }
    const auto wantsCore = [](const Thread* t) { return isRunnable(t->last.state); };
    std::size_t last = threads.size();
    for (std::size_t i = 0; i < threads.size(); ++i) {
        if (wantsCore(threads[i]) && (last == threads.size() || wanted[i] > wanted[last])) {
            last = i;
        }
    }
    if (std::count_if(threads.begin(), threads.end(), wantsCore) == 1 && threads[last]->openOn == core) {
        const Nanos rest = std::max(now - m_lastTime - (together - wanted[last]), Nanos{0});
        wanted[last] = std::clamp(threads[last]->owed + threads[last]->credit, Nanos{0}, rest);
    }

    std::vector<std::size_t> order(threads.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        order[i] = i;
    }
    const auto rank = [&](std::size_t i) { return threads[i]->openOn == core ? 0 : i == last ? 2 : 1; };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
    Nanos cursor = m_lastTime;
    for (const std::size_t i : order) {
        const Nanos length = std::min(wanted[i], now - std::max(cursor, threads[i]->bornAt));
        const Nanos latest = now - length;
        const Nanos earliest = std::max(cursor, threads[i]->bornAt);
        const Nanos begin = rank(i) == 2 ? latest : earliest;
        threads[i]->owed -= length;
        show(*threads[i], {begin, begin + length}, now, batch);
        cursor = length > 0 ? begin + length : cursor;
    }
}

// `run` may be empty: it did not run. A thread that runs up to now and still wants to stays on its core, until the
// next observation tells for how long.
void RunInference::show(Thread& thread, TimeRange run, Nanos now, Batch& batch) const
{
    const ThreadReading& t = thread.last;
    const auto emit = [&](Nanos time, EventKind kind, CpuId core, std::uint64_t value = 0) {
        batch.events.push_back({time, t.tid, t.pid, kind, core, 0, value});
    };
    const auto left =
        static_cast<std::uint64_t>(isRunnable(t.state) ? SwitchOutReason::Preempted : SwitchOutReason::Blocked);
    const bool goesOn = thread.openOn == t.core && run.begin == m_lastTime && !run.empty();
    if (thread.openOn != kNoCpu && !goesOn) {
        emit(m_lastTime, EventKind::SwitchOut, thread.openOn, left);
        thread.openOn = kNoCpu;
    }
    if (run.empty()) {
        if (!isRunnable(thread.stateBefore) && isRunnable(t.state)) {
            emit(now, EventKind::Wakeup, t.core);
        }
        return;
    }
    if (!goesOn) {
        emit(run.begin, EventKind::SwitchIn, t.core);
    }
    if (run.end == now && isRunnable(t.state)) {
        thread.openOn = t.core;
    } else {
        emit(run.end, EventKind::SwitchOut, t.core, left);
        thread.openOn = kNoCpu;
    }
}

void RunInference::bury(Thread& thread, Nanos now, Batch& batch) const
{
    thread.last.state = 'X';
    show(thread, {m_lastTime, m_lastTime}, now, batch);
    batch.events.push_back({now, thread.last.tid, thread.last.pid, EventKind::ThreadExit, thread.last.core, 0, 0});
    thread.exited = true;
}

} // namespace timeslice
