#include "core/trace/unobserved_text.h"

#include <gtest/gtest.h>

namespace timeslice::unobserved_text_test {
namespace {

UnobservedProcess python(Pid pid, std::string why = "started without the probe")
{
    return {pid, "python3.11", std::move(why), true, 0, 0};
}

TEST(UnobservedText, NamesEachProcessWithItsNumberAndReason)
{
    EXPECT_EQ(unobservedSentences({python(42), {7, "busybox", "statically linked", false, 0, 0}}, 4),
        (std::vector<std::string>{"The GIL of python3.11 (process 42) is not recorded: started without the probe.",
            "What busybox (process 7) starts may not be traced: statically linked."}));
    EXPECT_TRUE(unobservedSentences({}, 4).empty());
}

TEST(UnobservedText, PutsProcessesOfOneKindTogether)
{
    EXPECT_EQ(unobservedSentences({python(1), python(2), python(3), python(4)}, 4),
        (std::vector<std::string>{
            "The GILs of 4 processes named python3.11 (1, 2, 3 ...) are not recorded: started without the probe."}));
}

TEST(UnobservedText, SaysHowManyAreLeft)
{
    const auto sentences = unobservedSentences({python(1, "a"), python(2, "b"), python(3, "c"), python(4, "c")}, 2);
    EXPECT_EQ(sentences,
        (std::vector<std::string>{
            "The GIL of python3.11 (process 1) is not recorded: a.", "And so it is with 3 more processes."}));
}

TEST(UnobservedText, FitsIntoAFooter)
{
    EXPECT_EQ(unobservedNote({}), "");
    EXPECT_EQ(unobservedNote({python(1)}), "GIL not recorded: python3.11 (1)");
    EXPECT_EQ(unobservedNote({python(1), python(2), python(3), {7, "busybox", "x", false, 0, 0}}),
        "GIL not recorded: python3.11 (1), python3.11 (2) and 1 more; children not traced: busybox (7)");
}

} // namespace
} // namespace timeslice::unobserved_text_test
