#include "core/session/stepping.h"

#include "core/base/clean_name.h"
#include "core/base/duration_text.h"
#include "core/base/json_out.h"
#include "core/base/readable.h"
#include "core/session/stepped_threads.h"
#include "core/session/worker_result.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <future>
#include <mutex>
#include <optional>
#include <pthread.h>
#include <sys/eventfd.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace timeslice {

namespace {

/// As ScenarioRun's: it is over well before that.
constexpr std::chrono::seconds kSteppingOverWithin{5};
/// A step takes microseconds; one that takes longer than this is a reason to look whether its thread is still there.
constexpr Nanos kLook = 20 * kMillisecond;
/// Whoever waits for a thread that has no core for so long is told so.
constexpr Nanos kLongestStep = 5 * kSecond;
/// The same until the first has answered: an interpreter takes its time on a machine that has other things to do.
constexpr Nanos kLongestStart = 20 * kSecond;
/// What the guard needs to tell that its process has ended.
constexpr Nanos kLastWord = 300 * kMillisecond;
/// Between two looks when nothing is to be done: an event wakes sooner.
constexpr Nanos kIdle = 60 * kSecond;
constexpr Nanos kProgressPeriod = 100 * kMillisecond;

/// An eventfd: readable from ring() until hush().
class Bell {
public:
    Bell()
        : m_fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
    {
    }
    int fd() const noexcept { return m_fd.get(); }
    explicit operator bool() const noexcept { return m_fd.valid(); }
    bool rings() const noexcept { return readable(fd()); }
    void ring() noexcept
    {
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t n = ::write(fd(), &one, sizeof one);
    }
    void hush() noexcept
    {
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t n = ::read(fd(), &count, sizeof count); // only empties it
    }

private:
    UniqueFd m_fd;
};

} // namespace

Result<SteppedSpec> steppedOf(const nlohmann::json& workload, const Limits& limits)
{
    Result<WorkloadSpec> spec = readWorkload(workload, WorkloadBounds{limits.threads, allowedCpus()});
    if (!spec) {
        return tl::unexpected(spec.error());
    }
    if (!spec->stepped) {
        return fail("no thread of this workload is stepped", ErrorKind::Usage);
    }
    return std::move(*spec->stepped);
}

Result<SteppedSpec> steppedOf(const VariantSpec& variant, const Limits& limits)
{
    return steppedOf(isPython(variant.engine) ? variant.python.stepped : variant.workload, limits);
}

/// Shared by its owner and its thread: whichever is the last to need it.
struct Stepping::Impl {
    SteppedSpec spec;
    std::unique_ptr<SteppedThreads> threads; ///< its thread's, once that runs
    Bell stop; ///< it is to end; is not hushed
    Bell wake; ///< there are orders
    Bell told; ///< there are updates
    std::mutex mutex; ///< of the next three
    std::optional<Schedule> wanted;
    bool wantsAll = false;
    std::vector<SteppingUpdate> updates;
    std::promise<void> over;
    std::thread runner;

    // The rest is the thread's.

    std::optional<WorkerProcess> process;
    Schedule taken;
    std::vector<StepTaken> history;
    bool anyAnswered = false; ///< a thread, once
    std::string ended; ///< why there is nothing more to step

    void tell(SteppingUpdate update)
    {
        {
            const std::lock_guard lock(mutex);
            updates.push_back(std::move(update));
        }
        told.ring();
    }

    void run()
    {
        if (const Result<void> begun = begin(); !begun) {
            ended = begun.error().message;
        } else if (rewind()) {
            if (!threads->texts().empty()) {
                tell(SteppingTexts{threads->texts()});
            }
            tell(SteppingAt{});
        }
        while (goOn()) {
            std::optional<Schedule> go;
            bool all = false;
            {
                const std::lock_guard lock(mutex);
                go = std::exchange(wanted, std::nullopt);
                all = std::exchange(wantsAll, false);
            }
            if (go) {
                if (goTo(*go)) {
                    tell(SteppingAt{history});
                }
            }
            if (all) {
                runEveryOrder();
            }
            if (!go && !all) {
                look(monotonicNow() + kIdle);
                wake.hush();
            }
        }
        process.reset(); // nothing of it is left
        if (!ended.empty() && !stop.rings()) {
            tell(SteppingEnded{ended});
        }
    }

