// Chart: the numbers of a run, or of a series of runs, ready to be drawn: what stands where, and how it reads.
//
// Made anew from the report whenever that grows; O(points × JSON of a report).
#pragma once

#include "core/analysis/report.h"
#include "core/scenario/scenario.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace timeslice {

/// One number with its spread over the repetitions. In the axis's unit.
struct ChartCell {
    double value = 0;
    double low = 0; ///< the least and the greatest of all repetitions
    double high = 0;
    std::size_t count = 0; ///< repetitions; 0: there is none yet
    std::string text; ///< the value as it reads, with its unit; of words, those that were reported
    bool words = false; ///< what was reported is a text and no number
    bool sign = true; ///< of words: "ok" means that it went well, all else that it did not
    double whole = 0; ///< of a share: what is all of it, 1 or 100 (per cent); 0: it is no share
    double full = 0; ///< of a table's number: what a bar of the whole width stands for; 0: it has no bar
};

/// A law that was fitted to a line.
struct ChartFit {
    double serial = 0; ///< Amdahl's: the share that could not be shared
    std::vector<double> values; ///< by group; beyond the cores, what the law alone would give
};

struct ChartBin {
    double low = 0; ///< in it: low <= number < high; of the last one also number == high
    double high = 0;
    std::vector<std::uint64_t> counts; ///< by Chart::names
};

struct Chart {
    ChartSpec::Kind kind = ChartSpec::Kind::Bars;
    std::string title;
    std::string across; ///< the axis below, in words; may be empty
    std::string upward; ///< the axis of the numbers, in words with its unit
    std::string unit; ///< of the numbers
    bool logarithmic = false; ///< the numbers' axis
    bool durations = false; ///< of a histogram: the numbers are ms, and read as times ("20 µs")
    std::vector<ChartReference> references; ///< on the numbers' axis

    std::vector<std::string> names; ///< bars of a group, columns of the table, lines, rows of a histogram
    std::vector<std::string> groups; ///< groups of bars, rows of the table, values of the knob
    std::vector<std::vector<ChartCell>> cells; ///< [group][name]; not of a histogram

    std::vector<std::string>
        notRun; ///< of a table: the rows that are left out, as their variants could not be run here

    std::vector<double> at; ///< of a curve: the groups as numbers
    std::vector<double> ideal; ///< of a curve: by group; empty: none
    std::optional<std::size_t> bend; ///< of a curve: the group from which on the first line no longer gains
    std::optional<std::size_t> crossing; ///< of a curve: the group from which on the line `below` is below `above`
    std::size_t below = 0, above = 0; ///< names; of the crossing
    std::vector<std::optional<ChartFit>> fits; ///< of a curve: by name; empty: none

    std::vector<ChartBin> bins; ///< of a histogram
    std::size_t runs = 0; ///< of a histogram: how many numbers there are

    bool empty() const noexcept { return cells.empty() && bins.empty(); }
};

/// What a measure says of a run, in its unit; nullopt: the run was not made, did not report it, or nonsense (1e100 and
/// more).
std::optional<double> numberOf(const VariantReport& run, const ChartMeasure& measure);

/// What it says of a run where that is a text: of a table, "ok" or why not. nullopt: no text was reported.
std::optional<std::string> wordsOf(const VariantReport& run, const ChartMeasure& measure);

/// nullopt: the scenario, which must be resolved, has no chart. Without a single number: empty().
std::optional<Chart> chartOf(const Scenario& scenario, const RunReport& report);

/// A step of 1, 2 or 5 times a power of ten, so that `most` of them cover the length.
double niceStep(double length, int most);

} // namespace timeslice
