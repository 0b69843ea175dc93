#include "ui/result/loss_section.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

namespace timeslice {

LossSection::LossSection(QWidget* parent)
    : PanelSection(tr("LOST UPDATES"), parent)
{
    setObjectName("losses");
    m_place = addText("strong");
    m_place->setObjectName("lossPlace");
    auto* row = new QWidget(this);
    auto* buttons = new QHBoxLayout(row);
    buttons->setContentsMargins(0, 0, 0, 0);
    buttons->setSpacing(6);
    m_first = addButton(tr("First"), "firstLoss", tr("To the first lost update of this variant"));
    m_previous = addButton(tr("Back"), "previousLoss", tr("To the lost update before (Shift+N)"));
    m_next = addButton(tr("Next"), "nextLoss", tr("To the next lost update (N)"));
    for (QPushButton* button : {m_first, m_previous, m_next}) {
        buttons->addWidget(button);
    }
    add(row, 6);
    connect(m_first, &QPushButton::clicked, this, &LossSection::firstWanted);
    connect(m_previous, &QPushButton::clicked, this, &LossSection::previousWanted);
    connect(m_next, &QPushButton::clicked, this, &LossSection::nextWanted);
    m_sentence = addText(nullptr, 8);
    m_sentence->setObjectName("lossSentence");
    m_steps = new FactTable(this);
    m_steps->setObjectName("lossSteps");
    add(m_steps, 6);
    m_line = addText("muted", 6);
    m_line->setObjectName("lossLine");
    m_account = addText("muted", 6);
    m_account->setObjectName("lossAccount");
}

QPushButton* LossSection::addButton(const QString& text, const char* name, const QString& tip)
{
    auto* button = new QPushButton(text, this);
    button->setObjectName(name);
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    button->setAutoDefault(true);
    button->setCursor(Qt::PointingHandCursor);
    return button;
}

void LossSection::showLoss(const LossText& text)
{
    m_place->setText(text.place);
    m_sentence->setText(text.sentence);
    m_steps->setRows(text.steps);
    m_line->setText(text.line);
    m_line->setVisible(!text.line.isEmpty());
    m_account->setText(text.account);
    m_account->setVisible(!text.account.isEmpty());
}

} // namespace timeslice
