// What a figure leaves out where there is no room for everything, the least important first.
//
// The question, the legend and the answer are the last to go: whoever sees only the picture needs them before the
// fourth thread of the third variant.
#pragma once

#include "core/model/run_model.h"
#include "ui/plot/row_list.h"

#include <cstddef>
#include <vector>

namespace timeslice {

struct FigurePlan {
    bool threadNames = true; ///< in the legend; else one entry says what the colours are
    bool cpu = true;
    bool locks = true; ///< where the scenario proves nothing with them
    bool reasons = true; ///< why variants were not run; else their headings say that they were not
    bool notRun = true; ///< variants that were not run, if others were
    bool tallChart = true; ///< or as low as it can be read
    bool lens = true;
    bool cores = true;
    bool unfold = true; ///< the threads of a process have rows of their own, where processes are groups
    bool chart = true; ///< or distribution
    bool conclusion = true;
    bool definition = true;
    bool legend = true;
    bool question = true;
    bool verdict = true;
    bool title = true;
    std::size_t maxOfAKind = SIZE_MAX; ///< threads, locks, counters of a variant
    bool oneMore = true; ///< see RowOptions
    std::size_t maxVariants = SIZE_MAX; ///< of those that matter most
};

struct PlanFacts {
    std::size_t mostOfAKind = 0;
    std::size_t variants = 0;
    std::size_t asked = 0; ///< variants that the answer is read from
    bool chart = false;
    bool groups = false; ///< processes are groups of rows
    bool coresProve = false; ///< what the question asks for is seen in the core rows
    bool lensProves = false; ///< what the question asks for is seen in the lens
    bool locksIdle = false; ///< in the locks' rows nothing of it is seen
};

/// In the order in which they are to be tried: each shows less than the one before it, or other rows.
std::vector<FigurePlan> figurePlans(const PlanFacts& facts);

/// The variants by what they matter to the answer: those that the verdict's number is read from, those in its headline,
/// then the others, as they stand. `asked` of them are of the first two kinds.
struct VariantOrder {
    std::vector<std::size_t> variants;
    std::size_t asked = 0;
};
VariantOrder variantOrder(const RunModel& model);

/// The variants that the plan shows, ascending.
std::vector<std::size_t> shownVariants(const RunPicture& run, const FigurePlan& plan, const VariantOrder& order);

/// The rows of those variants. `section`: see RowOptions.
std::vector<RowContent> figureRows(const RunPicture& run, const FigurePlan& plan,
    const std::vector<std::size_t>& variants, const std::optional<TimeRange>& section);

} // namespace timeslice
