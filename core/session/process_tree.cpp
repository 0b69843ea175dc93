#include "core/session/process_tree.h"

#include "core/base/unique_fd.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <string>
#include <sys/syscall.h>
#include <unistd.h>
#include <unordered_map>
#include <unordered_set>

namespace timeslice {

namespace {

struct Standing {
    char state = '\0'; ///< the letter of proc(5)
    Pid parent = 0;
};

/// Of /proc/`path`/stat; no parent if it is gone.
Standing standingOf(const std::string& path)
{
    const UniqueFd fd(::open(("/proc/" + path + "/stat").c_str(), O_RDONLY | O_CLOEXEC));
    char text[512];
    const ssize_t n = fd ? ::read(fd.get(), text, sizeof text - 1) : -1;
    if (n <= 0) {
        return {};
    }
    text[n] = '\0';
    // "PID (NAME) STATE PPID ...", where NAME may contain anything, ')' too.
    const char* afterName = std::strrchr(text, ')');
    if (afterName == nullptr || std::strlen(afterName) < 5) {
        return {};
    }
    return {afterName[2], static_cast<Pid>(std::strtol(afterName + 4, nullptr, 10))};
}

/// Parent of a process; 0 if it is gone. A zombie counts: its first thread may have ended while others run on.
Pid parentOf(Pid pid)
{
    return standingOf(std::to_string(pid)).parent;
}

/// The names in a folder of /proc that are numbers.
std::vector<Pid> numbersIn(const std::string& folder)
{
    std::vector<Pid> numbers;
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(folder.c_str()), ::closedir);
    while (const dirent* entry = directory ? ::readdir(directory.get()) : nullptr) {
        if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9') {
            numbers.push_back(static_cast<Pid>(std::atoi(entry->d_name)));
        }
    }
    return numbers;
}

/// By number, so that it needs no C library that declares them (glibc 2.36 does).
int openProcess(Pid pid)
{
    return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}
void signalProcess(int pidFd, int signal)
{
    ::syscall(SYS_pidfd_send_signal, pidFd, signal, nullptr, 0);
}

} // namespace

std::vector<Pid> descendants(Pid root)
{
    std::unordered_map<Pid, std::vector<Pid>> children;
    for (const Pid pid : numbersIn("/proc")) {
        if (const Pid parent = parentOf(pid); parent > 0) {
            children[parent].push_back(pid);
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
    std::unordered_set<Pid> ours{root};
    for (const Pid pid : all) { // parents come before their children
        const UniqueFd held(openProcess(pid));
        if (!held) {
            if (errno != ESRCH) { // a kernel without pidfds, or no descriptor left
                ::kill(pid, signal);
            }
            ours.insert(pid);
            continue;
        }
        // Whoever has the number now keeps it while this looks; if that is still one of ours, it is the one to signal.
        // An orphan's new parent is the root, or some process of ours that adopts (PR_SET_CHILD_SUBREAPER).
        if (ours.contains(parentOf(pid))) {
            signalProcess(held.get(), signal);
            ours.insert(pid);
        }
    }
    return static_cast<int>(all.size());
}

std::vector<Tid> livingThreads(Pid root)
{
    std::vector<Tid> living;
    for (const Pid pid : descendants(root)) {
        const std::string folder = std::to_string(pid) + "/task/";
        for (const Tid tid : numbersIn("/proc/" + folder)) {
            const char state = standingOf(folder + std::to_string(tid)).state;
            if (state != '\0' && state != 'Z' && state != 'X') {
                living.push_back(tid);
            }
        }
    }
    return living;
}

} // namespace timeslice
