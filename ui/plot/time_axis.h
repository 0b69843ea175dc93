// The axis of time under the rows of a timeline: one for all variants.
#pragma once

#include "ui/plot/canvas.h"
#include "ui/plot/format_time.h"
#include "ui/plot/timeline_painter.h"

#include <QRect>
#include <QString>
#include <vector>

namespace timeslice {

/// The axis' labels as they are painted, so that what is laid over the axis can cover them whole.
struct AxisLabel {
    QRect rect;
    QString text;
};
struct AxisPlan {
    TimeTicks ticks;
    std::vector<AxisLabel> labels;
};
AxisPlan planAxis(const Canvas& canvas, const TimelineScene& scene);
void paintTimeAxis(const Canvas& canvas, const TimelineScene& scene);

} // namespace timeslice
