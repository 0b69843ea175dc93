#include "core/python/ask_interpreter.h"

#include "core/python/preloadable.h"
#include "core/python/pyenv.h"

#include <cerrno>
#include <cstdlib>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace timeslice {

namespace {

namespace fs = std::filesystem;

Result<void> checkExecutable(const fs::path& path)
{
    struct stat status { };
    if (::stat(path.c_str(), &status) != 0) {
        return failErrno("cannot use the interpreter " + path.string(), errno, ErrorKind::Usage);
    }
    if (S_ISDIR(status.st_mode)) {
        return fail(path.string() + " is a folder; name the interpreter in it, such as "
                + (path / "bin/python3").lexically_normal().string(),
            ErrorKind::Usage);
    }
    if (!S_ISREG(status.st_mode) || ::access(path.c_str(), X_OK) != 0) {
        return fail(path.string() + " is not executable", ErrorKind::Usage);
    }
    return {};
}

Answer askOnce(
    const fs::path& path, const std::string& surroundings, InterpreterCache& cache, std::mutex& mutex, int stopFd)
{
    std::optional<FileKey> key = FileKey::of(path);
    if (key) {
        key->surroundings = surroundings;
        const std::lock_guard lock(mutex);
        if (const std::optional<Answer> known = cache.find(*key)) {
            return *known;
        }
    }
    Answer answer = askProgram(path, kAnswerWithin, stopFd);
    if (key) {
        const std::lock_guard lock(mutex);
        cache.put(*key, answer);
    }
    return answer;
}

Result<Interpreter> ask(const fs::path& path, InterpreterCache& cache, std::mutex& mutex, int stopFd)
{
    if (Result<void> executable = checkExecutable(path); !executable) {
        return tl::unexpected(executable.error());
    }
    if (Result<void> preloadable = checkPreloadable(path); !preloadable) {
        return tl::unexpected(preloadable.error());
    }
    const bool shim = isPyenvShim(path);
    const Answer answer = askOnce(path, shim ? pyenvSurroundings(path) : std::string(), cache, mutex, stopFd);
    if (answer.kind != Answer::Kind::Python) {
        return fail(path.string() + " " + answer.why, ErrorKind::Usage);
    }
    // Not the shim, which is a crowd of shell processes, but what it stands for here.
    if (std::error_code error; shim && !isPyenvShim(answer.executable) && fs::exists(answer.executable, error)) {
        return ask(answer.executable, cache, mutex, stopFd);
    }
    if (answer.interpreter.implementation == "cpython" && answer.interpreter.major < 3) {
        return fail(path.string() + " is Python " + answer.interpreter.version
                + ", whose GIL works in another way; Timeslice traces Python 3",
            ErrorKind::Usage);
    }
    Interpreter interpreter = answer.interpreter;
    interpreter.path = path;
    return interpreter;
}

} // namespace

Result<fs::path> lookUpInterpreter(const fs::path& name)
{
    if (name.empty()) {
        return fail("the name of the interpreter is empty", ErrorKind::Usage);
    }
    std::error_code error;
    if (name.string().find('/') != std::string::npos) {
        const fs::path absolute = fs::absolute(name, error);
        return error ? name : absolute.lexically_normal();
    }
    const char* path = std::getenv("PATH");
    std::istringstream folders(path == nullptr ? "/usr/bin:/bin" : path);
    for (std::string folder; std::getline(folders, folder, ':');) {
        const fs::path candidate = fs::absolute(folder.empty() ? fs::path(".") : fs::path(folder), error) / name;
        if (fs::is_regular_file(candidate, error) && ::access(candidate.c_str(), X_OK) == 0) {
            return candidate.lexically_normal();
        }
    }
    return fail("there is no '" + name.string() + "' on $PATH", ErrorKind::Usage);
}

Result<Interpreter> askInterpreter(const fs::path& path, InterpreterCache& cache, std::mutex& mutex, int stopFd)
{
    const Result<fs::path> found = lookUpInterpreter(path);
    if (!found) {
        return tl::unexpected(found.error());
    }
    return ask(*found, cache, mutex, stopFd);
}

Result<Interpreter> askInterpreterUntil(const fs::path& path, int stopFd)
{
    InterpreterCache cache = InterpreterCache::load();
    std::mutex mutex;
    Result<Interpreter> interpreter = askInterpreter(path, cache, mutex, stopFd);
    cache.save();
    return interpreter;
}

Result<Interpreter> askInterpreter(const fs::path& path)
{
    return askInterpreterUntil(path, -1);
}

} // namespace timeslice
