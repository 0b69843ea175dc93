#include "core/trace/timeline_builder.h"

#include "core/trace/core_others.h"
#include "core/trace/settle_by_time.h"
#include "core/trace/timeline_rows.h"
#include "core/trace/track_folds.h"
#include "core/trace/track_steps.h"
#include "core/trace/unseen_gils.h"
#include "core/trace/waker.h"

#include <algorithm>
#include <cassert>
#include <deque>
#include <map>
#include <unordered_map>
#include <vector>

namespace timeslice {

namespace {

/// A thread still runs for a while when its end has been recorded, and wakes whoever waits for that.
constexpr Nanos kLeaving = kSecond;

/// Event::value comes from the traced program's memory: only what the enumerations know passes.
std::uint32_t detailOf(const Event& event)
{
    switch (event.kind) {
    case EventKind::SwitchOut:
        return event.value == static_cast<std::uint64_t>(SwitchOutReason::Preempted) ? 1 : 0;
    case EventKind::LockRelease:
        return event.value <= static_cast<std::uint64_t>(ReleaseReason::Killed)
            ? static_cast<std::uint32_t>(event.value)
            : 0;
    case EventKind::WaitBegin:
        return event.value <= static_cast<std::uint64_t>(kLastWaitKind) ? static_cast<std::uint32_t>(event.value) : 0;
    default:
        return 0;
    }
}

} // namespace

struct TimelineBuilder::Impl {
    Impl(Timeline& filled, const BuilderOptions& options)
        : timeline(filled)
        , rows(filled, options)
        , unseen(filled)
        , steps(filled, rows, unseen)
    {
        timeline.gilNote = options.gilNote;
    }

    void append(const Batch& batch);
    void finish(Nanos end);

    void applyEvent(const Event& event);
    void applyToThread(std::uint32_t thread, const Event& event);
    bool applySwitch(std::uint32_t thread, const Event& event);
    bool applyWakeup(std::uint32_t thread, const Event& event);
    bool applyExit(std::uint32_t thread, const Event& event);
    void applyDeadline(std::uint32_t thread, const Event& event);
    void openGate(std::uint32_t opener, Nanos time);
    bool applyLockEvent(std::uint32_t thread, const Event& event);
    void applyExec(const Event& event);
    void applyReaping(const Event& event);
    void applyMemory(const MemorySample& sample);
    bool endOldProgram(std::uint32_t thread, Nanos time);
    bool endAtExec(std::uint32_t thread, Nanos time);
    void endWhatCameLate(std::uint32_t thread, const Event& event);
    void applyCounterAccess(std::uint32_t thread, const Event& event);

    std::vector<std::uint32_t>& locksOf(std::uint32_t thread);
    void settleMoments();

