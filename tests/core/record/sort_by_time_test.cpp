#include "core/record/sort_by_time.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>

namespace timeslice::sort_by_time_test {
namespace {

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
} // namespace timeslice::sort_by_time_test
