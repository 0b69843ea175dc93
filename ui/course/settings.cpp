#include "ui/course/settings.h"

#include <QDir>
#include <QStandardPaths>
#include <algorithm>

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

double WindowSettings::textScale() const
{
    bool number = false;
    const double scale = m_settings.value("textScale", 1).toDouble(&number);
    return number && scale > 0 ? std::clamp(scale, 0.7, 2.0) : 1;
}

void WindowSettings::setTextScale(double scale)
{
    m_settings.setValue("textScale", scale);
}

QString WindowSettings::lesson() const
{
    return m_settings.value("lesson").toString();
}

void WindowSettings::setLesson(const QString& id)
{
    m_settings.setValue("lesson", id);
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

std::filesystem::path WindowSettings::scenarioFolder() const
{
    const QString folder = m_settings.value("scenarioFolder").toString();
    return QDir::isAbsolutePath(folder) ? std::filesystem::path(folder.toStdString()) : std::filesystem::path();
}

void WindowSettings::setScenarioFolder(const std::filesystem::path& folder)
{
    m_settings.setValue("scenarioFolder", QString::fromStdString(folder.string()));
}

bool WindowSettings::allowed(const QByteArray& digest) const
{
    return m_settings.value("allowed").toStringList().contains(QString::fromLatin1(digest.toHex()));
}

void WindowSettings::allow(const QByteArray& digest)
{
    QStringList all = m_settings.value("allowed").toStringList();
    all.removeAll(QString::fromLatin1(digest.toHex()));
    all.prepend(QString::fromLatin1(digest.toHex()));
    m_settings.setValue("allowed", QStringList(all.mid(0, kConsentsKept)));
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

std::vector<Script> WindowSettings::scripts() const
{
    std::vector<Script> scripts;
    const int size = m_settings.beginReadArray("scripts");
    for (int i = 0; i < size && scripts.size() < kScriptsKept; ++i) {
        m_settings.setArrayIndex(i);
        Script script{m_settings.value("path").toString(), m_settings.value("arguments").toStringList(),
            m_settings.value("directory").toString(), m_settings.value("interpreter").toString()};
        if (QDir::isAbsolutePath(script.path)) {
            scripts.push_back(std::move(script));
        }
    }
    m_settings.endArray();
    return scripts;
}

void WindowSettings::addScript(const Script& script)
{
    std::vector<Script> all = scripts();
    std::erase_if(all, [&](const Script& other) { return other.path == script.path; });
    all.insert(all.begin(), script);
    all.resize(std::min(all.size(), kScriptsKept));
    m_settings.beginWriteArray("scripts", static_cast<int>(all.size()));
    for (std::size_t i = 0; i < all.size(); ++i) {
        m_settings.setArrayIndex(static_cast<int>(i));
        m_settings.setValue("path", all[i].path);
        m_settings.setValue("arguments", all[i].arguments);
        m_settings.setValue("directory", all[i].directory);
        m_settings.setValue("interpreter", all[i].interpreter);
    }
    m_settings.endArray();
}

std::vector<std::filesystem::path> WindowSettings::addedInterpreters() const
{
    std::vector<std::filesystem::path> paths;
    for (const QString& path : m_settings.value("interpreters").toStringList()) {
        paths.emplace_back(path.toStdString());
    }
    return paths;
}

void WindowSettings::addInterpreter(const std::filesystem::path& path)
{
    QStringList paths = m_settings.value("interpreters").toStringList();
    const QString text = QString::fromStdString(path.string());
    if (!paths.contains(text)) {
        m_settings.setValue("interpreters", paths << text);
    }
}

} // namespace timeslice
