#include "ui/plot/distribution.h"

#include "ui/plot/format_time.h"

#include <QFontMetrics>
#include <QLocale>
#include <algorithm>
#include <cmath>
#include <utility>

namespace timeslice {

namespace {

constexpr double kLaneEm = 4.4; // that shows its words
constexpr double kLaneGapEm = 0.8;
constexpr double kTopAir = 1.3; // of the highest step, for what the lines are called
constexpr double kLeastOfHeight = 0.3; // of the highest step of all, on one scale, that the highest of a lane must have
constexpr double kValueAxisEm = 3.4; // numbers, and what they are
constexpr double kLaneTitleEm = 1.9;
constexpr double kDifferenceEm = 2.9; // two lines
constexpr double kLaneLabelEm = 15;

QString millisText(double millis)
{
    return formatDuration(static_cast<Nanos>(std::llround(millis * static_cast<double>(kMillisecond))));
}

/// "0.6 % longer", "12 times as long".
QString comparedText(double ratio, const QString& longer, const QString& shorter)
{
    const auto number = [](double value) { return QString::number(value, 'f', value < 10 ? 1 : 0); };
    if (ratio >= 1.5) {
        return QStringLiteral("%1 times as %2").arg(number(ratio), longer);
    }
    if (ratio <= 1 / 1.5) {
        return QStringLiteral("%1 times as %2").arg(number(1 / ratio), shorter);
    }
    const double percent = std::abs(ratio - 1) * 100;
    if (percent < 0.05) {
        return QStringLiteral("the same");
    }
    return QStringLiteral("%1 % %2er").arg(number(percent), ratio > 1 ? longer : shorter);
}

QString differenceOfHolds(const Distribution& distribution, double ratio)
{
    const DistributionSeries& a = distribution.series[0];
    const DistributionSeries& b = distribution.series[1];
    if (ratio <= 0) {
        return {};
    }
    return QStringLiteral("Half of all holds are over within %1 and %2: %3 holds it %4.")
        .arg(millisText(a.median), millisText(b.median), a.title,
            comparedText(ratio, QStringLiteral("long"), QStringLiteral("short")));
}

QString differenceOfLatencies(const Distribution& distribution)
{
    const DistributionSeries& a = distribution.series.front();
    const DistributionSeries& b = distribution.series.back();
    if (a.p95 <= 0 || a.median <= 0) {
        return {};
    }
    return QStringLiteral("%1: half of all come within %2, 95 of 100 within %3. %4: %5 and %6.")
        .arg(a.title, millisText(a.median), millisText(a.p95), b.title, millisText(b.median), millisText(b.p95));
}

/// One under the other.
std::vector<std::vector<std::size_t>> lanesOf(const Distribution& distribution)
{
    std::vector<std::vector<std::size_t>> lanes;
    for (std::size_t i = 0; i < distribution.series.size(); ++i) {
        lanes.push_back({i});
    }
    return lanes;
}

std::uint64_t highestStep(const Distribution& distribution, const std::vector<std::size_t>& lane)
{
    std::uint64_t most = 0;
    for (const std::size_t series : lane) {
        for (const HistogramBin& bin : distribution.series[series].bins) {
            most = std::max(most, bin.count);
        }
    }
    return most;
}

/// Powers of ten within the axis, as ms.
std::vector<double> decades(const Distribution& distribution)
{
    std::vector<double> all;
    const int last = static_cast<int>(std::lround(std::log10(distribution.high)));
    for (int k = static_cast<int>(std::lround(std::log10(distribution.low))); k <= last; ++k) {
        all.push_back(std::pow(10.0, k));
    }
    return all;
}

class DistributionPainter {
public:
    DistributionPainter(const Canvas& canvas, const QRect& rect, const Distribution& distribution)
        : m_canvas(canvas)
        , m_painter(*canvas.painter)
        , m_theme(*canvas.theme)
        , m_distribution(distribution)
        , m_layout(layOutDistribution(canvas, rect, distribution))
    {
    }

