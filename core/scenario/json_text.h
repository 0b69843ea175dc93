// JSON text: parsing with errors that say where, and finding a value's place in the text again.
#pragma once

#include "core/base/result.h"

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace timeslice::scenario {

/// "FILE:LINE:COLUMN", both counted from 1, columns in bytes.
std::string textPosition(const std::string& file, std::string_view text, std::size_t offset);

/// Errors (Usage): "FILE:LINE:COLUMN: what was found and what was expected"; a key that appears twice; deeper nesting
/// than any scenario needs.
Result<nlohmann::json> parseJsonText(const std::string& text, const std::string& file);

/// Where the value at `path` ("variants/0/title") begins in `text`, which must be valid JSON; of a path that leads
/// nowhere, the last value on the way.
std::size_t findInJsonText(std::string_view text, std::string_view path);

} // namespace timeslice::scenario
