// Where this build's programs, resources and test data lie.
//
// In one source file, and not as macros for all of them: so a compiler cache serves every clone of the project.
#pragma once

#include <filesystem>

namespace timeslice::test {

const std::filesystem::path& testDataFolder(); ///< tests/data
const std::filesystem::path& resourceFolder(); ///< resources
const std::filesystem::path& programFolder(); ///< the build's bin

} // namespace timeslice::test
