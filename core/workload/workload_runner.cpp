#include "core/workload/workload_runner.h"

#include "core/record/event_writer.h"
#include "core/workload/dispatcher.h"
#include "core/workload/forked_tasks.h"
#include "core/workload/resources.h"
#include "core/workload/run_signals.h"
#include "core/workload/run_state.h"
#include "core/workload/spawned.h"
#include "core/workload/task_runner.h"
#include "core/workload/taskgroups.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <optional>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace timeslice {

namespace {

/// For poll(2): rounded up, a day at the most.
int millisUntil(Nanos time)
{
    constexpr Nanos kDay = 24 * 3600 * kSecond;
    return static_cast<int>((std::clamp<Nanos>(time - monotonicNow(), 0, kDay) + kMillisecond - 1) / kMillisecond);
}

Nanos toNanos(const timeval& time)
{
    return Nanos{time.tv_sec} * kSecond + Nanos{time.tv_usec} * kMicrosecond;
}

/// One run. Lives on the heap, so that it can be left behind when a thread of it will not end.
class Coordinator {
public:
    static Result<std::unique_ptr<Coordinator>> create(const WorkloadSpec& spec, const WorkloadOptions& options);
    Result<WorkloadResult> run();
    bool abandoned() const noexcept { return m_abandoned; }

private:
    struct Member {
        TaskPlan plan;
        bool process = false;
        bool started = false;
        pthread_t thread{};
        Pid pid = 0; ///< of a process that has not been waited for
        bool gone = false; ///< ended, failed or dead
    };

    Coordinator(const WorkloadSpec& spec, const WorkloadOptions& options, SharedArena arena)
        : m_spec(spec)
        , m_options(options)
        , m_arena(std::move(arena))
    {
    }

    Result<void> prepare();
    Result<void> prepareDispatch();
    Result<void> startAll();
    Result<void> startProcess(Member& member);
    [[noreturn]] void beProcess(Member& member, Pid parent);
    Result<void> startThread(Member& member);
    void watch(int timeoutMs);
    void reap(Member& member, int options);
    void stopAll();
    void wakeWaiters();
    bool workIsOver() const;
    bool allReady() const;
    bool allGone() const;
    bool anyFailed() const;
    void joinThreads();
    WorkloadResult collect() const;

