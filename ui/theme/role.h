// The style sheets' roles: what a widget is for, by which they choose colours and fonts.
#pragma once

class QWidget;

namespace timeslice {

/// Sets it and applies the style anew, if it is another than before.
void setRole(QWidget* widget, const char* role);

} // namespace timeslice
