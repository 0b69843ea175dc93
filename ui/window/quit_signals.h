// QuitSignals: SIGINT, SIGTERM and SIGHUP as something that a window can listen to.
#pragma once

#include "core/base/unique_fd.h"

#include <QObject>
#include <memory>

class QSocketNotifier;

namespace timeslice {

/// Takes the three signals as long as it lives, except those that whoever started us has us ignore (nohup). Each
/// counts once: a second one, should the window not come to close, ends the program as ever. One of these at a time;
/// belongs to the UI thread.
class QuitSignals : public QObject {
    Q_OBJECT
public:
    explicit QuitSignals(QObject* parent = nullptr);
    ~QuitSignals() override;

    /// The first one that came; 0 = none.
    static int arrivedSignal();

signals:
    void arrived();

private:
    UniqueFd m_event;
    std::unique_ptr<QSocketNotifier> m_notifier;
};

/// Ends the program by that signal, so that whoever started it sees why.
[[noreturn]] void endBySignal(int signal);

} // namespace timeslice
