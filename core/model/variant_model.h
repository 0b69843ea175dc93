// VariantModel: what the consumer of a run knows of one of its variants.
#pragma once

#include "core/analysis/distribution.h"
#include "core/analysis/loss_account.h"
#include "core/analysis/lost_updates.h"
#include "core/analysis/report.h"
#include "core/analysis/wait_for_graph.h"
#include "core/recording/recording.h"
#include "core/trace/timeline_builder.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace timeslice {

struct VariantModel {
    static constexpr std::size_t kOutputKept = std::size_t{1} << 20;
    /// Analysing: it is over, and its report is being made.
    enum class Phase : unsigned char { Waiting, Running, Analysing, Ended };
    Phase phase = Phase::Waiting;
    VariantRecording* recording = nullptr; ///< in RunModel::recording(); its timeline grows while Running
    std::unique_ptr<TimelineBuilder> builder; ///< while Running
    int attempt = 1; ///< 2, 3: the one before was disturbed
    RunFacts facts;
    Engine engine = Engine::Native;
    VariantReport report; ///< final once Ended; see refreshLive()
    std::string output; ///< what it printed, where that is captured: the last kOutputKept bytes
    std::optional<DeadlockCycle> deadlock; ///< found while live, or at the end
    /// The deadlock in which it stands until that is ended (VariantDeadlocked::stands); empty: in none.
    std::string standing;
    std::optional<LostUpdate> loss; ///< the one to show first
    std::uint32_t lossCounter = 0; ///< index of the counter that `loss` is about
    std::shared_ptr<const RunLosses> losses; ///< all that are told apart; null: none, or it has not ended
    std::optional<Spread> spread; ///< where the scenario's view has a sample; as `report`
};

} // namespace timeslice
