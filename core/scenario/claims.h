// The claims of the course: the sentences that every tutorial repeats, each of which some lesson tests.
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <string>
#include <vector>

namespace timeslice {

struct Claim {
    std::string id;
    std::string text; ///< as it is taught
};

/// Reads resources/claims.json. Errors: the file's.
Result<std::vector<Claim>> readClaimFile(const std::filesystem::path& path);

/// The installed ones, read once; none where the program has no resources. From any thread.
const std::vector<Claim>& courseClaims();

} // namespace timeslice
