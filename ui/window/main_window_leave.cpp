// MainWindow and what ends a run that is going on: closing the window, and leaving a script's page.
#include "ui/window/main_window.h"

#include <QCloseEvent>
#include <QMessageBox>
#include <QPushButton>

namespace timeslice {

void MainWindow::askToStop(const QString& consequence, const QString& button, std::function<void()> stop)
{
    if (m_question) {
        m_question->reject();
    }
    const QString title = QString::fromStdString(m_lessons.at(*m_current).shown.title);
    m_question = new QMessageBox(
        QMessageBox::NoIcon, tr("Stop the run?"), tr("“%1” is still running.").arg(title), QMessageBox::NoButton, this);
    m_question->setObjectName("stopQuestion");
    m_question->setAttribute(Qt::WA_DeleteOnClose);
    m_question->setTextFormat(Qt::PlainText);
    m_question->setInformativeText(consequence);
    auto* yes = m_question->addButton(button, QMessageBox::AcceptRole);
    yes->setObjectName("stopRun");
    auto* no = m_question->addButton(tr("Keep running"), QMessageBox::RejectRole);
    no->setObjectName("keepRunning");
    m_question->setDefaultButton(no);
    m_question->setEscapeButton(no);
    connect(yes, &QPushButton::clicked, this, [stop = std::move(stop)] { stop(); });
    // Then there is nothing left to ask; whoever asked sees what it came to, and can go on from there.
    connect(&m_controller, &RunController::ended, m_question, &QDialog::reject);
    m_question->open();
}

void MainWindow::leaveScript(std::function<void()> leave)
{
    if (m_controller.running() && m_current && m_lessons.at(*m_current).script) {
        askToStop(tr("Going on from here stops it. What was recorded until then stays on its page."),
            tr("Stop and go on"), std::move(leave));
    } else {
        leave();
    }
}

void MainWindow::closeAtOnce()
{
    m_closing = true;
    close();
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    if (m_controller.running() && !m_closing) {
        event->ignore();
        askToStop(tr("Closing the window stops it, and what was recorded is lost."), tr("Stop and close"),
            [this] { closeAtOnce(); });
        return;
    }
    present(false);
    m_settings.setGeometry(saveGeometry());
    m_controller.stop(); // who destroys the window waits for its end, out of sight
    event->accept();
}

} // namespace timeslice
