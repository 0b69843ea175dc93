// What the panel says of lost updates: which there are, and what happened step by step in the one that is looked at.
// Pure functions of the model, so that they are tested without a window.
#pragma once

#include "core/model/run_model.h"
#include "ui/course/exploration.h"
#include "ui/widgets/fact_table.h"

#include <QString>
#include <optional>
#include <vector>

namespace timeslice {

/// How many losses there are to go through, of all variants, one after the other.
std::size_t lossCount(const RunModel& model);
/// The one to show first; nothing where there is none.
std::optional<LossRef> firstLoss(const RunModel& model);
/// Whether it is one of the model's.
bool isLoss(const RunModel& model, const LossRef& loss);
/// The next (1) or the one before (-1), in the next variant that has some where its variant has no more, and from the
/// last on to the first. O(variants).
LossRef lossBeside(const RunModel& model, const LossRef& loss, int direction);
/// The very first of its variant.
LossRef lossAtStart(const LossRef& loss);

/// Since the start of work: as ui/plot/loss_focus.h.
TimeRange lossFocus(const RunModel& model, const LossRef& loss);

struct LossText {
    QString place; ///< "Two cores: 12 of 13,204"
    QString account; ///< how many of the variant's lost updates were found
    QString sentence; ///< what happened
    std::vector<FactRow> steps;
    QString line; ///< where in the code; empty: not known
    QString code; ///< of the variant
    int codeLine = -1; ///< from 0; -1: not known
};
LossText lossText(const RunModel& model, const LossRef& loss);

/// The line of `code` that updates `counter`: "x = x + 1", "x += 1". From 0; -1: none.
int updateLine(const QString& code, const QString& counter);

} // namespace timeslice
