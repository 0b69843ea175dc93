// How the stepper's page looks: as large as there is room, in the theme's colours.
#include "ui/stepper/step_lane.h"
#include "ui/stepper/stepper_page.h"
#include "ui/widgets/wrapped_label.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <algorithm>

namespace timeslice {

namespace {

// In ems of the page's text.
constexpr double kValueWidth = 4.5;
constexpr double kValueSize = 2; ///< for the last row of the hall
constexpr int kSide = 20; // px: where the tabs above begin

} // namespace

/// What it is made of stands below each other, two rows of outcomes included: everything is as large as there is room,
/// about the size that was asked for.
double StepperPage::fittingEm() const
{
    constexpr double kRow = 3.3;
    constexpr double kRest = 11.5;
    constexpr double kWide = 54; // the line of buttons, in two ways
    constexpr double kSmallest = 0.7; // of what was asked for
    constexpr double kLargest = 1.35;
    const double asked = m_points * logicalDpiY() / 72;
    const double rows = static_cast<double>(std::max<std::size_t>(3, m_rows.size()));
    const double room = std::min(height() / (rows * kRow + kRest), width() / kWide);
    return std::clamp(room, kSmallest * asked, kLargest * asked);
}

int StepperPage::pixels(double ems) const
{
    return static_cast<int>(m_em * ems);
}

void StepperPage::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    if (fittingEm() != m_em) {
        applyStyle();
        refresh();
    }
}

void StepperPage::setTheme(const Theme& theme)
{
    m_theme = &theme;
    applyStyle();
    refresh();
}

void StepperPage::setFontPoints(double points)
{
    m_points = points;
    applyStyle();
    refresh();
}

void StepperPage::applyStyle()
{
    m_em = fittingEm();
    m_layout->setContentsMargins(kSide, pixels(0.8), kSide, pixels(0.8));
    m_layout->setSpacing(pixels(0.7));
    m_top->setSpacing(pixels(0.6));
    m_outcomes->setHorizontalSpacing(pixels(1));
    m_outcomes->setVerticalSpacing(pixels(0.4));
    const QString size = QStringLiteral("font-size: %1px;").arg(pixels(1));
    for (QPushButton* button : {m_back, m_restart, m_find, m_all}) {
        button->setStyleSheet(size + QStringLiteral("padding: %1px %2px;").arg(pixels(0.35)).arg(pixels(0.9)));
    }
    for (QPushButton* way : m_ways) {
        const int height = pixels(2);
        way->setStyleSheet(size
            + QStringLiteral("min-height: %1px; max-height: 1000px; border-width: 2px; border-radius: %2px;")
                  .arg(height)
                  .arg(height / 2));
    }
    m_message->setStyleSheet(QStringLiteral("font-size: %1px;").arg(pixels(1.15)));
    for (QLabel* heading : m_headings) {
        heading->setStyleSheet(QStringLiteral("font-size: %1px;").arg(pixels(0.85)));
    }
    if (m_grid != nullptr && m_table != nullptr) {
        m_grid->setHorizontalSpacing(pixels(0.8));
        m_grid->setVerticalSpacing(pixels(0.35));
        m_grid->setColumnMinimumWidth(1, pixels(kValueWidth));
    }
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        const Row& row = m_rows[i];
        row.value->setStyleSheet(QStringLiteral("font-size: %1px; font-weight: 700; color: %2;")
                                     .arg(pixels(kValueSize))
                                     .arg(m_theme->text.name()));
        row.lane->setTheme(*m_theme);
        row.lane->setPixelSize(pixels(1));
        if (row.choose == nullptr) {
            row.name->setStyleSheet(QStringLiteral("font-size: %1px; font-weight: 700;").arg(pixels(kValueSize)));
            continue;
        }
        const auto slot = static_cast<std::uint8_t>(i + 1);
        const ThreadTone tone{m_theme->threadColor(slot), m_theme->threadOutline(slot), m_theme->threadText(slot)};
        row.lane->setTone(tone);
        row.choose->setFixedWidth(pixels(kChooseWidth));
        row.choose->setMinimumHeight(pixels(2.9));
        row.choose->setStyleSheet(
            QStringLiteral(
                "QPushButton { font-size: %1px; text-align: left; color: %2; background: %3; border: %4px solid "
                "%5; border-left: %6px solid %7; border-radius: %8px; "
                "border-top-left-radius: 0px; border-bottom-left-radius: 0px; padding: %9px; }")
                .arg(pixels(1))
                .arg(m_theme->text.name(), m_theme->card.name())
                .arg(std::max(1, pixels(0.1)))
                .arg(m_theme->border.name())
                .arg(pixels(0.6))
                .arg(tone.edge.name())
                .arg(pixels(0.4))
                .arg(pixels(0.3))
            + QStringLiteral("QPushButton[chosen=\"true\"] { border-color: %1; border-left-color: %2; background: %3; }"
                             "QPushButton:hover { background: %4; }"
                             "QPushButton:disabled { color: %5; background: transparent; }")
                  .arg(m_theme->accent.name(), tone.edge.name(), mix(m_theme->card, m_theme->accent, 0.12).name(),
                      mix(m_theme->card, m_theme->text, 0.06).name(), m_theme->mutedText.name()));
    }
}

} // namespace timeslice
