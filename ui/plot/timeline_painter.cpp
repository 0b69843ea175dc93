#include "ui/plot/timeline_painter.h"

#include "core/trace/process_end.h"
#include "ui/plot/core_others.h"
#include "ui/plot/counter_painter.h"
#include "ui/plot/cpu_painter.h"
#include "ui/plot/end_label.h"
#include "ui/plot/false_alarm_painter.h"
#include "ui/plot/lock_painter.h"
#include "ui/plot/mark_painter.h"
#include "ui/plot/memory_painter.h"
#include "ui/plot/process_painter.h"
#include "ui/plot/row_names.h"
#include "ui/plot/row_plan.h"
#include "ui/plot/thread_colors.h"
#include "ui/plot/time_axis.h"
#include "ui/plot/track_painter.h"
#include "ui/plot/union_track.h"
#include "ui/plot/variant_heading.h"
#include "ui/plot/wakeup_arrows.h"
#include "ui/plot/work_marks.h"
#include "ui/text/number_text.h"

#include <QFontMetrics>
#include <algorithm>
#include <climits>
#include <cmath>
#include <functional>
#include <map>

namespace timeslice {

namespace {

class ScenePainter {
public:
    ScenePainter(const Canvas& canvas, const TimelineScene& scene)
        : m_canvas(canvas)
        , m_painter(*canvas.painter)
        , m_theme(*canvas.theme)
        , m_scene(scene)
        , m_layout(*scene.layout)
        , m_colors(threadColors(scene.variants))
        , m_tracks(canvas)
    {
    }

    void paint()
    {
        m_painter.save();
        paintRows(rowsRect(m_scene), [](const Row&) { return true; });
        m_painter.restore();
        paintTimeAxis(m_canvas, m_scene);
    }

    void paintVariant(std::size_t variant, VariantPart part)
    {
        const QRect rect = variantRect(m_scene, variant, part);
        m_withLabels = part == VariantPart::Band;
        m_painter.save();
        m_painter.fillRect(rect, m_theme.window);
        paintRows(rect, [&](const Row& row) {
            return row.content.variant == variant && (m_withLabels || row.content.kind != RowKind::Heading);
        });
        m_painter.restore();
    }

private:
    template <class Wanted> void paintRows(const QRect& clip, Wanted wanted)
    {
        m_painter.setRenderHint(QPainter::Antialiasing, false);
        m_painter.setClipRect(clip);
        for (const int y : m_layout.dividers) {
            m_painter.fillRect(m_scene.origin.x() + m_layout.headingLeft, screenY(y),
                m_layout.laneRight - m_layout.headingLeft, m_canvas.line(1), m_theme.border);
        }
        for (const Row& row : m_layout.rows) {
            if (wanted(row) && screenY(row.bottom()) > clip.top() && screenY(row.top) <= clip.bottom()) {
                paintRow(row);
            }
        }
        paintWakeups(m_canvas, m_scene);
        paintWorkMarks(m_canvas, m_scene);
        for (const auto& paintLabel : m_labels) {
            paintLabel();
        }
        m_labels.clear();
    }

    int screenY(int y) const { return m_scene.origin.y() + y - m_scene.scroll; }

    void paintRow(const Row& row)
    {
        const VariantPicture& variant = m_scene.variants[row.content.variant];
        const QRect lane = laneRect(m_scene, row);
        switch (row.content.kind) {
        case RowKind::Heading:
            m_busy.clear();
            paintHeading(m_canvas, m_scene, row);
            return;
        case RowKind::Core:
            paintCore(lane, row.content);
            break;
        case RowKind::Thread:
            paintThread(lane, row.content);
            paintOnThreads(lane, row.content, {static_cast<std::uint32_t>(row.content.track)});
            break;
        case RowKind::Process:
            paintProcess(lane, row.content);
            paintOnThreads(lane, row.content, row.content.threads);
            break;
        case RowKind::Memory:
            paintMemoryRow(lane, row.content);
            return;
        case RowKind::Lock:
            paintLockRow(lane, row.content);
            break;
        case RowKind::Note:
            paintNote(lane, row.content.note);
            break;
        case RowKind::Omitted:
            m_labels.emplace_back([this, lane, words = row.content.note] {
                const QFont font = scaledFont(m_canvas, 0.85);
                const QRect room = lane.adjusted(m_canvas.px(0.4), 0, 0, 0);
                const int width = std::min(room.width(), textWidth(m_canvas, font, words));
                // The dashed lines of the work make way.
                m_painter.fillRect(QRect(room.left(), room.top(), width, room.height()), m_theme.window);
                paintText(m_canvas, room, Qt::AlignLeft | Qt::AlignVCenter, words, font, m_theme.mutedText);
            });
            return;
        case RowKind::Counter:
            if (paintCounterRow(lane, row.content)) {
                return;
            }
            break;
        case RowKind::Cpu:
            paintCpuRow(lane, variant.recording->timeline);
            m_busy.clear();
            return;
        }
        if (!m_withLabels) {
            return;
        }
        const QRect label(m_scene.origin.x() + m_layout.headingLeft, lane.top(), m_layout.labelWidth(), lane.height());
        const QFont font = scaledFont(m_canvas, 1, row.content.kind == RowKind::Lock);
        if (row.content.inTree) {
            paintTreeLabel(m_canvas, label, row.content, font, m_theme.text);
            return;
        }
        paintText(m_canvas, label, Qt::AlignRight | Qt::AlignVCenter, row.content.label, font,
            row.content.kind == RowKind::Note ? m_theme.mutedText : m_theme.text);
    }

