// Dispatcher: a policy that schedules real threads.
//
// Each job's thread waits at a gate. The dispatcher's own thread sleeps until a job stops or wakes up, a job arrives or
// the policy's timer is due; then it tells the policy, and lets through whom that has chosen once the one before has
// let go. Jobs count their work in iterations of the compute kernel: slices, lengths and what is between two I/Os are
// that much work, however long it takes. What a clock decides is arrivals, I/O and boosts; those are the kernel's time.
//
// Between a decision and its effect a job finishes its chunk (DispatchSpec::kGranularity) and two threads change
// places.
#pragma once

#include "core/record/channel.h"
#include "core/workload/dispatch_outcome.h"
#include "core/workload/dispatch_spec.h"
#include "core/workload/dispatched_job.h"
#include "core/workload/run_state.h"

#include <atomic>
#include <map>
#include <memory>
#include <pthread.h>
#include <utility>
#include <vector>

namespace timeslice {

class Policy;

class Dispatcher {
public:
    struct Setting {
        RunControl* control = nullptr;
        const Channel* channel = nullptr; ///< null: nothing is recorded
        double iterationsPerUs = 0;
        std::vector<CpuId> cpus; ///< of the cores, by number
        std::vector<const TaskState*> states; ///< of the jobs' threads
    };

    /// Errors: a channel without room for the marks' names.
    static Result<std::unique_ptr<Dispatcher>> create(const DispatchSpec& spec, Setting setting);
    ~Dispatcher();
    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    /// Begins with the work, at the run's gate. Nothing if the kernel decides. Errors: the system's.
    Result<void> start();
    /// Sends all jobs home from their gates; for any thread.
    void stop() noexcept;
    /// Once all jobs have ended, or stop() was called.
    void join();

    const DispatchSpec& spec() const noexcept { return m_spec; }
    bool byKernel() const noexcept { return m_spec.run == DispatchSpec::Run::Kernel; }
    bool byCalculation() const noexcept { return m_spec.run == DispatchSpec::Run::Calculation; }
    const JobSchedule& closedFormSchedule() const noexcept { return m_closedForm; }
    ObjectId markFor(const Decision& decision) const;
    static std::uint64_t markValue(const Decision& decision) noexcept;
    /// Where the figures of a job end. Its thread ends later: for that it needs a core once more. 0: nothing is
    /// recorded.
    ObjectId endMark() const noexcept { return m_endMark; }
    DispatchedJob& job(JobIndex job) noexcept { return m_jobs[job]; }
    /// A job's thread has changed its `stops` or `wakes`.
    void tell() noexcept;

    /// After join().
    DispatchOutcome outcome() const;

private:
    struct Core {
        JobIndex granted = kNoJob; ///< is let through, and has not said that it stopped
        JobIndex wanted = kNoJob; ///< by the policy
        JobIndex last = kNoJob; ///< the last that was let through here
        Decision decision; ///< for `wanted`
        bool announced = true; ///< its reason has been told
    };
    struct Progress {
        Nanos charged = 0; ///< of the job's own work
        Nanos target = kNever; ///< up to when it may go; kNever: until it lets go by itself
        std::uint64_t targetIterations = 0;
        std::uint32_t stopsSeen = 0;
        std::uint32_t wakesSeen = 0;
        bool granted = false;
        bool arrived = false;
    };

    Dispatcher(const DispatchSpec& spec, Setting setting);
    Result<void> nameMarks();

    void run();
    void decideUntilTheEnd(Nanos begin);
    void showReadyJobs(Nanos begin);
    void look(Nanos now);
    void charge(JobIndex job, Nanos done);
    Nanos progressOf(JobIndex job) const;
    void takeStop(Core& core, Nanos now);
    void apply(const Decision& decision, Nanos now);
    void aim(JobIndex job);
    void letThrough();
    Nanos nextMoment() const;
    void countReady();

    DispatchSpec m_spec;
    JobSchedule m_closedForm;
    Setting m_setting;
    std::vector<DispatchedJob> m_jobs;
    std::atomic<std::uint32_t> m_news{0};
    std::atomic<bool> m_stopped{false};
    std::atomic<Nanos> m_stoppedAt{0}; ///< since the start of the work
    pthread_t m_thread{};
    bool m_running = false;

    // Of its own thread, and after join().
    std::unique_ptr<Policy> m_policy;
    std::vector<Core> m_cores;
    std::vector<Progress> m_progress;
    std::vector<JobIndex> m_blocked; ///< in the order of their blocks
    std::vector<TimedDecision> m_decisions;
    std::map<std::pair<Leaving, Reason>, ObjectId> m_marks;
    ObjectId m_endMark = 0;
    ObjectId m_queue = 0; ///< the counter of those that are ready
    std::size_t m_readyTold = 0;
    std::size_t m_left = 0;
    Nanos m_overAt = 0; ///< when it was over, or cut off
    bool m_cutOff = false;
};

} // namespace timeslice
