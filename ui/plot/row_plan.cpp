#include "ui/plot/row_plan.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

namespace timeslice {

namespace {

constexpr std::size_t kMaxAbsorbed = 8;
constexpr double kAbsorbedPixels = 1.5;
constexpr double kResolvedPixels = 1.5; // the usual width of slices that the pixels' grid still tells apart
constexpr std::size_t kLooksAColumn = 4; // slices per column
constexpr std::size_t kFineSlices = 32; // per column: from there on columns are as even as they get

void add(Column& sum, const Column& column)
{
    sum.length += column.length;
    for (std::size_t category = 0; category < sum.shares.size(); ++category) {
        sum.shares[category] += column.shares[category];
    }
}

void subtract(Column& sum, const Column& column)
{
    sum.length -= column.length;
    for (std::size_t category = 0; category < sum.shares.size(); ++category) {
        sum.shares[category] -= column.shares[category];
    }
}

/// Each of the neighbouring columns [first, first + count) becomes the mean of `width` of them.
void boxFilter(Column* first, std::size_t count, std::size_t width, std::vector<Column>& scratch)
{
    scratch.assign(first, first + count);
    const std::size_t before = (width - 1) / 2;
    const std::size_t after = width - 1 - before;
    Column sum;
    for (std::size_t i = 0; i < std::min(count, after); ++i) {
        add(sum, scratch[i]);
    }
    for (std::size_t i = 0; i < count; ++i) {
        if (i + after < count) {
            add(sum, scratch[i + after]);
        }
        if (i > before) {
            subtract(sum, scratch[i - before - 1]);
        }
        first[i].length = sum.length;
        first[i].shares = sum.shares;
    }
}

/// Slices of about a pixel beat against the pixels' grid, and the picture would show stripes that are not in the run.
/// Such columns therefore show the mean of their neighbourhood: two box filters, whose first zero is the longest period
/// that columns can have (two slices that just miss being bars). What holds so many slices that the beat is too small
/// to see stays as it is.
void smooth(std::span<Column> columns, std::size_t slices, std::size_t width)
{
    thread_local std::vector<Column> scratch;
    if (slices < kFineSlices * columns.size()) {
        boxFilter(columns.data(), columns.size(), width, scratch);
        boxFilter(columns.data(), columns.size(), width, scratch);
    }
}

/// The part of a column by which it is chosen whose it is: neighbours get parts that are spread evenly.
double turnOf(int x)
{
    constexpr double kGoldenRatio = 0.6180339887498949;
    const double turns = x * kGoldenRatio;
    return turns - std::floor(turns);
}

/// Who has a column that several take turns in. Where these are too many to be seen one by one, each has as many
/// columns as it had of the time; where one has it alone, the column is that one's.
std::size_t ownerOf(const Column& column)
{
    const Nanos held = std::accumulate(column.shares.begin() + 1, column.shares.end(), Nanos{0});
    const auto at = static_cast<Nanos>(turnOf(column.x) * static_cast<double>(held));
    Nanos sum = 0;
    std::size_t owner = 0;
    for (std::size_t category = 1; category < column.shares.size() && sum <= at; ++category) {
        sum += column.shares[category];
        owner = column.shares[category] > 0 ? category : owner;
    }
    return owner;
}

/// Neighbouring columns become steps of `width` pixels, counted from the lane's left, of one height each: a smooth line
/// would read as a curve that something has measured. Whose a column is stays its own: a stretch of one owner that is
/// no multiple of a step would else get stripes of its neighbour.
void level(std::span<Column> columns, int left, int width, bool owners)
{
    for (std::size_t first = 0; first < columns.size();) {
        const int step = (columns[first].x - left) / width;
        std::size_t end = first;
        Column sum;
        for (; end < columns.size() && (columns[end].x - left) / width == step; ++end) {
            add(sum, columns[end]);
            if (owners) {
                columns[end].owner = static_cast<std::uint8_t>(ownerOf(columns[end]));
            }
        }
        for (; first < end; ++first) {
            columns[first].length = sum.length;
            columns[first].shares = sum.shares;
            columns[first].mean = true;
            if (owners && columns[first].owner == 0) { // nobody's by itself
                columns[first].owner = static_cast<std::uint8_t>(ownerOf(columns[first]));
            }
        }
    }
}

/// Whose it is, goes on after it.
bool isSame(SliceValue a, SliceValue b)
{
    return a.state() == b.state() && a.category() == b.category();
}

class Planner {
public:
    Planner(const Track& track, const TimeScale& scale, Nanos origin, double minBar, RowPlan& plan)
        : m_track(track)
        , m_scale(scale)
        , m_origin(origin)
        , m_minBar(minBar)
        , m_plan(plan)
        , m_x(scale.left)
        , m_exactUntil(scale.left)
    {
        plan.busy.assign(static_cast<std::size_t>(scale.right - scale.left), 0);
    }

