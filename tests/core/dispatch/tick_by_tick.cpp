#include "tick_by_tick.h"

#include "core/dispatch/nice_weight.h"
#include "core/dispatch/python_random.h"

#include <algorithm>
#include <list>
#include <optional>

namespace timeslice::dispatch_test {

namespace {

struct Entry {
    JobIndex job = 0;
    int arrivedInQueue = 0; ///< number of its coming to the queue: lets it back to its place
    Nanos done = 0;
    Nanos sinceIo = 0; ///< computed since it last blocked
    Nanos used = 0; ///< of its slice
    Nanos slice = 0; ///< 0: none
    int level = 0;
    int quantaUsed = 0;
    int urgency = 0;
    Nanos waited = 0; ///< ready without a core since it came, or lost one
    Nanos wakesAt = 0;
    Nanos base = 0;
    Nanos sinceBase = 0;

    Nanos weighted(Nanos weight) const { return base + static_cast<Nanos>(__int128{sinceBase} * 1024 / weight); }
};

struct Core {
    std::optional<Entry> on;
    bool undecided = false; ///< its job's slice is over: it may go on, or not
    bool boosted = false; ///< and that because of a boost
    Nanos switching = 0;
    JobIndex last = kNoJob;
    std::optional<Span> span;
};

class Ticks {
public:
    Ticks(const JobTable& jobs, const PolicyOptions& options)
        : m_jobs(jobs)
        , m_options(options)
        , m_random(options.seed)
        , m_cores(static_cast<std::size_t>(options.cores))
    {
    }

    std::vector<Span> run()
    {
        for (m_now = 0; m_left != 0; ++m_now) {
            for (Core& core : m_cores) {
                look(core);
            }
            boost();
            age();
            comeIn();
            wake();
            choose();
            tick();
        }
        std::sort(m_spans.begin(), m_spans.end(),
            [](const Span& a, const Span& b) { return a.begin != b.begin ? a.begin < b.begin : a.core < b.core; });
        return m_spans;
    }

private:
    bool is(PolicyKind kind) const { return m_options.kind == kind; }
    const Job& job(const Entry& entry) const { return m_jobs[entry.job]; }
    bool weighs() const { return is(PolicyKind::Stride) || is(PolicyKind::Fair); }
    Nanos weight(const Entry& entry) const
    {
        return is(PolicyKind::Stride) ? job(entry).tickets : niceWeight(job(entry).nice);
    }
    Nanos stretch(const Entry& entry) const
    {
        const Nanos rest = job(entry).length - entry.done;
        return job(entry).ioEvery == 0 ? rest : std::min(rest, job(entry).ioEvery - entry.sinceIo);
    }

    void closeSpan(Core& core, SpanEnd how)
    {
        if (core.span) {
            core.span->end = m_now;
            core.span->how = how;
            m_spans.push_back(*core.span);
            core.span.reset();
        }
    }

    void quantumUsedUp(Entry& entry)
    {
        entry.used = 0;
        if (!is(PolicyKind::Mlfq)) {
            return;
        }
        if (++entry.quantaUsed == m_options.levels[static_cast<std::size_t>(entry.level)].allotment) {
            entry.quantaUsed = 0;
            if (entry.level + 1 < static_cast<int>(m_options.levels.size())) {
                ++entry.level;
            }
        }
        entry.slice = m_options.levels[static_cast<std::size_t>(entry.level)].quantum;
    }

    void look(Core& core)
    {
        if (!core.on || core.switching > 0 || !core.span) {
            return;
        }
        Entry& entry = *core.on;
        const bool over = entry.slice > 0 && entry.used >= entry.slice;
        if (entry.done == job(entry).length) {
            closeSpan(core, SpanEnd::Ended);
            core.on.reset();
            --m_left;
        } else if (job(entry).ioEvery > 0 && entry.sinceIo == job(entry).ioEvery) {
            closeSpan(core, SpanEnd::Blocked);
            entry.sinceIo = 0;
            if (m_options.forgetsAtBlock) {
                entry.used = 0;
                entry.quantaUsed = 0;
            }
            if (over) {
                quantumUsedUp(entry);
            }
            if (!is(PolicyKind::Mlfq)) {
                entry.used = 0;
            }
            entry.wakesAt = m_now + job(entry).ioLength;
            m_asleep.push_back(entry);
            core.on.reset();
        } else if (over) {
            quantumUsedUp(entry);
            entry.arrivedInQueue = ++m_comings;
            core.undecided = true;
            core.boosted = false;
        }
    }

