#include "app/cli/standard_output.h"

#include <cerrno>
#include <cstdio>
#include <ext/stdio_sync_filebuf.h>
#include <iostream>
#include <unistd.h>

namespace timeslice {

namespace {

int g_firstError = 0; ///< errno of the first write that failed and was not told yet

/// cookie_write_function_t: 0 is a failure.
ssize_t writeOut(void*, const char* from, std::size_t count)
{
    std::size_t done = 0;
    while (done < count) {
        const ssize_t written = ::write(STDOUT_FILENO, from + done, count - done);
        if (written > 0) {
            done += static_cast<std::size_t>(written);
        } else if (written == 0 || errno != EINTR) {
            const int error = written == 0 ? ENOSPC : errno;
            g_firstError = g_firstError == 0 ? error : g_firstError;
            errno = error;
            return 0;
        }
    }
    return static_cast<ssize_t>(count);
}

} // namespace

void watchStandardOutput()
{
    std::fflush(stdout);
    std::FILE* watched = ::fopencookie(nullptr, "w", {nullptr, &writeOut, nullptr, nullptr});
    if (watched == nullptr) {
        return; // no memory; then only the cause of a failure is missing
    }
    std::setvbuf(watched, nullptr, ::isatty(STDOUT_FILENO) != 0 ? _IOLBF : _IOFBF, BUFSIZ);
    stdout = watched; // the GNU C library documents that this may be assigned
    static __gnu_cxx::stdio_sync_filebuf<char> buffer(watched);
    std::cout.rdbuf(&buffer);
}

Result<void> flushStandardOutput()
{
    std::cout.flush();
    const bool flushed = std::fflush(stdout) == 0;
    const bool complete = flushed && std::ferror(stdout) == 0 && std::cout.good() && g_firstError == 0;
    const int error = g_firstError;
    std::clearerr(stdout);
    std::cout.clear();
    g_firstError = 0;
    if (complete) {
        return {};
    }
    if (error == EPIPE) {
        return fail("");
    }
    const std::string what = "standard output: not everything could be written";
    return error != 0 ? failErrno(what, error) : fail(what);
}

} // namespace timeslice
