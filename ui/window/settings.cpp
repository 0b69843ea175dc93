#include "ui/window/settings.h"

#include <QDir>
#include <QStandardPaths>

namespace timeslice {

namespace {

QString settingsFile(const QString& file)
{
    return file.isEmpty()
        ? QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation) + "/timeslice/window.ini"
        : file;
}

} // namespace

WindowSettings::WindowSettings(const QString& file)
    : m_settings(settingsFile(file), QSettings::IniFormat)
{
}

ThemeKind WindowSettings::theme() const
{
    return m_settings.value("theme").toString() == "dark" ? ThemeKind::Dark : ThemeKind::Light;
}

void WindowSettings::setTheme(ThemeKind kind)
{
    m_settings.setValue("theme", kind == ThemeKind::Dark ? "dark" : "light");
}

bool WindowSettings::showAuxiliary() const
{
    return m_settings.value("showHelperThreads", false).toBool();
}

void WindowSettings::setShowAuxiliary(bool show)
{
    m_settings.setValue("showHelperThreads", show);
}

QByteArray WindowSettings::geometry() const
{
    return m_settings.value("geometry").toByteArray();
}

void WindowSettings::setGeometry(const QByteArray& geometry)
{
    m_settings.setValue("geometry", geometry);
}

QString WindowSettings::folder() const
{
    const QString folder = m_settings.value("folder").toString();
    if (!folder.isEmpty() && QDir(folder).exists()) {
        return folder;
    }
    const QString documents = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    return QDir(documents).exists() ? documents : QDir::homePath();
}

void WindowSettings::setFolder(const QString& folder)
{
    m_settings.setValue("folder", folder);
}

QSize WindowSettings::pictureSize() const
{
    const QSize size = m_settings.value("pictureSize").toSize();
    return size.width() >= 320 && size.height() >= 240 && size.width() <= 16384 ? size : QSize(1920, 1080);
}

void WindowSettings::setPictureSize(QSize size)
{
    m_settings.setValue("pictureSize", size);
}

} // namespace timeslice
