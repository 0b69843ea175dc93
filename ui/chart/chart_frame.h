// What all charts draw alike: title, axes, ticks, references, keys of their colours.
#pragma once

#include "core/analysis/chart.h"
#include "ui/chart/chart_axis.h"
#include "ui/plot/canvas.h"

#include <QRect>
#include <QString>
#include <vector>

namespace timeslice {

QString chartWords(const std::string& words);

class ChartFrame {
public:
    ChartFrame(const Canvas& canvas, const QRect& rect, const Chart& chart)
        : m_canvas(canvas)
        , m_painter(*canvas.painter)
        , m_theme(*canvas.theme)
        , m_chart(chart)
        , m_rect(rect)
    {
    }

protected:
    int lineHeight() const;
    QFont plain() const { return scaledFont(m_canvas, 0.92); }
    QFont strong() const { return scaledFont(m_canvas, 1, true); }
    int widthOf(const QString& text) const;
    int widest(const std::vector<std::string>& texts) const;

    struct CellRange {
        double low = 0;
        double high = 0;
    };
    /// From the least to the greatest of all that was measured.
    CellRange cellRange() const;
    /// The colour of the name `index` of Chart::names.
    QColor tone(std::size_t index) const;
    void text(const QRect& rect, Qt::Alignment alignment, const QString& words, const QColor& color) const;
    /// Takes the title, and the keys where there are several names, off the top of what is left. Beside the title says
    /// what whiskers are, where there are any.
    void paintHead(QRect& left, bool keys) const;
    /// Lines across at the ticks of a vertical axis, their numbers to the left.
    void paintVertical(const QRect& plot, const ChartAxis& axis) const;
    /// The same of a horizontal one, numbers below.
    void paintHorizontal(const QRect& plot, const ChartAxis& axis, bool lines) const;
    int tickWidth(const ChartAxis& axis) const;
    void paintBar(const QRect& bar, std::size_t name) const;
    /// From least to greatest, along the axis.
    void paintWhisker(const QPoint& from, const QPoint& to) const;
    void paintSpreadKey(const QRect& line, int from) const;
    void dashed(const QPointF& from, const QPointF& to, const QColor& color, double width = 1.6) const;

    const Canvas& m_canvas;
    QPainter& m_painter;
    const Theme& m_theme;
    const Chart& m_chart;
    QRect m_rect;
};

void paintBars(const Canvas& canvas, const QRect& rect, const Chart& chart);
void paintHistogram(const Canvas& canvas, const QRect& rect, const Chart& chart);
void paintCurve(const Canvas& canvas, const QRect& rect, const Chart& chart);
void paintTable(const Canvas& canvas, const QRect& rect, const Chart& chart);
/// What a table says at a place, if it is a text.
QString tableTextAt(const Canvas& canvas, const QRect& rect, const Chart& chart, const QPoint& at);
/// Whether some cell is a text.
bool hasWords(const Chart& chart);

} // namespace timeslice
