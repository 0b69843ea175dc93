// Canvas: what every painter of the plot draws with.
//
// The painter's unit is one device pixel: whoever makes the Canvas has undone the painter's scaling. `unit` is how many
// device pixels make a logical one, for line widths.
#pragma once

#include "ui/theme/theme.h"

#include <QFont>
#include <QPainter>
#include <QRect>
#include <QString>
#include <algorithm>
#include <cmath>

namespace timeslice {

struct Canvas {
    QPainter* painter = nullptr;
    const Theme* theme = nullptr;
    QFont font; ///< with a pixel size of `em`
    double em = 14;
    double unit = 1;
    bool vector = false; ///< SVG: few shapes instead of pixels, images only where a track is dense

    /// A line width of `logical` pixels, at least one device pixel.
    int line(double logical) const { return std::max(1, static_cast<int>(std::lround(logical * unit))); }
    int px(double ems) const { return static_cast<int>(std::lround(ems * em)); }
};

/// `base` at `ems` of the canvas's font size.
QFont scaledFont(const Canvas& canvas, double ems, bool bold = false);

/// Width of a text in device pixels. Remembered, as that of every name is asked for in every frame.
int textWidth(const Canvas& canvas, const QFont& font, const QString& text);
/// One line of text from `left` on the line `baseline`.
void paintLine(
    const Canvas& canvas, int left, int baseline, const QString& text, const QFont& font, const QColor& color);
/// The same, elided to `room`; its width.
int paintWithin(const Canvas& canvas, int left, int baseline, int room, const QString& text, const QFont& font,
    const QColor& color);
/// One line of text within `rect`, elided at its end when it does not fit. Returns the width painted.
int paintText(const Canvas& canvas, const QRect& rect, Qt::Alignment alignment, const QString& text, const QFont& font,
    const QColor& color);

/// A frame of `width` inside `rect`, without antialiasing.
void paintFrame(QPainter& painter, const QRect& rect, int width, const QColor& color);

/// Diagonal lines ("/") within `rect`; their phase is that of the canvas, so that neighbours join.
void paintHatch(const Canvas& canvas, const QRect& rect, const QColor& color);
inline constexpr double kDashPeriod = 8; ///< logical pixels: a dash and a gap of one length
/// A dashed line along the middle of `rect`; its phase is that of the canvas.
void paintDashes(const Canvas& canvas, const QRect& rect, const QColor& color);
/// One period of the diagonal lines, transparent between them; square, premultiplied.
const QImage& hatchTile(const QColor& color, double unit);

} // namespace timeslice
