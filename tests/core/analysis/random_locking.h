// Random programs of threads and locks, run by a simulator that knows at every moment who holds what and who waits for
// what, and writes the events from which a Timeline is built.
#pragma once

#include "core/trace/timeline_builder.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace timeslice {

/// Each thread has a core of its own. Waits end as they do in life: by a hand-off, by a look at a lock that another has
/// taken meanwhile, after which the thread waits on, or, where that is asked for, by giving up.
class RandomLocking {
public:
    enum class Order { Any, Ascending }; ///< ascending: no circle can ever close
    struct Program {
        std::uint32_t threads = 4;
        std::uint32_t locks = 4;
        int steps = 400;
        Order order = Order::Any;
        bool givesUp = false;
    };
    struct Wait {
        std::uint32_t lock = 0;
        Nanos since = 0;
        friend bool operator==(const Wait&, const Wait&) = default;
    };
    /// What is true from `time` until the next moment.
    struct Moment {
        Nanos time = 0;
        std::vector<std::optional<std::uint32_t>> holder; ///< of each lock, a thread
        std::vector<std::optional<Wait>> wait; ///< of each thread

        /// Who waits for ever as things stand: whoever comes back to himself. By the transitive closure, not by
        /// walking.
        std::vector<bool> inCircle() const
        {
            const std::size_t n = wait.size();
            std::vector<std::vector<bool>> reaches(n, std::vector<bool>(n));
            for (std::size_t t = 0; t < n; ++t) {
                if (wait[t] && holder[wait[t]->lock]) {
                    reaches[t][*holder[wait[t]->lock]] = true;
                }
            }
            for (std::size_t k = 0; k < n; ++k) {
                for (std::size_t i = 0; i < n; ++i) {
                    for (std::size_t j = 0; j < n; ++j) {
                        reaches[i][j] = reaches[i][j] || (reaches[i][k] && reaches[k][j]);
                    }
                }
            }
            std::vector<bool> circle(n);
            for (std::size_t t = 0; t < n; ++t) {
                circle[t] = reaches[t][t];
            }
            return circle;
        }
    };

    RandomLocking(Program program, unsigned int seed)
        : m_program(program)
        , m_random(seed)
        , m_held(program.threads)
    {
        m_now.holder.resize(program.locks);
        m_now.wait.resize(program.threads);
        Batch names;
        for (std::uint32_t lock = 0; lock < program.locks; ++lock) {
            names.objects.push_back({lock + 1, ObjectKind::Mutex, 100, "Lock " + std::to_string(lock + 1)});
        }
        for (std::uint32_t thread = 0; thread < program.threads; ++thread) {
            names.names.push_back({tid(thread), 100, "Thread " + std::to_string(thread + 1), false});
        }
        m_batches.push_back(names);
        for (std::uint32_t thread = 0; thread < program.threads; ++thread) {
            record(thread, EventKind::SwitchIn);
        }
        for (int step = 0; step < program.steps && takeStep(); ++step) { }
    }

    const std::vector<Moment>& moments() const { return m_moments; }
    /// The events in the order of time, some at a time.
    const std::vector<Batch>& batches() const { return m_batches; }
    BuilderOptions options() const
    {
        BuilderOptions options;
        for (std::uint32_t thread = 0; thread < m_program.threads; ++thread) {
            options.cpus.push_back(static_cast<CpuId>(thread));
        }
        options.rootPid = 100;
        return options;
    }

private:
    static Tid tid(std::uint32_t thread) { return 101 + static_cast<Tid>(thread); }
    std::uint32_t below(std::size_t n) { return static_cast<std::uint32_t>(m_random() % n); }

    void record(std::uint32_t thread, EventKind kind, std::optional<std::uint32_t> lock = {})
    {
        m_now.time += 1 + static_cast<Nanos>(m_random() % kMillisecond);
        Batch batch;
        const bool kernel = kind == EventKind::SwitchIn || kind == EventKind::SwitchOut;
        batch.events = {{m_now.time, tid(thread), 100, kind, kernel ? static_cast<CpuId>(thread) : kNoCpu,
            lock ? ObjectId{*lock + 1} : ObjectId{0}, 0}};
        batch.drainedAt = m_now.time;
        m_batches.push_back(std::move(batch));
    }
    void isTrue() { m_moments.push_back(m_now); }

    /// False: nobody can do anything any more.
    bool takeStep()
    {
        std::vector<std::uint32_t> able;
        for (std::uint32_t thread = 0; thread < m_program.threads; ++thread) {
            const auto& wait = m_now.wait[thread];
            if (!wait || !m_now.holder[wait->lock] || m_program.givesUp) {
                able.push_back(thread);
            }
        }
        if (able.empty()) {
            return false;
        }
        const std::uint32_t thread = able[below(able.size())];
        if (m_now.wait[thread]) {
            look(thread);
        } else if (!m_held[thread].empty() && below(3) == 0) {
            release(thread);
        } else {
            ask(thread);
        }
        return true;
    }

    void ask(std::uint32_t thread)
    {
        const std::uint32_t lock = below(m_program.locks);
        const auto& held = m_held[thread];
        const bool tooLow = m_program.order == Order::Ascending && !held.empty() && held.back() >= lock;
        if (tooLow || std::find(held.begin(), held.end(), lock) != held.end()) {
            return;
        }
        if (!m_now.holder[lock]) {
            take(thread, lock);
            return;
        }
        record(thread, EventKind::LockRequest, lock);
        isTrue();
        standStill(thread, lock);
    }
    void take(std::uint32_t thread, std::uint32_t lock)
    {
        record(thread, EventKind::LockAcquire, lock);
        m_now.holder[lock] = thread;
        m_now.wait[thread].reset();
        m_held[thread].push_back(lock);
        isTrue();
    }
    void standStill(std::uint32_t thread, std::uint32_t lock)
    {
        record(thread, EventKind::SwitchOut);
        m_now.wait[thread] = Wait{lock, m_now.time};
        isTrue();
    }
    /// Its lock is free, or its patience is at an end.
    void look(std::uint32_t thread)
    {
        const std::uint32_t lock = m_now.wait[thread]->lock;
        const bool free = !m_now.holder[lock];
        record(thread, EventKind::SwitchIn);
        if (free && below(4) != 0) {
            isTrue();
            take(thread, lock);
        } else if (m_program.givesUp && !free) {
            m_now.wait[thread].reset();
            isTrue();
            record(thread, EventKind::LockAbandon, lock);
            record(thread, EventKind::SwitchOut); // sleeps for a while
            record(thread, EventKind::SwitchIn);
        } else { // somebody was faster, and has let go already
            isTrue();
            standStill(thread, lock);
        }
    }
    void release(std::uint32_t thread)
    {
        const std::uint32_t lock = m_held[thread].back();
        m_held[thread].pop_back();
        record(thread, EventKind::LockRelease, lock);
        m_now.holder[lock].reset();
        isTrue();
    }

    Program m_program;
    std::mt19937 m_random;
    std::vector<std::vector<std::uint32_t>> m_held; ///< by thread, in the order of taking
    Moment m_now;
    std::vector<Moment> m_moments;
    std::vector<Batch> m_batches;
};

} // namespace timeslice
