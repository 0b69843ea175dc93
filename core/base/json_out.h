// JSON as text, whatever is in it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace timeslice {

enum class JsonLayout : unsigned char {
    Line, ///< without line breaks
    Indented, ///< by two spaces, for people
};

/// The one way to write JSON. Never throws for what a value holds, as the library's dump() does: bytes that are no
/// UTF-8 become U+FFFD, numbers that are not finite null. The value must not be nested deeper than what readJson()
/// gives, and a few levels more.
std::string jsonText(const nlohmann::json& value, JsonLayout layout = JsonLayout::Line);

/// A text as a JSON string with its quotes.
std::string jsonString(std::string_view text);

} // namespace timeslice