    WorkloadSpec m_spec; // copies: a thread that is left behind still reads them
    WorkloadOptions m_options;
    SharedArena m_arena;
    Resources m_resources;
    RunControl* m_control = nullptr;
    std::vector<std::unique_ptr<Gil>> m_gils; ///< of this process, by index in the spec; null if no thread uses it
    std::vector<Member> m_members;
    Taskgroups m_taskgroups;
    std::unique_ptr<ForkedTasks> m_forks;
    bool m_forksGone = true; ///< as of the last watch()
    std::vector<ProcessDeath> m_deaths;
    std::unique_ptr<Dispatcher> m_dispatcher; ///< null: nothing is dispatched
    RunSignals m_signals;
    UniqueFd m_notify;
    bool m_terminated = false;
    bool m_abandoned = false;
};

Result<std::unique_ptr<Coordinator>> Coordinator::create(const WorkloadSpec& spec, const WorkloadOptions& options)
{
    const auto instances = static_cast<std::size_t>(spec.instances());
    std::size_t births = 0;
    for (const TaskSpec& task : spec.tasks) {
        births += task.births() * static_cast<std::size_t>(task.instances);
    }
    auto arena = SharedArena::create(SharedArena::bytesFor<RunControl>(1) + SharedArena::bytesFor<Birth>(births)
        + SharedArena::bytesFor<TaskState>(instances)
        + SharedArena::bytesFor<IncrementCount>(instances * spec.counters.size()) + Resources::arenaBytes(spec));
    if (!arena) {
        return tl::unexpected<Error>(arena.error());
    }
    std::unique_ptr<Coordinator> made(new Coordinator(spec, options, std::move(*arena)));
    if (auto prepared = made->prepare(); !prepared) {
        return tl::unexpected<Error>(prepared.error());
    }
    return made;
}

Result<void> Coordinator::prepare()
{
    m_control = m_arena.make<RunControl>();
    m_control->threadLimit = m_options.threadLimit;
    auto resources = Resources::create(m_spec, m_arena, m_options.channel);
    if (!resources) {
        return tl::unexpected<Error>(resources.error());
    }
    m_resources = std::move(*resources);
    m_notify.reset(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!m_notify) {
        return failErrno("cannot make an event descriptor for the workload", errno);
    }
    auto taskgroups = Taskgroups::create(m_spec, m_options.made);
    if (!taskgroups) {
        return tl::unexpected<Error>(taskgroups.error());
    }
    m_taskgroups = std::move(*taskgroups);
    m_forks = std::make_unique<ForkedTasks>(m_spec, *m_control);
    m_gils.resize(m_spec.gils.size());
    for (const TaskSpec& task : m_spec.tasks) {
        if (task.gil && !task.process && !m_gils[*task.gil]) {
            auto gil = m_resources.makeGil(m_spec.gils[*task.gil]);
            if (!gil) {
                return tl::unexpected<Error>(gil.error());
            }
            m_gils[*task.gil] = std::move(*gil);
        }
    }
    for (const TaskSpec& task : m_spec.tasks) {
        for (int instance = 0; instance < task.instances; ++instance) {
            Member member;
            member.process = task.process;
            TaskPlan& plan = member.plan;
            plan.workload = &m_spec;
            plan.task = &task;
            plan.name = task.instanceName(instance);
            plan.index = static_cast<int>(m_members.size());
            plan.resources = &m_resources;
            plan.control = m_control;
            plan.forks = m_forks.get();
            plan.state = m_arena.make<TaskState>();
            for (std::size_t counter = 0; counter < m_spec.counters.size(); ++counter) {
                plan.increments.push_back(m_arena.make<IncrementCount>());
            }
            for (std::uint64_t birth = 0; birth < task.births(); ++birth) {
                plan.births.push_back(m_arena.make<Birth>());
            }
            plan.gil = task.gil && !task.process ? m_gils[*task.gil].get() : nullptr;
            plan.channel = m_options.channel;
            plan.notifyFd = m_notify.get();
            plan.iterationsPerUs = m_options.iterationsPerUs;
            plan.selfStamp = m_options.selfStamp;
            plan.stepPage = m_options.stepPage;
            m_members.push_back(std::move(member));
        }
    }
    if (m_spec.dispatch) {
        if (auto prepared = prepareDispatch(); !prepared) {
            return prepared;
        }
    }
    return m_signals.take();
}

Result<void> Coordinator::prepareDispatch()
{
    Dispatcher::Setting setting;
    setting.control = m_control;
    setting.channel = m_options.channel;
    setting.iterationsPerUs = m_options.iterationsPerUs;
    setting.cpus = m_spec.tasks.front().cpus;
    for (const Member& member : m_members) {
        setting.states.push_back(member.plan.state);
    }
    auto dispatcher = Dispatcher::create(*m_spec.dispatch, std::move(setting));
    if (!dispatcher) {
        return tl::unexpected<Error>(dispatcher.error());
    }
    m_dispatcher = std::move(*dispatcher);
    for (Member& member : m_members) {
        member.plan.dispatcher = m_dispatcher.get();
        member.plan.selfStamp &= !m_dispatcher->byCalculation(); // it is not on a core when it says that it is
    }
    return {};
}

Result<void> Coordinator::startAll()
{
    // Processes first: a fork of a process that has threads would copy whatever lock a thread held.
    for (const bool process : {true, false}) {
        for (Member& member : m_members) {
            if (member.process != process) {
                continue;
            }
            if (!takeThreadAllowance(*m_control)) {
                return fail("the workload has more than the " + std::to_string(m_options.threadLimit)
                    + " threads and processes that this run may have");
            }
            if (auto started = process ? startProcess(member) : startThread(member); !started) {
                return started;
            }
            member.started = true;
        }
    }
    return m_dispatcher ? m_dispatcher->start() : Result<void>();
}

Result<void> Coordinator::startProcess(Member& member)
{
    const Pid parent = getpid();
    const Pid pid = fork();
    if (pid < 0) {
        return failErrno("cannot start the process " + member.plan.name, errno);
    }
    if (pid == 0) {
        beProcess(member, parent);
    }
    member.pid = pid;
    return {};
}

void Coordinator::beProcess(Member& member, Pid parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL); // it must not outlive the worker
    if (getppid() != parent) {
        _exit(1);
    }
    m_signals.giveBackInChild();
    TaskPlan& plan = member.plan;
    std::unique_ptr<Gil> gil;
    if (plan.task->gil) {
        auto made = m_resources.makeGil(m_spec.gils[*plan.task->gil]);
        if (!made) {
            plan.state->setError(made.error());
            plan.state->phase.store(TaskPhase::Failed, std::memory_order_release);
            _exit(1); // the coordinator hears of it by SIGCHLD
        }
        gil = std::move(*made);
        plan.gil = gil.get();
    }
    runTask(plan);
    _exit(0);
}

