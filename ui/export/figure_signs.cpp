#include "ui/export/figure_signs.h"

#include "core/trace/wake_ups.h"
#include "ui/plot/counter_curve.h"
#include "ui/plot/cpu_painter.h"
#include "ui/plot/false_alarm_painter.h"
#include "ui/plot/lock_painter.h"
#include "ui/plot/mark_painter.h"
#include "ui/plot/others_text.h"
#include "ui/plot/process_painter.h"
#include "ui/plot/row_plan.h"
#include "ui/plot/union_track.h"
#include "ui/plot/wakeup_arrows.h"
#include "ui/plot/work_marks.h"

#include <algorithm>
#include <numeric>

namespace timeslice {

namespace {

constexpr double kNearlyNone = 0.06; // of a row's height: a bar as low or as high as that is no bar of another height

class Tally {
public:
    Tally(const Canvas& canvas, const VariantPicture& variant, const RowContent& row, const TimeScale& scale,
        double minBar, int rowHeight, std::span<const ProcessLife> lives)
        : m_canvas(canvas)
        , m_variant(variant)
        , m_timeline(variant.recording->timeline)
        , m_row(row)
        , m_scale(scale)
        , m_minBar(minBar)
        , m_rowHeight(std::max(1, rowHeight))
        , m_lives(lives)
    {
        const MarkedWork work = markedWork(m_timeline);
        m_inside = {work.begin ? timeToPixel(scale, static_cast<double>(*work.begin)) : scale.left,
            work.end ? timeToPixel(scale, static_cast<double>(*work.end)) : scale.right};
    }

    RowTally count()
    {
        switch (m_row.kind) {
        case RowKind::Thread:
            countThread(plan(m_timeline.threads[m_row.track].track));
            countMoments(std::array{static_cast<std::uint32_t>(m_row.track)});
            countProcessSigns();
            break;
        case RowKind::Core:
            countOwners(plan(m_timeline.cores[m_row.track].track));
            countOthers(m_timeline.cores[m_row.track]);
            m_tally.measured = othersShown(m_timeline, inSight());
            countPrograms(m_timeline.cores[m_row.track]);
            break;
        case RowKind::Process:
            countThread(plan(processTrack()));
            countMoments(m_row.threads);
            countProcessSigns();
            break;
        case RowKind::Memory:
            m_tally.memory = true;
            break;
        case RowKind::Lock:
            countLock(m_timeline.locks[m_row.track]);
            break;
        case RowKind::Cpu:
            for (const CoreInfo& core : m_timeline.cores) {
                countOthers(core);
            }
            m_tally.folded = 0; // its height is a number of cores
            m_tally.measured = othersShown(m_timeline, inSight());
            break;
        case RowKind::Counter:
            countCounter(m_timeline.counters[m_row.track]);
            break;
        case RowKind::Heading:
        case RowKind::Note:
        case RowKind::Omitted:
            break;
        }
        return std::move(m_tally);
    }

private:
    const RowPlan& plan(const Track& track)
    {
        planRow(track, m_scale, originOf(m_timeline), m_minBar, m_plan);
        return m_plan;
    }

    /// What its threads do, as fine as a pixel shows it.
    Track processTrack() const
    {
        constexpr double kLooksPerPixel = 8;
        const Nanos origin = originOf(m_timeline);
        return unionTrack(m_timeline, m_row.threads,
            {columnTime(m_scale, origin, m_scale.left), columnTime(m_scale, origin, m_scale.right)},
            static_cast<Nanos>(m_scale.nanosPerPixel() / kLooksPerPixel));
    }

    TimeRange inSight() const
    {
        const Nanos origin = originOf(m_timeline);
        return {origin + static_cast<Nanos>(m_scale.begin), origin + static_cast<Nanos>(m_scale.end)};
    }

    /// How much of [x0, x1) lies beyond the work.
    double beyond(double x0, double x1) const
    {
        return std::max(0.0, std::min(x1, m_inside.first) - x0) + std::max(0.0, x1 - std::max(x0, m_inside.second));
    }

