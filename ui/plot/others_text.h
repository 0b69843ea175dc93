// What a place on a core's row means where no thread of the run is there.
#pragma once

#include "core/trace/timeline.h"

#include <QString>
#include <QStringList>
#include <cstddef>
#include <optional>

namespace timeslice {

/// "stress", "Timeslice", "kernel: kworker/0:1", "another program".
QString programLabel(const OtherProgram& program);

struct OthersText {
    QString title;
    QStringList lines;
    TimeRange range; ///< that it is about
};
/// Another program, or a gap that nothing accounts for, at `t` on core `core`; nothing where neither is known. A slice
/// shorter than `reach` is found that far from it.
std::optional<OthersText> describeOthersAt(const Timeline& timeline, std::size_t core, Nanos t, Nanos reach);

/// Who had the core within `range` while no thread of the run was there: the longest, by name; or that nobody had.
QStringList describeOthersIn(const Timeline& timeline, std::size_t core, TimeRange range);

} // namespace timeslice
