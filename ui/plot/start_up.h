// The start-up of a program: what goes by before the work begins, which is folded away where it takes much of the
// width.
//
// Lessons say where their work begins. Of a Python script that does not, it is what its main thread does before it
// starts the first other thread or process: the interpreter's start and the imports, if it takes no longer than these
// do. (A script that computes for seconds before it starts a thread computes: that is its run.)
#pragma once

#include "ui/plot/run_picture.h"

#include <optional>
#include <span>

namespace timeslice {

/// On the scale that all variants share: ns since each one's start of work.
struct StartUp {
    Nanos begin = 0; ///< where the longest one begins
    Nanos end = 0; ///< where a picture begins in which it is folded

    Nanos length() const noexcept { return end - begin; }
    friend bool operator==(const StartUp&, const StartUp&) = default;
};

/// How a picture of the whole shows it.
struct AxisBreak {
    StartUp startUp;
    bool folded = true;
    bool offered = false; ///< a click folds and unfolds (in a window)
    friend bool operator==(const AxisBreak&, const AxisBreak&) = default;
};

/// Of runs that have ended. nullopt: there is none, or it takes less of the width than kLeastFolded.
std::optional<StartUp> startUpOf(std::span<const VariantPicture> variants);
inline constexpr double kLeastFolded = 0.08; ///< of the width of a picture that shows everything
inline constexpr Nanos kLongestStartUp = kSecond; ///< of a script that does not say where its work begins

} // namespace timeslice
