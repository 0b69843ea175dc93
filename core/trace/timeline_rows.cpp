#include "core/trace/timeline_rows.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace timeslice {

namespace {

constexpr std::size_t kMaxRows = std::size_t{SliceValue::kMaxSubject} + 1; ///< what a slice's subject can name

bool isLock(ObjectKind kind)
{
    return kind == ObjectKind::Mutex || kind == ObjectKind::Gil || kind == ObjectKind::SpinLock;
}

/// The row of `id`, made if there is none; kNone for no id, or too many.
template <class Rows, class ById> std::uint32_t rowOf(Rows& rows, ById& byId, ObjectId id)
{
    if (const auto known = byId.find(id); known != byId.end()) {
        return known->second;
    }
    if (id == 0 || rows.size() >= kMaxRows) {
        return TimelineRows::kNone;
    }
    const auto index = static_cast<std::uint32_t>(rows.size());
    rows.emplace_back().id = id;
    byId.emplace(id, index);
    return index;
}

/// ThreadBorn's value comes from outside: 0 unless it can be a thread id.
Tid creatorOf(const Event& event)
{
    return event.value <= static_cast<std::uint64_t>(std::numeric_limits<Tid>::max()) ? static_cast<Tid>(event.value)
                                                                                      : 0;
}

} // namespace

TimelineRows::TimelineRows(Timeline& timeline, const BuilderOptions& options)
    : m_timeline(timeline)
    , m_auxiliaryRoot(options.rootIsAuxiliary ? options.rootPid : 0)
{
    for (const CpuId cpu : options.cpus) {
        core(cpu);
    }
}

// --- Threads

std::uint32_t TimelineRows::thread(const Event& event)
{
    const std::uint32_t index = indexFor(event);
    if (index == kNone) {
        return kNone;
    }
    ThreadInfo& info = m_timeline.threads[index];
    Seen& seen = m_seen[index];
    if (info.pid == 0) {
        info.pid = event.pid;
    }
    if (event.kind == EventKind::ThreadBorn) {
        info.born = seen.birth ? std::min(info.born, event.time) : event.time;
        info.parent = info.parent == 0 ? creatorOf(event) : info.parent;
        seen.birth = true;
    } else if (!seen.birth) {
        info.born = std::min(info.born, event.time);
    }
    if (event.kind == EventKind::ThreadExit) {
        noteExit(index, event.time);
    }
    return index;
}

void TimelineRows::noteExit(std::uint32_t thread, Nanos time)
{
    ThreadInfo& info = m_timeline.threads[thread];
    info.exited = m_seen[thread].exit ? std::min(info.exited, time) : time;
    m_seen[thread].exit = true;
}

std::uint32_t TimelineRows::successor(const Event& exec)
{
    const auto known = m_timeline.threadByTid.find(exec.tid);
    if (known == m_timeline.threadByTid.end()) {
        return addThread(exec);
    }
    const std::uint32_t old = known->second;
    const std::uint32_t index = addThread(exec);
    if (index == kNone) {
        return old;
    }
    m_earlier[exec.tid].push_back(old);
    m_seen[index].birth = true;
    // The record that tells of the exec has renamed the row that bore the id until now.
    ThreadInfo& before = m_timeline.threads[old];
    ThreadInfo& after = m_timeline.threads[index];
    if (after.name.empty()) {
        after.name = before.name;
        before.name = m_seen[old].nameBefore;
    }
    return index;
}

void TimelineRows::meetThreads(const std::vector<Event>& events)
{
    std::map<Tid, const Event*> met; // the first event of each
    for (const Event& event : events) {
        const bool recent = m_recent[static_cast<std::size_t>(event.tid) % m_recent.size()].first == event.tid;
        if (!recent && event.tid > 0 && event.time >= 0 && !m_timeline.threadByTid.contains(event.tid)) {
            met.try_emplace(event.tid, &event);
        }
    }
    for (const auto& [tid, event] : met) {
        thread(*event);
    }
}

