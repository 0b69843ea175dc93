// CapturedOutput: where a program's standard output and error go so that we can read them.
#pragma once

#include "core/base/result.h"
#include "core/base/unique_fd.h"

#include <string>

namespace timeslice {

/// For one thread.
class CapturedOutput {
public:
    /// Nothing is captured.
    CapturedOutput() = default;
    /// Errors: the system's.
    static Result<CapturedOutput> throughPipe();
    /// As on a terminal of 80 by 24 characters, so that programs write line by line; what they write is not changed (no
    /// carriage returns added). Where the system has no pseudo-terminal to give, a pipe. Errors: the system's.
    static Result<CapturedOutput> throughTerminal();

    /// The program's end.
    int writeFd() const noexcept { return m_write.get(); }
    /// Readable when there is something; -1 when nothing more will come.
    int readFd() const noexcept { return m_read.get(); }

    /// To be called when the program has its end.
    void handedOver();
    /// Reads what is there; never blocks, and returns soon also when there is ever more.
    void read();
    /// To be called when the program is gone: reads the rest.
    void finish();

    /// Everything read since the last call. Who does not call it loses all but the last megabyte.
    std::string take();
    /// The last lines (8 KiB) of everything so far.
    std::string last() const;

private:
    bool readOnce();

    UniqueFd m_read;
    UniqueFd m_write;
    bool m_terminal = false;
    std::string m_last;
    std::string m_untaken;
};

} // namespace timeslice
