// ScenarioLibrary: where scenarios come from, and when the files of the viewer's own have changed.
#pragma once

#include "core/scenario/catalogue.h"
#include "core/session/check_scenario.h"
#include "ui/course/background.h"
#include "ui/course/script.h"

#include <QFileSystemWatcher>
#include <QTimer>
#include <filesystem>
#include <map>
#include <vector>

namespace timeslice {

/// Belongs to the UI thread.
///
/// Editors write a file in place, or put another in its place, in several steps; so nothing is told before a quarter of
/// a second has gone by without another step, and only if a file is not what it was. The folders are watched, for what
/// is put there, and the files, for what is written into them; what is not there yet, by the folder above it.
///
/// All that is wrong with one of the viewer's own is found (core/session/check_scenario.h). That takes a Python where
/// there is a script, for which nobody waits: what comes of it is told as a change.
class ScenarioLibrary : public QObject {
    Q_OBJECT
public:
    struct Folders {
        std::filesystem::path shipped;
        std::vector<std::filesystem::path> own; ///< as ownScenarioFolders(); copies go into the last
    };

    explicit ScenarioLibrary(Folders folders, QObject* parent = nullptr);

    const Folders& folders() const noexcept { return m_folders; }
    void setOwn(std::vector<std::filesystem::path> own);
    /// Of these folders; scripts are not compiled. Errors: those of the shipped ones cannot be read.
    static Result<Catalogue> read(const Folders& folders);
    /// The same, with what is known of scripts; what changes from now on is told.
    Result<Catalogue> read();

signals:
    void changed();

private:
    using Files = std::map<QString, FileState>;
    Files files() const; ///< the scenarios and scripts that there are
    static Result<Catalogue> read(const Folders& folders, const ScenarioCheck& check);
    void watch();
    void look();
    void compileScripts();

    Folders m_folders;
    QFileSystemWatcher m_watcher;
    QTimer m_settling;
    Files m_known;
    std::shared_ptr<ScriptCompiler> m_compiler;
    Background m_background;
};

} // namespace timeslice