    void paint()
    {
        m_painter.save();
        m_painter.setRenderHint(QPainter::Antialiasing, false);
        const int wide = paintText(m_canvas, m_layout.title, Qt::AlignLeft | Qt::AlignVCenter, m_distribution.subject,
            scaledFont(m_canvas, 1, true), m_theme.text);
        if (!m_layout.oneScale) {
            paintText(m_canvas, m_layout.title.adjusted(wide + m_canvas.px(0.8), 0, 0, 0),
                Qt::AlignLeft | Qt::AlignVCenter, QStringLiteral("each row to a scale of its own"),
                scaledFont(m_canvas, 0.92), m_theme.mutedText);
        }
        for (const DistributionLayout::Lane& lane : m_layout.lanes) {
            paintLane(lane);
        }
        paintAxis();
        if (m_layout.difference.isValid()) {
            m_painter.setFont(scaledFont(m_canvas, 1));
            m_painter.setPen(m_theme.text);
            m_painter.drawText(
                m_layout.difference, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextWordWrap, m_distribution.difference);
        }
        m_painter.restore();
    }

private:
    int x(double millis) const
    {
        return static_cast<int>(std::lround(millisToPixel(m_distribution, m_layout, millis)));
    }

    void paintLane(const DistributionLayout::Lane& lane)
    {
        m_painter.fillRect(lane.plot, m_theme.lane);
        for (const double decade : decades(m_distribution)) {
            if (decade > m_distribution.low && decade < m_distribution.high) {
                m_painter.fillRect(x(decade), lane.plot.top(), m_canvas.line(1), lane.plot.height(), m_theme.border);
            }
        }
        for (std::size_t i = 0; i < lane.series.size(); ++i) {
            paintSteps(lane, m_distribution.series[lane.series[i]]);
        }
        for (std::size_t i = 0; i < lane.series.size(); ++i) {
            paintMarks(lane, m_distribution.series[lane.series[i]]);
        }
        paintWords(lane);
    }

    int height(const DistributionLayout::Lane& lane, std::uint64_t count) const
    {
        const int tall = static_cast<int>(std::lround(static_cast<double>(count) / lane.top * lane.plot.height()));
        return count > 0 ? std::max(m_canvas.line(1.5), tall) : 0; // a single late one is not lost
    }

    void paintSteps(const DistributionLayout::Lane& lane, const DistributionSeries& series)
    {
        // Not in a thread's colour: those belong to the timeline, which may stand in the same figure.
        const QColor fill = mix(m_theme.lane, m_theme.accent, 0.75);
        const int bottom = lane.plot.bottom() + 1;
        for (const HistogramBin& bin : series.bins) {
            const int x0 = x(bin.low);
            const int tall = height(lane, bin.count);
            m_painter.fillRect(QRect(x0, bottom - tall, std::max(1, x(bin.high) - x0), tall), fill);
        }
        // The scale: how many the highest step stands for.
        const auto most = static_cast<std::uint64_t>(std::llround(lane.top / kTopAir));
        const QFont font = scaledFont(m_canvas, 0.8);
        const QString count =
            QStringLiteral("%1 %2%3").arg(QLocale(QLocale::English).toString(static_cast<qulonglong>(most)),
                m_distribution.noun, most == 1 ? "" : "s");
        const int y = bottom - static_cast<int>(std::lround(lane.plot.height() / kTopAir));
        m_painter.fillRect(lane.plot.left(), y, m_canvas.px(0.4), m_canvas.line(1), m_theme.grid);
        paintText(m_canvas,
            QRect(lane.plot.left() + m_canvas.px(0.6), y - m_canvas.px(0.2), m_canvas.px(8), m_canvas.px(1)),
            Qt::AlignLeft | Qt::AlignTop, count, font, m_theme.mutedText);
    }

    void paintMarks(const DistributionLayout::Lane& lane, const DistributionSeries& series)
    {
        const int width = m_canvas.line(1.6);
        const auto mark = [&](double millis, bool dashed) {
            const int at = x(millis) - width / 2;
            const int dash = dashed ? m_canvas.px(0.35) : lane.plot.height();
            for (int y = lane.plot.top(); y <= lane.plot.bottom(); y += 2 * dash) {
                m_painter.fillRect(at, y, width, std::min(dash, lane.plot.bottom() + 1 - y), m_theme.text);
            }
        };
        mark(series.p95, true);
        mark(series.median, false);
        // What the lines are, where both have room.
        const QFont font = scaledFont(m_canvas, 0.8);
        const QFontMetrics metrics(font);
        const QString median = QStringLiteral("median");
        const QString late = QStringLiteral("95 of 100");
        const int gap = m_canvas.px(0.3);
        const auto put = [&](int left, const QString& words) {
            paintText(m_canvas, QRect(left, lane.plot.top(), metrics.horizontalAdvance(words) + 1, metrics.height()),
                Qt::AlignLeft | Qt::AlignTop, words, font, m_theme.text);
        };
        // Away from each other, else behind each other, else under each other: never one over the other or a line.
        const int medianWidth = metrics.horizontalAdvance(median);
        const int lateWidth = metrics.horizontalAdvance(late);
        const int before = x(series.median) - gap - medianWidth;
        const int behind = x(series.p95) + gap;
        const int right = lane.plot.right();
        if (before >= lane.plot.left() + m_canvas.px(6)) { // clear of the scale
            put(before, median);
        } else if (x(series.median) + gap + medianWidth + gap <= x(series.p95)) {
            put(x(series.median) + gap, median);
        }
        if (behind + lateWidth <= right) {
            put(behind, late);
        } else if (x(series.p95) - gap - lateWidth >= x(series.median) + gap) {
            put(x(series.p95) - gap - lateWidth, late);
        }
    }

