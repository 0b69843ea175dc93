#include "ui/plot/axis_break.h"

#include "ui/plot/format_time.h"

#include <QFontMetrics>
#include <algorithm>

namespace timeslice {

namespace {

constexpr double kLineEm = 2; // the axis, drawn on
constexpr double kSlashEm = 0.8; // height
constexpr double kLeanEm = 0.3; // of a slash
constexpr double kApartEm = 0.4; // the slashes
constexpr double kBreakLabelEm = 0.85;
constexpr double kBreakAirEm = 0.4;
constexpr double kFirstSecond = 1e9; // shown while nothing is recorded

/// The longest first.
QStringList wordings(const AxisBreak& axisBreak)
{
    if (!axisBreak.folded) {
        return axisBreak.offered ? QStringList{QStringLiteral("fold start-up"), QStringLiteral("fold")} : QStringList();
    }
    const Nanos exact = axisBreak.startUp.length();
    const Nanos unit = nanosPer(unitFor(exact));
    const QString length = formatDuration(exact < 10 * unit ? exact : (exact + unit / 2) / unit * unit);
    return {QStringLiteral("start-up %1").arg(length), QStringLiteral("start-up\n%1").arg(length), length};
}

} // namespace

WholePicture wholePicture(std::span<const VariantPicture> variants, bool growing, bool folded)
{
    WholePicture whole;
    const Nanos length = fullLength(variants);
    if (length <= 0) {
        whole.shown.end = kFirstSecond;
    } else if (growing) {
        whole.shown.end = static_cast<double>(growingLength(length));
    } else {
        whole.shown.end = std::max(static_cast<double>(length), kMinVisible);
        if (const std::optional<StartUp> startUp = startUpOf(variants)) {
            whole.axisBreak = AxisBreak{*startUp, folded, false};
            whole.shown.begin = static_cast<double>(folded ? startUp->end : startUp->begin);
        }
    }
    return whole;
}

AxisBreakPlan planAxisBreak(const Canvas& canvas, const TimelineScene& scene, int y)
{
    AxisBreakPlan plan;
    if (!scene.axisBreak) {
        return plan;
    }
    int right = scene.scale.left;
    if (scene.axisBreak->folded) {
        const int tall = canvas.px(kSlashEm);
        plan.line = QRect(right - canvas.px(kLineEm), y - tall / 2, canvas.px(kLineEm), tall + canvas.line(1));
        right = plan.line.left();
    }
    right -= canvas.px(kBreakAirEm);
    const QFontMetrics metrics(scaledFont(canvas, kBreakLabelEm));
    const int left = scene.origin.x() + std::max(canvas.px(kBreakAirEm), scene.layout->headingLeft);
    for (const QString& text : wordings(*scene.axisBreak)) {
        const QSize size = metrics.size(0, text) + QSize(1, 0);
        if (right - size.width() >= left) {
            plan.text = text; // its first line beside the axis
            plan.label = QRect(QPoint(right - size.width(), y - metrics.height() / 2), size);
            break;
        }
    }
    return plan;
}

void paintAxisStrokes(const Canvas& canvas, const QRect& line)
{
    const Theme& theme = *canvas.theme;
    QPainter& painter = *canvas.painter;
    const int width = canvas.line(1);
    const QPoint middle = line.center();
    const int apart = canvas.px(kApartEm);
    const int y = line.top() + canvas.px(kSlashEm) / 2;
    painter.fillRect(line.left(), y, middle.x() - apart / 2 - line.left(), width, theme.hatch);
    painter.fillRect(middle.x() + apart / 2, y, line.right() + 1 - middle.x() - apart / 2, width, theme.hatch);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, true);
    painter.setPen(QPen(theme.mutedText, canvas.line(1.4)));
    const double lean = canvas.px(kLeanEm) / 2.0;
    for (const double x : {middle.x() - apart / 2.0, middle.x() + apart / 2.0}) {
        painter.drawLine(QPointF(x - lean, line.bottom()), QPointF(x + lean, line.top()));
    }
    painter.restore();
}

void paintAxisBreak(const Canvas& canvas, const TimelineScene& scene, int y)
{
    const AxisBreakPlan plan = planAxisBreak(canvas, scene, y);
    const Theme& theme = *canvas.theme;
    QPainter& painter = *canvas.painter;
    if (!plan.line.isEmpty()) {
        paintAxisStrokes(canvas, plan.line);
    }
    if (!plan.text.isEmpty()) {
        painter.setFont(scaledFont(canvas, kBreakLabelEm));
        painter.setPen(scene.axisBreak->offered ? theme.accent : theme.mutedText);
        painter.drawText(plan.label, Qt::AlignRight | Qt::AlignTop, plan.text);
    }
}

QRect axisBreakTarget(const TimelineScene& scene)
{
    if (!scene.axisBreak || !scene.axisBreak->offered) {
        return {};
    }
    return {scene.origin.x(), axisTop(scene), scene.scale.left - scene.origin.x(), scene.layout->axisHeight};
}

SliceText describeAxisBreak(const AxisBreak& axisBreak)
{
    SliceText text;
    const bool untilWork = axisBreak.startUp.begin < 0;
    text.title = QStringLiteral("Start-up: %1").arg(formatDuration(axisBreak.startUp.length()));
    text.lines << (untilWork ? QStringLiteral("What the program does before its work begins.")
                             : QStringLiteral("What the program does before it starts a second thread or process."))
               << (axisBreak.folded ? QStringLiteral("Click, or press Z, to see it.")
                                    : QStringLiteral("Click, or press Z, to fold it away."));
    return text;
}

} // namespace timeslice
