// SeriesSpec: a scenario that is a run of runs; ChartSpec: the picture that its numbers make.
//
// A point of a series is one run of one variant, at one value of the series' knob, the k-th of its repetitions. A
// scenario without a series is a series of one point for each variant.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace timeslice {

/// What is made of the numbers of all repetitions.
enum class Summary : unsigned char {
    Median, ///< by nearest rank: a number that was measured
    Least,
    Greatest,
    Distinct, ///< how many different numbers there are
    NonZero, ///< how many are not zero
    Count, ///< how many numbers there are: fewer than were planned, if the run was stopped
};

struct SeriesSpec {
    static constexpr std::size_t kMostValues = 64;
    static constexpr int kMostRepetitions = 1000;
    static constexpr std::size_t kMostPoints = 2000; ///< values × repetitions

    /// The knob that is stepped through; empty: repetitions only. What the viewer sets it to chooses the value whose
    /// timelines are kept.
    std::string knob;
    std::string label; ///< the knob's
    std::vector<std::string> values; ///< as setKnob() takes them, in the order in which they run; empty without a knob
    std::vector<double> numbers; ///< the same, as expressions see them: durations in microseconds
    int repeat = 1;

    std::size_t steps() const noexcept { return values.empty() ? 1 : values.size(); }
};

/// One number of each point.
struct ChartMeasure {
    std::string pointer; ///< a path into a variant's report, as of a Metric
    std::string overPointer; ///< divided by this one of the same report; empty = not divided
    std::string label; ///< "time to start"
    std::string unit; ///< behind the number: "ms"; may be empty
    double factor = 1; ///< from the report's unit to that one
    std::string format; ///< how it reads beside its bar, as VerdictSpec::format
    Summary of = Summary::Median;
    bool sign = true; ///< of a table: a text has a tick or a cross before it
};

/// A number that the points are to be compared with.
struct ChartReference {
    double value = 0; ///< in the axis's unit
    std::string text; ///< "right: 200,000"
};

struct ChartSpec {
    enum class Kind : unsigned char {
        Bars, ///< a group for each variant (or value of the knob), a bar for each measure (or variant)
        Histogram, ///< how often which number came out, over all repetitions
        Curve, ///< over the knob's values, a line for each variant
        Table, ///< a row for each variant, a column for each measure
    };
    Kind kind = Kind::Bars;
    std::string title; ///< "How often x ended where"
    std::string axis; ///< below: what the values of the knob are; the knob's label unless named
    std::vector<ChartMeasure> measures; ///< a histogram and a curve have one
    bool logarithmic = false; ///< the axis of the numbers
    bool relative = false; ///< a curve: how many times the number of the first value goes into it, a speedup
    std::optional<double> idealUntil; ///< a relative curve: drawn beside it, in proportion until this value, then level
    bool bend = false; ///< a curve: the value from which on it no longer rises (core/analysis/chart.h) is marked
    /// A curve: the variant that falls below the other one, and that other one; where it does is marked. Both or none.
    std::string crossing, crossed;
    bool fitAmdahl = false; ///< a relative curve: Amdahl's law is fitted to each line (core/analysis/amdahl.h)
    bool oneScale = false; ///< a table: the bars of all columns are to be compared, not only those of one unit
    bool rowsAreMeasures = false; ///< a table: turned over, a row for each measure, a column for each variant
    std::vector<ChartReference> references;
};

} // namespace timeslice
