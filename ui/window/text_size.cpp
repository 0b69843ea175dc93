#include "ui/window/text_size.h"

#include <QApplication>
#include <QRegularExpression>
#include <algorithm>
#include <array>
#include <cmath>

namespace timeslice {

namespace {

constexpr std::array kSteps = {0.8, 0.9, 1.0, 1.15, 1.3, 1.5, 1.75, 2.0};

/// As it was before the first of us changed it.
const QFont& usualFont()
{
    static const QFont kUsual = QApplication::font();
    return kUsual;
}

} // namespace

TextSize::TextSize(WindowSettings& settings, QObject* parent)
    : QObject(parent)
    , m_settings(settings)
    , m_usual(usualFont())
    , m_scale(settings.textScale())
{
    apply();
}

QString TextSize::scaled(const QString& styleSheet) const
{
    if (m_scale == 1) {
        return styleSheet;
    }
    // What is around text grows with it. A radius stays half of a height with its border of a pixel on either side: one
    // that is more is not drawn.
    static const QRegularExpression kSize(
        QStringLiteral(R"((font-size|min-height|max-height|border-radius): ([0-9.]+)(pt|px))"));
    const auto grown = [this](const QString& what, double size) {
        return what == u"border-radius" ? std::floor((size - 1) * m_scale + 1) : std::round(size * m_scale);
    };
    QString result;
    qsizetype from = 0;
    for (auto it = kSize.globalMatch(styleSheet); it.hasNext();) {
        const QRegularExpressionMatch match = it.next();
        const double size = match.captured(2).toDouble();
        const bool points = match.captured(3) == u"pt";
        result += styleSheet.mid(from, match.capturedStart() - from)
            + QStringLiteral("%1: %2%3")
                  .arg(match.captured(1))
                  .arg(points ? size * m_scale : grown(match.captured(1), size), 0, 'f', points ? 1 : 0)
                  .arg(match.captured(3));
        from = match.capturedEnd();
    }
    return result + styleSheet.mid(from);
}

void TextSize::step(int direction)
{
    const auto near = std::min_element(kSteps.begin(), kSteps.end(),
        [this](double a, double b) { return std::abs(a - m_scale) < std::abs(b - m_scale); });
    const auto next = std::clamp<std::ptrdiff_t>(near - kSteps.begin() + direction, 0, kSteps.size() - 1);
    m_scale = direction == 0 ? 1 : kSteps[static_cast<std::size_t>(next)];
    m_settings.setTextScale(m_scale);
    apply();
    emit changed();
}

void TextSize::apply()
{
    QFont font = m_usual;
    font.setPointSizeF(m_usual.pointSizeF() * m_scale);
    QApplication::setFont(font);
}

} // namespace timeslice
