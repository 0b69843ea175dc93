// Finds updates of a shared counter that were lost, from its recorded loads and stores.
//
// An update is a thread's load of a value and its next store, of that value plus one. It overwrites the updates of
// others exactly if the counter had moved on between the two. This is decided by values: until the first loss each
// value is stored once, so a value that is stored a second time, from a load of the same number, tells a loss, whatever
// the clocks of two cores say about the nanosecond. Time decides only who overwrote whom, and even that is corrected
// where a thread was interrupted between stamping an access and making it.
//
// An access is stamped right after it was made. A thread that was interrupted just then stamps it late; what the
// threads read next tells where it belongs, save that a count of many lost updates may be off by one or two. Accesses
// may be missing (only some were recorded, or a ring was full): a pair that does not fit is passed over, and equal
// values tell a loss only if the two updates can have been under way at once.
//
// A loss that is shown as a proof has to be seen in the record, not only concluded from it. firstCompleteLoss()
// therefore plays all accesses in the order of their stamps, and tells only of a loss where every value agrees:
//
//   thread A   load 41 ·························································· store 42      load ...
//   thread B              load 41   store 42   load 42   store 43   load 43 ...   ·            load 42 (or from there)
//              └─────────────────── nothing else but such updates ──────────────┘
//
// A stamp is the end of the interval in which its access was made; the thread's stamp before is the beginning. The load
// was made in its interval, but behind what the others had stored until then, as it read the last of that, and before
// their stores that follow. A thread is mostly interrupted while it reads the clock; then the load is stamped after
// the others' stores. It belongs before them if it read what its thread had stored just before: the others' stores then
// lie between that stamp and the overwriting store's (loadMade, window). That A's store came behind them is seen by
// what B reads next. (If only one update was lost, both stored the same and either may have been the last; there was a
// loss just the same.)
#pragma once

#include "core/trace/timeline.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace timeslice {

struct LostUpdate {
    CounterAccess staleLoad; ///< the overwriting thread's load
    CounterAccess overwritten; ///< the last store of the other thread that vanished
    CounterAccess overwrite; ///< the store that made it vanish
    std::int64_t updatesLost = 0; ///< how many updates vanished at once: overwritten.value - staleLoad.value
    TimeRange window; ///< from the stale load (or, if that was stamped late, from before it was made) to the overwrite
    TimeRange loadMade; ///< when the stale load was made: its stamp is the end, or later if it was stamped late; the
                        ///< beginning is unknown, and so the end, if it is the thread's first access
    bool overwrittenInTurn =
        false; ///< the other thread had read what it last stored before that was overwritten: coming
               ///< back, it went on from there, over what the overwriting thread did meanwhile
    bool complete = false; ///< the record shows every step of it, by time stamp and by value: firstCompleteLoss()
};

/// The first loss, in order of the overwriting store. O(accesses until then).
std::optional<LostUpdate> firstLostUpdate(const CounterInfo& counter);
/// The first loss between whose stale load and overwriting store every store that vanished lies, by time stamp and by
/// value, and nothing that disagrees; if there is such a one, one that was not overwritten in turn, and whose load was
/// not stamped late. O(accesses).
std::optional<LostUpdate> firstCompleteLoss(const CounterInfo& counter);
/// The first complete loss; if there is none, the first of all. O(accesses).
std::optional<LostUpdate> lossToShow(const CounterInfo& counter);
/// When an access was made, of which the stamp tells only the end: after the stamp of the thread's access before it,
/// and before its own. The thread's first access was made after the thread's start, or that of the recording.
/// O(accesses since then). (The stamps of different cores agree to some nanoseconds, and a store may take as long to
/// reach the other cores.)
TimeRange madeWithin(const CounterInfo& counter, std::size_t access, const Timeline& timeline);
/// Step by step: who loaded what, who stored over it. One sentence each: "Thread 1 read 41." Of a loss that is not
/// complete, one more says so.
std::vector<std::string> describe(const LostUpdate& loss, const CounterInfo& counter, const Timeline& timeline);

} // namespace timeslice