std::uint32_t TimelineRows::indexFor(const Event& event)
{
    auto& recent = m_recent[static_cast<std::size_t>(event.tid) % m_recent.size()];
    if (recent.first != event.tid) {
        const auto found = m_timeline.threadByTid.find(event.tid);
        if (found == m_timeline.threadByTid.end()) {
            return addThread(event);
        }
        recent = *found;
    }
    const std::uint32_t index = recent.second;
    const ThreadInfo& info = m_timeline.threads[index];
    if (event.kind == EventKind::ThreadBorn && m_seen[index].exit && event.time > info.exited) {
        m_earlier[event.tid].push_back(index); // the kernel gave the id to a new thread
        return addThread(event);
    }
    if (event.time < info.born && !m_earlier.empty()) {
        const auto earlier = m_earlier.find(event.tid);
        if (earlier != m_earlier.end()) {
            const auto& indices = earlier->second;
            const auto lived = std::find_if(indices.rbegin(), indices.rend(),
                [&](std::uint32_t i) { return m_timeline.threads[i].born <= event.time; });
            return lived == indices.rend() ? indices.front() : *lived;
        }
    }
    return index;
}

std::uint32_t TimelineRows::addThread(const Event& event)
{
    if (m_timeline.threads.size() >= kMaxRows) {
        return kNone;
    }
    const auto index = static_cast<std::uint32_t>(m_timeline.threads.size());
    ThreadInfo& thread = m_timeline.threads.emplace_back();
    m_seen.emplace_back();
    thread.tid = event.tid;
    thread.pid = event.pid;
    thread.born = event.time;
    thread.auxiliary = m_auxiliaryRoot != 0 && event.tid == m_auxiliaryRoot;
    if (event.kind == EventKind::ThreadBorn) {
        // The kernel copies the creator's name, and sends no record of that.
        if (const auto parent = m_timeline.threadIndex(creatorOf(event))) {
            thread.name = m_timeline.threads[*parent].name;
        }
    }
    m_timeline.threadByTid[event.tid] = index;
    m_recent[static_cast<std::size_t>(event.tid) % m_recent.size()] = {event.tid, index};
    if (const auto ahead = m_namesAhead.find(event.tid); ahead != m_namesAhead.end()) {
        rename(index, ahead->second);
        m_namesAhead.erase(ahead);
    }
    if (!thread.auxiliary) {
        thread.colorSlot = static_cast<std::uint8_t>(1 + m_colored++ % kColorSlots);
    }
    return index;
}

void TimelineRows::apply(const ThreadNaming& naming)
{
    const auto found = m_timeline.threadByTid.find(naming.tid);
    const bool known = found != m_timeline.threadByTid.end();
    if (known && !(m_seen[found->second].exit && !m_timeline.threads[found->second].name.empty())) {
        rename(found->second, naming);
        return;
    }
    ThreadNaming& ahead = m_namesAhead[naming.tid];
    const bool auxiliary = ahead.auxiliary || naming.auxiliary;
    ahead = naming;
    ahead.auxiliary = auxiliary;
}

void TimelineRows::rename(std::uint32_t index, const ThreadNaming& naming)
{
    ThreadInfo& thread = m_timeline.threads[index];
    if (!naming.name.empty()) {
        m_seen[index].nameBefore = std::exchange(thread.name, naming.name);
    }
    if (thread.pid == 0) {
        thread.pid = naming.pid;
    }
    if (naming.auxiliary && !thread.auxiliary) {
        thread.auxiliary = true;
        m_colorsStale = m_colorsStale || thread.colorSlot != kOtherSlot;
    }
}

void TimelineRows::settleColors()
{
    if (!m_colorsStale) {
        return;
    }
    m_colorsStale = false;
    m_colored = 0;
    for (ThreadInfo& thread : m_timeline.threads) {
        thread.colorSlot = thread.auxiliary ? kOtherSlot : static_cast<std::uint8_t>(1 + m_colored++ % kColorSlots);
    }
    const auto recolored = [this](SliceValue value) {
        return value.state() != SliceState::Running
            ? value
            : SliceValue(value.state(), value.cause(), value.subject(), colorSlot(value.subject()));
    };
    for (CoreInfo& core : m_timeline.cores) {
        core.track.mapValues(recolored);
    }
    for (LockInfo& lock : m_timeline.locks) {
        lock.track.mapValues(recolored);
    }
}

