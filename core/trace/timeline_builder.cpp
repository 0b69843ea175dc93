#include "core/trace/timeline_builder.h"

#include "core/trace/replay_fold.h"
#include "core/trace/track_folds.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <deque>
#include <limits>
#include <string>
#include <unordered_map>
#include <utility>

namespace timeslice {

namespace {

constexpr std::size_t kMaxTracks = std::size_t{SliceValue::kMaxSubject} + 1; ///< what a slice's subject can name
constexpr std::uint32_t kNoIndex = kNobody;

/// Puts a moment behind all that are not after it. What comes late lies near the end, so this is cheap.
template <class Moment> void insertByTime(std::vector<Moment>& moments, const Moment& moment)
{
    auto at = moments.end();
    while (at != moments.begin() && (at - 1)->time > moment.time) {
        --at;
    }
    moments.insert(at, moment);
}

bool isLock(ObjectKind kind)
{
    return kind == ObjectKind::Mutex || kind == ObjectKind::Gil || kind == ObjectKind::SpinLock;
}

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
        return event.value <= static_cast<std::uint64_t>(WaitKind::NetworkIo) ? static_cast<std::uint32_t>(event.value)
                                                                              : 0;
    default:
        return 0;
    }
}

} // namespace

struct TimelineBuilder::Impl {
    struct ThreadEntry {
        ReplayFold<ThreadState> fold;
        std::vector<std::uint32_t> locks; ///< that it ever held
        bool bornSeen = false;
        bool exitSeen = false;
    };
    /// A conclusion from one track about another, to be applied there after the event at hand.
    struct Conclusion {
        std::uint32_t track = 0; ///< thread index, or core index
        Step step;
    };

    Impl(Timeline& filled, BuilderOptions given)
        : timeline(filled)
        , options(std::move(given))
    {
        for (const CpuId cpu : options.cpus) {
            coreFor(cpu);
        }
    }

    void append(const Batch& batch);
    void finish(Nanos end);

    void applyObject(const ObjectBirth& birth);
    void applyName(const ThreadNaming& naming);
    void applyUsage(const UsageSample& sample);
    void applyEvent(const Event& event);
    void applySwitch(std::uint32_t thread, const Event& event);
    void applyExit(std::uint32_t thread, const Event& event);
    void applyLockEvent(std::uint32_t thread, const Event& event);

    bool stepThread(std::uint32_t thread, const Step& step, bool concluded = false);
    bool stepCore(std::uint32_t core, const Step& step, bool concluded = false);
    bool stepLock(std::uint32_t lock, const Step& step);
    void drawConclusions();

    std::uint32_t threadFor(const Event& event);
    std::uint32_t addThread(const Event& event);
    std::uint32_t coreFor(CpuId cpu);
    std::uint32_t lockFor(ObjectId id);
    std::uint32_t counterFor(ObjectId id);
    void rename(std::uint32_t thread, const ThreadNaming& naming);
    void assignSlots();
    std::uint8_t slotOf(std::uint32_t thread) const
    {
        return thread < timeline.threads.size() ? timeline.threads[thread].colorSlot : kOtherSlot;
    }

    Timeline& timeline;
    BuilderOptions options;
    std::deque<ThreadEntry> threads; ///< as Timeline::threads
    std::vector<ReplayFold<CoreState>> cores; ///< as Timeline::cores
    std::deque<ReplayFold<LockState>> locks; ///< as Timeline::locks
    std::vector<std::uint32_t> coreOfCpu; ///< index by CpuId, kNoIndex where there is none
    std::vector<std::uint32_t> liveThreads; ///< those whose track is not closed, and some that are
    std::unordered_map<Tid, ThreadNaming> namesAhead; ///< of threads that have no event yet
    std::unordered_map<Tid, std::vector<std::uint32_t>> earlierThreads; ///< of ids that were given out again
    std::vector<Conclusion> aboutThreads;
    std::vector<Conclusion> aboutCores;
    std::array<std::pair<Tid, std::uint32_t>, 64> recentThreads{}; ///< direct-mapped cache of threadByTid
    LossCounts reported;
    std::uint64_t refused = 0; ///< events of more threads, locks or counters than can be told apart
    std::size_t coloredThreads = 0;
    bool slotsStale = false;
    bool hasEvents = false;
};

