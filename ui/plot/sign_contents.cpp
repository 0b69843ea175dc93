#include "ui/plot/sign_contents.h"

#include "core/trace/false_alarms.h"
#include "core/trace/process_end.h"
#include "core/trace/process_lives.h"
#include "core/trace/wake_ups.h"
#include "ui/plot/axis_break.h"
#include "ui/plot/core_others.h"
#include "ui/plot/counter_curve.h"
#include "ui/plot/cpu_painter.h"
#include "ui/plot/row_list.h"
#include "ui/plot/wakeup_arrows.h"
#include "ui/plot/work_marks.h"

#include <algorithm>
#include <cmath>

namespace timeslice {

namespace {

constexpr std::size_t kManySlices = 600; // of a track in sight: on most screens some share a pixel
constexpr Nanos kReapedParts = 80; // of what is in sight between exit and square: the least that is drawn
constexpr Nanos kSeenParts = 1000; // of what is in sight: what is shorter in all is not seen

bool goesOn(const VariantPicture& variant)
{
    return variant.phase == VariantPicture::Phase::Running || variant.phase == VariantPicture::Phase::Analysing;
}

bool asksWithin(const LockInfo& lock, TimeRange range)
{
    auto it = std::lower_bound(lock.moments.begin(), lock.moments.end(), range.begin,
        [](const LockMoment& moment, Nanos t) { return moment.time < t; });
    for (; it != lock.moments.end() && it->time <= range.end; ++it) {
        if (it->kind == EventKind::LockDropRequest) {
            return true;
        }
    }
    return false;
}

/// What is drawn of its processes besides what they do; without `groups` only who was killed.
void addProcessSigns(SignContents& contents, const Timeline& timeline, TimeRange sight, bool groups)
{
    if (!groups && timeline.reaps.empty()) {
        return;
    }
    const auto inSight = [&](Nanos t) { return t != 0 && sight.begin <= t && t <= sight.end; };
    for (const ProcessLife& life : processLives(timeline)) {
        contents.killed |= life.status && wasKilled(*life.status) && inSight(life.exited);
        if (groups) {
            contents.born |= life.parent && inSight(life.born);
            contents.execs |= std::any_of(life.execs.begin(), life.execs.end(), inSight);
            contents.reaped |=
                inSight(life.reaped) && life.exited != 0 && (life.reaped - life.exited) * kReapedParts > sight.length();
            contents.foldedRows |= life.threads.size() > 1;
        }
    }
}

/// What the threads of one variant do within `range`.
class ThreadStates {
public:
    ThreadStates(const Timeline& timeline, TimeRange range)
        : m_least(std::max<Nanos>(1, range.length() / kSeenParts))
    {
        const MarkedWork work = markedWork(timeline);
        const Nanos origin = originOf(timeline);
        const TimeRange before{range.begin, work.begin ? std::min(range.end, origin + *work.begin) : range.begin};
        const TimeRange after{work.end ? std::max(range.begin, origin + *work.end) : range.end, range.end};
        for (const ThreadInfo& thread : timeline.threads) {
            add(m_inside, thread.track, range);
            add(m_outside, thread.track, before);
            add(m_outside, thread.track, after);
            const Track& track = thread.track;
            const std::size_t slices = track.firstEndingAfter(range.end) - track.firstEndingAfter(range.begin);
            m_folded = m_folded || slices > kManySlices;
        }
    }

    bool seen(SliceState state) const { return m_inside[static_cast<std::size_t>(state)] >= m_least; }
    bool outside() const { return m_outside[static_cast<std::size_t>(SliceState::Running)] >= m_least; }
    bool folded() const noexcept { return m_folded; }

private:
    static void add(Shares& sum, const Track& track, TimeRange range)
    {
        if (range.begin >= range.end) {
            return;
        }
        const Shares shares = track.shares(range);
        for (std::size_t i = 0; i < sum.size(); ++i) {
            sum[i] += shares[i];
        }
    }

