// ThreadColors: which colour each thread has in a picture of several variants.
//
// Each timeline numbers its threads' colour slots for itself, in order of appearance. In the picture a thread has the
// colour of its namesake in the variants above it, so that "Thread 2" is "Thread 2" everywhere. A new name takes a
// colour that no name has yet, as long as there is one, in the order of appearance.
#pragma once

#include "ui/plot/run_picture.h"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace timeslice {

/// Of one variant. Without any: the timeline's own slots.
struct ThreadColors {
    ThreadColors();

    /// The colour of each of the timeline's slots, for Theme::threadColor(); no two slots share one.
    std::array<std::uint8_t, kCategories> ofSlot;

    std::uint8_t of(const Timeline& timeline, std::size_t thread) const
    {
        return ofSlot[thread < timeline.threads.size() ? timeline.threads[thread].colorSlot : kOtherSlot];
    }
};

/// One per variant. The colours of a variant depend on those above it and on itself only, so that a run that goes on
/// does not recolour what it has shown. O(threads).
std::vector<ThreadColors> threadColors(std::span<const VariantPicture> variants);

} // namespace timeslice