// --- Threads, cores, locks, counters

std::uint32_t TimelineBuilder::Impl::threadFor(const Event& event)
{
    auto& recent = recentThreads[static_cast<std::size_t>(event.tid) % recentThreads.size()];
    std::uint32_t index = kNoIndex;
    if (recent.first == event.tid) {
        index = recent.second;
    } else if (const auto found = timeline.threadByTid.find(event.tid); found != timeline.threadByTid.end()) {
        index = found->second;
        recent = {event.tid, index};
    } else {
        return addThread(event);
    }

    if (event.kind == EventKind::ThreadBorn && threads[index].exitSeen
        && event.time >= timeline.threads[index].exited) {
        earlierThreads[event.tid].push_back(index); // the kernel gave the id to a new thread
        return addThread(event);
    }
    if (event.time < timeline.threads[index].born && !earlierThreads.empty()) {
        if (const auto earlier = earlierThreads.find(event.tid); earlier != earlierThreads.end()) {
            for (auto candidate = earlier->second.rbegin(); candidate != earlier->second.rend(); ++candidate) {
                if (event.time >= timeline.threads[*candidate].born || candidate + 1 == earlier->second.rend()) {
                    return *candidate;
                }
            }
        }
    }
    return index;
}

std::uint32_t TimelineBuilder::Impl::addThread(const Event& event)
{
    if (timeline.threads.size() >= kMaxTracks) {
        return kNoIndex;
    }
    const auto index = static_cast<std::uint32_t>(timeline.threads.size());
    ThreadInfo& thread = timeline.threads.emplace_back();
    threads.emplace_back();
    thread.tid = event.tid;
    thread.pid = event.pid;
    thread.born = event.time;
    thread.auxiliary = options.rootIsAuxiliary && event.tid == options.rootPid;
    if (event.kind == EventKind::ThreadBorn && event.value > 0
        && event.value <= static_cast<std::uint64_t>(std::numeric_limits<Tid>::max())) {
        // The kernel copies the creator's name, and sends no record of that.
        if (const auto parent = timeline.threadIndex(static_cast<Tid>(event.value))) {
            thread.name = timeline.threads[*parent].name;
        }
    }
    timeline.threadByTid[event.tid] = index;
    recentThreads[static_cast<std::size_t>(event.tid) % recentThreads.size()] = {event.tid, index};
    liveThreads.push_back(index);
    if (const auto ahead = namesAhead.find(event.tid); ahead != namesAhead.end()) {
        rename(index, ahead->second);
        namesAhead.erase(ahead);
    }
    if (!thread.auxiliary) {
        thread.colorSlot = static_cast<std::uint8_t>(1 + coloredThreads++ % kColorSlots);
    }
    return index;
}

std::uint32_t TimelineBuilder::Impl::coreFor(CpuId cpu)
{
    if (cpu < 0) {
        return kNoIndex;
    }
    const auto id = static_cast<std::size_t>(cpu);
    if (id < coreOfCpu.size() && coreOfCpu[id] != kNoIndex) {
        return coreOfCpu[id];
    }
    const auto position = std::lower_bound(timeline.cores.begin(), timeline.cores.end(), cpu,
        [](const CoreInfo& core, CpuId wanted) { return core.cpu < wanted; });
    const auto index = static_cast<std::uint32_t>(position - timeline.cores.begin());
    const bool moves = position != timeline.cores.end();
    CoreInfo core;
    core.cpu = cpu;
    timeline.cores.insert(position, std::move(core));
    cores.insert(cores.begin() + index, ReplayFold<CoreState>());
    coreOfCpu.resize(std::max(coreOfCpu.size(), id + 1), kNoIndex);
    for (std::size_t i = index; i < timeline.cores.size(); ++i) {
        coreOfCpu[static_cast<std::size_t>(timeline.cores[i].cpu)] = static_cast<std::uint32_t>(i);
    }
    if (moves) {
        for (ThreadInfo& thread : timeline.threads) {
            thread.track.mapValues([index](SliceValue value) {
                const bool moved = value.state() == SliceState::Running && value.subject() >= index;
                return moved ? SliceValue(value.state(), value.cause(), value.subject() + 1, value.category()) : value;
            });
        }
    }
    return index;
}