Result<void> Coordinator::startThread(Member& member)
{
    const auto entry = [](void* plan) -> void* {
        runTask(*static_cast<const TaskPlan*>(plan));
        return nullptr;
    };
    if (const int error = timeslice::startThread(member.thread, entry, &member.plan); error != 0) {
        return failErrno("cannot start the thread " + member.plan.name, error);
    }
    return {};
}

/// Waits until a task says something, a child dies, SIGTERM comes or the time is over; then brings m_members up to
/// date.
void Coordinator::watch(int timeoutMs)
{
    pollfd sources[] = {{m_notify.get(), POLLIN, 0}, {m_signals.fd(), POLLIN, 0}};
    poll(sources, 2, timeoutMs);
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t ignored = read(m_notify.get(), &count, sizeof count); // only empties it
    m_terminated |= m_signals.drain();
    for (Member& member : m_members) {
        if (member.pid != 0) {
            reap(member, WNOHANG);
        }
        const TaskPhase phase = member.plan.state->phase.load(std::memory_order_acquire);
        member.gone |= phase == TaskPhase::Ended || phase == TaskPhase::Failed;
    }
    m_forksGone = m_forks->join(); // after the members: who has ended forks nothing more
}

void Coordinator::reap(Member& member, int options)
{
    int status = 0;
    rusage used{};
    Pid waited = 0;
    do {
        waited = wait4(member.pid, &status, options, &used);
    } while (waited < 0 && errno == EINTR);
    if (waited == 0) {
        return;
    }
    const Pid pid = std::exchange(member.pid, 0);
    EventWriter::current().record(EventKind::ProcessReaped, 0, Reaping{pid, status}.bits());
    TaskState& state = *member.plan.state;
    const TaskPhase phase = state.phase.load(std::memory_order_acquire);
    member.gone = true;
    if (phase == TaskPhase::Ended || phase == TaskPhase::Failed) {
        return;
    }
    // It vanished in the middle: what it used is in the kernel's account, and when it ended is about now.
    if (phase == TaskPhase::Running) {
        const Nanos total = toNanos(used.ru_utime) + toNanos(used.ru_stime);
        const Nanos before = state.cpuBegin.load(std::memory_order_relaxed);
        state.cpuTime.store(std::max<Nanos>(total - before, 0), std::memory_order_relaxed);
        state.endedAt.store(monotonicNow(), std::memory_order_relaxed);
    }
    if (!m_control->stop.load(std::memory_order_relaxed) && !m_terminated) {
        m_deaths.push_back(
            {member.plan.name, pid, describeDeath(status), state.crashing.load(std::memory_order_acquire)});
    }
}

/// Asks every task to end; ends the processes that do not; leaves the threads that do not.
void Coordinator::stopAll()
{
    m_control->stop.store(true, std::memory_order_relaxed);
    m_control->gate.open();
    if (m_dispatcher) {
        m_dispatcher->stop();
    }
    const Nanos deadline = monotonicNow() + m_options.stopGrace;
    while (!allGone() && monotonicNow() < deadline) {
        // Again and again: a task may have looked at `stop` just before, and begin to sleep just after.
        wakeWaiters();
        for (const Member& member : m_members) {
            if (member.gone || !member.started) {
                continue;
            }
            if (!member.process) {
                pthread_kill(member.thread, wakeSignal());
            } else if (member.pid != 0) {
                kill(member.pid, wakeSignal());
            }
        }
        constexpr int kBetweenMs = 5;
        watch(kBetweenMs);
    }
    for (Member& member : m_members) {
        if (member.pid != 0 && !member.gone) {
            kill(member.pid, SIGKILL);
            reap(member, 0);
        }
        m_abandoned |= member.started && !member.process && !member.gone;
    }
    m_abandoned |= !m_forksGone;
}

