#include "core/analysis/loss_account.h"

#include "core/analysis/counter_value.h"
#include "core/scenario/number_format.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <string>
#include <unordered_map>
#include <utility>

namespace timeslice {

namespace {

constexpr std::uint32_t kNowhere = std::numeric_limits<std::uint32_t>::max();

using counter_value::difference;
using counter_value::next;
using counter_value::plus;
using counter_value::previous;

class Ledger {
public:
    Ledger(const CounterInfo& counter, std::int64_t step)
        : m_all(counter.accesses)
        , m_step(step)
        , m_start(counter.accesses.empty() ? 0 : counter.accesses.front().value)
    {
    }

    LossAccount run(std::optional<std::int64_t> ended)
    {
        m_ended = ended;
        const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(m_all.size(), kNowhere));
        for (std::uint32_t i = 0; i < count; ++i) {
            const auto last = m_last.find(m_all[i].thread);
            const std::uint32_t before = last == m_last.end() ? kNowhere : last->second;
            if (m_all[i].store) {
                store(i);
            } else {
                load(i, before);
            }
            m_last[m_all[i].thread] = i;
        }
        if (ended && m_known && level(*ended) != m_cell) {
            jump(level(*ended), count);
        }
        takeWhatIsBeyond();
        LossAccount account;
        for (const Loss& loss : m_losses) {
            if (loss.forGood > 0) {
                account.losses.push_back(loss);
                account.found += loss.forGood;
            }
        }
        std::sort(account.losses.begin(), account.losses.end(),
            [](const Loss& a, const Loss& b) { return a.overwrite < b.overwrite; });
        return account;
    }

private:
    /// What is known of a value, counted from the first one on record.
    struct Level {
        std::uint32_t stores = 0;
        std::uint32_t stored = kNowhere; ///< by which access last
        std::uint32_t left = kNowhere; ///< at which access the cell ceased to have it
    };
    struct Pending {
        std::uint32_t load = 0;
        std::uint32_t store = kNowhere; ///< where that has been looked for
        bool made = false; ///< its store has been seen by another already, and is to get its stamp
    };
    /// Values that are gone since the cell fell below them, and not stored anew.
    struct Gone {
        std::uint32_t loss = kNowhere; ///< index into m_losses; kNowhere: who overwrote them is not on record
        std::int64_t low = 0;
        std::int64_t high = 0;
    };
    /// A store of a value that nobody had stored although the counter was beyond: stamped late, or it overwrote others
    /// while the first store of the value is not on record.
    struct First {
        std::int64_t value = 0;
        std::uint32_t load = kNowhere;
        std::uint32_t store = kNowhere;
    };

    std::int64_t level(std::int64_t value) const { return counter_value::updatesBetween(m_start, value, m_step); }
    std::int64_t updated(std::int64_t value) const { return plus(value, static_cast<std::uint64_t>(m_step)); }

    void load(std::uint32_t i, std::uint32_t before)
    {
        const std::int64_t read = level(m_all[i].value);
        m_pending[m_all[i].thread] = {i};
        if (!m_known) {
            m_known = true;
            m_cell = read;
            m_levels[read];
            return;
        }
        if (read == m_cell) {
            return;
        }
        if (m_first.store != kNowhere && read == m_first.value) { // it overwrote, then
            fall(read, m_first.load, m_first.store, i, false);
            return;
        }
        const auto known = m_levels.find(read);
        if (known != m_levels.end() && (before == kNowhere || known->second.left > before)) {
            return; // it was made while the cell had this value, and stamped since
        }
        if (!makeEarly(read, i)) {
            jump(read, i);
        }
    }

    void store(std::uint32_t i)
    {
        const auto found = m_pending.find(m_all[i].thread);
        const std::int64_t value = level(m_all[i].value);
        if (found == m_pending.end() || updated(m_all[found->second.load].value) != m_all[i].value) {
            if (found != m_pending.end()) {
                m_pending.erase(found);
            }
            Level& stored = m_levels[value];
            ++stored.stores;
            stored.stored = i;
            m_known = true;
            jump(value, i);
            return;
        }
        const Pending own = found->second;
        m_pending.erase(found);
        if (!own.made) {
            apply(value, own.load, i, i);
        }
    }

