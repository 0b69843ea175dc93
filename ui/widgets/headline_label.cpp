#include "ui/widgets/headline_label.h"

#include <QPainter>
#include <algorithm>

namespace timeslice {

namespace {
constexpr int kSmallestHeadlinePixels = 12;
}

HeadlineLabel::HeadlineLabel(QWidget* parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void HeadlineLabel::setText(const QString& text)
{
    if (text == m_text) {
        return;
    }
    m_text = text;
    setAccessibleName(text);
    updateGeometry();
    update();
}

void HeadlineLabel::setPixelSize(int pixels)
{
    if (pixels == m_pixels) {
        return;
    }
    m_pixels = pixels;
    updateGeometry();
    update();
}

void HeadlineLabel::setColor(const QColor& color)
{
    if (color == m_color) {
        return;
    }
    m_color = color;
    update();
}

QFont HeadlineLabel::fontOf(int pixels) const
{
    QFont font = this->font();
    font.setBold(true);
    font.setPixelSize(pixels);
    return font;
}

int HeadlineLabel::below(const QFontMetrics& metrics) const
{
    return std::max(0, metrics.tightBoundingRect(m_text).bottom() + 1);
}

QSize HeadlineLabel::sizeHint() const
{
    const QFontMetrics metrics(fontOf(m_pixels));
    return {metrics.horizontalAdvance(m_text) + 2, metrics.ascent() + below(metrics)};
}

QSize HeadlineLabel::minimumSizeHint() const
{
    return {std::min(60, sizeHint().width()), sizeHint().height()};
}

void HeadlineLabel::paintEvent(QPaintEvent*)
{
    int pixels = m_pixels;
    while (pixels > kSmallestHeadlinePixels && QFontMetrics(fontOf(pixels)).horizontalAdvance(m_text) > width()) {
        pixels -= 1;
    }
    QPainter painter(this);
    const QFont font = fontOf(pixels);
    painter.setFont(font);
    painter.setPen(m_color.isValid() ? m_color : palette().color(QPalette::WindowText));
    // Digits stand on the widget's lower edge, whatever the size; what has a descender or a comma, as much higher.
    painter.drawText(QPoint(-pixels / 24, height() - 1 - below(QFontMetrics(font))), m_text);
}

} // namespace timeslice
