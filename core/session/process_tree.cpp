#include "core/session/process_tree.h"

#include "core/base/unique_fd.h"

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <string>
#include <unordered_map>

namespace timeslice {

namespace {

/// Parent of a process; 0 if it is gone. A zombie counts: its first thread may have ended while others run on.
Pid parentOf(const char* pidText)
{
    const std::string path = std::string("/proc/") + pidText + "/stat";
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    char text[512];
    const ssize_t n = fd ? ::read(fd.get(), text, sizeof text - 1) : -1;
    if (n <= 0) {
        return 0;
    }
    text[n] = '\0';
    // "PID (NAME) STATE PPID ...", where NAME may contain anything, ')' too.
    const char* afterName = std::strrchr(text, ')');
    if (afterName == nullptr || std::strlen(afterName) < 5) {
        return 0;
    }
    return static_cast<Pid>(std::strtol(afterName + 4, nullptr, 10));
}

} // namespace

std::vector<Pid> descendants(Pid root)
{
    std::unordered_map<Pid, std::vector<Pid>> children;
    const std::unique_ptr<DIR, int (*)(DIR*)> proc(::opendir("/proc"), ::closedir);
    while (const dirent* entry = proc ? ::readdir(proc.get()) : nullptr) {
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9') {
            continue;
        }
        if (const Pid parent = parentOf(entry->d_name); parent > 0) {
            children[parent].push_back(static_cast<Pid>(std::atoi(entry->d_name)));
        }
    }
    std::vector<Pid> found;
    std::vector<Pid> open{root};
    while (!open.empty()) {
        const Pid parent = open.back();
        open.pop_back();
        if (const auto it = children.find(parent); it != children.end()) {
            found.insert(found.end(), it->second.begin(), it->second.end());
            open.insert(open.end(), it->second.begin(), it->second.end());
            children.erase(it); // a reused pid could otherwise make a loop
        }
    }
    return found;
}

int signalDescendants(Pid root, int signal)
{
    const std::vector<Pid> all = descendants(root);
    for (const Pid pid : all) {
        ::kill(pid, signal);
    }
    return static_cast<int>(all.size());
}

} // namespace timeslice
