// UpdatePortions: updates of a run, handed on in portions, so that whoever applies them is never away for long.
#pragma once

#include "core/session/run_update.h"

#include <cstddef>
#include <deque>
#include <vector>

namespace timeslice {

/// Not thread-safe.
class UpdatePortions {
public:
    void push(std::vector<RunUpdate> updates);
    bool empty() const noexcept { return m_updates.empty(); }
    /// The next updates, in order, with about `events` events together, at least one update. A larger batch comes in
    /// several: nothing is lost, and the pieces make the same timeline as the whole.
    std::vector<RunUpdate> take(std::size_t events);

private:
    VariantBatches takeBatches(VariantBatches& from, std::size_t& events);

    std::deque<RunUpdate> m_updates;
    std::size_t m_batch = 0; ///< of the first update, the batches before it are gone
    std::size_t m_event = 0; ///< of that batch, the events before it are gone
};

} // namespace timeslice
