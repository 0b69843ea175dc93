#include "core/workload/task_runner.h"

#include "core/record/event_writer.h"
#include "core/workload/compute_kernel.h"
#include "core/workload/misbehaviour.h"
#include "core/workload/task_scheduling.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

namespace timeslice {

namespace {

Nanos threadCpuTime() noexcept
{
    timespec ts{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return Nanos{ts.tv_sec} * kSecond + ts.tv_nsec;
}

void notify(int fd) noexcept
{
    const std::uint64_t one = 1;
    while (write(fd, &one, sizeof one) < 0 && errno == EINTR) { }
}

class TaskRunner {
public:
    explicit TaskRunner(const TaskPlan& plan)
        : m_plan(plan)
        , m_writer(EventWriter::current())
        , m_control(*plan.control)
        , m_gil(plan.gil)
        , m_stamp(plan.selfStamp, plan.iterationsPerUs)
        , m_held(plan.workload->mutexes.size(), 0)
        , m_filePosition(plan.workload->files.size(), 0)
        , m_spawned(m_control)
    {
    }

    /// Everything between the gate and the end.
    Result<void> run();

private:
    /// While it lives, the task may be off the core: it lets go of the GIL and says what it waits for.
    class Waiting {
    public:
        enum class Certainty : unsigned char { Surely, Perhaps };

        Waiting(TaskRunner& runner, WaitKind kind, Certainty certainty, ObjectId object = 0) noexcept
            : m_runner(runner)
            , m_kind(kind)
            , m_certainty(certainty)
            , m_object(object)
        {
            m_runner.releaseGil();
            m_runner.m_writer.record(EventKind::WaitBegin, m_object, static_cast<std::uint64_t>(m_kind));
            if (m_certainty == Certainty::Surely) {
                m_runner.m_stamp.leave();
            } else {
                m_runner.m_stamp.look();
            }
        }
        ~Waiting()
        {
            if (m_certainty == Certainty::Surely) {
                m_runner.m_stamp.enter();
            } else {
                m_runner.m_stamp.look();
            }
            m_runner.m_writer.record(EventKind::WaitEnd, m_object, static_cast<std::uint64_t>(m_kind));
            m_runner.acquireGil();
        }
        Waiting(const Waiting&) = delete;
        Waiting& operator=(const Waiting&) = delete;

    private:
        TaskRunner& m_runner;
        WaitKind m_kind;
        Certainty m_certainty;
        ObjectId m_object;
    };
    using Certainty = Waiting::Certainty;

    bool stopping() const noexcept { return m_control.stop.load(std::memory_order_relaxed); }
    void acquireGil() noexcept
    {
        if (m_gil != nullptr) {
            m_stamp.look();
            m_gil->acquire();
            m_stamp.look();
        }
    }
    void releaseGil() noexcept
    {
        if (m_gil != nullptr) {
            m_gil->release();
        }
    }
    /// Between two chunks of work.
    void betweenChunks() noexcept
    {
        if (m_gil != nullptr) {
            m_gil->check();
        }
        m_stamp.tick();
    }

    Result<void> runPhases();
    void sleepUntil(Nanos time) noexcept;
    void take(std::size_t mutex) noexcept;
    template <class Update> void incrementBy(std::uint64_t times, std::atomic<std::uint64_t>& done, Update update);
    Certainty certaintyOf(int fd, short events) const noexcept;
    Result<void> transfer(int fd, std::size_t bytes, bool write);
    off_t nextFileOffset(std::size_t file, std::size_t bytes) noexcept;
    char* buffer(std::size_t bytes);

    Result<void> perform(const step::Run& run);
    Result<void> perform(const step::RunFor& run);
    Result<void> perform(const step::Sleep& sleep);
    Result<void> perform(const step::Timer& timer);
    Result<void> perform(const step::Lock& lock);
    Result<void> perform(const step::Unlock& unlock);
    Result<void> perform(const step::Wait& wait);
    Result<void> perform(const step::Signal& signal);
    Result<void> perform(const step::Barrier& barrier);
    Result<void> perform(const step::Increment& increment);
    Result<void> perform(const step::Write& write);
    Result<void> perform(const step::Read& read);
    Result<void> perform(const step::Send& send);
    Result<void> perform(const step::Receive& receive);
    Result<void> perform(const step::Yield& yield);
    Result<void> perform(const step::Mark& mark);
    Result<void> perform(const step::Crash& crash);
    Result<void> perform(const step::Allocate& allocate);
    Result<void> perform(const step::Spawn& spawn);

    const TaskPlan& m_plan;
    EventWriter& m_writer;
    RunControl& m_control;
    Gil* m_gil;
    CoreStamp m_stamp;
    std::uint64_t m_computed = kFirstState;
    std::vector<std::uint32_t> m_held; ///< by mutex: how often this task holds it
    std::vector<std::size_t> m_filePosition; ///< by file: within the task's region
    std::vector<char> m_buffer;
    std::vector<TouchedMemory> m_memory;
    Spawned m_spawned;
};

Result<void> TaskRunner::run()
{
    m_stamp.begin();
    if (m_plan.task->delay > 0) {
        // Before the first GIL: a Python thread that starts late is not yet in the interpreter.
        const Nanos until = m_control.workBegin.load(std::memory_order_relaxed) + m_plan.task->delay;
        m_writer.record(EventKind::WaitBegin, 0, static_cast<std::uint64_t>(WaitKind::Sleep));
        m_stamp.leave();
        sleepUntil(until);
        m_stamp.enter();
        m_writer.record(EventKind::WaitEnd, 0, static_cast<std::uint64_t>(WaitKind::Sleep));
    }
    acquireGil();
    Result<void> outcome = runPhases();
    if (m_gil != nullptr) {
        m_gil->releaseAtExit();
    }
    m_stamp.end();
    return outcome;
}

Result<void> TaskRunner::runPhases()
{
    for (std::uint64_t round = 0; round < m_plan.task->loop; ++round) {
        for (const PhaseSpec& phase : m_plan.task->phases) {
            for (std::uint64_t turn = 0; turn < phase.loop; ++turn) {
                for (std::size_t i = 0; i < phase.steps.size(); ++i) {
                    if (stopping()) {
                        return {};
                    }
                    const Result<void> done =
                        std::visit([this](const auto& step) { return perform(step); }, phase.steps[i]);
                    if (!done) {
                        return fail(
                            m_plan.name + " (" + phase.path + "/" + std::to_string(i) + "): " + done.error().message,
                            done.error().kind);
                    }
                }
            }
        }
    }
    return {};
}

Result<void> TaskRunner::perform(const step::Run& run)
{
    const std::uint64_t all = iterationsFor(run.cpuTime, m_plan.iterationsPerUs);
    std::uint64_t left = all;
    while (left > 0 && !stopping()) {
        const std::uint64_t chunk = std::min(left, kChunkIterations);
        m_computed = compute(m_computed, chunk);
        left -= chunk;
        betweenChunks();
    }
    m_plan.state->iterations.fetch_add(all - left, std::memory_order_relaxed);
    return {};
}

Result<void> TaskRunner::perform(const step::RunFor& run)
{
    const Nanos end = monotonicNow() + run.wallTime;
    std::uint64_t done = 0;
    while (monotonicNow() < end && !stopping()) {
        m_computed = compute(m_computed, kChunkIterations);
        done += kChunkIterations;
        betweenChunks();
    }
    m_plan.state->iterations.fetch_add(done, std::memory_order_relaxed);
    return {};
}

void TaskRunner::sleepUntil(Nanos time) noexcept
{
    const timespec until{.tv_sec = static_cast<time_t>(time / kSecond), .tv_nsec = static_cast<long>(time % kSecond)};
    while (!stopping() && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) { }
}

Result<void> TaskRunner::perform(const step::Sleep& sleep)
{
    const Nanos until = monotonicNow() + sleep.length;
    const Waiting waiting(*this, WaitKind::Sleep, Certainty::Surely);
    sleepUntil(until);
    return {};
}

Result<void> TaskRunner::perform(const step::Timer& timer)
{
    const Nanos begin = m_control.workBegin.load(std::memory_order_relaxed);
    const Nanos due = begin + ((monotonicNow() - begin) / timer.period + 1) * timer.period;
    {
        const Waiting waiting(*this, WaitKind::Sleep, Certainty::Surely);
        sleepUntil(due);
    }
    // After the GIL is back: the delay that the task's next line sees.
    if (const Nanos late = monotonicNow() - due; late >= 0) {
        m_writer.record(EventKind::Latency, 0, static_cast<std::uint64_t>(late));
    }
    return {};
}

/// As CPython takes a threading.Lock: tries first, and lets go of the GIL only if it has to wait.
void TaskRunner::take(std::size_t index) noexcept
{
    RecordedMutex& mutex = *m_plan.resources->mutexes[index];
    if (m_gil == nullptr && !m_plan.selfStamp) {
        mutex.lock();
    } else if (!mutex.try_lock()) {
        releaseGil();
        m_stamp.leave();
        mutex.lock();
        m_stamp.enter();
        acquireGil();
    }
    ++m_held[index];
}

Result<void> TaskRunner::perform(const step::Lock& lock)
{
    take(lock.mutex);
    return {};
}

Result<void> TaskRunner::perform(const step::Unlock& unlock)
{
    if (m_held[unlock.mutex] == 0) { // the reader looks at one pass only; loops can still get here
        return fail(
            "unlocks '" + m_plan.workload->mutexes[unlock.mutex].name + "', which it does not hold", ErrorKind::Usage);
    }
    --m_held[unlock.mutex];
    m_plan.resources->mutexes[unlock.mutex]->unlock();
    return {};
}

Result<void> TaskRunner::perform(const step::Wait& wait)
{
    if (m_held[wait.mutex] == 0) {
        return fail(
            "waits with '" + m_plan.workload->mutexes[wait.mutex].name + "', which it does not hold", ErrorKind::Usage);
    }
    SharedCondition& condition = *m_plan.resources->conditions[wait.condition];
    const Waiting waiting(*this, WaitKind::Condition, Certainty::Surely, condition.id);
    m_plan.resources->mutexes[wait.mutex]->waitOn(condition.condition);
    return {};
}

Result<void> TaskRunner::perform(const step::Signal& signal)
{
    pthread_cond_t& condition = m_plan.resources->conditions[signal.condition]->condition;
    if (signal.everyWaiter) {
        pthread_cond_broadcast(&condition);
    } else {
        pthread_cond_signal(&condition);
    }
    return {};
}

Result<void> TaskRunner::perform(const step::Barrier& barrier)
{
    SharedBarrier& shared = *m_plan.resources->barriers[barrier.barrier];
    const Waiting waiting(*this, WaitKind::Barrier, Certainty::Surely, shared.id);
    pthread_barrier_wait(&shared.barrier);
    return {};
}

template <class Update>
void TaskRunner::incrementBy(std::uint64_t times, std::atomic<std::uint64_t>& done, Update update)
{
    constexpr std::uint64_t kPerTick = 64; // a few microseconds at most, like a chunk
    std::uint64_t count = done.load(std::memory_order_relaxed);
    for (std::uint64_t i = 0; i < times; ++i) {
        update();
        done.store(++count, std::memory_order_relaxed);
        if (m_gil != nullptr) {
            m_gil->check(); // between two updates, never within one: CPython's `c += 1` since 3.10
        }
        if (i % kPerTick == 0) {
            m_stamp.tick();
            if (stopping()) {
                return;
            }
        }
    }
}

Result<void> TaskRunner::perform(const step::Increment& increment)
{
    using How = step::Increment::How;
    SharedCounter& counter = *m_plan.resources->counters[increment.counter];
    std::atomic<std::uint64_t>& done = m_plan.increments[increment.counter]->done;
    const ObjectId id = counter.id;
    // Each access is stamped right after it happened. The empty asm keeps load, add and store three instructions:
    // fused into one they would still lose updates, but no longer be the program that the lesson shows.
    const auto loadAddStore = [&] {
        std::int64_t value = counter.value.load(std::memory_order_relaxed);
        asm volatile("" : "+r"(value));
        ++value;
        asm volatile("" : "+r"(value));
        counter.value.store(value, std::memory_order_relaxed);
    };
    const auto recordedLoadAddStore = [&] {
        const std::int64_t value = counter.value.load(std::memory_order_relaxed);
        m_writer.record(EventKind::CounterLoad, id, static_cast<std::uint64_t>(value));
        counter.value.store(value + 1, std::memory_order_relaxed);
        m_writer.record(EventKind::CounterStore, id, static_cast<std::uint64_t>(value + 1));
    };
    switch (increment.how) {
    case How::Plain:
        if (increment.record) {
            incrementBy(increment.times, done, recordedLoadAddStore);
        } else {
            incrementBy(increment.times, done, loadAddStore);
        }
        break;
    case How::Atomic:
        incrementBy(increment.times, done, [&] {
            const std::int64_t value = counter.value.fetch_add(1, std::memory_order_relaxed);
            if (increment.record) { // one indivisible access, so one moment for both
                const Nanos now = monotonicNow();
                m_writer.recordAt(now, EventKind::CounterLoad, id, static_cast<std::uint64_t>(value));
                m_writer.recordAt(now, EventKind::CounterStore, id, static_cast<std::uint64_t>(value + 1));
            }
        });
        break;
    case How::Mutex:
        incrementBy(increment.times, done, [&] {
            take(increment.mutex);
            if (increment.record) {
                recordedLoadAddStore();
            } else {
                loadAddStore();
            }
            --m_held[increment.mutex];
            m_plan.resources->mutexes[increment.mutex]->unlock();
        });
        break;
    }
    return {};
}

char* TaskRunner::buffer(std::size_t bytes)
{
    if (m_buffer.size() < bytes) {
        m_buffer.resize(bytes, 'x');
    }
    return m_buffer.data();
}

off_t TaskRunner::nextFileOffset(std::size_t file, std::size_t bytes) noexcept
{
    const std::size_t region = m_plan.resources->files[file].regionBytes;
    std::size_t& position = m_filePosition[file];
    if (position + bytes > region) {
        position = 0;
    }
    const std::size_t offset = region * static_cast<std::size_t>(m_plan.index) + position;
    position += bytes;
    return static_cast<off_t>(offset);
}

Result<void> TaskRunner::perform(const step::Write& write)
{
    const SharedFile& file = m_plan.resources->files[write.file];
    const char* bytes = buffer(write.bytes);
    const off_t offset = nextFileOffset(write.file, write.bytes);
    const Waiting waiting(*this, WaitKind::FileIo, write.sync ? Certainty::Surely : Certainty::Perhaps);
    for (std::size_t done = 0; done < write.bytes && !stopping();) {
        const ssize_t written =
            pwrite(file.fd.get(), bytes + done, write.bytes - done, offset + static_cast<off_t>(done));
        if (written < 0 && errno != EINTR) {
            return failErrno("cannot write to a temporary file in " + file.directory, errno);
        }
        done += written > 0 ? static_cast<std::size_t>(written) : 0;
    }
    if (write.sync && fdatasync(file.fd.get()) != 0 && errno != EINTR && errno != EINVAL) {
        return failErrno("cannot flush a temporary file in " + file.directory, errno);
    }
    return {};
}

Result<void> TaskRunner::perform(const step::Read& read)
{
    const SharedFile& file = m_plan.resources->files[read.file];
    char* bytes = buffer(read.bytes);
    const off_t offset = nextFileOffset(read.file, read.bytes);
    const Waiting waiting(*this, WaitKind::FileIo, Certainty::Surely);
    // From the device and not from memory, else it would be no I/O.
    posix_fadvise(file.fd.get(), offset, static_cast<off_t>(read.bytes), POSIX_FADV_DONTNEED);
    for (std::size_t done = 0; done < read.bytes && !stopping();) {
        const ssize_t got = pread(file.fd.get(), bytes + done, read.bytes - done, offset + static_cast<off_t>(done));
        if (got == 0) {
            return fail("a temporary file in " + file.directory + " is shorter than what was written to it");
        }
        if (got < 0 && errno != EINTR) {
            return failErrno("cannot read a temporary file in " + file.directory, errno);
        }
        done += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    return {};
}

TaskRunner::Certainty TaskRunner::certaintyOf(int fd, short events) const noexcept
{
    if (!m_plan.selfStamp) {
        return Certainty::Perhaps; // only the stamp wants to know
    }
    pollfd look{.fd = fd, .events = events, .revents = 0};
    return poll(&look, 1, 0) == 0 ? Certainty::Surely : Certainty::Perhaps;
}

Result<void> TaskRunner::transfer(int fd, std::size_t bytes, bool write)
{
    char* memory = buffer(bytes);
    const Waiting waiting(*this, WaitKind::PipeIo, certaintyOf(fd, write ? POLLOUT : POLLIN));
    for (std::size_t done = 0; done < bytes && !stopping();) {
        const ssize_t moved =
            write ? ::write(fd, memory + done, bytes - done) : ::read(fd, memory + done, bytes - done);
        if (moved < 0 && errno != EINTR) {
            return failErrno(write ? "cannot write to a pipe" : "cannot read from a pipe", errno);
        }
        done += moved > 0 ? static_cast<std::size_t>(moved) : 0;
    }
    return {};
}

Result<void> TaskRunner::perform(const step::Send& send)
{
    return transfer(m_plan.resources->pipes[send.pipe].writeEnd.get(), send.bytes, true);
}

Result<void> TaskRunner::perform(const step::Receive& receive)
{
    return transfer(m_plan.resources->pipes[receive.pipe].readEnd.get(), receive.bytes, false);
}

Result<void> TaskRunner::perform(const step::Yield&)
{
    releaseGil();
    m_stamp.look();
    sched_yield();
    m_stamp.look();
    acquireGil();
    return {};
}

Result<void> TaskRunner::perform(const step::Mark& mark)
{
    m_writer.record(EventKind::Mark, m_plan.resources->marks[mark.mark]);
    return {};
}

Result<void> TaskRunner::perform(const step::Crash& crashStep)
{
    m_plan.state->crashing.store(true, std::memory_order_release);
    crash(crashStep.how);
}

Result<void> TaskRunner::perform(const step::Allocate& allocate)
{
    auto memory = TouchedMemory::allocate(allocate.megabytes, [this] {
        betweenChunks();
        return !stopping();
    });
    if (!memory) {
        return tl::unexpected<Error>(memory.error());
    }
    m_memory.push_back(std::move(*memory)); // kept until the task ends
    return {};
}

Result<void> TaskRunner::perform(const step::Spawn& spawn)
{
    return m_spawned.spawn(spawn.processes, spawn.count);
}

void announce(const TaskPlan& plan)
{
    constexpr std::size_t kKernelNameBytes = 15;
    pthread_setname_np(pthread_self(), plan.name.substr(0, kKernelNameBytes).c_str());
    if (plan.channel != nullptr) {
        EventWriter::attachThread(*plan.channel, plan.name);
    }
    plan.state->tid.store(gettid(), std::memory_order_relaxed);
    plan.state->pid.store(getpid(), std::memory_order_relaxed);
}

void moveTo(const TaskPlan& plan, TaskPhase phase) noexcept
{
    plan.state->phase.store(phase, std::memory_order_release);
    notify(plan.notifyFd);
}

} // namespace

int wakeSignal() noexcept
{
    return SIGRTMIN;
}

void runTask(const TaskPlan& plan)
{
    announce(plan);
    EventWriter& writer = EventWriter::current();
    if (plan.selfStamp) { // no kernel record tells of it
        writer.record(EventKind::ThreadBorn);
    }
    Result<void> outcome = applyScheduling(*plan.task);
    if (!outcome) {
        outcome = fail(plan.name + ": " + outcome.error().message, outcome.error().kind);
    } else {
        moveTo(plan, TaskPhase::Ready);
        plan.control->gate.wait();
        const Nanos cpuBegin = threadCpuTime();
        plan.state->cpuBegin.store(cpuBegin, std::memory_order_relaxed);
        plan.state->phase.store(TaskPhase::Running, std::memory_order_release);
        if (!plan.control->stop.load(std::memory_order_relaxed)) {
            outcome = TaskRunner(plan).run();
        }
        plan.state->cpuTime.store(threadCpuTime() - cpuBegin, std::memory_order_relaxed);
        plan.state->endedAt.store(monotonicNow(), std::memory_order_relaxed);
    }
    if (plan.selfStamp) {
        writer.record(EventKind::ThreadExit);
    }
    EventWriter::detachThread();
    if (!outcome) {
        plan.state->setError(outcome.error());
    }
    moveTo(plan, outcome ? TaskPhase::Ended : TaskPhase::Failed);
}

} // namespace timeslice
