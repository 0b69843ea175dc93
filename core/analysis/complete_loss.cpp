// Finds the loss that the record shows step by step: see firstCompleteLoss().
#include "core/analysis/counter_value.h"
#include "core/analysis/loss_account.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <limits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace timeslice {

namespace {

using counter_value::plus;

std::optional<CounterAccess> accessBefore(const std::deque<CounterAccess>& accesses, std::size_t access)
{
    for (std::size_t i = access; i-- > 0;) {
        if (accesses[i].thread == accesses[access].thread) {
            return accesses[i];
        }
    }
    return std::nullopt;
}

/// Plays the accesses in the order of their stamps against one cell of memory. Of each, the stamp is the end of the
/// interval in which it was made; an access that does not fit at its stamp is put where it fits within its interval, if
/// there is but one such place (a thread is mostly interrupted while it reads the clock). Where nothing fits, something
/// is missing or out of order: a misfit, and no loss is told across one.
class Replay {
public:
    /// `told`: called with each loss as it is confirmed; whether to go on.
    Replay(const std::deque<CounterAccess>& accesses, std::int64_t step, std::function<bool(const CompleteLoss&)> told)
        : m_all(accesses)
        , m_step(step)
        , m_told(std::move(told))
    {
    }

    void run()
    {
        for (std::size_t i = 0; i < m_all.size(); ++i) {
            const bool fits = m_all[i].store ? store(i) : load(i);
            if (!fits) {
                m_cell = m_all[i].value;
                m_lastMisfit = i + 1;
                m_open.clear();
            } else if (!m_all[i].store) {
                lookAgain(m_all[i].thread, m_pending.at(m_all[i].thread).madeAt);
            }
            if (m_enough) {
                return;
            }
        }
        // Whoever did not look again had come to its end, and nothing speaks against the loss.
        for (const Open& open : m_open) {
            keep(open.found);
        }
    }

private:
    struct Pending {
        std::size_t load = 0;
        std::size_t madeAt = 0; ///< its place in the replay: `load`, or the thread's store before, right behind which
                                ///< it was made
        bool stored = false; ///< another thread has seen the store already, which is stamped late
    };
    struct Open {
        CompleteLoss found;
        std::size_t store = 0; ///< the overwriting one
        bool seen = false; ///< a thread has found what it stored
    };

    bool load(std::size_t i)
    {
        const CounterAccess& access = m_all[i];
        const auto before = m_stored.extract(access.thread);
        if (m_pending.contains(access.thread)) { // its store is missing
            m_pending[access.thread] = {i, i, false};
            return false;
        }
        Pending& own = m_pending[access.thread] = {i, i, false};
        if (!std::exchange(m_known, true)) {
            m_cell = access.value;
        }
        if (access.value == m_cell) {
            return true;
        }
        // Stamped late: it still read what the thread had stored itself, while since then the others went on.
        if (before && m_all[before.mapped()].value == access.value && m_lastMisfit <= before.mapped()) {
            own.madeAt = before.mapped();
            return true;
        }
        // Another's store is stamped late: only that store can have brought this value.
        Pending* storing = nullptr;
        for (auto& [thread, other] : m_pending) {
            if (thread != access.thread && !other.stored && m_all[other.load].value == m_cell
                && unbrokenSince(other.madeAt)) {
                if (storing != nullptr) {
                    return false;
                }
                storing = &other;
            }
        }
        if (storing == nullptr || access.value != updated(m_cell)) {
            return false;
        }
        storing->stored = true;
        m_cell = access.value;
        m_lastBreak = i; // for what was under way
        return true;
    }

    bool store(std::size_t i)
    {
        const CounterAccess& access = m_all[i];
        m_known = true;
        const auto found = m_pending.find(access.thread);
        if (found == m_pending.end()) {
            return false;
        }
        const Pending own = found->second;
        m_pending.erase(found);
        if (access.value != updated(m_all[own.load].value)) {
            return false;
        }
        if (own.stored) { // here it only gets its stamp
            return true;
        }
        if (m_all[own.load].value != m_cell) {
            if (isComplete(own, i)) {
                m_open.push_back({tell(own, i), i, false});
            }
            m_lastBreak = i; // for what was under way, but not for a load right behind this store
        } else if (!unbrokenSince(own.madeAt)) {
            m_lastBreak = i; // the counter fell back and came again to what this thread had read, or so it seems
        }
        m_cell = access.value;
        m_lastStore = i;
        m_stored[access.thread] = i;
        return true;
    }

    std::int64_t updated(std::int64_t value) const { return plus(value, static_cast<std::uint64_t>(m_step)); }

    /// Whether since the access at `index` everything fitted and the others only counted on.
    bool unbrokenSince(std::size_t index) const { return m_lastMisfit <= index && m_lastBreak <= index; }

    /// The first of the updates that vanish. (A store of less than it read was made before, and only stamped since.)
    std::size_t firstVanished(const Pending& own) const
    {
        std::size_t i = own.madeAt + 1;
        while (!m_all[i].store || m_all[i].value != updated(m_all[own.load].value)) {
            ++i;
        }
        return i;
    }