    void paintWords(const DistributionLayout::Lane& lane)
    {
        const QFont strong = scaledFont(m_canvas, 1, true);
        const QFont plain = scaledFont(m_canvas, 0.92);
        const int strongHeight = QFontMetrics(strong).height();
        const int plainHeight = QFontMetrics(plain).height();
        int y = lane.label.top();
        const auto put = [&](const QString& words, const QFont& font, int tall, const QColor& color) {
            if (y + tall <= lane.label.bottom() + m_canvas.px(0.5)) {
                paintText(m_canvas, QRect(lane.label.left(), y, lane.label.width(), tall),
                    Qt::AlignLeft | Qt::AlignVCenter, words, font, color);
                y += tall;
            }
        };
        for (std::size_t i = 0; i < lane.series.size(); ++i) {
            const DistributionSeries& series = m_distribution.series[lane.series[i]];
            put(series.title, strong, strongHeight, m_theme.text);
            put(QStringLiteral("median %1").arg(millisText(series.median)), plain, plainHeight, m_theme.text);
            put(QStringLiteral("95 of 100 within %1").arg(millisText(series.p95)), plain, plainHeight,
                m_theme.mutedText);
            const QString count = QLocale(QLocale::English).toString(static_cast<qulonglong>(series.count));
            put(QStringLiteral("%1 %2%3").arg(count, m_distribution.noun, series.count == 1 ? "" : "s"), plain,
                plainHeight, m_theme.mutedText);
            y += m_canvas.px(0.4);
        }
    }

    void paintAxis()
    {
        const QFont font = scaledFont(m_canvas, 0.92);
        const QFontMetrics metrics(font);
        m_painter.fillRect(
            m_layout.left, m_layout.axisTop, m_layout.right - m_layout.left, m_canvas.line(1), m_theme.grid);
        int free = 0;
        for (const double decade : decades(m_distribution)) {
            const int at = x(decade);
            m_painter.fillRect(at, m_layout.axisTop, m_canvas.line(1), m_canvas.px(0.4), m_theme.grid);
            for (int k = 2; k < 10 && decade < m_distribution.high; ++k) {
                m_painter.fillRect(x(k * decade), m_layout.axisTop, m_canvas.line(1), m_canvas.px(0.2), m_theme.grid);
            }
            const QString words = millisText(decade);
            const int width = metrics.horizontalAdvance(words);
            if (at - width / 2 >= free) {
                paintText(m_canvas,
                    QRect(at - width / 2, m_layout.axisTop + m_canvas.px(0.5), width + 1, metrics.height()),
                    Qt::AlignCenter, words, font, m_theme.mutedText);
                free = at + width / 2 + m_canvas.px(0.8);
            }
        }
        paintText(m_canvas,
            QRect(m_layout.left, m_layout.axisTop + m_canvas.px(0.6) + metrics.height(), m_layout.right - m_layout.left,
                metrics.height()),
            Qt::AlignCenter,
            QStringLiteral("%1, logarithmic: each step is ten times the one before").arg(m_distribution.axis), font,
            m_theme.mutedText);
    }