std::uint32_t TimelineBuilder::Impl::lockFor(ObjectId id)
{
    if (const auto known = timeline.lockById.find(id); known != timeline.lockById.end()) {
        return known->second;
    }
    if (id == 0 || timeline.locks.size() >= kMaxTracks) {
        return kNoIndex;
    }
    const auto index = static_cast<std::uint32_t>(timeline.locks.size());
    timeline.locks.emplace_back().id = id;
    locks.emplace_back();
    timeline.lockById.emplace(id, index);
    return index;
}

std::uint32_t TimelineBuilder::Impl::counterFor(ObjectId id)
{
    if (const auto known = timeline.counterById.find(id); known != timeline.counterById.end()) {
        return known->second;
    }
    if (id == 0 || timeline.counters.size() >= kMaxTracks) {
        return kNoIndex;
    }
    const auto index = static_cast<std::uint32_t>(timeline.counters.size());
    timeline.counters.emplace_back().id = id;
    timeline.counterById.emplace(id, index);
    return index;
}

void TimelineBuilder::Impl::applyObject(const ObjectBirth& birth)
{
    if (isLock(birth.kind)) {
        if (const std::uint32_t index = lockFor(birth.id); index != kNoIndex) {
            LockInfo& lock = timeline.locks[index];
            lock.kind = birth.kind;
            lock.pid = birth.pid;
            lock.name = birth.name;
        }
    } else if (birth.kind == ObjectKind::Counter) {
        if (const std::uint32_t index = counterFor(birth.id); index != kNoIndex) {
            timeline.counters[index].pid = birth.pid;
            timeline.counters[index].name = birth.name;
        }
    } else if (birth.kind == ObjectKind::Mark) {
        timeline.markNames[birth.id] = birth.name;
    }
}

void TimelineBuilder::Impl::applyName(const ThreadNaming& naming)
{
    const auto found = timeline.threadByTid.find(naming.tid);
    if (found == timeline.threadByTid.end()
        || (threads[found->second].exitSeen && !timeline.threads[found->second].name.empty())) {
        ThreadNaming& ahead = namesAhead[naming.tid];
        const bool auxiliary = ahead.auxiliary || naming.auxiliary;
        ahead = naming;
        ahead.auxiliary = auxiliary;
        return;
    }
    rename(found->second, naming);
}

void TimelineBuilder::Impl::rename(std::uint32_t index, const ThreadNaming& naming)
{
    ThreadInfo& thread = timeline.threads[index];
    if (!naming.name.empty()) {
        thread.name = naming.name;
    }
    if (thread.pid == 0) {
        thread.pid = naming.pid;
    }
    if (naming.auxiliary && !thread.auxiliary) {
        thread.auxiliary = true;
        slotsStale = slotsStale || thread.colorSlot != kOtherSlot;
    }
}

/// A thread turned out to be auxiliary after it had been given a colour: the others move up, in every track.
void TimelineBuilder::Impl::assignSlots()
{
    slotsStale = false;
    coloredThreads = 0;
    for (ThreadInfo& thread : timeline.threads) {
        thread.colorSlot =
            thread.auxiliary ? kOtherSlot : static_cast<std::uint8_t>(1 + coloredThreads++ % kColorSlots);
    }
    const auto recolored = [this](SliceValue value) {
        return value.state() != SliceState::Running
            ? value
            : SliceValue(value.state(), value.cause(), value.subject(), slotOf(value.subject()));
    };
    for (CoreInfo& core : timeline.cores) {
        core.track.mapValues(recolored);
    }
    for (LockInfo& lock : timeline.locks) {
        lock.track.mapValues(recolored);
    }
}

