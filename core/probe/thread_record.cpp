#include "core/probe/thread_record.h"

#include "core/probe/gil_events.h"
#include "core/probe/traced_gil.h"

#include <atomic>
#include <cerrno>
#include <pthread.h>
#include <type_traits>
#include <unistd.h>

namespace timeslice::probe {

static_assert(std::is_trivially_destructible_v<ThreadRecord>);

constinit thread_local ThreadRecord t_thread;

namespace {

constinit std::atomic<std::uint64_t> g_serials{0};
constinit std::atomic<std::uint32_t> g_threadNames{0};
constinit std::atomic<bool> g_prepared{false};
constinit std::atomic<bool> g_hasKey{false};
constinit std::atomic<Pid> g_process{0}; ///< whose rings and GILs these are
constinit pthread_key_t g_key = 0;

// Other libraries' destructors of thread-specific data may still take the GIL. So the ring is closed in the third of
// the four rounds that there are (PTHREAD_DESTRUCTOR_ITERATIONS).
constexpr std::uint8_t kClosingRound = 3;

void threadEnds(void* value)
{
    auto& thread = *static_cast<ThreadRecord*>(value);
    if (++thread.endRounds < kClosingRound && pthread_setspecific(g_key, value) == 0) {
        return;
    }
    AtWork atWork{thread};
    giveUpWaiting(thread); // it was cancelled, or left by pthread_exit(), while it waited
    thread.ended = true;
    thread.ring.close();
}

// The rings that the parent wrote are the parent's; the child's forking thread is its only one.
void childBegins()
{
    renewForkMark();
    g_process.store(getpid(), std::memory_order_relaxed);
    g_threadNames.store(0, std::memory_order_relaxed);
    ThreadRecord& thread = t_thread;
    thread.ring = {};
    thread.waitingFor = nullptr;
    thread.intervalOver = 0;
    thread.inherited = inheritGils(thread.serial);
    thread.inheritedAt = monotonicNow();
}

// A handler of another library may have come before this one, and have made us take notice.
void afterForkInChild()
{
    if (hasForkMark()) {
        noticeFork();
    } else {
        childBegins();
    }
}

// Once a process, by the first thread that has something to record; so nothing is left behind where there is no GIL.
void prepareProcess() noexcept
{
    if (g_prepared.exchange(true, std::memory_order_acq_rel)) {
        return;
    }
    g_process.store(getpid(), std::memory_order_relaxed);
    placeForkMark();
    pthread_atfork(nullptr, nullptr, &afterForkInChild);
    if (pthread_key_create(&g_key, &threadEnds) == 0) {
        g_hasKey.store(true, std::memory_order_release);
    }
}

void nameThread(char (&name)[24]) noexcept
{
    const char* text = "MainThread";
    std::uint32_t number = 0;
    if (getpid() != gettid()) {
        text = "Thread ";
        number = g_threadNames.fetch_add(1, std::memory_order_relaxed) + 1;
    }
    char* at = name;
    while (*text != '\0') {
        *at++ = *text++;
    }
    char digits[10];
    int count = 0;
    for (; number != 0; number /= 10) {
        digits[count++] = static_cast<char>('0' + number % 10);
    }
    while (count > 0) {
        *at++ = digits[--count];
    }
    *at = '\0';
}

} // namespace

std::uint64_t serialOf(ThreadRecord& thread) noexcept
{
    if (thread.serial == 0) {
        thread.serial = g_serials.fetch_add(1, std::memory_order_relaxed) + 1;
    }
    return thread.serial;
}

bool noticeFork() noexcept
{
    if (hasForkMark()) [[likely]] {
        if (!isForkedChild()) [[likely]] {
            return false;
        }
    } else {
        const Pid process = g_process.load(std::memory_order_relaxed);
        if (process == 0 || process == getpid()) {
            return false;
        }
    }
    childBegins();
    return true;
}

bool readyToRecord(ThreadRecord& thread) noexcept
{
    if (thread.ring.claimed()) [[likely]] {
        return !thread.ended;
    }
    const ChannelMap* channel = openChannel();
    if (channel == nullptr || thread.ended) {
        return false;
    }
    const int savedErrno = errno;
    prepareProcess();
    if (!thread.keySet && g_hasKey.load(std::memory_order_acquire)) {
        thread.keySet = pthread_setspecific(g_key, &thread) == 0;
    }
    char name[24];
    nameThread(name);
    thread.ring.claim(*channel, name);
    recordInherited(thread); // before all else of this ring
    errno = savedErrno;
    return true;
}

} // namespace timeslice::probe
