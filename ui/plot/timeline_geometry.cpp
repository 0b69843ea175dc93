#include "ui/plot/timeline_geometry.h"

#include <algorithm>
#include <cmath>

namespace timeslice {

namespace {

constexpr double kHeadingEm = 3.0;
constexpr double kRowGapEm = 0.36;
constexpr double kGroupGapEm = 0.7; // on top of the row gap
constexpr double kVariantGapEm = 1.6; // above a divider
constexpr double kProcessGapEm = 0.3; // between the threads of two processes, on top of the row gap
constexpr double kNoteLineRows = 0.9; // height of each line of a note but the first, in rows
constexpr int kMostNoteLines = 3;

constexpr double kOmittedRows = 0.8;
constexpr double kOmittedGapEm = 0.1;
constexpr double kCpuRows = 1.5; // height of the CPU row in rows
constexpr double kMemoryRows = 1.2;
constexpr double kCounterLaneRows = 0.85;
constexpr double kAxisEm = 3.0;

bool isTrackRow(RowKind kind)
{
    return kind != RowKind::Heading;
}

double heightInRows(const RowContent& content)
{
    switch (content.kind) {
    case RowKind::Heading:
        return 0;
    case RowKind::Cpu:
        return kCpuRows;
    case RowKind::Counter:
        return std::max(1.0, kCounterLaneRows * content.lanes);
    case RowKind::Note:
        return 1 + kNoteLineRows * (content.lanes - 1);
    case RowKind::Memory:
        return kMemoryRows;
    case RowKind::Omitted:
        return kOmittedRows;
    case RowKind::Core:
    case RowKind::Thread:
    case RowKind::Process:
    case RowKind::Lock:
        break;
    }
    return 1;
}

/// Space between a row and the next, in em.
double gapAfter(const RowContent& row, const RowContent& next)
{
    if (next.kind == RowKind::Heading) {
        return kVariantGapEm;
    }
    if (row.kind == RowKind::Heading) {
        return 0;
    }
    if (next.kind == RowKind::Omitted) {
        return kOmittedGapEm;
    }
    if (row.inTree && next.inTree) {
        return next.process && next.kind != RowKind::Memory ? kRowGapEm + kProcessGapEm : kRowGapEm;
    }
    if (row.kind != next.kind) {
        return kRowGapEm + kGroupGapEm;
    }
    return row.group == next.group ? kRowGapEm : kRowGapEm + kProcessGapEm;
}

/// A heading's own height, or the gap above a row, in em.
double spaceBefore(const std::vector<RowContent>& contents, std::size_t i)
{
    const double gap = i > 0 ? gapAfter(contents[i - 1], contents[i]) : 0;
    return gap + (contents[i].kind == RowKind::Heading ? kHeadingEm : 0);
}

/// How many lines a note takes.
int noteLines(const RowContent& row, const LayoutRequest& request, int laneWidth)
{
    // Words break a line before it is full.
    const double needed = 1.1 * request.textWidth(row.note, false) / std::max(1, laneWidth);
    return std::clamp(static_cast<int>(std::ceil(needed)), 1, kMostNoteLines);
}

} // namespace

TimelineLayout layoutRows(std::vector<RowContent> contents, const LayoutRequest& request)
{
    const double em = request.em;
    const auto px = [em](double ems) { return static_cast<int>(std::lround(ems * em)); };

    TimelineLayout layout;
    layout.width = request.size.width();
    layout.em = em;
    layout.axisHeight = px(kAxisEm);
    layout.headingLeft = std::clamp(static_cast<int>(layout.width * 0.026), px(0.6), px(request.marginEm));

    // The label column takes what the names need, but leaves the picture most of the width.
    int widest = 0;
    for (const RowContent& content : contents) {
        if (isTrackRow(content.kind)) {
            const bool lock = content.kind == RowKind::Lock;
            const int beside = lock && !content.note.isEmpty()
                ? static_cast<int>(kMedianEm * request.textWidth(content.note, false)) + px(0.8)
                : 0;
            const int name = request.textWidth(content.label, lock) + px(treeIndentEm(content));
            // The name has what it needs; for the median a narrow picture gives up no more of its lanes.
            widest = std::max({widest, name, std::min(name + beside, layout.width / 6)});
        }
        if (content.kind == RowKind::Memory) { // its scale stands beside the name
            widest = std::max(widest,
                request.textWidth(content.label + QStringLiteral("000 MiB"), false) + px(treeIndentEm(content)));
        }
        if (content.kind == RowKind::Cpu) {
            widest = std::max(widest, request.textWidth(QStringLiteral("00 cores"), false));
        }
    }
    const int most = std::max(px(3), std::min(px(17), layout.width / 4));
    const int labels = std::clamp(widest, std::min(px(6.5), most), most);
    layout.labelRight = layout.headingLeft + labels;
    layout.laneLeft = layout.labelRight + px(0.9);
    layout.laneRight = std::max(layout.laneLeft + 1, layout.width - std::min(px(4.7), layout.width / 9));

    double rowUnits = 0;
    double spaces = 0; // headings and gaps
    for (std::size_t i = 0; i < contents.size(); ++i) {
        if (contents[i].kind == RowKind::Note) {
            contents[i].lanes = noteLines(contents[i], request, layout.laneWidth());
        }
        rowUnits += heightInRows(contents[i]);
        spaces += spaceBefore(contents, i);
    }
    // Where rows would have to scroll, headings and gaps give way first.
    const double room = request.size.height() - layout.axisHeight;
    const double left = (room - rowUnits * px(request.minRowEm)) / em;
    const double spacing = spaces > 0 ? std::clamp(left / spaces, request.minSpacing, 1.0) : 1;
    const double share = rowUnits > 0 ? (room - spaces * spacing * em) / rowUnits : 0;
    layout.rowHeight = std::clamp(static_cast<int>(share), px(request.minRowEm), px(request.maxRowEm));

    int y = 0;
    layout.rows.reserve(contents.size());
    for (std::size_t i = 0; i < contents.size(); ++i) {
        Row row;
        const bool heading = contents[i].kind == RowKind::Heading;
        const double headingHeight = heading ? kHeadingEm : 0;
        y += static_cast<int>((spaceBefore(contents, i) - headingHeight) * spacing * em);
        row.top = y;
        row.height = heading ? static_cast<int>(kHeadingEm * spacing * em)
                             : static_cast<int>(layout.rowHeight * heightInRows(contents[i]));
        if (heading && i > 0) {
            layout.dividers.push_back(y);
        }
        row.content = contents[i];
        y += row.height;
        layout.rows.push_back(std::move(row));
    }
    layout.contentHeight = y;
    return layout;
}

double treeIndentEm(const RowContent& content)
{
    constexpr double kTriangleEm = 1.1;
    constexpr double kStepEm = 1;
    constexpr int kMostSteps = 6;
    return content.inTree ? kTriangleEm + kStepEm * std::min(content.depth, kMostSteps) : 0;
}

std::optional<std::size_t> rowAt(const TimelineLayout& layout, int y)
{
    const auto after = std::upper_bound(
        layout.rows.begin(), layout.rows.end(), y, [](int at, const Row& row) { return at < row.top; });
    if (after == layout.rows.begin()) {
        return std::nullopt;
    }
    const Row& row = *(after - 1);
    if (y >= row.bottom()) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(after - 1 - layout.rows.begin());
}

double timeToPixel(const TimeScale& scale, double time)
{
    return scale.left + (time - scale.begin) / scale.nanosPerPixel();
}

double pixelToTime(const TimeScale& scale, double pixel)
{
    return scale.begin + (pixel - scale.left) * scale.nanosPerPixel();
}

void clampRange(double& begin, double& end, const WholeRange& whole)
{
    const double air = std::max(whole.length(), kMinVisible) * 0.05;
    const double longest = std::max(whole.length(), kMinVisible) + 2 * air;
    const double center = (begin + end) / 2;
    const double length = std::clamp(end - begin, kMinVisible, longest);
    begin = center - length / 2;
    end = begin + length;
    // At least half of what is visible lies within the run.
    const double beyond = length > whole.length() ? air : length / 2;
    if (begin < whole.begin - beyond) {
        begin = whole.begin - beyond;
        end = begin + length;
    }
    if (end > whole.end + beyond) {
        end = whole.end + beyond;
        begin = end - length;
    }
}

TimeScale zoomed(const TimeScale& scale, double factor, double around, const WholeRange& whole)
{
    TimeScale result = scale;
    // The bounds must not move the point under the cursor: the factor gives way first.
    const double length = scale.end - scale.begin;
    const double longest = std::max(whole.length(), kMinVisible) * 1.1;
    const double wanted = std::clamp(length * factor, std::min(kMinVisible, length), std::max(longest, length));
    const double real = wanted / length;
    result.begin = around - (around - scale.begin) * real;
    result.end = around + (scale.end - around) * real;
    clampRange(result.begin, result.end, whole);
    return result;
}

TimeScale panned(const TimeScale& scale, double pixels, const WholeRange& whole)
{
    TimeScale result = scale;
    const double shift = pixels * scale.nanosPerPixel();
    result.begin += shift;
    result.end += shift;
    clampRange(result.begin, result.end, whole);
    return result;
}

Nanos fullLength(std::span<const VariantPicture> variants)
{
    Nanos longest = 0;
    for (const VariantPicture& variant : variants) {
        if (variant.recording != nullptr && !variant.recording->timeline.threads.empty()) {
            longest = std::max(longest, variant.recording->timeline.workRange().length());
        }
    }
    return longest;
}

Nanos growingLength(Nanos length)
{
    Nanos shown = kFirstLength;
    while (shown < length) {
        shown *= 2; // a length is of some years at most: see kLatestTime
    }
    return shown;
}

} // namespace timeslice