void TimelineBuilder::Impl::applyUsage(const UsageSample& sample)
{
    const auto core = timeline.coreIndex(sample.cpu);
    if (!core) {
        return;
    }
    auto& usage = timeline.cores[*core].usage;
    const auto position = std::upper_bound(usage.begin(), usage.end(), sample.begin,
        [](Nanos begin, const UsageSample& other) { return begin < other.begin; });
    usage.insert(position, sample);
}

// --- Events

bool TimelineBuilder::Impl::stepThread(std::uint32_t thread, const Step& step, bool concluded)
{
    using Fold = ReplayFold<ThreadState>;
    const auto value = [this](const ThreadState& state) {
        return state.value(state.onCpu() ? coreOfCpu[static_cast<std::size_t>(state.cpu)] : 0);
    };
    const auto applied = [this, thread](const ThreadState& before, const Step& at, const ThreadState& after) {
        const bool left = before.onCpu() && before.cpu != after.cpu
            && (at.kind == EventKind::SwitchIn || at.kind == EventKind::ThreadExit);
        if (left) {
            aboutCores.push_back({coreOfCpu[static_cast<std::size_t>(before.cpu)],
                {at.time, thread, kSuperseded, EventKind::SwitchOut, before.cpu}});
        }
    };
    const auto exited = [](const ThreadState& state) { return state.exited; };
    return threads[thread].fold.add<kReplay>(step, concluded ? Fold::TooLate::Drop : Fold::TooLate::Clamp,
        timeline.threads[thread].track, value, applied, exited);
}

bool TimelineBuilder::Impl::stepCore(std::uint32_t core, const Step& step, bool concluded)
{
    using Fold = ReplayFold<CoreState>;
    const auto value = [this](const CoreState& state) { return state.value(slotOf(state.current)); };
    const auto applied = [this](const CoreState& before, const Step& at, const CoreState&) {
        if (at.kind == EventKind::SwitchIn && before.current != kNobody && before.current != at.subject) {
            aboutThreads.push_back({before.current, {at.time, kNobody, kSuperseded, EventKind::SwitchOut, at.cpu}});
        }
    };
    const auto never = [](const CoreState&) { return false; };
    return cores[core].add<kReplay>(step, concluded ? Fold::TooLate::Drop : Fold::TooLate::Clamp,
        timeline.cores[core].track, value, applied, never);
}

bool TimelineBuilder::Impl::stepLock(std::uint32_t lock, const Step& step)
{
    const auto value = [this](const LockState& state) { return state.value(slotOf(state.shown())); };
    const auto applied = [](const LockState&, const Step&, const LockState&) {};
    const auto never = [](const LockState&) { return false; };
    const bool inTime = locks[lock].add<kReplay>(
        step, ReplayFold<LockState>::TooLate::Clamp, timeline.locks[lock].track, value, applied, never);
    timeline.locks[lock].maxConcurrentHolders = locks[lock].state().mostHolders;
    return inTime;
}

/// A core runs one thread at a time, and a thread on one core: where a record was lost, or is still to come, the
/// other side's slice ends here. If the missing record comes yet, the replay makes these steps void.
void TimelineBuilder::Impl::drawConclusions()
{
    while (!aboutThreads.empty() || !aboutCores.empty()) {
        if (!aboutThreads.empty()) {
            const Conclusion conclusion = aboutThreads.back();
            aboutThreads.pop_back();
            stepThread(conclusion.track, conclusion.step, true);
        } else {
            const Conclusion conclusion = aboutCores.back();
            aboutCores.pop_back();
            stepCore(conclusion.track, conclusion.step, true);
        }
    }
}

