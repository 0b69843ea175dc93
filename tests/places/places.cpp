#include "tests/places/places.h"

namespace timeslice::test {

const std::filesystem::path& testDataFolder()
{
    static const std::filesystem::path folder = TIMESLICE_TEST_DATA;
    return folder;
}

const std::filesystem::path& resourceFolder()
{
    static const std::filesystem::path folder = TIMESLICE_RESOURCE_DIR;
    return folder;
}

const std::filesystem::path& programFolder()
{
    static const std::filesystem::path folder = TIMESLICE_BIN_DIR;
    return folder;
}

} // namespace timeslice::test
