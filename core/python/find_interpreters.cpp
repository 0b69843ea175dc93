#include "core/base/readable.h"
#include "core/python/ask_interpreter.h"
#include "core/python/pyenv.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <mutex>
#include <numeric>
#include <set>
#include <sstream>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <tuple>
#include <unistd.h>
#include <utility>

namespace timeslice {

namespace {

namespace fs = std::filesystem;

/// Asking one takes some 20 ms of a core, more of it waiting than computing where it has not been run for long; and
/// Jython's seconds should not hold up the others.
constexpr std::size_t kLeastAtATime = 4;

std::size_t mostAtATime()
{
    return std::max<std::size_t>(std::thread::hardware_concurrency(), kLeastAtATime);
}

/// "python3", "python3.13t", "pypy3", "jython": an interpreter's name, with a version or without; not "python3-config".
bool isInterpreterName(const std::string& name)
{
    for (const char* stem : {"python", "pypy", "jython", "graalpy"}) {
        if (name.rfind(stem, 0) == 0) {
            std::string version = name.substr(std::strlen(stem));
            if (!version.empty() && version.back() == 't') { // free-threaded
                version.pop_back();
            }
            return version.find_first_not_of("0123456789.") == std::string::npos
                && (version.empty() || version.back() != '.');
        }
    }
    return false;
}

/// The plainer name first, of those that lead to one interpreter: "python3", "python3.11", then "python".
std::vector<fs::path> readInterpretersIn(const fs::path& folder)
{
    std::vector<fs::path> found;
    std::error_code error;
    fs::directory_iterator entries(folder, error);
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
        if (isInterpreterName(entries->path().filename().string())) {
            found.push_back(entries->path());
        }
    }
    const auto rank = [](const fs::path& path) {
        const std::string name = path.filename().string();
        const bool versioned = name.find_first_of("23") != std::string::npos;
        return std::tuple(versioned ? 0 : 1, name.size(), name);
    };
    std::sort(found.begin(), found.end(), [&](const fs::path& a, const fs::path& b) { return rank(a) < rank(b); });
    return found;
}

/// A folder's change time is another when anything in it was added, removed or renamed. To read one of thousands of
/// entries takes a millisecond, at each run.
std::vector<fs::path> interpretersIn(const fs::path& folder)
{
    struct Read {
        timespec changed{};
        std::vector<fs::path> found;
    };
    static std::mutex mutex;
    static std::map<std::tuple<std::string, dev_t, ino_t>, Read> folders;
    constexpr std::time_t kLongAgo = 2; // s; what has just changed may change again within the same tick
    struct stat status { };
    if (::stat(folder.c_str(), &status) != 0) {
        return {};
    }
    const std::tuple key(folder.string(), status.st_dev, status.st_ino);
    const std::lock_guard lock(mutex);
    if (const auto at = folders.find(key); at != folders.end() && at->second.changed.tv_sec == status.st_ctim.tv_sec
        && at->second.changed.tv_nsec == status.st_ctim.tv_nsec) {
        return at->second.found;
    }
    std::vector<fs::path> found = readInterpretersIn(folder);
    if (std::time(nullptr) - status.st_ctim.tv_sec > kLongAgo) {
        folders.insert_or_assign(key, Read{status.st_ctim, found});
    }
    return found;
}

std::vector<fs::path> foldersToSearch()
{
    std::vector<fs::path> folders;
    const char* path = std::getenv("PATH");
    std::istringstream stream(path == nullptr ? "" : path);
    for (std::string folder; std::getline(stream, folder, ':');) {
        // A relative one is the current folder's affair; its shims' versions are listed as themselves.
        if (!folder.empty() && folder.front() == '/' && !isPyenvShimFolder(folder)) {
            folders.emplace_back(folder);
        }
    }
    folders.insert(folders.end(), {"/usr/bin", "/usr/local/bin"});
    std::vector<fs::path> optional;
    std::error_code error;
    fs::directory_iterator entries("/opt", error);
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
        optional.push_back(entries->path() / "bin");
    }
    std::sort(optional.begin(), optional.end());
    folders.insert(folders.end(), optional.begin(), optional.end());
    const std::vector<fs::path> pyenv = pyenvFolders();
    folders.insert(folders.end(), pyenv.begin(), pyenv.end());
    return folders;
}

