// The functions that stand in front of the C library's.
//
// What every program pays: a lock, an unlock and an init look at one thread-local byte or two; a signal or a wait looks
// its condition up in a small table (traced_gil.h). Each calls the real function exactly once, with the caller's
// arguments, returns what it returned and leaves errno alone. No frame here has anything to clean up while the real
// function runs, so cancellation and pthread_exit() may unwind through it.
#include "core/probe/calibration.h"
#include "core/probe/gil_events.h"
#include "core/probe/python_thread_name.h"
#include "core/probe/real_functions.h"
#include "core/probe/thread_record.h"
#include "core/probe/traced_gil.h"

#include <cerrno>

using namespace timeslice::probe;

namespace {

using Call = GilRecognizer::Call;

// A forked child goes on with the GIL that its thread holds (ThreadRecord::inherited).
[[gnu::noinline]] void goesOn(ThreadRecord& thread) noexcept
{
    AtWork atWork{thread};
    readyToRecord(thread);
}

[[gnu::noinline]] void recognize(ThreadRecord& thread, Call call, const void* object) noexcept
{
    AtWork atWork{thread};
    if (thread.recognizer.step(call, object)) {
        gilRecognized(thread, thread.recognizer.parts());
    }
}

// The mutex is still locked.
[[gnu::noinline]] void beforeWatchedUnlock(ThreadRecord& thread, const void* mutex) noexcept
{
    if (thread.inherited != nullptr) {
        goesOn(thread);
    }
    if (thread.recognizer.watching()) {
        recognize(thread, Call::Unlock, mutex);
    }
    if (thread.waitingFor != nullptr && thread.waitingFor->mutex == mutex) {
        AtWork atWork{thread};
        giveUpWaiting(thread);
    }
}

void forgetGilOf(ThreadRecord& thread, const void* condition, Gone how) noexcept
{
    if (TracedGil* gil = findGil(condition).gil) {
        AtWork atWork{thread};
        gilGone(thread, *gil, how);
    }
}

void beforeWait(ThreadRecord& thread, const void* condition) noexcept
{
    if (thread.recognizer.watching()) {
        recognize(thread, Call::Wait, condition);
    }
}

// The GIL whose interval wait this is, if it is one.
TracedGil* waitedFor(ThreadRecord& thread, const void* condition, const void* mutex) noexcept
{
    if (thread.busy) [[unlikely]] {
        return nullptr;
    }
    beforeWait(thread, condition);
    const FoundGil found = findGil(condition);
    const bool isGil = found.gil != nullptr && found.condition == Condition::Released && found.gil->mutex == mutex;
    return isGil ? found.gil : nullptr;
}

IntervalWait beginWait(ThreadRecord& thread, TracedGil& gil) noexcept
{
    AtWork atWork{thread};
    return intervalWaitBegins(thread, gil);
}

void endWait(ThreadRecord& thread, const TracedGil& gil, const IntervalWait& wait, int result) noexcept
{
    thread.signalled = result == 0;
    if (result == ETIMEDOUT) {
        AtWork atWork{thread};
        intervalWaitTimedOut(thread, gil, wait);
    }
}

#define TIMESLICE_EXPORT extern "C" [[gnu::visibility("default")]]

} // namespace

TIMESLICE_EXPORT int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept
{
    const int result = g_real.mutexLock(mutex);
    ThreadRecord& thread = t_thread;
    if (thread.recognizer.watching() && !thread.busy && result == 0) [[unlikely]] {
        recognize(thread, Call::Lock, mutex);
    }
    return result;
}

TIMESLICE_EXPORT int pthread_mutex_unlock(pthread_mutex_t* mutex) noexcept
{
    ThreadRecord& thread = t_thread;
    if (thread.watched() && !thread.busy) [[unlikely]] {
        beforeWatchedUnlock(thread, mutex);
    }
    return g_real.mutexUnlock(mutex);
}

TIMESLICE_EXPORT int pthread_mutex_init(pthread_mutex_t* mutex, const pthread_mutexattr_t* attributes) noexcept
{
    ThreadRecord& thread = t_thread;
    if (!thread.busy) [[likely]] {
        thread.recognizer.mutexMade(mutex);
    }
    return g_real.mutexInit(mutex, attributes);
}

