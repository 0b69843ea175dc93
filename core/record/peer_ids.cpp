#include "core/record/peer_ids.h"

#include "core/base/proc_file.h"

#include <algorithm>
#include <cstdlib>
#include <dirent.h>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace timeslice {

namespace {

/// The value of a line "KEY:\tVALUE" of /proc/PID/status; "" if there is none.
std::string_view statusLine(std::string_view status, std::string_view key)
{
    for (std::size_t at = 0; at < status.size();) {
        const std::size_t end = std::min(status.find('\n', at), status.size());
        const std::string_view line = status.substr(at, end - at);
        if (line.starts_with(key) && line.substr(key.size()).starts_with(':')) {
            return line.substr(key.size() + 1);
        }
        at = end + 1;
    }
    return {};
}

/// The number in the innermost namespace; the status file lists them from the reader's namespace inwards.
Tid innermost(Pid pid, Tid tid)
{
    std::string status;
    const std::string path = "/proc/" + std::to_string(pid) + "/task/" + std::to_string(tid) + "/status";
    if (!readFile(path.c_str(), status)) {
        return 0;
    }
    std::string_view ids = statusLine(status, "NSpid");
    Tid last = 0;
    for (std::string_view word = nextWord(ids); !word.empty(); word = nextWord(ids)) {
        last = toNumber<Tid>(word).value_or(0);
    }
    return last;
}

Pid parentOf(Pid pid)
{
    std::string status;
    if (!readFile(("/proc/" + std::to_string(pid) + "/status").c_str(), status)) {
        return 0;
    }
    std::string_view parent = statusLine(status, "PPid");
    return toNumber<Pid>(nextWord(parent)).value_or(0);
}

} // namespace

bool descendsFrom(Pid pid, Pid ancestor)
{
    // The chain is read step by step: where a process in the middle ends meanwhile, it begins anew.
    constexpr int kTries = 3;
    constexpr int kLongestChain = 4096;
    for (int i = 0; i < kTries; ++i) {
        Pid at = pid;
        for (int step = 0; at > 0 && at != ancestor && step < kLongestChain; ++step) {
            at = parentOf(at);
            if (at == 1 && ancestor != 1) {
                return false;
            }
        }
        if (at == ancestor) {
            return true;
        }
    }
    return false;
}

Tid threadOf(Pid pid, Tid innerTid)
{
    if (innermost(pid, pid) == innerTid) {
        return pid;
    }
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(
        ::opendir(("/proc/" + std::to_string(pid) + "/task").c_str()), ::closedir);
    std::vector<Tid> threads;
    while (const dirent* entry = folder ? ::readdir(folder.get()) : nullptr) {
        if (const auto tid = toNumber<Tid>(entry->d_name); tid && *tid != pid) {
            threads.push_back(*tid);
        }
    }
    // From the newest on: it is the one that has not asked yet.
    for (auto it = threads.rbegin(); it != threads.rend(); ++it) {
        if (innermost(pid, *it) == innerTid) {
            return *it;
        }
    }
    return 0;
}

} // namespace timeslice
