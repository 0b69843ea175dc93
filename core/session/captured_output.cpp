#include "core/session/captured_output.h"

#include "core/base/time.h"
#include "core/session/worker_process.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <utility>

namespace timeslice {

namespace {

constexpr std::size_t kLastKept = 8192;
constexpr std::size_t kUntakenKept = std::size_t{1} << 20;
/// How long the rest of a program's output may take to come, once all who could write it are gone. It is in the
/// kernel by then; this is for a terminal's, which passes through the kernel's work queue.
constexpr Nanos kRestWithin = kSecond;

} // namespace

Result<CapturedOutput> CapturedOutput::throughPipe()
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return failErrno("cannot start the workload: pipe", errno);
    }
    CapturedOutput output;
    output.m_read = aboveStdio(UniqueFd(ends[0]));
    output.m_write = aboveStdio(UniqueFd(ends[1]));
    fcntl(output.m_read.get(), F_SETFL, O_NONBLOCK);
    return output;
}

Result<CapturedOutput> CapturedOutput::throughTerminal()
{
    CapturedOutput output;
    output.m_read = aboveStdio(UniqueFd(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)));
    char name[128];
    if (!output.m_read || grantpt(output.m_read.get()) != 0 || unlockpt(output.m_read.get()) != 0
        || ptsname_r(output.m_read.get(), name, sizeof name) != 0) {
        return throughPipe();
    }
    output.m_write = aboveStdio(UniqueFd(::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)));
    termios settings{};
    if (!output.m_write || tcgetattr(output.m_write.get(), &settings) != 0) {
        return throughPipe();
    }
    cfmakeraw(&settings);
    tcsetattr(output.m_write.get(), TCSANOW, &settings);
    const winsize size{24, 80, 0, 0};
    ioctl(output.m_write.get(), TIOCSWINSZ, &size);
    fcntl(output.m_read.get(), F_SETFL, O_NONBLOCK);
    output.m_terminal = true;
    return output;
}

void CapturedOutput::handedOver()
{
    if (!m_terminal) { // a terminal without anybody at its other end would read as ended before the program is there
        m_write.reset();
    }
}

/// False: nothing is there now, or nothing will come any more.
bool CapturedOutput::readOnce()
{
    char buffer[4096];
    const ssize_t n = m_read ? ::read(m_read.get(), buffer, sizeof buffer) : 0;
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return false;
    }
    if (n <= 0) { // EIO: a terminal's other end is closed
        m_read.reset();
        return false;
    }
    for (const auto& [text, most] : {std::pair(&m_last, kLastKept), std::pair(&m_untaken, kUntakenKept)}) {
        text->append(buffer, static_cast<std::size_t>(n));
        if (text->size() > 2 * most) {
            text->erase(0, text->size() - most);
        }
    }
    return true;
}

void CapturedOutput::read()
{
    for (int i = 0; i < 64 && readOnce(); ++i) { } // a flood must not keep the caller here
}

void CapturedOutput::finish()
{
    m_write.reset();
    // What the program wrote last may not have arrived yet; its end comes behind it. One that cannot be killed may keep
    // the other end open, and even go on writing.
    const Nanos deadline = monotonicNow() + kRestWithin;
    while (m_read && monotonicNow() < deadline) {
        pollfd ready{m_read.get(), POLLIN, 0};
        ::poll(&ready, 1, static_cast<int>((deadline - monotonicNow()) / kMillisecond) + 1);
        readOnce();
    }
}

std::string CapturedOutput::take()
{
    return std::exchange(m_untaken, {});
}

std::string CapturedOutput::last() const
{
    return m_last.size() > kLastKept ? m_last.substr(m_last.size() - kLastKept) : m_last;
}

} // namespace timeslice
