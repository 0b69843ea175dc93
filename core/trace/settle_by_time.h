// Lists of moments, most of which arrive in the order of time.
#pragma once

#include <algorithm>
#include <cstddef>

namespace timeslice {

/// Brings `moments` into the order of time, of which the first `settled` are in order already; equal times keep their
/// order of arrival. One merge a batch: a thread whose events all come late costs no more than they are many.
template <class Moments> void settleByTime(Moments& moments, std::size_t& settled)
{
    const auto earlier = [](const auto& a, const auto& b) { return a.time < b.time; };
    const auto news = moments.begin() + static_cast<std::ptrdiff_t>(settled);
    settled = moments.size();
    if (news == moments.end()) {
        return;
    }
    if (!std::is_sorted(news, moments.end(), earlier)) {
        std::stable_sort(news, moments.end(), earlier);
    }
    if (news != moments.begin() && earlier(*news, *(news - 1))) {
        std::inplace_merge(std::upper_bound(moments.begin(), news, *news, earlier), news, moments.end(), earlier);
    }
}

} // namespace timeslice
