// Work marks: where a variant's work begins and ends, which is what its heading's time is about. An interpreter's start
// and end lie outside, and the bars of its end go on behind the mark.
//
//   Two threads   one process, one GIL                    168.8 ms · 1.00 core       heading
//   ┆work begins                            work ends 168.8 ms┆                      its strip
//   ┆████████████   █████████████   ████████████   ███████████┆██
//
// Where the workload does not say (a program of the viewer's), the marks are those of the program: its beginning, and
// the end of its first thread. The labels have a strip of their own, so that they meet no other text.
#pragma once

#include "ui/plot/canvas.h"
#include "ui/plot/timeline_painter.h"

#include <QRect>
#include <QString>
#include <optional>
#include <vector>

namespace timeslice {

struct WorkMark {
    int x = 0; ///< of the line
    int top = 0;
    int bottom = 0; ///< the first pixel below it
    QRect outside; ///< of the lanes, what is not the work: before its begin, or after its end
    QString text; ///< "work ends 168.8 ms"; empty where it has no room
    QRect label;

    friend bool operator==(const WorkMark&, const WorkMark&) = default;
};

/// Of all variants, those that are in sight, as far as they are known.
std::vector<WorkMark> planWorkMarks(const Canvas& canvas, const TimelineScene& scene);
/// Since the variant's start of work: what lies between does not fade. nullopt: there is no such mark.
struct MarkedWork {
    std::optional<Nanos> begin;
    std::optional<Nanos> end;
};
MarkedWork markedWork(const Timeline& timeline);
void paintWorkMarks(const Canvas& canvas, const TimelineScene& scene);

/// Height of the strip at the lower edge of a variant's heading; 0: the variant has no marks.
int workMarkStrip(const Canvas& canvas, const VariantPicture& variant);

} // namespace timeslice
