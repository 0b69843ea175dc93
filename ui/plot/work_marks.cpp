#include "ui/plot/work_marks.h"

#include "ui/plot/format_time.h"

#include <QFontMetrics>
#include <algorithm>
#include <cmath>
#include <optional>

namespace timeslice {

namespace {

constexpr double kStripEm = 1.05;
constexpr double kWorkLabelEm = 0.85;
constexpr double kWorkLabelAirEm = 0.35; // between a line and its label

/// Moments since the variant's start of work.
struct Moments {
    std::optional<Nanos> begin;
    std::optional<Nanos> end;
    QString beginText;
    QString endText;
};

/// Of the program's first thread; nullopt: it is not known to have ended, or to be the first.
std::optional<Nanos> programEnd(const Timeline& timeline)
{
    if (timeline.threads.empty()) {
        return std::nullopt;
    }
    const ThreadInfo& first = timeline.threads.front();
    return first.tid == first.pid && first.exited > 0 ? std::optional(first.exited) : std::nullopt;
}

Moments momentsOf(const Timeline& timeline)
{
    Moments moments;
    if (timeline.threads.empty()) {
        return moments;
    }
    const Nanos origin = originOf(timeline);
    if (timeline.workBegin) {
        moments.begin = *timeline.workBegin - origin;
        moments.beginText = QStringLiteral("work begins");
        if (timeline.finished && timeline.workEnd && *timeline.workEnd > *timeline.workBegin) {
            moments.end = *timeline.workEnd - origin;
            moments.endText = QStringLiteral("work ends %1").arg(formatDuration(*moments.end));
        }
    } else {
        moments.begin = 0;
        moments.beginText = QStringLiteral("program begins");
        if (const auto ended = programEnd(timeline); ended && timeline.finished && *ended > origin) {
            moments.end = *ended - origin;
            moments.endText = QStringLiteral("program ends");
        }
    }
    return moments;
}

/// Plans the marks of one variant, from its heading to its last row.
class VariantMarks {
public:
    VariantMarks(const Canvas& canvas, const TimelineScene& scene, const Row& heading, int bottom)
        : m_canvas(canvas)
        , m_scene(scene)
        , m_strip(workMarkStrip(canvas, scene.variants[heading.content.variant]))
        , m_top(scene.origin.y() + heading.bottom() - scene.scroll - m_strip)
        , m_bottom(scene.origin.y() + bottom - scene.scroll)
        , m_metrics(scaledFont(canvas, kWorkLabelEm))
    {
    }

    void plan(const Moments& moments, std::vector<WorkMark>& marks) const
    {
        std::optional<WorkMark> begin = lineAt(moments.begin);
        std::optional<WorkMark> end = lineAt(moments.end);
        if (end) {
            label(*end, moments.endText, begin);
            end->outside = lanes(end->x + width(), m_scene.scale.right);
            marks.push_back(*end);
        }
        if (begin) {
            label(*begin, moments.beginText, end);
            begin->outside = lanes(m_scene.scale.left, begin->x);
            marks.push_back(*begin);
        }
    }

private:
    int width() const { return m_canvas.line(1); }
    QRect lanes(int from, int to) const { return {from, m_top + m_strip, to - from, m_bottom - m_top - m_strip}; }

    std::optional<WorkMark> lineAt(std::optional<Nanos> moment) const
    {
        if (!moment) {
            return std::nullopt;
        }
        const double at = timeToPixel(m_scene.scale, static_cast<double>(*moment));
        if (at < m_scene.scale.left - 0.5 || at > m_scene.scale.right + 0.5) {
            return std::nullopt;
        }
        WorkMark mark;
        mark.x = std::clamp(static_cast<int>(std::lround(at)), m_scene.scale.left,
            std::max(m_scene.scale.left, m_scene.scale.right - width()));
        mark.top = m_top + m_strip / 3; // clear of what hangs below the heading's line
        mark.bottom = m_bottom;
        return mark;
    }

    /// Behind the line if there is room, else before it, clear of the other mark.
    void label(WorkMark& mark, const QString& text, const std::optional<WorkMark>& other) const
    {
        const int air = m_canvas.px(kWorkLabelAirEm);
        const int wide = m_metrics.horizontalAdvance(text) + 1;
        const QRect behind(mark.x + width() + air, m_top, wide, m_strip);
        const QRect before(mark.x - air - wide, m_top, wide, m_strip);
        for (const QRect& place : {behind, before}) {
            const bool inside = place.left() >= m_scene.scale.left && place.right() < m_scene.scale.right;
            if (inside && (!other || clear(place, *other))) {
                mark.text = text;
                mark.label = place;
                return;
            }
        }
    }

    bool clear(const QRect& place, const WorkMark& other) const
    {
        const int air = m_canvas.px(kWorkLabelAirEm);
        const QRect line(other.x, m_top, width(), m_strip);
        return !place.intersects(line)
            && (other.text.isEmpty() || !place.intersects(other.label.adjusted(-2 * air, 0, 2 * air, 0)));
    }

    const Canvas& m_canvas;
    const TimelineScene& m_scene;
    int m_strip;
    int m_top;
    int m_bottom;
    QFontMetrics m_metrics;
};

} // namespace

MarkedWork markedWork(const Timeline& timeline)
{
    const Moments moments = momentsOf(timeline);
    return {moments.begin, moments.end};
}

int workMarkStrip(const Canvas& canvas, const VariantPicture& variant)
{
    if (variant.recording == nullptr) {
        return 0;
    }
    return momentsOf(variant.recording->timeline).begin ? canvas.px(kStripEm) : 0;
}

std::vector<WorkMark> planWorkMarks(const Canvas& canvas, const TimelineScene& scene)
{
    std::vector<WorkMark> marks;
    const std::vector<Row>& rows = scene.layout->rows;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].content.kind != RowKind::Heading) {
            continue;
        }
        std::size_t last = i;
        while (last + 1 < rows.size() && rows[last + 1].content.kind != RowKind::Heading) {
            ++last;
        }
        if (last > i) {
            const VariantPicture& variant = scene.variants[rows[i].content.variant];
            const Moments moments = momentsOf(variant.recording->timeline);
            VariantMarks(canvas, scene, rows[i], rows[last].bottom()).plan(moments, marks);
        }
    }
    return marks;
}

void paintWorkMarks(const Canvas& canvas, const TimelineScene& scene)
{
    const Theme& theme = *canvas.theme;
    const QColor color = mix(theme.window, theme.text, 0.75);
    const QFont font = scaledFont(canvas, kWorkLabelEm);
    const int dash = std::max(2, canvas.px(0.3));
    QColor veil = theme.window;
    veil.setAlphaF(0.6F);
    for (const WorkMark& mark : planWorkMarks(canvas, scene)) {
        canvas.painter->fillRect(mark.outside, veil); // the heading's time is that of the work
        // A dashed line is none of a bar's edges.
        for (int y = mark.top; y < mark.bottom; y += 2 * dash) {
            canvas.painter->fillRect(mark.x, y, canvas.line(1), std::min(dash, mark.bottom - y), color);
        }
        if (!mark.text.isEmpty()) {
            paintText(canvas, mark.label, Qt::AlignLeft | Qt::AlignVCenter, mark.text, font, theme.mutedText);
        }
    }
}

} // namespace timeslice
