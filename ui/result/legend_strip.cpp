#include "ui/result/legend_strip.h"

#include <QPainter>

namespace timeslice {

namespace {

// In em.
constexpr double kSignWidth = 1.5;
constexpr double kSignHeight = 0.85;
constexpr double kSignGap = 0.5;
constexpr double kItemGap = 1.8;
constexpr double kLine = 1.4;

} // namespace

LegendStrip::LegendStrip(QWidget* parent)
    : QWidget(parent)
{
    setObjectName("legendStrip");
    setAccessibleName(tr("What the patterns mean"));
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void LegendStrip::setTheme(const Theme& theme)
{
    m_theme = &theme;
    update();
}

void LegendStrip::setContents(const SignContents& contents)
{
    if (m_contents == contents && !accessibleDescription().isEmpty()) {
        return;
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

void LegendStrip::setPixelSize(int pixels)
{
    QFont font = this->font();
    font.setPixelSize(std::max(1, pixels));
    setFont(font);
    updateGeometry();
}

std::vector<LegendStrip::Item> LegendStrip::items(int width) const
{
    const double em = font().pixelSize() > 0 ? font().pixelSize() : fontMetrics().height() * 0.75;
    const int line = static_cast<int>(kLine * em);
    std::vector<Item> items;
    int x = 0;
    int y = 0;
    for (const StateSign sign : signsOf(m_contents)) {
        const int wide = static_cast<int>((kSignWidth + kSignGap) * em)
            + fontMetrics().horizontalAdvance(signText(sign, m_contents)) + 1;
        if (x > 0 && x + wide > width) {
            x = 0;
            y += line;
        }
        items.push_back({sign, QRect(x, y, wide, line)});
        x += wide + static_cast<int>(kItemGap * em);
    }
    return items;
}

int LegendStrip::heightForWidth(int width) const
{
    const std::vector<Item> all = items(width);
    return all.empty() ? 0 : all.back().rect.bottom() + 1;
}

QSize LegendStrip::sizeHint() const
{
    return {400, heightForWidth(width() > 0 ? width() : 400)};
}

void LegendStrip::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const double em = font().pixelSize() > 0 ? font().pixelSize() : fontMetrics().height() * 0.75;
    const double ratio = devicePixelRatioF();
    for (const Item& item : items(width())) {
        painter.setPen(m_theme->mutedText);
        painter.setFont(font());
        painter.drawText(item.rect.adjusted(static_cast<int>((kSignWidth + kSignGap) * em), 0, 0, 0),
            Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, signText(item.sign, m_contents));
        painter.save();
        painter.scale(1 / ratio, 1 / ratio); // the plot's painters work in device pixels
        Canvas canvas;
        canvas.painter = &painter;
        canvas.theme = m_theme;
        canvas.em = em * ratio;
        canvas.unit = ratio;
        const int tall = static_cast<int>(kSignHeight * em * ratio);
        const QRect sign(static_cast<int>(item.rect.left() * ratio),
            static_cast<int>(item.rect.center().y() * ratio) - tall / 2, static_cast<int>(kSignWidth * em * ratio),
            tall);
        paintSign(canvas, sign, item.sign);
        painter.restore();
    }
}

} // namespace timeslice
