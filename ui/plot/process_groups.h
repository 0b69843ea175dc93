// Process groups: which processes of a variant are seen as groups of rows, nested by parent, and which are folded.
//
//   ▾ MainThread     |████████████████████████████    a process; what it consists of stands below it:
//       GIL          |████████████████████████████    its threads, if it has several, and its locks
//     ▸ Process 2    |    ████████                    its children, folded: running while anything in it runs
//       Child 2      |    ███████████✕ SIGKILL        nothing to unfold
#pragma once

#include "core/trace/process_lives.h"
#include "ui/course/exploration.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace timeslice {

enum class Fold : unsigned char { None, Folded, Unfolded };

/// A process that has a row of its own; those inside a folded one have none.
struct ProcessGroup {
    std::size_t life = 0; ///< index into processLives()
    int depth = 0; ///< 0 = of the run's first process
    Fold fold = Fold::None; ///< None: it consists of nothing but the one thread that its row shows
    /// Whose running its row shows: its own threads that are shown, and of a folded one also all that are inside.
    std::vector<std::uint32_t> threads;
    std::vector<std::uint32_t> threadRows; ///< those that have a row of their own below it
    std::vector<std::uint32_t> lockRows; ///< indices into Timeline::locks; the same
};

/// Parents before their children, these in the order in which they appear. `threads`, `locks`: those that are shown,
/// ascending; a process without any such thread, itself and below it, is left out, and its children take its place.
/// Without the viewer's wish a process is unfolded if it has children, or with `unfold` several threads.
std::vector<ProcessGroup> processGroups(const Timeline& timeline, const std::vector<ProcessLife>& lives,
    const std::vector<std::size_t>& threads, const std::vector<std::size_t>& locks, std::size_t variant,
    const Folds& folds, bool unfold = false);

} // namespace timeslice
