#include "ui/result/state_legend.h"

#include "ui/plot/canvas.h"

#include <QEvent>
#include <QPainter>
#include <algorithm>

namespace timeslice {

namespace {

constexpr int kSwatchWidth = 18;
constexpr int kSwatchHeight = 13;
constexpr int kSwatchGap = 8;
constexpr int kLegendGap = 14;

} // namespace

StateLegend::StateLegend(QWidget* parent)
    : QWidget(parent)
{
    setObjectName("stateLegend");
    setAccessibleName(tr("What the patterns mean"));
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    setContents({.lock = tr("a lock")});
}

void StateLegend::setTheme(const Theme& theme)
{
    m_theme = &theme;
    update();
}

void StateLegend::setContents(const SignContents& contents)
{
    if (contents == m_contents && !accessibleDescription().isEmpty()) {
        return; // it is told several times a second
    }
    m_contents = contents;
    m_signs = signsOf(m_contents);
    measure();
    QStringList parts;
    for (const StateSign sign : m_signs) {
        parts << signLook(sign) + QStringLiteral(": ") + signText(sign, m_contents);
    }
    setAccessibleDescription(parts.join(QStringLiteral(". ")) + '.');
    updateGeometry();
    update();
}

void StateLegend::measure()
{
    m_widest = 0;
    for (const StateSign sign : m_signs) {
        m_widest = std::max(m_widest, fontMetrics().horizontalAdvance(signText(sign, m_contents)));
    }
}

int StateLegend::columns(int width) const
{
    return 2 * (kSwatchWidth + kSwatchGap + m_widest) + kLegendGap <= width ? 2 : 1;
}

int StateLegend::heightForWidth(int width) const
{
    const int perLine = columns(width);
    return (static_cast<int>(m_signs.size()) + perLine - 1) / perLine * (fontMetrics().height() + 9);
}

QSize StateLegend::sizeHint() const
{
    return {200, heightForWidth(200)};
}

QSize StateLegend::minimumSizeHint() const
{
    return {60, fontMetrics().height()};
}

void StateLegend::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) {
        measure();
    }
    QWidget::changeEvent(event);
}

void StateLegend::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const qreal ratio = devicePixelRatioF();
    const int perLine = columns(width());
    const int lineHeight = fontMetrics().height() + 9;
    const int columnWidth = (width() + kLegendGap) / perLine;
    for (int i = 0; i < static_cast<int>(m_signs.size()); ++i) {
        const StateSign sign = m_signs[static_cast<std::size_t>(i)];
        const int x = i % perLine * columnWidth;
        const int y = i / perLine * lineHeight;
        painter.setPen(m_theme->text);
        painter.setFont(font());
        const QRect textBox(x + kSwatchWidth + kSwatchGap, y, columnWidth - kSwatchWidth - kSwatchGap, lineHeight);
        painter.drawText(textBox, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
            fontMetrics().elidedText(signText(sign, m_contents), Qt::ElideRight, textBox.width()));

        // The plot's own painters work in device pixels, so the swatches look as the bars do.
        painter.save();
        painter.scale(1 / ratio, 1 / ratio);
        const auto device = [ratio](int logical) { return static_cast<int>(logical * ratio); };
        const QRect swatch(
            device(x), device(y + (lineHeight - kSwatchHeight) / 2), device(kSwatchWidth), device(kSwatchHeight));
        Canvas canvas;
        canvas.painter = &painter;
        canvas.theme = m_theme;
        canvas.unit = ratio;
        paintSign(canvas, swatch, sign);
        painter.restore();
    }
}

} // namespace timeslice
