// A made-up run of millions of events, and how long the event loop of whoever watches it is away.
#pragma once

#include "core/base/unique_fd.h"
#include "core/session/scenario_run.h"
#include "ui/course/run_source.h"

#include <QAbstractEventDispatcher>
#include <QObject>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace timeslice::samples {

inline Nanos cpuOfThisThread()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * kSecond + now.tv_nsec;
}

/// The longest that the UI thread computed between two waits for something to happen.
class LongestTurn {
public:
    LongestTurn()
        : m_dispatcher(QAbstractEventDispatcher::instance())
        , m_began(cpuOfThisThread())
    {
        const auto turn = [this] {
            const Nanos now = cpuOfThisThread();
            m_longest = std::max(m_longest, now - m_began);
            m_began = now;
            ++m_turns;
        };
        m_connections = {QObject::connect(m_dispatcher, &QAbstractEventDispatcher::aboutToBlock, turn),
            QObject::connect(m_dispatcher, &QAbstractEventDispatcher::awake, turn)};
    }
    ~LongestTurn()
    {
        for (const auto& connection : m_connections) {
            QObject::disconnect(connection);
        }
    }
    LongestTurn(const LongestTurn&) = delete;
    LongestTurn& operator=(const LongestTurn&) = delete;

    Nanos longest() const { return m_longest; }
    int turns() const { return m_turns; }

private:
    QAbstractEventDispatcher* m_dispatcher;
    std::vector<QMetaObject::Connection> m_connections;
    Nanos m_began;
    Nanos m_longest = 0;
    int m_turns = 0;
};

/// Threads that hand a GIL round, ask for it, count something and say how late they were, in `batches` batches: what a
/// long run of a busy script records.
inline std::vector<RunUpdate> busyRun(std::size_t events, std::size_t batches)
{
    constexpr std::size_t kThreads = 8;
    constexpr Tid kFirstThread = 100;
    constexpr ObjectId kGil = 5;
    constexpr ObjectId kCounter = 6;
    std::vector<RunUpdate> updates;
    updates.emplace_back(VariantStarted{0, BuilderOptions{{0, 1}, kFirstThread, false}});
    Nanos now = kSecond;
    std::size_t holds = 0;
    for (std::size_t b = 0; b < batches; ++b) {
        Batch batch;
        batch.events.reserve(events / batches + 16);
        const auto add = [&](EventKind kind, ObjectId object = 0, std::uint64_t value = 0) {
            const std::size_t thread = holds % kThreads;
            now += 50;
            batch.events.push_back({now, static_cast<Tid>(kFirstThread + thread), kFirstThread, kind,
                static_cast<CpuId>(thread % 2), object, value});
        };
        if (b == 0) {
            batch.objects = {
                {kGil, ObjectKind::Gil, kFirstThread, "GIL"}, {kCounter, ObjectKind::Counter, kFirstThread, "x"}};
            add(EventKind::WorkBegin);
        }
        for (; batch.events.size() < events / batches; ++holds) {
            add(EventKind::SwitchIn);
            add(EventKind::LockRequest, kGil);
            add(EventKind::LockDropRequest, kGil);
            add(EventKind::LockAcquire, kGil);
            add(EventKind::CounterLoad, kCounter, holds);
            add(EventKind::CounterStore, kCounter, holds + 1);
            add(EventKind::Latency, 0, 1000 + holds % 500);
            add(EventKind::LockRelease, kGil, static_cast<std::uint64_t>(ReleaseReason::Timeout));
            add(EventKind::SwitchOut);
        }
        batch.drainedAt = now;
        VariantBatches one;
        one.batches.push_back(std::move(batch));
        updates.emplace_back(std::move(one));
    }
    VariantEnded ended;
    ended.end = now;
    ended.facts.exit = {Exit::Kind::TimeLimit, 0, "ended at its time limit"}; // deadlocks are looked for, too
    updates.emplace_back(std::move(ended));
    updates.emplace_back(RunEnded{});
    return updates;
}

/// Tells everything at once; or nothing, ever.
class MadeSource : public RunSource {
public:
    explicit MadeSource(std::vector<RunUpdate> updates)
        : m_updates(std::move(updates))
        , m_fd(::eventfd(m_updates.empty() ? 0 : 1, EFD_CLOEXEC | EFD_NONBLOCK))
    {
    }
    std::vector<RunUpdate> poll() override
    {
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t n = ::read(m_fd.get(), &count, sizeof count);
        return std::exchange(m_updates, {});
    }
    int updateFd() const override { return m_fd.get(); }
    void stop() override { }

private:
    std::vector<RunUpdate> m_updates;
    UniqueFd m_fd;
};

} // namespace timeslice::samples
