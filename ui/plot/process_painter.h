// What is drawn of a process besides what it does: its place in the tree, and its birth, execs, exit and reaping.
//
//   ▾ name  ○███████◇██████████✕ - - - - - □ SIGKILL
//           born    exec       exit  not yet waited for, then reaped
#pragma once

#include "core/trace/process_lives.h"
#include "ui/plot/canvas.h"
#include "ui/plot/mark_painter.h"
#include "ui/plot/timeline_geometry.h"

#include <QPointF>
#include <QString>
#include <optional>
#include <span>
#include <vector>

namespace timeslice {

/// Where the signs of a process are on the scale, in pixels that may lie outside it; nothing where it is not known.
struct ProcessSigns {
    std::optional<double> born; ///< of a child of the run's
    std::vector<double> execs;
    std::optional<double> exited;
    std::optional<double> reaped;
    QString end; ///< "SIGSEGV", "exit 3", "done"; "ended" where nobody told how
    bool killed = false;
    bool failed = false; ///< it exited with another code than 0

    /// The square is drawn: it was waited for a while after it had exited.
    bool reapedLater(const Canvas& canvas) const;
};
ProcessSigns processSigns(const Timeline& timeline, const ProcessLife& life, const TimeScale& scale);

/// Over the row, which is painted already.
void paintProcessSigns(const Canvas& canvas, const QRect& lane, const ProcessSigns& signs);
/// How it ended: a cross if it was killed, and the word, clear of the row's marks.
void paintProcessEnd(
    const Canvas& canvas, const QRect& lane, const ProcessSigns& signs, std::span<const MarkFlag> flags);

/// One of them alone, for a legend.
enum class ProcessSign : unsigned char { Born, Exec, Killed, Reaped };
void paintProcessSign(const Canvas& canvas, const QPointF& center, ProcessSign sign);
/// The triangle before the name of what is folded or unfolded.
void paintFoldTriangle(const Canvas& canvas, const QPointF& center, Fold fold);

/// The name in the label column, with its triangle. `label`: the column beside the row.
void paintTreeLabel(
    const Canvas& canvas, const QRect& label, const RowContent& row, const QFont& font, const QColor& color);

/// A cross, and behind it what ended the process; `x`: where it ended.
void paintKilled(
    const Canvas& canvas, const QRect& lane, double x, const QString& signal, std::span<const MarkFlag> flags);

} // namespace timeslice
