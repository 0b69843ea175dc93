#include "ui/course/program_input.h"

#include "core/session/worker_process.h"

#include <QSocketNotifier>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace timeslice {

Result<std::unique_ptr<ProgramInput>> ProgramInput::open()
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return failErrno("cannot give the script an input: pipe", errno);
    }
    UniqueFd read = aboveStdio(UniqueFd(ends[0]));
    UniqueFd write = aboveStdio(UniqueFd(ends[1]));
    if (!read || !write || fcntl(write.get(), F_SETFL, O_NONBLOCK) != 0) {
        return failErrno("cannot give the script an input: fcntl", errno);
    }
    return std::unique_ptr<ProgramInput>(new ProgramInput(std::move(read), std::move(write)));
}

ProgramInput::ProgramInput(UniqueFd read, UniqueFd write)
    : m_read(std::move(read))
    , m_write(std::move(write))
    , m_writable(std::make_unique<QSocketNotifier>(m_write.get(), QSocketNotifier::Write))
{
    m_writable->setEnabled(false);
    connect(m_writable.get(), &QSocketNotifier::activated, this, &ProgramInput::flush);
}

ProgramInput::~ProgramInput() = default;

void ProgramInput::send(const QByteArray& bytes)
{
    if (!m_ending) {
        m_waiting += bytes;
        flush();
    }
}

void ProgramInput::end()
{
    m_ending = true;
    flush();
}

void ProgramInput::flush()
{
    if (!m_write) {
        return;
    }
    while (!m_waiting.isEmpty()) {
        const ssize_t n = ::write(m_write.get(), m_waiting.constData(), static_cast<std::size_t>(m_waiting.size()));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            break; // the pipe is full
        }
        m_waiting.remove(0, n);
    }
    m_writable->setEnabled(!m_waiting.isEmpty());
    if (m_ending && m_waiting.isEmpty()) {
        m_write.reset(); // the notifier is off, and does not look at the descriptor again
    }
}

} // namespace timeslice
