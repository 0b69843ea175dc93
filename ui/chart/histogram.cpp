// A histogram: how often which number came out; a row for each name, one axis below all of them.
#include "ui/chart/chart_frame.h"

#include <QFontMetrics>
#include <algorithm>

namespace timeslice {

namespace {

class Histogram : public ChartFrame {
public:
    using ChartFrame::ChartFrame;

    void paint()
    {
        QRect left = m_rect;
        paintHead(left, false);
        text(QRect(left.left(), left.top(), left.width(), lineHeight()), Qt::AlignLeft | Qt::AlignVCenter,
            QStringLiteral("%1 (of %2)").arg(chartWords(m_chart.upward)).arg(m_chart.runs), m_theme.mutedText);
        // A line for what the references are called.
        left.setTop(left.top() + lineHeight() * (m_chart.references.empty() ? 1 : 2) + m_canvas.px(0.5));
        const int axisRoom = 2 * lineHeight() + m_canvas.px(0.8);
        const auto rows = std::max(1, static_cast<int>(m_chart.names.size()));
        const int gap = m_canvas.px(1.2);
        const int tall = (left.height() - axisRoom - gap * (rows - 1)) / rows;
        ChartAxis across;
        across.low = m_chart.bins.front().low;
        across.high = m_chart.bins.back().high;
        across.durations = m_chart.durations;
        across.logarithmic = m_chart.logarithmic && across.low > 0;
        ChartAxis counts = axisFor(0, static_cast<double>(mostInABin()), false);
        counts.whole = true;
        const int names = rows > 1 ? std::min(widest(m_chart.names), left.width() / 4) + m_canvas.px(1) : 0;
        for (int row = 0; row < rows; ++row) {
            QRect plot(0, left.top() + row * (tall + gap), 0, std::max(1, tall));
            plot.setLeft(left.left() + names + tickWidth(counts) + m_canvas.px(0.8));
            plot.setRight(left.right() - m_canvas.px(1.5));
            across.from = plot.left();
            across.to = plot.right();
            if (names > 0) {
                text(QRect(left.left(), plot.top(), names, plot.height()), Qt::AlignLeft | Qt::AlignVCenter,
                    chartWords(m_chart.names[static_cast<std::size_t>(row)]), m_theme.text);
            }
            paintRow(static_cast<std::size_t>(row), plot, across, counts);
            if (row + 1 == rows) {
                paintHorizontal(plot, across, false);
                text(QRect(
                         plot.left(), plot.bottom() + 1 + m_canvas.px(0.35) + lineHeight(), plot.width(), lineHeight()),
                    Qt::AlignHCenter | Qt::AlignVCenter,
                    chartWords(m_chart.across) + (across.logarithmic ? QStringLiteral(" (logarithmic)") : QString()),
                    m_theme.mutedText);
            }
        }
        paintReferences(across, QRect(left.left(), left.top(), left.width(), rows * (tall + gap) - gap));
    }

private:
    std::uint64_t mostInABin() const
    {
        std::uint64_t most = 1;
        for (const ChartBin& bin : m_chart.bins) {
            most = std::max(most, *std::max_element(bin.counts.begin(), bin.counts.end()));
        }
        return most;
    }

    void paintRow(std::size_t row, const QRect& plot, const ChartAxis& across, ChartAxis counts)
    {
        counts.from = plot.bottom();
        counts.to = plot.top() + lineHeight(); // above the highest bar its number has room
        paintVertical(plot, counts);
        for (const ChartBin& bin : m_chart.bins) {
            if (bin.counts[row] == 0) {
                continue;
            }
            const int x0 = static_cast<int>(std::lround(across.pixel(bin.low))) + m_canvas.line(1);
            const int x1 = static_cast<int>(std::lround(across.pixel(bin.high))) - m_canvas.line(1);
            const int top = static_cast<int>(std::lround(counts.pixel(static_cast<double>(bin.counts[row]))));
            paintBar(QRect(x0, top, std::max(2, x1 - x0), plot.bottom() + 1 - top), 0);
            const QString count = QString::number(bin.counts[row]);
            if (widthOf(count) <= x1 - x0 + m_canvas.px(0.4)) {
                text(QRect(x0 - m_canvas.px(0.3), top - lineHeight(), x1 - x0 + m_canvas.px(0.6), lineHeight()),
                    Qt::AlignHCenter | Qt::AlignVCenter, count, m_theme.text);
            }
        }
        m_painter.fillRect(plot.left(), plot.bottom(), plot.width(), m_canvas.line(1), m_theme.grid);
    }

    void paintReferences(const ChartAxis& across, const QRect& room)
    {
        for (const ChartReference& reference : m_chart.references) {
            if (reference.value < across.low || reference.value > across.high) {
                continue;
            }
            const double x = across.pixel(reference.value);
            dashed({x, double(room.top())}, {x, double(room.bottom())}, m_theme.text, 2);
            const QString words = chartWords(reference.text);
            const int width = widthOf(words);
            const int begin = std::clamp(static_cast<int>(x) - width / 2, room.left(), room.right() - width);
            text(QRect(begin, room.top() - lineHeight() - m_canvas.px(0.1), width, lineHeight()),
                Qt::AlignHCenter | Qt::AlignVCenter, words, m_theme.text);
        }
    }
};

} // namespace

void paintHistogram(const Canvas& canvas, const QRect& rect, const Chart& chart)
{
    Histogram(canvas, rect, chart).paint();
}

} // namespace timeslice