    void run()
    {
        const Nanos from = columnTime(m_scale, m_origin, m_scale.left);
        std::size_t index = m_track.firstEndingAfter(from);
        if (index < m_track.size()) {
            m_x = std::max(m_x, clampedFloor(edge(m_track.slice(index).begin)));
        }
        while (index < m_track.size() && m_x < m_scale.right) {
            const Slice slice = m_track.slice(index);
            if (isWide(slice)) {
                addBusy(slice);
                addBar(index, slice);
                ++index;
            } else if (const auto next = absorbed(index)) {
                for (; index < *next; ++index) {
                    addBusy(m_track.slice(index));
                }
            } else {
                index = addColumns(index);
            }
        }
        if (m_exactUntil < m_scale.right) {
            sumUp(m_scale.right - 1); // a bar that rounds up to the lane's end leaves slices behind it unseen
        }
    }

private:
    double edge(Nanos t) const { return timeToPixel(m_scale, static_cast<double>(t - m_origin)); }
    int clampedRound(double x) const
    {
        return static_cast<int>(std::lround(std::clamp<double>(x, m_scale.left, m_scale.right)));
    }
    int clampedFloor(double x) const
    {
        return static_cast<int>(std::floor(std::clamp<double>(x, m_scale.left, m_scale.right)));
    }
    bool isWide(const Slice& slice) const
    {
        return static_cast<double>(slice.length()) >= m_minBar * m_scale.nanosPerPixel();
    }

    void addBar(std::size_t index, const Slice& slice)
    {
        const double begin = edge(slice.begin);
        const double end = edge(slice.end);
        const int x0 = std::max(m_x, clampedRound(begin));
        const int x1 = clampedRound(end);
        if (x1 <= x0) {
            return;
        }
        if (slice.value.state() != SliceState::Absent) {
            m_plan.bars.push_back({x0, x1, index, slice.value, begin >= m_scale.left - 0.5, end <= m_scale.right});
        }
        m_x = x1;
    }

    void sumUp(int x)
    {
        const Shares shares = m_track.shares({columnTime(m_scale, m_origin, x), columnTime(m_scale, m_origin, x + 1)});
        m_plan.busy[static_cast<std::size_t>(x - m_scale.left)] =
            std::accumulate(shares.begin() + 1, shares.end(), Nanos{0});
        m_exactUntil = x + 1;
    }

    /// Adds a slice's time to the columns that it touches, save those that a column of shares has summed up already.
    void addBusy(const Slice& slice)
    {
        if (slice.value.category() == 0) {
            return;
        }
        const int first = std::max(m_exactUntil, clampedFloor(edge(slice.begin)) - 1);
        const int last = std::min(m_scale.right - 1, clampedFloor(edge(slice.end)) + 1);
        Nanos from = first <= last ? columnTime(m_scale, m_origin, first) : 0;
        for (int x = first; x <= last; ++x) {
            const Nanos to = columnTime(m_scale, m_origin, x + 1);
            const Nanos overlap = std::min(slice.end, to) - std::max(slice.begin, from);
            m_plan.busy[static_cast<std::size_t>(x - m_scale.left)] += std::max<Nanos>(0, overlap);
            from = to;
        }
    }

    /// Where to go on if the short slices from `index` on vanish where two bars meet.
    std::optional<std::size_t> absorbed(std::size_t index) const
    {
        if (m_plan.bars.empty() || m_plan.bars.back().x1 != m_x) {
            return std::nullopt;
        }
        const SliceValue before = m_plan.bars.back().value;
        const double begin = edge(m_track.slice(index).begin);
        for (std::size_t i = index; i < m_track.size() && i < index + kMaxAbsorbed; ++i) {
            const Slice slice = m_track.slice(i);
            if (edge(slice.begin) - begin > kAbsorbedPixels) {
                return std::nullopt;
            }
            if (isWide(slice)) {
                const bool goesOn = slice.value.state() == SliceState::Running && isSame(before, slice.value);
                return goesOn ? std::nullopt : std::optional(i);
            }
            if (slice.value.state() == SliceState::Running) {
                return std::nullopt;
            }
        }
        return std::nullopt;
    }

