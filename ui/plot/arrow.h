// An arrow from one row to another at a moment.
#pragma once

#include "ui/plot/canvas.h"
#include "ui/plot/timeline_painter.h"

#include <QPoint>
#include <QRect>
#include <cstdint>
#include <optional>

namespace timeslice {

/// How an arrow looks; lengths in logical pixels, but for the head.
struct ArrowStyle {
    double shaft = 2;
    double halo = 2; ///< around it, so that it stands out from the bars
    double headEm = 0.62;
    QColor color;
};

/// With a dot where it begins. Antialiased.
void paintArrow(const Canvas& canvas, QPoint from, QPoint to, const ArrowStyle& style);

/// A thread's lane on the canvas: of its own row, or of its process's if that stands for it; nullopt if it has none, or
/// its middle is out of sight.
std::optional<QRect> laneOf(const TimelineScene& scene, std::size_t variant, std::uint32_t thread);

} // namespace timeslice
