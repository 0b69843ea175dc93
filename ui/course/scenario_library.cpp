#include "ui/course/scenario_library.h"

#include <QDir>
#include <utility>

namespace timeslice {

namespace {

constexpr int kSettleMillis = 250;

QString name(const std::filesystem::path& path)
{
    return QString::fromStdString(path.string());
}

/// The folder, or the nearest one above it that is there.
QString nearestThere(std::filesystem::path folder)
{
    std::error_code ignored;
    while (!std::filesystem::is_directory(folder, ignored) && folder.has_relative_path()) {
        folder = folder.parent_path();
    }
    return name(folder);
}

} // namespace

ScenarioLibrary::ScenarioLibrary(Folders folders, QObject* parent)
    : QObject(parent)
    , m_folders(std::move(folders))
{
    m_settling.setSingleShot(true);
    m_settling.setInterval(kSettleMillis);
    connect(&m_settling, &QTimer::timeout, this, &ScenarioLibrary::look);
    const auto settle = [this] { m_settling.start(); };
    connect(&m_watcher, &QFileSystemWatcher::directoryChanged, this, settle);
    connect(&m_watcher, &QFileSystemWatcher::fileChanged, this, settle);
    m_known = files();
    watch();
}

void ScenarioLibrary::setOwn(std::vector<std::filesystem::path> own)
{
    m_folders.own = std::move(own);
    watch();
}

Result<Catalogue> ScenarioLibrary::read(const Folders& folders)
{
    Result<Catalogue> catalogue = readCatalogue(folders.shipped);
    if (catalogue) {
        for (const std::filesystem::path& own : folders.own) {
            addOwnScenarios(*catalogue, own);
        }
    }
    return catalogue;
}

Result<Catalogue> ScenarioLibrary::read()
{
    m_known = files(); // before: what is written meanwhile is told of
    return read(m_folders);
}

ScenarioLibrary::Files ScenarioLibrary::files() const
{
    Files files;
    for (const std::filesystem::path& own : m_folders.own) {
        const QDir folder(name(own));
        for (const QString& file : folder.entryList({"*.json", "*.py"}, QDir::Files)) {
            if (const auto state = fileState(folder.filePath(file))) {
                files[folder.filePath(file)] = *state;
            }
        }
    }
    return files;
}

/// Once more for each: a file that another was put in the place of is not watched any more.
void ScenarioLibrary::watch()
{
    if (const QStringList before = m_watcher.files() + m_watcher.directories(); !before.isEmpty()) {
        m_watcher.removePaths(before);
    }
    QStringList paths;
    for (const std::filesystem::path& own : m_folders.own) {
        paths << nearestThere(own);
    }
    for (const auto& [file, ignored] : files()) {
        paths << file;
    }
    paths.removeDuplicates();
    if (!paths.isEmpty()) {
        m_watcher.addPaths(paths);
    }
}

void ScenarioLibrary::look()
{
    watch();
    Files now = files();
    if (now != m_known) {
        m_known = std::move(now);
        emit changed();
    }
}

} // namespace timeslice
