// JSON that comes from outside, read so that nothing in it can end the program.
//
// By the library's parser, watched: left alone it nests without limit (what later copies or writes the value is
// recursive), takes the last of two equal keys without a word, and refuses a whole document for one NaN. Here a
// document is at most kDeepestJson levels deep and kMostJsonValues long, every number in it is finite and every text is
// UTF-8, or reading ends in a message.
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace timeslice {

inline constexpr std::size_t kDeepestJson = 64; ///< arrays and objects in one another
/// What a script says of itself becomes a part of reports, which are read again.
inline constexpr std::size_t kDeepestPython = 32;
inline constexpr std::size_t kMostJsonValues = std::size_t{8} << 20; ///< a value takes 16 to 100 bytes of memory

struct JsonProblem {
    std::size_t offset = 0; ///< in bytes: where it was found
    std::string what; ///< as the library says it; nothing in it that a terminal would obey
};

enum class JsonDialect : unsigned char {
    Person, ///< RFC 8259; two equal keys in one object are an error, as one of them would be lost
    Program, ///< RFC 8259; of two equal keys the last counts
    /// What Python's json module writes and RFC 8259 does not know, or few readers can hold: NaN and Infinity, numbers
    /// of any length, halves of surrogate pairs, two equal keys. Control characters and bytes that are no UTF-8, too.
    /// A value that is nested deeper than kDeepestPython is left out, and the rest is kept.
    Python,
};

/// A byte order mark in front is skipped. In the dialect of Python `notes` get a sentence for each value that is not
/// what the text says: "extra/share is NaN, which is no number; it is left out" (null stands in its place).
tl::expected<nlohmann::json, JsonProblem> readJson(
    std::string_view text, JsonDialect dialect, std::vector<std::string>* notes = nullptr);

/// What the library says of an error, without what is said otherwise: "[json.exception.parse_error.101] parse error at
/// line 3, column 5: syntax error while ..." is "syntax error while ...".
std::string plainJsonMessage(std::string_view what);

/// Counted from 1; the column in bytes.
struct TextPlace {
    std::size_t line = 1;
    std::size_t column = 1;
};
TextPlace placeInText(std::string_view text, std::size_t offset);

/// What a program wrote. Errors (Usage): "line 3, column 5: WHAT".
Result<nlohmann::json> parseJson(std::string_view text);

} // namespace timeslice
