// ReplayFold: a fold over a track's events that can take a late one.
//
// Keeps the last events with the state after each. An event that comes in order is applied and appended at once. For a
// late one the track is truncated to its time, and from the state before it everything is folded again: the result is
// what it would have been in order. Events of one time stay in the order in which they came, as their writer had them.
#pragma once

#include "core/trace/track.h"
#include "core/trace/track_folds.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace timeslice {

/// State: CoreState, ThreadState or LockState.
template <class State> class ReplayFold {
public:
    enum class TooLate { Clamp, Drop };

    const State& state() const noexcept { return m_kept.empty() ? m_base : m_kept.back().after; }

    /// Applies `step` and puts the outcome into `track`. At least the last `kReplay` steps are kept; one older than all
    /// kept is applied at the oldest kept moment, or dropped, and then the answer is false.
    ///   valueOf(state, time): what the track shows of a state from that time on; onApplied(before, step, after):
    ///   called for each step (re)applied; isFinal(state): the track ends with this state.
    template <std::size_t kReplay, class ValueOf, class OnApplied, class IsFinal>
    bool add(Step step, TooLate tooLate, Track& track, ValueOf valueOf, OnApplied onApplied, IsFinal isFinal)
    {
        if (m_kept.empty() || step.time >= m_kept.back().step.time) {
            const State before = state();
            m_kept.push_back({step, before});
            applyLast(m_kept.back(), before, track, valueOf, onApplied, isFinal);
            if (m_kept.size() >= 2 * kReplay) {
                m_base = m_kept[kReplay - 1].after;
                m_kept.erase(m_kept.begin(), m_kept.begin() + kReplay);
                m_hasBase = true;
            }
            return true;
        }

        const bool inTime = !m_hasBase || step.time >= m_kept.front().step.time;
        if (!inTime && tooLate == TooLate::Drop) {
            return false;
        }
        auto position = m_kept.begin();
        if (inTime) {
            position = std::upper_bound(
                m_kept.begin(), m_kept.end(), step.time, [](Nanos t, const Kept& k) { return t < k.step.time; });
        } else {
            step.time = m_kept.front().step.time;
        }
        m_kept.insert(position, {step, State{}});
        refoldFrom(step.time, track, valueOf, onApplied, isFinal);
        return inTime;
    }

private:
    struct Kept {
        Step step;
        State after;
    };

    template <class ValueOf, class OnApplied, class IsFinal>
    static void applyLast(
        Kept& kept, const State& before, Track& track, ValueOf& valueOf, OnApplied& onApplied, IsFinal& isFinal)
    {
        if (isFinal(before)) {
            return;
        }
        kept.after.apply(kept.step);
        const SliceValue value = valueOf(kept.after, kept.step.time);
        const SliceValue old = valueOf(before, kept.step.time);
        if (value.state() == old.state() && value.subject() == old.subject()) {
            kept.after.cause = before.cause; // one slice goes on; it began for its own reason
        }
        if (isFinal(kept.after)) {
            track.truncate(kept.step.time); // it may have been drawn on beyond its end already
            track.append(kept.step.time, value);
            track.close();
        } else {
            track.append(kept.step.time, value);
        }
        onApplied(before, kept.step, kept.after);
    }

    template <class ValueOf, class OnApplied, class IsFinal>
    void refoldFrom(Nanos time, Track& track, ValueOf& valueOf, OnApplied& onApplied, IsFinal& isFinal)
    {
        auto kept = std::lower_bound(
            m_kept.begin(), m_kept.end(), time, [](const Kept& k, Nanos t) { return k.step.time < t; });
        const bool hasBefore = m_hasBase || kept != m_kept.begin();
        State before = kept == m_kept.begin() ? m_base : (kept - 1)->after;
        if (hasBefore && isFinal(before)) {
            for (; kept != m_kept.end(); ++kept) {
                kept->after = before;
            }
            return;
        }
        const Nanos knownUntil = track.end();
        track.truncate(time);
        if (hasBefore) {
            track.append(time, valueOf(before, time)); // was truncated if it began at this very moment
        }
        for (; kept != m_kept.end(); ++kept) {
            kept->after = before;
            applyLast(*kept, before, track, valueOf, onApplied, isFinal);
            before = kept->after;
        }
        if (!track.closed()) {
            track.extendTo(knownUntil);
        }
    }

    std::vector<Kept> m_kept;
    State m_base; ///< before the oldest kept step
    bool m_hasBase = false; ///< steps were forgotten
};

} // namespace timeslice
