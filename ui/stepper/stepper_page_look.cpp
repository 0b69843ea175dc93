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
constexpr double kActions = 39; // what is done with all threads: its buttons in a line

} // namespace

/// What it is made of stands below each other, all rows of outcomes included: everything is as large as there is room,
/// up to somewhat above the size that was asked for.
StepperPage::Fit StepperPage::fitting() const
{
    constexpr double kWay = 9; // in the line of buttons, each way's
    constexpr double kLargest = 1.35; // of what was asked for
    const double ways = static_cast<double>(std::max<std::size_t>(2, m_stepper.ways().size()));
    const double beside = std::min(height() / heightInEms(1), width() / (kActions + ways * kWay));
    const double below = std::min(height() / heightInEms(2), width() / kActions);
    const double least = leastEm();
    const double most = std::max(least, kLargest * askedEm());
    const int lines = std::clamp(below, least, most) > beside ? 2 : 1;
    return {lines, std::clamp(lines == 2 ? below : beside, least, most)};
}

double StepperPage::askedEm() const
{
    return m_points * logicalDpiY() / 72;
}

double StepperPage::leastEm() const
{
    constexpr double kSmallest = 0.75; // of what was asked for
    constexpr double kReadable = 8; // px
    return std::max(kReadable, std::min(kSmallest * askedEm(), width() / kActions));
}

double StepperPage::heightInEms(int lines) const
{
    constexpr double kLine = 3; // of buttons
    constexpr double kRest = 4; // the message, and what is between
    constexpr double kOutcomes = 2.3; // of a way
    const double ways = static_cast<double>(std::max<std::size_t>(2, m_stepper.ways().size()));
    const double rows = static_cast<double>(std::max<std::size_t>(3, m_rows.size()));
    return rows * (rowHeight() + 0.4) + kRest + ways * kOutcomes + lines * kLine;
}

QSize StepperPage::minimumSizeHint() const
{
    constexpr int kNarrow = 320;
    return {kNarrow, static_cast<int>(heightInEms(2) * leastEm()) + 1};
}

/// Of a thread's button: its name, and what it does next; a script's line stands below that.
double StepperPage::rowHeight() const
{
    const bool script = !m_stepper.ways().empty() && m_stepper.isScript();
    return script ? 4.1 : 2.9;
}

int StepperPage::pixels(double ems) const
{
    return static_cast<int>(m_fit.em * ems);
}

void StepperPage::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    updateGeometry(); // at another width it needs another height
    if (fitting() != m_fit) {
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
    m_fit = fitting();
    updateGeometry();
    m_top->setDirection(m_fit.lines == 1 ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    m_layout->setContentsMargins(kSide, pixels(0.8), kSide, pixels(0.8));
    m_layout->setSpacing(pixels(0.7));
    for (QBoxLayout* line : {m_top, static_cast<QBoxLayout*>(m_choices), static_cast<QBoxLayout*>(m_actions)}) {
        line->setSpacing(pixels(0.6));
    }
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
        row.choose->setMinimumHeight(pixels(rowHeight()));
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
