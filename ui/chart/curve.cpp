// Curves over the values of a knob, with an ideal beside them and a marked bend.
#include "ui/chart/chart_frame.h"

#include <QFontMetrics>
#include <QPen>
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace timeslice {

namespace {

/// Values that grow by factors stand apart by factors.
bool growsByFactors(const std::vector<double>& at)
{
    if (at.size() < 4 || at.front() <= 0) {
        return false;
    }
    for (std::size_t i = 0; i + 1 < at.size(); ++i) {
        if (at[i + 1] < 1.9 * at[i]) {
            return false;
        }
    }
    return true;
}

class Curve : public ChartFrame {
public:
    using ChartFrame::ChartFrame;

    void paint()
    {
        QRect left = m_rect;
        const int named = m_chart.names.size() > 1 ? widest(m_chart.names) : 0;
        const bool atEnds = named > 0 && named < left.width() * 3 / 10; // else above, beside their colours
        paintHead(left, !atEnds);
        text(QRect(left.left(), left.top(), left.width(), lineHeight()), Qt::AlignLeft | Qt::AlignVCenter,
            chartWords(m_chart.upward) + (m_chart.logarithmic ? QStringLiteral(" (logarithmic)") : QString()),
            m_theme.mutedText);
        left.setTop(left.top() + lineHeight() + m_canvas.px(0.5));
        m_numbers = numbers();
        QRect plot = left;
        plot.setLeft(left.left() + tickWidth(m_numbers) + m_canvas.px(0.8));
        plot.setRight(left.right() - m_canvas.px(2) - (atEnds ? named : 0));
        plot.setBottom(left.bottom() - 2 * lineHeight() - m_canvas.px(0.8));
        m_numbers.from = plot.bottom();
        m_numbers.to = plot.top();
        m_across.logarithmic = growsByFactors(m_chart.at);
        m_across.low = m_chart.at.front();
        m_across.high = m_chart.at.back() > m_chart.at.front() ? m_chart.at.back() : m_chart.at.front() + 1;
        m_across.from = plot.left() + m_canvas.px(2.5);
        m_across.to = plot.right() - m_canvas.px(2.5);
        paintVertical(plot, m_numbers);
        m_painter.fillRect(plot.left(), plot.bottom(), plot.width(), m_canvas.line(1), m_theme.grid);
        paintValues(plot);
        paintIdeal();
        paintFits();
        for (std::size_t name = 0; name < m_chart.names.size(); ++name) {
            paintLine(name, plot);
        }
        paintBend(plot);
        paintCrossing(plot);
        if (atEnds) {
            paintNames(plot, named);
        }
    }

private:
    ChartAxis numbers() const
    {
        auto [low, high] = cellRange();
        for (const double ideal : m_chart.ideal) {
            high = std::max(high, ideal);
        }
        for (const std::optional<ChartFit>& fit : m_chart.fits) {
            for (const double value : fit ? fit->values : std::vector<double>()) {
                high = std::max(high, value);
            }
        }
        return axisFor(m_chart.logarithmic ? low : 0, high * (m_chart.logarithmic ? 1 : 1.08), m_chart.logarithmic);
    }

    QPointF point(std::size_t group, double value) const
    {
        return {m_across.pixel(m_chart.at[group]), m_numbers.pixel(value)};
    }

    void paintValues(const QRect& plot)
    {
        int free = INT_MIN;
        for (std::size_t group = 0; group < m_chart.groups.size(); ++group) {
            const QString value = chartWords(m_chart.groups[group]);
            const int x = static_cast<int>(std::lround(m_across.pixel(m_chart.at[group])));
            const int width = widthOf(value);
            m_painter.fillRect(x, plot.bottom() + 1, m_canvas.line(1), m_canvas.px(0.3), m_theme.grid);
            if (x - width / 2 > free) {
                text(QRect(x - width / 2, plot.bottom() + 1 + m_canvas.px(0.35), width, lineHeight()),
                    Qt::AlignHCenter | Qt::AlignVCenter, value, m_theme.text);
                free = x + width / 2 + m_canvas.px(0.5);
            }
        }
        text(QRect(plot.left(), plot.bottom() + 1 + m_canvas.px(0.35) + lineHeight(), plot.width(), lineHeight()),
            Qt::AlignHCenter | Qt::AlignVCenter, chartWords(m_chart.across), m_theme.mutedText);
    }

    void paintIdeal()
    {
        if (m_chart.ideal.size() < 2) {
            return;
        }
        for (std::size_t i = 0; i + 1 < m_chart.ideal.size(); ++i) {
            dashed(point(i, m_chart.ideal[i]), point(i + 1, m_chart.ideal[i + 1]), m_theme.mutedText);
        }
        const QString words = QStringLiteral("ideal");
        const QPointF end = point(m_chart.ideal.size() - 1, m_chart.ideal.back());
        const int right = static_cast<int>(end.x()) - m_canvas.px(0.8);
        text(QRect(right - widthOf(words), static_cast<int>(end.y()) - lineHeight() - m_canvas.px(0.2), widthOf(words),
                 lineHeight()),
            Qt::AlignRight | Qt::AlignVCenter, words, m_theme.mutedText);
    }

    /// Each law in the tone of its line, finely, on beyond where it was fitted.
    void paintFits()
    {
        for (std::size_t name = 0; name < m_chart.fits.size(); ++name) {
            if (!m_chart.fits[name]) {
                continue;
            }
            const std::vector<double>& values = m_chart.fits[name]->values;
            for (std::size_t group = 0; group + 1 < values.size(); ++group) {
                dashed(point(group, values[group]), point(group + 1, values[group + 1]), tone(name), 1.2);
            }
        }
    }

    void paintLine(std::size_t name, const QRect& plot)
    {
        const QColor color = tone(name);
        m_painter.save();
        m_painter.setRenderHint(QPainter::Antialiasing, true);
        QPen pen(color, m_canvas.line(2.4));
        if (name % 2 == 1) {
            pen.setDashPattern({6, 2});
        }
        std::optional<QPointF> before;
        for (std::size_t group = 0; group < m_chart.cells.size(); ++group) {
            const ChartCell& cell = m_chart.cells[group][name];
            if (cell.count == 0) {
                before.reset();
                continue;
            }
            const QPointF here = point(group, cell.value);
            m_painter.setPen(pen);
            if (before) {
                m_painter.drawLine(*before, here);
            }
            before = here;
        }
        m_painter.restore();
        for (std::size_t group = 0; group < m_chart.cells.size(); ++group) {
            const ChartCell& cell = m_chart.cells[group][name];
            if (cell.count > 0) {
                paintPoint(group, cell, color, plot);
            }
        }
    }

    void paintPoint(std::size_t group, const ChartCell& cell, const QColor& color, const QRect& plot)
    {
        const QPointF here = point(group, cell.value);
        const int x = static_cast<int>(std::lround(here.x()));
        if (cell.count > 1 && cell.high > cell.low) {
            paintWhisker({x, static_cast<int>(std::lround(m_numbers.pixel(cell.low)))},
                {x, static_cast<int>(std::lround(m_numbers.pixel(cell.high)))});
        }
        m_painter.save();
        m_painter.setRenderHint(QPainter::Antialiasing, true);
        m_painter.setPen(QPen(m_theme.window, m_canvas.line(1.5)));
        m_painter.setBrush(color);
        const double radius = m_canvas.px(0.36);
        m_painter.drawEllipse(here, radius, radius);
        m_painter.restore();
        // Below and to the right, where neither the line nor the whisker is.
        const QString words = chartWords(cell.text);
        const double spacing = (m_across.to - m_across.from) / std::max(1.0, double(m_chart.at.size()) - 1);
        if (m_chart.names.size() == 1 && widthOf(words) < spacing) {
            const int below = static_cast<int>(std::lround(m_numbers.pixel(cell.count > 1 ? cell.low : cell.value)));
            const int top = std::min(below + m_canvas.px(0.5), plot.bottom() - lineHeight());
            const bool marked = m_chart.bend == group; // by a line through the middle
            const int left = marked ? x + m_canvas.px(0.4) : x - widthOf(words) / 2;
            text(QRect(left, top, widthOf(words), lineHeight()), Qt::AlignHCenter | Qt::AlignVCenter, words,
                m_theme.text);
        }
    }

    /// What each line is called, at its end; where lines meet, below one another in the order in which they end.
    void paintNames(const QRect& plot, int width)
    {
        struct End {
            double y;
            std::size_t name;
        };
        std::vector<End> ends;
        for (std::size_t name = 0; name < m_chart.names.size(); ++name) {
            for (std::size_t group = m_chart.cells.size(); group-- > 0;) {
                if (m_chart.cells[group][name].count > 0) {
                    ends.push_back({m_numbers.pixel(m_chart.cells[group][name].value), name});
                    break;
                }
            }
        }
        std::sort(ends.begin(), ends.end(), [](const End& a, const End& b) { return a.y < b.y; });
        const int tall = lineHeight();
        int free = plot.bottom() - tall * static_cast<int>(ends.size()); // the last one must find its place, too
        free = std::min(free, plot.top());
        const int side = m_canvas.px(0.6);
        const int left = m_across.to + m_canvas.px(0.8);
        for (std::size_t i = 0; i < ends.size(); ++i) {
            const int lowest = plot.bottom() - tall * static_cast<int>(ends.size() - i);
            const int top = std::max(free, std::min(static_cast<int>(ends[i].y) - tall / 2, lowest));
            paintBar(QRect(left, top + (tall - side) / 2, side, side), ends[i].name);
            text(QRect(left + side + m_canvas.px(0.4), top, width, tall), Qt::AlignLeft | Qt::AlignVCenter,
                chartWords(m_chart.names[ends[i].name]), m_theme.text);
            free = top + tall;
        }
    }

    void paintBend(const QRect& plot)
    {
        if (m_chart.bend) {
            paintMoment(plot, *m_chart.bend,
                QStringLiteral("no gain beyond %1 %2")
                    .arg(chartWords(m_chart.groups[*m_chart.bend]), chartWords(m_chart.across)));
        }
    }

    void paintCrossing(const QRect& plot)
    {
        if (m_chart.crossing) {
            paintMoment(plot, *m_chart.crossing,
                QStringLiteral("from %1 on: %2 below %3")
                    .arg(chartWords(m_chart.groups[*m_chart.crossing]), chartWords(m_chart.names[m_chart.below]),
                        chartWords(m_chart.names[m_chart.above])));
        }
    }

    /// A value of the knob at which something begins, and what.
    void paintMoment(const QRect& plot, std::size_t group, const QString& words)
    {
        const double x = m_across.pixel(m_chart.at[group]);
        dashed({x, double(plot.top())}, {x, double(plot.bottom())}, m_theme.text, 1.2);
        const int width = std::min(widthOf(words), plot.width() - m_canvas.px(1));
        const bool rightHalf = x > plot.center().x();
        const int begin = std::clamp(static_cast<int>(x) + (rightHalf ? -width - m_canvas.px(0.5) : m_canvas.px(0.5)),
            plot.left(), plot.right() - width);
        // Below or above the lines, where these leave more room.
        const QRect below(begin, plot.bottom() - lineHeight() - m_canvas.px(0.3), width, lineHeight());
        const QRect above(begin, plot.top() + m_canvas.px(0.3), width, lineHeight());
        text(clearance(below) >= std::min(clearance(above), m_canvas.em) ? below : above,
            Qt::AlignLeft | Qt::AlignVCenter, words, m_theme.text);
    }

    /// How far the nearest line passes from a box, up or down; 0: through it.
    double clearance(const QRect& box) const
    {
        double nearest = std::numeric_limits<double>::max();
        for (std::size_t name = 0; name < m_chart.names.size(); ++name) {
            std::optional<QPointF> before;
            for (std::size_t group = 0; group < m_chart.cells.size(); ++group) {
                const ChartCell& cell = m_chart.cells[group][name];
                if (cell.count == 0) {
                    continue;
                }
                const QPointF here = point(group, cell.value);
                if (before && before->x() < box.right() && here.x() > box.left()) {
                    for (double x = std::max<double>(before->x(), box.left());
                         x <= std::min<double>(here.x(), box.right()); x += 1) {
                        const double part = (x - before->x()) / std::max(1.0, here.x() - before->x());
                        const double y = before->y() + part * (here.y() - before->y());
                        nearest = std::min(nearest, std::max({0.0, box.top() - y, y - box.bottom()}));
                    }
                }
                before = here;
            }
        }
        return nearest;
    }

    ChartAxis m_numbers;
    ChartAxis m_across;
};

} // namespace

void paintCurve(const Canvas& canvas, const QRect& rect, const Chart& chart)
{
    Curve(canvas, rect, chart).paint();
}

} // namespace timeslice
