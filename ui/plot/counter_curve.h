// CounterCurve: a counter's value over time as a line, where its loads and stores are too many to be told apart, or
// only the level counts; and how it ends.
#pragma once

#include "core/trace/timeline.h"
#include "ui/plot/canvas.h"
#include "ui/plot/timeline_geometry.h"

#include <QRect>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace timeslice {

/// A counter that is counted up, as against a level that is set or goes up and down: each store is by one more than
/// what its thread has loaded before. The first accesses tell.
bool isCountedUp(const CounterInfo& counter);

/// Of one counter in one lane. What it refers to must live as long.
class CounterCurve {
public:
    /// Canvas::painter may be null where nothing is painted.
    CounterCurve(const Canvas& canvas, const QRect& lane, const Timeline& timeline, const CounterInfo& counter,
        const TimeScale& scale);

    /// There are too many loads and stores in sight to be told apart; or nothing is loaded, and it is the level that
    /// counts, such as that of a queue.
    bool isCurve() const;
    /// The value at the lane's upper edge: what there would be if each update counted.
    double top() const noexcept { return m_top; }
    /// The value at the lane's lower edge: 0, or what is below.
    double bottom() const noexcept { return m_bottom; }
    /// As a curve it has a second line, dashed, of what there would be if each update counted, and that is seen beside
    /// it.
    bool showsIfCounted() const;
    /// There are accesses, and none is a load.
    bool onlySet() const noexcept { return m_onlySet; }

    /// The value over time, beside what it would be if each update had counted. Where a level goes up and down within a
    /// pixel, between what it does is an area: a line would be one black block.
    void paint() const;
    /// The value at the lane's end, in the margin behind it: within the picture it would be read as the value there.
    void paintEnd() const;
    /// Whether neither of the two lines passes through.
    bool isClear(const QRect& box) const;

    double x(Nanos t) const { return timeToPixel(m_scale, static_cast<double>(t - m_origin)); }
    /// The accesses in sight: indices [first, second).
    std::pair<std::size_t, std::size_t> visible() const;

private:
    void findEnds();
    double first() const { return static_cast<double>(m_counter.accesses.front().value); }
    double updates(std::size_t accesses) const; ///< load and store
    /// Of the last store before access `to`, but not before `from`; else `otherwise`.
    double valueBefore(std::size_t to, std::size_t from, double otherwise) const;
    std::size_t indexFrom(Nanos t) const;
    double height(double value) const;
    /// Calls visit(column, accesses before it, accesses up to its end, its value there) for each that is known.
    template <class Visit> void forColumns(Visit visit) const;
    /// The least and the greatest of what was stored by accesses [from, to), if these differ.
    std::optional<std::pair<std::int64_t, std::int64_t>> peaksOf(std::size_t from, std::size_t to) const;

    const Canvas& m_canvas;
    QRect m_lane;
    const Timeline& m_timeline;
    const CounterInfo& m_counter;
    const TimeScale& m_scale;
    Nanos m_origin;
    bool m_countedUp;
    bool m_onlySet;
    double m_bottom = 0;
    double m_top = 1;
};

} // namespace timeslice
