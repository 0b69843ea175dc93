// What the tests of the session share.
#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"
#include "tests/places/places.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <sstream>
#include <string>
#include <thread>
#include <unistd.h>

namespace timeslice {

/// How long a test waits for what must come, on a machine however loaded.
inline constexpr Nanos kPatience = 60 * kSecond;

inline std::filesystem::path guardProgram()
{
    return test::programFolder() / "timeslice-guard";
}

/// The first line of /proc/PID/`name`; "" when the process is gone. It may go between the opening and the reading:
/// getline then fails, where an istreambuf_iterator would throw.
inline std::string processLine(Pid pid, const char* name)
{
    std::ifstream file("/proc/" + std::to_string(pid) + "/" + name);
    std::string text;
    std::getline(file, text);
    return text;
}

/// Arguments separated by blanks; "" when the process is gone.
inline std::string commandLine(Pid pid)
{
    std::string text = processLine(pid, "cmdline");
    std::replace(text.begin(), text.end(), '\0', ' ');
    return text;
}

/// The state letter and the parent of /proc/PID/stat; '-' and 0 when the process is gone.
inline std::pair<char, Pid> stateAndParent(Pid pid)
{
    const std::string text = processLine(pid, "stat");
    const std::size_t end = text.rfind(')');
    char state = '-';
    Pid parent = 0;
    if (end != std::string::npos) {
        std::istringstream(text.substr(end + 1)) >> state >> parent;
    }
    return {state, parent};
}

inline Pid parentProcess(Pid pid)
{
    return stateAndParent(pid).second;
}

/// Whether the process is gone, or a mere zombie that waits for whoever inherited it, within kPatience.
inline bool comesToAnEnd(Pid pid)
{
    const Nanos deadline = monotonicNow() + kPatience;
    while (monotonicNow() < deadline) {
        const char state = stateAndParent(pid).first;
        if (state == '-' || state == 'Z' || state == 'X') {
            return true;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return false;
}

inline int occurrences(const std::string& text, const std::string& part)
{
    int count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) {
        ++count;
    }
    return count;
}

/// Of the processes below us nothing is left but the guard on its way out.
MATCHER(IsGuard, "is a guard process that is ending")
{
    const std::string line = commandLine(arg);
    return line.empty() || line.find("timeslice-guard") != std::string::npos;
}
inline auto ElementsAreGuardOnly()
{
    return testing::Each(IsGuard());
}

} // namespace timeslice
