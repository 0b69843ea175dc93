// Bars, lying, so that what they are called has room beside them.
#include "ui/chart/chart_frame.h"

#include <QFontMetrics>
#include <algorithm>

namespace timeslice {

namespace {

constexpr double kMostBarEms = 2.2;
constexpr double kLeastValueEm = 0.8; // from one bar to the next, where each has its number

class Bars : public ChartFrame {
public:
    using ChartFrame::ChartFrame;

    void paint()
    {
        QRect left = m_rect;
        paintHead(left, true);
        const int names = std::min(widest(m_chart.groups), left.width() * 2 / 5);
        const int axisRoom = lineHeight() * 2 + m_canvas.px(0.8);
        ChartAxis axis = numbers();
        const int texts = widestText() + m_canvas.px(0.8);
        QRect plot(left.left() + names + m_canvas.px(0.8), left.top(), 0, left.height() - axisRoom);
        plot.setRight(left.right() - texts);
        axis.from = plot.left();
        axis.to = plot.right();
        const auto groups = static_cast<int>(m_chart.groups.size());
        const auto bars = std::max(1, static_cast<int>(m_chart.names.size()));
        // No higher than it takes to see them.
        const int most = static_cast<int>(groups * (bars * kMostBarEms + 0.9) * m_canvas.em);
        plot.setHeight(std::min(plot.height(), most));
        paintHorizontal(plot, axis, true);
        for (int group = 0; group < groups; ++group) {
            const int top = plot.top() + plot.height() * group / groups;
            const int tall = plot.top() + plot.height() * (group + 1) / groups - top;
            paintGroup(static_cast<std::size_t>(group), QRect(plot.left(), top, plot.width(), tall), axis, names);
        }
        m_painter.fillRect(plot.left(), plot.top(), m_canvas.line(1), plot.height(), m_theme.grid);
        for (const ChartReference& reference : m_chart.references) {
            const double x = axis.pixel(reference.value);
            dashed({x, double(plot.top())}, {x, double(plot.bottom())}, m_theme.text);
        }
        const QString label = chartWords(m_chart.upward)
            + (m_chart.logarithmic ? QStringLiteral(" (logarithmic: each step is ten times the one before)")
                                   : QString());
        text(QRect(plot.left(), plot.bottom() + 1 + m_canvas.px(0.35) + lineHeight(), left.right() - plot.left(),
                 lineHeight()),
            Qt::AlignLeft | Qt::AlignVCenter, label, m_theme.mutedText);
    }

private:
    ChartAxis numbers() const
    {
        auto [low, high] = cellRange();
        for (const ChartReference& reference : m_chart.references) {
            high = std::max(high, reference.value);
        }
        return axisFor(m_chart.logarithmic ? low : std::min(0.0, low), high, m_chart.logarithmic);
    }

    int widestText() const
    {
        int most = 0;
        for (const std::vector<ChartCell>& row : m_chart.cells) {
            for (const ChartCell& cell : row) {
                most = std::max(most, widthOf(chartWords(cell.text)));
            }
        }
        return most;
    }

    void paintGroup(std::size_t group, const QRect& room, const ChartAxis& axis, int names)
    {
        text(QRect(m_rect.left(), room.top(), names, room.height()), Qt::AlignRight | Qt::AlignVCenter,
            chartWords(m_chart.groups[group]), m_theme.text);
        const std::vector<ChartCell>& row = m_chart.cells[group];
        const auto bars = std::max(1, static_cast<int>(row.size()));
        const int gap = std::min(room.height() / 6, m_canvas.px(0.5));
        const QRect inner = room.adjusted(0, gap, 0, -gap);
        for (int i = 0; i < static_cast<int>(row.size()); ++i) {
            const ChartCell& cell = row[static_cast<std::size_t>(i)];
            const int top = inner.top() + inner.height() * i / bars;
            const int tall = std::max(2, inner.top() + inner.height() * (i + 1) / bars - top - m_canvas.line(2));
            if (cell.count == 0) {
                text(QRect(axis.from + m_canvas.px(0.5), top, room.width(), tall), Qt::AlignLeft | Qt::AlignVCenter,
                    QStringLiteral("–"), m_theme.mutedText);
                continue;
            }
            const int end = static_cast<int>(std::lround(axis.pixel(cell.value)));
            paintBar(
                QRect(axis.from, top, std::max(m_canvas.line(2), end - axis.from), tall), static_cast<std::size_t>(i));
            int right = end;
            if (cell.count > 1 && cell.high > cell.low) {
                const int y = top + tall / 2;
                right = static_cast<int>(std::lround(axis.pixel(cell.high)));
                paintWhisker({static_cast<int>(std::lround(axis.pixel(cell.low))), y}, {right, y});
            }
            if (tall + m_canvas.line(2) >= m_canvas.px(kLeastValueEm)) { // else one number would lie on the next
                text(QRect(std::max(end, right) + m_canvas.px(0.5), top, widthOf(chartWords(cell.text)), tall),
                    Qt::AlignLeft | Qt::AlignVCenter, chartWords(cell.text), m_theme.text);
            }
        }
    }
};

} // namespace

void paintBars(const Canvas& canvas, const QRect& rect, const Chart& chart)
{
    Bars(canvas, rect, chart).paint();
}

} // namespace timeslice
