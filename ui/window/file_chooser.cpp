#include "ui/window/file_chooser.h"

#include <QFileDialog>

namespace timeslice {

FileChooser FileChooser::dialogs()
{
    FileChooser chooser;
    chooser.save = [](QWidget* parent, const QString& title, const QString& path, const QString& filter) {
        return QFileDialog::getSaveFileName(parent, title, path, filter);
    };
    chooser.open = [](QWidget* parent, const QString& title, const QString& path, const QString& filter) {
        return QFileDialog::getOpenFileName(parent, title, path, filter);
    };
    return chooser;
}

} // namespace timeslice
