#include "ui/plot/slice_text.h"

#include "core/trace/wake_ups.h"
#include "core/trace/waker.h"
#include "ui/plot/false_alarm_painter.h"
#include "ui/plot/format_time.h"
#include "ui/plot/handoff_text.h"
#include "ui/plot/others_text.h"
#include "ui/plot/row_names.h"
#include "ui/plot/timeline_geometry.h"

#include <algorithm>

namespace timeslice {

namespace {

QString threadName(const Timeline& timeline, std::size_t index)
{
    return threadLabel(timeline, index);
}

/// "the GIL", "the GIL of Process 2", "lock A": as it stands within a sentence.
QString lockName(const Timeline& timeline, std::size_t index)
{
    if (index >= timeline.locks.size()) {
        return QStringLiteral("a lock");
    }
    const QString name = lockLabel(timeline, index);
    if (timeline.locks[index].name.empty()) {
        return name;
    }
    if (timeline.locks[index].kind == ObjectKind::Gil) {
        return name == QLatin1String("GIL") || name.startsWith(QLatin1String("GIL of ")) ? QStringLiteral("the ") + name
                                                                                         : name;
    }
    return QStringLiteral("lock %1").arg(name);
}

QString waitingFor(std::uint32_t kind)
{
    switch (static_cast<WaitKind>(kind)) {
    case WaitKind::Sleep:
        return QStringLiteral("sleeping");
    case WaitKind::FileIo:
        return QStringLiteral("reading or writing a file");
    case WaitKind::PipeIo:
        return QStringLiteral("waiting for a pipe");
    case WaitKind::Barrier:
        return QStringLiteral("waiting at a barrier for the others");
    case WaitKind::Condition:
        return QStringLiteral("waiting for a condition");
    case WaitKind::Join:
        return QStringLiteral("waiting for another to end");
    case WaitKind::NetworkIo:
        return QStringLiteral("waiting for the network");
    case WaitKind::Gate:
        return QStringLiteral("ready, until the dispatcher gives it a core");
    case WaitKind::Unknown:
        break;
    }
    return {};
}

/// "for 5.13 ms, from 40.9 ms"; an open slice has no length yet, only an age.
QString span(const Timeline& timeline, const Slice& slice)
{
    const Nanos from = slice.begin - originOf(timeline);
    const Nanos resolution = std::max<Nanos>(1, slice.length() / 20);
    return (slice.open ? QStringLiteral("for %1 so far, since %2") : QStringLiteral("for %1, from %2"))
        .arg(formatDuration(slice.length()), formatInstant(from, resolution));
}

std::optional<Slice> following(const Track& track, const Slice& slice)
{
    const std::size_t index = track.indexAt(slice.begin);
    return !slice.open && index + 1 < track.size() ? std::optional(track.slice(index + 1)) : std::nullopt;
}

const Track* trackIfThere(const Timeline& timeline, const SliceRef& ref)
{
    switch (ref.row) {
    case SliceRef::Row::Core:
        return ref.track < timeline.cores.size() ? &timeline.cores[ref.track].track : nullptr;
    case SliceRef::Row::Thread:
        return ref.track < timeline.threads.size() ? &timeline.threads[ref.track].track : nullptr;
    case SliceRef::Row::Lock:
        break;
    }
    return ref.track < timeline.locks.size() ? &timeline.locks[ref.track].track : nullptr;
}

/// Who ran on the core of `runningCore` at `t`: the one that took a core away.
QString runnerAt(const Timeline& timeline, std::uint32_t core, Nanos t)
{
    if (core >= timeline.cores.size()) {
        return {};
    }
    const Track& track = timeline.cores[core].track;
    const std::size_t index = track.indexAt(t);
    if (index >= track.size() || track.value(index).state() != SliceState::Running) {
        return {};
    }
    return threadName(timeline, track.value(index).subject());
}

SliceText describeLock(const Timeline& timeline, const SliceRef& ref)
{
    const LockInfo& lock = timeline.locks[ref.track];
    const QString name = lockName(timeline, ref.track);
    SliceText text;
    if (ref.slice.value.state() != SliceState::Running) {
        text.title = QStringLiteral("Nobody holds %1").arg(name);
        text.lines << span(timeline, ref.slice);
        return text;
    }
    text.title = QStringLiteral("%1 holds %2").arg(threadName(timeline, ref.slice.value.subject()), name);
    text.lines << span(timeline, ref.slice);
    const auto id = static_cast<std::uint32_t>(ref.track);
    const std::size_t hold = lock.track.indexAt(ref.slice.begin);
    if (const QString why = reasonSentence(timeline, id, hold); !why.isEmpty()) {
        text.lines << why;
    }
    if (const auto handoff = handoffAfter(timeline, id, hold)) {
        text.lines << QStringLiteral("%1 had it %2 later")
                          .arg(
                              threadName(timeline, handoff->to), formatDuration(handoff->acquired - handoff->released));
    }
    return text;
}

SliceText describeCore(const Timeline& timeline, const SliceRef& ref)
{
    const CoreInfo& core = timeline.cores[ref.track];
    SliceText text;
    if (ref.slice.value.state() != SliceState::Running) {
        text.title = QStringLiteral("Core %1 runs nothing of this run").arg(core.cpu);
        text.lines << span(timeline, ref.slice)
                   << describeOthersIn(timeline, ref.track, {ref.slice.begin, ref.slice.end});
        return text;
    }
    const std::uint32_t thread = ref.slice.value.subject();
    text.title = QStringLiteral("%1 runs on core %2").arg(threadName(timeline, thread)).arg(core.cpu);
    text.lines << span(timeline, ref.slice);
    if (thread < timeline.threads.size()) {
        const Track& track = timeline.threads[thread].track;
        const std::size_t index = track.indexAt(ref.slice.end);
        if (!ref.slice.open && index < track.size() && track.value(index).state() == SliceState::Runnable) {
            text.lines << QStringLiteral("then preempted: it could have run on");
        }
    }
    return text;
}

/// "woken by Thread 2".
QString wokenText(const Timeline& timeline, Waker waker)
{
    switch (waker.kind) {
    case Waker::Kind::Interrupt:
        return QStringLiteral("woken by a timer or a device");
    case Waker::Kind::Outsider:
        return QStringLiteral("woken by another program, or the kernel");
    case Waker::Kind::Thread:
        return QStringLiteral("woken by %1").arg(threadName(timeline, waker.thread));
    case Waker::Kind::Unknown:
        break;
    }
    return QStringLiteral("woken up");
}

/// Of a slice after which the thread was ready; empty where the recording does not say that it was woken.
QString wokenAfter(const Timeline& timeline, const std::optional<Slice>& next)
{
    const bool woken = next && next->value.state() == SliceState::Runnable && next->value.cause() == Cause::Woken;
    return woken ? QStringLiteral("then ") + wokenText(timeline, Waker::of(next->value)) : QString();
}

/// How a running stretch of a thread ended.
QString endOfRunning(const Timeline& timeline, const Slice& slice, const Slice& next)
{
    switch (next.value.state()) {
    case SliceState::Runnable: {
        const QString other = runnerAt(timeline, slice.value.subject(), next.begin);
        return other.isEmpty() ? QStringLiteral("then preempted: it could have run on")
                               : QStringLiteral("then preempted: %1 got the core").arg(other);
    }
    case SliceState::Blocked: {
        const QString what = waitingFor(next.value.subject());
        return what.isEmpty() ? QStringLiteral("then it gave up the core to wait")
                              : QStringLiteral("then it gave up the core: %1").arg(what);
    }
    case SliceState::OffCore:
        return QStringLiteral("then it gave up the core");
    case SliceState::WaitingForLock:
        return QStringLiteral("then it had to wait for %1").arg(lockName(timeline, next.value.subject()));
    case SliceState::Absent:
        return QStringLiteral("then it ended");
    case SliceState::Running:
        break;
    }
    return QStringLiteral("then it moved to another core");
}

void describeWaiting(const Timeline& timeline, const SliceRef& ref, SliceText& text)
{
    const std::uint32_t lock = ref.slice.value.subject();
    text.title = QStringLiteral("%1 waits for %2").arg(threadName(timeline, ref.track), lockName(timeline, lock));
    text.lines << span(timeline, ref.slice);
    if (lock >= timeline.locks.size()) {
        return;
    }
    const Track& track = timeline.locks[lock].track;
    const std::size_t first = track.indexAt(ref.slice.begin);
    if (first < track.size() && track.value(first).state() == SliceState::Running
        && track.value(first).subject() != ref.track) {
        text.lines << QStringLiteral("held by %1").arg(threadName(timeline, track.value(first).subject()));
    }
}

void addFalseAlarms(const Timeline& timeline, const SliceRef& ref, TimeRange range, SliceText& text)
{
    const QString sentence = falseAlarmText(timeline, static_cast<std::uint32_t>(ref.track), range);
    if (!sentence.isEmpty()) {
        text.lines << sentence;
    }
}

SliceText describeThread(const VariantPicture& variant, const SliceRef& ref)
{
    const Timeline& timeline = variant.recording->timeline;
    const ThreadInfo& thread = timeline.threads[ref.track];
    const QString name = threadName(timeline, ref.track);
    const Slice& slice = ref.slice;
    const auto next = following(thread.track, slice);
    SliceText text;
    switch (slice.value.state()) {
    case SliceState::Running: {
        const std::uint32_t core = slice.value.subject();
        text.title = core < timeline.cores.size()
            ? QStringLiteral("%1 runs on core %2").arg(name).arg(timeline.cores[core].cpu)
            : QStringLiteral("%1 runs").arg(name);
        text.lines << span(timeline, slice);
        if (const auto ready = wokenBefore(thread.track, thread.track.indexAt(slice.begin))) {
            text.lines << QStringLiteral("%1, waited %2 for a core")
                              .arg(wokenText(timeline, Waker::of(ready->value)), formatDuration(ready->length()));
        }
        if (next) {
            text.lines << endOfRunning(timeline, slice, *next);
        }
        break;
    }
    case SliceState::Runnable: {
        text.title = QStringLiteral("%1 waits for a core").arg(name);
        text.lines << span(timeline, slice);
        const std::size_t index = thread.track.indexAt(slice.begin);
        if (slice.value.cause() == Cause::Preempted && index > 0 && index < thread.track.size()) {
            const QString other = runnerAt(timeline, thread.track.value(index - 1).subject(), slice.begin);
            text.lines << (other.isEmpty() ? QStringLiteral("preempted: it could run, but another got the core")
                                           : QStringLiteral("preempted: %1 got the core").arg(other));
        } else if (slice.value.cause() == Cause::Woken) {
            text.lines << wokenText(timeline, Waker::of(slice.value));
        }
        break;
    }
    case SliceState::Blocked: {
        const QString what = waitingFor(slice.value.subject());
        text.title = what.isEmpty() ? QStringLiteral("%1 is blocked").arg(name)
                                    : QStringLiteral("%1 is blocked: %2").arg(name, what);
        text.lines << span(timeline, slice);
        if (const QString woken = wokenAfter(timeline, next); !woken.isEmpty()) {
            text.lines << woken;
        }
        break;
    }
    case SliceState::OffCore:
        text.title = QStringLiteral("%1 is off the core").arg(name);
        text.lines << span(timeline, slice) << QStringLiteral("blocked, or waiting for a GIL that is not recorded");
        break;
    case SliceState::WaitingForLock:
        describeWaiting(timeline, ref, text);
        if (const QString woken = wokenAfter(timeline, next); !woken.isEmpty()) {
            text.lines << woken;
        }
        if (variant.deadlock) {
            for (const WaitEdge& edge : variant.deadlock->edges) {
                if (edge.thread == ref.track && slice.end >= edge.since) {
                    text.lines << QStringLiteral("deadlock: it will wait forever");
                }
            }
        }
        break;
    case SliceState::Absent:
        text.title = slice.value.cause() == Cause::Exited || slice.begin >= std::max<Nanos>(thread.exited, 1)
            ? QStringLiteral("%1 has ended").arg(name)
            : QStringLiteral("%1 does not exist yet").arg(name);
        break;
    }
    addFalseAlarms(timeline, ref, {slice.begin, slice.end}, text);
    return text;
}

QString percent(Nanos part, Nanos whole)
{
    const double share = whole > 0 ? 100.0 * static_cast<double>(part) / static_cast<double>(whole) : 0;
    return (share > 0 && share < 1 ? QStringLiteral("under 1") : QString::number(share, 'f', 0)) + QStringLiteral(" %");
}

} // namespace

SliceText describeSlice(const VariantPicture& variant, const SliceRef& ref)
{
    if (variant.recording == nullptr || trackIfThere(variant.recording->timeline, ref) == nullptr) {
        return {};
    }
    switch (ref.row) {
    case SliceRef::Row::Core:
        return describeCore(variant.recording->timeline, ref);
    case SliceRef::Row::Thread:
        return describeThread(variant, ref);
    case SliceRef::Row::Lock:
        break;
    }
    return describeLock(variant.recording->timeline, ref);
}

SliceText describeSlice(const RunPicture& run, const SliceRef& ref)
{
    return ref.variant < run.variants.size() ? describeSlice(run.variants[ref.variant], ref) : SliceText{};
}

SliceText describeShares(const VariantPicture& variant, const SliceRef& ref, TimeRange range)
{
    const Timeline& timeline = variant.recording->timeline;
    const Track& track = *trackIfThere(timeline, ref);
    const Shares shares = track.shares(range);
    SliceText text;
    const auto share = [&](SliceState state) { return shares[static_cast<std::size_t>(state)]; };
    if (ref.row == SliceRef::Row::Thread) {
        text.title = threadName(timeline, ref.track);
        const std::pair<SliceState, QString> states[] = {
            {SliceState::Running, QStringLiteral("runs")},
            {SliceState::Runnable, QStringLiteral("waits for a core")},
            {SliceState::WaitingForLock, QStringLiteral("waits for a lock")},
            {SliceState::Blocked, QStringLiteral("is blocked")},
            {SliceState::OffCore, QStringLiteral("is blocked, or waits for a GIL that is not recorded")},
        };
        for (const auto& [state, words] : states) {
            if (share(state) > 0) {
                text.lines << QStringLiteral("%1 %2").arg(words, percent(share(state), range.length()));
            }
        }
        addFalseAlarms(timeline, ref, range, text);
    } else {
        text.title = ref.row == SliceRef::Row::Core ? QStringLiteral("Core %1").arg(timeline.cores[ref.track].cpu)
                                                    : lockLabel(timeline, ref.track);
        // Colour slots repeat after 14 threads; a share is named after the first thread of its colour.
        for (std::size_t slot = 1; slot < shares.size(); ++slot) {
            if (shares[slot] == 0) {
                continue;
            }
            const auto owner = std::find_if(timeline.threads.begin(), timeline.threads.end(),
                [slot](const ThreadInfo& thread) { return thread.colorSlot == slot; });
            const QString name = slot == kOtherSlot || owner == timeline.threads.end()
                ? QStringLiteral("others")
                : threadName(timeline, static_cast<std::size_t>(owner - timeline.threads.begin()));
            text.lines << QStringLiteral("%1 %2").arg(name, percent(shares[slot], range.length()));
        }
        text.lines << QStringLiteral("%1 %2").arg(
            ref.row == SliceRef::Row::Core ? QStringLiteral("nothing of this run") : QStringLiteral("free"),
            percent(
                range.length() -
                    [&] {
                        Nanos sum = 0;
                        for (std::size_t slot = 1; slot < shares.size(); ++slot) {
                            sum += shares[slot];
                        }
                        return sum;
                    }(),
                range.length()));
    }
    if (ref.row == SliceRef::Row::Core) {
        text.lines << describeOthersIn(timeline, ref.track, range);
    }
    const std::size_t first = track.firstEndingAfter(range.begin);
    const std::size_t last = std::min(track.firstEndingAfter(range.end), track.size() - 1);
    const std::size_t count = last >= first ? last - first + 1 : 1;
    text.lines << QStringLiteral("of %1 here, in %2 slices; zoom in to see them")
                      .arg(formatDuration(range.length()))
                      .arg(count);
    return text;
}

SliceText describeUsage(const VariantPicture& variant, TimeRange range)
{
    const Timeline& timeline = variant.recording->timeline;
    const auto length = static_cast<double>(std::max<Nanos>(1, range.length()));
    double own = 0;
    double others = 0;
    double stolen = 0;
    for (const CoreInfo& core : timeline.cores) {
        const Shares shares = core.track.shares(range);
        for (std::size_t slot = 1; slot < shares.size(); ++slot) {
            own += static_cast<double>(shares[slot]) / length;
        }
        const auto sample = std::partition_point(core.usage.begin(), core.usage.end(),
            [&](const UsageSample& s) { return s.end <= range.begin + range.length() / 2; });
        if (sample == core.usage.end() || sample->begin > range.end || sample->end <= sample->begin) {
            continue;
        }
        const Shares ownThen = core.track.shares({sample->begin, sample->end});
        double busy = sample->busy;
        for (std::size_t slot = 1; slot < ownThen.size(); ++slot) {
            busy -= static_cast<double>(ownThen[slot]) / static_cast<double>(sample->end - sample->begin);
        }
        others += std::max(0.0, busy);
        stolen += std::max(0.0F, sample->stolen);
    }
    SliceText text;
    const auto cores = [](double n) { return QString::number(n, 'f', 2); };
    text.title = QStringLiteral("%1 of %2 cores busy with this run").arg(cores(own)).arg(timeline.cores.size());
    text.lines << QStringLiteral("over %1 here").arg(formatDuration(range.length()));
    if (others >= 0.02) {
        text.lines << QStringLiteral("other processes: %1 (coarse)").arg(cores(others));
    }
    if (stolen >= 0.02) {
        text.lines << QStringLiteral("taken by the host: %1 (coarse)").arg(cores(stolen));
    }
    return text;
}

SliceText describeAccess(const VariantPicture& variant, const CounterInfo& counter, std::size_t access)
{
    const Timeline& timeline = variant.recording->timeline;
    const CounterAccess& here = counter.accesses[access];
    SliceText text;
    text.title = (here.store ? QStringLiteral("%1 stores %2 to %3") : QStringLiteral("%1 loads %2 from %3"))
                     .arg(threadName(timeline, here.thread))
                     .arg(here.value)
                     .arg(QString::fromStdString(counter.name));
    // The stamp says only by when it had been made.
    text.lines << QStringLiteral("at %1, or up to %2 before")
                      .arg(formatInstant(here.time - originOf(timeline), 1),
                          formatDuration(madeWithin(counter, access, timeline).length()));
    if (variant.loss && here.store && here.time == variant.loss->overwritten.time) {
        text.lines << QStringLiteral("lost: %1 stores %2 over it without having seen it")
                          .arg(threadName(timeline, variant.loss->overwrite.thread))
                          .arg(variant.loss->overwrite.value);
    } else if (variant.loss && here.store && here.time == variant.loss->overwrite.time) {
        text.lines << QStringLiteral("from a stale load of %1: it overwrites %2")
                          .arg(variant.loss->staleLoad.value)
                          .arg(variant.loss->overwritten.value);
    }
    return text;
}

} // namespace timeslice
