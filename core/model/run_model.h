// RunModel: the consumer's side of a ScenarioRun: timelines that grow, reports, the verdict.
//
// Used by the window (on the UI thread) and by the command line in the same way. Also holds a loaded recording.
//
//   variant:  Waiting ── VariantStarted ──▶ Running ── VariantEnded ──▶ Analysing ──▶ Ended
//
// A timeline belongs to the model's thread while its variant runs. From VariantEnded on nobody writes to it, and it is
// shared with whoever reads it: the analyses at the end of a variant and of the run are O(slices), and where the model
// was told so (analyseElsewhere()) they run on another thread. Their results, the report above all, are kept: reading
// them computes nothing. A model that is finished() changes no more and may be read by several threads.
#pragma once

#include "core/model/conclusion.h"
#include "core/session/run_update.h"
#include "core/trace/timeline_builder.h"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace timeslice {

struct VariantModel {
    static constexpr std::size_t kOutputKept = std::size_t{1} << 20;
    /// Analysing: it is over, and its report is being made.
    enum class Phase : unsigned char { Waiting, Running, Analysing, Ended };
    Phase phase = Phase::Waiting;
    VariantRecording* recording = nullptr; ///< in RunModel::recording(); its timeline grows while Running
    std::unique_ptr<TimelineBuilder> builder; ///< while Running
    RunFacts facts;
    Engine engine = Engine::Native;
    VariantReport report; ///< final once Ended; see refreshLive()
    std::string output; ///< what it printed, where that is captured: the last kOutputKept bytes
    std::optional<DeadlockCycle> deadlock; ///< found while live, or at the end
    std::optional<LostUpdate> loss;
    std::uint32_t lossCounter = 0; ///< index of the counter that `loss` is about
    std::optional<Spread> spread; ///< where the scenario's view has a sample; as `report`
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
    /// Brings the live variant's deadlock search and report up to date, as long as there is so little to count that
    /// nobody notices (some hundred thousand slices); call it a few times a second.
    void refreshLive();

    const std::optional<Scenario>& scenario() const noexcept { return m_scenario; }
    const std::vector<VariantModel>& variants() const noexcept { return m_variants; }
    /// Scenario, timelines and, once finished, the report: what the exporters take.
    const Recording& recording() const noexcept { return m_recording; }
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
    void apply(VariantEnded& ended);
    void apply(RunEnded& ended);
    void noteInterpreter(const std::string& text);
    void analyse(Analysis analysis);
    void takeIn(std::size_t variant, Conclusion conclusion);
    void addToReport(VariantReport report);
    void conclude();
    std::shared_ptr<const VariantRecording> comparedWith(std::size_t variant) const;
    const ViewTraits& view() const;

    std::optional<Scenario> m_scenario;
    std::vector<VariantModel> m_variants;
    Recording m_recording;
    std::shared_ptr<RunReport> m_report = std::make_shared<RunReport>(); ///< not written to any more once m_over
    std::function<void(Analysis)> m_startAnalysis; ///< empty: at once
    std::size_t m_underWay = 0; ///< analyses of variants
    std::optional<Error> m_error;
    bool m_over = false; ///< no update follows
    bool m_finished = false;
    bool m_stopped = false;
};

} // namespace timeslice