    Timeline& timeline;
    TimelineRows rows;
    std::unordered_map<Pid, std::vector<Nanos>> execs; ///< of each process, ascending
    UnseenGils unseen;
    TrackSteps steps;
    std::deque<std::vector<std::uint32_t>> everHeld; ///< by thread: locks
    Source source = Source::Measured; ///< of the batch at hand
    std::vector<std::size_t> settledAccesses; ///< by counter: how many are in the order of time
    std::vector<std::size_t> settledMoments; ///< by lock
    std::map<std::uint32_t, std::size_t> settledAlarms; ///< by thread
    std::unordered_map<std::uint32_t, Nanos> startDelays; ///< by thread, of those that have told one
    std::size_t settledMarks = 0;
    std::size_t settledLatencies = 0;
    LossCounts reported;
    std::uint64_t refused = 0; ///< events that name no core or lock, or more threads than can be told apart
    bool hasEvents = false;
};

std::vector<std::uint32_t>& TimelineBuilder::Impl::locksOf(std::uint32_t thread)
{
    while (everHeld.size() <= thread) {
        everHeld.emplace_back();
    }
    return everHeld[thread];
}

bool TimelineBuilder::Impl::applySwitch(std::uint32_t thread, const Event& event)
{
    const bool hasCore = rows.core(event.cpu) != TimelineRows::kNone;
    if (!hasCore && event.kind == EventKind::SwitchIn) {
        ++refused; // it runs, but nobody says where
        return true;
    }
    bool inTime = steps.thread(thread, {event.time, kNobody, detailOf(event), event.kind, event.cpu});
    if (hasCore) {
        const bool guessed = event.kind == EventKind::SwitchIn && timeline.source == Source::Inferred;
        const std::uint32_t detail = guessed ? kMayOverlap : detailOf(event);
        inTime = steps.core(event.cpu, {event.time, thread, detail, event.kind, event.cpu}) && inTime;
    }
    return inTime;
}

bool TimelineBuilder::Impl::applyWakeup(std::uint32_t thread, const Event& event)
{
    const WokenBy by = WokenBy::fromBits(event.value);
    Waker waker;
    if (by.kind == WokenBy::Kind::Interrupt) {
        waker.kind = Waker::Kind::Interrupt;
    } else if (by.kind == WokenBy::Kind::Thread) {
        // It ran at that moment, so that it has a row if it is the run's. Long after its end its number is another's.
        const std::optional<std::uint32_t> row = timeline.threadIndex(by.tid);
        const bool own = row && !(rows.hasExited(*row) && timeline.threads[*row].exited + kLeaving < event.time);
        waker = own ? Waker{Waker::Kind::Thread, *row} : Waker{Waker::Kind::Outsider, 0};
    }
    return steps.thread(thread, {event.time, kNobody, waker.subject(), event.kind, kNoCpu});
}

void TimelineBuilder::Impl::applyDeadline(std::uint32_t thread, const Event& event)
{
    const auto due = static_cast<Nanos>(std::min(event.value, static_cast<std::uint64_t>(kLatestTime)));
    if (due > event.time) { // else it does not sleep
        steps.dueWaits().expect(thread, due, {Waker::Kind::Interrupt, 0});
    }
}

/// All who are off their cores stand there: the work has not begun. Who comes later has told so.
void TimelineBuilder::Impl::openGate(std::uint32_t opener, Nanos time)
{
    for (const std::uint32_t thread : steps.liveThreads()) {
        if (thread == opener || timeline.threads[thread].auxiliary) {
            continue;
        }
        if (const auto delay = startDelays.find(thread); delay != startDelays.end()) {
            steps.dueWaits().expect(thread, time + delay->second, {Waker::Kind::Interrupt, 0});
        } else {
            steps.dueWaits().expect(thread, time, {Waker::Kind::Thread, opener});
        }
    }
}

bool TimelineBuilder::Impl::applyExit(std::uint32_t thread, const Event& event)
{
    bool inTime = steps.thread(thread, {event.time, kNobody, 0, EventKind::ThreadExit, event.cpu});
    const Step gone{event.time, thread, 0, EventKind::ThreadExit, event.cpu};
    if (rows.core(event.cpu) != TimelineRows::kNone) {
        inTime = steps.core(event.cpu, gone) && inTime;
    }
    for (const std::uint32_t lock : locksOf(thread)) {
        inTime = steps.lock(lock, gone) && inTime;
    }
    return inTime;
}

bool TimelineBuilder::Impl::applyLockEvent(std::uint32_t thread, const Event& event)
{
    const std::uint32_t lock = rows.lock(event.object, event.pid);
    if (lock == TimelineRows::kNone) {
        ++refused;
        return true;
    }
    const std::uint32_t nesting = timeline.locks[lock].kind == ObjectKind::Gil ? kForGil : 0;
    const Step onThread{event.time, lock, nesting, event.kind, kNoCpu};
    const Step onLock{event.time, thread, detailOf(event), event.kind, kNoCpu};
    if (event.kind == EventKind::LockDropRequest || event.kind == EventKind::LockForcedWait) {
        timeline.locks[lock].moments.push_back(LockMoment{event.time, thread, event.kind});
    }
    switch (event.kind) {
    case EventKind::LockRequest:
    case EventKind::LockAbandon:
    case EventKind::LockForcedWait:
        return steps.thread(thread, onThread);
    case EventKind::LockFalseAlarm: // it goes on waiting
        timeline.falseAlarms[thread].push_back({event.time, lock});
        return true;
    case EventKind::LockRelease:
        return steps.lock(lock, onLock);
    case EventKind::LockAcquire: {
        bool inTime = steps.thread(thread, onThread);
        inTime = steps.lock(lock, onLock) && inTime;
        auto& held = locksOf(thread);
        if (std::find(held.begin(), held.end(), lock) == held.end()) {
            held.push_back(lock);
            if (const auto known = execs.find(event.pid); known != execs.end()) { // what came before it is gone with it
                const auto next = std::upper_bound(known->second.begin(), known->second.end(), event.time);
                if (next != known->second.end()) {
                    steps.lock(lock, {*next, thread, 0, EventKind::ProcessExec, kNoCpu});
                }
            }
            if (rows.hasExited(thread)) { // the news of its end came before this
                steps.lock(lock, {timeline.threads[thread].exited, thread, 0, EventKind::ThreadExit, kNoCpu});
            }
        }
        return inTime;
    }
    default:
        return true;
    }
}

/// `thread` goes on in another program, or has ended with the old one.
bool TimelineBuilder::Impl::endOldProgram(std::uint32_t thread, Nanos time)
{
    bool inTime = steps.thread(thread, {time, kNobody, 0, EventKind::ProcessExec, kNoCpu});
    for (const std::uint32_t lock : locksOf(thread)) {
        inTime = steps.lock(lock, {time, thread, 0, EventKind::ProcessExec, kNoCpu}) && inTime;
    }
    return inTime;
}

bool TimelineBuilder::Impl::endAtExec(std::uint32_t thread, Nanos time)
{
    rows.noteExit(thread, time);
    return steps.thread(thread, {time, kNobody, 0, EventKind::ThreadExit, kNoCpu});
}

/// The first record of a thread comes after the news of an exec before which it was written.
void TimelineBuilder::Impl::endWhatCameLate(std::uint32_t thread, const Event& event)
{
    const auto known = execs.find(event.pid);
    if (known == execs.end()) {
        return;
    }
    const auto next = std::upper_bound(known->second.begin(), known->second.end(), event.time);
    if (next == known->second.end()) {
        return;
    }
    endOldProgram(thread, *next);
    if (event.tid != event.pid && !rows.hasExited(thread)) {
        endAtExec(thread, *next);
    }
}

void TimelineBuilder::Impl::applyExec(const Event& event)
{
    const bool certain = event.value == static_cast<std::uint64_t>(ExecNews::Certain);
    if (source == Source::Measured && !certain) {
        return; // the kernel tells whether it came to that, and when
    }
    std::vector<Nanos>& known = execs[event.pid];
    const bool sampled = event.value >= static_cast<std::uint64_t>(ExecNews::Sampled);
    const auto since = static_cast<Nanos>(std::min(event.value, static_cast<std::uint64_t>(kLatestTime)));
    if (sampled && std::lower_bound(known.begin(), known.end(), since) != known.end()) {
        return; // announced, and in its place
    }
    known.insert(std::upper_bound(known.begin(), known.end(), event.time), event.time);
    const auto later = std::upper_bound(timeline.execs.begin(), timeline.execs.end(), event.time,
        [](Nanos time, const ExecPoint& point) { return time < point.time; });
    timeline.execs.insert(later, {event.time, event.pid});
    unseen.endsAt(event.pid, event.time);

    // The kernel gives the thread that goes on the id of its process. If it was another than the first one until now,
    // that one has ended before, whether its record has come yet or not.
    const auto row = timeline.threadByTid.find(event.tid);
    const std::uint32_t runs = steps.runsOn(event.cpu);
    const bool byAnother =
        runs != kNobody && timeline.threads[runs].pid == event.pid && timeline.threads[runs].tid != event.tid;
    const bool renewed = certain && row != timeline.threadByTid.end()
        && (byAnother || (rows.hasExited(row->second) && timeline.threads[row->second].exited <= event.time));
    const std::uint32_t goesOn = renewed ? rows.successor(event) : rows.thread(event);
    if (goesOn == TimelineRows::kNone) {
        ++refused;
        return;
    }
    bool inTime = true;
    for (const std::uint32_t thread : std::vector<std::uint32_t>(steps.liveThreads())) {
        const ThreadInfo& info = timeline.threads[thread];
        if (info.pid != event.pid || info.born > event.time) {
            continue;
        }
        inTime = endOldProgram(thread, event.time) && inTime;
        if (certain && thread != goesOn && !rows.hasExited(thread)) {
            inTime = endAtExec(thread, event.time) && inTime;
        }
    }
    inTime = steps.thread(goesOn, {event.time, kNobody, 0, EventKind::ProcessExec, kNoCpu}) && inTime;
    steps.drawConclusions();
    if (renewed && rows.core(event.cpu) != TimelineRows::kNone) {
        inTime =
            applySwitch(goesOn, {event.time, event.tid, event.pid, EventKind::SwitchIn, event.cpu, 0, 0}) && inTime;
        steps.drawConclusions();
    }
    timeline.lateEvents += inTime ? 0 : 1;
}

void TimelineBuilder::Impl::applyReaping(const Event& event)
{
    const Reaping reaping = Reaping::fromBits(event.value);
    if (!reaping.isEnd()) {
        ++refused;
        return;
    }
    const auto later = std::upper_bound(timeline.reaps.begin(), timeline.reaps.end(), event.time,
        [](Nanos time, const ReapPoint& point) { return time < point.time; });
    timeline.reaps.insert(later, {event.time, reaping.pid, reaping.status});
}

void TimelineBuilder::Impl::applyMemory(const MemorySample& sample)
{
    const bool inOrder = timeline.memory.empty() || timeline.memory.back().time <= sample.time;
    if (inOrder && sample.time >= 0 && sample.time <= kLatestTime) { // whoever samples goes on in time
        timeline.memory.push_back(sample);
    }
}

void TimelineBuilder::Impl::applyCounterAccess(std::uint32_t thread, const Event& event)
{
    const std::uint32_t counter = rows.counter(event.object);
    if (counter == TimelineRows::kNone) {
        ++refused;
        return;
    }
    timeline.counters[counter].accesses.push_back(
        {event.time, static_cast<std::int64_t>(event.value), thread, event.kind == EventKind::CounterStore});
}

void TimelineBuilder::Impl::applyEvent(const Event& event)
{
    if (event.time < 0 || event.time > kLatestTime) {
        ++refused; // no clock says that; sums of such times would overflow
        return;
    }
    if (event.kind == EventKind::WorkBegin) {
        timeline.workBegin = std::min(timeline.workBegin.value_or(event.time), event.time);
    } else if (event.kind == EventKind::WorkEnd) {
        timeline.workEnd = std::max(timeline.workEnd.value_or(event.time), event.time);
    }
    timeline.begin = hasEvents ? std::min(timeline.begin, event.time) : event.time;
    timeline.end = hasEvents ? std::max(timeline.end, event.time) : event.time;
    hasEvents = true;
    if (event.kind == EventKind::ProcessReaped) {
        applyReaping(event);
        return;
    }
    if (event.tid <= 0) { // the idle thread, or one outside our process-id namespace
        return;
    }
    if (event.kind == EventKind::ProcessExec) {
        applyExec(event);
        return;
    }
    const std::size_t known = timeline.threads.size();
    const std::uint32_t thread = rows.thread(event);
    if (thread == TimelineRows::kNone) {
        ++refused;
        return;
    }
    if (event.kind == EventKind::ThreadBorn && event.tid == event.pid) {
        unseen.endsAt(event.pid, event.time); // the number may have been another process's
    }
    applyToThread(thread, event);
    if (timeline.threads.size() > known) {
        endWhatCameLate(thread, event);
    }
    steps.drawConclusions();
}

void TimelineBuilder::Impl::applyToThread(std::uint32_t thread, const Event& event)
{
    bool inTime = true;
    switch (event.kind) {
    case EventKind::SwitchIn:
    case EventKind::SwitchOut:
        inTime = applySwitch(thread, event);
        break;
    case EventKind::Wakeup:
        inTime = applyWakeup(thread, event);
        break;
    case EventKind::ThreadBorn:
    case EventKind::WaitBegin:
    case EventKind::WaitEnd:
        inTime = steps.thread(thread, {event.time, kNobody, detailOf(event), event.kind, kNoCpu});
        break;
    case EventKind::ThreadExit:
        inTime = applyExit(thread, event);
        break;
    case EventKind::LockRequest:
    case EventKind::LockAcquire:
    case EventKind::LockRelease:
    case EventKind::LockDropRequest:
    case EventKind::LockForcedWait:
    case EventKind::LockAbandon:
    case EventKind::LockFalseAlarm:
        inTime = applyLockEvent(thread, event);
        break;
    case EventKind::CounterLoad:
    case EventKind::CounterStore:
        applyCounterAccess(thread, event);
        break;
    case EventKind::Mark:
        timeline.marks.push_back(MarkPoint{event.time, thread, event.object, event.value});
        break;
    case EventKind::Latency:
        timeline.latencies.push_back(LatencySample{event.time, thread, static_cast<Nanos>(event.value)});
        break;
    case EventKind::WaitUntil:
        applyDeadline(thread, event);
        break;
    case EventKind::StartDelay:
        startDelays[thread] = static_cast<Nanos>(std::min(event.value, static_cast<std::uint64_t>(kLatestTime)));
        break;
    case EventKind::WorkBegin:
        if (event.value == static_cast<std::uint64_t>(WorkStart::Gate)) {
            openGate(thread, event.time);
        }
        break;
    case EventKind::None:
    case EventKind::ProcessExec:
    case EventKind::ProcessReaped:
    case EventKind::WorkEnd:
        break;
    }
    timeline.lateEvents += inTime ? 0 : 1;
}

void TimelineBuilder::Impl::settleMoments()
{
    settledAccesses.resize(timeline.counters.size());
    for (std::size_t i = 0; i < settledAccesses.size(); ++i) {
        settleByTime(timeline.counters[i].accesses, settledAccesses[i]);
    }
    settledMoments.resize(timeline.locks.size());
    for (std::size_t i = 0; i < settledMoments.size(); ++i) {
        settleByTime(timeline.locks[i].moments, settledMoments[i]);
    }
    for (auto& [thread, alarms] : timeline.falseAlarms) {
        settleByTime(alarms, settledAlarms[thread]);
    }
    settleByTime(timeline.marks, settledMarks);
    settleByTime(timeline.latencies, settledLatencies);
}

void TimelineBuilder::Impl::append(const Batch& batch)
{
    if (batch.source != Source::Measured) {
        timeline.source = batch.source; // what is partly guessed is not measured
    }
    assert(!timeline.finished);
    source = batch.source;
    steps.dueWaits().setKernelTells(batch.wakeups);
    for (const ObjectBirth& birth : batch.objects) {
        rows.apply(birth);
        if (birth.kind == ObjectKind::Gil) {
            unseen.isSeen(birth.pid);
        }
    }
    for (const ThreadNaming& naming : batch.names) {
        rows.apply(naming);
    }
    if (batch.source != Source::Measured) {
        rows.meetThreads(batch.events);
    }
    for (const Event& event : batch.events) {
        applyEvent(event);
    }
    for (const UsageSample& sample : batch.usage) {
        rows.apply(sample);
    }
    for (const MemorySample& sample : batch.memory) {
        applyMemory(sample);
    }
    for (const UnobservedProcess& process : batch.unobserved) {
        unseen.add(process);
    }
    appendOthers(timeline, batch);
    rows.settleColors();
    settleMoments();

    timeline.events += batch.events.size();
    reported.channel = std::max(reported.channel, batch.lost.channel);
    reported.kernel = std::max(reported.kernel, batch.lost.kernel);
    reported.malformed = std::max(reported.malformed, batch.lost.malformed);
    reported.overBudget = std::max(reported.overBudget, batch.lost.overBudget);
    reported.threadsWithoutMemory = std::max(reported.threadsWithoutMemory, batch.lost.threadsWithoutMemory);
    reported.threadsWithoutRing = std::max(reported.threadsWithoutRing, batch.lost.threadsWithoutRing);
    reported.others = std::max(reported.others, batch.lost.others);
    reported.wakeups = std::max(reported.wakeups, batch.lost.wakeups);
    timeline.lost = reported;
    timeline.lost.malformed += refused;

    if (!hasEvents) {
        timeline.begin = batch.drainedAt;
    }
    timeline.end = std::max(timeline.end, batch.drainedAt);
    if (batch.wakeups) {
        timeline.wakeupsUntil = std::max(timeline.wakeupsUntil.value_or(0), batch.drainedAt);
    }
    steps.extendTo(batch.drainedAt);
}

void TimelineBuilder::Impl::finish(Nanos end)
{
    timeline.end = std::max(timeline.end, end);
    const auto close = [this](Track& track) {
        if (!track.closed()) {
            track.extendTo(timeline.end);
            track.close();
        }
    };
    for (ThreadInfo& thread : timeline.threads) {
        close(thread.track);
    }
    for (CoreInfo& core : timeline.cores) {
        close(core.track);
        core.others.close(); // where it has come to: what is beyond was not measured
    }
    for (LockInfo& lock : timeline.locks) {
        close(lock.track);
    }
    timeline.finished = true;
}

TimelineBuilder::TimelineBuilder(Timeline& timeline, const BuilderOptions& options)
    : m_impl(std::make_unique<Impl>(timeline, options))
{
}
TimelineBuilder::~TimelineBuilder() = default;

void TimelineBuilder::append(const Batch& batch)
{
    m_impl->append(batch);
}

void TimelineBuilder::finish(Nanos end)
{
    m_impl->finish(end);
}

} // namespace timeslice
