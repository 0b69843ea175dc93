// The word at the end of a thread's bar: that it is done, was stopped, or starved.
//
// It stands directly behind the bar, wherever that ends: over the line where the work ends, and at the right edge out
// into the margin. So nobody has to look for what it belongs to.
#pragma once

#include "ui/plot/canvas.h"
#include "ui/plot/timeline_geometry.h"

#include <QRect>
#include <QString>
#include <optional>

namespace timeslice {

struct EndLabel {
    QRect rect;
    QString text;
    bool starved = false; ///< which nobody should miss
    bool withinWork = false; ///< the line of the work's end may pass behind it
};

/// nullopt: the thread has not ended, or its end is out of sight.
std::optional<EndLabel> planEndLabel(const Canvas& canvas, const QRect& lane, const VariantPicture& variant,
    const ThreadInfo& thread, const TimeScale& scale);
/// After the work marks.
void paintEndLabel(const Canvas& canvas, const QRect& lane, const EndLabel& label);

} // namespace timeslice
