// Where the parts of a figure stand, and which of them there is room for.
//
//   Two Python threads                                          title
//   "Two threads finish a CPU-bound job in half the time."      question, and what a beginner cannot know
//   [timeline: variants, rows, axis]             [who waits for whom, where a variant ends in a deadlock]
//   [lens: some milliseconds of one variant, enlarged, where the slices above are too small]
//   [chart or distribution, where the scenario is about one]
//   1.00x  as fast as one thread                                verdict
//   [] running  [/] waiting for a lock ...   [] Thread 1        legend
//   o measured   0 events lost   2 cores, Linux 6.18 ...        footer
//
// Text is sized by the picture's height, between 1/38 and 1/62 of it, so that it can be read on a slide. What does
// not fit even so is left out, as figure_plan.h says; nothing overlaps and nothing is cut off.
#pragma once

#include "core/analysis/chart.h"
#include "core/model/run_model.h"
#include "ui/course/exploration.h"
#include "ui/export/figure_legend.h"
#include "ui/export/figure_lens.h"
#include "ui/export/figure_texts.h"
#include "ui/plot/canvas.h"
#include "ui/plot/distribution.h"
#include "ui/plot/timeline_painter.h"

#include <QRect>
#include <QString>
#include <optional>
#include <vector>

namespace timeslice {

struct FigureLayout {
    double em = 0; ///< device pixels
    double headlineEms = 0; ///< a comparison is set smaller than a number
    int margin = 0;
    /// Empty rectangles: left out.
    QRect title, question, timeline, waits, lens, chart, distribution, headline, caption, conclusion, legend, footer;
    QString questionText; ///< what stands in `question`, a line or two
    std::vector<LegendItem> items; ///< within `legend`
    TimelineLayout rows;
    std::optional<Lens> enlarged; ///< what stands in `lens`
    TimelineLayout lensRows;
    Chart numbers; ///< what stands in `chart`
    Distribution counted; ///< what stands in `distribution`
    std::size_t deadlocked = 0; ///< the variant of which `waits` shows who waits for whom at its end
    std::vector<std::size_t> variants; ///< those that are shown, ascending
    TimeRange range; ///< that the rows show, since each variant's start of work
    std::optional<AxisBreak> axisBreak; ///< the whole is shown, and there is a start-up to fold
    QString omitted; ///< "2 more variants not shown"; stands in the footer. What else is left out says so in place
};

/// The font's family and weight come from `canvas`; its em is chosen here. `size` is in device pixels. Where there is
/// no room for every thread, lock and counter, those are shown that did most within the `section` (since each variant's
/// start of work; default: the whole run, without its start-up where that is folded). `loss`: as FigureOptions.
FigureLayout layOutFigure(const RunModel& model, const FigureTexts& texts, const QSize& size, const Canvas& canvas,
    const std::optional<TimeRange>& section = {}, bool foldStartUp = true, const std::optional<LossRef>& loss = {});

} // namespace timeslice
