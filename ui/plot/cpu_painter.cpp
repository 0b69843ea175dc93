#include "ui/plot/cpu_painter.h"

#include "core/trace/core_others.h"
#include "ui/plot/core_others.h"
#include "ui/plot/row_plan.h"

#include <QImage>
#include <QPainterPath>
#include <QPolygonF>
#include <algorithm>
#include <cmath>

namespace timeslice {

namespace {

constexpr double kWindow = 5; // logical pixels over which the line is averaged
constexpr double kCoarseBar = 3; // device pixels from which slices are walked one by one
constexpr double kLineWidth = 1.6;
constexpr float kForeignFloor = 0.02F; // of a core: less than the accounts can tell

/// What of a core's sample was not this run's: shares of its interval. Of others, only where none were measured.
std::pair<float, float> foreignShares(const CoreInfo& core, const UsageSample& sample)
{
    if (2 * othersIn(core, {sample.begin, sample.end}).known > sample.end - sample.begin) {
        return {0.0F, std::max(0.0F, sample.stolen)};
    }
    const Shares shares = core.track.shares({sample.begin, sample.end});
    Nanos own = 0;
    for (std::size_t category = 1; category < shares.size(); ++category) {
        own += shares[category];
    }
    const float ownShare = static_cast<float>(own) / static_cast<float>(sample.end - sample.begin);
    return {std::max(0.0F, sample.busy - ownShare), std::max(0.0F, sample.stolen)};
}

/// What the usage samples of one core add to each column.
void addForeign(const CoreInfo& core, const TimeScale& scale, Nanos origin, CpuColumns& columns)
{
    const Nanos from = columnTime(scale, origin, scale.left);
    const Nanos to = columnTime(scale, origin, scale.right);
    const auto first = std::partition_point(
        core.usage.begin(), core.usage.end(), [from](const UsageSample& sample) { return sample.end <= from; });
    for (auto it = first; it != core.usage.end() && it->begin < to; ++it) {
        if (it->end <= it->begin) {
            continue;
        }
        const auto [others, stolen] = foreignShares(core, *it);
        if (others < kForeignFloor && stolen < kForeignFloor) {
            continue;
        }
        columns.anyForeign = true;
        const auto pixel = [&](Nanos t) {
            const double x = timeToPixel(scale, static_cast<double>(t - origin));
            return static_cast<int>(std::lround(std::clamp<double>(x, scale.left, scale.right))) - scale.left;
        };
        for (int x = pixel(it->begin); x < pixel(it->end); ++x) {
            columns.others[static_cast<std::size_t>(x)] += others;
            columns.stolen[static_cast<std::size_t>(x)] += stolen;
        }
    }
}

/// Adds to `sums` how long others ran on the core up to the end of each column, as measured; false: they were not.
bool addMeasured(const CoreInfo& core, const TimeScale& scale, Nanos origin, std::vector<double>& sums)
{
    if (core.others.empty()) {
        return false;
    }
    Nanos sum = 0;
    for (std::size_t i = 0; i + 1 < sums.size(); ++i) {
        const int x = scale.left + static_cast<int>(i);
        sum += othersIn(core, {columnTime(scale, origin, x), columnTime(scale, origin, x + 1)}).others;
        sums[i + 1] += static_cast<double>(sum);
    }
    return sum > 0;
}

struct Levels {
    double own = 0; ///< y of the top of each part
    double others = 0;
    double stolen = 0;
};

/// How much of pixel row [y, y + 1) lies at or below `level`.
double coverage(double y, double level)
{
    return std::clamp(y + 1 - level, 0.0, 1.0);
}

std::vector<Levels> levelsOf(const CpuColumns& columns, const QRect& lane, double cores)
{
    std::vector<Levels> levels(columns.own.size());
    const auto y = [&](double busy) { return lane.top() + lane.height() * (1 - std::clamp(busy / cores, 0.0, 1.0)); };
    for (std::size_t i = 0; i < levels.size(); ++i) {
        const double own = std::max(0.0F, columns.own[i]);
        levels[i] = {y(own), y(own + columns.others[i]), y(own + columns.others[i] + columns.stolen[i])};
    }
    return levels;
}

/// A dashed line at each whole core; the areas lie over it.
void paintGrid(const Canvas& canvas, QPainter& painter, const QRect& lane, int cores)
{
    if (cores < 2 || lane.height() / cores < canvas.px(0.6)) {
        return;
    }
    const int width = canvas.line(1);
    const int dash = canvas.line(3.5);
    for (int core = 1; core < cores; ++core) {
        const int y = lane.bottom() + 1 - lane.height() * core / cores - width / 2;
        for (int x = lane.left(); x < lane.right(); x += 2 * dash) {
            painter.fillRect(x, y, std::min(dash, lane.right() + 1 - x), width, canvas.theme->grid);
        }
    }
}

/// One column of the strip, from the first pixel that anything covers down to the lane's bottom.
class ColumnPainter {
public:
    ColumnPainter(const Canvas& canvas, const QRect& lane, QImage& strip)
        : m_lane(lane)
        , m_bits(reinterpret_cast<QRgb*>(strip.bits()))
        , m_stride(strip.bytesPerLine() / static_cast<qsizetype>(sizeof(QRgb)))
        , m_area(mix(canvas.theme->lane, canvas.theme->accent, 0.3).rgb())
        , m_others(othersColor(*canvas.theme).rgb())
        , m_line(canvas.theme->accent.rgb())
        , m_stolen(canvas.theme->warning.rgb())
        , m_stolenTile(hatchTile(canvas.theme->warning, canvas.unit))
    {
    }

