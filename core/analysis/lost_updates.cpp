#include "core/analysis/lost_updates.h"

#include "core/analysis/counter_value.h"
#include "core/analysis/names.h"
#include "core/scenario/number_format.h"

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <utility>

namespace timeslice {

namespace {

/// Two accesses of different cores that are closer than this may have happened in either order.
constexpr Nanos kSkew = 1 * kMicrosecond;
/// A thread whose next access comes this much later than another's was interrupted in between, not merely slow.
constexpr Nanos kInterrupted = 5 * kMicrosecond;

constexpr std::size_t kGeneration = 1 << 16;

constexpr std::size_t kNone = SIZE_MAX;

using counter_value::next;

class Search {
public:
    explicit Search(const std::deque<CounterAccess>& accesses)
        : m_all(accesses)
    {
    }

    std::optional<LostUpdate> run();

private:
    /// An update by its two accesses, as indices.
    struct Update {
        std::size_t before = kNone; ///< the thread's access before the load; the load was made at some time after it,
                                    ///< and stamped later still if the thread was interrupted between the two
        std::size_t load = kNone;
        std::size_t store = kNone;
    };

    std::optional<std::size_t> movedOnDuring(const Update& update) const;
    std::optional<Update> twinOf(const Update& update) const;
    std::size_t lastMadeAfter(std::size_t vanished, const Update& late) const;
    LostUpdate tell(const Update& late, std::size_t lastVanished) const;
    std::optional<LostUpdate> decide(
        const Update& update, const std::optional<Update>& twin, std::optional<std::size_t> movedOn) const;
    bool survived(std::size_t store, const Update& update) const;
    bool unharmed(std::size_t store, const Update& update) const;

    std::size_t nextOfThread(std::size_t index) const;
    std::optional<std::size_t> lastStoreBefore(std::uint32_t notThread, std::size_t end, std::int64_t above) const;
    std::optional<std::size_t> overwroteLate(const Update& update) const;

