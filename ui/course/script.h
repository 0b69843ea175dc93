// Script: a Python program of the viewer's, and how it is to be run.
#pragma once

#include "core/base/result.h"
#include "core/session/run_options.h"

#include <QByteArray>
#include <QString>
#include <QStringList>
#include <cstdint>
#include <optional>

namespace timeslice {

struct Script {
    QString path; ///< absolute
    QStringList arguments;
    QString directory; ///< to run in
    QString interpreter; ///< the path that was chosen last; empty = the best found

    friend bool operator==(const Script&, const Script&) = default;
};

/// What the viewer has looked at and let run, in this session.
struct ScriptConsent {
    Interpreter interpreter;
    QByteArray digest; ///< of the script's bytes: another text is another script
};

/// A file as it was at some moment: whoever writes to it, or puts another in its place, changes this.
struct FileState {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    Nanos changed = 0; ///< st_ctim, which nobody can set

    friend bool operator==(const FileState&, const FileState&) = default;
};
/// nullopt: there is no such file (any more).
std::optional<FileState> fileState(const QString& path);

/// A script's bytes as text, for reading before a run.
struct ScriptText {
    FileState file; ///< before it was read
    QString text; ///< the first kShownBytes of it
    QByteArray digest; ///< of all of it
    bool whole = true;
};
inline constexpr qint64 kShownBytes = qint64{1} << 20;

/// Errors (Usage): not there, not a file, not readable, not text; each names the path.
Result<ScriptText> readScript(const QString& path);

/// "prog --name 'two words'": words as a shell would take them, for people and QProcess::splitCommand() alike.
QString joinCommand(const QStringList& words);
/// What will be run, word by word.
QStringList commandOf(const Script& script, const QString& interpreter);
/// What the session runs. Output is captured, nothing is limited: the viewer can stop it.
PythonCommand pythonCommand(const Script& script, const Interpreter& interpreter);

} // namespace timeslice
