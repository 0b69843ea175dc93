// The names that CPython gives its threads: "Thread-1 (worker)", "ThreadPoolExecutor-0_0".
//
// CPython 3.14 and later tells the system (pthread_setname_np). Before, a thread's name is known to nobody but
// threading.py. It is learnt where the thread is made: Thread.start() is the running function then, its `self` has the
// name, and the thread that is being made is told it on its way.
//
//   withPythonName(start) ── g_real.create() ──> the new thread: names its track, then goes on as it would have
#pragma once

namespace timeslice::probe {

/// What pthread_create() is to run in the new thread.
struct ThreadStart {
    void* (*routine)(void*);
    void* argument;
};

/// The start to give to pthread_create() instead of `start`: the same, or one that names the track of the new thread
/// first. For the thread that is about to make another, outside of AtWork (the interpreter's own functions are called).
/// It reads only: no Python code runs, nothing is imported, the error indicator and errno stay. Nothing is learnt
/// unless the calling thread demonstrably holds the GIL of a CPython 3.9 to 3.13 and stands in Thread.start().
ThreadStart withPythonName(ThreadStart start) noexcept;

/// pthread_create() refused what withPythonName() gave.
void notStarted(const ThreadStart& start) noexcept;

} // namespace timeslice::probe
