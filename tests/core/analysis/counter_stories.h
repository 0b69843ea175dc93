// Records of a shared counter, told by hand or simulated, of which it is known exactly what was lost.
#pragma once

#include "core/analysis/lost_updates.h"
#include "tests/core/analysis/made_timeline.h"

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace timeslice {

inline constexpr std::uint32_t kA = 0;
inline constexpr std::uint32_t kB = 1;

/// Accesses in the order of their stamps; times in nanoseconds.
struct Story {
    CounterInfo counter;
    MadeTimeline made{kSecond};

    Story()
    {
        made.thread("Thread 1");
        made.thread("Thread 2");
        made.thread("Thread 3");
    }
    Story& load(Nanos time, std::uint32_t thread, std::int64_t value)
    {
        counter.accesses.push_back({time, value, thread, false});
        return *this;
    }
    Story& store(Nanos time, std::uint32_t thread, std::int64_t value)
    {
        counter.accesses.push_back({time, value, thread, true});
        return *this;
    }
    /// A whole update, undisturbed.
    Story& update(Nanos time, std::uint32_t thread, std::int64_t from)
    {
        return load(time, thread, from).store(time + 10, thread, from + 1);
    }
    std::optional<LostUpdate> loss() const { return firstLostUpdate(counter); }
    std::optional<LostUpdate> complete() const { return firstCompleteLoss(counter); }
    std::vector<std::string> told() const { return describe(lossToShow(counter).value(), counter, made.timeline); }
};

/// Runs `threads` threads' updates against a counter in a random interleaving, exactly; says which store was the first
/// to overwrite others', and how many.
struct Simulated {
    CounterInfo counter;
    std::map<Nanos, std::int64_t> guilty; ///< stamp of each store that overwrote others' -> how many updates
    std::optional<std::size_t> overwritingStore; ///< the first of them: index into accesses
    std::int64_t lost = 0; ///< by it
    std::int64_t updates = 0; ///< stores made
    std::int64_t value = 0; ///< in the end

    Simulated(unsigned seed, std::uint32_t threads, int steps, double keepRunning)
    {
        std::mt19937 random(seed);
        std::uniform_real_distribution<double> share(0, 1);
        std::vector<std::optional<std::int64_t>> loaded(threads);
        std::uint32_t thread = 0;
        for (Nanos time = 0; time < steps; ++time) {
            if (share(random) > keepRunning) {
                thread = static_cast<std::uint32_t>(random() % threads);
            }
            const Nanos stamp = time * 10 * kMicrosecond; // far enough apart that the clock leaves no doubt
            if (!loaded[thread]) {
                loaded[thread] = value;
                counter.accesses.push_back({stamp, value, thread, false});
                continue;
            }
            if (value != *loaded[thread] && !overwritingStore) {
                overwritingStore = counter.accesses.size();
                lost = value - *loaded[thread];
            }
            if (value != *loaded[thread]) {
                guilty[stamp] = value - *loaded[thread];
            }
            value = *loaded[thread] + 1;
            ++updates;
            loaded[thread].reset();
            counter.accesses.push_back({stamp, value, thread, true});
        }
    }
};

/// The same with threads that can also be interrupted between an access and its stamp.
struct SimulatedWithLateStamps {
    CounterInfo counter;
    std::map<Nanos, std::int64_t> guilty; ///< stamp of each store that overwrote others' -> how many updates
    std::int64_t updates = 0; ///< stores made
    std::int64_t value = 0; ///< in the end

    SimulatedWithLateStamps(unsigned seed, std::uint32_t threads, int steps, double keepRunning)
    {
        struct Thread {
            int phase = 0; ///< load, stamp it, store, stamp it
            std::int64_t loaded = 0;
            std::int64_t overwritten = 0;
        };
        std::mt19937 random(seed);
        std::uniform_real_distribution<double> share(0, 1);
        std::vector<Thread> all(threads);
        std::uint32_t running = 0;
        Nanos away = 0; ///< spent on switching
        for (Nanos step = 0; step < steps; ++step) {
            if (share(random) > keepRunning) {
                running = static_cast<std::uint32_t>(random() % threads);
                away += 100 * kMicrosecond;
            }
            const Nanos stamp = step * 20 + away;
            Thread& thread = all[running];
            switch (thread.phase) {
            case 0:
                thread.loaded = value;
                break;
            case 1:
                counter.accesses.push_back({stamp, thread.loaded, running, false});
                break;
            case 2:
                thread.overwritten = value - thread.loaded;
                value = thread.loaded + 1;
                ++updates;
                break;
            default:
                counter.accesses.push_back({stamp, thread.loaded + 1, running, true});
                if (thread.overwritten != 0) {
                    guilty[stamp] = thread.overwritten;
                }
                break;
            }
            thread.phase = (thread.phase + 1) % 4;
        }
    }
};

} // namespace timeslice
