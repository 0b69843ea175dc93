// JSON text: parsing with errors that say where, and finding a value's place in the text again.
#pragma once

#include "core/base/result.h"

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace timeslice::scenario {

/// "FILE:LINE:COLUMN", both counted from 1, columns in bytes.
std::string textPosition(const std::string& file, std::string_view text, std::size_t offset);

/// By readJson(), in the dialect of people. Errors (Usage): "FILE:LINE:COLUMN: what was expected, and what was found".
Result<nlohmann::json> parseJsonText(const std::string& text, const std::string& file);

/// Where the value at `path` ("variants/0/title") begins in `text`, which must be valid JSON; of a path that leads
/// nowhere, the last value on the way.
std::size_t findInJsonText(std::string_view text, std::string_view path);

} // namespace timeslice::scenario
