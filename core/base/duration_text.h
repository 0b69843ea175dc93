// Durations as scenario files and the command line write them: "5ms".
#pragma once

#include "core/base/time.h"

#include <optional>
#include <string>
#include <string_view>

namespace timeslice {

/// "250ns", "10us" (or µs), "2.5ms", "1s"; a space before the unit is allowed. Nothing if it is not of that form,
/// negative, or over 24 hours.
std::optional<Nanos> parseDurationText(std::string_view text);

/// The shortest of that form that reads back as the same duration. With a `space` between number and unit it is for
/// people, who read µs rather than us.
std::string toDurationText(Nanos duration, std::string_view space = "");

} // namespace timeslice
