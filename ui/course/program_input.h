// ProgramInput: a keyboard for a program that has no terminal: what is typed in the window is its standard input.
#pragma once

#include "core/base/result.h"
#include "core/base/unique_fd.h"

#include <QByteArray>
#include <QObject>
#include <memory>

class QSocketNotifier;

namespace timeslice {

/// A pipe that never makes its writer wait. Belongs to the UI thread.
class ProgramInput : public QObject {
    Q_OBJECT
public:
    /// Errors: the system's.
    static Result<std::unique_ptr<ProgramInput>> open();
    ~ProgramInput() override;

    /// The program's end; stays ours, so a program that is gone or has closed its own raises no SIGPIPE here.
    int readFd() const noexcept { return m_read.get(); }
    /// Goes to the program in this order, as fast as it reads. Ignored after end().
    void send(const QByteArray& bytes);
    /// No more will come: the program, once it has read everything, finds the end of its input.
    void end();
    bool ended() const noexcept { return m_ending; }

private:
    ProgramInput(UniqueFd read, UniqueFd write);
    void flush();

    UniqueFd m_read;
    UniqueFd m_write;
    std::unique_ptr<QSocketNotifier> m_writable; ///< while something waits for room in the pipe
    QByteArray m_waiting;
    bool m_ending = false;
};

} // namespace timeslice
