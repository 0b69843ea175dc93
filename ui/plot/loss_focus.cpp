#include "ui/plot/loss_focus.h"

#include <algorithm>

namespace timeslice {

namespace {

constexpr std::ptrdiff_t kMostSeen = 14; ///< accesses whose values have room beside each other
constexpr Nanos kLongest = 2 * kMicrosecond; ///< a loss that takes longer has a gap in it
constexpr std::ptrdiff_t kFollowing = 4; ///< accesses behind the end of a long loss
constexpr Nanos kLeastReach = 100;
constexpr Nanos kMostReach = 400;
constexpr Nanos kLeastMargin = 20;

} // namespace

TimeRange lossFocus(const LostUpdate& loss, const CounterInfo& counter, Nanos origin)
{
    const std::deque<CounterAccess>& all = counter.accesses;
    const auto at = [&all](Nanos time) {
        return std::lower_bound(all.begin(), all.end(), time,
            [](const CounterAccess& access, Nanos wanted) { return access.time < wanted; });
    };
    Nanos begin = loss.window.begin;
    const Nanos end = std::max(loss.window.end, loss.overwrite.time);
    const auto vanished = at(loss.overwritten.time);
    // What the other thread had read belongs to it, where that was just before.
    for (auto access = vanished; access != all.begin() && vanished - access < kMostSeen;) {
        --access;
        if (access->thread == loss.overwritten.thread && access->time < loss.overwritten.time) {
            begin = std::min(begin, access->time);
            break;
        }
    }
    if (at(end) - at(begin) <= kMostSeen && end - begin <= kLongest) {
        const Nanos margin = std::max((end - begin) / 4, kLeastMargin);
        return {begin - origin - margin / 2, end - origin + margin};
    }
    const auto overwrite = at(loss.overwrite.time);
    const auto last = all.end() - overwrite > kFollowing ? overwrite + kFollowing : std::prev(all.end());
    const Nanos reach = std::clamp(last->time - loss.overwrite.time, kLeastReach, kMostReach);
    return {loss.overwrite.time - reach - origin, loss.overwrite.time + reach - origin};
}

} // namespace timeslice
