#include "core/record/sort_by_time.h"

#include <algorithm>
#include <cstddef>

namespace timeslice {

namespace {

constexpr auto kEarlier = [](const Event& a, const Event& b) { return a.time < b.time; };

} // namespace

// Natural merge sort (Knuth, TAOCP vol. 3, 5.2.4): finds the ascending runs, then merges neighbours in rounds.
void sortByTime(std::vector<Event>& events, std::vector<Event>& scratch)
{
    std::vector<std::ptrdiff_t> bounds{0}; // run i is [bounds[i], bounds[i + 1])
    for (auto at = events.begin(); at != events.end();) {
        at = std::is_sorted_until(at, events.end(), kEarlier);
        bounds.push_back(at - events.begin());
    }
    while (bounds.size() > 2) {
        scratch.resize(events.size());
        std::vector<std::ptrdiff_t> merged{0};
        const auto from = events.begin();
        for (std::size_t i = 0; i + 1 < bounds.size(); i += 2) {
            const std::ptrdiff_t middle = bounds[i + 1];
            const std::ptrdiff_t end = i + 2 < bounds.size() ? bounds[i + 2] : middle;
            std::merge(
                from + bounds[i], from + middle, from + middle, from + end, scratch.begin() + bounds[i], kEarlier);
            merged.push_back(end);
        }
        events.swap(scratch);
        bounds.swap(merged);
    }
}

} // namespace timeslice
