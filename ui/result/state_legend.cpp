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
constexpr int kAir = 9; // between lines

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

/// Side by side where all texts fit so, else under each other, each with the lines that its text takes.
std::vector<QRect> StateLegend::places(int width) const
{
    const int perLine = columns(width);
    const int columnWidth = (width + kLegendGap) / perLine;
    const int lead = kSwatchWidth + kSwatchGap;
    std::vector<QRect> places;
    int y = 0;
    for (std::size_t i = 0; i < m_signs.size(); ++i) {
        const int column = static_cast<int>(i) % perLine;
        int tall = fontMetrics().height();
        if (perLine == 1) {
            const QRect room(0, 0, std::max(1, width - lead), 1 << 20);
            tall = std::max(
                tall, fontMetrics().boundingRect(room, Qt::TextWordWrap, signText(m_signs[i], m_contents)).height());
        }
        places.emplace_back(column * columnWidth, y, columnWidth, tall + kAir);
        y += column + 1 == perLine ? tall + kAir : 0;
    }
    return places;
}

int StateLegend::heightForWidth(int width) const
{
    const std::vector<QRect> all = places(width);
    return all.empty() ? 0 : all.back().bottom() + 1;
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
    const int lineHeight = fontMetrics().height() + kAir;
    const std::vector<QRect> all = places(width());
    for (std::size_t i = 0; i < m_signs.size(); ++i) {
        const StateSign sign = m_signs[i];
        const int x = all[i].left();
        const int y = all[i].top();
        painter.setPen(m_theme->text);
        painter.setFont(font());
        const QRect textBox = all[i].adjusted(kSwatchWidth + kSwatchGap, 0, 0, 0);
        painter.drawText(textBox, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextWordWrap, signText(sign, m_contents));

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