    void plan(const Track& track, const Timeline& timeline, bool owners)
    {
        m_plan.owners = owners;
        planRow(track, m_scene.scale, originOf(timeline), kMinBarWidth * m_canvas.unit, m_plan);
    }

    const Timeline& timelineOf(const RowContent& row) const
    {
        return m_scene.variants[row.variant].recording->timeline;
    }

    void paintCore(const QRect& lane, const RowContent& row)
    {
        const Timeline& timeline = timelineOf(row);
        const std::size_t index = row.track;
        m_tracks.paintLane(lane);
        plan(timeline.cores[index].track, timeline, true);
        if (index == 0) {
            m_busy.clear(); // cores come in order, and the CPU row after them
        }
        if (index == m_busy.size()) {
            m_busy.push_back(m_plan.busy);
        }
        const std::vector<OthersStretch> others = planOthers(timeline.cores[index], m_scene.scale, originOf(timeline));
        paintOthers(m_canvas, lane, others);
        m_tracks.paintOwners(lane, m_plan, timeline, m_colors[row.variant], others);
        paintMeasuredOthers(m_canvas, lane, timeline, index, m_scene.scale, m_plan);
    }

    void paintLockRow(const QRect& lane, const RowContent& row)
    {
        const Timeline& timeline = timelineOf(row);
        const LockInfo& lock = timeline.locks[row.track];
        plan(lock.track, timeline, true);
        const auto& medians = m_scene.variants[row.variant].medianHolds;
        const bool unlabelled =
            paintLock(m_canvas, lane, m_tracks, m_plan, timeline, lock, m_colors[row.variant], m_scene.scale);
        if (unlabelled && row.track < medians.size() && medians[row.track]
            && medianDescribes(m_plan, m_scene.scale, timeline.workRange().length(), kMinBarWidth * m_canvas.unit,
                *medians[row.track])) {
            paintMedian(lane, row, medianHoldText(m_scene.variants, *medians[row.track]));
        }
    }

    /// Beside the row's name; without room there, in the lane where it covers nothing.
    void paintMedian(const QRect& lane, const RowContent& row, const QString& words)
    {
        const QFont font = scaledFont(m_canvas, kMedianEm);
        const int width = textWidth(m_canvas, font, words);
        const int name = textWidth(m_canvas, scaledFont(m_canvas, 1, true), row.label)
            + (row.inTree ? m_canvas.px(treeIndentEm(row)) : 0);
        const QRect label(m_scene.origin.x() + m_layout.headingLeft, lane.top(), m_layout.labelWidth(), lane.height());
        const int right = label.right() + 1 - (row.inTree ? 0 : name + m_canvas.px(0.6));
        const int least = label.left() + (row.inTree ? name + m_canvas.px(0.6) : 0);
        if (right - width >= least) {
            if (m_withLabels) {
                paintText(m_canvas, QRect(right - width, lane.top(), width, lane.height()),
                    Qt::AlignLeft | Qt::AlignVCenter, words, font, m_theme.mutedText);
            }
        } else if (const auto place = freePlace(m_canvas, lane, m_plan, width)) {
            m_labels.emplace_back([this, place = *place, words, font] {
                paintText(m_canvas, place, Qt::AlignLeft | Qt::AlignVCenter, words, font, m_theme.mutedText);
            });
        }
    }

