// FileChooser: asks the person for a file. Replaceable, so that tests need no dialog.
#pragma once

#include <QString>
#include <functional>

class QWidget;

namespace timeslice {

struct FileChooser {
    /// Title, suggested path, filter as QFileDialog takes it. Returns the chosen path; empty = cancelled.
    using Ask =
        std::function<QString(QWidget* parent, const QString& title, const QString& path, const QString& filter)>;
    Ask save;
    Ask open;
    Ask folder; ///< an existing one; takes no filter

    /// The desktop's own dialogs.
    static FileChooser dialogs();
};

} // namespace timeslice
