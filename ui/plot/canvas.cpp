#include "ui/plot/canvas.h"

#include <algorithm>

#include <QFontMetrics>
#include <QImage>
#include <QLineF>
#include <QStaticText>
#include <QVector>
#include <map>
#include <tuple>

namespace timeslice {

namespace {

constexpr double kHatchPeriod = 9; // logical pixels, across
constexpr double kHatchLine = 1.4;

/// A line of text with its glyphs chosen and placed: most of the time that it takes to draw one.
struct Shaped {
    QStaticText text;
    int width = 0;
    int ascent = 0;
};

const Shaped& shaped(const QFont& font, const QString& text)
{
    constexpr std::size_t kMostKept = 2000; // numbers change from frame to frame, names stay
    thread_local std::map<std::tuple<int, bool, QString, QString>, Shaped> kept;
    const std::tuple key(font.pixelSize(), font.bold(), font.family(), text);
    const auto found = kept.find(key);
    if (found != kept.end()) {
        return found->second;
    }
    if (kept.size() >= kMostKept) {
        kept.clear();
    }
    Shaped& made = kept[key];
    const QFontMetrics metrics(font);
    made.width = metrics.horizontalAdvance(text);
    made.ascent = metrics.ascent();
    made.text.setTextFormat(Qt::PlainText);
    made.text.setText(text);
    made.text.prepare(QTransform(), font);
    return made;
}

int hatchPeriod(double unit)
{
    return std::max(4, static_cast<int>(std::lround(kHatchPeriod * unit)));
}

} // namespace

QFont scaledFont(const Canvas& canvas, double ems, bool bold)
{
    QFont font = canvas.font;
    font.setPixelSize(std::max(1, canvas.px(ems)));
    font.setBold(bold);
    return font;
}

int textWidth(const Canvas& canvas, const QFont& font, const QString& text)
{
    return canvas.vector ? QFontMetrics(font).horizontalAdvance(text) : shaped(font, text).width;
}

void paintLine(
    const Canvas& canvas, int left, int baseline, const QString& text, const QFont& font, const QColor& color)
{
    canvas.painter->setFont(font);
    canvas.painter->setPen(color);
    if (canvas.vector) {
        canvas.painter->drawText(left, baseline, text);
        return;
    }
    const Shaped& line = shaped(font, text);
    canvas.painter->drawStaticText(left, baseline - line.ascent, line.text);
}

int paintWithin(
    const Canvas& canvas, int left, int baseline, int room, const QString& text, const QFont& font, const QColor& color)
{
    if (room <= 0 || text.isEmpty()) {
        return 0;
    }
    QString shown = text;
    if (textWidth(canvas, font, text) > room + 1) { // widths are rounded
        shown = QFontMetrics(font).elidedText(text, Qt::ElideRight, room + 1);
    }
    paintLine(canvas, left, baseline, shown, font, color);
    return textWidth(canvas, font, shown);
}

int paintText(const Canvas& canvas, const QRect& rect, Qt::Alignment alignment, const QString& text, const QFont& font,
    const QColor& color)
{
    const QFontMetrics metrics(font);
    QString shown = text;
    int width = textWidth(canvas, font, text);
    if (width > rect.width() + 1) { // widths are rounded
        shown = metrics.elidedText(text, Qt::ElideRight, rect.width() + 1);
        width = textWidth(canvas, font, shown);
    }
    const int left = (alignment & Qt::AlignRight) != 0 ? rect.left() + rect.width() - width
        : (alignment & Qt::AlignHCenter) != 0          ? rect.left() + (rect.width() - width) / 2
                                                       : rect.left();
    const int top =
        (alignment & Qt::AlignVCenter) != 0 ? rect.top() + (rect.height() - metrics.height()) / 2 : rect.top();
    paintLine(canvas, left, top + metrics.ascent(), shown, font, color);
    return width;
}

void paintFrame(QPainter& painter, const QRect& rect, int width, const QColor& color)
{
    const int w = std::min({width, rect.width(), rect.height()});
    painter.fillRect(rect.left(), rect.top(), rect.width(), w, color);
    painter.fillRect(rect.left(), rect.bottom() + 1 - w, rect.width(), w, color);
    painter.fillRect(rect.left(), rect.top() + w, w, rect.height() - 2 * w, color);
    painter.fillRect(rect.right() + 1 - w, rect.top() + w, w, rect.height() - 2 * w, color);
}

const QImage& hatchTile(const QColor& color, double unit)
{
    // Tiles are few (a colour of a theme at a device-pixel ratio) and shared by all rows of a frame. Drawing happens
    // on one thread at a time; exports on another thread get tiles of their own.
    thread_local std::map<std::pair<QRgb, int>, QImage> tiles;
    const int period = hatchPeriod(unit);
    QImage& tile = tiles[{color.rgba(), period}];
    if (tile.isNull()) {
        tile = QImage(period, period, QImage::Format_ARGB32_Premultiplied);
        tile.fill(Qt::transparent);
        QPainter painter(&tile);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(color, kHatchLine * unit, Qt::SolidLine, Qt::FlatCap));
        for (int k = -1; k <= 2; ++k) {
            painter.drawLine(QPointF(k * period - period, period * 2.0), QPointF(k * period + period, 0.0));
        }
    }
    return tile;
}

void paintHatch(const Canvas& canvas, const QRect& rect, const QColor& color)
{
    if (!canvas.vector) {
        canvas.painter->fillRect(rect, QBrush(hatchTile(color, canvas.unit)));
        return;
    }
    // Lines x + y = k * period, cut at the rectangle.
    const int period = hatchPeriod(canvas.unit);
    const int left = rect.left();
    const int right = rect.right() + 1;
    const int top = rect.top();
    const int bottom = rect.bottom() + 1;
    QVector<QLineF> lines;
    for (int sum = (left + top) / period * period + period; sum < right + bottom; sum += period) {
        const double x0 = std::max<double>(left, sum - bottom);
        const double x1 = std::min<double>(right, sum - top);
        if (x1 > x0) {
            lines.push_back(QLineF(x0, sum - x0, x1, sum - x1));
        }
    }
    canvas.painter->setPen(QPen(color, kHatchLine * canvas.unit, Qt::SolidLine, Qt::FlatCap));
    canvas.painter->drawLines(lines);
}

void paintDashes(const Canvas& canvas, const QRect& rect, const QColor& color)
{
    const int period = canvas.line(kDashPeriod);
    const int width = canvas.line(1.2);
    const int top = rect.top() + rect.height() / 2 - width / 2;
    for (int dash = rect.left() - rect.left() % period; dash <= rect.right(); dash += period) {
        const int from = std::max(dash, rect.left());
        const int to = std::min(dash + period / 2, rect.right() + 1);
        if (from < to) {
            canvas.painter->fillRect(from, top, to - from, width, color);
        }
    }
}

} // namespace timeslice
