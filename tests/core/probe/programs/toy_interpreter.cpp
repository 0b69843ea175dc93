// An interpreter without a language: a GIL that follows the algorithm of CPython's Python/ceval_gil.c, and the
// functions of the C API by which a probe can ask for it. `toy_interpreter WHAT`:
//
//   born       makes its GIL as CPython does, then two threads take turns
//   unborn     its GIL needs no making (static initializers): recognizable only by dropping and taking it
//   free_threaded       makes its GIL and never takes it; its threads run at once
//   switched_on         ... until it is switched on, later (an extension needs it)
//   gone       ... and nobody holds it, or finalization has begun, as the first thread is made: must not be touched
//   cancelled  a thread is cancelled, and another ends itself, while they wait for the GIL
//   unwound    pthread_exit() in a thread that waited runs the destructors on its stack; says so
//   latecomers the last thing that a thread does is to take the GIL, in a destructor of its own data
//   forked     forks without fork handlers (as clone() does) and makes the GIL anew in the child
//   inherits   forks while it holds the GIL, and the child goes on with it: nothing is made anew
//   inherits_cloned     ... and no fork handler is called
//   inherits_free       forks while nobody holds it, and the child's threads take it
//   inherits_lost       forks while another thread holds it: the child waits for it until a signal ends it
//   storm      a signal handler interrupts threads that pass the GIL around
//   false_alarms        lets go and takes it back before the thread that it has woken can, a number of times; prints it
//   many       makes, takes and drops a thousand GILs, one after the other; then as many that are never destroyed
//   errno      prints "kept" if no call of these has changed errno
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

struct ThreadState { };

struct Gil {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_t switchMutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t released = PTHREAD_COND_INITIALIZER;
    pthread_cond_t switched = PTHREAD_COND_INITIALIZER;
    std::atomic<bool> locked{false};
    std::atomic<bool> dropRequest{false};
    std::atomic<ThreadState*> lastHolder{nullptr};
    unsigned long switches = 0;
    int waits = 0; // times that a thread began to wait
};

Gil g_gil;
std::atomic<ThreadState*> g_current{nullptr}; // the thread that holds the GIL
std::atomic<bool> g_finalizing{false};
std::atomic<int> g_handOvers{0};
std::atomic<bool> g_enabled{true}; // a free-threaded build has its GIL switched off
thread_local ThreadState t_state;
long g_moreSeconds = 0; // of the switch interval

void makeGil(Gil& gil = g_gil)
{
    pthread_mutex_init(&gil.mutex, nullptr);
    pthread_mutex_init(&gil.switchMutex, nullptr);
    pthread_cond_init(&gil.released, nullptr);
    pthread_cond_init(&gil.switched, nullptr);
    gil.locked = false;
    gil.lastHolder = nullptr;
}

void destroyGil(Gil& gil)
{
    pthread_cond_destroy(&gil.released);
    pthread_mutex_destroy(&gil.mutex);
    pthread_cond_destroy(&gil.switched);
    pthread_mutex_destroy(&gil.switchMutex);
}

void take(Gil& gil = g_gil)
{
    if (!g_enabled) {
        return;
    }
    pthread_mutex_lock(&gil.mutex);
    while (gil.locked) {
        const unsigned long before = gil.switches;
        timespec until{};
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 5'000'000;
        until.tv_sec += g_moreSeconds + until.tv_nsec / 1'000'000'000;
        until.tv_nsec %= 1'000'000'000;
        ++gil.waits;
        if (pthread_cond_timedwait(&gil.released, &gil.mutex, &until) == ETIMEDOUT && gil.locked
            && gil.switches == before) {
            gil.dropRequest = true;
        }
    }
    pthread_mutex_lock(&gil.switchMutex);
    gil.locked = true;
    if (gil.lastHolder != &t_state) {
        gil.lastHolder = &t_state;
        ++gil.switches;
    }
    pthread_cond_signal(&gil.switched);
    pthread_mutex_unlock(&gil.switchMutex);
    gil.dropRequest = false;
    pthread_mutex_unlock(&gil.mutex);
    g_current = &t_state;
}

