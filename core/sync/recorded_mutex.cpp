#include "core/sync/recorded_mutex.h"

#include "core/base/must_succeed.h"

namespace timeslice {

RecordedMutex::RecordedMutex(ObjectId id, bool processShared, Protocol protocol)
    : m_id(id)
{
    pthread_mutexattr_t attributes;
    mustSucceed(pthread_mutexattr_init(&attributes));
    if (processShared) {
        mustSucceed(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED));
    }
    if (protocol == Protocol::PriorityInheritance) {
        mustSucceed(pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT));
    }
    mustSucceed(pthread_mutex_init(&m_mutex, &attributes));
    pthread_mutexattr_destroy(&attributes);
}

RecordedMutex::~RecordedMutex()
{
    pthread_mutex_destroy(&m_mutex);
}

void RecordedMutex::waitForIt(EventWriter& writer) noexcept
{
    writer.record(EventKind::LockRequest, m_id);
    mustSucceed(pthread_mutex_lock(&m_mutex));
}

bool RecordedMutex::try_lock() noexcept
{
    if (pthread_mutex_trylock(&m_mutex) != 0) {
        return false;
    }
    if (m_id != kNotRecorded) {
        EventWriter::current().record(EventKind::LockAcquire, m_id);
    }
    return true;
}

void RecordedMutex::waitOn(pthread_cond_t& condition) noexcept
{
    if (m_id == kNotRecorded) {
        mustSucceed(pthread_cond_wait(&condition, &m_mutex));
        return;
    }
    EventWriter& writer = EventWriter::current();
    writer.record(EventKind::LockRelease, m_id, static_cast<std::uint64_t>(ReleaseReason::Voluntary));
    mustSucceed(pthread_cond_wait(&condition, &m_mutex));
    writer.record(EventKind::LockAcquire, m_id);
}

} // namespace timeslice
