// Hand-offs: when a lock went from one thread to another, and why the first let go of it.
//
// The track of a lock says why each hold ended as its holder recorded it. One reason cannot be known at that moment:
// that the thread was about to end. It is decided here, and only here, for reports, pictures and exports alike.
#pragma once

#include "core/trace/timeline.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace timeslice {

/// `from` let go of the lock at `released`; `to` was the next to take it, at `acquired`. The lock was free in between.
struct Handoff {
    Nanos released = 0;
    Nanos acquired = 0;
    std::uint32_t from = 0; ///< index into Timeline::threads
    std::uint32_t to = 0; ///< never `from`: a thread that takes the lock again has handed it to nobody
    std::optional<ReleaseReason> reason; ///< nullopt: the recording does not say (its event was lost)
};

/// A thread that lets go of a GIL because it ends has done with standing still; what it waits for on its way out (the
/// kernel's lock on its address space, to give back its stack) takes less than this. A thread that died in a sleep has
/// let go for the sleep.
inline constexpr Nanos kLeavingStandstill = kMillisecond;
/// Nor does it compute any more; what it runs on its way out takes less than this.
inline constexpr Nanos kLeavingWork = 10 * kMillisecond;

/// Why the hold that is slice `hold` of the track of `lock` ended. Nullopt while it lasts, if the recording does not
/// say, or if that slice is no hold.
///
/// As recorded, but for ReleaseReason::Exit: that is the voluntary release of a GIL after which the thread did not take
/// it again and went on to its end at once (kLeavingStandstill, kLeavingWork; on inferred tracks, where neither is
/// known that closely, to its end). While the run is live a release may turn out to be one by Exit later, when the
/// thread has ended. O(log n), and for a thread that has ended within kLeavingWork the slices of that time.
std::optional<ReleaseReason> releaseReason(const Timeline& timeline, std::uint32_t lock, std::size_t hold);

/// The cause of slice `slice` of the lock's track as it is to be told: the track's own, save that the free time after a
/// hold that ended by ReleaseReason::Exit has Cause::ReleasedAtExit.
Cause toldCause(const Timeline& timeline, std::uint32_t lock, std::size_t slice);

/// The hand-off that ended the hold, or nullopt: it lasts, nobody has taken the lock since, or the same thread did.
/// `slice` is the index of a hold or of the time after it in which the lock was free. Cost as releaseReason().
std::optional<Handoff> handoffAfter(const Timeline& timeline, std::uint32_t lock, std::size_t slice);
/// The hand-off by which the hold began. `slice` is the index of a hold; in free time: nullopt.
std::optional<Handoff> handoffBefore(const Timeline& timeline, std::uint32_t lock, std::size_t slice);
/// Those of which some part [released, acquired] lies in `range`, ascending; the first `most` of them.
std::vector<Handoff> handoffsIn(
    const Timeline& timeline, std::uint32_t lock, TimeRange range, std::size_t most = SIZE_MAX);

/// For a person: "asked for after the switch interval", "given up freely", "its thread ended", "its holder was killed";
/// "" for nullopt.
std::string_view reasonText(std::optional<ReleaseReason> reason) noexcept;

} // namespace timeslice
