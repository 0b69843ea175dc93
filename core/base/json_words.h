// What stands in a JSON document, in words, for messages to the person who wrote it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace timeslice {

/// Text from a document: short, and nothing in it that a terminal would obey.
std::string shown(std::string_view text);

/// "the number 7", "an array", "the text \"abc\"".
std::string inWords(const nlohmann::json& value);

/// "unknown WHAT 'NAME'; did you mean 'NEAREST'?", or a list of all when nothing is near.
std::string unknownName(std::string_view what, std::string_view name, const std::vector<std::string>& known);

} // namespace timeslice
