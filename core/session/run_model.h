// RunModel: the consumer's side of a ScenarioRun: timelines that grow, reports, the verdict.
//
// Used by the window (on the UI thread) and by the command line in the same way. Also holds a loaded recording.
#pragma once

#include "core/analysis/lost_updates.h"
#include "core/analysis/report.h"
#include "core/analysis/wait_for_graph.h"
#include "core/session/scenario_run.h"
#include "core/trace/recording.h"

#include <memory>
#include <optional>
#include <vector>

namespace timeslice {

struct VariantModel {
    static constexpr std::size_t kOutputKept = std::size_t{1} << 20;
    enum class Phase : unsigned char { Waiting, Running, Ended };
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
};

/// Belongs to one thread.
class RunModel {
public:
    /// For a resolved scenario, before or during its run.
    explicit RunModel(Scenario scenario);
    /// For `timeslice record` and scripts of the user's: one variant named after the command.
    explicit RunModel(std::string commandTitle);
    /// A recording that was loaded. Errors (Usage): its scenario or report cannot be read.
    static Result<std::unique_ptr<RunModel>> fromRecording(Recording recording);

    void apply(std::vector<RunUpdate> updates);
    /// Brings the live variant's deadlock search (always) and report (if it has fewer than a million slices) up to
    /// date; call it a few times a second.
    void refreshLive();

    const std::optional<Scenario>& scenario() const noexcept { return m_scenario; }
    const std::vector<VariantModel>& variants() const noexcept { return m_variants; }
    /// Scenario, timelines and, once finished, the report: what the exporters take.
    const Recording& recording() const noexcept { return m_recording; }
    bool finished() const noexcept { return m_finished; }
    bool stopped() const noexcept { return m_stopped; }
    const std::optional<Error>& error() const noexcept { return m_error; }
    /// Complete once finished(); before that, of the variants ended so far.
    RunReport report() const;

private:
    RunModel() = default;
    void apply(const VariantStarted& started);
    void apply(const VariantBatches& batches);
    void apply(const VariantOutput& output);
    void apply(VariantEnded& ended);
    void apply(RunEnded& ended);
    void noteInterpreter(const std::string& text);

    std::optional<Scenario> m_scenario;
    std::vector<VariantModel> m_variants;
    Recording m_recording;
    MachineFacts m_machine;
    std::optional<Verdict> m_verdict;
    std::optional<Error> m_error;
    bool m_finished = false;
    bool m_stopped = false;
};

} // namespace timeslice