    /// A load has read `value` before anybody has stamped the store of it: of those who can have stored it, the one
    /// that stamps it first.
    bool makeEarly(std::int64_t value, std::uint32_t now)
    {
        Pending* storing = nullptr;
        for (auto& [thread, other] : m_pending) {
            if (thread == m_all[now].thread || other.made || level(updated(m_all[other.load].value)) != value) {
                continue;
            }
            if (other.store == kNowhere) {
                other.store = nextOfThread(now, thread);
            }
            if (other.store != kNowhere && m_all[other.store].store && level(m_all[other.store].value) == value
                && (storing == nullptr || other.store < storing->store)) {
                storing = &other;
            }
        }
        if (storing == nullptr) {
            return false;
        }
        storing->made = true;
        apply(value, storing->load, storing->store, now);
        return m_cell == value;
    }

    std::uint32_t nextOfThread(std::uint32_t from, std::uint32_t thread) const
    {
        const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(m_all.size(), kNowhere));
        for (std::uint32_t i = from; i < count; ++i) {
            if (m_all[i].thread == thread) {
                return i;
            }
        }
        return kNowhere;
    }

    /// An update takes effect at access `now`.
    void apply(std::int64_t value, std::uint32_t load, std::uint32_t store, std::uint32_t now)
    {
        const bool again = m_levels[value].stores++ > 0;
        if (value > m_cell) {
            if (store == now && value != next(m_cell) && wasGone(value, store, again)) {
                return;
            }
            const std::uint32_t loss = comeBack(value);
            if (again && loss != kNowhere) {
                ++m_losses[loss].forGood;
            }
            move(value, store, now);
        } else if (again && value != m_cell && store == now && findsTheCell(store)) {
            hadATwin(m_levels[value].stored, load, store);
        } else if (again) {
            fall(value, load, store, now, true);
        } else {
            m_first = {value, load, store};
        }
    }

    /// Whether the thread, after that store and nobody else's, finds the cell as it was before it.
    bool findsTheCell(std::uint32_t store) const
    {
        const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(m_all.size(), kNowhere));
        for (std::uint32_t i = store + 1; i < count; ++i) {
            if (m_all[i].thread == m_all[store].thread) {
                return !m_all[i].store && level(m_all[i].value) == m_cell;
            }
            if (m_all[i].store) {
                return false;
            }
        }
        return m_ended && level(*m_ended) == m_cell;
    }

    /// The thread that stores `value`, back on its core, does not find it but what the others have come to: it had
    /// stored it before they were overwritten, and stamps it only now.
    bool wasGone(std::int64_t value, std::uint32_t store, bool again)
    {
        if (!findsTheCell(store)) {
            return false;
        }
        const auto gone = goneWith(previous(value));
        if (gone == m_gone.end() || gone->loss == kNowhere) {
            return false;
        }
        if (gone->high >= value) {
            m_losses[gone->loss].forGood += again ? 1 : 0;
            return true;
        }
        if (gone != m_gone.begin() && std::prev(gone)->low <= value) {
            return false;
        }
        gone->high = value;
        Loss& loss = m_losses[gone->loss];
        loss.overwritten = store;
        ++loss.atOnce;
        return true;
    }

    /// The store was made long before, and stamped late; another has made the same of the same number. Which of them
    /// came last is not known, nor does it matter.
    void hadATwin(std::uint32_t twin, std::uint32_t load, std::uint32_t store)
    {
        if (twin != kNowhere && m_all[twin].thread != m_all[store].thread) {
            m_losses.push_back({load, load, twin, store, 1, 1, m_step, false, false});
        }
    }

    /// The interval with `value`. (The stack's values descend from its bottom to its top.)
    std::vector<Gone>::iterator goneWith(std::int64_t value)
    {
        const auto gone = std::lower_bound(
            m_gone.begin(), m_gone.end(), value, [](const Gone& at, std::int64_t v) { return at.low > v; });
        return gone != m_gone.end() && value <= gone->high ? gone : m_gone.end();
    }

    /// The cell falls to `value` or stays there; `again`: that was stored before, on record.
    void fall(std::int64_t value, std::uint32_t load, std::uint32_t store, std::uint32_t now, bool again)
    {
        std::uint32_t index = kNowhere;
        if (m_cellStore != kNowhere && m_all[m_cellStore].thread != m_all[store].thread) {
            index = static_cast<std::uint32_t>(m_losses.size());
            Loss& loss = m_losses.emplace_back();
            loss.load = loss.madeAt = load;
            loss.overwritten = m_cellStore;
            loss.overwrite = store;
            loss.atOnce = difference(value, next(m_cell));
            loss.step = m_step;
            loss.forGood = again ? 1 : 0;
        }
        if (value < m_cell) {
            m_gone.push_back({index, next(value), m_cell});
        }
        move(value, store, now);
    }

    /// The cell has another value than the record accounts for.
    void jump(std::int64_t value, std::uint32_t now)
    {
        if (value > m_cell) {
            comeBack(value);
        } else if (value < m_cell) {
            m_gone.push_back({kNowhere, next(value), m_cell});
        }
        move(value, m_levels[value].stored, now);
    }

    /// What was gone up to `value` counts again, save for `value` itself: the loss, if any, to which that was put down.
    std::uint32_t comeBack(std::int64_t value)
    {
        std::uint32_t last = kNowhere;
        while (!m_gone.empty() && m_gone.back().low <= value) {
            Gone& top = m_gone.back();
            if (top.loss != kNowhere && top.low < value) {
                m_losses[top.loss].overwrittenInTurn = true;
            }
            last = top.high >= value ? top.loss : kNowhere;
            if (top.high <= value) {
                m_gone.pop_back();
            } else {
                top.low = next(value);
            }
        }
        return last;
    }

    void move(std::int64_t value, std::uint32_t store, std::uint32_t now)
    {
        m_levels[m_cell].left = now;
        Level& level = m_levels[value];
        level.left = kNowhere;
        level.stored = store;
        m_cell = value;
        m_cellStore = store;
        m_first.store = kNowhere;
    }

    /// Values beyond where the counter ended were stored for nothing.
    void takeWhatIsBeyond()
    {
        for (const auto& [value, known] : m_levels) {
            if (known.stores == 0 || value <= m_cell) {
                continue;
            }
            if (const auto gone = goneWith(value); gone != m_gone.end() && gone->loss != kNowhere) {
                ++m_losses[gone->loss].forGood;
            }
        }
    }

    const std::deque<CounterAccess>& m_all;
    std::int64_t m_step;
    std::int64_t m_start;
    std::unordered_map<std::uint32_t, std::uint32_t> m_last; ///< by thread: its last access
    std::unordered_map<std::uint32_t, Pending> m_pending; ///< by thread: its load, to be stored yet
    std::unordered_map<std::int64_t, Level> m_levels;
    std::vector<Gone> m_gone;
    std::vector<Loss> m_losses;
    First m_first;
    std::optional<std::int64_t> m_ended; ///< the counter's last value
    std::int64_t m_cell = 0;
    std::uint32_t m_cellStore = kNowhere; ///< which made it what it is; kNowhere: not on record
    bool m_known = false; ///< m_cell
};

} // namespace

