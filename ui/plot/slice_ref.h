// A slice on the timeline, and what is said of it.
#pragma once

#include "core/trace/slice.h"

#include <QString>
#include <QStringList>
#include <cstddef>

namespace timeslice {

/// What the viewer points at or has selected.
struct SliceRef {
    enum class Row : unsigned char { Core, Thread, Lock };
    std::size_t variant = 0;
    Row row = Row::Thread;
    std::size_t track = 0; ///< index into Timeline::cores, threads or locks
    Slice slice;
};

/// Title and sentences about a slice: what it is, for how long, from when, why it ended. For tooltips and the panel.
struct SliceText {
    QString title;
    QStringList lines;
};
} // namespace timeslice
