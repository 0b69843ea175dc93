// The stepper's keys: the numbers are threads here, and the remote's keys are steps.
#include "ui/stepper/stepper_page.h"

#include <QKeyEvent>
#include <QPushButton>

namespace timeslice {

bool StepperPage::turn(int direction)
{
    return direction > 0 ? m_stepper.next() : m_stepper.back();
}

/// Whether the key says something here; `really`: does it.
bool StepperPage::handle(const QKeyEvent& event, bool really)
{
    if (m_rows.empty()) {
        return false;
    }
    const Qt::KeyboardModifiers modifiers = event.modifiers() & ~Qt::KeypadModifier;
    const auto act = [really](auto&& what) {
        if (really) {
            what();
        }
        return true;
    };
    if (event.matches(QKeySequence::Undo)) {
        return act([this] { m_stepper.back(); });
    }
    if (modifiers != Qt::NoModifier) {
        return false;
    }
    if (const int thread = event.key() - Qt::Key_1; thread >= 0 && thread < static_cast<int>(StepJob::kMostThreads)) {
        return act([this, thread] { m_stepper.take(static_cast<std::size_t>(thread)); });
    }
    switch (event.key()) {
    case Qt::Key_Right:
    case Qt::Key_Return:
    case Qt::Key_Enter:
        return act([this] { m_stepper.next(); });
    case Qt::Key_Left:
    case Qt::Key_Backspace:
        return act([this] { m_stepper.back(); });
    case Qt::Key_Down:
        return act([this] { m_stepper.choose(1); });
    case Qt::Key_Up:
        return act([this] { m_stepper.choose(-1); });
    case Qt::Key_Home:
        return act([this] { m_stepper.restart(); });
    case Qt::Key_L:
        return act([this] { m_find->click(); });
    case Qt::Key_A:
        return act([this] { m_all->click(); });
    default:
        return false;
    }
}

bool StepperPage::event(QEvent* event)
{
    if (event->type() == QEvent::ShortcutOverride && handle(*static_cast<QKeyEvent*>(event), false)) {
        event->accept(); // before the window's own keys: 1 is a thread here and no prediction
        return true;
    }
    return QWidget::event(event);
}

void StepperPage::keyPressEvent(QKeyEvent* event)
{
    if (!handle(*event, true)) {
        QWidget::keyPressEvent(event);
    }
}

void StepperPage::mousePressEvent(QMouseEvent* event)
{
    setFocus(Qt::MouseFocusReason);
    QWidget::mousePressEvent(event);
}

} // namespace timeslice
