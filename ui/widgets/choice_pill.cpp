#include "ui/widgets/choice_pill.h"

#include <QEvent>
#include <algorithm>

namespace timeslice {

namespace {
constexpr int kPillPadding = 12; // of the style sheet, on either side, border included
constexpr int kSlack = 2; // widths of text are rounded
} // namespace

ChoicePill::ChoicePill(const QString& text, QWidget* parent)
    : QPushButton(text, parent)
    , m_text(text)
{
    setProperty("role", "choice");
    setCheckable(true);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed); // rather shortened than wider than there is room
    // Space starts and stops the run wherever the focus is, so Return is what presses a button here.
    setAutoDefault(true);
}

QFont ChoicePill::boldFont() const
{
    QFont bold = font();
    bold.setBold(true);
    return bold;
}

QSize ChoicePill::sizeHint() const
{
    return {QFontMetrics(boldFont()).horizontalAdvance(m_text) + 2 * kPillPadding + kSlack,
        QPushButton::sizeHint().height()};
}

QSize ChoicePill::minimumSizeHint() const
{
    return {std::min(100, sizeHint().width()), sizeHint().height()};
}

void ChoicePill::resizeEvent(QResizeEvent* event)
{
    QPushButton::resizeEvent(event);
    fitText();
}

void ChoicePill::changeEvent(QEvent* event)
{
    QPushButton::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) {
        updateGeometry();
        fitText();
    }
}

void ChoicePill::fitText()
{
    const QString shown =
        QFontMetrics(boldFont()).elidedText(m_text, Qt::ElideRight, std::max(0, width() - 2 * kPillPadding));
    if (shown != text()) {
        setText(shown);
    }
}

} // namespace timeslice
