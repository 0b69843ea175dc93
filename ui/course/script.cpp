#include "ui/course/script.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <algorithm>
#include <sys/stat.h>

namespace timeslice {

namespace {

Result<ScriptText> refuseScript(const QString& path, const char* what)
{
    return fail(QDir::toNativeSeparators(path).toStdString() + ": " + what, ErrorKind::Usage);
}

FileState stateFrom(const struct stat& status)
{
    return {
        status.st_dev, status.st_ino, status.st_size, Nanos{status.st_ctim.tv_sec} * kSecond + status.st_ctim.tv_nsec};
}

std::optional<FileState> stateOf(int file)
{
    struct stat status { };
    return ::fstat(file, &status) == 0 ? std::optional(stateFrom(status)) : std::nullopt;
}

/// A word that QProcess::splitCommand() gives back as it was. It knows double quotes only, three of them for one,
/// and has no way to write an empty word.
QString quoted(const QString& word)
{
    const auto special = [](QChar c) { return c.isSpace() || c == u'"'; };
    if (!word.isEmpty() && std::none_of(word.begin(), word.end(), special)) {
        return word;
    }
    QString inner = word;
    inner.replace(u'"', QStringLiteral("\"\"\""));
    return u'"' + inner + u'"';
}

} // namespace

std::optional<FileState> fileState(const QString& path)
{
    struct stat status { };
    return ::stat(QFile::encodeName(path).constData(), &status) == 0 ? std::optional(stateFrom(status)) : std::nullopt;
}

Result<ScriptText> readScript(const QString& path)
{
    const QFileInfo info(path);
    if (!info.exists()) {
        return refuseScript(path, "there is no such file");
    }
    if (!info.isFile()) {
        return refuseScript(
            path, info.isDir() ? "this is a folder, not a script" : "this is not a file that can be read");
    }
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        return refuseScript(path, ("it cannot be read: " + file.errorString().toStdString()).c_str());
    }
    const auto state = stateOf(file.handle());
    if (!state) {
        return refuseScript(path, "it cannot be read");
    }
    QCryptographicHash hash(QCryptographicHash::Sha256);
    const QByteArray head = file.read(kShownBytes);
    if (head.contains('\0')) {
        return refuseScript(path, "this is not a text file");
    }
    hash.addData(head);
    ScriptText script;
    script.file = *state;
    script.text = QString::fromUtf8(head);
    script.whole = file.atEnd();
    if (!script.whole) {
        hash.addData(&file);
    }
    script.digest = hash.result();
    return script;
}

QString joinCommand(const QStringList& words)
{
    QStringList parts;
    for (const QString& word : words) {
        parts << quoted(word);
    }
    return parts.join(u' ');
}

QStringList commandOf(const Script& script, const QString& interpreter)
{
    return QStringList{interpreter, script.path} + script.arguments;
}

PythonCommand pythonCommand(const Script& script, const Interpreter& interpreter)
{
    PythonCommand command;
    command.interpreter = interpreter;
    command.arguments.push_back(script.path.toStdString());
    for (const QString& argument : script.arguments) {
        command.arguments.push_back(argument.toStdString());
    }
    command.directory = script.directory.toStdString();
    command.captureOutput = true;
    command.limits = Limits{0, 0, 0, 0};
    return command;
}

} // namespace timeslice