    bool goOn() const { return ended.empty() && !stop.rings(); }

    Result<void> begin()
    {
        Result<WorkerProcess> started = threads->start(stop.fd());
        if (!started) {
            return tl::unexpected(started.error());
        }
        process.emplace(std::move(*started));
        process->release();
        return {};
    }

    /// Waits for news of the worker until the deadline, or until there are orders.
    void look(Nanos deadline)
    {
        const std::optional<ProcessEvent> event = process->waitEvent(deadline, {stop.fd(), wake.fd()});
        if (!event) {
            return;
        }
        switch (event->kind) {
        case ProcessEvent::Kind::Started:
        case ProcessEvent::Kind::Reaped:
        case ProcessEvent::Kind::Swept:
        case ProcessEvent::Kind::Stuck:
            break;
        case ProcessEvent::Kind::ExecFailed:
            ended = "The threads' process could not be started: " + std::string(std::strerror(event->value)) + ".";
            break;
        case ProcessEvent::Kind::Ended:
            ended = "The threads are gone: their process " + endOf(event->value) + ".";
            break;
        case ProcessEvent::Kind::GuardLost:
            ended = "The threads are gone: the process that guards theirs was killed.";
            break;
        }
    }

    std::string endOf(int status)
    {
        const std::string text = exitFromStatus(status, process->output()).text;
        return text.starts_with("killed") ? "was " + text : text;
    }

    /// False: it will not be; `ended` says why, or it is to stop.
    bool await(std::size_t thread)
    {
        const Nanos most = anyAnswered ? kLongestStep : kLongestStart;
        const Nanos deadline = monotonicNow() + most;
        while (!threads->waitUntilAnswered(thread, kLook)) {
            look(monotonicNow());
            if (!goOn()) {
                return false;
            }
            const Tid tid = threads->tid(thread);
            const bool gone = tid != 0 && !isThere(tid);
            if (gone || !threads->trouble().empty()) {
                if (!hearsOfTheEnd()) { // of all of them: the guard's word comes a little later
                    ended = gone ? cleanName(spec.names[thread])
                            + (threads->texts().empty() ? " is gone: it was" : " is gone: it has ended or was")
                            + " killed, and its step is not taken."
                                 : threads->trouble();
                }
                return false;
            }
            if (monotonicNow() > deadline) {
                ended = cleanName(spec.names[thread]) + " has not come back from its step for "
                    + toDurationText(most, " ") + ": it is stopped, or gets no core.";
                return false;
            }
        }
        anyAnswered = true;
        return true;
    }

    /// Whether the whole process is gone, or it is to stop.
    bool hearsOfTheEnd()
    {
        const Nanos deadline = monotonicNow() + kLastWord;
        while (goOn() && monotonicNow() < deadline) {
            look(std::min(deadline, monotonicNow() + kLook));
        }
        return !goOn();
    }

    bool isThere(Tid tid) const
    {
        std::error_code error;
        const std::string path = "/proc/" + std::to_string(process->pid()) + "/task/" + std::to_string(tid);
        return std::filesystem::exists(path, error) || error;
    }

    bool rewind()
    {
        taken.clear();
        history.clear();
        for (std::size_t thread = 0; thread < spec.names.size(); ++thread) {
            threads->give(thread, StepOrder::Rewind);
            if (!await(thread)) {
                return false;
            }
        }
        return true;
    }

    bool step(StepState& model, std::uint8_t thread)
    {
        const StepKind kind = *model.next(thread);
        model.step(thread);
        threads->give(thread, StepOrder::Step);
        if (!await(thread)) {
            return false;
        }
        taken.push_back(thread);
        history.push_back({thread, kind, threads->answer(thread)});
        return true;
    }

    /// `schedule` can be taken: go() has seen to it.
    bool goTo(const Schedule& schedule)
    {
        const bool ahead = taken.size() <= schedule.size() && std::equal(taken.begin(), taken.end(), schedule.begin());
        if (!ahead && !rewind()) {
            return false;
        }
        StepState model(spec.job);
        model.steps(taken);
        for (std::size_t i = taken.size(); i < schedule.size(); ++i) {
            if (!step(model, schedule[i])) {
                return false;
            }
        }
        return true;
    }