void drop(Gil& gil = g_gil)
{
    if (!g_enabled) {
        return;
    }
    g_current = nullptr;
    gil.lastHolder = &t_state;
    pthread_mutex_lock(&gil.mutex);
    gil.locked = false;
    pthread_cond_signal(&gil.released);
    pthread_mutex_unlock(&gil.mutex);
    if (gil.dropRequest) {
        pthread_mutex_lock(&gil.switchMutex);
        if (gil.lastHolder == &t_state) {
            gil.dropRequest = false;
            pthread_cond_wait(&gil.switched, &gil.switchMutex);
        }
        pthread_mutex_unlock(&gil.switchMutex);
    }
}

/// Holds the GIL for so long, letting go when asked to; then lets go.
void compute(long milliseconds)
{
    timespec begin{};
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (;;) {
        timespec now{};
        clock_gettime(CLOCK_MONOTONIC, &now);
        if ((now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1'000'000 >= milliseconds) {
            return;
        }
        if (g_gil.dropRequest) {
            drop();
            take();
        }
    }
}

void* worker(void*)
{
    take();
    compute(60);
    drop();
    return nullptr;
}

void* waiter(void*)
{
    take();
    drop();
    return nullptr;
}

std::atomic<bool> g_held{false};
std::atomic<bool> g_letGo{false};

void* holding(void*)
{
    take();
    g_held = true;
    while (!g_letGo) { }
    drop();
    return nullptr;
}

pthread_t start(void* (*function)(void*))
{
    pthread_t thread{};
    if (pthread_create(&thread, nullptr, function, nullptr) != 0) {
        _exit(90);
    }
    return thread;
}

void wait(pthread_t thread)
{
    drop();
    pthread_join(thread, nullptr);
    take();
}

/// Two threads besides the caller, which holds the GIL.
void takeTurns()
{
    const pthread_t first = start(&worker);
    const pthread_t second = start(&worker);
    wait(first);
    wait(second);
}

/// Until the other threads wait, and their first interval is over.
void letOthersWait()
{
    while (!g_gil.dropRequest) { }
}

/// Lets go and takes it back at once, with the mutex held throughout, each time that the other thread waits; so that
/// one is woken, and the GIL is taken.
void wakeInVain(int times)
{
    for (int i = 0; i < times; ++i) {
        pthread_mutex_lock(&g_gil.mutex);
        while (g_gil.waits <= i) {
            pthread_mutex_unlock(&g_gil.mutex);
            sched_yield();
            pthread_mutex_lock(&g_gil.mutex);
        }
        pthread_cond_signal(&g_gil.released);
        pthread_mutex_lock(&g_gil.switchMutex);
        pthread_cond_signal(&g_gil.switched);
        pthread_mutex_unlock(&g_gil.switchMutex);
        pthread_mutex_unlock(&g_gil.mutex);
    }
    for (bool back = false; !back;) { // it waits once more
        pthread_mutex_lock(&g_gil.mutex);
        back = g_gil.waits > times;
        pthread_mutex_unlock(&g_gil.mutex);
        sched_yield();
    }
}

struct Destructed {
    ~Destructed() { std::puts("unwound"); }
};

std::atomic<bool> g_exitNow{false};

void* exiting(void*)
{
    const Destructed destructed;
    take();
    drop();
    g_exitNow = true;
    pthread_exit(nullptr);
}

pthread_key_t g_key;

void atThreadEnd(void*)
{
    take();
    drop();
}

void* latecomer(void*)
{
    pthread_setspecific(g_key, &g_key);
    take();
    drop();
    return nullptr;
}

void onSignal(int) { }

} // namespace

// The part of Python's C API that a probe may use.
extern "C" {
int PyGILState_Check(void)
{
    return 1; // as CPython's, when there are sub-interpreters: it does not tell
}
void* PyGILState_GetThisThreadState(void)
{
    return &t_state;
}
void* _PyThreadState_UncheckedGet(void)
{
    return g_current.load();
}
int _Py_IsFinalizing(void)
{
    return g_finalizing ? 1 : 0;
}
void* PyEval_SaveThread(void)
{
    ++g_handOvers;
    drop();
    return &t_state;
}
void PyEval_RestoreThread(void*)
{
    take();
}
}

