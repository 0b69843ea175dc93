// How far the picture can be trusted, in words: where it comes from, what it cost, what is missing.
#pragma once

#include "core/model/run_model.h"

#include <QString>

namespace timeslice {

struct SourceText {
    bool measured = true;
    QString word; ///< "measured", "inferred", "calculated"; empty if nothing is recorded yet
    QString exception; ///< of which variants it is not true: "calculated: “srtf, calculated”"; mostly empty
    QString details; ///< "kernel context switches · recording cost 0.1 % of the run · 0 events lost ..."
    QString explanation; ///< for the tooltip
    bool lossy = false; ///< events were lost
};

SourceText describeSource(const RunModel& model);
/// "2 cores · Linux 6.18"
QString describeMachine(const MachineFacts& machine);

} // namespace timeslice
