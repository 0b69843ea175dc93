#include "tests/core/trace/simulated_run.h"

#include <algorithm>
#include <random>
#include <sstream>

namespace timeslice::testing {

namespace {

constexpr std::uint32_t kFree = 0xFFFFFFFF;

class Simulation {
public:
    explicit Simulation(const SimulationOptions& options)
        : m_options(options)
        , m_random(options.seed)
        , m_time(options.start)
        , m_threads(static_cast<std::size_t>(options.threads))
        , m_coreThread(static_cast<std::size_t>(options.cores), kFree)
        , m_lockHolder(static_cast<std::size_t>(options.locks), kFree)
    {
    }

    std::vector<Event> run()
    {
        for (std::uint32_t i = 0; i < m_threads.size(); ++i) {
            emit(i, EventKind::ThreadBorn, kNoCpu, 0, kFirstTid);
        }
        emit(0, EventKind::WorkBegin);
        while (m_events.size() < static_cast<std::size_t>(m_options.events)) {
            const auto core = static_cast<std::uint32_t>(upTo(m_coreThread.size() - 1));
            if (m_coreThread[core] == kFree) {
                switchIn(core);
            } else {
                act(m_coreThread[core], core);
            }
        }
        emit(0, EventKind::WorkEnd);
        return std::move(m_events);
    }

private:
    struct Thread {
        std::uint32_t core = kFree;
        std::uint32_t requested = kFree;
        std::uint32_t held = kFree;
        bool exited = false;
    };

    std::uint64_t upTo(std::uint64_t most) { return std::uniform_int_distribution<std::uint64_t>(0, most)(m_random); }

    void emit(std::uint32_t thread, EventKind kind, CpuId cpu = kNoCpu, ObjectId object = 0, std::uint64_t value = 0)
    {
        m_time += 1 + static_cast<Nanos>(upTo(upTo(20) == 0 ? 100'000 : 2'000));
        const bool scheduling = kind == EventKind::SwitchIn || kind == EventKind::SwitchOut;
        if (scheduling && std::uniform_real_distribution<>(0, 1)(m_random) < m_options.loss) {
            return;
        }
        const Tid tid = kFirstTid + static_cast<Tid>(thread);
        m_events.push_back({m_time, tid, kFirstTid + static_cast<Tid>(thread) / 4, kind, cpu, object, value});
    }

    void switchIn(std::uint32_t core)
    {
        const auto thread = static_cast<std::uint32_t>(upTo(m_threads.size() - 1));
        if (m_threads[thread].core == kFree && !m_threads[thread].exited) {
            if (upTo(3) == 0) {
                emit(thread, EventKind::Wakeup);
            }
            m_threads[thread].core = core;
            m_coreThread[core] = thread;
            emit(thread, EventKind::SwitchIn, static_cast<CpuId>(core));
        }
    }

    void switchOut(std::uint32_t thread, bool preempted)
    {
        const std::uint32_t core = m_threads[thread].core;
        m_coreThread[core] = kFree;
        m_threads[thread].core = kFree;
        emit(thread, EventKind::SwitchOut, static_cast<CpuId>(core), 0, preempted ? 1 : 0);
    }

