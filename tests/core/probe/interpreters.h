// The CPythons of this machine that the probe promises to trace: 3.9 or newer, with a GIL.
#pragma once

#include "tests/core/probe/probed_run.h"

#include <gtest/gtest.h>

namespace timeslice::test {

struct Python {
    std::string path;
    int major = 0;
    int minor = 0;
    std::string release;

    bool atLeast(int wantedMajor, int wantedMinor) const
    {
        return major > wantedMajor || (major == wantedMajor && minor >= wantedMinor);
    }
};

inline void PrintTo(const Python& python, std::ostream* out)
{
    *out << python.path << ' ' << python.release;
}

/// Each asked once.
inline const std::vector<Python>& pythons()
{
    static const std::vector<Python> found = [] {
        namespace fs = std::filesystem;
        std::vector<fs::path> candidates{"/usr/bin/python3", "/usr/local/bin/python3"};
        const char* root = std::getenv("PYENV_ROOT");
        const char* home = std::getenv("HOME");
        const fs::path pyenv = root != nullptr ? fs::path(root) : fs::path(home != nullptr ? home : "/") / ".pyenv";
        std::error_code none;
        for (const fs::directory_entry& version : fs::directory_iterator(pyenv / "versions", none)) {
            candidates.push_back(version.path() / "bin/python3");
        }
        std::vector<Python> all;
        std::set<fs::path> seen;
        for (const fs::path& candidate : candidates) {
            if (access(candidate.c_str(), X_OK) != 0 || !seen.insert(fs::canonical(candidate, none)).second) {
                continue;
            }
            const ProbedRun asked =
                runProbed({candidate, "-c",
                              "import sys, platform; gil = getattr(sys, '_is_gil_enabled', lambda: True)()\n"
                              "print(platform.python_implementation(), int(gil), *sys.version_info[:3])"},
                    {.probe = false});
            std::istringstream text{asked.out};
            std::string implementation;
            Python python;
            int gil = 0;
            int micro = 0;
            text >> implementation >> gil >> python.major >> python.minor >> micro;
            if (text && implementation == "CPython" && gil == 1 && python.atLeast(3, 9)) {
                python.path = candidate;
                python.release =
                    std::to_string(python.major) + '.' + std::to_string(python.minor) + '.' + std::to_string(micro);
                all.push_back(python);
            }
        }
        std::sort(all.begin(), all.end(), [](const Python& a, const Python& b) { return a.path < b.path; });
        return all;
    }();
    return found;
}

/// Each of its tests runs with every interpreter found.
class WithEveryInterpreter : public testing::TestWithParam<Python> {
protected:
    ProbedRun python(const std::string& code, const ProbedOptions& options = {}) const
    {
        return runProbed({GetParam().path, "-c", code}, options);
    }
};

inline std::string pythonName(const testing::TestParamInfo<Python>& tested)
{
    std::string name = tested.param.release + "_" + std::to_string(tested.index);
    std::replace(name.begin(), name.end(), '.', '_');
    return name;
}

/// CPU-bound Python in `threads` threads besides the main one, until the GIL has gone from one of them to another so
/// many times: how long that takes is up to the machine.
inline std::string busyThreads(int threads, int turns)
{
    return "import threading\n"
           "turns, last = 0, None\n"
           "def work(me):\n"
           "    global turns, last\n"
           "    while turns < "
        + std::to_string(turns)
        + ":\n"
          "        if last != me: turns, last = turns + 1, me\n"
          "        for i in range(500): pass\n"
          "threads = [threading.Thread(target=work, args=(i,)) for i in range("
        + std::to_string(threads)
        + ")]\n"
          "for t in threads: t.start()\n"
          "for t in threads: t.join()\n";
}

} // namespace timeslice::test
