// RunHistory: the runs that a model has seen of each variant, and which of their timelines are still worth their
// memory.
//
// Of a run that was made again because others disturbed it, the least disturbed attempt counts. Of a series, the
// timelines at one value of the knob are candidates, nearest first to the median of the number that decides, or to its
// least or greatest, whichever the answer is made of; at the end the nearest is kept. Until then the median may still
// move, so as many wait as the budget holds: with small timelines all of them, and then the run that is kept is the
// median. All others keep their report, which is the model's.
#pragma once

#include "core/model/variant_model.h"
#include "core/scenario/series.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace timeslice {

/// Which run of a series.
struct RunPlace {
    std::size_t variant = 0;
    std::size_t step = 0;
    int repetition = 0;
    int attempt = 1;
};

/// Not thread-safe.
class RunHistory {
public:
    static constexpr std::size_t kFewestCandidates = 4; ///< timelines of a variant that wait, however large they are
    static constexpr std::size_t kBudget = std::size_t{64} << 20; ///< bytes of each variant's timelines that wait

    /// `keptStep`: the value of the knob whose timelines are candidates. `wanted`: which of them; Median, Least or
    /// Greatest.
    explicit RunHistory(std::size_t keptStep = 0, Summary wanted = Summary::Median, std::size_t budgetBytes = kBudget)
        : m_keptStep(keptStep)
        , m_wanted(wanted)
        , m_budget(budgetBytes)
    {
    }

    /// A run begins, and is the one that its variant shows from now on.
    std::size_t begin(const RunPlace& place);
    /// The run that the variant shows; nothing before its first.
    std::optional<std::size_t> shown(std::size_t variant) const;
    const RunPlace& place(std::size_t run) const { return m_runs[run].place; }
    std::size_t ended() const noexcept { return m_ended; } ///< runs, attempts of one counted once

    /// Puts away what a variant shows, as another run begins.
    void park(std::size_t run, VariantModel model, std::shared_ptr<VariantRecording> recording);
    /// The model of a run that is parked; null: it is shown, or given up.
    VariantModel* parked(std::size_t run);
    /// Takes a parked one out again; its variant shows it from now on.
    std::pair<VariantModel, std::shared_ptr<VariantRecording>> unpark(std::size_t run);

    /// A run's report is there; `number` is what decides. Gives up what is no candidate any more. True: it counts, and
    /// an earlier attempt, if there is one, does not.
    bool analysed(std::size_t run, const VariantReport& report, double number);
    /// How often it was tried, this run among them.
    int attempts(std::size_t run) const;
    /// The run to show at the end; nothing if the variant was not run.
    std::optional<std::size_t> chosen(std::size_t variant) const;

private:
    struct Run {
        RunPlace place;
        std::optional<VariantModel> model; ///< while parked
        std::shared_ptr<VariantRecording> recording;
        bool counts = false; ///< analysed, and no better attempt is known
        bool wellEnded = false;
        double number = 0;
        double disturbance = 0;
    };
    bool available(std::size_t run) const;
    std::vector<std::size_t> candidates(std::size_t variant) const;
    void giveUp(std::size_t variant);

    std::size_t m_keptStep;
    Summary m_wanted;
    std::size_t m_budget;
    std::vector<Run> m_runs;
    std::vector<std::optional<std::size_t>> m_shown; ///< by variant
    std::size_t m_ended = 0;
};

} // namespace timeslice
