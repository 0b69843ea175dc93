// A busy machine, for tests of what must be right on one.
#pragma once

#include <csignal>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace timeslice {

/// Twice as many busy processes as there are cores, for as long as it lives. Make it before threads of one's own.
class Hogs {
public:
    Hogs()
    {
        const pid_t parent = getpid();
        for (unsigned i = 0; i < 2 * std::thread::hardware_concurrency(); ++i) {
            const pid_t pid = fork();
            if (pid == 0) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                for (volatile unsigned long turns = 0; getppid() == parent;) {
                    for (int k = 0; k < 100'000; ++k) {
                        turns = turns + 1;
                    }
                }
                _exit(0);
            }
            if (pid > 0) {
                m_pids.push_back(pid);
            }
        }
    }
    ~Hogs()
    {
        for (const pid_t pid : m_pids) {
            kill(pid, SIGKILL);
            waitpid(pid, nullptr, 0);
        }
    }
    Hogs(const Hogs&) = delete;
    Hogs& operator=(const Hogs&) = delete;

private:
    std::vector<pid_t> m_pids;
};

} // namespace timeslice
