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
    static const QRegularExpression kSize(QStringLiteral(R"(font-size: ([0-9.]+)pt)"));
    QString result;
    qsizetype from = 0;
    for (auto it = kSize.globalMatch(styleSheet); it.hasNext();) {
        const QRegularExpressionMatch match = it.next();
        result += styleSheet.mid(from, match.capturedStart() - from);
        result += QStringLiteral("font-size: %1pt").arg(match.captured(1).toDouble() * m_scale, 0, 'f', 1);
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
