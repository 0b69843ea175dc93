#include "core/probe/thread_record.h"

#include "core/probe/gil_events.h"
#include "core/probe/own_ids.h"
#include "core/probe/traced_gil.h"

#include <atomic>
#include <cerrno>
#include <optional>
#include <pthread.h>
#include <type_traits>
#include <unistd.h>

namespace timeslice::probe {

static_assert(std::is_trivially_destructible_v<ThreadRecord>);

constinit thread_local ThreadRecord t_thread;
constinit std::atomic<std::uint32_t> g_generation{0};

namespace {

constinit std::atomic<std::uint64_t> g_serials{0};
constinit std::atomic<std::uint32_t> g_threadNames{0};
constinit std::atomic<bool> g_prepared{false};
constinit std::atomic<bool> g_hasKey{false};
constinit std::atomic<Pid> g_process{0}; ///< whose rings and GILs these are
constinit std::atomic<Nanos> g_forkedAt{0};
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
    const int savedErrno = errno;
    AtWork atWork{thread};
    noticeFork();
    beOfThisProcess(thread);
    giveUpWaiting(thread); // it was cancelled, or left by pthread_exit(), while it waited
    thread.ended = true;
    thread.ring.close();
    errno = savedErrno;
}

// The rings and GILs that the parent wrote are the parent's.
void childBegins()
{
    renewForkMark();
    g_process.store(getpid(), std::memory_order_relaxed);
    forgetOwnIds();
    g_threadNames.store(0, std::memory_order_relaxed);
    g_forkedAt.store(monotonicNow(), std::memory_order_relaxed);
    // Who notices first may be a thread that the child has started since.
    inheritGils(getpid() == gettid() ? std::optional{t_thread.serial} : std::nullopt);
    g_generation.fetch_add(1, std::memory_order_release);
    beginAnew(t_thread);
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

void nameThread(ThreadRecord& thread, char (&name)[24]) noexcept
{
    const char* text = "MainThread";
    if (getpid() != gettid()) {
        text = "Thread ";
        if (thread.number == 0) {
            thread.number = g_threadNames.fetch_add(1, std::memory_order_relaxed) + 1;
        }
    }
    std::uint32_t number = thread.number;
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

void countRefusal(const ChannelMap& channel, RingRefusal refusal) noexcept
{
    auto& threads =
        refusal == RingRefusal::Memory ? channel.header().threadsWithoutMemory : channel.header().threadsWithoutRing;
    threads.fetch_add(1, std::memory_order_relaxed);
}

[[gnu::noinline]] bool wantsRing(ThreadRecord& thread, bool named) noexcept
{
    const ChannelMap* channel = openChannel();
    if (channel == nullptr || thread.ended) {
        return false;
    }
    const std::uint32_t before = thread.eventsWithoutRing++;
    if ((before & (before - 1)) != 0) { // it has asked at the first, second, third, fifth, ninth ...
        return true;
    }
    const int savedErrno = errno;
    prepareProcess();
    if (!thread.keySet && g_hasKey.load(std::memory_order_acquire)) {
        thread.keySet = pthread_setspecific(g_key, &thread) == 0;
    }
    char name[24] = "";
    if (named) {
        nameThread(thread, name);
    }
    thread.nameless = !named;
    const OwnIds ids = ownIds();
    const RingRefusal refusal =
        channel->attach(thread.ring, {.tid = ids.tid, .pid = ids.pid, .pidNamespace = ids.pidNamespace}, name);
    if (refusal != RingRefusal::None && before == 0) {
        countRefusal(*channel, refusal);
    }
    recordInherited(thread); // before all else of this ring
    errno = savedErrno;
    return true;
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

void beginAnew(ThreadRecord& thread) noexcept
{
    thread.generation = g_generation.load(std::memory_order_acquire);
    thread.ring = {};
    thread.number = 0;
    thread.eventsWithoutRing = 0;
    thread.nameless = false;
    thread.namedByScript = false;
    thread.waitingFor = nullptr;
    thread.intervalOver = 0;
    thread.inherited = inheritedGilOf(thread.serial);
    thread.inheritedAt = g_forkedAt.load(std::memory_order_relaxed);
}

bool readyToRecord(ThreadRecord& thread) noexcept
{
    beOfThisProcess(thread);
    return thread.ring.attached() || wantsRing(thread, true);
}

bool readyToReport(ThreadRecord& thread) noexcept
{
    beOfThisProcess(thread);
    return thread.ring.attached() || wantsRing(thread, anyGilSeen());
}

void nameIfNameless(ThreadRecord& thread) noexcept
{
    if (thread.nameless && thread.ring.attached()) {
        thread.nameless = false;
        char name[24];
        nameThread(thread, name);
        thread.ring.setName(name);
    }
}

} // namespace timeslice::probe
