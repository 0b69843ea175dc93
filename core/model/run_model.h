// RunModel: the consumer's side of a ScenarioRun: timelines that grow, reports, the verdict.
//
// Used by the window (on the UI thread) and by the command line in the same way. Also holds a loaded recording.
//
//   variant:  Waiting ── VariantStarted ──▶ Running ── VariantEnded ──▶ Analysing ──▶ Ended
//
// In a series, and where a run is made again because others disturbed it, a variant goes through this several times: it
// shows the run that was made last, and at the end the one that is kept.
//
// A timeline belongs to the model's thread while its variant runs. From VariantEnded on nobody writes to it, and it is
// shared with whoever reads it: the analyses at the end of a variant and of the run are O(slices), and where the model
// was told so (analyseElsewhere()) they run on another thread. Their results, the report above all, are kept: reading
// them computes nothing. A model that is finished() changes no more and may be read by several threads.
#pragma once

#include "core/model/conclusion.h"
#include "core/model/run_history.h"
#include "core/model/variant_model.h"
#include "core/session/run_update.h"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace timeslice {

struct RunProgress {
    std::size_t done = 0;
    std::size_t planned = 0;
    std::optional<Nanos> left; ///< as far as the runs so far tell
};

class RunModel;
/// The outcome of an Analysis, to be taken in by the model it is about, on the model's thread.
using AnalysisResult = std::function<void(RunModel&)>;
/// Long work on what does not change any more. To be called once, on any thread: it reads only what it owns or shares.
using Analysis = std::function<AnalysisResult()>;

/// Belongs to one thread.
class RunModel {
public:
    /// For a resolved scenario, before or during its run.
    explicit RunModel(Scenario scenario);
    /// For `timeslice record` and scripts of the user's: one variant named after the command.
    explicit RunModel(std::string commandTitle);
    /// A recording that was loaded. Errors (Usage): its scenario or report cannot be read.
    static Result<std::unique_ptr<RunModel>> fromRecording(Recording recording);

    /// Analyses are no longer made within apply() but handed to `start`, which sees to it that take() gets the results
    /// in the order of the analyses.
    void analyseElsewhere(std::function<void(Analysis)> start) { m_startAnalysis = std::move(start); }
    void take(const AnalysisResult& result) { result(*this); }

    void apply(std::vector<RunUpdate> updates);
    /// Called for each run that has ended and been analysed, in the order of their ends, with its place in the series.
    void whenRunEnds(std::function<void(const VariantModel&, const RunPlace&)> told) { m_told = std::move(told); }
    /// Brings the live variant's deadlock search and report up to date, as long as there is so little to count that
    /// nobody notices (some hundred thousand slices); call it a few times a second.
    void refreshLive();

    const std::optional<Scenario>& scenario() const noexcept { return m_scenario; }
    /// Whether the variant, which must have ended, did so as the scenario expects; without one, well.
    bool endedAsExpected(const VariantModel& variant) const;
    const std::vector<VariantModel>& variants() const noexcept { return m_variants; }
    /// Scenario, timelines and, once finished, the report: what the exporters take.
    const Recording& recording() const noexcept { return m_recording; }
    /// Goes up whenever a variant shows another timeline, or none of it: indices into the one before mean nothing.
    std::size_t replacements() const noexcept { return m_replacements; }
    /// Runs that have ended, and those there are in all; several for a variant in a series.
    RunProgress progress() const;
    bool finished() const noexcept { return m_finished; }
    bool stopped() const noexcept { return m_stopped; }
    const std::optional<Error>& error() const noexcept { return m_error; }
    /// Complete once finished(); before that, of the variants ended so far. Stored: this computes nothing. Valid until
    /// the next apply() or take().
    const RunReport& report() const noexcept { return *m_report; }

private:
    RunModel() = default;
    void apply(const VariantStarted& started);
    void apply(const VariantBatches& batches);
    void apply(const VariantOutput& output);
    void apply(VariantDeadlocked& deadlocked);
    void apply(VariantEnded& ended);
    void apply(RunEnded& ended);
    void noteInterpreter(const std::string& text);
    void analyse(Analysis analysis);
    void takeIn(std::size_t run, Conclusion conclusion);
    void addToReport(VariantReport report);
    void addToSeries(const RunPlace& place, const VariantReport& report, bool counts);
    void beginRun(const VariantStarted& started);
    void show(std::size_t run);
    void keep();
    void conclude();
    std::shared_ptr<const VariantRecording> comparedWith(std::size_t variant) const;
    const ViewTraits& view() const;

    std::optional<Scenario> m_scenario;
    std::vector<VariantModel> m_variants;
    Recording m_recording;
    std::shared_ptr<RunReport> m_report = std::make_shared<RunReport>(); ///< not written to any more once m_over
    RunHistory m_history;
    std::function<void(const VariantModel&, const RunPlace&)> m_told;
    std::size_t m_replacements = 0;
    std::optional<Nanos> m_begun; ///< the first run
    std::function<void(Analysis)> m_startAnalysis; ///< empty: at once
    std::size_t m_underWay = 0; ///< analyses of variants
    std::optional<Error> m_error;
    bool m_over = false; ///< no update follows
    bool m_finished = false;
    bool m_stopped = false;
};

} // namespace timeslice
