// How a measured number reads in large type.
#pragma once

#include "core/base/result.h"

#include <string>
#include <string_view>

namespace timeslice {

/// Writes `value` into `format`, which holds exactly one of: "{:.2f}" (any number of decimals from 0 to 9), "{:d}"
/// (rounded to a whole number, in groups of three), "{%}" or "{:.1%}" (a share of 1 as "43.2 %"), "{bytes}" (as
/// bytesText()). The same in every locale. Errors (Usage): what is wrong with the format.
Result<std::string> formatNumber(std::string_view format, double value);

/// "1,861": in groups of three, as the window writes its counts and knobs; four digits are grouped too.
std::string groupedDigits(long long number);
/// The same of a number's text, of whose decimals nothing is changed; any other text as it is.
std::string groupedDigits(std::string_view number);

/// "1 B", "64 KiB", "2.5 MiB".
std::string bytesText(double bytes);

} // namespace timeslice
