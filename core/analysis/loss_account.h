// The account of a counter's lost updates: every loss that its record explains, and how many updates it took.
//
// Values say how many were lost. In a run that loses nothing each value is stored once. A value that is stored a second
// time, or one beyond where the counter ended, is an update too many: it, or the one before it, is lost. What this
// account finds is therefore never more than what was lost; the rest is what the record does not explain, because
// accesses are missing in it, or because nothing in it shows who overwrote.
//
// Who overwrote whom is told by a replay of the stores in the order of their stamps, against one cell of memory:
//
//   cell 44   thread A, which has read 41, stores 42:   42, 43 and 44 are gone, by this store
//   cell 42   the others store 43, 44 anew:             so the old 43 and 44 are gone for good
//   cell 42   thread B, which has read 44, stores 45:   the old 43 and 44 count after all; only one of the two 42 is
//   gone
//
// So a loss has two numbers: how far the counter fell at once, and how many of those updates are gone for good. The
// latter add up. The intervals of values that are gone, but not yet stored anew, lie on a stack, the nearest to the
// cell on top: O(1) an access, save for one look into a hash table.
//
// Updates need not count by 1: where all count by the same number, up or down, that is the unit in which values are
// counted here. Where they do not (deposits of different amounts), one value is reached in many ways, and no account is
// made; nor can a check that was out of date (an account that is overdrawn) be found here: no update is lost by it.
//
// Stamps of two cores disagree by some nanoseconds, and a thread may be interrupted before it stamps. A load that does
// not fit was made while the cell had its value, if that was since the thread's access before; or it has seen a store
// that is stamped later; else the counter got there by accesses that are not on record, and no loss is told of it.
#pragma once

#include "core/analysis/lost_updates.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace timeslice {

/// By indices into CounterInfo::accesses: there may be hundreds of thousands.
struct Loss {
    std::uint32_t load = 0; ///< the overwriting thread's
    std::uint32_t madeAt = 0; ///< behind which access that was made: `load`, or where it was stamped late, the store
                              ///< of the value that it read
    std::uint32_t overwritten = 0; ///< the last store that vanished, of another thread
    std::uint32_t overwrite = 0; ///< the store that made it vanish
    std::int64_t atOnce = 0; ///< how many updates vanished with it
    std::int64_t forGood = 0; ///< how many of them did not come back; at least 1
    std::int64_t step = 1; ///< by how much each update counts: LossAccount::step
    bool overwrittenInTurn = false; ///< the others went on from what they had in hand: it was overwritten itself
    bool complete = false; ///< as LostUpdate
};

/// By how much each update of the counter counts: what its threads' stores are beyond their loads, if that is one and
/// the same number and all values lie so far apart. Where accesses are missing a few may differ. Nothing: they count by
/// different amounts, and values do not tell how often each was reached. O(accesses).
std::optional<std::int64_t> stepOf(const CounterInfo& counter);

struct LossAccount {
    std::vector<Loss> losses; ///< by the overwriting store, ascending
    std::int64_t found = 0; ///< the sum of forGood: how many updates
    std::uint64_t complete = 0; ///< how many losses are
    std::optional<std::int64_t> step = 1; ///< stepOf(); nothing: no account can be made
};

/// `ended`: the counter's last value, where that is known; else that of its last store. Expected O(accesses), and at
/// most half as much memory as they take.
LossAccount accountLosses(const CounterInfo& counter, std::optional<std::int64_t> ended = {});

/// The loss with its accesses. O(accesses within it).
LostUpdate lostUpdate(const Loss& loss, const CounterInfo& counter);
/// As describe() of a LostUpdate, and what came of it where some of the updates came back.
std::vector<std::string> describe(const Loss& loss, const CounterInfo& counter, const Timeline& timeline);

/// One step of the interleaving that lost updates.
struct LossStep {
    enum class Kind : unsigned char {
        Load,
        Add, ///< in the thread's hand: nothing is recorded of it
        CountOn, ///< whole updates, up to `value`
        Store
    };
    Kind kind = Kind::Load;
    std::uint32_t thread = 0; ///< index into Timeline::threads; kSeveral: of more than one
    std::int64_t value = 0; ///< that is loaded, reached, or stored
    std::optional<Nanos> time; ///< its stamp; none of an Add
    bool lost = false; ///< what it did is gone
    static constexpr std::uint32_t kSeveral = 0xffffffff;
};
/// Load, add and store of the overwriting thread, and between them those of the first update that vanished, and how far
/// it went on, in the order in which they were made. Where the first that vanished is not on record, only how far they
/// came. O(accesses within the loss).
std::vector<LossStep> lossSteps(const Loss& loss, const CounterInfo& counter);

/// All losses of a run.
struct RunLosses {
    struct Entry {
        std::uint32_t counter = 0; ///< index into Timeline::counters
        Loss loss;
    };
    std::vector<Entry> all; ///< by counter, then as LossAccount
    std::size_t shown = 0; ///< the one to show first
};

/// A complete loss (lost_updates.h), and where it is.
struct CompleteLoss {
    LostUpdate loss;
    Loss place; ///< forGood is not known
};
/// All of them, in the order in which the record confirms them; each update counts by `step`. O(accesses).
std::vector<CompleteLoss> completeLosses(const CounterInfo& counter, std::int64_t step = 1);

} // namespace timeslice