    void act(std::uint32_t index, std::uint32_t core)
    {
        Thread& thread = m_threads[index];
        const std::uint64_t dice = upTo(99);
        if (dice < 25) {
            switchOut(index, upTo(1) == 0);
        } else if (dice < 60) {
            useLock(index);
        } else if (dice < 75) {
            const bool store = upTo(1) == 0;
            emit(index, store ? EventKind::CounterStore : EventKind::CounterLoad, kNoCpu, kCounterId, upTo(1000));
        } else if (dice < 80) {
            emit(index, EventKind::WaitBegin, kNoCpu, 0, upTo(7));
        } else if (dice < 85) {
            emit(index, EventKind::WaitEnd);
        } else if (dice < 90) {
            emit(index, EventKind::Mark, kNoCpu, kMarkId, upTo(9));
        } else if (dice < 95) {
            emit(index, EventKind::Latency, kNoCpu, 0, upTo(50'000));
        } else if (dice == 99 && upTo(30) == 0 && index > 1) {
            thread.exited = true;
            if (thread.held != kFree) {
                m_lockHolder[thread.held] = kFree;
            }
            m_coreThread[core] = kFree;
            thread.core = kFree;
            emit(index, EventKind::ThreadExit, static_cast<CpuId>(core));
        }
    }

    void useLock(std::uint32_t index)
    {
        Thread& thread = m_threads[index];
        if (thread.held != kFree) {
            emit(index, EventKind::LockRelease, kNoCpu, kFirstLock + thread.held, upTo(2));
            m_lockHolder[thread.held] = kFree;
            if (upTo(3) == 0) {
                emit(index, EventKind::LockForcedWait, kNoCpu, kFirstLock + thread.held);
            }
            thread.held = kFree;
            return;
        }
        const std::uint32_t lock =
            thread.requested != kFree ? thread.requested : static_cast<std::uint32_t>(upTo(m_lockHolder.size() - 1));
        const ObjectId id = kFirstLock + lock;
        if (m_lockHolder[lock] == kFree) {
            m_lockHolder[lock] = index;
            thread.held = lock;
            thread.requested = kFree;
            emit(index, EventKind::LockAcquire, kNoCpu, id);
        } else if (thread.requested == kFree) {
            thread.requested = lock;
            emit(index, EventKind::LockRequest, kNoCpu, id);
            switchOut(index, false);
        } else if (upTo(2) == 0) {
            thread.requested = kFree;
            emit(index, EventKind::LockAbandon, kNoCpu, id);
        } else if (upTo(1) == 0) {
            emit(index, EventKind::LockFalseAlarm, kNoCpu, id);
            switchOut(index, false);
        } else {
            emit(index, EventKind::LockDropRequest, kNoCpu, id);
            switchOut(index, false);
        }
    }

    SimulationOptions m_options;
    std::mt19937_64 m_random;
    Nanos m_time;
    std::vector<Thread> m_threads;
    std::vector<std::uint32_t> m_coreThread;
    std::vector<std::uint32_t> m_lockHolder;
    std::vector<Event> m_events;
};

class Description {
public:
    template <class... Parts> void line(const Parts&... parts)
    {
        std::ostringstream text;
        ((text << parts << ' '), ...);
        m_lines.push_back(text.str());
    }
    void track(const Track& track)
    {
        line(" track", track.size(), track.end(), track.closed());
        for (std::size_t i = 0; i < track.size(); ++i) {
            const Slice s = track.slice(i);
            line("  ", s.begin, s.end, "state", static_cast<int>(s.value.state()), "cause",
                static_cast<int>(s.value.cause()), "subject", s.value.subject(), "category",
                static_cast<int>(s.value.category()));
        }
    }
    std::vector<std::string> take() { return std::move(m_lines); }

private:
    std::vector<std::string> m_lines;
};

} // namespace

std::vector<Event> simulate(const SimulationOptions& options)
{
    return Simulation(options).run();
}

Batch birthsOf(const SimulationOptions& options)
{
    Batch batch;
    batch.drainedAt = options.start;
    for (int i = 0; i < options.locks; ++i) {
        const ObjectId id = kFirstLock + static_cast<ObjectId>(i);
        batch.objects.push_back({id, i == 0 ? ObjectKind::Gil : ObjectKind::Mutex, 0, "lock " + std::to_string(i)});
    }
    batch.objects.push_back({kCounterId, ObjectKind::Counter, kFirstTid, "x"});
    batch.objects.push_back({kMarkId, ObjectKind::Mark, kFirstTid, "a mark"});
    for (int i = 0; i < options.threads; ++i) {
        batch.names.push_back({kFirstTid + i, kFirstTid + i / 4, "Thread " + std::to_string(i), i == 3});
    }
    return batch;
}

BuilderOptions builderOptionsOf(const SimulationOptions& options)
{
    BuilderOptions result;
    for (int i = 0; i < options.cores; ++i) {
        result.cpus.push_back(static_cast<CpuId>(i));
    }
    result.rootPid = kFirstTid;
    result.rootIsAuxiliary = true;
    return result;
}

std::vector<std::string> describe(const Timeline& timeline)
{
    Description d;
    d.line("begin", timeline.begin, "end", timeline.end, "work", timeline.workBegin.value_or(-1),
        timeline.workEnd.value_or(-1));
    d.line("source", static_cast<int>(timeline.source), "lost", timeline.lost.channel, timeline.lost.kernel,
        timeline.lost.malformed, timeline.lost.threadsWithoutMemory, timeline.lost.threadsWithoutRing,
        timeline.lost.overBudget, "events", timeline.events, "late", timeline.lateEvents, "finished",
        timeline.finished);
    for (const CoreInfo& core : timeline.cores) {
        d.line("core", core.cpu, timeline.coreIndex(core.cpu).value_or(9999));
        for (const UsageSample& u : core.usage) {
            d.line(" usage", u.begin, u.end, u.cpu, u.busy, u.stolen, u.idle);
        }
        d.track(core.track);
        if (!core.others.empty()) {
            d.track(core.others);
        }
    }
    for (const OtherProgram& program : timeline.programs) {
        d.line("program", program.pid, program.name, static_cast<int>(program.kind));
    }
    for (const ThreadInfo& thread : timeline.threads) {
        d.line("thread", thread.tid, thread.pid, thread.parent, thread.name, thread.auxiliary,
            static_cast<int>(thread.colorSlot), thread.born, thread.exited,
            timeline.threadIndex(thread.tid).value_or(9999));
        d.track(thread.track);
    }
    for (const auto& [thread, alarms] : timeline.falseAlarms) {
        for (const FalseAlarm& alarm : alarms) {
            d.line("false alarm", alarm.time, thread, alarm.lock);
        }
    }
    for (const LockInfo& lock : timeline.locks) {
        d.line("lock", lock.id, static_cast<int>(lock.kind), lock.pid, lock.name, lock.maxConcurrentHolders,
            timeline.lockIndex(lock.id).value_or(9999));
        for (const LockMoment& m : lock.moments) {
            d.line(" moment", m.time, m.thread, static_cast<int>(m.kind));
        }
        d.track(lock.track);
    }
    for (const CounterInfo& counter : timeline.counters) {
        d.line("counter", counter.id, counter.pid, counter.name, timeline.counterIndex(counter.id).value_or(9999));
        for (const CounterAccess& a : counter.accesses) {
            d.line(" access", a.time, a.value, a.thread, a.store);
        }
    }
    for (const MarkPoint& mark : timeline.marks) {
        const auto name = timeline.markNames.find(mark.object);
        d.line("mark", mark.time, mark.thread, mark.object, mark.value,
            name == timeline.markNames.end() ? "" : name->second);
    }
    for (const ReapPoint& reap : timeline.reaps) {
        d.line("reap", reap.time, reap.pid, reap.status);
    }
    for (const MemorySample& sample : timeline.memory) {
        d.line("memory", sample.time, sample.pid, sample.rss, sample.pss, sample.own);
    }
    for (const LatencySample& sample : timeline.latencies) {
        d.line("latency", sample.time, sample.thread, sample.delay);
    }
    return d.take();
}

} // namespace timeslice::testing
