// The policies: what orders their queue, and when a job loses its core.
#include "core/dispatch/nice_weight.h"
#include "core/dispatch/policy.h"
#include "core/dispatch/python_random.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

namespace timeslice {

namespace {

/// value * factor / divisor, rounded down, where the product alone would not fit.
constexpr std::int64_t scaled(std::int64_t value, std::int64_t factor, std::int64_t divisor) noexcept
{
    return value / divisor * factor + value % divisor * factor / divisor;
}

/// One queue; with a quantum it is round robin.
class QueuePolicy final : public Policy {
public:
    QueuePolicy(const PolicyOptions& options, const JobTable& jobs)
        : Policy(options, jobs)
        , m_quantum(options.kind == PolicyKind::RoundRobin ? options.quantum : kNever)
    {
    }

private:
    void onReady(JobIndex, State& state, bool, Nanos) override { state.ticket = nextTicket(); }
    void onSliceOver(JobIndex, State& state) override { state.ticket = nextTicket(); }
    void onStart(JobIndex, State& state) override { state.slice = m_quantum; }
    void explain(JobIndex, const State&, Decision& decision) const override
    {
        decision.reason = anyQueued() ? Reason::FirstInQueue : Reason::Alone;
    }

    Nanos m_quantum;
};

class ShortestPolicy final : public Policy {
public:
    ShortestPolicy(const PolicyOptions& options, const JobTable& jobs)
        : Policy(options, jobs)
    {
    }

private:
    void rank(JobIndex job, State& state) { state.rank = jobs()[job].untilItLetsGo(state.done); }
    void onReady(JobIndex job, State& state, bool, Nanos) override
    {
        state.ticket = nextTicket();
        rank(job, state);
    }
    void onCharge(JobIndex job, State& state, Nanos) override { rank(job, state); }
    bool preempts() const override { return options().kind == PolicyKind::Srtf; }
    void explain(JobIndex, const State& state, Decision& decision) const override
    {
        decision.reason = anyQueued() ? Reason::Shortest : Reason::Alone;
        decision.value = state.rank;
    }
};

/// Ageing is an urgency that is on loan: it counts until the job loses its core, or lets go of it.
class PriorityPolicy final : public Policy {
public:
    PriorityPolicy(const PolicyOptions& options, const JobTable& jobs)
        : Policy(options, jobs)
        , m_ages(jobs.size(), kNever)
    {
    }

    Nanos nextTimer() const override { return m_ageing.empty() ? kNever : m_ageing.begin()->first; }

private:
    void wait(JobIndex job, State& state, Nanos now)
    {
        state.rank = jobs()[job].priority;
        ageAt(job, options().ageing > 0 && state.rank > 0 ? now + options().ageing : kNever);
    }
    void ageAt(JobIndex job, Nanos time)
    {
        m_ageing.erase({m_ages[job], job});
        m_ages[job] = time;
        if (time != kNever) {
            m_ageing.insert({time, job});
        }
    }
    void onReady(JobIndex job, State& state, bool, Nanos now) override
    {
        state.ticket = nextTicket();
        wait(job, state, now);
    }
    void onPreempted(JobIndex job, State& state, Nanos now) override { wait(job, state, now); }
    void onStart(JobIndex job, State&) override { ageAt(job, kNever); }
    void onBlock(JobIndex job, State&) override { ageAt(job, kNever); }
    void onEnd(JobIndex job, State&) override { ageAt(job, kNever); }
    void onTimer(Nanos now) override
    {
        while (!m_ageing.empty() && m_ageing.begin()->first <= now) {
            const auto [due, job] = *m_ageing.begin();
            rearrange(job, [](State& state) { --state.rank; });
            ageAt(job, state(job).rank > 0 ? due + options().ageing : kNever);
        }
    }
    bool preempts() const override { return options().preemptive; }
    void explain(JobIndex job, const State& state, Decision& decision) const override
    {
        decision.reason = !anyQueued()          ? Reason::Alone
            : state.rank < jobs()[job].priority ? Reason::Aged
                                                : Reason::MostUrgent;
        decision.value = state.rank;
    }

