// The menu of a place in the timeline.
#pragma once

#include "ui/course/exploration.h"
#include "ui/plot/run_picture.h"

#include <QPoint>
#include <functional>
#include <optional>

class QWidget;

namespace timeslice {

struct TimelineMenuActions {
    std::function<void()> zoomToSlice; ///< null: there is no slice
    std::function<void()> showAll;
    std::function<void()> toggleStartUp; ///< null: there is none
    bool startUpFolded = true;
    std::function<void()> back; ///< null: nothing was looked at before
};

/// Shows it at `place` (of the screen) and returns at once. `ref`: the slice there, whose description can be copied.
void showTimelineMenu(QWidget* owner, const QPoint& place, const RunPicture& run, const std::optional<SliceRef>& ref,
    TimelineMenuActions actions);

} // namespace timeslice
