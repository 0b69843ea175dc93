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
    setContents(tr("a lock"), false);
}

void StateLegend::setTheme(const Theme& theme)
{
    m_theme = &theme;
    update();
}

void StateLegend::setContents(const QString& lock, bool others)
{
    m_lock = lock;
    m_others = others;
    QStringList parts{tr("Filled: running"), tr("Outlined: waiting for a core")};
    if (!m_lock.isEmpty()) {
        parts << tr("Hatched: waiting for %1").arg(m_lock);
    }
    parts << tr("Thin line: blocked");
    if (m_others) {
        parts << tr("Grey: other processes");
    }
    setAccessibleDescription(parts.join(QStringLiteral(". ")) + '.');
    updateGeometry();
    update();
}

std::vector<StateLegend::Sign> StateLegend::signs() const
{
    std::vector<Sign> shown{Sign::Running};
    if (!m_lock.isEmpty()) {
        shown.push_back(Sign::WaitingForLock);
    }
    shown.push_back(Sign::Runnable);
    shown.push_back(Sign::Blocked);
    if (m_others) {
        shown.push_back(Sign::Others);
    }
    return shown;
}

QString StateLegend::label(Sign sign) const
{
    switch (sign) {
    case Sign::Running:
        return tr("running");
    case Sign::WaitingForLock:
        return tr("waiting for %1").arg(m_lock);
    case Sign::Runnable:
        return tr("waiting for a core");
    case Sign::Blocked:
        return tr("blocked");
    case Sign::Others:
        return tr("other processes");
    }
    return {};
}

int StateLegend::columns(int width) const
{
    int widest = 0;
    for (const Sign sign : signs()) {
        widest = std::max(widest, fontMetrics().horizontalAdvance(label(sign)));
    }
    return 2 * (kSwatchWidth + kSwatchGap + widest) + kColumnGap <= width ? 2 : 1;
}

int StateLegend::heightForWidth(int width) const
{
    const int perLine = columns(width);
    return (static_cast<int>(signs().size()) + perLine - 1) / perLine * (fontMetrics().height() + 9);
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
    const std::vector<Sign> shown = signs();
    for (int i = 0; i < static_cast<int>(shown.size()); ++i) {
        const Sign sign = shown[static_cast<std::size_t>(i)];
        const int x = i % perLine * columnWidth;
        const int y = i / perLine * lineHeight;
        painter.setPen(m_theme->text);
        painter.setFont(font());
        const QRect textBox(x + kSwatchWidth + kSwatchGap, y, columnWidth - kSwatchWidth - kSwatchGap, lineHeight);
        painter.drawText(textBox, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
            fontMetrics().elidedText(label(sign), Qt::ElideRight, textBox.width()));

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
        switch (sign) {
        case Sign::Running:
            painter.fillRect(swatch, m_theme->threadColor(1));
            paintFrame(painter, swatch, canvas.line(1), m_theme->threadOutline(1));
            break;
        case Sign::WaitingForLock:
            paintHatch(canvas, swatch, m_theme->hatch);
            paintFrame(painter, swatch, canvas.line(1), m_theme->hatch);
            break;
        case Sign::Runnable:
            paintFrame(painter, swatch, canvas.line(1.5), m_theme->threadOutline(1));
            break;
        case Sign::Others:
            painter.fillRect(swatch, mix(m_theme->lane, m_theme->mutedText, 0.35));
            break;
        case Sign::Blocked:
            painter.fillRect(
                QRect(swatch.left(), swatch.center().y(), swatch.width(), canvas.line(1.2)), m_theme->hatch);
            break;
        }
        painter.restore();
    }
}

} // namespace timeslice
