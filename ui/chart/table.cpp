// A table: a row for each way, a column for each number, with a small bar that compares it with all of its unit, or
// says how much of the whole a share is; or a text with a sign that says whether it went well.
#include "ui/chart/chart_frame.h"
#include "ui/text/free_text.h"
#include "ui/text/number_text.h"

#include <QFontMetrics>
#include <QPen>
#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

namespace timeslice {

namespace {

constexpr double kMostRowEms = 3.2;
constexpr double kMostWordsRowEms = 6;
constexpr int kMostLines = 5;
constexpr std::array<double, 3> kWordSizes{0.84, 0.77, 0.7}; ///< of texts in cells
constexpr int kMostHeadLines = 2;

bool wentWell(const ChartCell& cell)
{
    return cell.text == "ok";
}

class Table : public ChartFrame {
public:
    Table(const Canvas& canvas, const QRect& rect, const Chart& chart)
        : ChartFrame(canvas, rect, chart)
        , m_columns(static_cast<int>(chart.names.size()))
        , m_rows(static_cast<int>(chart.groups.size()))
        , m_words(hasWords(chart))
        , m_names(std::min(widest(chart.groups) + canvas.px(1), rect.width() * 2 / 5))
    {
        weighColumns();
        for (int i = 0; i < m_columns; ++i) {
            m_headLines = std::max(m_headLines, static_cast<int>(columnHead(i).size()));
        }
        m_top = rect.top() + headHeight() + m_headLines * lineHeight() + canvas.px(0.4);
        const int below = !m_chart.notRun.empty() ? lineHeight() + canvas.px(0.4) : 0;
        m_tall = std::min((rect.bottom() + 1 - m_top - below) / std::max(1, m_rows),
            canvas.px(m_words ? kMostWordsRowEms : kMostRowEms));
    }

    void paint()
    {
        QRect left = m_rect;
        paintHead(left, false);
        for (int i = 0; i < m_columns; ++i) {
            const QRect head = cell(0, i);
            const QStringList lines = columnHead(i);
            int y = left.top() + (m_headLines - static_cast<int>(lines.size())) * lineHeight();
            for (const QString& line : lines) {
                text(QRect(head.left(), y, head.width(), lineHeight()), Qt::AlignLeft | Qt::AlignVCenter, line,
                    m_theme.mutedText);
                y += lineHeight();
            }
        }
        for (int row = 0; row < m_rows; ++row) {
            const int y = m_top + row * m_tall;
            m_painter.fillRect(m_rect.left(), y, m_rect.width(), m_canvas.line(1), m_theme.border);
            text(QRect(m_rect.left(), y, m_names, m_tall), Qt::AlignLeft | Qt::AlignVCenter,
                chartWords(m_chart.groups[static_cast<std::size_t>(row)]), m_theme.text);
            for (int i = 0; i < m_columns; ++i) {
                const ChartCell& content = at(row, i);
                if (content.words) {
                    paintWords(content, cell(row, i));
                } else {
                    paintNumber(static_cast<std::size_t>(row), static_cast<std::size_t>(i), cell(row, i));
                }
            }
        }
        paintNotRun();
    }

    void paintNotRun()
    {
        if (!m_chart.notRun.empty()) {
            const QRect room(m_rect.left(), m_top + m_rows * m_tall + m_canvas.px(0.4), m_rect.width(), lineHeight());
            text(room, Qt::AlignLeft | Qt::AlignVCenter, notRunWords(room.width()), m_theme.mutedText);
        }
    }

    /// By name where there is room for the names.
    QString notRunWords(int width) const
    {
        QStringList titles;
        for (const std::string& title : m_chart.notRun) {
            titles << chartWords(title);
        }
        const QString named = tr("Not run here: %1").arg(titles.join(QStringLiteral("; ")));
        if (QFontMetrics(small()).horizontalAdvance(named) <= width) {
            return named;
        }
        return titles.size() == 1
            ? tr("One more was not run here")
            : tr("%1 more were not run here").arg(countText(static_cast<std::int64_t>(titles.size())));
    }

    QString textAt(const QPoint& point) const
    {
        for (int row = 0; row < m_rows; ++row) {
            for (int i = 0; i < m_columns; ++i) {
                if (cell(row, i).contains(point) && at(row, i).words) {
                    return QStringLiteral("%1, %2: %3")
                        .arg(chartWords(m_chart.groups[static_cast<std::size_t>(row)]),
                            chartWords(m_chart.names[static_cast<std::size_t>(i)]), chartWords(at(row, i).text));
                }
            }
        }
        return {};
    }

private:
    int headHeight() const { return QFontMetrics(strong()).height() + m_canvas.px(0.3); }
    QRect cell(int row, int column) const
    {
        const auto edge = [this](int before) {
            const int shares = std::accumulate(m_shares.begin(), m_shares.begin() + before, 0);
            return m_rect.left() + m_names + (m_rect.width() - m_names) * shares / m_allShares;
        };
        const int left = edge(column) + gap();
        return {left, m_top + row * m_tall, edge(column + 1) - left, m_tall};
    }
    int gap() const { return m_canvas.px(m_words ? 0.8 : 1.6); }

