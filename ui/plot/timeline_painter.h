// TimelinePainter: everything of a timeline but what follows the mouse; the live view and the figures share it.
#pragma once

#include "ui/plot/canvas.h"
#include "ui/plot/start_up.h"
#include "ui/plot/timeline_geometry.h"

#include <span>
#include <vector>

namespace timeslice {

struct TimelineScene {
    std::span<const VariantPicture> variants;
    const TimelineLayout* layout = nullptr;
    TimeScale scale; ///< its left and right are the layout's lanes
    QPoint origin; ///< where the layout's (0, 0) lies on the canvas
    int scroll = 0; ///< of the rows, not of the axis
    int height = 0; ///< for rows and axis together
    std::vector<QString> notes = {}; ///< by variant, in place of their own; empty: their own
    std::optional<AxisBreak> axisBreak = {}; ///< where all of a run is shown; see axis_break.h
    QString excerpt = {}; ///< in place of the results in the headings: what part of the run this is
};

/// Slices narrower than this many logical pixels share columns.
inline constexpr double kMinBarWidth = 3;

/// Headings, labels, lanes, tracks, axis. The canvas must be clear. O(pixels) whatever the number of slices.
void paintTimeline(const Canvas& canvas, const TimelineScene& scene);

/// What of a variant changes while it runs: its tracks, often; all from its heading to its last row, rarely.
enum class VariantPart : unsigned char { Lanes, Band };
/// Where that part of a variant is in sight; empty when it is not.
QRect variantRect(const TimelineScene& scene, std::size_t variant, VariantPart part);
/// Paints into variantRect() what paintTimeline() paints there. The canvas need not be clear.
void paintVariant(const Canvas& canvas, const TimelineScene& scene, std::size_t variant, VariantPart part);
/// Where the rows are in sight: all but the axis.
QRect rowsRect(const TimelineScene& scene);

/// y of the axis line: under the rows, or at the bottom where they scroll.
int axisTop(const TimelineScene& scene);
/// Where a row's lane lies on the canvas, scrolled; empty when it is out of sight.
QRect laneRect(const TimelineScene& scene, const Row& row);

} // namespace timeslice
