// What of a figure's signs can be seen in it, so that its legend names these and no others.
#pragma once

#include "core/trace/process_lives.h"
#include "ui/plot/core_others.h"
#include "ui/plot/run_picture.h"
#include "ui/plot/state_signs.h"
#include "ui/plot/timeline_geometry.h"

#include <QString>
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <tuple>
#include <vector>

namespace timeslice {

/// How much of each sign there is in a row, in columns of pixels.
struct RowTally {
    std::array<double, kSliceStates> states{}; ///< of a thread's row
    std::array<double, kSliceStates> widest{}; ///< the widest bar of each
    double folded = 0; ///< bars, others' and the host's parts that are lower than the row
    double others = 0;
    double stolen = 0;
    double outside = 0; ///< whatever is drawn beyond the work
    double foldedWaits = 0; ///< parts that wait for a core, above such a part
    bool median = false; ///< beside the lock's name
    bool ifCounted = false; ///< of a counter's row
    bool lostUpdate = false; ///< the same
    bool dropRequests = false;
    bool falseAlarms = false;
    bool memory = false;
    bool marks = false;
    bool born = false;
    bool execs = false;
    bool killed = false;
    bool reaped = false;
    std::map<QString, std::size_t> programs; ///< others on a core: looks that found them
    OthersShown measured; ///< of a core's row
    std::set<std::uint32_t> owners; ///< threads with a bar of their own in the row of a core or lock

    void add(const RowTally& row);
};

/// `canvas` without a painter, `rowHeight` in its pixels: less than one pixel of it is not seen. `lives`: the
/// variant's. O(pixels * log(slices)).
RowTally tallyRow(const Canvas& canvas, const VariantPicture& variant, const RowContent& row, const TimeScale& scale,
    double minBar, int rowHeight, std::span<const ProcessLife> lives);

/// Tallies rows, each of them once.
class FigureSigns {
public:
    /// `minBar`: see planRow().
    FigureSigns(std::span<const VariantPicture> variants, double minBar)
        : m_variants(variants)
        , m_minBar(minBar)
    {
    }

    /// Adds what these rows show at that scale.
    void look(const Canvas& canvas, const std::vector<RowContent>& rows, const TimeScale& scale, int rowHeight);
    void forget();

    /// What there is enough of that somebody who looks at the picture sees it. `least`: columns of pixels.
    SignContents contents(double least) const;
    /// The threads whose colours are seen: (variant, thread), ascending.
    const std::set<std::pair<std::size_t, std::uint32_t>>& owners() const noexcept { return m_owners; }

private:
    void lookForWakeUps(const std::vector<RowContent>& rows, const TimeScale& scale);

    using Key = std::tuple<RowKind, std::size_t, std::size_t, double, double>; ///< kind, variant, track, range
    std::span<const VariantPicture> m_variants;
    double m_minBar;
    std::map<Key, RowTally> m_known;
    std::map<std::size_t, std::vector<ProcessLife>> m_lives; ///< by variant

    RowTally m_sum;
    std::set<std::pair<std::size_t, std::uint32_t>> m_owners;
    bool m_wakeUps = false;
    bool m_cpu = false;
    bool m_coreLines = false;
    bool m_foldedRows = false;
    bool m_openRows = false;
    bool m_lockRows = false;
    bool m_onlyGilRows = true;
    bool m_severalCores = false;
    bool m_deadlock = false;
    bool m_locks = false;
    bool m_onlyGil = true;
};

} // namespace timeslice
