#include "ui/chart/chart_frame.h"

#include <QFontMetrics>
#include <QPen>
#include <algorithm>
#include <array>

namespace timeslice {

namespace {

constexpr int kTicksUpward = 6;
constexpr double kTickEms = 9; // a horizontal axis has a number at the most every so many em

} // namespace

QString chartWords(const std::string& words)
{
    return QString::fromStdString(words).simplified();
}

int ChartFrame::lineHeight() const
{
    return QFontMetrics(plain()).height();
}

int ChartFrame::widthOf(const QString& text) const
{
    return QFontMetrics(plain()).horizontalAdvance(text) + 1;
}

int ChartFrame::widest(const std::vector<std::string>& texts) const
{
    int most = 0;
    for (const std::string& text : texts) {
        most = std::max(most, widthOf(chartWords(text)));
    }
    return most;
}

ChartFrame::CellRange ChartFrame::cellRange() const
{
    CellRange range;
    for (const std::vector<ChartCell>& row : m_chart.cells) {
        for (const ChartCell& cell : row) {
            if (cell.count > 0) {
                range.high = std::max(range.high, cell.high);
                range.low = range.low == 0 ? cell.low : std::min(range.low, cell.low);
            }
        }
    }
    return range;
}

QColor ChartFrame::tone(std::size_t index) const
{
    const std::array<QColor, 4> tones = {m_theme.accent, mix(m_theme.window, m_theme.accent, 0.45), m_theme.mutedText,
        mix(m_theme.window, m_theme.mutedText, 0.5)};
    return tones[index % tones.size()];
}

void ChartFrame::text(const QRect& rect, Qt::Alignment alignment, const QString& words, const QColor& color) const
{
    paintText(m_canvas, rect, alignment, words, plain(), color);
}

void ChartFrame::paintHead(QRect& left, bool keys) const
{
    const int tall = QFontMetrics(strong()).height();
    paintText(m_canvas, QRect(left.left(), left.top(), left.width(), tall), Qt::AlignLeft | Qt::AlignVCenter,
        chartWords(m_chart.title), strong(), m_theme.text);
    if (m_chart.kind == ChartSpec::Kind::Bars || m_chart.kind == ChartSpec::Kind::Curve) {
        const int title = QFontMetrics(strong()).horizontalAdvance(chartWords(m_chart.title));
        paintSpreadKey(QRect(left.left(), left.top(), left.width(), tall), left.left() + title + m_canvas.px(2));
    }
    left.setTop(left.top() + tall + m_canvas.px(0.3));
    if (!keys || m_chart.names.size() < 2) {
        return;
    }
    int x = left.left();
    const int side = m_canvas.px(0.8);
    for (std::size_t i = 0; i < m_chart.names.size(); ++i) {
        const QString name = chartWords(m_chart.names[i]);
        paintBar(QRect(x, left.top() + (lineHeight() - side) / 2, side, side), i);
        text(QRect(x + side + m_canvas.px(0.5), left.top(), widthOf(name), lineHeight()),
            Qt::AlignLeft | Qt::AlignVCenter, name, m_theme.text);
        x += side + widthOf(name) + m_canvas.px(2);
    }
    left.setTop(left.top() + lineHeight() + m_canvas.px(0.4));
}

int ChartFrame::tickWidth(const ChartAxis& axis) const
{
    int most = 0;
    for (const ChartTick& tick : ticksOf(axis, kTicksUpward)) {
        most = std::max(most, widthOf(tick.text));
    }
    return most;
}

void ChartFrame::paintVertical(const QRect& plot, const ChartAxis& axis) const
{
    const int most = std::clamp(plot.height() / std::max(1, 2 * lineHeight()), 2, kTicksUpward);
    for (const ChartTick& tick : ticksOf(axis, most)) {
        const int y = static_cast<int>(std::lround(axis.pixel(tick.value)));
        m_painter.fillRect(plot.left(), y, plot.width(), m_canvas.line(1), m_theme.border);
        text(QRect(plot.left() - m_canvas.px(0.5) - widthOf(tick.text), y - lineHeight() / 2, widthOf(tick.text),
                 lineHeight()),
            Qt::AlignRight | Qt::AlignVCenter, tick.text, m_theme.mutedText);
    }
}

void ChartFrame::paintHorizontal(const QRect& plot, const ChartAxis& axis, bool lines) const
{
    const int most = std::max(2, static_cast<int>(plot.width() / (kTickEms * m_canvas.em)));
    int free = INT_MIN;
    for (const ChartTick& tick : ticksOf(axis, most)) {
        const int x = static_cast<int>(std::lround(axis.pixel(tick.value)));
        if (lines) {
            m_painter.fillRect(x, plot.top(), m_canvas.line(1), plot.height(), m_theme.border);
        }
        m_painter.fillRect(x, plot.bottom() + 1, m_canvas.line(1), m_canvas.px(0.3), m_theme.grid);
        const int width = widthOf(tick.text);
        const int left = std::min(x - width / 2, m_rect.right() + 1 - width);
        if (left > free) {
            text(QRect(left, plot.bottom() + 1 + m_canvas.px(0.35), width, lineHeight()),
                Qt::AlignHCenter | Qt::AlignVCenter, tick.text, m_theme.mutedText);
            free = left + width + m_canvas.px(0.6);
        }
    }
}

void ChartFrame::paintBar(const QRect& bar, std::size_t name) const
{
    const QColor color = tone(name);
    if (name % 2 == 1) { // told apart without its hue, too
        m_painter.fillRect(bar, mix(m_theme.window, color, 0.4));
        paintHatch(m_canvas, bar, color);
    } else {
        m_painter.fillRect(bar, color);
    }
    paintFrame(m_painter, bar, m_canvas.line(1), color);
}

void ChartFrame::paintWhisker(const QPoint& from, const QPoint& to) const
{
    const int width = m_canvas.line(1.4);
    const int cap = m_canvas.px(0.28);
    const QRect line = QRect(from, to).normalized();
    if (from.y() == to.y()) {
        m_painter.fillRect(line.left(), from.y() - width / 2, line.width(), width, m_theme.text);
        for (const int x : {line.left(), line.right()}) {
            m_painter.fillRect(x - width / 2, from.y() - cap, width, 2 * cap, m_theme.text);
        }
    } else {
        m_painter.fillRect(from.x() - width / 2, line.top(), width, line.height(), m_theme.text);
        for (const int y : {line.top(), line.bottom()}) {
            m_painter.fillRect(from.x() - cap, y - width / 2, 2 * cap, width, m_theme.text);
        }
    }
}

/// At the right end of the line, if there is room from `from` on.
void ChartFrame::paintSpreadKey(const QRect& line, int from) const
{
    std::size_t runs = 0;
    for (const std::vector<ChartCell>& row : m_chart.cells) {
        for (const ChartCell& cell : row) {
            runs = cell.high > cell.low ? std::max(runs, cell.count) : runs;
        }
    }
    if (runs < 2) {
        return;
    }
    const QString words = QStringLiteral("from the least to the greatest of %1 runs").arg(runs);
    const int sign = m_canvas.px(1.6);
    const int left = line.right() + 1 - widthOf(words) - sign - m_canvas.px(0.5);
    if (left < from) {
        return;
    }
    const int y = line.center().y();
    paintWhisker({left, y}, {left + sign, y});
    text(QRect(left + sign + m_canvas.px(0.5), line.top(), widthOf(words), line.height()),
        Qt::AlignLeft | Qt::AlignVCenter, words, m_theme.mutedText);
}

void ChartFrame::dashed(const QPointF& from, const QPointF& to, const QColor& color, double width) const
{
    QPen pen(color, m_canvas.line(width));
    pen.setDashPattern({4, 3});
    m_painter.save();
    m_painter.setRenderHint(QPainter::Antialiasing, true);
    m_painter.setPen(pen);
    m_painter.drawLine(from, to);
    m_painter.restore();
}

} // namespace timeslice
