// The figures of a run's locks: who had to wait, how often and for how long. Pure functions of the model.
#pragma once

#include "core/analysis/chart.h"
#include "core/model/run_model.h"
#include "ui/widgets/fact_table.h"

#include <QString>
#include <cstddef>
#include <optional>
#include <vector>

namespace timeslice {

/// A lock of a variant: an index into VariantReport::locks, which is that into Timeline::locks.
struct LockRef {
    std::size_t variant = 0;
    std::size_t lock = 0;

    friend bool operator==(LockRef, LockRef) = default;
};

struct LockTable {
    QString title;
    std::vector<FactRow> rows;
    std::vector<std::optional<LockRef>> locks; ///< that a row is about, by row
};

/// What is to be told of each variant's locks: its GIL, or a single lock, in full; several others in one table, those
/// first that were waited for most often, at most `kMostLocks` and how many there are besides. `chosen` is marked.
std::vector<LockTable> lockTables(const RunModel& model, const std::optional<LockRef>& chosen = std::nullopt);
inline constexpr std::size_t kMostLocks = 8;

/// The lock that threads waited for longest, all waits together; nothing: nobody waited for any.
std::optional<LockRef> mostWaitedFor(const RunModel& model);

/// How long the holds of a lock, and the waits for it, lasted.
struct LockTimes {
    QString title;
    std::vector<FactRow> rows; ///< holds and waits side by side
    std::optional<Chart> chart; ///< both histograms on one logarithmic axis; nothing: no hold or wait has ended
};
/// nullopt: the run has no such lock, or nothing is known of its times (a report of before they were kept).
std::optional<LockTimes> lockTimes(const RunModel& model, const LockRef& ref);

/// "GIL held 99.7 % · 19 of 20 hand-offs asked for": of the variant whose GIL changed hands most, which is named if
/// others have one too. Where it has several, as with processes: "3 GILs held 98.1 % … 99.7 % · ...", all hand-offs
/// together. With the false alarms, if there were any. Empty if no GIL changed hands.
QString gilLine(const RunReport& report);

} // namespace timeslice