    /// A sentence in place of a track.
    void paintNote(const QRect& lane, const QString& note)
    {
        m_tracks.paintLane(lane);
        const int margin = m_canvas.px(0.7);
        const QRect room = lane.adjusted(margin, 0, -margin, 0);
        const QFont font = scaledFont(m_canvas, 0.92);
        const QFontMetrics metrics(font);
        if (lane.height() < 2 * metrics.height()) {
            paintText(m_canvas, room, Qt::AlignLeft | Qt::AlignVCenter, note, font, m_theme.mutedText);
            return;
        }
        m_painter.setFont(font);
        m_painter.setPen(m_theme.mutedText);
        m_painter.drawText(room, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextWordWrap, note);
    }

    void paintThread(const QRect& lane, const RowContent& row)
    {
        const VariantPicture& variant = m_scene.variants[row.variant];
        const Timeline& timeline = timelineOf(row);
        const ThreadInfo& thread = timeline.threads[row.track];
        m_tracks.paintLane(lane);
        plan(thread.track, timeline, false);
        m_tracks.paintThread(lane, m_plan, m_colors[row.variant].of(timeline, row.track));
        if (variant.deadlock) {
            for (const WaitEdge& edge : variant.deadlock->edges) {
                if (edge.thread == row.track) {
                    paintDeadlock(lane, timeline, edge);
                }
            }
        }
    }

    void paintProcess(const QRect& lane, const RowContent& row)
    {
        const Timeline& timeline = timelineOf(row);
        const Nanos origin = originOf(timeline);
        constexpr double kLooksPerPixel = 8;
        const TimeRange range{columnTime(m_scene.scale, origin, m_scene.scale.left),
            columnTime(m_scene.scale, origin, m_scene.scale.right)};
        m_tracks.paintLane(lane);
        plan(unionTrack(
                 timeline, row.threads, range, static_cast<Nanos>(m_scene.scale.nanosPerPixel() / kLooksPerPixel)),
            timeline, false);
        m_tracks.paintThread(lane, m_plan, m_colors[row.variant].of(timeline, row.track));
    }

    /// What a row of threads has besides: the marks that they set, and of a process its signs.
    void paintOnThreads(const QRect& lane, const RowContent& row, const std::vector<std::uint32_t>& threads)
    {
        const Timeline& timeline = timelineOf(row);
        paintFalseAlarms(m_canvas, lane, planFalseAlarms(m_canvas, lane, timeline, threads, m_scene.scale));
        std::vector<MarkFlag> flags;
        if (!timeline.marks.empty()) {
            flags = planMarks(m_canvas, lane, timeline, threads, m_scene.scale);
            m_labels.emplace_back([this, lane, flags] {
                paintMarks(m_canvas, lane, flags);
                paintMarkNames(m_canvas, flags);
            });
        }
        if (const ProcessLife* life = lifeOf(row)) {
            const ProcessSigns signs = processSigns(timeline, *life, m_scene.scale);
            paintProcessSigns(m_canvas, lane, signs);
            m_labels.emplace_back(
                [this, lane, signs, flags = std::move(flags)] { paintProcessEnd(m_canvas, lane, signs, flags); });
        } else if (row.kind == RowKind::Thread) {
            planEnd(lane, m_scene.variants[row.variant], timeline.threads[row.track], std::move(flags));
        }
    }

    void paintMemoryRow(const QRect& lane, const RowContent& row)
    {
        const ProcessLife* life = lifeOf(row);
        if (life == nullptr) {
            return;
        }
        const std::uint64_t top = memoryScale(m_scene.variants);
        paintMemory(m_canvas, lane, timelineOf(row), *life, m_scene.scale, top);
        if (!m_withLabels) {
            return;
        }
        const QRect label(m_scene.origin.x() + m_layout.headingLeft, lane.top(), m_layout.labelWidth(), lane.height());
        paintTreeLabel(m_canvas, label, row, scaledFont(m_canvas, 0.9), m_theme.mutedText);
        const QFont small = scaledFont(m_canvas, 0.75);
        const QFontMetrics metrics(small);
        const auto scaleEnd = [&](int baseline, const QString& text) {
            const int width = metrics.horizontalAdvance(text);
            paintWithin(m_canvas, label.right() + 1 - width, baseline, width, text, small, m_theme.mutedText);
        };
        scaleEnd(lane.top() + metrics.capHeight() + 1, memoryText(top));
        if (lane.height() >= 2 * metrics.capHeight() + m_canvas.px(0.2)) {
            scaleEnd(lane.bottom() + 1, QStringLiteral("0"));
        }
    }

    const ProcessLife* lifeOf(const RowContent& row)
    {
        if (!row.process) {
            return nullptr;
        }
        const auto [known, added] = m_lives.try_emplace(row.variant);
        if (added) {
            known->second = processLives(timelineOf(row));
        }
        const auto found = std::find_if(known->second.begin(), known->second.end(),
            [&](const ProcessLife& life) { return life.threads.front() == *row.process; });
        return found != known->second.end() ? &*found : nullptr;
    }

