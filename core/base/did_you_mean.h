// What to say to a person who mistyped a name.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace timeslice {

/// How many single-letter insertions, deletions, replacements and swaps of neighbours turn `a` into `b`, no letter
/// being edited twice (the "optimal string alignment" distance). Bytes, not code points. O(|a| * |b|).
std::size_t editDistance(std::string_view a, std::string_view b);

/// The names in `known` that `wrong` may have been meant as, nearest first, at most `most`: those within a third of
/// its length (but at least two edits for names of four letters or more), and those that it is the beginning of.
/// Upper and lower case count as the same letter.
std::vector<std::string> nearestNames(
    std::string_view wrong, const std::vector<std::string>& known, std::size_t most = 3);

/// The end of an error message: "; did you mean 'lock'?" when one name is near, "" when none is. Append it to
/// "unknown event 'lokc'".
std::string didYouMean(std::string_view wrong, const std::vector<std::string>& known);

/// "a, b and c" (or "a, b or c"), for lists in messages.
std::string joinNames(const std::vector<std::string>& names, std::string_view lastSeparator = " and ");

} // namespace timeslice
