#include "ui/plot/timeline_painter.h"

#include "ui/plot/core_others.h"
#include "ui/plot/counter_painter.h"
#include "ui/plot/cpu_painter.h"
#include "ui/plot/lock_painter.h"
#include "ui/plot/row_names.h"
#include "ui/plot/row_plan.h"
#include "ui/plot/thread_colors.h"
#include "ui/plot/track_painter.h"
#include "ui/plot/work_marks.h"

#include <QFontMetrics>
#include <algorithm>
#include <climits>
#include <cmath>

namespace timeslice {

namespace {

constexpr double kAxisGapEm = 0.75; // between the rows and the axis
constexpr double kTickEm = 0.36;

QFont axisFont(const Canvas& canvas)
{
    return scaledFont(canvas, 0.92);
}

/// As many ticks as leave their labels room to breathe.
TimeTicks fittingTicks(const Canvas& canvas, const TimelineScene& scene, const QFontMetrics& metrics)
{
    TimeTicks ticks;
    const int width = scene.scale.right - scene.scale.left;
    for (int count = std::clamp(width / std::max(1, canvas.px(5)), 2, 16); count >= 2; --count) {
        ticks = timeTicks(scene.scale.begin, scene.scale.end, count);
        int widest = 0;
        for (const TimeTick& tick : ticks.ticks) {
            widest = std::max(widest, metrics.horizontalAdvance(tick.label));
        }
        if (ticks.step / scene.scale.nanosPerPixel() >= widest + canvas.px(1.4)) {
            break;
        }
    }
    return ticks;
}

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
        paintAxis();
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
        paintWorkMarks(m_canvas, m_scene);
        for (const auto& [lane, millis] : m_medians) { // over what fades beyond the work
            paintMedianHold(m_canvas, lane, millis);
        }
        m_medians.clear();
    }

    int screenY(int y) const { return m_scene.origin.y() + y - m_scene.scroll; }

    void paintRow(const Row& row)
    {
        const VariantPicture& variant = m_scene.variants[row.content.variant];
        const QRect lane = laneRect(m_scene, row);
        switch (row.content.kind) {
        case RowKind::Heading:
            paintHeading(row, variant);
            return;
        case RowKind::Core:
            paintCore(lane, row.content);
            break;
        case RowKind::Thread:
            paintThread(lane, row.content);
            break;
        case RowKind::Lock:
            paintLockRow(lane, row.content);
            break;
        case RowKind::Note:
            paintNote(lane, row.content.note);
            break;
        case RowKind::Counter: {
            const Timeline& timeline = variant.recording->timeline;
            const bool lossHere = variant.loss.has_value() && variant.lossCounter == row.content.track;
            paintCounter(m_canvas, lane, timeline, timeline.counters[row.content.track], m_colors[row.content.variant],
                lossHere ? &*variant.loss : nullptr, row.content.lanes, m_scene.scale);
            break;
        }
        case RowKind::Cpu:
            paintCpuRow(lane, variant.recording->timeline);
            m_busy.clear();
            return;
        }
        if (!m_withLabels) {
            return;
        }
        const QRect label(m_scene.origin.x() + m_layout.headingLeft, lane.top(), m_layout.labelWidth(), lane.height());
        paintText(m_canvas, label, Qt::AlignRight | Qt::AlignVCenter, row.content.label,
            scaledFont(m_canvas, 1, row.content.kind == RowKind::Lock),
            row.content.kind == RowKind::Note ? m_theme.mutedText : m_theme.text);
    }

    void paintHeading(const Row& row, const VariantPicture& variant)
    {
        m_busy.clear();
        const QFont titleFont = scaledFont(m_canvas, 1.15, true);
        const QFont noteFont = scaledFont(m_canvas, 0.95);
        const QFont resultFont = scaledFont(m_canvas, 1.0, true);
        const QFontMetrics titleMetrics(titleFont);
        const int left = m_scene.origin.x() + m_layout.headingLeft;
        const int right = m_scene.origin.x() + m_layout.laneRight;
        const int height = row.height - workMarkStrip(m_canvas, variant);
        const int baseline = screenY(row.top) + height / 2 + titleMetrics.capHeight() / 2 + m_canvas.px(0.1);

        // The result is what the picture is about: it goes first, the title gets what is left, then the note.
        const HeadingResult result =
            m_scene.excerpt.isEmpty() ? headingResult(variant) : HeadingResult{m_scene.excerpt, false};
        const int resultWidth = std::min(QFontMetrics(resultFont).horizontalAdvance(result.text), right - left);
        const bool runs = notRunReason(variant).isEmpty();
        line(right - resultWidth, baseline, resultWidth, result.text, resultFont,
            !runs            ? m_theme.mutedText
                : result.bad ? m_theme.bad
                             : m_theme.text);
        int room = right - left - resultWidth - m_canvas.px(1.2);
        const int titleWidth =
            line(left, baseline, room, row.content.label, titleFont, runs ? m_theme.text : m_theme.mutedText);
        room -= titleWidth + m_canvas.px(1.1);
        if (room > m_canvas.px(4)) {
            line(left + titleWidth + m_canvas.px(1.1), baseline, room, QString::fromStdString(variant.recording->note),
                noteFont, m_theme.mutedText);
        }
    }

