// A button that a page offers beside its keys: clicked, or reached by Tab, and no place for the keyboard to stay.
#pragma once

#include <QPushButton>

namespace timeslice {

inline QPushButton* namedButton(const char* name, const QString& label, const QString& tip, QWidget* parent)
{
    auto* button = new QPushButton(label, parent);
    button->setObjectName(name);
    button->setAccessibleName(label);
    button->setToolTip(tip);
    button->setFocusPolicy(Qt::TabFocus);
    button->setAutoDefault(true);
    return button;
}

} // namespace timeslice
