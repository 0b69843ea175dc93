// The line above a variant's rows: its title, its note, and what came of it.
#pragma once

#include "ui/plot/canvas.h"
#include "ui/plot/timeline_painter.h"

#include <QString>

namespace timeslice {

/// The right-hand side of a variant's heading: "100.4 ms · 1.00 core", "running", or how it failed.
struct HeadingResult {
    QString text;
    bool bad = false;
};
HeadingResult headingResult(const VariantPicture& variant);

void paintHeading(const Canvas& canvas, const TimelineScene& scene, const Row& row);

} // namespace timeslice
