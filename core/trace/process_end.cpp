#include "core/trace/process_end.h"

#include <csignal>
#include <cstring>
#include <sys/wait.h>

namespace timeslice {

bool wasKilled(int status) noexcept
{
    return WIFSIGNALED(status);
}

std::string signalText(int signal)
{
    const char* name = sigabbrev_np(signal);
    return name != nullptr ? std::string("SIG") + name : "signal " + std::to_string(signal);
}

std::string endSign(int status)
{
    if (wasKilled(status)) {
        return signalText(WTERMSIG(status));
    }
    const int code = WEXITSTATUS(status);
    return code == 0 ? std::string() : "exit " + std::to_string(code);
}

std::string endText(int status)
{
    return wasKilled(status) ? "killed by " + signalText(WTERMSIG(status))
                             : "exited with " + std::to_string(WEXITSTATUS(status));
}

} // namespace timeslice
