// How recording a race changes its odds: one variant whose loads and stores are recorded, beside another that does the
// same unrecorded.
#pragma once

#include "core/analysis/report.h"
#include "core/scenario/scenario.h"

#include <optional>
#include <string>

namespace timeslice {

/// Of a counter of the variant whose accesses are on record; its number of updates may be another than the other's.
struct RecordingEffect {
    std::string counter;
    double recorded = 0; ///< share of the updates that were lost
    std::string unrecordedId, unrecordedName; ///< the other variant
    double unrecorded = 0;
};

/// nullopt: nothing of the variant is recorded, or no other of the scenario's that ran well does the same but for the
/// recording. The scenario must be resolved.
std::optional<RecordingEffect> recordingEffect(
    const Scenario& scenario, const RunReport& report, const VariantReport& variant);

/// "With each load and store recorded 41.2 % of the updates are lost; unrecorded, in “Nobody watching”, 38.0 %."
std::string describe(const RecordingEffect& effect);

} // namespace timeslice