    const Canvas& m_canvas;
    QPainter& m_painter;
    const Theme& m_theme;
    const Distribution& m_distribution;
    DistributionLayout m_layout;
};

} // namespace

bool hasDistribution(const Scenario& scenario)
{
    return traitsOf(scenario.view).sample != Sample::None;
}

Distribution distributionOf(Sample sample, std::vector<DistributionSeries> series, double holdRatio)
{
    Distribution distribution;
    if (series.empty()) {
        return distribution;
    }
    const bool holds = sample == Sample::HoldTimes;
    distribution.subject = holds ? QStringLiteral("How long a thread held the GIL: number of holds by their length")
                                 : QStringLiteral("How late wake-ups came: number of wake-ups by their delay");
    distribution.axis = holds ? QStringLiteral("length of a hold") : QStringLiteral("delay of a wake-up");
    distribution.noun = holds ? QStringLiteral("hold") : QStringLiteral("wake-up");
    double least = 1e300;
    double most = 0;
    for (const DistributionSeries& one : series) {
        least = std::min(least, one.bins.front().low);
        most = std::max(most, one.bins.back().high);
    }
    distribution.series = std::move(series);
    distribution.low = std::pow(10.0, std::floor(std::log10(least) + 1e-9));
    distribution.high = std::pow(10.0, std::ceil(std::log10(most) - 1e-9));
    if (distribution.high <= distribution.low) {
        distribution.high = distribution.low * 10;
    }
    if (distribution.series.size() > 1) {
        distribution.difference =
            holds ? differenceOfHolds(distribution, holdRatio) : differenceOfLatencies(distribution);
    }
    return distribution;
}

double distributionEms(const Distribution& distribution)
{
    const auto lanes = static_cast<double>(lanesOf(distribution).size());
    return kLaneTitleEm + lanes * kLaneEm + (lanes - 1) * kLaneGapEm + kValueAxisEm
        + (distribution.difference.isEmpty() ? 0 : kDifferenceEm);
}

DistributionLayout layOutDistribution(const Canvas& canvas, const QRect& rect, const Distribution& distribution)
{
    DistributionLayout layout;
    const int label = std::min(canvas.px(kLaneLabelEm), rect.width() / 3);
    layout.left = rect.left() + label + canvas.px(1);
    layout.right = std::max(layout.left + 1, rect.right() + 1 - canvas.px(2));
    layout.title = QRect(rect.left(), rect.top(), rect.width(), canvas.px(kLaneTitleEm));
    int bottom = rect.bottom() + 1;
    if (!distribution.difference.isEmpty()) {
        layout.difference =
            QRect(rect.left(), bottom - canvas.px(kDifferenceEm), rect.width(), canvas.px(kDifferenceEm));
        bottom = layout.difference.top();
    }
    layout.axisTop = bottom - canvas.px(kValueAxisEm);
    const auto lanes = lanesOf(distribution);
    const int gap = canvas.px(kLaneGapEm);
    const int top = layout.title.bottom() + 1;
    const int count = static_cast<int>(lanes.size());
    const int room = layout.axisTop - top - gap * (count - 1);
    std::uint64_t least = UINT64_MAX;
    std::uint64_t greatest = 0;
    for (int i = 0; i < count; ++i) {
        DistributionLayout::Lane lane;
        lane.series = lanes[static_cast<std::size_t>(i)];
        const int y0 = top + room * i / count + gap * i;
        const int y1 = top + room * (i + 1) / count + gap * i;
        lane.label = QRect(rect.left(), y0, label, y1 - y0);
        lane.plot = QRect(layout.left, y0, layout.right - layout.left, y1 - y0);
        const std::uint64_t most = highestStep(distribution, lane.series);
        least = std::min(least, most);
        greatest = std::max(greatest, most);
        lane.top = std::max<double>(1, static_cast<double>(most)) * kTopAir;
        layout.lanes.push_back(std::move(lane));
    }
    layout.oneScale = count < 2 || static_cast<double>(least) >= kLeastOfHeight * static_cast<double>(greatest);
    for (DistributionLayout::Lane& lane : layout.lanes) {
        lane.top = layout.oneScale ? std::max<double>(1, static_cast<double>(greatest)) * kTopAir : lane.top;
    }
    return layout;
}

double millisToPixel(const Distribution& distribution, const DistributionLayout& layout, double millis)
{
    const double share = std::log10(std::max(millis, distribution.low) / distribution.low)
        / std::log10(distribution.high / distribution.low);
    return layout.left + std::min(share, 1.0) * (layout.right - layout.left);
}

double pixelToMillis(const Distribution& distribution, const DistributionLayout& layout, double pixel)
{
    const double share = (pixel - layout.left) / std::max(1, layout.right - layout.left);
    return distribution.low * std::pow(distribution.high / distribution.low, share);
}

void paintDistribution(const Canvas& canvas, const QRect& rect, const Distribution& distribution)
{
    DistributionPainter(canvas, rect, distribution).paint();
}

} // namespace timeslice
