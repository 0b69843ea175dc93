#include "app/cli/exit_status.h"

#include <cstdio>

namespace timeslice {

int exitStatus(ErrorKind kind)
{
    switch (kind) {
    case ErrorKind::Failed:
        return kFailed;
    case ErrorKind::Usage:
        return kUsage;
    case ErrorKind::Unsupported:
        return kCannotRunHere;
    }
    return kFailed;
}

int complain(const Error& error)
{
    if (!error.message.empty()) {
        warn(error.message);
    }
    return exitStatus(error.kind);
}

void warn(const std::string& message)
{
    std::fflush(stdout);
    std::fprintf(stderr, "timeslice: %s\n", message.c_str());
}

} // namespace timeslice
