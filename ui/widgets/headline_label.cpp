#include "ui/widgets/headline_label.h"

#include <QPainter>
#include <algorithm>

namespace timeslice {

namespace {
constexpr int kSmallestHeadlinePixels = 16;
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

QSize HeadlineLabel::sizeHint() const
{
    const QFontMetrics metrics(fontOf(m_pixels));
    return {metrics.horizontalAdvance(m_text) + 2, metrics.ascent()};
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
    painter.setFont(fontOf(pixels));
    painter.setPen(m_color.isValid() ? m_color : palette().color(QPalette::WindowText));
    // Digits have no descenders: their feet stand on the widget's lower edge, whatever the size.
    painter.drawText(QPoint(-pixels / 24, height() - 1), m_text);
}

} // namespace timeslice