    Nanos m_least;
    Shares m_inside{};
    Shares m_outside{};
    bool m_folded = false;
};

} // namespace

TimeRange shownRange(const RunPicture& run, const Exploration& exploration)
{
    const auto toNanos = [](double begin, double end) {
        return TimeRange{static_cast<Nanos>(std::floor(begin)), static_cast<Nanos>(std::ceil(end))};
    };
    if (const Exploration::Range& chosen = exploration.range()) {
        return toNanos(chosen->begin, chosen->end);
    }
    const WholeRange whole = wholePicture(run.variants, run.live, exploration.startUpFolded()).shown;
    return toNanos(whole.begin, whole.end);
}

SignContents signContents(std::span<const VariantPicture> variants, TimeRange range, bool groups)
{
    SignContents contents;
    contents.running = contents.runnable = contents.blocked = std::any_of(variants.begin(), variants.end(), goesOn);
    bool locks = false;
    bool onlyGil = true;
    bool waits = contents.running;
    for (const VariantPicture& variant : variants) {
        if (variant.recording == nullptr) {
            continue;
        }
        const Timeline& timeline = variant.recording->timeline;
        const Nanos origin = originOf(timeline);
        const TimeRange sight{origin + range.begin, origin + range.end};
        const ThreadStates states(timeline, sight);
        contents.running |= states.seen(SliceState::Running);
        contents.runnable |= states.seen(SliceState::Runnable);
        contents.blocked |= states.seen(SliceState::Blocked);
        contents.offCore |= states.seen(SliceState::OffCore);
        contents.folded |= states.folded();
        contents.outside |= states.outside();
        waits |= states.seen(SliceState::WaitingForLock);
        contents.severalCores |= timeline.cores.size() > 1;
        contents.foldedWaits |= states.folded() && states.seen(SliceState::Runnable);
        contents.medians |= std::any_of(variant.medianHolds.begin(), variant.medianHolds.end(),
            [](const std::optional<double>& hold) { return hold.has_value(); });
        if (variant.loss) {
            const Nanos lost = variant.loss->overwrite.time;
            contents.lostUpdate |= sight.begin <= lost && lost <= sight.end;
            contents.ifCounted |= isCountedUp(timeline.counters[variant.lossCounter]);
        }
        for (const LockInfo& lock : timeline.locks) {
            locks = true;
            onlyGil = onlyGil && lock.kind == ObjectKind::Gil;
            contents.dropRequests |= asksWithin(lock, sight);
        }
        for (const auto& [thread, alarms] : timeline.falseAlarms) {
            contents.falseAlarms |= falseAlarmsWithin(timeline, thread, {sight.begin, sight.end + 1}) > 0;
        }
        const ForeignLoad foreign = foreignLoad(timeline, sight);
        const OthersShown shown = othersShown(timeline, sight);
        contents.others |= foreign.others || shown.measured;
        contents.stolen |= foreign.stolen || shown.host;
        contents.othersMeasured |= shown.measured;
        contents.unseen |= shown.unseen;
        contents.memory |= !timeline.memory.empty();
        const auto mark = std::lower_bound(timeline.marks.begin(), timeline.marks.end(), sight.begin,
            [](const MarkPoint& point, Nanos t) { return point.time < t; });
        contents.marks |= mark != timeline.marks.end() && mark->time <= sight.end;
        contents.wakeUps |= !wakeUpsIn(timeline, sight, kMostWakeupArrows).empty();
        contents.deadlock |= variant.deadlock.has_value();
        contents.coreLines |= hasCoreLines(timeline.cores.size());
        addProcessSigns(contents, timeline, sight, groups || !timeline.memory.empty());
    }
    if (locks) {
        contents.holder = onlyGil ? QStringLiteral("the GIL") : QStringLiteral("a lock");
    }
    if (locks && waits) {
        contents.lock = onlyGil ? QStringLiteral("the GIL") : QStringLiteral("a lock");
    }
    return contents;
}

} // namespace timeslice
