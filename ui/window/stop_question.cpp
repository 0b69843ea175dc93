#include "ui/window/stop_question.h"

#include "ui/course/desk.h"
#include "ui/text/free_text.h"

#include <QMessageBox>
#include <QPushButton>
#include <utility>

namespace timeslice {

StopQuestion::StopQuestion(const Desk& desk, QWidget& window)
    : m_desk(desk)
    , m_window(window)
{
}

void StopQuestion::ask(const QString& consequence, const QString& button, std::function<void()> stop)
{
    if (m_box) {
        m_box->reject();
    }
    m_box = new QMessageBox(QMessageBox::NoIcon, tr("Stop the run?"),
        tr("“%1” is still running.").arg(text(m_desk.lesson()->shown.title)), QMessageBox::NoButton, &m_window);
    m_box->setObjectName("stopQuestion");
    m_box->setAttribute(Qt::WA_DeleteOnClose);
    m_box->setTextFormat(Qt::PlainText);
    m_box->setInformativeText(consequence);
    auto* yes = m_box->addButton(button, QMessageBox::AcceptRole);
    yes->setObjectName("stopRun");
    auto* no = m_box->addButton(tr("Keep running"), QMessageBox::RejectRole);
    no->setObjectName("keepRunning");
    m_box->setDefaultButton(no);
    m_box->setEscapeButton(no);
    QObject::connect(yes, &QPushButton::clicked, &m_window, [stop = std::move(stop)] { stop(); });
    // Then there is nothing left to ask; whoever asked sees what it came to, and can go on from there.
    QObject::connect(&m_desk.controller(), &RunController::ended, m_box, &QDialog::reject);
    m_box->open();
}

} // namespace timeslice