    /// A cross and the signal if that ended it, else a word behind the bar.
    void planEnd(
        const QRect& lane, const VariantPicture& variant, const ThreadInfo& thread, std::vector<MarkFlag> flags)
    {
        const Timeline& timeline = variant.recording->timeline;
        const std::optional<int> status = statusOf(timeline, thread);
        if (thread.exited != 0 && status && wasKilled(*status)) {
            const double x = timeToPixel(m_scene.scale, static_cast<double>(thread.exited - originOf(timeline)));
            m_labels.emplace_back([this, lane, x, sign = QString::fromStdString(endSign(*status)),
                                      flags = std::move(flags)] { paintKilled(m_canvas, lane, x, sign, flags); });
        } else if (auto label = planEndLabel(m_canvas, lane, variant, thread, m_scene.scale)) {
            label->rect = clearOfMarks(m_canvas, label->rect, flags);
            m_labels.emplace_back([this, lane, label = *label] { paintEndLabel(m_canvas, lane, label); });
        }
    }

    /// How the process of its first thread ended, where it is known.
    static std::optional<int> statusOf(const Timeline& timeline, const ThreadInfo& thread)
    {
        const auto reap = std::find_if(timeline.reaps.begin(), timeline.reaps.end(),
            [&](const ReapPoint& point) { return point.pid == thread.tid && point.time >= thread.exited; });
        return reap != timeline.reaps.end() ? std::optional(reap->status) : std::nullopt;
    }

    void paintDeadlock(const QRect& lane, const Timeline& timeline, const WaitEdge& edge)
    {
        const Nanos origin = originOf(timeline);
        const double x0 = timeToPixel(m_scene.scale, static_cast<double>(edge.since - origin));
        const double x1 = timeToPixel(m_scene.scale, static_cast<double>(timeline.end - origin));
        const int left = static_cast<int>(std::lround(std::clamp<double>(x0, lane.left(), lane.right() + 1)));
        const int right = static_cast<int>(std::lround(std::clamp<double>(x1, lane.left(), lane.right() + 1)));
        if (right - left < 2) {
            return;
        }
        const QRect box(left, lane.top(), right - left, lane.height());
        paintFrame(m_painter, box, m_canvas.line(1.8), m_theme.bad);
        const QFont font = scaledFont(m_canvas, 0.9, true);
        const QString lock = edge.lock < timeline.locks.size() ? lockLabel(timeline, edge.lock) : QString();
        const QString text = QStringLiteral("waits for %1").arg(lock);
        const QFontMetrics metrics(font);
        const int width = metrics.horizontalAdvance(text) + m_canvas.px(1);
        if (width + m_canvas.px(0.6) <= box.width() && metrics.height() <= lane.height()) {
            const int tall = std::min(lane.height() - m_canvas.line(4), metrics.height() + m_canvas.line(2));
            const QRect plate(box.center().x() - width / 2, box.center().y() - tall / 2 + 1, width, tall);
            m_painter.fillRect(plate, m_theme.lane);
            paintText(m_canvas, plate, Qt::AlignCenter, text, font, m_theme.bad);
        }
    }

    /// True: its label is painted, too.
    bool paintCounterRow(const QRect& lane, const RowContent& row)
    {
        const VariantPicture& variant = m_scene.variants[row.variant];
        const Timeline& timeline = variant.recording->timeline;
        const CounterInfo& counter = timeline.counters[row.track];
        const bool lossHere = variant.loss.has_value() && variant.lossCounter == row.track;
        const LostUpdate* loss = lossHere ? &*variant.loss : nullptr;
        const ThreadColors& colors = m_colors[row.variant];
        paintCounter(m_canvas, lane, timeline, counter, colors, loss, row.lanes, m_scene.scale);
        const auto ends = counterEnds(m_canvas, lane, timeline, counter, m_scene.scale);
        m_labels.emplace_back([this, lane, &timeline, &counter, &colors, loss, lanes = row.lanes] {
            paintAboveCounter(m_canvas, lane, timeline, counter, colors, loss, lanes, m_scene.scale);
        });
        if (ends && m_withLabels) {
            paintScale(lane, row.label, {countText(std::llround(ends->second))}, countText(std::llround(ends->first)));
        }
        return ends.has_value();
    }

