#include "ui/course/background.h"

#include <QMetaObject>
#include <system_error>
#include <utility>

namespace timeslice {

Background::Background(QObject* parent)
    : QObject(parent)
{
}

Background::~Background()
{
    {
        const std::lock_guard lock(m_mutex);
        m_queue.clear();
        m_over = true;
    }
    m_changed.notify_all();
    if (m_thread.joinable()) {
        m_thread.join();
    }
}

void Background::run(Work work)
{
    if (m_pending++ == 0) {
        emit busyChanged();
    }
    if (!m_thread.joinable()) {
        try {
            m_thread = std::thread(&Background::serve, this);
        } catch (const std::system_error&) {
            // The system has no thread left: rather a window that stands still than no result.
            QMetaObject::invokeMethod(
                this, [this, done = work()] { finish(done); }, Qt::QueuedConnection);
            return;
        }
    }
    {
        const std::lock_guard lock(m_mutex);
        m_queue.push_back(std::move(work));
    }
    m_changed.notify_all();
}

void Background::wait()
{
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [this] { return m_queue.empty() && !m_working; });
}

void Background::serve()
{
    std::unique_lock lock(m_mutex);
    while (true) {
        m_changed.wait(lock, [this] { return m_over || !m_queue.empty(); });
        if (m_queue.empty()) {
            return;
        }
        Work work = std::move(m_queue.front());
        m_queue.pop_front();
        m_working = true;
        lock.unlock();
        Done done = work();
        work = nullptr; // what it owns goes here, not on the UI thread
        // Delivered by the UI thread's event loop, or dropped if this object is gone by then.
        QMetaObject::invokeMethod(
            this, [this, done = std::move(done)] { finish(done); }, Qt::QueuedConnection);
        lock.lock();
        m_working = false;
        m_changed.notify_all();
    }
}

void Background::finish(const Done& done)
{
    if (--m_pending == 0) {
        emit busyChanged();
    }
    if (done) {
        done();
    }
}

} // namespace timeslice