    const std::deque<CounterAccess>& m_all;
    std::unordered_map<std::uint32_t, Update> m_pending; ///< by thread: what it loaded, to be stored yet
    std::unordered_map<std::uint32_t, std::size_t> m_lastAccess; ///< by thread
    /// The latest update that stored a value. Updates under way at once are near each other, so of a long recording
    /// only the recent ones are kept: two generations, the older of which is dropped when the newer is full.
    std::unordered_map<std::int64_t, Update> m_writer;
    std::unordered_map<std::int64_t, Update> m_olderWriter;
    std::vector<std::size_t> m_lastStore; ///< the latest store, and the latest by another thread than that one's
};

std::size_t Search::nextOfThread(std::size_t index) const
{
    for (std::size_t i = index + 1; i < m_all.size(); ++i) {
        if (m_all[i].thread == m_all[index].thread) {
            return i;
        }
    }
    return kNone;
}

/// The last store before index `end` by another thread, of a value above `above`.
std::optional<std::size_t> Search::lastStoreBefore(std::uint32_t notThread, std::size_t end, std::int64_t above) const
{
    for (std::size_t i = end; i-- > 0;) {
        const CounterAccess& access = m_all[i];
        if (access.store && access.thread != notThread) {
            return access.value > above ? std::optional(i) : std::nullopt;
        }
    }
    return std::nullopt;
}

/// Another thread's latest store, if the update's load does not know of it although it can have been made before.
std::optional<std::size_t> Search::movedOnDuring(const Update& update) const
{
    for (const std::size_t candidate : m_lastStore) {
        if (m_all[candidate].thread != m_all[update.store].thread) {
            const bool since = update.before == kNone || candidate > update.before;
            return since && m_all[candidate].value > m_all[update.load].value ? std::optional(candidate) : std::nullopt;
        }
    }
    return std::nullopt;
}

/// An earlier update of another thread that stored the same value and can have been under way at the same time.
std::optional<Search::Update> Search::twinOf(const Update& update) const
{
    const std::int64_t stored = m_all[update.store].value;
    auto found = m_writer.find(stored);
    if (found == m_writer.end()) {
        found = m_olderWriter.find(stored);
        if (found == m_olderWriter.end()) {
            return std::nullopt;
        }
    }
    const Update& twin = found->second;
    if (m_all[twin.store].thread == m_all[update.store].thread) {
        return std::nullopt;
    }
    // The load did not see the twin's store. If that store had been made before the loading thread's previous access,
    // then the counter has come back to this value through accesses that were not recorded.
    if (update.before != kNone) {
        const std::size_t after = nextOfThread(twin.store);
        const Nanos madeBy = after == kNone ? m_all[twin.store].time : m_all[after].time;
        if (madeBy < m_all[update.before].time - kSkew) {
            return std::nullopt;
        }
    }
    return twin;
}

/// Whether the update's store took effect long after it was stamped: the thread next read what it had stored itself,
/// although others had moved on before. Then what it overwrote is the last of those stores.
std::optional<std::size_t> Search::overwroteLate(const Update& update) const
{
    const std::size_t after = nextOfThread(update.store);
    const std::int64_t stored = m_all[update.store].value;
    if (after == kNone || m_all[after].store || m_all[after].value != stored) {
        return std::nullopt;
    }
    const auto last = lastStoreBefore(m_all[update.store].thread, after, stored);
    const bool wellBefore = last && *last > update.store && m_all[*last].time < m_all[after].time - kInterrupted;
    return wellBefore ? last : std::nullopt;
}

/// The other thread's next store, if it was made before the overwriting one, too, but stamped only after the thread had
/// been interrupted: back again, the thread does not find what it stored.
std::size_t Search::lastMadeAfter(std::size_t vanished, const Update& late) const
{
    const std::size_t load = nextOfThread(vanished);
    const std::size_t store = load == kNone ? kNone : nextOfThread(load);
    const std::size_t after = store == kNone ? kNone : nextOfThread(store);
    const bool madeBefore = after != kNone && store > late.store && m_all[store].store && !m_all[after].store
        && m_all[load].value == m_all[vanished].value && m_all[store].value == next(m_all[vanished].value)
        && m_all[store].time > m_all[load].time + kInterrupted && m_all[after].value < m_all[store].value
        && m_all[after].time < m_all[store].time + kInterrupted;
    return madeBefore ? store : vanished;
}

LostUpdate Search::tell(const Update& late, std::size_t lastVanished) const
{
    LostUpdate loss;
    lastVanished = lastMadeAfter(lastVanished, late);
    loss.staleLoad = m_all[late.load];
    loss.overwritten = m_all[lastVanished];
    loss.overwrite = m_all[late.store];
    loss.updatesLost = static_cast<std::int64_t>(
        static_cast<std::uint64_t>(loss.overwritten.value) - static_cast<std::uint64_t>(loss.staleLoad.value));
    loss.loadMade = {m_all[late.before == kNone ? late.load : late.before].time, loss.staleLoad.time};
    const bool stampedLate = loss.staleLoad.time > loss.overwritten.time && late.before != kNone;
    loss.window = {stampedLate ? std::min(m_all[late.before].time, loss.overwritten.time) : loss.staleLoad.time,
        std::max(loss.overwrite.time, loss.overwritten.time)};
    return loss;
}

/// Whether another thread's store, made while the update was under way as the times have it, outlived the update's own
/// store: its thread read that value, or one beyond, right after.
bool Search::survived(std::size_t store, const Update& update) const
{
    const std::size_t after = nextOfThread(update.store);
    return after != kNone && !m_all[after].store && m_all[after].value >= m_all[store].value
        && m_all[after].time < m_all[update.store].time + kInterrupted;
}

std::optional<LostUpdate> Search::decide(
    const Update& update, const std::optional<Update>& twin, std::optional<std::size_t> movedOn) const
{
    if (!twin) {
        // The update that read the same value was not recorded. Only if the thread then reads what it wrote, though the
        // others had been beyond, did it overwrite them; else its store was merely stamped late.
        const std::size_t after = nextOfThread(update.store);
        const bool overwrote =
            movedOn && after != kNone && !m_all[after].store && m_all[after].value < m_all[*movedOn].value;
        return overwrote ? std::optional(tell(update, *movedOn)) : std::nullopt;
    }
    if (const auto vanished = overwroteLate(*twin)) {
        return tell(*twin, *vanished);
    }
    if (const auto vanished = overwroteLate(update)) {
        return tell(update, *vanished);
    }
    const bool more = movedOn && *movedOn != twin->store && !survived(*movedOn, update) && !unharmed(*movedOn, update);
    return tell(update, more ? *movedOn : twin->store);
}

/// Of stores within the clocks' uncertainty before the update's, the last may in truth have come after it: its thread
/// then next read its own value.
bool Search::unharmed(std::size_t store, const Update& update) const
{
    const std::size_t after = nextOfThread(store);
    return after != kNone && after > update.store && !m_all[after].store && m_all[after].value == m_all[store].value
        && m_all[after].time < m_all[update.store].time + kSkew && m_all[store].time > m_all[update.store].time - kSkew;
}

std::optional<LostUpdate> Search::run()
{
    for (std::size_t i = 0; i < m_all.size(); ++i) {
        const CounterAccess& access = m_all[i];
        const auto last = m_lastAccess.find(access.thread);
        const std::size_t before = last == m_lastAccess.end() ? kNone : last->second;
        m_lastAccess[access.thread] = i;
        if (!access.store) {
            m_pending[access.thread] = Update{before, i, kNone};
            continue;
        }
        const auto pending = m_pending.find(access.thread);
        if (pending != m_pending.end() && next(m_all[pending->second.load].value) == access.value) {
            const Update update{pending->second.before, pending->second.load, i};
            const auto twin = twinOf(update);
            const auto movedOn = movedOnDuring(update);
            if (twin || movedOn) {
                if (const auto loss = decide(update, twin, movedOn)) {
                    return loss;
                }
            }
            if (m_writer.size() >= kGeneration) {
                m_olderWriter = std::exchange(m_writer, {});
            }
            m_writer[access.value] = update;
        } else { // accesses are missing; equal values across the gap say nothing
            m_writer.clear();
            m_olderWriter.clear();
        }
        if (pending != m_pending.end()) {
            m_pending.erase(pending);
        }
        if (m_lastStore.empty() || m_all[m_lastStore.front()].thread != access.thread) {
            m_lastStore.insert(m_lastStore.begin(), i);
            m_lastStore.resize(std::min<std::size_t>(m_lastStore.size(), 2));
        } else {
            m_lastStore.front() = i;
        }
    }
    return std::nullopt;
}

/// Whether the updates that vanished are of more than one thread.
bool severalStored(const CounterInfo& counter, const LostUpdate& loss)
{
    const auto first = std::lower_bound(counter.accesses.begin(), counter.accesses.end(), loss.window.begin,
        [](const CounterAccess& access, Nanos at) { return access.time < at; });
    for (auto access = first; access != counter.accesses.end() && access->time < loss.overwrite.time; ++access) {
        if (access->store && access->thread != loss.overwrite.thread && access->thread != loss.overwritten.thread) {
            return true;
        }
    }
    return false;
}

/// Whether the update that vanished began with the number that the overwriting thread had read, too.
bool hadReadTheSame(const CounterInfo& counter, const LostUpdate& loss)
{
    const auto isLater = [](const CounterAccess& access, Nanos at) { return access.time < at; };
    auto access = std::lower_bound(counter.accesses.begin(), counter.accesses.end(), loss.overwritten.time, isLater);
    while (access != counter.accesses.end() && access->time == loss.overwritten.time
        && !(access->store && access->thread == loss.overwritten.thread)) {
        ++access;
    }
    while (access != counter.accesses.begin()) {
        --access;
        if (access->thread == loss.overwritten.thread) {
            return !access->store && access->value == loss.staleLoad.value;
        }
    }
    return false;
}

bool lostItsCore(const Timeline& timeline, std::uint32_t thread, TimeRange range)
{
    if (thread >= timeline.threads.size()) {
        return false;
    }
    const Shares shares = timeline.threads[thread].track.shares(range);
    return shares[static_cast<std::size_t>(SliceState::Runnable)] > 0
        || shares[static_cast<std::size_t>(SliceState::Blocked)] > 0;
}

} // namespace

std::optional<LostUpdate> firstLostUpdate(const CounterInfo& counter)
{
    return Search(counter.accesses).run();
}

std::vector<std::string> describe(const LostUpdate& loss, const CounterInfo& counter, const Timeline& timeline)
{
    const std::string late = threadName(timeline, loss.overwrite.thread);
    const std::string other = threadName(timeline, loss.overwritten.thread);
    const std::string stale = groupedDigits(loss.staleLoad.value);
    const std::string written = groupedDigits(loss.overwrite.value);
    const std::string vanished = groupedDigits(loss.overwritten.value);

    std::vector<std::string> steps;
    const auto told = [&] {
        if (loss.overwrittenInTurn) {
            steps.push_back(other + " still had " + vanished + " in hand and overwrote " + late + " in turn.");
        }
        if (!loss.complete) {
            steps.push_back("The values prove this loss. The times do not show it step by step: "
                            "a step was noted late, or not at all.");
        }
        return steps;
    };
    steps.push_back(late + " read " + stale + ".");
    if (loss.updatesLost == 1) {
        steps.push_back(
            other + (hadReadTheSame(counter, loss) ? " read " + stale + " and wrote " : " wrote ") + vanished + ".");
        steps.push_back(late + " wrote " + written + " over it: one update lost.");
        return told();
    }
    steps.push_back((severalStored(counter, loss) ? "The others" : other) + " counted on to " + vanished + ".");
    const bool away = lostItsCore(timeline, loss.overwrite.thread, loss.window);
    steps.push_back(late + (away ? " came back and wrote " : " wrote ") + written + (away ? ": " : " over it: ")
        + groupedDigits(loss.updatesLost) + " updates lost.");
    return told();
}

} // namespace timeslice
