// Policy: a textbook's scheduling policy as a state machine. Events in, decisions out; no clock, no thread, no chance
// but the seed, so that it decides the same in a calculation (closed_form.h) and over real threads.
//
//              arrive()             decide()               end()
//   not here -----------> Ready <-----------------> Running -------> ended
//                           ^   unblock()              | block()
//                           +------------- Blocked <---+
//
// What happens at one moment is told in this order, the order of OSTEP's homework: first what running jobs do, by core
// (ends, blocks, slices that are over), then timer(), then arrivals as they stand in the table, then unblocks in the
// order of their blocks; then decide() once. A job that has had a core is charged before anything is told of it, and
// all that run are before decide().
//
// A decision counts at once, for the policy. Over real threads a job needs a while until it has let go; whatever it
// does meanwhile may be told nevertheless: it is charged, blocks or ends from the ready queue.
//
// Sources: R. and A. Arpaci-Dusseau, "Operating Systems: Three Easy Pieces", chapters 7 to 9 (FIFO, SJF, STCF, RR,
// MLFQ, lottery, stride, CFS; of jobs that block each stretch counts as a job); C. Waldspurger, W. Weihl, "Lottery
// Scheduling", OSDI 1994, and "Stride Scheduling", MIT 1995 (who comes, or comes back, starts at the pass that all have
// reached); the kernel's nice table (nice_weight.h).
#pragma once

#include "core/dispatch/decision.h"
#include "core/dispatch/job_table.h"
#include "core/dispatch/policy_options.h"

#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <vector>

namespace timeslice {

/// Not thread-safe. O(log n) an event, O(n) a draw; the job table must outlive it.
class Policy {
public:
    /// `options` must have passed their check().
    static std::unique_ptr<Policy> create(const PolicyOptions& options, const JobTable& jobs);
    virtual ~Policy() = default;
    Policy(const Policy&) = delete;
    Policy& operator=(const Policy&) = delete;

    void arrive(JobIndex job, Nanos now);
    void unblock(JobIndex job, Nanos now);
    void charge(JobIndex job, Nanos ran); ///< it has had a core for so much longer
    void sliceOver(JobIndex job); ///< nothing if it does not run
    void block(JobIndex job);
    void end(JobIndex job);
    void timer(Nanos now); ///< at nextTimer(), or later

    /// When the policy itself does something: a boost, a job that gets more urgent. kNever if nothing is due.
    virtual Nanos nextTimer() const { return kNever; }

    /// What changes on the cores, by core. Valid until the next call.
    std::span<const Decision> decide(Nanos now);

    JobIndex running(int core) const noexcept { return m_cores[static_cast<std::size_t>(core)]; }
    std::size_t readyJobs() const noexcept { return m_ready.size() - m_expired; }
    /// Those that wait for a core, in the order in which they stand (of a lottery: in the table).
    std::vector<JobIndex> readyQueue() const;
    /// Of a running job: how much of its slice is left; kNever if it has none.
    Nanos sliceLeft(JobIndex job) const noexcept { return m_states[job].slice; }

protected:
    enum class Stage : std::uint8_t { Absent, Ready, Running, Blocked, Ended };

    struct State {
        Stage stage = Stage::Absent;
        bool expired = false; ///< Running, but compared with those that are ready as one of them
        int core = -1;
        std::int64_t rank = 0; ///< the smallest first
        std::uint64_t ticket = 0; ///< among equal ranks the smallest first: when it came to its place in the queue
        Nanos done = 0; ///< so long it has had a core
        Nanos slice = kNever; ///< what is left of it
        Leaving leaving = Leaving::Nobody; ///< if it is expired
    };

    Policy(const PolicyOptions& options, const JobTable& jobs);

    // What makes a policy. A job whose rank or place changes is not in the queue then.
    virtual void onReady(JobIndex job, State& state, bool isNew, Nanos now) = 0;
    virtual void onCharge(JobIndex, State&, Nanos) { }
    virtual void onSliceOver(JobIndex, State&) { }
    virtual void onBlock(JobIndex, State&) { }
    virtual void onEnd(JobIndex, State&) { }
    virtual void onStart(JobIndex, State&) { } ///< gets a core, or keeps it with a new slice
    virtual void onPreempted(JobIndex, State&, Nanos) { }
    virtual void onTimer(Nanos) { }
    virtual bool preempts() const { return false; }
    virtual void explain(JobIndex job, const State& state, Decision& decision) const = 0;
    /// One of those in the queue, of which there is one at least.
    virtual JobIndex choose() { return front(); }

    const PolicyOptions& options() const noexcept { return m_options; }
    const JobTable& jobs() const noexcept { return m_jobs; }
    State& state(JobIndex job) noexcept { return m_states[job]; }
    const State& state(JobIndex job) const noexcept { return m_states[job]; }
    std::uint64_t nextTicket() noexcept { return ++m_tickets; }
    JobIndex front() const noexcept { return m_ready.begin()->job; }
    std::span<const JobIndex> onCores() const noexcept { return m_cores; }
    std::vector<JobIndex> queued() const; ///< in order; with the running ones that are expired
    bool anyQueued() const noexcept { return !m_ready.empty(); }
    void expire(JobIndex job, Leaving leaving); ///< a running one
    /// Changes what orders a job, in the queue or not.
    template <class Change> void rearrange(JobIndex job, Change change)
    {
        const bool wasQueued = dequeue(job);
        change(m_states[job]);
        if (wasQueued) {
            enqueue(job);
        }
    }

private:
    struct Place {
        std::int64_t rank;
        std::uint64_t ticket;
        JobIndex job;
        friend auto operator<=>(const Place&, const Place&) = default;
    };

    Place placeOf(JobIndex job) const noexcept { return {m_states[job].rank, m_states[job].ticket, job}; }
    void enqueue(JobIndex job) { m_ready.insert(placeOf(job)); }
    bool dequeue(JobIndex job) { return m_ready.erase(placeOf(job)) > 0; }
    void leaveCore(JobIndex job);
    void takeCore(int core, JobIndex job, JobIndex out, Leaving leaving);
    void fillCores(Nanos now);
    void preempt(Nanos now);

    PolicyOptions m_options;
    const JobTable& m_jobs;
    std::vector<State> m_states; ///< by job
    std::vector<JobIndex> m_cores; ///< who runs there
    std::set<Place> m_ready; ///< and the expired
    std::size_t m_expired = 0;
    std::uint64_t m_tickets = 0;
    std::vector<Decision> m_decisions;
};

} // namespace timeslice
