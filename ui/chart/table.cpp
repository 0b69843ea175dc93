// A table: a row for each way, a column for each number, with a small bar that compares the column.
#include "ui/chart/chart_frame.h"

#include <QFontMetrics>
#include <algorithm>

namespace timeslice {

namespace {

constexpr double kMostRowEms = 3.2;

class Table : public ChartFrame {
public:
    using ChartFrame::ChartFrame;

    void paint()
    {
        QRect left = m_rect;
        paintHead(left, false);
        const auto columns = static_cast<int>(m_chart.names.size());
        const auto rows = static_cast<int>(m_chart.groups.size());
        const int names = std::min(widest(m_chart.groups) + m_canvas.px(1), left.width() * 2 / 5);
        const int gap = m_canvas.px(1.6);
        const int wide = (left.width() - names) / std::max(1, columns);
        const auto column = [&](int i) { return QRect(left.left() + names + i * wide + gap, 0, wide - gap, 0); };
        for (int i = 0; i < columns; ++i) {
            text(QRect(column(i).left(), left.top(), column(i).width(), lineHeight()), Qt::AlignLeft | Qt::AlignVCenter,
                chartWords(m_chart.names[static_cast<std::size_t>(i)]), m_theme.mutedText);
        }
        const int top = left.top() + lineHeight() + m_canvas.px(0.4);
        const int tall = std::min((left.bottom() + 1 - top) / std::max(1, rows), m_canvas.px(kMostRowEms));
        for (int row = 0; row < rows; ++row) {
            const int y = top + row * tall;
            m_painter.fillRect(left.left(), y, left.width(), m_canvas.line(1), m_theme.border);
            text(QRect(left.left(), y, names, tall), Qt::AlignLeft | Qt::AlignVCenter,
                chartWords(m_chart.groups[static_cast<std::size_t>(row)]), m_theme.text);
            for (int i = 0; i < columns; ++i) {
                paintCell(static_cast<std::size_t>(row), static_cast<std::size_t>(i),
                    QRect(column(i).left(), y, column(i).width(), tall));
            }
        }
    }

private:
    void paintCell(std::size_t row, std::size_t column, const QRect& room)
    {
        const ChartCell& cell = m_chart.cells[row][column];
        const QString words = cell.count > 0 ? chartWords(cell.text) : QStringLiteral("–");
        const int bar = m_canvas.px(0.5);
        const int top = room.center().y() - (lineHeight() + bar) / 2;
        text(QRect(room.left(), top, room.width(), lineHeight()), Qt::AlignLeft | Qt::AlignVCenter, words,
            cell.count > 0 ? m_theme.text : m_theme.mutedText);
        double most = 0;
        for (const std::vector<ChartCell>& other : m_chart.cells) {
            most = std::max(most, other[column].value);
        }
        if (cell.count > 0 && most > 0) {
            const int width = static_cast<int>(std::lround(std::max(0.0, cell.value) / most * room.width()));
            m_painter.fillRect(room.left(), top + lineHeight(), room.width(), bar, m_theme.lane);
            m_painter.fillRect(room.left(), top + lineHeight(), std::max(width, m_canvas.line(1)), bar, tone(0));
        }
    }
};

} // namespace

void paintTable(const Canvas& canvas, const QRect& rect, const Chart& chart)
{
    Table(canvas, rect, chart).paint();
}

} // namespace timeslice