    void boost()
    {
        if (!is(PolicyKind::Mlfq) || m_options.boost == 0 || m_now == 0 || m_now % m_options.boost != 0) {
            return;
        }
        const auto renew = [&](Entry& entry) {
            entry.level = 0;
            entry.used = 0;
            entry.quantaUsed = 0;
            entry.slice = m_options.levels[0].quantum;
        };
        // All who are runnable, by level and place; then the highest level, and from the lowest up.
        std::vector<Entry*> all;
        for (Core& core : m_cores) {
            if (core.on) {
                all.push_back(&*core.on);
                core.boosted = !core.undecided;
                core.undecided = true;
            }
        }
        for (Entry& entry : m_queue) {
            all.push_back(&entry);
        }
        std::sort(all.begin(), all.end(),
            [](const Entry* a, const Entry* b) { return a->arrivedInQueue < b->arrivedInQueue; });
        std::vector<Entry*> order;
        const auto collect = [&](int level) {
            std::copy_if(all.begin(), all.end(), std::back_inserter(order),
                [&](const Entry* entry) { return entry->level == level; });
        };
        collect(0);
        for (int level = static_cast<int>(m_options.levels.size()) - 1; level > 0; --level) {
            collect(level);
        }
        for (Entry* entry : order) {
            entry->arrivedInQueue = ++m_comings;
            renew(*entry);
        }
        for (Entry& entry : m_asleep) {
            renew(entry);
        }
    }

    void age()
    {
        if (is(PolicyKind::Priority) && m_options.ageing > 0) {
            for (Entry& entry : m_queue) {
                if (entry.waited > 0 && entry.waited % m_options.ageing == 0 && entry.urgency > 0) {
                    --entry.urgency;
                }
            }
        }
    }

    void intoQueue(Entry entry)
    {
        entry.arrivedInQueue = ++m_comings;
        entry.waited = 0;
        entry.urgency = job(entry).priority;
        if (weighs()) {
            reach();
            if (entry.weighted(weight(entry)) < m_reached) {
                entry.base = m_reached;
                entry.sinceBase = 0;
            }
        }
        m_queue.push_back(entry);
    }

    void comeIn()
    {
        for (JobIndex i = 0; i < m_jobs.size(); ++i) {
            if (m_jobs[i].arrival == m_now) {
                Entry entry;
                entry.job = i;
                if (is(PolicyKind::Mlfq)) {
                    entry.slice = m_options.levels[0].quantum;
                }
                intoQueue(entry);
            }
        }
    }

    void wake()
    {
        for (auto it = m_asleep.begin(); it != m_asleep.end();) {
            if (it->wakesAt == m_now) {
                intoQueue(*it);
                it = m_asleep.erase(it);
            } else {
                ++it;
            }
        }
    }

    /// What all who are runnable have reached.
    void reach()
    {
        std::optional<Nanos> least;
        const auto look = [&](const Entry& entry) {
            const Nanos at = entry.weighted(weight(entry));
            least = std::min(least.value_or(at), at);
        };
        for (const Core& core : m_cores) {
            if (core.on) {
                look(*core.on);
            }
        }
        for (const Entry& entry : m_queue) {
            look(entry);
        }
        m_reached = std::max(m_reached, least.value_or(m_reached));
    }

    /// Whether a goes before b, apart from their places.
    Nanos order(const Entry& entry) const
    {
        switch (m_options.kind) {
        case PolicyKind::Sjf:
        case PolicyKind::Srtf:
            return stretch(entry);
        case PolicyKind::Priority:
            return entry.urgency;
        case PolicyKind::Mlfq:
            return entry.level;
        case PolicyKind::Stride:
        case PolicyKind::Fair:
            return entry.weighted(weight(entry));
        default:
            return 0;
        }
    }

    /// Among those in the queue and on undecided cores; null: nobody.
    Entry* best()
    {
        std::vector<Entry*> all;
        for (Core& core : m_cores) {
            if (core.on && core.undecided) {
                all.push_back(&*core.on);
            }
        }
        for (Entry& entry : m_queue) {
            all.push_back(&entry);
        }
        if (all.empty()) {
            return nullptr;
        }
        if (is(PolicyKind::Lottery)) {
            std::sort(all.begin(), all.end(), [](const Entry* a, const Entry* b) { return a->job < b->job; });
            int tickets = 0;
            for (const Entry* entry : all) {
                tickets += job(*entry).tickets;
            }
            int winner = static_cast<int>(m_random.next() * 1000001) % tickets;
            for (Entry* entry : all) {
                if (winner < job(*entry).tickets) {
                    return entry;
                }
                winner -= job(*entry).tickets;
            }
        }
        return *std::min_element(all.begin(), all.end(), [&](const Entry* a, const Entry* b) {
            return order(*a) != order(*b) ? order(*a) < order(*b) : a->arrivedInQueue < b->arrivedInQueue;
        });
    }

