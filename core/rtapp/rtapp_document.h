// A document in which the order of keys counts, and a key may stand in an object more than once.
#pragma once

#include "core/base/json_in.h"

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace timeslice {

/// An entry of an object, or the document itself.
struct RtappEntry {
    std::string key;
    /// Keys from the top: "tasks/thread0/run"; the second "run" of an object is "run#2".
    std::string path;
    std::size_t offset = 0; ///< of the key in the text
    /// A value that is no object, or an array of such; of an object an empty one.
    nlohmann::json value;
    std::vector<RtappEntry> entries; ///< of an object, in the order of the text
};

/// Comments, a comma too many and keys without a value (null) are taken, as rt-app and its workgen do. Errors: where
/// and what, the limits of a document included.
tl::expected<RtappEntry, JsonProblem> readRtappDocument(std::string_view text);

/// The entry at a path, or the innermost around it.
const RtappEntry& findEntry(const RtappEntry& document, std::string_view path);

} // namespace timeslice
