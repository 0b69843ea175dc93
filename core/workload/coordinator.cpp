#include "core/workload/coordinator.h"

#include "core/record/event_writer.h"
#include "core/workload/spawned.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <optional>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

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

} // namespace

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
            if (auto delayed = delay(member, task.delay); !delayed) {
                return delayed;
            }
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

Result<void> Coordinator::delay(Member& member, Nanos delay)
{
    if (delay <= 0) {
        return {};
    }
    auto timer = StartTimer::create(delay);
    if (!timer) {
        return tl::unexpected<Error>(timer.error());
    }
    member.startTimer = std::make_unique<StartTimer>(std::move(*timer));
    member.plan.startTimer = member.startTimer.get();
    return {};
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
    const DispatchSpec& told = m_dispatcher->spec();
    for (std::size_t i = 0; i < m_members.size(); ++i) {
        Member& member = m_members[i];
        member.plan.dispatcher = m_dispatcher.get();
        if (m_dispatcher->byCalculation()) {
            member.plan.selfStamp = false; // it is not on a core when it says that it is
            continue;
        }
        const Nanos arrival = told.jobs[static_cast<JobIndex>(i)].arrival;
        if (auto delayed = delay(member, told.until > 0 ? std::min(arrival, told.until) : arrival); !delayed) {
            return delayed;
        }
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
    }
    if (m_control->workBegin.load(std::memory_order_relaxed) != 0) { // or it had yet to begin
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
    for (const Member& member : m_members) {
        if (member.startTimer) {
            member.startTimer->goOff();
        }
    }
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
        writer.recordAt(begin, EventKind::WorkBegin, 0, static_cast<std::uint64_t>(WorkStart::Gate));
        for (const Member& member : m_members) {
            if (member.startTimer) {
                member.startTimer->set(begin);
            }
        }
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

} // namespace timeslice