int main(int argc, char** argv)
{
    const char* what = argc == 2 ? argv[1] : "";
    const auto is = [what](const char* name) { return std::strcmp(what, name) == 0; };
    if (is("gone")) {
        wait([] {
            const pthread_t untouched = start(&waiter); // nobody holds the GIL
            take();
            return untouched;
        }());
        g_finalizing = true;
        wait(start(&waiter));
        std::printf("%d\n", g_handOvers.load());
        return 0;
    }
    if (!is("unborn")) {
        makeGil();
    }
    if (is("free_threaded") || is("switched_on")) {
        g_enabled = false;
        g_current = &t_state;
        for (int i = 0; i < 3; ++i) {
            pthread_join(start(&worker), nullptr);
        }
        if (is("switched_on")) {
            for (int i = 0; i < 1000; ++i) { // what a program does meanwhile
                pthread_mutex_lock(&g_gil.mutex);
                pthread_mutex_unlock(&g_gil.mutex);
            }
            g_enabled = true;
            take();
            takeTurns();
        }
        std::puts("done");
        return 0;
    }
    take();
    if (is("born") || is("unborn")) {
        takeTurns();
        std::printf("%d\n", g_handOvers.load());
    } else if (is("cancelled")) {
        const pthread_t cancelled = start(&waiter);
        letOthersWait();
        g_gil.dropRequest = false;
        pthread_cancel(cancelled);
        pthread_join(cancelled, nullptr);
        pthread_mutex_unlock(&g_gil.mutex); // a cancelled wait leaves it locked
        drop();
    } else if (is("false_alarms")) {
        constexpr int kTimes = 25;
        g_moreSeconds = 3600; // no interval runs out
        const pthread_t woken = start(&waiter);
        wakeInVain(kTimes);
        wait(woken);
        std::printf("%d\n", kTimes);
        drop();
    } else if (is("unwound")) {
        wait(start(&exiting));
        drop();
    } else if (is("latecomers")) {
        pthread_key_create(&g_key, &atThreadEnd);
        for (int i = 0; i < 20; ++i) {
            wait(start(&latecomer));
        }
        drop();
    } else if (is("forked")) {
        const long child = syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr);
        if (child == 0) {
            makeGil();
            take();
            takeTurns();
            drop();
            _exit(7);
        }
        int status = 0;
        waitpid(static_cast<pid_t>(child), &status, 0);
        std::printf("%d\n", WEXITSTATUS(status));
        drop();
    } else if (is("inherits") || is("inherits_cloned") || is("inherits_free")) {
        const bool held = !is("inherits_free");
        if (!held) {
            drop();
        }
        const long child = is("inherits_cloned") ? syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr)
                                                 : static_cast<long>(fork());
        if (child == 0) {
            if (!held) {
                take();
            }
            takeTurns();
            drop();
            _exit(7);
        }
        if (!held) {
            take();
        }
        int status = 0;
        waitpid(static_cast<pid_t>(child), &status, 0);
        std::printf("%d\n", WEXITSTATUS(status));
        takeTurns();
        drop();
    } else if (is("inherits_lost")) {
        drop();
        const pthread_t holder = start(&holding);
        while (!g_held) { }
        const pid_t child = fork();
        if (child == 0) {
            const itimerval soon{{0, 0}, {0, 30'000}};
            setitimer(ITIMER_REAL, &soon, nullptr);
            take();
            _exit(7);
        }
        int status = 0;
        waitpid(child, &status, 0);
        std::printf("%d\n", WTERMSIG(status));
        g_letGo = true;
        pthread_join(holder, nullptr);
    } else if (is("storm")) {
        struct sigaction action { };
        action.sa_handler = &onSignal;
        sigaction(SIGALRM, &action, nullptr);
        const itimerval often{{0, 200}, {0, 200}};
        setitimer(ITIMER_REAL, &often, nullptr);
        for (int i = 0; i < 5; ++i) {
            takeTurns();
        }
        const itimerval never{};
        setitimer(ITIMER_REAL, &never, nullptr);
        drop();
    } else if (is("many")) {
        for (int i = 0; i < 1000; ++i) {
            Gil gil;
            makeGil(gil);
            take(gil);
            drop(gil);
            destroyGil(gil);
        }
        std::vector<Gil> gils(1000);
        for (Gil& gil : gils) {
            makeGil(gil);
            take(gil);
        }
        for (Gil& gil : gils) {
            drop(gil);
        }
        drop();
    } else if (is("errno")) {
        errno = E2BIG;
        bool kept = true;
        for (int i = 0; i < 1000; ++i) {
            drop();
            kept = kept && errno == E2BIG;
            take();
            kept = kept && errno == E2BIG;
        }
        const pthread_t thread = start(&waiter);
        kept = kept && errno == E2BIG;
        wait(thread);
        std::puts(kept ? "kept" : "changed");
    } else {
        return 2;
    }
    return 0;
}
