#include "ui/widgets/panel_section.h"

#include "ui/widgets/elided_label.h"
#include "ui/widgets/wrapped_label.h"

namespace timeslice {

PanelSection::PanelSection(const QString& title, QWidget* parent)
    : QWidget(parent)
    , m_title(new ElidedLabel(this))
    , m_layout(new QVBoxLayout(this))
{
    m_title->setProperty("role", "section");
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(0);
    m_layout->addWidget(m_title);
    m_layout->addSpacing(6);
    setTitle(title);
}

void PanelSection::setTitle(const QString& title)
{
    m_title->setText(title);
}

QString PanelSection::title() const
{
    return m_title->text();
}

void PanelSection::add(QWidget* widget, int spaceAbove)
{
    if (spaceAbove > 0) {
        m_layout->addSpacing(spaceAbove);
    }
    m_layout->addWidget(widget);
}

QLabel* PanelSection::addText(const char* role, int spaceAbove)
{
    auto* label = new WrappedLabel(this);
    label->setProperty("role", role != nullptr ? role : "body");
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    add(label, spaceAbove);
    return label;
}

} // namespace timeslice
