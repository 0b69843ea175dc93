#include "ui/widgets/file_chooser.h"

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
    chooser.folder = [](QWidget* parent, const QString& title, const QString& path, const QString&) {
        return QFileDialog::getExistingDirectory(parent, title, path);
    };
    return chooser;
}

} // namespace timeslice
