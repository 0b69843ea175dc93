#include "core/session/process_tree.h"

#include "core/base/proc_stat.h"
#include "core/base/unique_fd.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <dirent.h>
#include <memory>
#include <optional>
#include <string>
#include <sys/syscall.h>
#include <unistd.h>
#include <unordered_map>
#include <unordered_set>

namespace timeslice {

namespace {

/// Parent of a process; 0 if it is gone. A zombie counts: its first thread may have ended while others run on.
Pid parentOf(Pid pid)
{
    const std::optional<ProcStat> stat = readProcStat(pid);
    return stat ? stat->parent : 0;
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
        for (const Tid tid : numbersIn("/proc/" + std::to_string(pid) + "/task")) {
            const std::optional<ProcStat> stat = readProcStat(pid, tid);
            if (stat && !stat->hasEnded()) {
                living.push_back(tid);
            }
        }
    }
    return living;
}

} // namespace timeslice