/// A folder has many names: /bin is /usr/bin.
std::vector<fs::path> eachOnce(std::vector<fs::path> folders)
{
    std::set<std::pair<dev_t, ino_t>> seen;
    std::erase_if(folders, [&](const fs::path& folder) {
        struct stat status { };
        return ::stat(folder.c_str(), &status) != 0 || !seen.emplace(status.st_dev, status.st_ino).second;
    });
    return folders;
}

/// One and the same executable, save that a virtual environment's link has other modules than what it leads to.
using Identity = std::tuple<dev_t, ino_t, std::string>;

std::optional<Identity> identityOf(const fs::path& path)
{
    struct stat status { };
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode) || ::access(path.c_str(), X_OK) != 0) {
        return std::nullopt;
    }
    std::string environment;
    std::error_code error;
    for (const fs::path& folder : {path.parent_path(), path.parent_path().parent_path()}) { // PEP 405
        if (fs::exists(folder / "pyvenv.cfg", error)) {
            environment = folder.string();
        }
    }
    return Identity(status.st_dev, status.st_ino, environment);
}

/// Asks all of them, some at a time; nullopt for those that are no usable interpreters.
std::vector<std::optional<Interpreter>> askAll(
    const std::vector<fs::path>& candidates, InterpreterCache& cache, int stopFd)
{
    std::vector<std::optional<Interpreter>> answers(candidates.size());
    // The slowest begin first, so that nobody waits for one that began last.
    std::vector<std::size_t> order(candidates.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_partition(order.begin(), order.end(),
        [&](std::size_t i) { return candidates[i].filename().string().starts_with("jython"); });
    std::mutex mutex;
    std::atomic<std::size_t> next{0};
    const auto ask = [&] {
        for (std::size_t i = next++; i < order.size() && !readable(stopFd); i = next++) {
            if (Result<Interpreter> interpreter = askInterpreter(candidates[order[i]], cache, mutex, stopFd)) {
                answers[order[i]] = std::move(*interpreter);
            }
        }
    };
    std::vector<std::jthread> helpers;
    for (std::size_t i = 1; i < std::min(mostAtATime(), candidates.size()); ++i) {
        try {
            helpers.emplace_back(ask);
        } catch (const std::system_error&) { // no thread to be had: fewer do it
            break;
        }
    }
    ask();
    helpers.clear();
    return answers;
}

int patchOf(const Interpreter& interpreter)
{
    const std::size_t dot = interpreter.version.rfind('.');
    return dot == std::string::npos ? 0 : std::atoi(interpreter.version.c_str() + dot + 1);
}

} // namespace

std::vector<Interpreter> findInterpretersUntil(const std::vector<fs::path>& added, int stopFd)
{
    InterpreterCache cache = InterpreterCache::load();
    std::set<Identity> seen;
    std::vector<fs::path> candidates;
    const auto add = [&](const fs::path& path) {
        if (const std::optional<Identity> identity = identityOf(path); identity && seen.insert(*identity).second) {
            candidates.push_back(path);
        }
    };
    // What `python3` is for the user, also where that is a shim.
    if (const Result<fs::path> usual = lookUpInterpreter("python3")) {
        add(*usual);
    }
    const std::size_t firstOther = candidates.size();
    for (const fs::path& path : added) {
        add(path);
    }
    for (const fs::path& folder : eachOnce(foldersToSearch())) {
        for (const fs::path& path : interpretersIn(folder)) {
            add(path);
        }
    }
    std::vector<Interpreter> found;
    std::optional<Identity> first;
    const std::vector<std::optional<Interpreter>> answers = askAll(candidates, cache, stopFd);
    for (std::size_t i = 0; i < answers.size(); ++i) {
        if (!answers[i]) {
            continue;
        }
        const std::optional<Identity> identity = identityOf(answers[i]->path);
        if (i < firstOther) {
            first = identity;
        } else if (first && identity == first) {
            continue; // what the shim stands for
        }
        found.push_back(*answers[i]);
    }
    cache.save();

    const auto rank = [](const Interpreter& interpreter) {
        return std::tuple(interpreter.kind, -interpreter.major, -interpreter.minor, -patchOf(interpreter));
    };
    std::stable_sort(found.begin() + (first ? 1 : 0), found.end(),
        [&](const Interpreter& a, const Interpreter& b) { return rank(a) < rank(b); });
    return found;
}

std::vector<Interpreter> findInterpreters(const std::vector<fs::path>& added)
{
    return findInterpretersUntil(added, -1);
}

} // namespace timeslice
