#include "ui/window/status_bar.h"

#include "ui/theme/role.h"
#include "ui/widgets/elided_label.h"

#include <QHBoxLayout>
#include <QStyle>

namespace timeslice {

StatusBar::StatusBar(QWidget* parent)
    : QWidget(parent)
    , m_word(new QLabel(this))
    , m_details(new ElidedLabel(this))
    , m_machine(new ElidedLabel(this))
{
    setObjectName("statusBar");
    setProperty("role", "footer");
    setAttribute(Qt::WA_StyledBackground);
    m_word->setObjectName("source");
    m_details->setObjectName("sourceDetails");
    m_details->setProperty("role", "muted");
    m_machine->setObjectName("machine");
    m_machine->setProperty("role", "muted");
    m_machine->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(20, 6, 20, 6);
    layout->setSpacing(14);
    layout->addWidget(m_word);
    layout->addWidget(m_details, 1);
    layout->addWidget(m_machine);
    setSource({});
}

void StatusBar::setSource(const SourceText& text)
{
    m_word->setVisible(!text.word.isEmpty());
    m_word->setText((text.measured ? QStringLiteral("● ") : QStringLiteral("○ ")) + text.word);
    m_word->setToolTip(text.explanation);
    setRole(m_word, text.measured ? "good" : "warning");
    setRole(m_details, text.lossy ? "warning" : "muted");
    m_details->setText(text.word.isEmpty() ? tr("nothing recorded yet") : text.details);
    m_details->setExplanation(text.explanation);
}

void StatusBar::setMachine(const MachineFacts& machine)
{
    m_machine->setText(describeMachine(machine));
    m_machine->setExplanation(QString::fromStdString(machine.cpu));
}

} // namespace timeslice
