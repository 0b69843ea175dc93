// Marks: moments that the workload named, as small flags on the row of the thread that set them.
#pragma once

#include "ui/plot/canvas.h"
#include "ui/plot/timeline_geometry.h"

#include <QRect>
#include <QString>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace timeslice {

struct MarkFlag {
    int x = 0; ///< of the pole
    std::size_t mark = 0; ///< index into Timeline::marks; the first of those that share the flag
    std::size_t count = 1; ///< marks so close together that they are one flag
    QString text; ///< its name; empty where it has no room
    QRect label;
};

/// Of these threads, what lies in the lane; ascending. O(marks in sight), of very many some.
std::vector<MarkFlag> planMarks(const Canvas& canvas, const QRect& lane, const Timeline& timeline,
    std::span<const std::uint32_t> threads, const TimeScale& scale);
/// The flag of a pole.
void paintFlag(const Canvas& canvas, const QRect& pole);
void paintMarks(const Canvas& canvas, const QRect& lane, const std::vector<MarkFlag>& flags);
/// Their names, over whatever is painted since.
void paintMarkNames(const Canvas& canvas, const std::vector<MarkFlag>& flags);
/// `text` moved to the right until it meets no flag or name.
QRect clearOfMarks(const Canvas& canvas, QRect text, std::span<const MarkFlag> flags);

/// What the workload called it; with its value where the name has a place for it (core/trace/mark_text.h).
QString markName(const Timeline& timeline, const MarkPoint& mark);
/// Whether any of these threads set one within `range`; of very many, only the first are looked at.
bool marksWithin(const Timeline& timeline, std::span<const std::uint32_t> threads, TimeRange range);
/// The latest mark of the thread within `reach` of a moment, for the tooltip.
std::optional<std::size_t> markNear(const Timeline& timeline, std::uint32_t thread, Nanos time, Nanos reach);

} // namespace timeslice