    /// Columns from m_x on, until one ends within a slice that is wide enough for a bar. Returns that slice.
    std::size_t addColumns(std::size_t index)
    {
        const std::size_t before = m_plan.columns.size();
        const std::size_t next = fillColumns(index);
        const auto width = std::max<std::size_t>(2, static_cast<std::size_t>(std::lround(2 * m_minBar)));
        const std::span<Column> columns = std::span(m_plan.columns).subspan(before);
        if (columns.size() >= 2 * width && !resolved(index, next, columns.size())) {
            smooth(columns, next - index, width);
            level(columns, m_scale.left, static_cast<int>(width), m_plan.owners);
        }
        return next;
    }

    /// Whether most of the time of the slices [first, next) belongs to slices that the columns show one by one, as they
    /// are: threads that take turns look like that and not like a share.
    bool resolved(std::size_t first, std::size_t next, std::size_t columns) const
    {
        if (next - first > kLooksAColumn * columns) {
            return false;
        }
        double time = 0;
        double weighted = 0; // each slice's width counts as often as it is long
        for (std::size_t i = first; i < next; ++i) {
            const auto length = static_cast<double>(m_track.slice(i).length());
            time += length;
            weighted += length * length;
        }
        return weighted >= kResolvedPixels * m_scale.nanosPerPixel() * time;
    }

    std::size_t fillColumns(std::size_t index)
    {
        // The bar before gives up the pixel that it shares with the first short slice.
        const int first = std::max(m_scale.left, clampedFloor(edge(m_track.slice(index).begin)));
        if (first < m_x && !m_plan.bars.empty() && m_plan.bars.back().x1 == m_x && m_plan.bars.back().x0 < first) {
            m_plan.bars.back().x1 = first;
            m_x = first;
        }
        for (int x = std::max(m_exactUntil, first); x < m_x; ++x) {
            sumUp(x); // a bar has this column, short slices have a part of its time
        }
        Track::Cursor cursor(m_track);
        Nanos from = columnTime(m_scale, m_origin, m_x);
        while (m_x < m_scale.right) {
            const Nanos to = std::max(from, columnTime(m_scale, m_origin, m_x + 1));
            if (from >= m_track.end()) {
                return m_track.size();
            }
            Column& column = m_plan.columns.emplace_back();
            column.x = m_x;
            column.length = to - from;
            column.shares = cursor.advance(from, to);
            m_plan.busy[static_cast<std::size_t>(m_x - m_scale.left)] =
                std::accumulate(column.shares.begin() + 1, column.shares.end(), Nanos{0});
            m_exactUntil = m_x + 1;
            ++m_x;
            from = to;
            index = sliceAt(to, index, cursor.lastIndex());
            if (index >= m_track.size() || isWide(m_track.slice(index))) {
                return index;
            }
        }
        return index;
    }

    /// The slice that covers `t`, given two guesses that are not beyond it.
    std::size_t sliceAt(Nanos t, std::size_t guess, std::size_t better) const
    {
        if (t >= m_track.end()) {
            return m_track.size();
        }
        std::size_t i = std::max(guess, std::min(better, m_track.size() - 1));
        for (int steps = 0; steps < 4 && (i >= m_track.size() || m_track.slice(i).begin <= t); ++steps, ++i) {
            if (i >= m_track.size() || m_track.slice(i).end > t) {
                return i;
            }
        }
        return m_track.indexAt(t);
    }

    const Track& m_track;
    const TimeScale& m_scale;
    Nanos m_origin;
    double m_minBar;
    RowPlan& m_plan;
    int m_x; ///< first column that nothing is planned for yet
    int m_exactUntil; ///< up to here, busy times are final
};

} // namespace

Nanos columnTime(const TimeScale& scale, Nanos origin, int x)
{
    return origin + std::llround(pixelToTime(scale, x));
}

void planRow(const Track& track, const TimeScale& scale, Nanos origin, double minBar, RowPlan& plan)
{
    plan.clear();
    if (!track.empty() && scale.right > scale.left && scale.end > scale.begin) {
        Planner(track, scale, origin, minBar, plan).run();
    }
}

} // namespace timeslice