    Entry outOfQueue(const Entry* entry)
    {
        const auto it = std::find_if(m_queue.begin(), m_queue.end(), [&](const Entry& e) { return &e == entry; });
        Entry taken = *it;
        m_queue.erase(it);
        return taken;
    }

    void start(Core& core, Entry entry)
    {
        if (is(PolicyKind::RoundRobin) || is(PolicyKind::Lottery) || is(PolicyKind::Stride)) {
            entry.slice = m_options.quantum;
            entry.used = 0;
        }
        const bool other = core.last != kNoJob && core.last != entry.job;
        core.switching = other ? m_options.switchCost : 0;
        core.last = entry.job;
        core.on = entry;
    }

    void leave(Core& core, SpanEnd how)
    {
        closeSpan(core, how);
        core.on->waited = 0;
        core.on->urgency = job(*core.on).priority;
        m_queue.push_back(*core.on);
        core.on.reset();
        core.switching = 0;
    }

    void choose()
    {
        std::vector<Entry> chosen;
        for (std::size_t n = freeCores(); n > 0; --n) {
            Entry* entry = best();
            if (entry == nullptr) {
                break;
            }
            const auto own = std::find_if(
                m_cores.begin(), m_cores.end(), [&](const Core& core) { return core.on && &*core.on == entry; });
            if (own != m_cores.end()) {
                own->undecided = false;
                own->boosted = false;
                if (is(PolicyKind::Fair)) {
                    m_startedFair.push_back(&*own);
                }
            } else {
                chosen.push_back(outOfQueue(entry));
            }
        }
        for (Core& core : m_cores) {
            if (chosen.empty() || (core.on && !core.undecided)) {
                continue;
            }
            if (core.on) {
                leave(core, core.boosted ? SpanEnd::Preempted : SpanEnd::SliceOver);
            }
            core.undecided = false;
            core.boosted = false;
            start(core, chosen.front());
            chosen.erase(chosen.begin());
            if (is(PolicyKind::Fair)) {
                m_startedFair.push_back(&core);
            }
        }
        for (Core* core : m_startedFair) {
            renewFairSlice(*core->on);
        }
        m_startedFair.clear();
        if (is(PolicyKind::Srtf) || is(PolicyKind::Mlfq) || (is(PolicyKind::Priority) && m_options.preemptive)) {
            preempt();
        }
    }

    std::size_t freeCores() const
    {
        return static_cast<std::size_t>(
            std::count_if(m_cores.begin(), m_cores.end(), [](const Core& core) { return !core.on || core.undecided; }));
    }

    void renewFairSlice(Entry& entry)
    {
        Nanos all = 0;
        for (const Core& core : m_cores) {
            all += core.on ? weight(*core.on) : 0;
        }
        for (const Entry& waiting : m_queue) {
            all += weight(waiting);
        }
        const Nanos mine = std::min(weight(entry) * m_options.cores, all);
        entry.slice = std::max(m_options.granularity, m_options.latency * mine / all);
        entry.used = 0;
    }

    void preempt()
    {
        while (Entry* first = best()) {
            Core* last = nullptr;
            for (Core& core : m_cores) {
                if (core.on
                    && (last == nullptr || order(*core.on) > order(*last->on)
                        || (order(*core.on) == order(*last->on)
                            && core.on->arrivedInQueue > last->on->arrivedInQueue))) {
                    last = &core;
                }
            }
            if (last == nullptr || order(*first) >= order(*last->on)) {
                return;
            }
            const Entry taken = outOfQueue(first);
            leave(*last, SpanEnd::Preempted);
            start(*last, taken);
        }
    }

    void tick()
    {
        for (Entry& entry : m_queue) {
            ++entry.waited;
        }
        for (Core& core : m_cores) {
            if (!core.on) {
                continue;
            }
            if (core.switching > 0) {
                --core.switching;
                continue;
            }
            if (!core.span) {
                const auto number = static_cast<int>(&core - m_cores.data());
                core.span = Span{number, core.on->job, m_now, 0, SpanEnd::Ended};
            }
            ++core.on->done;
            ++core.on->sinceIo;
            ++core.on->used;
            ++core.on->sinceBase;
        }
        if (weighs()) {
            reach();
        }
    }

    const JobTable& m_jobs;
    const PolicyOptions& m_options;
    PythonRandom m_random;
    std::vector<Core> m_cores;
    std::list<Entry> m_queue;
    std::list<Entry> m_asleep; ///< in the order of their blocks
    std::vector<Core*> m_startedFair;
    std::vector<Span> m_spans;
    std::size_t m_left = m_jobs.size();
    int m_comings = 0;
    Nanos m_reached = 0;
    Nanos m_now = 0;
};

} // namespace

std::vector<Span> tickByTick(const JobTable& jobs, const PolicyOptions& options)
{
    return Ticks(jobs, options).run();
}

} // namespace timeslice::dispatch_test
