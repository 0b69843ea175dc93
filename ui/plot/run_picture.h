// RunPicture: what pictures show of a run. The window and the figures make it of their model (ui/result/picture_of.h);
// plots know nothing else.
#pragma once

#include "core/analysis/lost_updates.h"
#include "core/analysis/report.h"
#include "core/analysis/wait_for_graph.h"
#include "core/recording/recording.h"
#include "core/scenario/scenario.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace timeslice {

enum class Unfinished : unsigned char {
    Starved, ///< it was ready, and never had a core
    CutOff,
};

/// Of fewer holds of a lock a median is one of them, and tells of none of the others.
inline constexpr std::size_t kMedianHolds = 5;

/// What a picture shows of one variant. Cheap to make anew for each frame: the timeline is shared, and all else small.
struct VariantPicture {
    /// Analysing: it is over, and its result is not known yet.
    enum class Phase : unsigned char { Waiting, Running, Analysing, Ended };
    Phase phase = Phase::Waiting;
    /// Title, note, failure and timeline; null: it has not begun. The timeline grows while Running.
    std::shared_ptr<const VariantRecording> recording;
    Exit exit; ///< once it is over
    Nanos wall = 0; ///< once Ended; stands in its heading
    double parallelism = 0; ///< in cores; the same
    bool calculated = false; ///< nothing ran: it has no CPU time
    std::optional<DeadlockCycle> deadlock;
    std::optional<LostUpdate> loss;
    std::uint32_t lossCounter = 0; ///< index of the counter that `loss` is about
    /// Whose job the run's limit ended, by the thread's name.
    std::map<std::string, Unfinished> unfinished;
    std::vector<std::optional<double>>
        medianHolds; ///< ms, of each lock that is counted so far; none: fewer than kMedianHolds have ended
};

struct RunPicture {
    std::vector<VariantPicture> variants; ///< none: there is no run
    bool live = false; ///< timelines still grow
    std::size_t asked = 0; ///< the variant that the scenario's question is about
    bool groups = false; ///< processes are groups of rows: in lessons that ask for it, and of several in other programs
    std::vector<Evidence> evidence; ///< rows that prove the scenario's point
    std::vector<std::string> evidenceThreads; ///< and the names of threads that do
};

} // namespace timeslice
