#include "ui/result/state_legend.h"

#include "ui/plot/canvas.h"

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
    QStringList parts;
    for (const StateSign sign : signsOf(m_contents)) {
        parts << signLook(sign) + QStringLiteral(": ") + signText(sign, m_contents);
    }
    setAccessibleDescription(parts.join(QStringLiteral(". ")) + '.');
    updateGeometry();
    update();
}

int StateLegend::columns(int width) const
{
    int widest = 0;
    for (const StateSign sign : signsOf(m_contents)) {
        widest = std::max(widest, fontMetrics().horizontalAdvance(signText(sign, m_contents)));
    }
    return 2 * (kSwatchWidth + kSwatchGap + widest) + kLegendGap <= width ? 2 : 1;
}

int StateLegend::heightForWidth(int width) const
{
    const int perLine = columns(width);
    return (static_cast<int>(signsOf(m_contents).size()) + perLine - 1) / perLine * (fontMetrics().height() + 9);
}

QSize StateLegend::sizeHint() const
{
    return {200, heightForWidth(200)};
}

QSize StateLegend::minimumSizeHint() const
{
    return {60, fontMetrics().height()};
}

void StateLegend::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const qreal ratio = devicePixelRatioF();
    const int perLine = columns(width());
    const int lineHeight = fontMetrics().height() + 9;
    const int columnWidth = (width() + kLegendGap) / perLine;
    const std::vector<StateSign> shown = signsOf(m_contents);
    for (int i = 0; i < static_cast<int>(shown.size()); ++i) {
        const StateSign sign = shown[static_cast<std::size_t>(i)];
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