    void paintCpuRow(const QRect& lane, const Timeline& timeline)
    {
        paintCpu(m_canvas, lane, timeline, m_scene.scale, m_busy);
        if (!m_withLabels) {
            return;
        }
        const auto cores = timeline.cores.size();
        const QString number = QString::number(cores);
        paintScale(lane, QStringLiteral("CPU"),
            {cores == 1 ? QStringLiteral("1 core") : QStringLiteral("%1 cores").arg(number), number});
    }

    /// A row's name and the ends of its scale, `bottom` and the first of `tops` that there is room for: at the lane's
    /// edges, the name between them or, in a low row, before them.
    void paintScale(
        const QRect& lane, const QString& name, const QStringList& tops, const QString& bottom = QStringLiteral("0"))
    {
        const QFont nameFont = scaledFont(m_canvas, 1);
        const QRect column(m_scene.origin.x() + m_layout.headingLeft, lane.top(), m_layout.labelWidth(), lane.height());
        const int nameCap = QFontMetrics(nameFont).capHeight();
        for (const double ems : {0.85, 0.7}) {
            const QFont font = scaledFont(m_canvas, ems);
            const QFontMetrics metrics(font);
            const bool between = lane.height() >= nameCap + 2 * metrics.capHeight() + m_canvas.px(0.8);
            if (!between && lane.height() < 2 * metrics.capHeight() + m_canvas.px(0.25)) {
                continue;
            }
            for (const QString& top : tops) {
                const int wide = metrics.horizontalAdvance(top);
                const int right = between ? column.right() : column.right() - wide - m_canvas.px(0.5);
                const QRect before(column.left(), column.top(), right + 1 - column.left(), column.height());
                if (before.width() < textWidth(m_canvas, nameFont, name)) {
                    continue;
                }
                paintText(m_canvas, before, Qt::AlignRight | Qt::AlignVCenter, name, nameFont, m_theme.text);
                const auto put = [&](const QString& text, int baseline) {
                    const int width = metrics.horizontalAdvance(text);
                    paintWithin(m_canvas, column.right() + 1 - width, baseline, width, text, font, m_theme.mutedText);
                };
                put(top, lane.top() + metrics.capHeight() + 1);
                put(bottom, lane.bottom() + 1);
                return;
            }
        }
        paintText(m_canvas, column, Qt::AlignRight | Qt::AlignVCenter, name, nameFont, m_theme.text);
    }

    const Canvas& m_canvas;
    QPainter& m_painter;
    const Theme& m_theme;
    const TimelineScene& m_scene;
    const TimelineLayout& m_layout;
    std::vector<ThreadColors> m_colors; ///< of each variant
    std::map<std::size_t, std::vector<ProcessLife>> m_lives; ///< by variant, where they are asked for
    std::vector<std::function<void()>> m_labels; ///< which do not fade with what lies beyond the work
    TrackPainter m_tracks;
    RowPlan m_plan;
    std::vector<std::vector<Nanos>> m_busy; ///< of the variant's cores painted so far
    bool m_withLabels = true;
};

} // namespace

int axisTop(const TimelineScene& scene)
{
    const int rows = scene.layout->contentHeight - scene.scroll;
    return scene.origin.y() + std::min(rows, scene.height - scene.layout->axisHeight);
}

QRect laneRect(const TimelineScene& scene, const Row& row)
{
    return {
        scene.scale.left, scene.origin.y() + row.top - scene.scroll, scene.scale.right - scene.scale.left, row.height};
}

QRect rowsRect(const TimelineScene& scene)
{
    return {scene.origin.x(), scene.origin.y(), scene.layout->width, axisTop(scene) - scene.origin.y()};
}

QRect variantRect(const TimelineScene& scene, std::size_t variant, VariantPart part)
{
    const TimelineLayout& layout = *scene.layout;
    int top = INT_MAX;
    int bottom = INT_MIN;
    for (const Row& row : layout.rows) {
        if (row.content.variant == variant && (part == VariantPart::Band || row.content.kind != RowKind::Heading)) {
            top = std::min(top, row.top);
            bottom = std::max(bottom, row.bottom());
        }
    }
    if (bottom <= top) {
        return {};
    }
    const int left = part == VariantPart::Band ? 0 : layout.labelRight;
    return QRect(scene.origin.x() + left, scene.origin.y() + top - scene.scroll, layout.width - left, bottom - top)
        .intersected(rowsRect(scene));
}

void paintTimeline(const Canvas& canvas, const TimelineScene& scene)
{
    ScenePainter(canvas, scene).paint();
}

void paintVariant(const Canvas& canvas, const TimelineScene& scene, std::size_t variant, VariantPart part)
{
    ScenePainter(canvas, scene).paintVariant(variant, part);
}

} // namespace timeslice