    std::vector<Nanos> m_ages; ///< by job: when it gets more urgent
    std::set<std::pair<Nanos, JobIndex>> m_ageing;
};

/// The levels are ranks of one queue. A job that a higher one takes the core from stays first of its level, with what
/// is left of its quantum; so does what is left when it blocks, unless that is forgotten.
class FeedbackPolicy final : public Policy {
public:
    FeedbackPolicy(const PolicyOptions& options, const JobTable& jobs)
        : Policy(options, jobs)
        , m_quanta(jobs.size(), 0)
        , m_nextBoost(options.boost > 0 ? options.boost : kNever)
    {
    }

    Nanos nextTimer() const override { return m_nextBoost; }

private:
    const MlfqLevel& level(const State& state) const { return options().levels[static_cast<std::size_t>(state.rank)]; }
    void renew(JobIndex job, State& state)
    {
        state.slice = level(state).quantum;
        m_quanta[job] = level(state).allotment;
    }
    void useUpQuantum(JobIndex job, State& state)
    {
        if (--m_quanta[job] > 0) {
            state.slice = level(state).quantum;
            return;
        }
        state.rank = std::min<std::int64_t>(state.rank + 1, static_cast<std::int64_t>(options().levels.size()) - 1);
        renew(job, state);
    }
    void onReady(JobIndex job, State& state, bool isNew, Nanos) override
    {
        state.ticket = nextTicket();
        if (isNew) {
            state.rank = 0;
            renew(job, state);
        }
    }
    void onSliceOver(JobIndex job, State& state) override
    {
        useUpQuantum(job, state);
        state.ticket = nextTicket();
    }
    void onBlock(JobIndex job, State& state) override
    {
        const bool over = state.slice == 0;
        if (options().forgetsAtBlock) {
            renew(job, state);
        }
        if (over) {
            useUpQuantum(job, state);
        }
    }
    /// Those of the highest level keep their places; behind them come the others, the lowest level first.
    void onTimer(Nanos now) override
    {
        if (now < m_nextBoost) {
            return;
        }
        m_nextBoost += ((now - m_nextBoost) / options().boost + 1) * options().boost;
        for (const JobIndex job : onCores()) {
            if (job != kNoJob) {
                expire(job, Leaving::Boosted);
            }
        }
        std::vector<JobIndex> order = queued();
        const std::int64_t lowest = static_cast<std::int64_t>(options().levels.size()) - 1;
        const auto turn = [&](JobIndex job) { return state(job).rank == 0 ? 0 : 1 + lowest - state(job).rank; };
        std::stable_sort(order.begin(), order.end(), [&](JobIndex a, JobIndex b) { return turn(a) < turn(b); });
        for (const JobIndex job : order) {
            rearrange(job, [this](State& state) {
                state.rank = 0;
                state.ticket = nextTicket();
            });
        }
        for (JobIndex job = 0; job < jobs().size(); ++job) {
            State& boosted = state(job);
            if (boosted.stage == Stage::Blocked) {
                boosted.rank = 0;
            }
            if (boosted.stage != Stage::Absent && boosted.stage != Stage::Ended) {
                renew(job, boosted);
            }
        }
    }
    bool preempts() const override { return true; }
    void explain(JobIndex, const State& state, Decision& decision) const override
    {
        decision.reason = anyQueued() ? Reason::HighestLevel : Reason::Alone;
        decision.value = state.rank;
    }

    std::vector<int> m_quanta; ///< by job: left at its level
    Nanos m_nextBoost;
};

/// The queue stands as the table does; as many tickets as a job has in front of it, so late it may win.
class LotteryPolicy final : public Policy {
public:
    LotteryPolicy(const PolicyOptions& options, const JobTable& jobs)
        : Policy(options, jobs)
        , m_random(options.seed)
    {
    }

private:
    void onReady(JobIndex job, State& state, bool, Nanos) override { state.ticket = job; }
    void onStart(JobIndex, State& state) override { state.slice = options().quantum; }
    JobIndex choose() override
    {
        const std::vector<JobIndex> candidates = queued();
        std::int64_t tickets = 0;
        for (const JobIndex job : candidates) {
            tickets += jobs()[job].tickets;
        }
        constexpr double kNumbers = 1'000'001; // as many does OSTEP's lottery.py draw from
        m_drawn = static_cast<std::int64_t>(m_random.next() * kNumbers) % tickets;
        std::int64_t passed = 0;
        for (const JobIndex job : candidates) {
            passed += jobs()[job].tickets;
            if (passed > m_drawn) {
                return job;
            }
        }
        assert(false);
        return candidates.back();
    }
    void explain(JobIndex, const State&, Decision& decision) const override
    {
        decision.reason = Reason::Drawn;
        decision.value = m_drawn;
    }

