// What the window's own widgets need on top of Theme::styleSheet().
#pragma once

#include "ui/theme/theme.h"

#include <QString>

namespace timeslice {

/// `icons`: the folder of the resources that holds the small arrows of fields.
QString windowStyleSheet(const Theme& theme, const QString& icons);

} // namespace timeslice