// --- Cores, locks, counters

std::uint32_t TimelineRows::core(CpuId cpu)
{
    if (cpu < 0) {
        return kNone;
    }
    const auto id = static_cast<std::size_t>(cpu);
    if (id < m_coreOfCpu.size() && m_coreOfCpu[id] != kNone) {
        return m_coreOfCpu[id];
    }
    auto& cores = m_timeline.cores;
    const auto position = std::lower_bound(
        cores.begin(), cores.end(), cpu, [](const CoreInfo& core, CpuId wanted) { return core.cpu < wanted; });
    const auto index = static_cast<std::uint32_t>(position - cores.begin());
    const bool movesOthers = position != cores.end();
    CoreInfo added;
    added.cpu = cpu;
    cores.insert(position, std::move(added));
    m_coreOfCpu.resize(std::max(m_coreOfCpu.size(), id + 1), kNone);
    for (std::size_t i = index; i < cores.size(); ++i) {
        m_coreOfCpu[static_cast<std::size_t>(cores[i].cpu)] = static_cast<std::uint32_t>(i);
    }
    if (movesOthers) {
        for (ThreadInfo& thread : m_timeline.threads) {
            thread.track.mapValues([index](SliceValue value) {
                const bool moved = value.state() == SliceState::Running && value.subject() >= index;
                return moved ? SliceValue(value.state(), value.cause(), value.subject() + 1, value.category()) : value;
            });
        }
    }
    return index;
}

std::uint32_t TimelineRows::lock(ObjectId id)
{
    return rowOf(m_timeline.locks, m_timeline.lockById, id);
}

std::uint32_t TimelineRows::lock(ObjectId id, Pid by)
{
    const std::uint32_t original = lock(id);
    if (original == kNone || by == 0) {
        return original;
    }
    const Pid owner = m_timeline.locks[original].pid;
    if (owner == 0 || owner == by) {
        return original;
    }
    const auto known = m_lockCopies.find({id, by});
    if (known != m_lockCopies.end()) {
        return known->second;
    }
    if (m_timeline.locks.size() >= kMaxRows) {
        return kNone;
    }
    const auto index = static_cast<std::uint32_t>(m_timeline.locks.size());
    LockInfo& copy = m_timeline.locks.emplace_back();
    copy.id = id;
    copy.kind = m_timeline.locks[original].kind;
    copy.pid = by;
    copy.name = m_timeline.locks[original].name;
    m_lockCopies.emplace(std::pair{id, by}, index);
    return index;
}

std::uint32_t TimelineRows::counter(ObjectId id)
{
    return rowOf(m_timeline.counters, m_timeline.counterById, id);
}

void TimelineRows::apply(const ObjectBirth& birth)
{
    if (isLock(birth.kind)) {
        if (const std::uint32_t index = lock(birth.id); index != kNone) {
            LockInfo& info = m_timeline.locks[index];
            info.kind = birth.kind;
            info.pid = birth.pid;
            info.name = birth.name;
        }
    } else if (birth.kind == ObjectKind::Counter) {
        if (const std::uint32_t index = counter(birth.id); index != kNone) {
            m_timeline.counters[index].pid = birth.pid;
            m_timeline.counters[index].name = birth.name;
        }
    } else if (birth.kind == ObjectKind::Mark) {
        m_timeline.markNames[birth.id] = birth.name;
    }
}

void TimelineRows::apply(const UsageSample& sample)
{
    const auto index = m_timeline.coreIndex(sample.cpu);
    if (!index) {
        return; // not a core of this run
    }
    auto& usage = m_timeline.cores[*index].usage;
    const auto position = std::upper_bound(usage.begin(), usage.end(), sample.begin,
        [](Nanos begin, const UsageSample& other) { return begin < other.begin; });
    usage.insert(position, sample);
}

} // namespace timeslice