    void countThread(const RowPlan& plan)
    {
        for (const Bar& bar : plan.bars) {
            const auto state = static_cast<std::size_t>(bar.value.state());
            m_tally.states[state] += bar.x1 - bar.x0;
            m_tally.widest[state] = std::max<double>(m_tally.widest[state], bar.x1 - bar.x0);
            if (bar.value.state() == SliceState::Running) {
                m_tally.outside += beyond(bar.x0, bar.x1);
            }
        }
        for (const Column& column : plan.columns) {
            const auto share = [&](std::size_t category) {
                return column.length > 0
                    ? static_cast<double>(column.shares[category]) / static_cast<double>(column.length)
                    : 0;
            };
            for (std::size_t state = 1; state < kSliceStates; ++state) {
                m_tally.states[state] += share(state);
            }
            const double running = share(static_cast<std::size_t>(SliceState::Running));
            countFolded(running, column.x);
            const bool line = share(static_cast<std::size_t>(SliceState::Runnable)) > kNearlyNone;
            m_tally.foldedWaits += running > kNearlyNone && line ? 1 : 0;
        }
    }

    void countMoments(std::span<const std::uint32_t> threads)
    {
        m_tally.marks = marksWithin(m_timeline, threads, inSight());
        m_tally.falseAlarms = falseAlarmsIn(m_timeline, threads, inSight());
    }

    void countFolded(double share, int x)
    {
        m_tally.folded += share > kNearlyNone && share < 1 - kNearlyNone ? 1 : 0;
        m_tally.outside += share > kNearlyNone ? beyond(x, x + 1) : 0;
    }

    void countOwners(const RowPlan& plan)
    {
        for (const Bar& bar : plan.bars) {
            if (bar.value.state() == SliceState::Running) {
                const double pale = beyond(bar.x0, bar.x1);
                if (pale < bar.x1 - bar.x0) {
                    m_tally.owners.insert(bar.value.subject());
                }
                m_tally.outside += pale;
            }
        }
        for (const Column& column : plan.columns) {
            const Nanos held = std::accumulate(column.shares.begin() + 1, column.shares.end(), Nanos{0});
            countFolded(
                column.length > 0 ? static_cast<double>(held) / static_cast<double>(column.length) : 0, column.x);
        }
    }

    void countLock(const LockInfo& lock)
    {
        countOwners(plan(lock.track));
        const TimeRange range = inSight();
        const auto& medians = m_variant.medianHolds;
        m_tally.median = m_row.track < medians.size() && medians[m_row.track]
            && lacksLengths(m_canvas, m_rowHeight, m_plan, m_timeline, lock)
            && medianDescribes(m_plan, m_scale, m_timeline.workRange().length(), m_minBar, *medians[m_row.track]);
        const auto width = static_cast<std::size_t>(std::max(0, m_scale.right - m_scale.left));
        m_tally.dropRequests = m_plan.columns.size() < width / 2 // else the row is one blur without notches
            && std::any_of(lock.moments.begin(), lock.moments.end(), [&](const LockMoment& moment) {
                   return moment.kind == EventKind::LockDropRequest && range.begin <= moment.time
                       && moment.time <= range.end;
               });
    }

    void countCounter(const CounterInfo& counter)
    {
        const QRect lane(m_scale.left, 0, m_scale.right - m_scale.left, m_rowHeight);
        const CounterCurve curve(m_canvas, lane, m_timeline, counter, m_scale);
        m_tally.ifCounted = !counter.accesses.empty() && curve.showsIfCounted();
        if (m_variant.loss && m_variant.lossCounter == m_row.track && curve.isCurve()) {
            const double at = curve.x(m_variant.loss->overwrite.time);
            m_tally.lostUpdate = at >= m_scale.left && at <= m_scale.right;
        }
    }

    /// The signs of its process, and of any thread the cross of who was killed.
    void countProcessSigns()
    {
        const auto inSight = [&](const std::optional<double>& x) {
            return x && *x >= m_scale.left && *x <= m_scale.right;
        };
        for (const ProcessLife& life : m_lives) {
            if (life.threads.front() != m_row.process.value_or(static_cast<std::uint32_t>(m_row.track))) {
                continue;
            }
            const ProcessSigns signs = processSigns(m_timeline, life, m_scale);
            m_tally.killed = signs.killed && inSight(signs.exited);
            if (m_row.process) {
                m_tally.born = inSight(signs.born);
                m_tally.execs = std::any_of(signs.execs.begin(), signs.execs.end(), inSight);
                m_tally.reaped = inSight(signs.reaped) && signs.reapedLater(m_canvas);
            }
        }
    }

    void countPrograms(const CoreInfo& core)
    {
        constexpr Nanos kLooks = 256;
        const TimeRange sight = inSight();
        for (Nanos k = 0; k < kLooks && !core.others.empty(); ++k) {
            const std::size_t index = core.others.indexAt(sight.begin + sight.length() / kLooks * k);
            if (index >= core.others.size()) {
                continue;
            }
            if (const Slice slice = core.others.slice(index); slice.value.state() == SliceState::Running) {
                ++m_tally.programs[programLabel(m_timeline.programs[slice.value.subject()])];
            }
        }
    }

