#include "app/cli/exit_status.h"

#include <cerrno>
#include <cstdio>
#include <iostream>

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

Result<void> flushStandardOutput()
{
    errno = 0;
    std::cout.flush();
    const bool flushed = std::fflush(stdout) == 0;
    const int error = errno;
    const bool complete = flushed && std::ferror(stdout) == 0 && std::cout.good();
    std::clearerr(stdout);
    std::cout.clear();
    if (complete) {
        return {};
    }
    const std::string what = "standard output: not everything could be written";
    return error != 0 ? failErrno(what, error) : fail(what);
}

int complain(const Error& error)
{
    warn(error.message);
    return exitStatus(error.kind);
}

void warn(const std::string& message)
{
    std::fflush(stdout);
    std::fprintf(stderr, "timeslice: %s\n", message.c_str());
}

} // namespace timeslice