/// Those who wait for a condition, which no signal interrupts, find that they are to end. Not processes: one that was
/// killed while it waited would be waited for in the broadcast, and they can be killed.
void Coordinator::wakeWaiters()
{
    for (std::size_t i = 0; i < m_spec.conditions.size(); ++i) {
        if (!m_spec.conditions[i].betweenProcesses) {
            pthread_cond_broadcast(&m_resources.conditions[i]->condition);
        }
    }
    m_forks->wakeAll();
}

bool Coordinator::allReady() const
{
    return std::all_of(m_members.begin(), m_members.end(), [](const Member& member) {
        return member.plan.state->phase.load(std::memory_order_acquire) == TaskPhase::Ready;
    });
}

bool Coordinator::allGone() const
{
    return m_forksGone && std::all_of(m_members.begin(), m_members.end(), [](const Member& member) {
        return member.gone || !member.started;
    });
}

bool Coordinator::workIsOver() const
{
    return m_spec.duration > 0
        && monotonicNow() - m_control->workBegin.load(std::memory_order_relaxed) >= m_spec.duration;
}

bool Coordinator::anyFailed() const
{
    return m_forks->anyFailed() || std::any_of(m_members.begin(), m_members.end(), [](const Member& member) {
        return member.plan.state->phase.load(std::memory_order_acquire) == TaskPhase::Failed;
    });
}

void Coordinator::joinThreads()
{
    if (m_dispatcher) {
        m_dispatcher->stop(); // all have ended; or they are not to wait any longer
        m_dispatcher->join();
    }
    for (Member& member : m_members) {
        if (member.started && !member.process && member.gone) {
            pthread_join(member.thread, nullptr);
            member.started = false;
        }
        if (member.pid != 0) { // Ended, and about to leave
            reap(member, 0);
        }
    }
}

Result<WorkloadResult> Coordinator::run()
{
    if (m_options.channel != nullptr) {
        EventWriter::attachThread(*m_options.channel, "timeslice-worker", true);
    }
    EventWriter& writer = EventWriter::current();
    if (auto started = startAll(); !started) {
        stopAll();
        joinThreads();
        return tl::unexpected<Error>(started.error());
    }
    constexpr int kForever = -1;
    const auto somethingWrong = [this] { return m_terminated || anyFailed(); };
    while (!allReady() && !somethingWrong() && m_deaths.empty()) {
        watch(kForever);
    }
    const bool ready = allReady();
    if (ready) {
        const Nanos begin = monotonicNow();
        m_control->workBegin.store(begin, std::memory_order_relaxed);
        writer.recordAt(begin, EventKind::WorkBegin);
        m_control->gate.open();
        while (!allGone() && !somethingWrong() && !workIsOver()) {
            watch(m_spec.duration > 0 ? millisUntil(begin + m_spec.duration) : kForever);
        }
    }
    if (!allGone() || !ready) {
        stopAll();
    }
    joinThreads();
    WorkloadResult result = collect();
    if (ready) {
        writer.recordAt(m_control->workBegin.load(std::memory_order_relaxed) + result.wall, EventKind::WorkEnd);
    }
    EventWriter::detachThread();
    return result;
}

