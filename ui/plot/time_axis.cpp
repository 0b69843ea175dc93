#include "ui/plot/time_axis.h"

#include "ui/plot/axis_break.h"

#include <QFontMetrics>
#include <algorithm>
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

} // namespace

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

void paintTimeAxis(const Canvas& canvas, const TimelineScene& scene)
{
    QPainter& painter = *canvas.painter;
    const Theme& theme = *canvas.theme;
    const AxisPlan axis = planAxis(canvas, scene);
    const QFont font = axisFont(canvas);
    const QFontMetrics metrics(font);
    const int top = axisTop(scene) + canvas.px(kAxisGapEm);
    const int left = scene.scale.left;
    const int right = scene.scale.right;
    const int width = canvas.line(1);
    painter.fillRect(left, top, right - left + width, width, theme.hatch);
    for (const TimeTick& tick : axis.ticks.ticks) {
        const auto x = static_cast<int>(std::lround(timeToPixel(scene.scale, tick.time)));
        if (x >= left && x <= right) {
            painter.fillRect(x, top, width, canvas.px(kTickEm), theme.hatch);
        }
    }
    paintAxisBreak(canvas, scene, top);
    for (const AxisLabel& label : axis.labels) {
        paintWithin(canvas, label.rect.left(), label.rect.top() + metrics.ascent(), label.rect.width(), label.text,
            font, theme.mutedText);
    }
}

} // namespace timeslice
