// Conclusion: what can be told of a variant once it has ended, computed once, from what does not change any more.
//
// That is O(slices) and can take seconds. It therefore reads only what it owns or shares, so that a window can have it
// done on another thread than the model's.
#pragma once

#include "core/analysis/distribution.h"
#include "core/analysis/loss_account.h"
#include "core/analysis/lost_updates.h"
#include "core/analysis/report.h"
#include "core/analysis/wait_for_graph.h"
#include "core/recording/recording.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace timeslice {

/// A variant whose timeline is finished; nobody writes to it any more.
struct EndedVariant {
    std::shared_ptr<const VariantRecording> recording;
    RunFacts facts;
    Engine engine = Engine::Native;
    Sample sample = Sample::None; ///< what of it is shown as a distribution
};

/// A loss of one of the counters.
struct CounterLoss {
    std::uint32_t counter = 0; ///< index into Timeline::counters
    LostUpdate loss;
};

/// The losses of all counters, and the one to show first: of the first counter that has a complete loss, or else any.
struct LossesOf {
    std::optional<CounterLoss> first;
    std::shared_ptr<const RunLosses> all; ///< null: none
    std::vector<std::string> untold; ///< sentences: counters that lost something, and which updates is not to be told
};

struct Conclusion {
    VariantReport report;
    std::optional<DeadlockCycle> deadlock;
    LossesOf losses;
    std::optional<Spread> spread; ///< of the samples that are shown as a distribution
};

/// Any thread.
Conclusion conclude(const EndedVariant& ended);

/// `counters`: where each ended, by its name; takes in what was found. Expected O(accesses).
LossesOf findLosses(const Timeline& timeline, std::vector<CounterResult>& counters);
/// nullopt: None, or there are no samples.
std::optional<Spread> spreadFor(Sample sample, const Timeline& timeline);

} // namespace timeslice