    /// Text on a baseline, elided to `room`; its width.
    int line(int x, int baseline, int room, const QString& text, const QFont& font, const QColor& color)
    {
        if (room <= 0 || text.isEmpty()) {
            return 0;
        }
        QString shown = text;
        if (textWidth(m_canvas, font, text) > room + 1) { // widths are rounded
            shown = QFontMetrics(font).elidedText(text, Qt::ElideRight, room + 1);
        }
        paintLine(m_canvas, x, baseline, shown, font, color);
        return textWidth(m_canvas, font, shown);
    }

    void plan(const Track& track, const Timeline& timeline)
    {
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
        plan(timeline.cores[index].track, timeline);
        if (index == 0) {
            m_busy.clear(); // cores come in order, and the CPU row after them
        }
        if (index == m_busy.size()) {
            m_busy.push_back(m_plan.busy);
        }
        paintOthers(m_canvas, lane, planOthers(timeline.cores[index], m_scene.scale, originOf(timeline)));
        m_tracks.paintOwners(lane, m_plan, timeline, m_colors[row.variant]);
    }

    void paintLockRow(const QRect& lane, const RowContent& row)
    {
        const Timeline& timeline = timelineOf(row);
        const LockInfo& lock = timeline.locks[row.track];
        plan(lock.track, timeline);
        const auto& medians = m_scene.variants[row.variant].medianHolds;
        const bool unlabelled =
            paintLock(m_canvas, lane, m_tracks, m_plan, timeline, lock, m_colors[row.variant], m_scene.scale);
        if (unlabelled && row.track < medians.size() && medians[row.track]) {
            m_medians.emplace_back(lane, *medians[row.track]);
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
        plan(thread.track, timeline);
        m_tracks.paintThread(lane, m_plan, m_colors[row.variant].of(timeline, row.track));
        paintDone(lane, variant, thread);
        if (variant.deadlock) {
            for (const WaitEdge& edge : variant.deadlock->edges) {
                if (edge.thread == row.track) {
                    paintDeadlock(lane, timeline, edge);
                }
            }
        }
    }

    void paintDone(const QRect& lane, const VariantPicture& variant, const ThreadInfo& thread)
    {
        const Timeline& timeline = variant.recording->timeline;
        if (thread.exited == 0) {
            return;
        }
        const double x = timeToPixel(m_scene.scale, static_cast<double>(thread.exited - originOf(timeline)));
        const QFont font = scaledFont(m_canvas, 0.85);
        // A run that was ended from outside did not get its work done.
        const bool whole = !variant.deadlock && variant.exit.kind == Exit::Kind::Exited;
        const QString text = whole ? QStringLiteral("done") : QStringLiteral("stopped");
        const int width = QFontMetrics(font).horizontalAdvance(text);
        const double left = x + m_canvas.px(0.7);
        if (x >= lane.left() && x <= lane.right() + 1 && left + width + m_canvas.px(0.5) > lane.right()) {
            // At the right edge there is room only behind it, in the margin.
            paintText(m_canvas, QRect(lane.right() + 1 + m_canvas.px(0.3), lane.top(), width + 1, lane.height()),
                Qt::AlignLeft | Qt::AlignVCenter, text, font, m_theme.mutedText);
        } else if (x >= lane.left() && left + width + m_canvas.px(0.5) <= lane.right()) {
            paintText(m_canvas, QRect(static_cast<int>(left), lane.top(), width, lane.height()),
                Qt::AlignLeft | Qt::AlignVCenter, text, font, m_theme.mutedText);
        }
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

    void paintCpuRow(const QRect& lane, const Timeline& timeline)
    {
        paintCpu(m_canvas, lane, timeline, m_scene.scale, m_busy);
        if (!m_withLabels) {
            return;
        }
        const QFont small = scaledFont(m_canvas, 0.85);
        const QFontMetrics smallMetrics(small);
        const QRect column(m_scene.origin.x() + m_layout.headingLeft, lane.top(), m_layout.labelWidth(), lane.height());
        paintText(m_canvas, column, Qt::AlignRight | Qt::AlignVCenter, QStringLiteral("CPU"), scaledFont(m_canvas, 1),
            m_theme.text);
        // The scale's ends, only where they keep clear of the word.
        const int needed = QFontMetrics(scaledFont(m_canvas, 1)).capHeight() + 2 * smallMetrics.capHeight();
        if (lane.height() < needed + m_canvas.px(0.8)) {
            return;
        }
        const auto cores = timeline.cores.size();
        const QString top = cores == 1 ? QStringLiteral("1 core") : QStringLiteral("%1 cores").arg(cores);
        line(column.right() + 1 - smallMetrics.horizontalAdvance(top), lane.top() + smallMetrics.capHeight() + 1,
            column.width(), top, small, m_theme.mutedText);
        line(column.right() + 1 - smallMetrics.horizontalAdvance(QStringLiteral("0")), lane.bottom() + 1,
            column.width(), QStringLiteral("0"), small, m_theme.mutedText);
    }

    void paintAxis()
    {
        const AxisPlan axis = planAxis(m_canvas, m_scene);
        const QFont font = axisFont(m_canvas);
        const QFontMetrics metrics(font);
        const int top = axisTop(m_scene) + m_canvas.px(kAxisGapEm);
        const int left = m_scene.scale.left;
        const int right = m_scene.scale.right;
        const int width = m_canvas.line(1);
        m_painter.fillRect(left, top, right - left + width, width, m_theme.hatch);
        for (const TimeTick& tick : axis.ticks.ticks) {
            const auto x = static_cast<int>(std::lround(timeToPixel(m_scene.scale, tick.time)));
            if (x >= left && x <= right) {
                m_painter.fillRect(x, top, width, m_canvas.px(kTickEm), m_theme.hatch);
            }
        }
        for (const AxisLabel& label : axis.labels) {
            line(label.rect.left(), label.rect.top() + metrics.ascent(), label.rect.width(), label.text, font,
                m_theme.mutedText);
        }
    }

    const Canvas& m_canvas;
    QPainter& m_painter;
    const Theme& m_theme;
    const TimelineScene& m_scene;
    const TimelineLayout& m_layout;
    std::vector<ThreadColors> m_colors; ///< of each variant
    std::vector<std::pair<QRect, double>> m_medians; ///< lanes, and ms
    TrackPainter m_tracks;
    RowPlan m_plan;
    std::vector<std::vector<Nanos>> m_busy; ///< of the variant's cores painted so far
    bool m_withLabels = true;
};

} // namespace

HeadingResult headingResult(const VariantPicture& variant)
{
    if (variant.deadlock) {
        return {QStringLiteral("deadlock"), true};
    }
    switch (variant.phase) {
    case VariantPicture::Phase::Waiting:
        return {};
    case VariantPicture::Phase::Running:
        return {QStringLiteral("running"), false};
    case VariantPicture::Phase::Analysing:
        return {QStringLiteral("adding up"), false};
    case VariantPicture::Phase::Ended:
        break;
    }
    if (!notRunReason(variant).isEmpty()) {
        return {QStringLiteral("not run"), false};
    }
    if (variant.recording != nullptr && !variant.recording->failure.empty()) {
        return {QString::fromStdString(variant.recording->failure), true};
    }
    const double cores = variant.parallelism;
    const QString parallelism = QString::number(cores, 'f', 2);
    return {QStringLiteral("%1 · %2 %3")
                .arg(formatDuration(variant.wall), parallelism,
                    parallelism == QLatin1String("1.00") ? QStringLiteral("core") : QStringLiteral("cores")),
        false};
}

AxisPlan planAxis(const Canvas& canvas, const TimelineScene& scene)
{
    const QFontMetrics metrics(axisFont(canvas));
    const int top = axisTop(scene) + canvas.px(kAxisGapEm) + canvas.px(kTickEm) + canvas.px(0.35);
    const int left = scene.scale.left;
    const int right = scene.scale.right;
    const int edge = scene.origin.x() + scene.layout->width;
    AxisPlan plan;
    plan.ticks = fittingTicks(canvas, scene, metrics);
    const auto put = [&](int x, int width, const QString& text) {
        plan.labels.push_back({QRect(x, top, width, metrics.height()), text});
    };
    int unitLeft = right + canvas.px(1.1);
    int labelled = scene.origin.x();
    for (const TimeTick& tick : plan.ticks.ticks) {
        const auto x = static_cast<int>(std::lround(timeToPixel(scene.scale, tick.time)));
        const int width = metrics.horizontalAdvance(tick.label);
        const int from = x - width / 2;
        if (x < left || x > right || from < labelled || from + width > edge) {
            continue;
        }
        put(from, width, tick.label);
        labelled = from + width + canvas.px(0.6);
        unitLeft = std::max(unitLeft, labelled);
    }
    const QString unit = unitName(plan.ticks.unit);
    if (unitLeft + metrics.horizontalAdvance(unit) <= edge) {
        put(unitLeft, metrics.horizontalAdvance(unit), unit);
    }
    if (!plan.ticks.base.isEmpty()) {
        const int baseRight = left - canvas.px(2);
        const int width = std::min(baseRight - scene.origin.x(), metrics.horizontalAdvance(plan.ticks.base));
        if (width > 0) {
            put(baseRight - width, width, plan.ticks.base);
        }
    }
    return plan;
}

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
