// Painting a Chart: bars, a histogram, a curve or a table; for the live view and for figures alike, which have no
// widget.
//
//   How many times as fast as one process                title
//   times as fast                                        what goes upward, in words with its unit
//   2 |        ┌╌╌╌●───●───●      ╌╌ ideal
//     |     ●                                            every value stands beside its point or bar
//   1 |  ●           whiskers: the least and the greatest of all repetitions
//     +──1───2───3───4───5──
//            processes                                   what goes across
//
// Colours are the accent and tones of it: those of threads belong to the timeline, which may stand in the same figure.
#pragma once

#include "core/analysis/chart.h"
#include "ui/plot/canvas.h"

#include <QRect>

namespace timeslice {

void paintChart(const Canvas& canvas, const QRect& rect, const Chart& chart);
/// The height that shows everything in it well, in em.
double chartEms(const Chart& chart);
/// The least: as low as its bars, lines and numbers can still be read.
double lowChartEms(const Chart& chart);
/// What stands in the cell of a table at `at`, whole, where it was elided or is a text; else empty.
QString chartTextAt(const Canvas& canvas, const QRect& rect, const Chart& chart, const QPoint& at);
/// What a person cannot see is read out: "x = x + 1: 144,730 (90,112 to 187,340 in 20 runs)", a line for each number.
QString chartText(const Chart& chart);

} // namespace timeslice
