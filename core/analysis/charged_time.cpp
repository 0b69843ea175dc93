#include "core/analysis/charged_time.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace timeslice {

namespace {

/// Gaps between two threads on one core, by length. One that is longer than the histogram is no direct way from one to
/// the other: the core was idle, or ran somebody else.
class GapHistogram {
public:
    void add(Nanos gap)
    {
        if (const auto at = static_cast<std::size_t>(std::max<Nanos>(gap, 0) / kWidth); at < m_counts.size()) {
            ++m_counts[at];
        }
    }

    /// The median of those that are at most three times as long as the shortest (the fifth percentile: below are
    /// records that were stamped out of turn): of the rest, the core was idle in between. 0 = there are none.
    Nanos typical() const
    {
        const std::size_t shortest = quantile(m_counts.size(), 20);
        return static_cast<Nanos>(quantile(std::min(3 * shortest + 1, m_counts.size()), 2)) * kWidth + kWidth / 2;
    }
    bool empty() const
    {
        return std::all_of(m_counts.begin(), m_counts.end(), [](std::uint32_t count) { return count == 0; });
    }

private:
    /// The bin that holds the (1/`part`)-quantile of the first `bins` bins.
    std::size_t quantile(std::size_t bins, std::uint64_t part) const
    {
        std::uint64_t all = 0;
        for (std::size_t i = 0; i < bins; ++i) {
            all += m_counts[i];
        }
        std::uint64_t below = 0;
        for (std::size_t i = 0; i < bins; ++i) {
            below += m_counts[i];
            if (below * part >= all && m_counts[i] > 0) {
                return i;
            }
        }
        return 0;
    }

    static constexpr Nanos kWidth = 20;
    static constexpr Nanos kLongest = 20 * kMicrosecond;
    std::array<std::uint32_t, kLongest / kWidth> m_counts{};
};

struct SwitchIns {
    std::int64_t count = 0;
    GapHistogram gaps;
};

void addCore(const Timeline& timeline, const Track& core, TimeRange range, bool wholeLife, SwitchIns& ins)
{
    std::optional<std::uint32_t> before;
    Nanos left = 0;
    for (std::size_t i = core.firstEndingAfter(range.begin); i < core.size(); ++i) {
        const Slice slice = core.slice(i);
        if (slice.begin >= range.end) {
            break;
        }
        const std::uint32_t subject = slice.value.subject();
        if (slice.value.state() != SliceState::Running || subject >= timeline.threads.size()) {
            continue;
        }
        if (slice.begin >= range.begin && (wholeLife || !timeline.threads[subject].auxiliary)) {
            ++ins.count;
        }
        // After an exit the gap is that thread's ending, and after the same thread the core was idle.
        if (before && *before != subject && timeline.threads[*before].exited != left) {
            ins.gaps.add(slice.begin - left);
        }
        before = subject;
        left = slice.end;
    }
}

} // namespace

ChargedTime chargedBeyondRunning(const Timeline& timeline, TimeRange range, Nanos cpu, bool wholeLife)
{
    if (timeline.source != Source::Measured || timeline.lost.total() > 0
        || std::any_of(timeline.unobserved.begin(), timeline.unobserved.end(),
            [](const UnobservedProcess& process) { return process.unrecorded; })) {
        return {};
    }
    Nanos running = 0;
    for (const ThreadInfo& thread : timeline.threads) {
        if (wholeLife || !thread.auxiliary) {
            running += thread.track.shares(range)[static_cast<std::size_t>(SliceState::Running)];
        }
    }
    const Nanos beyond = cpu - running;
    if (beyond <= 0) {
        return {.uncharged = -beyond};
    }
    SwitchIns ins;
    for (const CoreInfo& core : timeline.cores) {
        addCore(timeline, core.track, range, wholeLife, ins);
    }
    ChargedTime charged;
    charged.starting = ins.gaps.empty() ? 0 : std::min(beyond, ins.count * ins.gaps.typical());
    charged.ending = wholeLife ? beyond - charged.starting : 0;
    return charged;
}

} // namespace timeslice