void TimelineBuilder::Impl::applySwitch(std::uint32_t thread, const Event& event)
{
    const Step step{event.time, kNobody, detailOf(event), event.kind, event.cpu};
    const std::uint32_t core = coreFor(event.cpu);
    if (core == kNoIndex && event.kind == EventKind::SwitchIn) {
        ++refused; // it runs, but nobody says where
        return;
    }
    bool inTime = stepThread(thread, step);
    if (core != kNoIndex) {
        Step onCore = step;
        onCore.subject = thread;
        inTime = stepCore(core, onCore) && inTime;
    }
    timeline.lateEvents += inTime ? 0 : 1;
    drawConclusions();
}

void TimelineBuilder::Impl::applyExit(std::uint32_t thread, const Event& event)
{
    ThreadInfo& info = timeline.threads[thread];
    ThreadEntry& entry = threads[thread];
    info.exited = entry.exitSeen ? std::min(info.exited, event.time) : event.time;
    entry.exitSeen = true;

    bool inTime = stepThread(thread, {event.time, kNobody, 0, EventKind::ThreadExit, event.cpu});
    const Step gone{event.time, thread, 0, EventKind::ThreadExit, event.cpu};
    if (const std::uint32_t core = coreFor(event.cpu); core != kNoIndex) {
        inTime = stepCore(core, gone) && inTime;
    }
    for (const std::uint32_t lock : entry.locks) {
        inTime = stepLock(lock, gone) && inTime;
    }
    timeline.lateEvents += inTime ? 0 : 1;
    drawConclusions();
}

void TimelineBuilder::Impl::applyLockEvent(std::uint32_t thread, const Event& event)
{
    const std::uint32_t lock = lockFor(event.object);
    if (lock == kNoIndex) {
        ++refused;
        return;
    }
    const Step onThread{event.time, lock, 0, event.kind, kNoCpu};
    const Step onLock{event.time, thread, detailOf(event), event.kind, kNoCpu};
    bool inTime = true;
    switch (event.kind) {
    case EventKind::LockRequest:
    case EventKind::LockAbandon:
        inTime = stepThread(thread, onThread);
        break;
    case EventKind::LockAcquire: {
        inTime = stepThread(thread, onThread);
        inTime = stepLock(lock, onLock) && inTime;
        ThreadEntry& entry = threads[thread];
        if (std::find(entry.locks.begin(), entry.locks.end(), lock) == entry.locks.end()) {
            entry.locks.push_back(lock);
            if (entry.exitSeen) { // the end came before the beginning
                stepLock(lock, {timeline.threads[thread].exited, thread, 0, EventKind::ThreadExit, kNoCpu});
            }
        }
        break;
    }
    case EventKind::LockRelease:
        inTime = stepLock(lock, onLock);
        break;
    case EventKind::LockForcedWait:
        inTime = stepThread(thread, onThread);
        [[fallthrough]];
    default: // LockDropRequest
        insertByTime(timeline.locks[lock].moments, LockMoment{event.time, thread, event.kind});
        break;
    }
    timeline.lateEvents += inTime ? 0 : 1;
    drawConclusions();
}