WorkloadResult Coordinator::collect() const
{
    WorkloadResult result;
    result.iterationsPerUs = m_options.iterationsPerUs;
    result.abandonedThreads = m_abandoned;
    result.deaths = m_deaths;
    const Nanos begin = m_control->workBegin.load(std::memory_order_relaxed);
    Nanos end = begin;
    const auto collectTask = [&](const TaskPlan& plan, pthread_t thread, bool threadIsThere) {
        const TaskState& state = *plan.state;
        const TaskPhase phase = state.phase.load(std::memory_order_acquire);
        TaskOutcome task{state.tid.load(std::memory_order_relaxed), state.pid.load(std::memory_order_relaxed),
            plan.name, state.cpuTime.load(std::memory_order_relaxed), state.iterations.load(std::memory_order_relaxed)};
        const bool leftBehind = phase == TaskPhase::Running && threadIsThere;
        if (leftBehind) {
            clockid_t clock{};
            timespec used{};
            if (pthread_getcpuclockid(thread, &clock) == 0 && clock_gettime(clock, &used) == 0) {
                task.cpuTime =
                    Nanos{used.tv_sec} * kSecond + used.tv_nsec - state.cpuBegin.load(std::memory_order_relaxed);
            }
        }
        end = std::max(end, leftBehind ? monotonicNow() : state.endedAt.load(std::memory_order_relaxed));
        result.cpu += task.cpuTime;
        result.tasks.push_back(std::move(task));
        if (phase == TaskPhase::Failed) {
            if (result.errors.empty()) {
                result.errorKind = state.errorKind;
            }
            result.errors.emplace_back(state.error);
        }
    };
    for (const Member& member : m_members) {
        collectTask(member.plan, member.thread, member.started && !member.process);
    }
    m_forks->forEach([&](const ForkedTask& task) { collectTask(task.plan, task.thread, !task.gone); });
    if (m_dispatcher && m_dispatcher->byCalculation() && begin != 0) {
        end = std::min(end, begin + m_dispatcher->closedFormSchedule().length); // not when the last had woken up
    }
    result.wall = begin == 0 ? 0 : end - begin;
    for (const ProcessDeath& death : m_deaths) {
        if (!death.intended) {
            result.errors.push_back(death.name + " (process " + std::to_string(death.pid) + ") was " + death.how);
        }
    }
    for (std::size_t i = 0; i < m_spec.counters.size(); ++i) {
        if (m_spec.stepped && m_spec.stepped->counter == i) {
            continue; // it ends as often as there are orders, and those are counted
        }
        CounterOutcome counter{m_spec.counters[i].name, m_spec.counters[i].initial,
            m_resources.counters[i]->value.load(std::memory_order_relaxed)};
        for (const Member& member : m_members) {
            counter.expected +=
                static_cast<std::int64_t>(member.plan.increments[i]->done.load(std::memory_order_relaxed));
        }
        result.counters.push_back(std::move(counter));
    }
    for (std::size_t i = 0; i < m_spec.litmusTests.size(); ++i) {
        result.litmusTests.push_back({m_spec.litmusTests[i].name, m_resources.litmusTests[i]->counts()});
    }
    if (m_dispatcher && begin != 0) {
        result.dispatch = m_dispatcher->outcome();
    }
    if (m_spec.stepped && m_options.stepPage == nullptr) {
        result.schedules = ScheduleOutcomes{m_resources.stepBoard->outcomes(), m_spec.stepped->job.right()};
    }
    std::vector<const Birth*> births;
    for (const Member& member : m_members) {
        const auto over = static_cast<std::ptrdiff_t>(member.plan.state->births.load(std::memory_order_acquire));
        births.insert(births.end(), member.plan.births.begin(), member.plan.births.begin() + over);
    }
    result.births = birthTimes(births);
    for (const SharedFile& file : m_resources.files) {
        if (!file.directory.empty()) {
            result.fileDirectories.push_back(file.directory);
        }
    }
    result.end = !result.errors.empty() ? WorkloadResult::End::Failed
        : m_terminated                  ? WorkloadResult::End::Stopped
                                        : WorkloadResult::End::Done;
    return result;
}

} // namespace

Result<WorkloadResult> runWorkload(const WorkloadSpec& spec, const WorkloadOptions& options)
{
    assert(options.iterationsPerUs > 0);
    auto coordinator = Coordinator::create(spec, options);
    if (!coordinator) {
        return tl::unexpected<Error>(coordinator.error());
    }
    auto result = (*coordinator)->run();
    if ((*coordinator)->abandoned()) {
        // A thread that waits for a lock for ever cannot be ended; what it uses must stay.
        [[maybe_unused]] const Coordinator* left = coordinator->release();
    }
    return result;
}

} // namespace timeslice
