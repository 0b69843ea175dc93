#include "ui/theme/role.h"

#include <QLatin1String>
#include <QStyle>
#include <QVariant>
#include <QWidget>

namespace timeslice {

void setRole(QWidget* widget, const char* role)
{
    if (widget->property("role").toString() != QLatin1String(role)) {
        widget->setProperty("role", role);
        widget->style()->unpolish(widget);
        widget->style()->polish(widget);
    }
}

} // namespace timeslice