    /// The line covers [lineTop, lineBottom) at `x` of the strip.
    void paint(int x, const Levels& at, double lineTop, double lineBottom)
    {
        const int bottom = m_lane.bottom() + 1;
        const int top = std::max(m_lane.top(), static_cast<int>(std::min(at.stolen, lineTop)));
        // Most of a column is the area alone.
        const int plain = std::clamp(static_cast<int>(std::ceil(std::max(at.own, lineBottom))), top, bottom);
        QRgb* pixel = m_bits + (top - m_lane.top()) * m_stride + x;
        for (int y = top; y < plain; ++y, pixel += m_stride) {
            *pixel = mixed(*pixel, x, y, at, lineTop, lineBottom);
        }
        for (int y = plain; y < bottom; ++y, pixel += m_stride) {
            *pixel = m_area;
        }
    }

private:
    QRgb mixed(QRgb color, int x, int y, const Levels& at, double lineTop, double lineBottom) const
    {
        if (at.stolen < at.others && coverage(y, at.stolen) > 0.5 && coverage(y, at.others) <= 0.5) {
            const auto* tile = reinterpret_cast<const QRgb*>(m_stolenTile.constScanLine(y % m_stolenTile.height()));
            const QRgb over = tile[(m_lane.left() + x) % m_stolenTile.width()];
            color = mixPixels(color, m_stolen, qAlpha(over) / 255.0);
        }
        if (at.others < at.own && coverage(y, at.others) > 0.5) {
            color = m_others;
        }
        const double area = coverage(y, at.own);
        const double line = std::clamp(std::min<double>(y + 1, lineBottom) - std::max<double>(y, lineTop), 0.0, 1.0);
        color = area > 0 ? mixPixels(color, m_area, area) : color;
        return line > 0 ? mixPixels(color, m_line, line) : color;
    }

