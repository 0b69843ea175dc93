// How times read, in one place: three or four significant digits, the unit that keeps the number short.
#pragma once

#include "core/base/time.h"

#include <QString>
#include <vector>

namespace timeslice {

enum class TimeUnit : unsigned char { Nanoseconds, Microseconds, Milliseconds, Seconds };

Nanos nanosPer(TimeUnit unit);
QString unitName(TimeUnit unit); ///< "ns", "µs", "ms", "s"
/// The unit in which a length reads without leading zeros: 950 ns, 5.13 ms, 2.5 s.
TimeUnit unitFor(Nanos length);

/// "5.13 ms", "100.4 ms", "5 ms", "730 ns": two decimals below 10, one above, no trailing zeros.
QString formatDuration(Nanos length);
/// The number alone, in `unit`, as it stands in a bar: "5.2".
QString formatNumber(Nanos length, TimeUnit unit);
/// A moment, precise enough to tell moments apart that are `resolution` away from each other: "40.9 ms".
QString formatInstant(Nanos time, Nanos resolution);

struct TimeTick {
    double time = 0; ///< ns
    QString label;
};

/// Labelled moments of a time axis: steps of 1, 2 or 5 times a power of ten.
struct TimeTicks {
    TimeUnit unit = TimeUnit::Milliseconds;
    double step = 0; ///< ns
    std::vector<TimeTick> ticks; ///< ascending
    /// Zoomed in deep, labels count from this moment, which is written beside them: "40.9123 ms +". Else empty.
    QString base;
};

/// Ticks within [begin, end] ns, at most `maxTicks` of them (2 at least are asked for).
TimeTicks timeTicks(double begin, double end, int maxTicks);

/// What stands beside the name of a lock's row: "median hold 5.3 ms", of the lengths of its holds.
QString medianText(double millis, TimeUnit unit);
/// The unit of a time beside others, of which the longest is of `greatest` ms: about the same is of one unit.
TimeUnit unitBeside(double millis, double greatest);

} // namespace timeslice
