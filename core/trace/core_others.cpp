#include "core/trace/core_others.h"

#include <algorithm>
#include <numeric>
#include <optional>

namespace timeslice {

namespace {

constexpr std::size_t kFewThreads = 64; // of which each is asked; of more, only who ran last
constexpr double kHalf = 0.5; // of a gap: the accounts come in clock ticks

constexpr SliceValue kUnknown(SliceState::Absent, Cause::Unknown, 0, kNotMeasured);
constexpr SliceValue kFree(SliceState::Absent, Cause::Unknown, 0, 0);

/// Calls `take(stretch, category)` for each stretch within `range` of at least `least` in which nobody has the track.
/// What lies outside the track counts as not measured.
template <class Take> void forEachWide(const Track& track, TimeRange range, Nanos least, Take take)
{
    const Nanos step = std::max<Nanos>(least / 2, 1); // whatever is wide covers a step's edge
    for (Nanos t = range.begin; t < range.end;) {
        const std::size_t index = track.indexAt(t);
        TimeRange stretch;
        std::uint8_t category = kNotMeasured;
        if (index < track.size()) {
            const Slice slice = track.slice(index);
            stretch = {std::max(slice.begin, range.begin), std::min(slice.end, range.end)};
            category = slice.value.state() == SliceState::Running ? kOtherPrograms : slice.value.category();
        } else if (!track.empty() && t < track.begin()) {
            stretch = {t, std::min(track.begin(), range.end)};
        } else {
            stretch = {track.empty() ? t : std::max(t, track.end()), range.end};
        }
        if (category != kOtherPrograms && stretch.length() >= least) {
            take(stretch, category);
        }
        t = std::max(stretch.end, t + step);
    }
}

/// Until when threads that were preempted on the core at `t` or before wait for it; `t` where none does.
Nanos waitsUntil(const Timeline& timeline, std::size_t core, Nanos t)
{
    Nanos until = t;
    const auto ask = [&](const ThreadInfo& thread) {
        const std::size_t index = thread.track.indexAt(t);
        if (index == 0 || index >= thread.track.size()) {
            return;
        }
        const Slice slice = thread.track.slice(index);
        const SliceValue before = thread.track.value(index - 1);
        if (slice.value.state() == SliceState::Runnable && slice.value.cause() == Cause::Preempted
            && before.state() == SliceState::Running && before.subject() == core) {
            until = std::max(until, slice.end);
        }
    };
    if (timeline.threads.size() <= kFewThreads) {
        std::for_each(timeline.threads.begin(), timeline.threads.end(), ask);
        return until;
    }
    const Track& track = timeline.cores[core].track;
    const std::size_t index = track.indexAt(t);
    const auto last = index > 0 && index < track.size() ? track.value(index - 1) : SliceValue();
    if (last.state() == SliceState::Running && last.subject() < timeline.threads.size()) {
        ask(timeline.threads[last.subject()]);
    }
    return until;
}

/// What /proc/stat says of the time that the run left free around a stretch.
struct Accounts {
    Nanos free = 0;
    double others = 0;
    double stolen = 0; ///< ns, as the others
};
std::optional<Accounts> accountsOf(const CoreInfo& core, TimeRange stretch)
{
    if (core.usage.empty() || core.usage.back().end < stretch.end) {
        return std::nullopt; // still to come
    }
    Accounts accounts;
    auto sample = std::partition_point(
        core.usage.begin(), core.usage.end(), [&stretch](const UsageSample& s) { return s.end <= stretch.begin; });
    for (; sample != core.usage.end() && sample->begin < stretch.end; ++sample) {
        const TimeRange range{sample->begin, sample->end};
        const Shares shares = core.track.shares(range);
        const Nanos own = std::accumulate(shares.begin() + 1, shares.end(), Nanos{0});
        const auto length = static_cast<double>(range.length());
        accounts.free += range.length() - own;
        accounts.others += std::max(0.0, static_cast<double>(sample->busy) * length - static_cast<double>(own));
        accounts.stolen += std::max(0.0, static_cast<double>(sample->stolen) * length);
    }
    return accounts;
}

/// All that ran of the run is on its rows.
bool ownIsWhole(const Timeline& timeline)
{
    return timeline.source == Source::Measured && timeline.lost.kernel == 0
        && std::none_of(timeline.unobserved.begin(), timeline.unobserved.end(),
            [](const UnobservedProcess& process) { return process.unrecorded; });
}

} // namespace

void appendOthers(Timeline& timeline, const Batch& batch)
{
    timeline.programs.insert(timeline.programs.end(), batch.programs.begin(), batch.programs.end());
    for (const OthersRun& run : batch.others) {
        const auto core = timeline.coreIndex(run.cpu);
        if (!core || run.begin < 0 || run.end > kLatestTime) {
            continue;
        }
        Track& track = timeline.cores[*core].others;
        const Nanos begin = track.empty() ? run.begin : std::max(run.begin, track.end());
        const bool somebody = run.program != OthersRun::kNobody;
        if (run.end <= begin || (somebody && run.program >= timeline.programs.size())) {
            continue;
        }
        if (!track.empty() && begin > track.end()) {
            track.append(track.end(), kUnknown);
        }
        track.append(
            begin, somebody ? SliceValue(SliceState::Running, Cause::Unknown, run.program, kOtherPrograms) : kFree);
        track.extendTo(run.end);
    }
}

OthersTime othersIn(const CoreInfo& core, TimeRange range)
{
    const Shares shares = core.others.shares(range);
    return {shares[kOtherPrograms], shares[kOtherPrograms] + shares[0]};
}

bool measuresOthers(const Timeline& timeline)
{
    return std::any_of(
        timeline.cores.begin(), timeline.cores.end(), [](const CoreInfo& core) { return !core.others.empty(); });
}

std::vector<UnseenGap> unseenGaps(const Timeline& timeline, std::size_t core, TimeRange range, Nanos least)
{
    std::vector<UnseenGap> gaps;
    if (!ownIsWhole(timeline)) {
        return gaps;
    }
    const CoreInfo& info = timeline.cores[core];
    const TimeRange known{
        std::max(range.begin, info.track.begin()), std::min({range.end, info.track.end(), timeline.end})};
    if (info.track.empty()) {
        return gaps;
    }
    forEachWide(info.track, known, std::max(least, kLeastGap), [&](TimeRange free, std::uint8_t) {
        const Nanos until = waitsUntil(timeline, core, free.begin);
        const TimeRange waited{free.begin, std::min(free.end, until)};
        forEachWide(info.others, waited, kLeastGap, [&](TimeRange gap, std::uint8_t category) {
            const std::optional<Accounts> accounts = accountsOf(info, gap);
            const auto length = static_cast<double>(gap.length());
            if (!accounts) {
                return;
            }
            const bool measured = category != kNotMeasured;
            const double accounted = accounts->others + accounts->stolen;
            if (measured || accounted < kHalf * static_cast<double>(accounts->free)) {
                gaps.push_back({gap, measured && accounts->stolen >= kHalf * length});
            }
        });
    });
    return gaps;
}

} // namespace timeslice