    QRect m_lane;
    QRgb* m_bits;
    qsizetype m_stride;
    QRgb m_area;
    QRgb m_others;
    QRgb m_line;
    QRgb m_stolen;
    const QImage& m_stolenTile;
};

void paintPixels(
    const Canvas& canvas, const QRect& lane, const CpuColumns& columns, const std::vector<Levels>& levels, int cores)
{
    const double half = kLineWidth * canvas.unit / 2;
    thread_local QImage strip; // frame by frame the same size: fresh memory has to be cleared by the system
    if (strip.size() != lane.size()) {
        strip = QImage(lane.size(), QImage::Format_RGB32);
    }
    strip.fill(canvas.theme->lane);
    {
        QPainter painter(&strip);
        paintGrid(canvas, painter, strip.rect(), cores);
    }
    ColumnPainter column(canvas, lane, strip);
    for (int x = 0; x < lane.width(); ++x) {
        const auto i = static_cast<std::size_t>(x);
        if (columns.own[i] < 0) {
            continue;
        }
        const Levels& at = levels[i];
        // The line joins this column's level with the middle of the way to its neighbours'.
        const auto middle = [&](std::size_t j) { return columns.own[j] < 0 ? at.own : (at.own + levels[j].own) / 2; };
        const double before = x > 0 ? middle(i - 1) : at.own;
        const double after = x + 1 < lane.width() ? middle(i + 1) : at.own;
        column.paint(x, at, std::min({at.own, before, after}) - half,
            std::min<double>(std::max({at.own, before, after}) + half, lane.bottom() + 1));
    }
    canvas.painter->drawImage(lane.topLeft(), strip);
}

/// The outline of `level` over columns [first, last], with points only where it bends.
template <class Level> QPolygonF outline(const QRect& lane, std::size_t first, std::size_t last, Level level)
{
    QPolygonF line;
    for (std::size_t i = first; i <= last; ++i) {
        const QPointF point(lane.left() + static_cast<double>(i) + 0.5, level(i));
        const auto n = line.size();
        if (n >= 2 && line[n - 1].y() == line[n - 2].y() && line[n - 1].y() == point.y()) {
            line[n - 1] = point;
        } else {
            line.push_back(point);
        }
    }
    return line;
}

void paintShapes(
    const Canvas& canvas, const QRect& lane, const CpuColumns& columns, const std::vector<Levels>& levels, int cores)
{
    const Theme& theme = *canvas.theme;
    QPainter& painter = *canvas.painter;
    painter.fillRect(lane, theme.lane);
    paintGrid(canvas, painter, lane, cores);
    const auto area = [&](QPolygonF line, const QColor& color) {
        line.push_front(QPointF(line.first().x(), lane.bottom() + 1));
        line.push_back(QPointF(line.last().x(), lane.bottom() + 1));
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        painter.drawPolygon(line);
    };
    for (std::size_t first = 0; first < levels.size();) {
        if (columns.own[first] < 0) {
            ++first;
            continue;
        }
        std::size_t last = first;
        while (last + 1 < levels.size() && columns.own[last + 1] >= 0) {
            ++last;
        }
        if (columns.anyForeign) {
            area(outline(lane, first, last, [&](std::size_t i) { return levels[i].stolen; }),
                mix(theme.lane, theme.warning, 0.5));
            area(outline(lane, first, last, [&](std::size_t i) { return levels[i].others; }),
                othersColor(theme));
        }
        const QPolygonF line = outline(lane, first, last, [&](std::size_t i) { return levels[i].own; });
        area(line, mix(theme.lane, theme.accent, 0.3));
        painter.setPen(QPen(theme.accent, kLineWidth * canvas.unit));
        painter.setBrush(Qt::NoBrush);
        painter.drawPolyline(line);
        first = last + 1;
    }
}

} // namespace

CpuColumns cpuColumns(
    const Timeline& timeline, const TimeScale& scale, int window, std::span<const std::vector<Nanos>> planned)
{
    const auto count = static_cast<std::size_t>(std::max(0, scale.right - scale.left));
    CpuColumns columns;
    columns.own.assign(count, -1);
    columns.others.assign(count, 0);
    columns.stolen.assign(count, 0);
    const Nanos origin = originOf(timeline);
    // Running sums, in ns: of time that the cores were busy and of time that was recorded at all.
    std::vector<double> busy(count + 1, 0);
    std::vector<double> others(count + 1, 0);
    std::vector<double> known(count + 1, 0);
    bool anyMeasured = false;
    RowPlan plan;
    for (std::size_t c = 0; c < timeline.cores.size(); ++c) {
        const CoreInfo& core = timeline.cores[c];
        const bool ready = planned.size() == timeline.cores.size() && planned[c].size() == count;
        if (!ready) {
            planRow(core.track, scale, origin, kCoarseBar, plan);
        }
        const std::vector<Nanos>& times = ready ? planned[c] : plan.busy;
        double sum = 0;
        for (std::size_t i = 0; i < count && i < times.size(); ++i) {
            sum += static_cast<double>(times[i]);
            busy[i + 1] += sum;
        }
        addForeign(core, scale, origin, columns);
        anyMeasured = addMeasured(core, scale, origin, others) || anyMeasured;
    }
    columns.anyForeign = columns.anyForeign || anyMeasured;
    const Nanos begin = timeline.begin;
    const Nanos end = timeline.end;
    // Zoomed in below a nanosecond a pixel, a column alone may hold none.
    window = std::max(window, static_cast<int>(std::ceil(4 / scale.nanosPerPixel())));
    for (std::size_t i = 0; i < count; ++i) {
        const int x = scale.left + static_cast<int>(i);
        const Nanos from = std::max(begin, columnTime(scale, origin, x));
        const Nanos to = std::min(end, columnTime(scale, origin, x + 1));
        known[i + 1] = known[i] + static_cast<double>(std::max<Nanos>(0, to - from));
    }
    const auto before = static_cast<std::size_t>(std::max(0, (window - 1) / 2));
    const auto after = static_cast<std::size_t>(std::max(1, window) - 1) - before;
    for (std::size_t i = 0; i < count; ++i) {
        const int x = scale.left + static_cast<int>(i);
        const std::size_t from = i > before ? i - before : 0;
        const std::size_t to = std::min(count, i + after + 1);
        if (columnTime(scale, origin, x) >= end || columnTime(scale, origin, x + 1) < begin
            || known[to] <= known[from]) {
            continue; // nothing recorded here
        }
        columns.own[i] = static_cast<float>((busy[to] - busy[from]) / (known[to] - known[from]));
        columns.others[i] += static_cast<float>((others[to] - others[from]) / (known[to] - known[from]));
    }
    return columns;
}

ForeignLoad foreignLoad(const Timeline& timeline, TimeRange range)
{
    ForeignLoad load;
    for (const CoreInfo& core : timeline.cores) {
        for (const UsageSample& sample : core.usage) {
            if (sample.end > std::max(sample.begin, range.begin) && sample.begin < range.end) {
                const auto [others, stolen] = foreignShares(core, sample);
                load.others = load.others || others >= kForeignFloor;
                load.stolen = load.stolen || stolen >= kForeignFloor;
            }
        }
    }
    return load;
}

void paintCpu(const Canvas& canvas, const QRect& lane, const Timeline& timeline, const TimeScale& scale,
    std::span<const std::vector<Nanos>> busy)
{
    const auto cores = static_cast<double>(std::max<std::size_t>(1, timeline.cores.size()));
    const CpuColumns columns = cpuColumns(timeline, scale, canvas.line(kWindow), busy);
    const std::vector<Levels> levels = levelsOf(columns, lane, cores);
    if (canvas.vector) {
        paintShapes(canvas, lane, columns, levels, static_cast<int>(cores));
    } else {
        paintPixels(canvas, lane, columns, levels, static_cast<int>(cores));
    }
}

} // namespace timeslice
