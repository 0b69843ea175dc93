#include "core/session/update_queue.h"

#include <cerrno>
#include <cstdint>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

namespace timeslice {

Result<void> UpdateQueue::open()
{
    m_fd = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!m_fd) {
        return failErrno("cannot start a run: eventfd", errno);
    }
    return {};
}

void UpdateQueue::push(RunUpdate update)
{
    {
        const std::lock_guard lock(m_mutex);
        if (const auto* batches = std::get_if<VariantBatches>(&update)) {
            for (const Batch& batch : batches->batches) {
                m_events += batch.events.size();
            }
        } else if (const auto* output = std::get_if<VariantOutput>(&update)) {
            m_text += output->text.size();
        }
        m_updates.push_back(std::move(update));
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t n = ::write(m_fd.get(), &one, sizeof one);
}

std::vector<RunUpdate> UpdateQueue::takeAll()
{
    std::uint64_t count = 0;
    // Reset before taking: an update that comes in between raises it again.
    [[maybe_unused]] const ssize_t n = ::read(m_fd.get(), &count, sizeof count);
    const std::lock_guard lock(m_mutex);
    m_events = 0;
    m_text = 0;
    return std::exchange(m_updates, {});
}

bool UpdateQueue::isFull() const
{
    const std::lock_guard lock(m_mutex);
    return m_events >= kMostEvents;
}

bool UpdateQueue::textIsFull() const
{
    const std::lock_guard lock(m_mutex);
    return m_text >= kMostText;
}

} // namespace timeslice
