#include "core/scenario/number_format.h"

#include <clocale>
#include <gtest/gtest.h>

namespace timeslice::number_format_test {
namespace {

TEST(FormatNumber, WritesDecimalsWholeNumbersAndPercent)
{
    EXPECT_EQ(formatNumber("{:.2f}×", 1.996).value(), "2.00×");
    EXPECT_EQ(formatNumber("{:.0f}", 2.6).value(), "3");
    EXPECT_EQ(formatNumber("{:d} of 2", 2.0).value(), "2 of 2");
    EXPECT_EQ(formatNumber("{:d}", 1234567).value(), "1,234,567");
    EXPECT_EQ(formatNumber("{%}", 0.4321).value(), "43.2\u00a0%");
    EXPECT_EQ(formatNumber("about {:.0%}", 0.4321).value(), "about 43\u00a0%");
}

TEST(FormatNumber, WritesBytesInTheUnitThatFits)
{
    EXPECT_EQ(formatNumber("from {bytes} on", 65536).value(), "from 64\u00a0KiB on");
    EXPECT_EQ(bytesText(1), "1\u00a0B");
    EXPECT_EQ(bytesText(1023), "1023\u00a0B");
    EXPECT_EQ(bytesText(1536), "1.5\u00a0KiB");
    EXPECT_EQ(bytesText(8388608), "8\u00a0MiB");
}

TEST(FormatNumber, WritesNoMinusBeforeZero)
{
    EXPECT_EQ(formatNumber("{:.2f}", -0.001).value(), "0.00");
    EXPECT_EQ(formatNumber("{:.2f}", -0.01).value(), "-0.01");
}

TEST(FormatNumber, WritesTheSameInEveryLocale)
{
    const char* set = std::setlocale(LC_NUMERIC, "de_DE.UTF-8");
    EXPECT_EQ(formatNumber("{:.1f}", 1.5).value(), "1.5") << (set ? set : "(no German locale here)");
    std::setlocale(LC_NUMERIC, "C");
}

TEST(GroupedDigits, StandInThrees)
{
    EXPECT_EQ(groupedDigits(0), "0");
    EXPECT_EQ(groupedDigits(999), "999");
    EXPECT_EQ(groupedDigits(1000), "1,000");
    EXPECT_EQ(groupedDigits(-1000), "-1,000");
    EXPECT_EQ(groupedDigits(-100), "-100");
    EXPECT_EQ(groupedDigits("1234.56789"), "1,234.56789");
    EXPECT_EQ(groupedDigits("-1234"), "-1,234");
    for (const char* other : {"", "-", "5000 ms", "1e10000", ".5000"}) {
        EXPECT_EQ(groupedDigits(other), other);
    }
}

} // namespace
} // namespace timeslice::number_format_test
