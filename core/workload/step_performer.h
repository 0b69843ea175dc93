// StepPerformer: does what the steps of a task say. A new kind of step is one more perform().
#pragma once

#include "core/record/event_writer.h"
#include "core/workload/compute_kernel.h"
#include "core/workload/core_stamp.h"
#include "core/workload/memory_buffer.h"
#include "core/workload/misbehaviour.h"
#include "core/workload/spawned.h"
#include "core/workload/task_plan.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <sys/types.h>
#include <vector>

namespace timeslice {

struct DispatchedJob;

/// For the task's own thread, whose EventWriter must be attached before.
class StepPerformer {
public:
    explicit StepPerformer(const TaskPlan& plan)
        : m_plan(plan)
        , m_writer(EventWriter::current())
        , m_control(*plan.control)
        , m_gil(plan.gil)
        , m_stamp(plan.selfStamp, plan.iterationsPerUs)
        , m_held(plan.workload->mutexes.size(), 0)
        , m_filePosition(plan.workload->files.size(), 0)
        , m_timers(plan.workload->timers.size())
        , m_buffers(plan.workload->buffers.size())
        , m_spawned(m_control)
    {
    }

    /// Everything between the gate and the end.
    Result<void> run();

private:
    /// While it lives, the task may be off the core: it lets go of the GIL and says what it waits for.
    class Waiting {
    public:
        /// Whether the call will block: tells a task that stamps itself when to say that it leaves the core.
        enum class Certainty : unsigned char { Surely, Perhaps };

        /// `until`: when it will be over at the latest, where that is known; else 0.
        Waiting(StepPerformer& task, WaitKind kind, Certainty certainty, ObjectId object = 0, Nanos until = 0) noexcept
            : m_task(task)
            , m_kind(kind)
            , m_certainty(certainty)
            , m_object(object)
        {
            m_task.releaseGil();
            m_task.m_writer.record(EventKind::WaitBegin, m_object, static_cast<std::uint64_t>(m_kind));
            if (until > 0) {
                m_task.m_writer.record(EventKind::WaitUntil, 0, static_cast<std::uint64_t>(until));
            }
            if (m_certainty == Certainty::Surely) {
                m_task.m_stamp.leave();
            } else {
                m_task.m_stamp.look();
            }
        }
        ~Waiting()
        {
            if (m_certainty == Certainty::Surely) {
                m_task.m_stamp.enter();
            } else {
                m_task.m_stamp.look();
            }
            m_task.m_writer.record(EventKind::WaitEnd, m_object, static_cast<std::uint64_t>(m_kind));
            m_task.acquireGil();
        }
        Waiting(const Waiting&) = delete;
        Waiting& operator=(const Waiting&) = delete;

    private:
        StepPerformer& m_task;
        WaitKind m_kind;
        Certainty m_certainty;
        ObjectId m_object;
    };
    using Certainty = Waiting::Certainty;

    bool stopping() const noexcept { return m_control.stop.load(std::memory_order_relaxed); }
    void acquireGil() noexcept
    {
        if (m_gil != nullptr) {
            m_stamp.look();
            m_gil->acquire();
            m_stamp.look();
        }
    }
    void releaseGil() noexcept
    {
        if (m_gil != nullptr) {
            m_gil->release();
        }
    }
    /// Between two chunks of work.
    void betweenChunks() noexcept
    {
        if (m_gil != nullptr) {
            m_gil->check();
        }
        m_stamp.tick();
    }

    Result<void> runPhases();
    Result<void> runPhase(const PhaseSpec& phase);
    void letGoOfMutexes() noexcept;
    void sleepUntil(Nanos time) noexcept;
    /// As a step does: without the GIL, and recorded.
    void waitUntil(Nanos time) noexcept;
    void take(std::size_t mutex) noexcept;
    void giveBack(std::size_t mutex) noexcept;
    /// True: it has all of them; false: one was not free, and it has none.
    bool tryAll(const step::Acquire& acquire) noexcept;
    void sleepFor(Nanos length) noexcept;
    template <class Update> void incrementBy(std::uint64_t times, std::atomic<std::uint64_t>& done, Update update);
    Certainty certaintyOf(int fd, short events) const noexcept;
    Result<void> transfer(int fd, std::size_t bytes, bool write);
    off_t nextFileOffset(std::size_t file, std::size_t bytes) noexcept;
    char* buffer(std::size_t bytes);
    Result<MemoryBuffer*> memoryBuffer(std::size_t index);

    Result<void> perform(const step::Run& run);
    Result<void> perform(const step::RunFor& run);
    Result<void> perform(const step::Sleep& sleep);
    Result<void> perform(const step::Timer& timer);
    Result<void> perform(const step::Lock& lock);
    Result<void> perform(const step::Unlock& unlock);
    Result<void> perform(const step::Wait& wait);
    Result<void> perform(const step::Signal& signal);
    Result<void> perform(const step::Barrier& barrier);
    Result<void> perform(const step::Increment& increment);
    Result<void> perform(const step::Write& write);
    Result<void> perform(const step::Read& read);
    Result<void> perform(const step::Send& send);
    Result<void> perform(const step::Receive& receive);
    Result<void> perform(const step::Yield& yield);
    Result<void> perform(const step::Mark& mark);
    Result<void> perform(const step::Crash& crash);
    Result<void> perform(const step::Allocate& allocate);
    Result<void> perform(const step::Spawn& spawn);
    Result<void> perform(const step::Acquire& acquire);
    Result<void> perform(const step::StoreBuffer& side);
    Result<void> perform(const step::AwaitTimer& await);
    Result<void> perform(const step::Suspend& suspend);
    Result<void> perform(const step::Resume& resume);
    Result<void> perform(const step::PostSemaphore& post);
    Result<void> perform(const step::AwaitSemaphore& await);
    Result<void> perform(const step::UseMemory& use);
    Result<void> perform(const step::WriteOut& write);
    Result<void> perform(const step::Fork& fork);
    Result<void> perform(const step::Schedule& schedule);
    Result<void> perform(const step::Job& job);
    bool throughGate(DispatchedJob& told);
    void workFor(std::uint64_t iterations);
    Result<void> perform(const step::Stepped& stepped);
    Result<void> perform(const step::Bear& bear);
    void showCalculated(const Dispatcher& dispatcher, JobIndex job);

    const TaskPlan& m_plan;
    EventWriter& m_writer;
    RunControl& m_control;
    Gil* m_gil;
    CoreStamp m_stamp;
    std::uint64_t m_computed = kFirstState;
    std::vector<std::uint32_t> m_held; ///< by mutex: how often this task holds it
    std::vector<std::size_t> m_filePosition; ///< by file: within the task's region
    std::vector<char> m_buffer;
    std::vector<TouchedMemory> m_memory;
    std::vector<SharedTimer> m_timers; ///< those that are not shared
    std::vector<std::unique_ptr<MemoryBuffer>> m_buffers; ///< those that are not shared; made at the first use
    const step::Schedule* m_scheduled = nullptr; ///< the last that was applied
    Spawned m_spawned;
};

} // namespace timeslice
