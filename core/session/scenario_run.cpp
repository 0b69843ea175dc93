#include "core/session/scenario_run.h"

#include "core/base/did_you_mean.h"
#include "core/session/calibration.h"
#include "core/session/programs.h"
#include "core/session/variant_run.h"
#include "core/workload/workload_spec.h"

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <sys/eventfd.h>
#include <thread>
#include <unistd.h>

namespace timeslice {

namespace {

void raise(int eventFd)
{
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t n = ::write(eventFd, &one, sizeof one);
}

/// Whether some step of the workload records every access to a counter.
bool recordsAccesses(const nlohmann::json& workload)
{
    if (workload.is_object()) {
        if (const auto it = workload.find("record"); it != workload.end() && it->is_boolean() && it->get<bool>()) {
            return true;
        }
    }
    return workload.is_structured()
        && std::any_of(workload.begin(), workload.end(), [](const auto& part) { return recordsAccesses(part); });
}

Result<void> checkVariants(const Scenario& scenario, const RunOptions& options)
{
    std::vector<std::string> ids;
    for (const VariantSpec& variant : scenario.variants) {
        ids.push_back(variant.id);
    }
    for (const std::string& wanted : options.variants) {
        if (std::find(ids.begin(), ids.end(), wanted) == ids.end()) {
            return fail("scenario " + scenario.id + " has no variant '" + wanted + "'" + didYouMean(wanted, ids)
                    + "; it has " + joinNames(ids),
                ErrorKind::Usage);
        }
    }
    return {};
}

} // namespace

struct ScenarioRun::Impl {
    Programs programs;
    RunOptions options;
    std::vector<VariantJob> jobs;
    UniqueFd updateFd;
    UniqueFd stopFd;
    std::mutex mutex;
    std::vector<RunUpdate> updates; ///< guarded by mutex, like `wait`'s counterpart in poll()
    std::thread thread;

    Result<void> open()
    {
        Result<Programs> found = findPrograms();
        if (!found) {
            return tl::unexpected(found.error());
        }
        programs = std::move(*found);
        updateFd = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        stopFd = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        if (!updateFd || !stopFd) {
            return failErrno("cannot start a run: eventfd", errno);
        }
        return {};
    }

    void emit(RunUpdate update)
    {
        {
            const std::lock_guard lock(mutex);
            updates.push_back(std::move(update));
        }
        raise(updateFd.get());
    }

    /// The run's thread.
    void run()
    {
        RunEnded ended;
        if (Result<void> calibrated = calibrate(); !calibrated) {
            ended.error = calibrated.error();
            jobs.clear();
        }
        for (VariantJob& job : jobs) {
            VariantRun variant(
                std::move(job), programs, stopFd.get(), [this](RunUpdate update) { emit(std::move(update)); });
            const Result<bool> stopped = variant.run();
            if (!stopped) {
                ended.error = stopped.error();
                break;
            }
            if (*stopped) {
                ended.stopped = true;
                break;
            }
        }
        emit(std::move(ended));
    }

    Result<void> calibrate()
    {
        if (jobs.empty() || !jobs.front().command.empty()) {
            return {};
        }
        const Result<double> speed = iterationsPerMicrosecond(programs);
        if (!speed) {
            return tl::unexpected(speed.error());
        }
        for (VariantJob& job : jobs) {
            job.iterationsPerMicrosecond = *speed;
        }
        return {};
    }
};

Result<std::unique_ptr<ScenarioRun>> ScenarioRun::start(Scenario scenario, RunOptions options)
{
    if (Result<void> checked = checkVariants(scenario, options); !checked) {
        return tl::unexpected(checked.error());
    }
    auto impl = std::make_unique<Impl>();
    if (Result<void> opened = impl->open(); !opened) {
        return tl::unexpected(opened.error());
    }
    const std::vector<CpuId> cpus = allowedCpus();
    for (std::size_t i = 0; i < scenario.variants.size(); ++i) {
        const VariantSpec& variant = scenario.variants[i];
        if (!options.variants.empty()
            && std::find(options.variants.begin(), options.variants.end(), variant.id) == options.variants.end()) {
            continue;
        }
        if (const Result<WorkloadSpec> spec =
                readWorkload(variant.workload, WorkloadBounds{scenario.limits.threads, cpus});
            !spec) {
            return fail((scenario.sourcePath.empty() ? scenario.id : scenario.sourcePath) + ": variant " + variant.id
                    + ": " + spec.error().message,
                spec.error().kind);
        }
        VariantJob job;
        job.index = i;
        job.workload = variant.workload.dump();
        job.manyEvents = recordsAccesses(variant.workload);
        job.limits = scenario.limits;
        job.cpus = cpus;
        job.forceInferred = options.forceInferred;
        job.record = options.record;
        impl->jobs.push_back(std::move(job));
    }
    impl->options = std::move(options);
    std::unique_ptr<ScenarioRun> run(new ScenarioRun(std::move(impl)));
    return run;
}

Result<std::unique_ptr<ScenarioRun>> ScenarioRun::start(CommandSpec command, RunOptions options)
{
    if (command.argv.empty()) {
        return fail("no command to record", ErrorKind::Usage);
    }
    auto impl = std::make_unique<Impl>();
    if (Result<void> opened = impl->open(); !opened) {
        return tl::unexpected(opened.error());
    }
    VariantJob job;
    job.command = std::move(command.argv);
    job.limits = command.limits;
    job.cpus = allowedCpus();
    job.forceInferred = options.forceInferred;
    job.record = options.record;
    impl->jobs.push_back(std::move(job));
    impl->options = std::move(options);
    std::unique_ptr<ScenarioRun> run(new ScenarioRun(std::move(impl)));
    return run;
}

ScenarioRun::ScenarioRun(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
    m_impl->thread = std::thread([this] { m_impl->run(); });
}

ScenarioRun::~ScenarioRun()
{
    stop();
    m_impl->thread.join();
}

std::vector<RunUpdate> ScenarioRun::poll()
{
    std::uint64_t count = 0;
    // Reset before taking: an update that comes in between raises it again.
    [[maybe_unused]] const ssize_t n = ::read(m_impl->updateFd.get(), &count, sizeof count);
    const std::lock_guard lock(m_impl->mutex);
    return std::exchange(m_impl->updates, {});
}

int ScenarioRun::updateFd() const
{
    return m_impl->updateFd.get();
}

void ScenarioRun::stop()
{
    raise(m_impl->stopFd.get());
}

} // namespace timeslice
