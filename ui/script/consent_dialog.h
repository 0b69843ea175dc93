// ConsentDialog: what a lesson that was not shipped would run, and within which limits, before anything of it does.
#pragma once

#include "core/scenario/scenario.h"
#include "ui/theme/theme.h"

#include <QDialog>

namespace timeslice {

/// "It is ended after 20 s, or if it has more than 64 threads and processes; ...".
QString limitsText(const Limits& limits);
/// Its scripts, or what the worker is told to do.
QString programsText(const Scenario& scenario);

/// Cancel is what Return and Esc do.
class ConsentDialog : public QDialog {
    Q_OBJECT
public:
    /// `scenario` is resolved.
    ConsentDialog(const Scenario& scenario, const Theme& theme, QWidget* parent);
};

} // namespace timeslice
