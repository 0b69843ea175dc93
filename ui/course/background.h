// Background: one thread for long work, so that the window does not stand still meanwhile.
//
//   run(work) ──▶ [thread] work() ──▶ what it returned is called on the UI thread, in the order of the calls
#pragma once

#include <QObject>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace timeslice {

/// Belongs to the UI thread.
class Background : public QObject {
    Q_OBJECT
public:
    using Done = std::function<void()>;
    /// Reads and writes only what nobody else writes to meanwhile. What it returns may be empty.
    using Work = std::function<Done()>;

    explicit Background(QObject* parent = nullptr);
    /// Waits for the work under way. What has not begun does not begin, and no Done is called any more.
    ~Background() override;

    void run(Work work);
    /// Whether the Done of some work is still to come.
    bool busy() const noexcept { return m_pending > 0; }
    /// Returns when all work is done; the Dones come later, with the event loop.
    void wait();

signals:
    /// busy() has changed.
    void busyChanged();

private:
    void serve();
    void finish(const Done& done);

    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<Work> m_queue; ///< guarded by the mutex, like the next two
    bool m_working = false;
    bool m_over = false;
    std::thread m_thread; ///< while there has been work
    int m_pending = 0; ///< the UI thread's
};

} // namespace timeslice