std::optional<std::int64_t> stepOf(const CounterInfo& counter)
{
    constexpr std::size_t kFew = 10; // one in so many may be of accesses that are missing
    constexpr std::size_t kHalf = 2; // where most count by 1, as nearly all counters do, the ledger copes with that
    const std::deque<CounterAccess>& all = counter.accesses;
    std::unordered_map<std::uint32_t, std::optional<std::int64_t>> loaded; // by thread, and not stored since
    std::unordered_map<std::int64_t, std::size_t> steps; // how often each
    std::size_t updates = 0;
    for (const CounterAccess& access : all) {
        std::optional<std::int64_t>& before = loaded[access.thread];
        if (!access.store) {
            before = access.value;
        } else if (before) {
            ++steps[difference(*std::exchange(before, std::nullopt), access.value)];
            ++updates;
        }
    }
    if (updates == 0) {
        return 1;
    }
    const auto usual =
        std::max_element(steps.begin(), steps.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    const std::int64_t step = usual->first;
    const std::int64_t start = all.front().value;
    const bool same = step != 0 && updates - usual->second <= updates / (step == 1 ? kHalf : kFew)
        && std::all_of(all.begin(), all.end(),
            [&](const CounterAccess& access) { return counter_value::isUpdatesAway(start, access.value, step); });
    return same ? std::optional(step) : std::nullopt;
}

LossAccount accountLosses(const CounterInfo& counter, std::optional<std::int64_t> ended)
{
    const std::optional<std::int64_t> step = stepOf(counter);
    if (!step) {
        return {{}, 0, 0, std::nullopt};
    }
    LossAccount account = Ledger(counter, *step).run(ended);
    account.step = step;
    // Each of these has been seen step by step. They come nearly in order.
    std::vector<CompleteLoss> seen = completeLosses(counter, *step);
    std::sort(seen.begin(), seen.end(),
        [](const CompleteLoss& a, const CompleteLoss& b) { return a.place.overwrite < b.place.overwrite; });
    auto at = seen.begin();
    for (Loss& loss : account.losses) {
        while (at != seen.end() && at->place.overwrite < loss.overwrite) {
            ++at;
        }
        if (at != seen.end() && at->place.overwrite == loss.overwrite && at->place.overwritten == loss.overwritten) {
            loss.madeAt = at->place.madeAt;
            loss.overwrittenInTurn = at->place.overwrittenInTurn;
            loss.complete = true;
            ++account.complete;
        }
    }
    return account;
}

namespace {

std::int64_t updatedBy(const Loss& loss, std::int64_t value)
{
    return plus(value, static_cast<std::uint64_t>(loss.step));
}

} // namespace

LostUpdate lostUpdate(const Loss& loss, const CounterInfo& counter)
{
    const std::deque<CounterAccess>& all = counter.accesses;
    LostUpdate told;
    told.staleLoad = all[loss.load];
    told.overwritten = all[loss.overwritten];
    told.overwrite = all[loss.overwrite];
    told.updatesLost = loss.atOnce;
    told.overwrittenInTurn = loss.overwrittenInTurn;
    told.complete = loss.complete;
    told.window = {
        std::min(all[loss.madeAt].time, told.overwritten.time), std::max(told.overwrite.time, told.overwritten.time)};
    told.loadMade = {told.staleLoad.time, told.staleLoad.time};
    if (loss.madeAt != loss.load) { // right behind that store, and before the first that vanished
        told.loadMade.begin = all[loss.madeAt].time;
        for (std::uint32_t i = loss.madeAt + 1; i < loss.load; ++i) {
            if (all[i].store && all[i].value == updatedBy(loss, told.staleLoad.value)) {
                told.loadMade.end = all[i].time;
                break;
            }
        }
        return told;
    }
    for (std::uint32_t i = loss.load; i-- > 0;) {
        if (all[i].thread == told.staleLoad.thread) {
            told.loadMade.begin = all[i].time;
            break;
        }
    }
    return told;
}

std::vector<LossStep> lossSteps(const Loss& loss, const CounterInfo& counter)
{
    using Kind = LossStep::Kind;
    const std::deque<CounterAccess>& all = counter.accesses;
    const CounterAccess& stale = all[loss.load];
    const CounterAccess& overwrite = all[loss.overwrite];
    const CounterAccess& last = all[loss.overwritten];
    // The first update that vanished, and whether others than its thread had a part.
    std::uint32_t first = kNowhere;
    bool several = false;
    for (std::uint32_t i = std::min(loss.madeAt, loss.overwritten); i <= loss.overwritten; ++i) {
        if (all[i].store && all[i].thread != stale.thread) {
            if (first == kNowhere && all[i].value == updatedBy(loss, stale.value)) {
                first = i;
            }
            several = several || all[i].thread != last.thread;
        }
    }
    std::vector<LossStep> steps;
    const LossStep read{Kind::Load, stale.thread, stale.value, stale.time, false};
    bool told = false;
    if (first != kNowhere) {
        std::uint32_t load = first;
        while (load > 0 && all[load - 1].thread != all[first].thread) {
            --load;
        }
        const bool isKnown =
            load > 0 && !all[load - 1].store && updatedBy(loss, all[load - 1].value) == all[first].value;
        if (isKnown && load - 1 < loss.madeAt) {
            steps.push_back({Kind::Load, all[first].thread, all[load - 1].value, all[load - 1].time, false});
        }
        steps.push_back(read);
        told = true;
        if (isKnown && load - 1 >= loss.madeAt) {
            steps.push_back({Kind::Load, all[first].thread, all[load - 1].value, all[load - 1].time, false});
        }
        steps.push_back({Kind::Add, all[first].thread, all[first].value, std::nullopt, false});
        steps.push_back({Kind::Store, all[first].thread, all[first].value, all[first].time, true});
    }
    if (!told) {
        steps.push_back(read);
    }
    if (first != loss.overwritten) {
        steps.push_back({Kind::CountOn, several ? LossStep::kSeveral : last.thread, last.value, last.time, true});
    }
    steps.push_back({Kind::Add, overwrite.thread, overwrite.value, std::nullopt, false});
    steps.push_back({Kind::Store, overwrite.thread, overwrite.value, overwrite.time, false});
    return steps;
}

std::vector<std::string> describe(const Loss& loss, const CounterInfo& counter, const Timeline& timeline)
{
    std::vector<std::string> steps = describe(lostUpdate(loss, counter), counter, timeline);
    if (loss.forGood < loss.atOnce) {
        steps.push_back("So " + groupedDigits(loss.atOnce - loss.forGood)
            + (loss.atOnce - loss.forGood == 1 ? " update counts" : " updates count") + " after all; "
            + groupedDigits(loss.forGood) + (loss.forGood == 1 ? " is lost." : " are lost."));
    }
    return steps;
}

} // namespace timeslice