void TimelineBuilder::Impl::applyEvent(const Event& event)
{
    if (event.kind == EventKind::WorkBegin) {
        timeline.workBegin = std::min(timeline.workBegin.value_or(event.time), event.time);
    } else if (event.kind == EventKind::WorkEnd) {
        timeline.workEnd = std::max(timeline.workEnd.value_or(event.time), event.time);
    }
    timeline.begin = hasEvents ? std::min(timeline.begin, event.time) : event.time;
    timeline.end = hasEvents ? std::max(timeline.end, event.time) : event.time;
    hasEvents = true;
    if (event.tid <= 0) { // the idle thread, or one outside our process-id namespace
        return;
    }
    const std::uint32_t thread = threadFor(event);
    if (thread == kNoIndex) {
        ++refused;
        return;
    }
    ThreadInfo& info = timeline.threads[thread];
    if (info.pid == 0) {
        info.pid = event.pid;
    }
    if (!threads[thread].bornSeen) {
        info.born = std::min(info.born, event.time);
    }

    switch (event.kind) {
    case EventKind::SwitchIn:
    case EventKind::SwitchOut:
        applySwitch(thread, event);
        break;
    case EventKind::ThreadBorn:
        info.born = threads[thread].bornSeen ? std::min(info.born, event.time) : event.time;
        threads[thread].bornSeen = true;
        if (info.parent == 0 && event.value <= static_cast<std::uint64_t>(std::numeric_limits<Tid>::max())) {
            info.parent = static_cast<Tid>(event.value);
        }
        [[fallthrough]];
    case EventKind::Wakeup:
    case EventKind::WaitBegin:
    case EventKind::WaitEnd:
        timeline.lateEvents += stepThread(thread, {event.time, kNobody, detailOf(event), event.kind, kNoCpu}) ? 0 : 1;
        drawConclusions();
        break;
    case EventKind::ThreadExit:
        applyExit(thread, event);
        break;
    case EventKind::LockRequest:
    case EventKind::LockAcquire:
    case EventKind::LockRelease:
    case EventKind::LockDropRequest:
    case EventKind::LockForcedWait:
    case EventKind::LockAbandon:
        applyLockEvent(thread, event);
        break;
    case EventKind::CounterLoad:
    case EventKind::CounterStore:
        if (const std::uint32_t counter = counterFor(event.object); counter != kNoIndex) {
            insertByTime(timeline.counters[counter].accesses,
                CounterAccess{
                    event.time, static_cast<std::int64_t>(event.value), thread, event.kind == EventKind::CounterStore});
        } else {
            ++refused;
        }
        break;
    case EventKind::Mark:
        insertByTime(timeline.marks, MarkPoint{event.time, thread, event.object, event.value});
        break;
    case EventKind::Latency:
        insertByTime(timeline.latencies, LatencySample{event.time, thread, static_cast<Nanos>(event.value)});
        break;
    case EventKind::None:
    case EventKind::WorkBegin:
    case EventKind::WorkEnd:
        break;
    }
}

void TimelineBuilder::Impl::append(const Batch& batch)
{
    assert(!timeline.finished);
    for (const ObjectBirth& birth : batch.objects) {
        applyObject(birth);
    }
    for (const ThreadNaming& naming : batch.names) {
        applyName(naming);
    }
    for (const Event& event : batch.events) {
        applyEvent(event);
    }
    for (const UsageSample& sample : batch.usage) {
        applyUsage(sample);
    }
    if (slotsStale) {
        assignSlots();
    }

    timeline.events += batch.events.size();
    if (batch.source == Source::Inferred) {
        timeline.source = Source::Inferred; // what is partly guessed is not measured
    }
    reported.channel = std::max(reported.channel, batch.lost.channel);
    reported.kernel = std::max(reported.kernel, batch.lost.kernel);
    reported.malformed = std::max(reported.malformed, batch.lost.malformed);
    timeline.lost = reported;
    timeline.lost.malformed += refused;

    if (!hasEvents) {
        timeline.begin = batch.drainedAt;
    }
    timeline.end = std::max(timeline.end, batch.drainedAt);
    std::erase_if(liveThreads, [this](std::uint32_t thread) { return timeline.threads[thread].track.closed(); });
    for (const std::uint32_t thread : liveThreads) {
        timeline.threads[thread].track.extendTo(batch.drainedAt);
    }
    for (CoreInfo& core : timeline.cores) {
        core.track.extendTo(batch.drainedAt);
    }
    for (LockInfo& lock : timeline.locks) {
        lock.track.extendTo(batch.drainedAt);
    }
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
    }
    for (LockInfo& lock : timeline.locks) {
        close(lock.track);
    }
    timeline.finished = true;
}

TimelineBuilder::TimelineBuilder(Timeline& timeline, BuilderOptions options)
    : m_impl(std::make_unique<Impl>(timeline, std::move(options)))
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
