#include "ui/window/choices_board.h"

#include <QGridLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QTimer>
#include <algorithm>

namespace timeslice {

namespace {

/// What is typed takes the place of what is there, and Space is the window's: it runs.
class HandsBox : public QSpinBox {
public:
    using QSpinBox::QSpinBox;

protected:
    bool event(QEvent* event) override
    {
        if (event->type() == QEvent::ShortcutOverride && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Space) {
            event->ignore();
            return false;
        }
        return QSpinBox::event(event);
    }
    void focusInEvent(QFocusEvent* event) override
    {
        QSpinBox::focusInEvent(event);
        QTimer::singleShot(0, this, &QSpinBox::selectAll); // the click has set the cursor by then
    }
};

} // namespace

ChoicesBoard::ChoicesBoard(QWidget* parent)
    : QWidget(parent)
    , m_grid(new QGridLayout(this))
    , m_heading(new QLabel(tr("What do you predict?"), this))
    , m_handsHeading(new QLabel(tr("hands"), this))
{
    setObjectName("choicesBoard");
    setAccessibleName(tr("Predictions of the class"));
    m_heading->setObjectName("boardHeading");
    m_handsHeading->setAlignment(Qt::AlignCenter);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setColumnStretch(0, 1);
    m_grid->addWidget(m_heading, 1, 0);
    m_grid->addWidget(m_handsHeading, 1, 1, Qt::AlignBottom);
    m_grid->setRowStretch(0, 1);
}

void ChoicesBoard::setChoices(const QStringList& choices)
{
    for (QWidget* old : std::vector<QWidget*>(m_choices.begin(), m_choices.end())) {
        delete old;
    }
    for (QSpinBox* old : m_hands) {
        delete old;
    }
    m_choices.clear();
    m_hands.clear();
    for (int row = 2, rows = m_grid->rowCount(); row < rows; ++row) { // setting one makes more of them
        m_grid->setRowStretch(row, 0);
    }
    for (int i = 0; i < choices.size(); ++i) {
        const auto index = static_cast<std::size_t>(i);
        auto* choice = new QPushButton(QStringLiteral("%1   %2").arg(i + 1).arg(choices[i]), this);
        choice->setObjectName("choice" + QString::number(i + 1));
        choice->setAccessibleName(choices[i]);
        choice->setCheckable(true);
        choice->setCursor(Qt::PointingHandCursor);
        choice->setFocusPolicy(Qt::TabFocus);
        connect(choice, &QPushButton::clicked, this, [this, index] { emit chosen(index); });
        auto* hands = new HandsBox(this);
        hands->setObjectName("hands" + QString::number(i + 1));
        hands->setAccessibleName(tr("Hands for “%1”").arg(choices[i]));
        hands->setRange(0, kMostHands);
        hands->setSpecialValueText(QStringLiteral("–"));
        hands->setAlignment(Qt::AlignCenter);
        hands->setFocusPolicy(Qt::ClickFocus);
        connect(hands, &QSpinBox::valueChanged, this, [this, index](int value) { emit handsChanged(index, value); });
        m_grid->addWidget(choice, i + 2, 0);
        m_grid->addWidget(hands, i + 2, 1);
        m_choices.push_back(choice);
        m_hands.push_back(hands);
        choice->show();
        hands->show();
    }
    m_grid->setRowStretch(static_cast<int>(choices.size()) + 2, 2);
    applyStyle();
}

void ChoicesBoard::setChosen(std::optional<std::size_t> choice)
{
    for (std::size_t i = 0; i < m_choices.size(); ++i) {
        m_choices[i]->setChecked(choice == i);
    }
}

void ChoicesBoard::setHands(const std::vector<int>& hands)
{
    for (std::size_t i = 0; i < m_hands.size(); ++i) {
        const QSignalBlocker blocker(m_hands[i]);
        m_hands[i]->setValue(i < hands.size() ? hands[i] : 0);
    }
}

void ChoicesBoard::setTheme(const Theme& theme)
{
    m_theme = &theme;
    applyStyle();
}

void ChoicesBoard::setPageHeight(int height)
{
    if (height != m_pageHeight) {
        m_pageHeight = height;
        applyStyle();
    }
}

void ChoicesBoard::applyStyle()
{
    const int text = std::max(10, m_pageHeight / 26);
    const int small = std::max(9, m_pageHeight / 36);
    m_heading->setStyleSheet(
        QStringLiteral("font-size: %1px; font-weight: 700; color: %2;").arg(text * 5 / 4).arg(m_theme->text.name()));
    m_handsHeading->setStyleSheet(
        QStringLiteral("font-size: %1px; color: %2;").arg(small).arg(m_theme->mutedText.name()));
    m_grid->setVerticalSpacing(m_pageHeight / 60);
    m_grid->setHorizontalSpacing(m_pageHeight / 30);
    for (QPushButton* choice : m_choices) {
        choice->setStyleSheet(
            QStringLiteral("QPushButton { font-size: %1px; text-align: left; color: %2; background: %3; "
                           "border: %6px solid %4; border-radius: %7px; padding: %8px; }"
                           "QPushButton:checked { border-color: %5; background: %9; }"
                           "QPushButton:hover { border-color: %5; }")
                .arg(text)
                .arg(m_theme->text.name(), m_theme->card.name(), m_theme->border.name(), m_theme->accent.name())
                .arg(std::max(1, m_pageHeight / 360))
                .arg(m_pageHeight / 80)
                .arg(m_pageHeight / 70)
                .arg(mix(m_theme->card, m_theme->accent, 0.18).name()));
    }
    for (QSpinBox* hands : m_hands) {
        hands->setStyleSheet(QStringLiteral("font-size: %1px;").arg(text));
        hands->setFixedWidth(text * 4);
    }
}

} // namespace timeslice
