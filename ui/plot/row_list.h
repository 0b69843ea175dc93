// Which rows a picture has, top to bottom, before anybody knows how large it will be.
#pragma once

#include "core/base/time.h"
#include "ui/plot/process_groups.h"
#include "ui/plot/run_picture.h"

#include <QString>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace timeslice {

enum class RowKind : unsigned char {
    Heading,
    Core,
    Thread,
    Lock,
    Counter,
    Cpu,
    Process, ///< what its threads do, as one
    Memory, ///< of a process, over time
    Note, ///< a sentence in the place of a track that cannot be: why there is none
    Omitted, ///< a line in the place of rows that had no room: how many, and which are shown
};

/// What a row shows.
struct RowContent {
    RowKind kind = RowKind::Heading;
    std::size_t variant = 0;
    std::size_t track = 0; ///< index into Timeline::cores, threads (also of a process's first), locks or counters
    QString label; ///< whole; elided when painted
    int lanes = 1; ///< Counter: one per thread that touches it, at most kCounterLanes
    std::size_t group = 0; ///< rows of one kind and group stand close together: threads and locks of one process
    QString note = {}; ///< Note, Omitted: the sentence; Lock: its holds' median, which may stand beside the name
    bool inTree = false; ///< it stands in a tree of processes, `depth` steps from its edge
    int depth = 0;
    Fold fold = Fold::None;
    /// A process's row (its only thread's, or of kind Process), or its memory: its first thread, an index as `track`.
    std::optional<std::uint32_t> process = {};
    std::vector<std::uint32_t> threads = {}; ///< Process: whose running it shows

    friend bool operator==(const RowContent&, const RowContent&) = default;
};
inline constexpr int kCounterLanes = 4;

/// Which threads (indices, ascending) have a lane in a counter's row: those that touch it, at most kCounterLanes.
/// Looks at some thousand accesses spread over all, so that it may be called in each frame.
std::vector<std::uint32_t> counterThreads(const CounterInfo& counter);

struct RowOptions {
    /// Where rows would have to scroll, those are left out that prove nothing, then all variants but one get no more
    /// than a heading, and at last rows become lower (presentation: nobody scrolls).
    bool squeeze = false;
    bool auxiliary = false; ///< also threads that only coordinate
    bool cores = true;
    bool threads = true;
    bool locks = true;
    bool counters = true;
    bool cpu = true;
    bool memory = true; ///< where it is recorded
    bool groups = false; ///< processes are groups (process_groups.h); else they are where memory is shown
    Folds folds = {}; ///< of them
    /// The others have a heading only; nullopt: all have their rows.
    std::optional<std::size_t> onlyVariant = {};
    bool unfold = false; ///< processes of some threads, too, where the viewer did not fold them
    /// Of each variant's threads, and of its locks, and of its counters: those that matter most. They keep their order.
    std::size_t maxOfAKind = SIZE_MAX;
    /// Where it is only one more than that, that one has its row in place of the line that would say so.
    bool oneMore = true;
    std::vector<std::string> named = {}; ///< threads that have a row before all others
    /// How much threads of a name did in all variants together, so that of too many the same are shown in each. Made by
    /// describeRows().
    std::map<std::string, double> prominence = {};
    /// Of the variant: who is told of, whatever they did, as those who wait in a circle or lost an update.
    std::vector<std::uint32_t> told = {};
    /// When they did it, since the variant's start of work; nullopt: all the time.
    std::optional<TimeRange> section = {};
};

/// The threads, locks and counters that have a row, ascending. Of too many, the threads that are named, those whose
/// delays were measured or that were killed or came in place of one that was; then those that within the section ran,
/// or waited for a lock, longest, in all variants together and in this one (then those that lived in it longest); the
/// GILs (those of the threads' processes first) and the locks that were held longest; the counters that were touched
/// most often.
std::vector<std::size_t> shownThreads(const Timeline& timeline, const RowOptions& options);
std::vector<std::size_t> shownLocks(const Timeline& timeline, const RowOptions& options);
std::vector<std::size_t> shownCounters(const Timeline& timeline, const RowOptions& options);

/// `options`, and then with one kind of rows less each time, until only those are left that prove the point.
std::vector<RowOptions> withFewerKinds(const RowOptions& options, const std::vector<Evidence>& evidence);

/// Why the variant is not run here; empty if it is (Exit::Kind::NotRun).
QString notRunReason(const VariantPicture& variant);

/// "46 more threads not shown; these 4 are the busiest". `count`: at least 1. `noun`: of one. `shown`: 0 where those
/// that are shown were chosen for something else.
QString omittedText(std::size_t count, const QString& noun, std::size_t shown);

/// The rows of all variants, top to bottom: cores, threads and locks by their processes, counters, CPU. Below those of
/// a kind of which some have no row a line says so. Above so many
/// threads that the rows below them would be out of sight, those stand directly under the cores. A variant that has
/// not begun has a heading only; one that cannot run here a heading and the reason.
std::vector<RowContent> describeRows(std::span<const VariantPicture> variants, const RowOptions& options);
inline constexpr std::size_t kManyThreads = 8; ///< more of them stand below the rest of their variant
inline constexpr std::size_t kManyLocks = 8; ///< more of them stand below the threads, but for the GILs

/// What stands beside the name of a lock's row; in the unit of those of the other locks and variants that last about as
/// long.
QString medianHoldText(std::span<const VariantPicture> variants, double millis);

/// Where each variant's clock starts: its start of work.
Nanos originOf(const Timeline& timeline);

} // namespace timeslice