    PythonRandom m_random;
    std::int64_t m_drawn = 0;
};

/// Stride and the fair one: running time divided by a weight orders the queue. Integers: 1/1024 ns for a ticket, ns for
/// the weight of nice 0. In the 24 hours of a schedule nothing overflows.
class WeightedPolicy final : public Policy {
public:
    WeightedPolicy(const PolicyOptions& options, const JobTable& jobs)
        : Policy(options, jobs)
        , m_accounts(jobs.size())
    {
    }

private:
    struct Account {
        std::int64_t base = 0; ///< where it started to count
        Nanos ran = 0; ///< since
    };

    static constexpr std::int64_t kNobody = std::numeric_limits<std::int64_t>::max();

    bool isStride() const noexcept { return options().kind == PolicyKind::Stride; }
    std::int64_t weight(JobIndex job) const { return isStride() ? jobs()[job].tickets : niceWeight(jobs()[job].nice); }
    void rank(JobIndex job, State& state)
    {
        state.rank = m_accounts[job].base + scaled(m_accounts[job].ran, kNiceZeroWeight, weight(job));
    }
    /// What all who are runnable have reached; never goes back.
    void advance(std::int64_t ofOne)
    {
        std::int64_t least = anyQueued() ? std::min(ofOne, state(front()).rank) : ofOne;
        for (const JobIndex job : onCores()) {
            least = job == kNoJob ? least : std::min(least, state(job).rank);
        }
        if (least != kNobody) {
            m_reached = std::max(m_reached, least);
        }
    }
    void onReady(JobIndex job, State& state, bool, Nanos) override
    {
        state.ticket = nextTicket();
        m_runnableWeight += weight(job);
        advance(kNobody);
        if (state.rank < m_reached) {
            m_accounts[job] = {m_reached, 0};
            rank(job, state);
        }
    }
    void onCharge(JobIndex job, State& state, Nanos ran) override
    {
        m_accounts[job].ran += ran;
        rank(job, state);
        advance(state.rank);
    }
    void onSliceOver(JobIndex, State& state) override { state.ticket = nextTicket(); }
    void onBlock(JobIndex job, State&) override { m_runnableWeight -= weight(job); }
    void onEnd(JobIndex job, State&) override { m_runnableWeight -= weight(job); }
    void onStart(JobIndex job, State& state) override
    {
        if (isStride()) {
            state.slice = options().quantum;
            return;
        }
        const std::int64_t part = std::min(weight(job) * options().cores, m_runnableWeight);
        state.slice = std::max(options().granularity, scaled(options().latency, part, m_runnableWeight));
    }
    void explain(JobIndex, const State& state, Decision& decision) const override
    {
        decision.reason = !anyQueued() ? Reason::Alone : isStride() ? Reason::LeastPass : Reason::LeastVirtualTime;
        decision.value = state.rank;
    }

    std::vector<Account> m_accounts;
    std::int64_t m_reached = 0;
    std::int64_t m_runnableWeight = 0;
};

} // namespace

std::unique_ptr<Policy> Policy::create(const PolicyOptions& options, const JobTable& jobs)
{
    assert(options.check());
    switch (options.kind) {
    case PolicyKind::Fcfs:
    case PolicyKind::RoundRobin:
        return std::make_unique<QueuePolicy>(options, jobs);
    case PolicyKind::Sjf:
    case PolicyKind::Srtf:
        return std::make_unique<ShortestPolicy>(options, jobs);
    case PolicyKind::Priority:
        return std::make_unique<PriorityPolicy>(options, jobs);
    case PolicyKind::Mlfq:
        return std::make_unique<FeedbackPolicy>(options, jobs);
    case PolicyKind::Lottery:
        return std::make_unique<LotteryPolicy>(options, jobs);
    case PolicyKind::Stride:
    case PolicyKind::Fair:
        return std::make_unique<WeightedPolicy>(options, jobs);
    }
    return nullptr;
}

} // namespace timeslice