    bool hasOrders()
    {
        const std::lock_guard lock(mutex);
        return wanted.has_value() || wantsAll;
    }

    void runEveryOrder()
    {
        const Schedule before = taken;
        std::vector<Schedule> schedules;
        forEachSchedule(spec.job, [&](const Schedule& schedule, const StepState&) {
            schedules.push_back(schedule);
            return true;
        });
        SteppingOutcomes outcomes;
        outcomes.planned = schedules.size();
        Nanos toldAt = monotonicNow();
        for (Schedule& schedule : schedules) {
            if (hasOrders() || stop.rings()) {
                return; // what was wanted since counts
            }
            if (!rewind() || !goTo(schedule)) {
                return;
            }
            outcomes.ends[history.empty() ? spec.job.initial : history.back().after.value].push_back(
                std::move(schedule));
            ++outcomes.run;
            if (const Nanos now = monotonicNow(); now - toldAt >= kProgressPeriod && !outcomes.complete()) {
                toldAt = now;
                tell(SteppingOutcomes{outcomes.run, outcomes.planned, {}});
            }
        }
        if (goTo(before)) {
            tell(std::move(outcomes));
        }
    }
};

Result<std::unique_ptr<Stepping>> Stepping::start(const nlohmann::json& workload, const Limits& limits)
{
    Result<SteppedSpec> spec = steppedOf(workload, limits);
    if (!spec) {
        return tl::unexpected(spec.error());
    }
    auto threads = steppedWorker(*spec, jsonText(workload), limits);
    return begin(std::move(*spec), std::move(threads));
}

Result<std::unique_ptr<Stepping>> Stepping::start(
    const VariantSpec& variant, const Limits& limits, const RunOptions& options)
{
    if (!isPython(variant.engine)) {
        return start(variant.workload, limits);
    }
    Result<SteppedSpec> spec = steppedOf(variant, limits);
    if (!spec) {
        return tl::unexpected(spec.error());
    }
    auto threads = steppedScript(*spec, variant, limits, options);
    return begin(std::move(*spec), std::move(threads));
}

Result<std::unique_ptr<Stepping>> Stepping::begin(SteppedSpec spec, std::unique_ptr<SteppedThreads> threads)
{
    auto impl = std::make_shared<Impl>();
    impl->spec = std::move(spec);
    impl->threads = std::move(threads);
    if (!impl->stop || !impl->wake || !impl->told) {
        return failErrno("cannot step threads: eventfd", errno);
    }
    try {
        impl->runner = std::thread([impl] {
            pthread_setname_np(pthread_self(), "stepping");
            impl->run();
            impl->over.set_value();
        });
    } catch (const std::system_error& error) {
        return fail(std::string("cannot step threads: no thread is left for it (") + error.what() + ")");
    }
    return std::unique_ptr<Stepping>(new Stepping(std::move(impl)));
}

Stepping::Stepping(std::shared_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}

Stepping::~Stepping()
{
    m_impl->stop.ring();
    if (m_impl->over.get_future().wait_for(kSteppingOverWithin) == std::future_status::ready) {
        m_impl->runner.join();
    } else {
        m_impl->runner.detach();
    }
}

const SteppedSpec& Stepping::spec() const noexcept
{
    return m_impl->spec;
}

Result<void> Stepping::go(Schedule schedule)
{
    if (!StepState(spec().job).steps(schedule)) {
        return fail("a thread cannot take a step there: it has taken all, or waits for the lock", ErrorKind::Usage);
    }
    {
        const std::lock_guard lock(m_impl->mutex);
        m_impl->wanted = std::move(schedule);
        m_impl->wantsAll = false;
    }
    m_impl->wake.ring();
    return {};
}

void Stepping::runAll()
{
    {
        const std::lock_guard lock(m_impl->mutex);
        m_impl->wantsAll = true;
    }
    m_impl->wake.ring();
}

std::vector<SteppingUpdate> Stepping::poll()
{
    m_impl->told.hush(); // before taking: what comes in between rings anew
    const std::lock_guard lock(m_impl->mutex);
    return std::exchange(m_impl->updates, {});
}

int Stepping::updateFd() const noexcept
{
    return m_impl->told.fd();
}

} // namespace timeslice
