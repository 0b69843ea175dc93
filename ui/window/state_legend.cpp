#include "ui/window/state_legend.h"

#include "ui/plot/canvas.h"

#include <QPainter>
#include <algorithm>

namespace timeslice {

namespace {

constexpr int kSwatchWidth = 18;
constexpr int kSwatchHeight = 13;
constexpr int kSwatchGap = 8;
constexpr int kColumnGap = 14;

} // namespace

StateLegend::StateLegend(QWidget* parent)
    : QWidget(parent)
{
    setObjectName("stateLegend");
    setAccessibleName(tr("What the patterns mean"));
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    setLockName(QString());
}

void StateLegend::setTheme(const Theme& theme)
{
    m_theme = &theme;
    update();
}

void StateLegend::setLockName(const QString& name)
{
    m_lock = name.isEmpty() ? tr("a lock") : name;
    setAccessibleDescription(
        tr("Filled: running. Outlined: waiting for a core. Hatched: waiting for %1. Thin line: blocked.").arg(m_lock));
    updateGeometry();
    update();
}

QStringList StateLegend::labels() const
{
    return {tr("running"), tr("waiting for %1").arg(m_lock), tr("waiting for a core"), tr("blocked")};
}

int StateLegend::columns(int width) const
{
    int widest = 0;
    for (const QString& label : labels()) {
        widest = std::max(widest, fontMetrics().horizontalAdvance(label));
    }
    return 2 * (kSwatchWidth + kSwatchGap + widest) + kColumnGap <= width ? 2 : 1;
}

int StateLegend::heightForWidth(int width) const
{
    return static_cast<int>(labels().size()) / columns(width) * (fontMetrics().height() + 9);
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
    const int columnWidth = (width() + kColumnGap) / perLine;
    const QStringList names = labels();
    for (int i = 0; i < names.size(); ++i) {
        const int x = i % perLine * columnWidth;
        const int y = i / perLine * lineHeight;
        painter.setPen(m_theme->text);
        painter.setFont(font());
        const QRect textBox(x + kSwatchWidth + kSwatchGap, y, columnWidth - kSwatchWidth - kSwatchGap, lineHeight);
        painter.drawText(textBox, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
            fontMetrics().elidedText(names[i], Qt::ElideRight, textBox.width()));

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
        switch (i) {
        case 0:
            painter.fillRect(swatch, m_theme->threadColor(1));
            paintFrame(painter, swatch, canvas.line(1), m_theme->threadOutline(1));
            break;
        case 1:
            paintHatch(canvas, swatch, m_theme->hatch);
            paintFrame(painter, swatch, canvas.line(1), m_theme->hatch);
            break;
        case 2:
            paintFrame(painter, swatch, canvas.line(1.5), m_theme->threadOutline(1));
            break;
        default:
            painter.fillRect(
                QRect(swatch.left(), swatch.center().y(), swatch.width(), canvas.line(1.2)), m_theme->hatch);
            break;
        }
        painter.restore();
    }
}

} // namespace timeslice
