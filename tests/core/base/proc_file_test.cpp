#include "core/base/proc_file.h"

#include <gtest/gtest.h>

namespace timeslice::proc_file_test {
namespace {

TEST(ProcFile, ReadsWholeFilesAndNumbers)
{
    std::string text;
    EXPECT_TRUE(readFile("/proc/self/stat", text));
    EXPECT_GT(text.size(), 20U);
    EXPECT_FALSE(readFile("/proc/nonexistent", text));
    EXPECT_TRUE(text.empty());
    std::string_view words = "  12 ab\n7";
    EXPECT_EQ(toNumber<int>(nextWord(words)), 12);
    EXPECT_EQ(toNumber<int>(nextWord(words)), std::nullopt);
    EXPECT_EQ(toNumber<int>(nextWord(words)), 7);
    EXPECT_EQ(toNumber<int>(nextWord(words)), std::nullopt);
}

} // namespace
} // namespace timeslice::proc_file_test