    /// Texts that are too long for a line of a column like all others get twice the width.
    void weighColumns()
    {
        const int line = (m_rect.width() - m_names) / std::max(1, m_columns) - gap();
        const QFontMetrics metrics(small());
        for (int i = 0; i < m_columns; ++i) {
            bool isLong = false;
            for (int row = 0; row < m_rows; ++row) {
                isLong = isLong || (at(row, i).words && metrics.horizontalAdvance(chartWords(at(row, i).text)) > line);
            }
            m_shares.push_back(isLong ? 2 : 1);
        }
        m_allShares = std::max(1, std::accumulate(m_shares.begin(), m_shares.end(), 0));
    }
    const ChartCell& at(int row, int column) const
    {
        return m_chart.cells[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)];
    }

    QStringList columnHead(int column) const
    {
        return wrapped(chartWords(m_chart.names[static_cast<std::size_t>(column)]), cell(0, column).width(),
            kMostHeadLines, m_canvas.font);
    }

    /// As many lines as there is room for; what is left of the text is elided in the last.
    static QStringList wrapped(const QString& words, int width, int most, const QFont& font)
    {
        const QFontMetrics metrics(font);
        QStringList lines;
        QString line;
        for (const QString& word : words.split(u' ', Qt::SkipEmptyParts)) {
            const QString longer = line.isEmpty() ? word : line + u' ' + word;
            if (line.isEmpty() || lines.size() + 1 >= most || metrics.horizontalAdvance(longer) <= width) {
                line = longer;
                continue;
            }
            lines << line;
            line = word;
        }
        return lines << line;
    }

    void paintWords(const ChartCell& content, const QRect& room)
    {
        const int side = m_canvas.px(0.8);
        const QRect beside = content.sign ? room.adjusted(side + m_canvas.px(0.5), 0, 0, 0) : room;
        QFont font = small();
        QStringList lines;
        int tall = 0;
        for (const double size : kWordSizes) { // the largest in which all of it can be read
            font = scaledFont(m_canvas, size);
            const QFontMetrics metrics(font);
            tall = metrics.height();
            lines = wrapped(chartWords(content.text), beside.width(),
                std::clamp((room.height() - m_canvas.px(0.3)) / tall, 1, kMostLines), font);
            if (metrics.horizontalAdvance(lines.back()) <= beside.width()) {
                break;
            }
        }
        int y = room.center().y() - static_cast<int>(lines.size()) * tall / 2;
        if (content.sign) {
            paintSign(QRect(room.left(), y + (tall - side) / 2, side, side), wentWell(content));
        }
        for (const QString& line : lines) {
            paintText(m_canvas, QRect(beside.left(), y, beside.width(), tall), Qt::AlignLeft | Qt::AlignVCenter, line,
                font, m_theme.text);
            y += tall;
        }
    }

    /// A tick or a cross: told apart by shape as well as by colour.
    void paintSign(const QRect& room, bool well)
    {
        const QRectF box(room);
        m_painter.save();
        m_painter.setRenderHint(QPainter::Antialiasing, true);
        QPen pen(well ? m_theme.good : m_theme.bad, m_canvas.line(2));
        pen.setCapStyle(Qt::RoundCap);
        m_painter.setPen(pen);
        const auto at = [&](double x, double y) {
            return QPointF(box.left() + x * box.width(), box.top() + y * box.height());
        };
        if (well) {
            m_painter.drawLine(at(0.05, 0.55), at(0.38, 0.9));
            m_painter.drawLine(at(0.38, 0.9), at(0.95, 0.15));
        } else {
            m_painter.drawLine(at(0.15, 0.15), at(0.85, 0.85));
            m_painter.drawLine(at(0.85, 0.15), at(0.15, 0.85));
        }
        m_painter.restore();
    }

    void paintNumber(std::size_t row, std::size_t column, const QRect& room)
    {
        const ChartCell& cell = m_chart.cells[row][column];
        const QString words = cell.count > 0 ? chartWords(cell.text) : QStringLiteral("–");
        const int bar = m_canvas.px(0.5);
        const int top = room.center().y() - (lineHeight() + bar) / 2;
        text(QRect(room.left(), top, room.width(), lineHeight()), Qt::AlignLeft | Qt::AlignVCenter, words,
            cell.count > 0 ? m_theme.text : m_theme.mutedText);
        if (cell.count > 0 && cell.full > 0) {
            const double share = std::clamp(cell.value / cell.full, 0.0, 1.0);
            const int width = static_cast<int>(std::lround(share * room.width()));
            m_painter.fillRect(room.left(), top + lineHeight(), room.width(), bar, m_theme.lane);
            if (cell.value > 0) {
                m_painter.fillRect(room.left(), top + lineHeight(), std::max(width, m_canvas.line(1)), bar, tone(0));
            }
        }
    }

    QFont small() const { return scaledFont(m_canvas, kWordSizes.front()); }

    int m_columns;
    int m_rows;
    bool m_words;
    int m_names; ///< width of the names of the rows
    std::vector<int> m_shares; ///< of the width, by column
    int m_allShares = 1;
    int m_headLines = 1;
    int m_top = 0; ///< of the first row
    int m_tall = 0; ///< of each row
};

} // namespace

bool hasWords(const Chart& chart)
{
    return std::any_of(chart.cells.begin(), chart.cells.end(), [](const auto& row) {
        return std::any_of(row.begin(), row.end(), [](const ChartCell& cell) { return cell.words; });
    });
}

void paintTable(const Canvas& canvas, const QRect& rect, const Chart& chart)
{
    Table(canvas, rect, chart).paint();
}

QString tableTextAt(const Canvas& canvas, const QRect& rect, const Chart& chart, const QPoint& at)
{
    return Table(canvas, rect, chart).textAt(at);
}

} // namespace timeslice
