#include "core/python/pyenv.h"

#include "core/base/read_file.h"
#include "core/base/time.h"
#include "core/python/preloadable.h"

#include <algorithm>
#include <cstdlib>
#include <sys/stat.h>

namespace timeslice {

namespace {

namespace fs = std::filesystem;

std::string variable(const char* name)
{
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : value;
}

std::string contentOf(const fs::path& path)
{
    std::string content;
    return readFile(path.c_str(), content) ? content : std::string();
}

/// The folder that holds `shims` and `versions`.
fs::path rootOf(const fs::path& shim)
{
    return shim.parent_path().parent_path();
}

} // namespace

std::vector<fs::path> pyenvFolders()
{
    fs::path root = variable("PYENV_ROOT");
    if (root.empty() && !variable("HOME").empty()) {
        root = fs::path(variable("HOME")) / ".pyenv";
    }
    std::vector<fs::path> folders;
    std::error_code error;
    fs::directory_iterator entries(root / "versions", error);
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
        folders.push_back(entries->path() / "bin");
    }
    std::sort(folders.begin(), folders.end()); // the order of a directory is the file system's
    return folders;
}

bool isPyenvShimFolder(const fs::path& folder)
{
    std::error_code error;
    return folder.filename() == "shims" && fs::is_directory(folder.parent_path() / "versions", error);
}

bool isPyenvShim(const fs::path& program)
{
    return isPyenvShimFolder(program.parent_path()) && !isElf(program);
}

std::string pyenvSurroundings(const fs::path& shim)
{
    std::string text = "PYENV_VERSION=" + variable("PYENV_VERSION") + "\nPATH=" + variable("PATH") + '\n';
    std::error_code error;
    fs::path folder = variable("PYENV_DIR");
    if (folder.empty()) {
        folder = fs::current_path(error);
    }
    for (; !folder.empty(); folder = folder.parent_path()) {
        if (fs::exists(folder / ".python-version", error)) {
            text += (folder / ".python-version").string() + '=' + contentOf(folder / ".python-version") + '\n';
            break;
        }
        if (folder == folder.root_path()) {
            break;
        }
    }
    text += "version=" + contentOf(rootOf(shim) / "version") + '\n';
    struct stat versions { };
    if (::stat((rootOf(shim) / "versions").c_str(), &versions) == 0) {
        text += "versions=" + std::to_string(versions.st_mtim.tv_sec) + '.' + std::to_string(versions.st_mtim.tv_nsec);
    }
    return text;
}

} // namespace timeslice
