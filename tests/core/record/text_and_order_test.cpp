#include "core/record/clean_name.h"
#include "core/record/proc_file.h"
#include "core/record/sort_by_time.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>
#include <string>

namespace timeslice {
namespace {

TEST(CleanName, KeepsTextAndReplacesWhatIsNone)
{
    EXPECT_EQ(cleanName("Thread 1"), "Thread 1");
    EXPECT_EQ(cleanName("größer 線程 🧵"), "größer 線程 🧵");
    EXPECT_EQ(cleanName(std::string_view{"end\0hidden", 10}), "end");
    EXPECT_EQ(cleanName("\t\x7f"), "\uFFFD\uFFFD");
    EXPECT_EQ(cleanName("\xC2\x85"), "\uFFFD") << "a C1 control";
    EXPECT_EQ(cleanName("\xC0\xAF"), "\uFFFD\uFFFD") << "an overlong slash";
    EXPECT_EQ(cleanName("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD") << "a surrogate";
    EXPECT_EQ(cleanName("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD") << "beyond U+10FFFF";
    EXPECT_EQ(cleanName("cut \xE7\xB7"), "cut \uFFFD\uFFFD");
}

TEST(Utf8Prefix, NeverCutsACharacter)
{
    EXPECT_EQ(utf8Prefix("abc", 3), "abc");
    EXPECT_EQ(utf8Prefix("abcd", 3), "abc");
    EXPECT_EQ(utf8Prefix("aä", 2), "a");
    EXPECT_EQ(utf8Prefix("aä", 3), "aä");
    EXPECT_EQ(utf8Prefix("🧵", 3), "");
}

TEST(ProcFile, ReadsWholeFilesAndNumbers)
{
    std::string text;
    EXPECT_TRUE(readProcFile("/proc/self/stat", text));
    EXPECT_GT(text.size(), 20U);
    EXPECT_FALSE(readProcFile("/proc/nonexistent", text));
    EXPECT_TRUE(text.empty());
    std::string_view words = "  12 ab\n7";
    EXPECT_EQ(toNumber<int>(nextWord(words)), 12);
    EXPECT_EQ(toNumber<int>(nextWord(words)), std::nullopt);
    EXPECT_EQ(toNumber<int>(nextWord(words)), 7);
    EXPECT_EQ(toNumber<int>(nextWord(words)), std::nullopt);
}

TEST(SortByTime, IsTheStableSortWhateverTheRuns)
{
    std::mt19937 random{3};
    std::vector<Event> scratch;
    for (int round = 0; round < 500; ++round) {
        std::vector<Event> events;
        const int runs = static_cast<int>(random() % 12);
        for (int run = 0; run < runs; ++run) {
            Nanos time = static_cast<Nanos>(random() % 50);
            for (auto i = random() % 20; i > 0; --i) {
                time += static_cast<Nanos>(random() % 4); // many of one moment
                Event event;
                event.time = time;
                event.value = events.size();
                events.push_back(event);
            }
        }
        std::vector<Event> expected = events;
        std::stable_sort(
            expected.begin(), expected.end(), [](const Event& a, const Event& b) { return a.time < b.time; });
        sortByTime(events, scratch);
        ASSERT_EQ(events.size(), expected.size());
        for (std::size_t i = 0; i < events.size(); ++i) {
            ASSERT_EQ(events[i].value, expected[i].value);
        }
    }
}

} // namespace
} // namespace timeslice