TIMESLICE_EXPORT int pthread_cond_init(pthread_cond_t* condition, const pthread_condattr_t* attributes) noexcept
{
    ThreadRecord& thread = t_thread;
    if (!thread.busy) [[likely]] {
        forgetGilOf(thread, condition, Gone::MadeAnew);
        thread.recognizer.conditionMade(condition);
    }
    return g_real.condInit(condition, attributes);
}

TIMESLICE_EXPORT int pthread_cond_destroy(pthread_cond_t* condition) noexcept
{
    ThreadRecord& thread = t_thread;
    if (!thread.busy) [[likely]] {
        forgetGilOf(thread, condition, Gone::Destroyed);
    }
    return g_real.condDestroy(condition);
}

TIMESLICE_EXPORT int pthread_cond_signal(pthread_cond_t* condition) noexcept
{
    ThreadRecord& thread = t_thread;
    if (!thread.busy) [[likely]] {
        if (thread.recognizer.watching()) [[unlikely]] {
            recognize(thread, Call::Signal, condition);
        }
        const FoundGil found = findGil(condition);
        if (found.gil != nullptr) {
            AtWork atWork{thread};
            if (found.condition == Condition::Switched) {
                gilTaken(thread, *found.gil);
            } else {
                gilDropped(thread, *found.gil);
            }
        }
    }
    return g_real.condSignal(condition);
}

TIMESLICE_EXPORT int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex)
{
    ThreadRecord& thread = t_thread;
    if (!thread.busy) [[likely]] {
        beforeWait(thread, condition);
        const FoundGil found = findGil(condition);
        if (found.gil != nullptr && found.condition == Condition::Switched) {
            AtWork atWork{thread};
            forcedWaitBegins(thread, *found.gil);
        }
    }
    return g_real.condWait(condition, mutex);
}

TIMESLICE_EXPORT int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until)
{
    ThreadRecord& thread = t_thread;
    TracedGil* gil = waitedFor(thread, condition, mutex);
    if (gil == nullptr) [[likely]] {
        return g_real.condTimedWait(condition, mutex, until);
    }
    const IntervalWait wait = beginWait(thread, *gil);
    const int result = g_real.condTimedWait(condition, mutex, until);
    endWait(thread, *gil, wait, result);
    return result;
}

TIMESLICE_EXPORT int pthread_cond_clockwait(
    pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock, const timespec* until)
{
    ThreadRecord& thread = t_thread;
    TracedGil* gil = waitedFor(thread, condition, mutex);
    if (gil == nullptr) [[likely]] {
        return g_real.condClockWait(condition, mutex, clock, until);
    }
    const IntervalWait wait = beginWait(thread, *gil);
    const int result = g_real.condClockWait(condition, mutex, clock, until);
    endWait(thread, *gil, wait, result);
    return result;
}

TIMESLICE_EXPORT int pthread_create(
    pthread_t* created, const pthread_attr_t* attributes, void* (*start)(void*), void* argument) noexcept
{
    ThreadRecord& thread = t_thread;
    if (!anyGilSeen() && !thread.busy) [[unlikely]] {
        calibrate(thread);
    }
    if (thread.inherited != nullptr && !thread.busy) [[unlikely]] {
        goesOn(thread);
    }
    ThreadStart given{start, argument};
    if (anyGilSeen() && !thread.busy) {
        given = withPythonName(given);
    }
    const int result = g_real.create(created, attributes, given.routine, given.argument);
    if (result != 0) [[unlikely]] {
        notStarted(given);
    }
    return result;
}

// CPython 3.14 and later gives the system each thread's Python name, up to 15 bytes of it. In a program without a GIL
// nobody needs it from here: the kernel's records have the name too.
TIMESLICE_EXPORT int pthread_setname_np(pthread_t named, const char* name) noexcept
{
    const int result = g_real.setName(named, name);
    ThreadRecord& thread = t_thread;
    const bool itself = result == 0 && name[0] != '\0' && pthread_equal(named, pthread_self()) != 0;
    if (itself && !thread.busy && !thread.namedByScript && anyGilSeen()) {
        AtWork atWork{thread};
        if (readyToRecord(thread)) {
            thread.ring.setName(name);
        }
    }
    return result;
}
