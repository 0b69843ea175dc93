// ThreadRecord: what the probe keeps of each thread.
#pragma once

#include "core/probe/fork_mark.h"
#include "core/probe/gil_recognizer.h"
#include "core/probe/probe_channel.h"

#include <atomic>
#include <cstdint>

namespace timeslice::probe {

struct TracedGil;

struct ThreadRecord {
    /// The probe is at work in this thread: what it calls, and what a signal handler calls meanwhile, goes straight
    /// through.
    bool busy = false;
    bool ended = false; ///< its ring is closed for good
    std::uint8_t endRounds = 0;
    bool keySet = false; ///< threadEnds() will be called
    bool nameless = false; ///< its ring has no name: no GIL was seen when it was claimed
    bool namedByScript = false; ///< through our module; what the interpreter calls it is of no interest then
    std::uint64_t serial = 0; ///< never reused in a process, unlike thread ids and addresses; 0 = none yet
    std::uint32_t generation = 0; ///< the process's (g_generation) that what follows is of
    std::uint32_t number = 0; ///< of "Thread N"; 0 = none yet
    std::uint32_t eventsWithoutRing = 0; ///< since it first wanted one
    channel::RingWriter ring;
    GilRecognizer recognizer;

    TracedGil* waitingFor = nullptr;
    std::uint64_t waitingGeneration = 0;
    /// The switch interval ran out at this time; it becomes a drop request if the thread goes on waiting. 0 = it did
    /// not. (A thread that must exit gives up instead: tstate_must_exit() in take_gil.)
    Nanos intervalOver = 0;
    bool signalled = false; ///< its last wait for the GIL ended because that had been let go

    /// The forking thread of a child holds this GIL since then, which is recorded once the child is seen to go on
    /// instead of executing something else.
    TracedGil* inherited = nullptr;
    Nanos inheritedAt = 0;

    bool watched() const noexcept { return recognizer.watching() || waitingFor != nullptr || inherited != nullptr; }
};

extern constinit thread_local ThreadRecord t_thread __attribute__((tls_model("initial-exec")));

/// The calling thread's record ready to write events: with a serial and a ring named "MainThread" or "Thread N".
/// False when nothing can be recorded: no channel, or the thread is past its end. A thread that is refused a ring is
/// counted, as is what it records, and asks again ever more rarely.
bool readyToRecord(ThreadRecord& thread) noexcept;
/// The same for what has nothing to do with a GIL: a thread of a process in which none was seen gets no name of ours.
bool readyToReport(ThreadRecord& thread) noexcept;
/// A GIL was seen after all.
void nameIfNameless(ThreadRecord& thread) noexcept;
std::uint64_t serialOf(ThreadRecord& thread) noexcept;
/// Starts anew, and says so, if this is a forked child that has not noticed yet: the rings known so far are the
/// parent's, and their memory is not there. No system call where the kernel marks forks (fork_mark.h).
bool noticeFork() noexcept;
/// How often this process and those before it were forked from another, as far as noticed.
extern std::atomic<std::uint32_t> g_generation;
/// A thread that went through a fork: its ring, its name and what it waits for were the parent's.
void beginAnew(ThreadRecord& thread) noexcept;
/// Notices a fork where that costs nothing, and another thread's having noticed it: for what happens often.
inline void beOfThisProcess(ThreadRecord& thread) noexcept
{
    if (isForkedChild()) [[unlikely]] {
        noticeFork();
    }
    if (thread.generation != g_generation.load(std::memory_order_relaxed)) [[unlikely]] {
        beginAnew(thread);
    }
}

/// While it lives the probe is at work in this thread.
class AtWork {
public:
    explicit AtWork(ThreadRecord& thread) noexcept
        : m_thread(thread)
    {
        m_thread.busy = true;
        std::atomic_signal_fence(std::memory_order_seq_cst);
    }
    ~AtWork()
    {
        std::atomic_signal_fence(std::memory_order_seq_cst);
        m_thread.busy = false;
    }
    AtWork(const AtWork&) = delete;
    AtWork& operator=(const AtWork&) = delete;

private:
    ThreadRecord& m_thread;
};

} // namespace timeslice::probe
