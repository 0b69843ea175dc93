// The figures of a run as rows of text. Pure functions of the model, so that they are tested without a window.
#pragma once

#include "core/model/run_model.h"
#include "ui/widgets/fact_table.h"

#include <QString>
#include <QStringList>
#include <optional>
#include <vector>

namespace timeslice {

struct FactSection {
    QString title;
    std::vector<FactRow> rows;
};

/// A sentence, and where in the run it happened, since its variant's start of work.
struct Finding {
    QString text;
    std::optional<TimeRange> where;
};

/// Time and cores of each variant, the live one so far, those to come as "…".
std::vector<FactRow> variantRows(const RunModel& model);
/// Expected, actual and lost, per variant and counter.
std::vector<FactRow> counterRows(const RunModel& model);
/// How late wake-ups came, per variant that measures it.
std::vector<FactRow> latencyRows(const RunModel& model);
/// How long each thread was on a core, and how long it waited for one. Empty if there are more than fit.
std::vector<FactSection> threadSections(const RunModel& model);
/// Sentences: a deadlock's cycle (while it is live, too), the lost update that is shown, step by step, events that were
/// not recorded, how a workload failed.
std::vector<Finding> findings(const RunModel& model);
/// The moments that the workload named, in order, each with a stretch of time around it; of very many the first
/// kMostMarks, and a sentence that says so.
std::vector<Finding> markList(const RunModel& model);
inline constexpr std::size_t kMostMarks = 30;
/// How processes ended that did not end well, where it is known; the first kMostMarks.
std::vector<Finding> processEnds(const RunModel& model);
/// Of the lost update that is shown, with air around it; since the variant's start of work.
std::optional<TimeRange> lossRange(const VariantModel& variant);

} // namespace timeslice
