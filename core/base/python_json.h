// What Python's json module writes, as JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace timeslice {

/// The text with what RFC 8259 does not know put into a form that it knows, token by token; what is no JSON for other
/// reasons stays as it is, for the parser to refuse. Halves of surrogate pairs and bytes that are no UTF-8 become
/// U+FFFD, control characters in texts escapes; NaN, Infinity and numbers that no double holds become a text that
/// oddityIn() knows.
std::string strictJson(std::string_view text);

/// What strictJson() found in the place of this text of its result: "NaN, which is no number".
std::optional<std::string_view> oddityIn(std::string_view text);

} // namespace timeslice