    /// Between load and store the others did nothing but count on, by stamps too; and none has still to store what it
    /// read there, which would bring their updates back.
    bool isComplete(const Pending& own, std::size_t store) const
    {
        return unbrokenSince(own.madeAt) && m_all[own.madeAt].time < m_all[firstVanished(own)].time
            && m_all[m_lastStore].time < m_all[store].time
            && std::none_of(m_pending.begin(), m_pending.end(),
                [&](const auto& other) { return other.second.madeAt > own.madeAt; });
    }

    CompleteLoss tell(const Pending& own, std::size_t store) const
    {
        CompleteLoss found;
        LostUpdate& loss = found.loss;
        loss.staleLoad = m_all[own.load];
        loss.overwritten = m_all[m_lastStore];
        loss.overwrite = m_all[store];
        loss.updatesLost = counter_value::updatesBetween(loss.staleLoad.value, loss.overwritten.value, m_step);
        loss.window = {m_all[own.madeAt].time, loss.overwrite.time};
        loss.loadMade = own.madeAt == own.load
            ? TimeRange{accessBefore(m_all, own.load).value_or(loss.staleLoad).time, loss.staleLoad.time}
            : TimeRange{m_all[own.madeAt].time, m_all[firstVanished(own)].time};
        loss.complete = true;
        found.place = {static_cast<std::uint32_t>(own.load), static_cast<std::uint32_t>(own.madeAt),
            static_cast<std::uint32_t>(m_lastStore), static_cast<std::uint32_t>(store), loss.updatesLost, 0, m_step,
            false, true};
        return found;
    }

    /// The thread looks again, and what it finds agrees with its updates' being gone; or it had looked before they were
    /// overwritten, and only now comes to say so: then somebody else must have seen them gone.
    void lookAgain(std::uint32_t thread, std::size_t madeAt)
    {
        std::erase_if(m_open, [&](Open& open) {
            const bool looksAfter = madeAt > open.store;
            if (open.found.loss.overwritten.thread != thread) {
                open.seen = open.seen || looksAfter;
                return false;
            }
            open.found.loss.overwrittenInTurn = open.found.place.overwrittenInTurn = !looksAfter;
            if (looksAfter || open.seen) {
                keep(open.found);
            }
            return true;
        });
    }

    void keep(const CompleteLoss& found) { m_enough = !m_told(found) || m_enough; }

    const std::deque<CounterAccess>& m_all;
    std::int64_t m_step; ///< by how much each update counts
    std::unordered_map<std::uint32_t, Pending> m_pending; ///< by thread: its load, to be stored yet
    std::unordered_map<std::uint32_t, std::size_t> m_stored; ///< by thread: its last access, if that is a store that
                                                             ///< is where its stamp is
    std::vector<Open> m_open; ///< since the last misfit: of threads that have not looked again
    std::function<bool(const CompleteLoss&)> m_told;
    bool m_enough = false;
    std::int64_t m_cell = 0;
    bool m_known = false; ///< m_cell
    std::size_t m_lastStore = 0;
    // What was made at or behind these indices knows nothing of the last misfit, and of the last store that was more
    // than counting on at its stamp: it overwrote another's, or had been seen before.
    std::size_t m_lastMisfit = 0;
    std::size_t m_lastBreak = 0;
};

constexpr int kBest = 2;
/// How easily a loss is seen: best if it stays one, and if its load has its stamp in the right place.
int rank(const LostUpdate& loss)
{
    return loss.overwrittenInTurn ? 0 : loss.loadMade.end != loss.staleLoad.time ? 1 : kBest;
}

} // namespace

std::vector<CompleteLoss> completeLosses(const CounterInfo& counter, std::int64_t step)
{
    std::vector<CompleteLoss> all;
    if (counter.accesses.size() < std::numeric_limits<std::uint32_t>::max()) { // what a place can name
        Replay(counter.accesses, step, [&all](const CompleteLoss& found) {
            all.push_back(found);
            return true;
        }).run();
    }
    return all;
}

std::optional<LostUpdate> firstCompleteLoss(const CounterInfo& counter)
{
    std::optional<LostUpdate> best;
    Replay(counter.accesses, stepOf(counter).value_or(1), [&best](const CompleteLoss& found) {
        if (!best || rank(found.loss) > rank(*best)) {
            best = found.loss;
        }
        return rank(*best) < kBest;
    }).run();
    return best;
}

std::optional<LostUpdate> lossToShow(const CounterInfo& counter)
{
    if (auto complete = firstCompleteLoss(counter)) {
        return complete;
    }
    return firstLostUpdate(counter);
}

TimeRange madeWithin(const CounterInfo& counter, std::size_t access, const Timeline& timeline)
{
    const CounterAccess& here = counter.accesses[access];
    if (const auto before = accessBefore(counter.accesses, access)) {
        return {before->time, here.time};
    }
    const bool known = here.thread < timeline.threads.size() && !timeline.threads[here.thread].track.empty();
    const Nanos born = known ? timeline.threads[here.thread].track.begin() : timeline.begin;
    return {std::min(born, here.time), here.time};
}

} // namespace timeslice
