// Where everything of a timeline lies: where its rows stand, which moment is which pixel.
//
// Free functions on plain values, without a painter, so that they are tested without a window and serve the live
// view and the exported figure alike. All lengths are device pixels, as whole numbers: bars come out crisp at any
// device-pixel ratio.
//
//      headingLeft                laneLeft                                laneRight
//      |Two threads  one process, one GIL                  100.4 ms · 1.00 core|        heading
//      |                   Core 0 |████      ████                              |        row
//      |                      GIL |███|███|███|███                             |
//      |                            0         10         20         30         40  ms   axis, one for all variants
#pragma once

#include "core/base/time.h"
#include "ui/plot/row_list.h"
#include "ui/plot/run_picture.h"

#include <QSize>
#include <QString>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace timeslice {

/// Width of a text in device pixels in the plot's font.
using TextWidth = std::function<int(const QString& text, bool bold)>;

struct Row {
    RowContent content;
    int top = 0;
    int height = 0;

    int bottom() const noexcept { return top + height; }
    friend bool operator==(const Row&, const Row&) = default;
};

struct TimelineLayout {
    std::vector<Row> rows; ///< ascending by top
    std::vector<int> dividers; ///< y of the lines between variants
    int width = 0;
    double em = 0; ///< the font's pixel size
    int headingLeft = 0;
    int labelRight = 0; ///< labels end here
    int laneLeft = 0;
    int laneRight = 0;
    int rowHeight = 0; ///< of a core, thread or lock row
    int contentHeight = 0; ///< of all rows, without the axis
    int axisHeight = 0;

    int laneWidth() const noexcept { return laneRight - laneLeft; }
    int labelWidth() const noexcept { return labelRight - headingLeft; }
    /// Everything fits into the height that was asked for.
    bool fits(int height) const noexcept { return contentHeight + axisHeight <= height; }
    friend bool operator==(const TimelineLayout&, const TimelineLayout&) = default;
};

struct LayoutRequest {
    QSize size; ///< room for rows and axis
    double em = 14; ///< pixel size of the font
    TextWidth textWidth;
    double marginEm = 2.5; ///< left of headings; less where the width is short
    double maxRowEm = 2.2; ///< rows grow up to this
    double minRowEm = 1.25; ///< and are never lower than this
    double minSpacing = 0.68; ///< of headings and gaps, where room is short
};

/// Rows share the height between a least and a most. Where even the least does not fit,
/// contentHeight is larger than the room and the view scrolls.
TimelineLayout layoutRows(std::vector<RowContent> contents, const LayoutRequest& request);

/// Size of the median beside a lock's name.
inline constexpr double kMedianEm = 0.8;

/// How far right of headingLeft the name of a row in a tree of processes begins; its triangle stands before it.
double treeIndentEm(const RowContent& content);

/// Index of the row at `y` (of the content, scrolling undone); the gap under a row belongs to none.
std::optional<std::size_t> rowAt(const TimelineLayout& layout, int y);

/// The linear map between moments (ns since the variant's start of work) and device pixels.
struct TimeScale {
    double begin = 0; ///< ns at `left`
    double end = 1; ///< ns at `right`
    int left = 0;
    int right = 1;

    double nanosPerPixel() const noexcept { return (end - begin) / (right - left); }
    friend bool operator==(const TimeScale&, const TimeScale&) = default;
};
double timeToPixel(const TimeScale& scale, double time);
double pixelToTime(const TimeScale& scale, double pixel);

/// All that there is to be seen, in ns.
struct WholeRange {
    double begin = 0;
    double end = 0;

    double length() const noexcept { return end - begin; }
    friend bool operator==(const WholeRange&, const WholeRange&) = default;
};
/// Zooms by `factor` (below 1 = closer) around a moment that keeps its pixel. Bounds as for clampRange().
TimeScale zoomed(const TimeScale& scale, double factor, double around, const WholeRange& whole);
TimeScale panned(const TimeScale& scale, double pixels, const WholeRange& whole);
/// Keeps a range between kMinVisible and the full length with some air, and some of the run in sight.
void clampRange(double& begin, double& end, const WholeRange& whole);
inline constexpr double kMinVisible = 100; ///< ns

/// The longest variant's length in ns: what "fit" shows. 0 while nothing is recorded.
Nanos fullLength(std::span<const VariantPicture> variants);
/// While a run goes on: the end of the scale, which when the run has filled it becomes twice as long. What is drawn
/// stays where it is until then.
Nanos growingLength(Nanos length);
inline constexpr Nanos kFirstLength = 250 * kMillisecond; ///< of the scale of a run that has only begun

} // namespace timeslice
