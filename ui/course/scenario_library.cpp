#include "ui/course/scenario_library.h"

#include <QDir>
#include <algorithm>
#include <utility>

namespace timeslice {

namespace {

constexpr int kSettleMillis = 250;

QString name(const std::filesystem::path& path)
{
    return QString::fromStdString(path.string());
}

std::size_t mistakesIn(const std::vector<std::filesystem::path>& folders, const ScenarioCheck& check)
{
    Catalogue catalogue;
    for (const std::filesystem::path& folder : folders) {
        addOwnScenarios(catalogue, folder, check);
    }
    std::size_t count = 0;
    for (const DamagedScenario& damaged : catalogue.damaged) {
        count += damaged.mistakes.size();
    }
    return count;
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
    , m_compiler(std::make_shared<ScriptCompiler>([] { return findInterpreters(); }))
{
    m_settling.setSingleShot(true);
    m_settling.setInterval(kSettleMillis);
    connect(&m_settling, &QTimer::timeout, this, &ScenarioLibrary::look);
    const auto settle = [this] { m_settling.start(); };
    connect(&m_watcher, &QFileSystemWatcher::directoryChanged, this, settle);
    connect(&m_watcher, &QFileSystemWatcher::fileChanged, this, settle);
    m_known = files();
    watch();
    compileScripts();
}

void ScenarioLibrary::setOwn(std::vector<std::filesystem::path> own)
{
    m_folders.own = std::move(own);
    watch();
}

Result<Catalogue> ScenarioLibrary::read(const Folders& folders, const ScenarioCheck& check)
{
    Result<Catalogue> catalogue = readCatalogue(folders.shipped);
    if (catalogue) {
        for (const std::filesystem::path& own : folders.own) {
            addOwnScenarios(*catalogue, own, check);
        }
    }
    return catalogue;
}

Result<Catalogue> ScenarioLibrary::read(const Folders& folders)
{
    return read(folders, scenarioCheck(nullptr));
}

Result<Catalogue> ScenarioLibrary::read()
{
    m_known = files(); // before: what is written meanwhile is told of
    compileScripts();
    return read(m_folders, scenarioCheck(m_compiler, Scripts::Remembered));
}

void ScenarioLibrary::compileScripts()
{
    const bool any = std::any_of(
        m_known.begin(), m_known.end(), [](const auto& file) { return file.first.endsWith(QLatin1String(".py")); });
    if (!any) {
        return;
    }
    m_background.run([this, own = m_folders.own, compiler = m_compiler]() -> Background::Done {
        const std::size_t before = mistakesIn(own, scenarioCheck(compiler, Scripts::Remembered));
        const std::size_t after = mistakesIn(own, scenarioCheck(compiler, Scripts::Compiled));
        return before == after ? Background::Done() : [this] { emit changed(); };
    });
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
