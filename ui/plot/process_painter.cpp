#include "ui/plot/process_painter.h"

#include "core/trace/process_end.h"

#include <QFontMetrics>
#include <QPolygonF>
#include <algorithm>

namespace timeslice {

namespace {

constexpr double kSignEm = 0.3; // half the size of a sign
constexpr double kTextEm = 0.85;

/// Smooth lines and shapes while it lives: signs are few.
class Smooth {
public:
    explicit Smooth(QPainter& painter)
        : m_painter(painter)
    {
        m_painter.save();
        m_painter.setRenderHint(QPainter::Antialiasing, true);
    }
    ~Smooth() { m_painter.restore(); }
    Smooth(const Smooth&) = delete;
    Smooth& operator=(const Smooth&) = delete;

private:
    QPainter& m_painter;
};

bool isInside(const QRect& lane, double x)
{
    return x >= lane.left() && x <= lane.right() + 1;
}

void paintCross(const Canvas& canvas, const QPointF& center, const QColor& color)
{
    const Smooth smooth(*canvas.painter);
    const double half = kSignEm * canvas.em;
    for (const auto& [width, shade] :
        {std::pair(canvas.line(4), canvas.theme->lane), std::pair(canvas.line(2), color)}) {
        canvas.painter->setPen(QPen(shade, width, Qt::SolidLine, Qt::RoundCap));
        canvas.painter->drawLine(center - QPointF(half, half), center + QPointF(half, half));
        canvas.painter->drawLine(center - QPointF(half, -half), center + QPointF(half, -half));
    }
}

enum class Shape : unsigned char { Circle, Diamond, Square };

void paintShape(const Canvas& canvas, const QPointF& center, Shape shape)
{
    const Smooth smooth(*canvas.painter);
    const double half = kSignEm * canvas.em;
    canvas.painter->setPen(QPen(canvas.theme->text, canvas.line(1.5)));
    canvas.painter->setBrush(canvas.theme->window);
    switch (shape) {
    case Shape::Circle:
        canvas.painter->drawEllipse(center, half, half);
        break;
    case Shape::Diamond: {
        const double tip = half * 1.3;
        canvas.painter->drawPolygon(QPolygonF({center + QPointF(0, -tip), center + QPointF(tip, 0),
            center + QPointF(0, tip), center + QPointF(-tip, 0)}));
        break;
    }
    case Shape::Square:
        canvas.painter->drawRect(QRectF(center - QPointF(half, half), center + QPointF(half, half)));
        break;
    }
}

/// Right of `x`, or where that is beyond the lane, in the margin behind it; nothing if `x` is out of sight.
void paintEnd(const Canvas& canvas, const QRect& lane, double x, const QString& text, const QFont& font,
    const QColor& color, std::span<const MarkFlag> flags)
{
    if (!isInside(lane, x) || text.isEmpty()) {
        return;
    }
    const int width = textWidth(canvas, font, text);
    int left = static_cast<int>(x) + canvas.px(0.7);
    if (left + width + canvas.px(0.3) > lane.right()) {
        left =
            std::max(static_cast<int>(x) + canvas.px(2 * kSignEm), lane.right() + canvas.px(0.3)); // clear of its sign
    }
    const QRect place = clearOfMarks(canvas, QRect(left, lane.top(), width + 1, lane.height()), flags);
    paintText(canvas, place, Qt::AlignLeft | Qt::AlignVCenter, text, font, color);
}

} // namespace

ProcessSigns processSigns(const Timeline& timeline, const ProcessLife& life, const TimeScale& scale)
{
    const Nanos origin = originOf(timeline);
    const auto pixel = [&](Nanos t) { return timeToPixel(scale, static_cast<double>(t - origin)); };
    ProcessSigns signs;
    if (life.parent) {
        signs.born = pixel(life.born);
    }
    for (const Nanos exec : life.execs) {
        signs.execs.push_back(pixel(exec));
    }
    if (life.exited != 0) {
        signs.exited = pixel(life.exited);
        signs.end = QStringLiteral("ended");
    }
    if (life.status) {
        signs.reaped = pixel(life.reaped);
        signs.killed = wasKilled(*life.status);
        const QString sign = QString::fromStdString(endSign(*life.status));
        signs.failed = !signs.killed && !sign.isEmpty();
        signs.end = sign.isEmpty() ? QStringLiteral("done") : sign;
    }
    return signs;
}

bool ProcessSigns::reapedLater(const Canvas& canvas) const
{
    return exited && reaped && *reaped - *exited > canvas.px(3 * kSignEm);
}

void paintProcessSigns(const Canvas& canvas, const QRect& lane, const ProcessSigns& signs)
{
    const double middle = lane.top() + lane.height() / 2.0;
    const auto inSight = [&](const std::optional<double>& x) { return x && isInside(lane, *x); };
    if (signs.reapedLater(canvas)) {
        const int from = static_cast<int>(std::max<double>(*signs.exited + canvas.px(kSignEm), lane.left()));
        const int to = static_cast<int>(std::min<double>(*signs.reaped - canvas.px(kSignEm), lane.right() + 1));
        if (to > from) {
            const int width = canvas.line(1);
            paintDashes(canvas, QRect(from, static_cast<int>(middle), to - from, width), canvas.theme->mutedText);
        }
        if (inSight(signs.reaped)) {
            paintShape(canvas, {*signs.reaped, middle}, Shape::Square);
        }
    }
    for (const double exec : signs.execs) {
        if (isInside(lane, exec)) {
            paintShape(canvas, {exec, middle}, Shape::Diamond);
        }
    }
    if (inSight(signs.born)) {
        paintShape(canvas, {*signs.born, middle}, Shape::Circle);
    }
}

void paintProcessEnd(
    const Canvas& canvas, const QRect& lane, const ProcessSigns& signs, std::span<const MarkFlag> flags)
{
    if (!signs.exited) {
        return;
    }
    const double middle = lane.top() + lane.height() / 2.0;
    const auto inSight = [&](const std::optional<double>& x) { return x && isInside(lane, *x); };
    if (signs.killed && inSight(signs.exited)) {
        paintCross(canvas, {*signs.exited, middle}, canvas.theme->bad);
    }
    if (inSight(signs.exited) || inSight(signs.reaped)) {
        const double end = std::max(*signs.exited, signs.reaped.value_or(*signs.exited));
        const QColor& color = signs.killed ? canvas.theme->bad
            : signs.failed                 ? canvas.theme->warning
                                           : canvas.theme->mutedText;
        paintEnd(canvas, lane, std::min<double>(end, lane.right() + 1), signs.end,
            scaledFont(canvas, kTextEm, signs.killed), color, flags);
    }
}

void paintKilled(
    const Canvas& canvas, const QRect& lane, double x, const QString& signal, std::span<const MarkFlag> flags)
{
    if (isInside(lane, x)) {
        paintCross(canvas, {x, lane.top() + lane.height() / 2.0}, canvas.theme->bad);
        paintEnd(canvas, lane, x, signal, scaledFont(canvas, kTextEm, true), canvas.theme->bad, flags);
    }
}

void paintProcessSign(const Canvas& canvas, const QPointF& center, ProcessSign sign)
{
    switch (sign) {
    case ProcessSign::Born:
        paintShape(canvas, center, Shape::Circle);
        break;
    case ProcessSign::Exec:
        paintShape(canvas, center, Shape::Diamond);
        break;
    case ProcessSign::Reaped:
        paintShape(canvas, center, Shape::Square);
        break;
    case ProcessSign::Killed:
        paintCross(canvas, center, canvas.theme->bad);
        break;
    }
}

void paintFoldTriangle(const Canvas& canvas, const QPointF& center, Fold fold)
{
    const Smooth smooth(*canvas.painter);
    const double half = 0.28 * canvas.em;
    const QPolygonF triangle = fold == Fold::Folded
        ? QPolygonF({center + QPointF(-half * 0.7, -half), center + QPointF(half * 0.9, 0),
            center + QPointF(-half * 0.7, half)})
        : QPolygonF({center + QPointF(-half, -half * 0.7), center + QPointF(half, -half * 0.7),
            center + QPointF(0, half * 0.9)});
    canvas.painter->setPen(Qt::NoPen);
    canvas.painter->setBrush(canvas.theme->mutedText);
    canvas.painter->drawPolygon(triangle);
}

void paintTreeLabel(
    const Canvas& canvas, const QRect& label, const RowContent& row, const QFont& font, const QColor& color)
{
    const int indent = canvas.px(treeIndentEm(row));
    if (row.fold != Fold::None) {
        paintFoldTriangle(
            canvas, QPointF(label.left() + indent - canvas.px(0.6), label.top() + label.height() / 2.0), row.fold);
    }
    paintText(canvas, label.adjusted(indent, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, row.label, font, color);
}

} // namespace timeslice