    void countOthers(const CoreInfo& core)
    {
        for (const OthersStretch& stretch : planOthers(core, m_scale, originOf(m_timeline))) {
            const double width = stretch.x1 - stretch.x0;
            const auto seen = [&](double share) { return share * m_rowHeight >= 1; };
            m_tally.others += seen(stretch.others) ? width : 0;
            m_tally.stolen += seen(stretch.stolen) ? width : 0;
            if (seen(stretch.others) || seen(stretch.stolen)) {
                m_tally.folded += stretch.others < 1 - kNearlyNone ? width : 0;
                m_tally.outside += beyond(stretch.x0, stretch.x1);
            }
        }
    }

    const Canvas& m_canvas;
    const VariantPicture& m_variant;
    const Timeline& m_timeline;
    const RowContent& m_row;
    const TimeScale& m_scale;
    double m_minBar;
    int m_rowHeight;
    std::span<const ProcessLife> m_lives;
    std::pair<double, double> m_inside; ///< pixels between which nothing fades
    RowPlan m_plan;
    RowTally m_tally;
};

/// Those that ran a good part of what others ran, at most two.
QString mainPrograms(const std::map<QString, std::size_t>& looks)
{
    constexpr std::size_t kFewLooks = 4;
    constexpr std::size_t kGoodPart = 4; // a quarter
    std::vector<std::pair<std::size_t, QString>> ranked;
    std::size_t all = 0;
    for (const auto& [name, count] : looks) {
        all += count;
        ranked.emplace_back(count, name);
    }
    std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    QStringList names;
    for (std::size_t i = 0; i < std::min<std::size_t>(2, ranked.size()); ++i) {
        if (ranked[i].first >= kFewLooks && kGoodPart * ranked[i].first >= all) {
            names << ranked[i].second;
        }
    }
    return names.join(QStringLiteral(", "));
}

bool inCycle(const VariantPicture& variant, std::size_t thread)
{
    return variant.deadlock
        && std::any_of(variant.deadlock->edges.begin(), variant.deadlock->edges.end(),
            [thread](const WaitEdge& edge) { return edge.thread == thread; });
}

} // namespace

void RowTally::add(const RowTally& row)
{
    for (std::size_t state = 0; state < states.size(); ++state) {
        states[state] += row.states[state];
        widest[state] = std::max(widest[state], row.widest[state]);
    }
    folded += row.folded;
    others += row.others;
    stolen += row.stolen;
    outside += row.outside;
    foldedWaits += row.foldedWaits;
    median = median || row.median;
    ifCounted = ifCounted || row.ifCounted;
    lostUpdate = lostUpdate || row.lostUpdate;
    dropRequests = dropRequests || row.dropRequests;
    falseAlarms = falseAlarms || row.falseAlarms;
    memory = memory || row.memory;
    marks = marks || row.marks;
    born = born || row.born;
    execs = execs || row.execs;
    killed = killed || row.killed;
    reaped = reaped || row.reaped;
    for (const auto& [name, looks] : row.programs) {
        programs[name] += looks;
    }
    measured.measured = measured.measured || row.measured.measured;
    measured.unseen = measured.unseen || row.measured.unseen;
    measured.host = measured.host || row.measured.host;
}

RowTally tallyRow(const Canvas& canvas, const VariantPicture& variant, const RowContent& row, const TimeScale& scale,
    double minBar, int rowHeight, std::span<const ProcessLife> lives)
{
    return Tally(canvas, variant, row, scale, minBar, rowHeight, lives).count();
}

void FigureSigns::forget()
{
    m_sum = {};
    m_owners.clear();
    m_cpu = m_coreLines = m_foldedRows = m_openRows = m_deadlock = m_locks = m_wakeUps = false;
    m_lockRows = m_severalCores = false;
    m_onlyGil = m_onlyGilRows = true;
}

void FigureSigns::look(const Canvas& canvas, const std::vector<RowContent>& rows, const TimeScale& scale, int rowHeight)
{
    lookForWakeUps(rows, scale);
    for (const RowContent& row : rows) {
        const VariantPicture& variant = m_variants[row.variant];
        const auto [known, isNew] =
            m_known.try_emplace({row.kind, row.variant, row.track, scale.begin, scale.end}, RowTally());
        if (isNew) {
            const auto [lives, first] = m_lives.try_emplace(row.variant);
            if (first) {
                lives->second = processLives(variant.recording->timeline);
            }
            known->second = tallyRow(canvas, variant, row, scale, m_minBar, rowHeight, lives->second);
        }
        const RowTally& tally = known->second;
        m_sum.add(tally);
        for (const std::uint32_t owner : tally.owners) {
            m_owners.emplace(row.variant, owner);
        }
        m_cpu = m_cpu || row.kind == RowKind::Cpu;
        m_coreLines =
            m_coreLines || (row.kind == RowKind::Cpu && hasCoreLines(variant.recording->timeline.cores.size()));
        m_foldedRows = m_foldedRows || row.fold == Fold::Folded;
        m_openRows = m_openRows || row.fold == Fold::Unfolded;
        m_severalCores = m_severalCores || variant.recording->timeline.cores.size() > 1;
        if (row.kind == RowKind::Lock) {
            m_lockRows = true;
            m_onlyGilRows = m_onlyGilRows && variant.recording->timeline.locks[row.track].kind == ObjectKind::Gil;
        }
        if (row.kind == RowKind::Thread || row.kind == RowKind::Process) {
            m_owners.emplace(row.variant, static_cast<std::uint32_t>(row.track));
            m_deadlock = m_deadlock || inCycle(variant, row.track);
        }
        for (const LockInfo& lock : variant.recording->timeline.locks) {
            m_locks = true;
            m_onlyGil = m_onlyGil && lock.kind == ObjectKind::Gil;
        }
    }
}

void FigureSigns::lookForWakeUps(const std::vector<RowContent>& rows, const TimeScale& scale)
{
    const auto hasRow = [&rows](std::size_t variant, std::uint32_t thread) {
        return std::any_of(rows.begin(), rows.end(), [&](const RowContent& row) {
            return row.variant == variant && row.kind == RowKind::Thread && row.track == thread;
        });
    };
    for (std::size_t variant = 0; variant < m_variants.size() && !m_wakeUps; ++variant) {
        if (m_variants[variant].recording == nullptr) {
            continue;
        }
        const Timeline& timeline = m_variants[variant].recording->timeline;
        const std::vector<WakeUp> wakeUps = wakeUpsIn(timeline, sightOf(scale, timeline), kMostWakeupArrows);
        m_wakeUps = std::any_of(wakeUps.begin(), wakeUps.end(),
            [&](const WakeUp& wakeUp) { return hasRow(variant, wakeUp.from) && hasRow(variant, wakeUp.to); });
    }
}

SignContents FigureSigns::contents(double least) const
{
    constexpr double kOneBar = 0.33; // of `least`: so wide a bar is seen by itself
    const auto seen = [&](SliceState state) {
        const auto index = static_cast<std::size_t>(state);
        return m_sum.states[index] >= least || m_sum.widest[index] >= kOneBar * least;
    };
    SignContents contents;
    contents.running = seen(SliceState::Running) || !m_owners.empty();
    contents.runnable = seen(SliceState::Runnable);
    contents.blocked = seen(SliceState::Blocked);
    contents.offCore = seen(SliceState::OffCore);
    if (m_locks && seen(SliceState::WaitingForLock)) {
        contents.lock = m_onlyGil ? QStringLiteral("the GIL") : QStringLiteral("a lock");
    }
    if (m_lockRows) {
        contents.holder = m_onlyGilRows ? QStringLiteral("the GIL") : QStringLiteral("a lock");
    }
    contents.severalCores = m_severalCores;
    contents.folded = m_sum.folded >= least;
    contents.foldedWaits = m_sum.foldedWaits >= least;
    contents.medians = m_sum.median;
    contents.ifCounted = m_sum.ifCounted;
    contents.lostUpdate = m_sum.lostUpdate;
    contents.dropRequests = m_sum.dropRequests;
    contents.falseAlarms = m_sum.falseAlarms;
    contents.cpu = m_cpu;
    contents.others = m_sum.others >= least || m_sum.measured.measured;
    contents.othersMeasured = m_sum.measured.measured;
    contents.unseen = m_sum.measured.unseen;
    contents.stolen = m_sum.stolen >= least || m_sum.measured.host;
    contents.memory = m_sum.memory;
    contents.marks = m_sum.marks;
    contents.born = m_sum.born;
    contents.execs = m_sum.execs;
    contents.killed = m_sum.killed;
    contents.reaped = m_sum.reaped;
    contents.foldedRows = m_foldedRows;
    contents.openRows = m_openRows;
    contents.coreLines = m_coreLines;
    contents.programs = mainPrograms(m_sum.programs);
    contents.deadlock = m_deadlock;
    contents.wakeUps = m_wakeUps;
    contents.outside = m_sum.outside >= least;
    return contents;
}

} // namespace timeslice
