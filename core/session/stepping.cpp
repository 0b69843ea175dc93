#include "core/session/stepping.h"

#include "core/base/clean_name.h"
#include "core/base/duration_text.h"
#include "core/base/json_out.h"
#include "core/base/readable.h"
#include "core/dispatch/step_page.h"
#include "core/session/programs.h"
#include "core/session/worker_process.h"
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
#include <sys/mman.h>
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

Result<UniqueFd> fileWith(const std::string& text)
{
    UniqueFd fd = aboveStdio(UniqueFd(memfd_create("timeslice-spec", MFD_CLOEXEC)));
    std::size_t done = 0;
    while (fd && done < text.size()) {
        const ssize_t n = ::write(fd.get(), text.data() + done, text.size() - done);
        if (n < 0 && errno != EINTR) {
            break;
        }
        done += n > 0 ? static_cast<std::size_t>(n) : 0;
    }
    if (!fd || done < text.size() || ::lseek(fd.get(), 0, SEEK_SET) != 0) {
        return failErrno("cannot make the workload's file in memory", errno);
    }
    return fd;
}

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

/// Shared by its owner and its thread: whichever is the last to need it.
struct Stepping::Impl {
    SteppedSpec spec;
    std::string workload; ///< as JSON text
    std::int64_t memoryBytes = 0;
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

    std::optional<StepPage> page;
    std::optional<WorkerProcess> process;
    Schedule taken;
    std::vector<StepTaken> history;
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
        Result<Programs> programs = findPrograms();
        if (!programs) {
            return tl::unexpected(programs.error());
        }
        Result<StepPage> made = StepPage::create(spec.names.size());
        if (!made) {
            return tl::unexpected(made.error());
        }
        page.emplace(std::move(*made));
        Result<UniqueFd> file = fileWith(workload);
        if (!file) {
            return tl::unexpected(file.error());
        }
        const UniqueFd theirs = aboveStdio(UniqueFd(::dup(page->fd())));
        if (!theirs) {
            return failErrno("cannot step threads: dup", errno);
        }
        ProcessSpec held;
        held.argv = {programs->worker.string(), "--spec-fd", std::to_string(file->get()), "--step-fd",
            std::to_string(theirs.get()), "--iterations-per-us",
            "1"}; // nothing in it computes, so no need to calibrate
        held.inherit = {file->get(), theirs.get()};
        held.memoryBytes = memoryBytes;
#ifdef TIMESLICE_SANITIZED
        held.memoryBytes = 0; // the sanitizers reserve terabytes of address space
#endif
        Result<WorkerProcess> spawned = WorkerProcess::spawnHeld(programs->guard, held, stop.fd());
        if (!spawned) {
            return tl::unexpected(spawned.error());
        }
        process.emplace(std::move(*spawned));
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
        StepSeat& seat = page->seat(thread);
        const Nanos deadline = monotonicNow() + kLongestStep;
        while (!seat.waitUntilAnswered(kLook)) {
            look(monotonicNow());
            if (!goOn()) {
                return false;
            }
            // The worker sits down before it waits, and a thread that ends by itself leaves its seat as it is.
            if (const Tid tid = seat.tid(); tid != 0 && !isThere(tid)) {
                if (hearsOfTheEnd()) { // of all of them: the guard's word comes a little later
                    return false;
                }
                ended = cleanName(spec.names[thread]) + " is gone: it was killed, and its step is not taken.";
                return false;
            }
            if (monotonicNow() > deadline) {
                ended = cleanName(spec.names[thread]) + " has not come back from its step for "
                    + toDurationText(kLongestStep, " ") + ": it is stopped, or gets no core.";
                return false;
            }
        }
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
        for (std::size_t thread = 0; thread < page->seats(); ++thread) {
            page->seat(thread).give(StepOrder::Rewind);
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
        page->seat(thread).give(StepOrder::Step);
        if (!await(thread)) {
            return false;
        }
        taken.push_back(thread);
        history.push_back({thread, kind, page->seat(thread).answer()});
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
    auto impl = std::make_shared<Impl>();
    Result<SteppedSpec> spec = steppedOf(workload, limits);
    if (!spec) {
        return tl::unexpected(spec.error());
    }
    impl->spec = std::move(*spec);
    impl->workload = jsonText(workload);
    impl->memoryBytes = limits.memoryBytes;
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
