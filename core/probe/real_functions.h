// The C library's own functions, behind those that the probe puts in front of them.
#pragma once

#include <atomic>
#include <cerrno>
#include <ctime>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>

namespace timeslice::probe {

/// Address of the next definition of `name` after the probe's, nullptr if there is none. errno is left alone.
void* nextDefinition(const char* name, const char* version) noexcept;

/// Looked up at its first use: other libraries' constructors, and malloc, may call it before ours has run.
template <class... Args> class RealFunction {
public:
    using Pointer = int (*)(Args...);

    constexpr RealFunction(const char* name, const char* version) noexcept
        : m_name(name)
        , m_version(version)
    {
    }

    int operator()(Args... args)
    {
        Pointer pointer = m_pointer.load(std::memory_order_relaxed);
        if (pointer == nullptr) [[unlikely]] {
            pointer = find();
        }
        return pointer(args...);
    }

private:
    // Several threads may come here at once; they find the same.
    [[gnu::noinline, gnu::cold]] Pointer find() noexcept
    {
        auto found = reinterpret_cast<Pointer>(nextDefinition(m_name, m_version));
        found = found == nullptr ? &missing : found;
        m_pointer.store(found, std::memory_order_relaxed);
        return found;
    }
    static int missing(Args...) { return ENOSYS; }

    std::atomic<Pointer> m_pointer{nullptr};
    const char* m_name;
    const char* m_version;
};

// Condition variables have another layout since this version; a lookup by name alone could find the old functions.
#if defined(__x86_64__) || defined(__i386__)
inline constexpr const char* kConditionVersion = "GLIBC_2.3.2";
#else
inline constexpr const char* kConditionVersion = nullptr;
#endif

struct RealFunctions {
    RealFunction<pthread_mutex_t*> mutexLock{"pthread_mutex_lock", nullptr};
    RealFunction<pthread_mutex_t*> mutexUnlock{"pthread_mutex_unlock", nullptr};
    RealFunction<pthread_mutex_t*, const pthread_mutexattr_t*> mutexInit{"pthread_mutex_init", nullptr};
    RealFunction<pthread_cond_t*> condSignal{"pthread_cond_signal", kConditionVersion};
    RealFunction<pthread_cond_t*, pthread_mutex_t*> condWait{"pthread_cond_wait", kConditionVersion};
    RealFunction<pthread_cond_t*, pthread_mutex_t*, const timespec*> condTimedWait{
        "pthread_cond_timedwait", kConditionVersion};
    RealFunction<pthread_cond_t*, pthread_mutex_t*, clockid_t, const timespec*> condClockWait{
        "pthread_cond_clockwait", nullptr};
    RealFunction<pthread_cond_t*, const pthread_condattr_t*> condInit{"pthread_cond_init", kConditionVersion};
    RealFunction<pthread_cond_t*> condDestroy{"pthread_cond_destroy", kConditionVersion};
    RealFunction<pthread_t*, const pthread_attr_t*, void* (*)(void*), void*> create{"pthread_create", nullptr};
    RealFunction<pthread_t, const char*> setName{"pthread_setname_np", nullptr};
    RealFunction<pid_t, int*, int> waitPid{"waitpid", nullptr};
    RealFunction<pid_t, int*, int, rusage*> wait4{"wait4", nullptr};
    RealFunction<idtype_t, id_t, siginfo_t*, int> waitId{"waitid", nullptr};
};

extern constinit RealFunctions g_real;

} // namespace timeslice::probe
