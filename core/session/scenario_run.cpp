#include "core/session/scenario_run.h"

#include "core/base/did_you_mean.h"
#include "core/base/json_out.h"
#include "core/base/readable.h"
#include "core/session/calibration.h"
#include "core/session/programs.h"
#include "core/session/realtime_permission.h"
#include "core/session/script_interpreters.h"
#include "core/session/update_queue.h"
#include "core/session/variant_run.h"
#include "core/workload/workload_spec.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <pthread.h>
#include <set>
#include <sys/eventfd.h>
#include <system_error>
#include <thread>
#include <unistd.h>

// glibc 2.36 does not declare them as C functions by itself.
extern "C" {
#include <sys/pidfd.h>
}

namespace timeslice {

namespace {

/// How long the destructor waits for a run that was stopped. It is over well before that (VariantRun gives up what
/// cannot be killed); a thread that is stuck nevertheless is left to itself, and the window closes.
constexpr std::chrono::seconds kOverWithin{5};

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

Result<void> takeWorkload(
    const Scenario& scenario, const VariantSpec& variant, const std::vector<CpuId>& cpus, VariantJob& job)
{
    const Result<WorkloadSpec> spec = readWorkload(variant.workload, WorkloadBounds{scenario.limits.threads, cpus});
    if (!spec) {
        return fail((scenario.sourcePath.empty() ? scenario.id : scenario.sourcePath) + ": variant " + variant.id + ": "
                + spec.error().message,
            spec.error().kind);
    }
    job.workload = jsonText(variant.workload);
    job.manyEvents = recordsAccesses(variant.workload);
    job.realtimePriority = realtimePriority(*spec);
    job.calculated = spec->dispatch && spec->dispatch->run == DispatchSpec::Run::Calculation;
    return {};
}

/// The variant as it is at one value of the series' knob.
const VariantSpec& variantAt(const Scenario& scenario, std::size_t variant, std::size_t step)
{
    if (step < scenario.steps.size()) {
        const std::vector<VariantSpec>& all = scenario.steps[step];
        const auto it = std::find_if(
            all.begin(), all.end(), [&](const VariantSpec& spec) { return spec.id == scenario.variants[variant].id; });
        if (it != all.end()) {
            return *it;
        }
    }
    return scenario.variants[variant];
}

bool reads(const Metric& metric, const std::string& variant)
{
    return metric.term.variant == variant || (metric.over && metric.over->variant == variant);
}

/// What the jobs of one run have in common.
VariantJob jobOf(const RunOptions& options, const Limits& limits, const std::vector<CpuId>& cpus)
{
    VariantJob job;
    job.limits = limits;
    job.cpus = cpus;
    job.forceInferred = options.forceInferred;
    job.record = options.record;
    job.memory = options.memory;
    return job;
}

} // namespace

/// Shared by the run's consumer and its thread: whichever is the last to need it.
struct ScenarioRun::Impl {
    Programs programs;
    RunOptions options;
    std::vector<VariantJob> jobs;
    /// Of jobs that are scripts: which one, by the job's place. They lack an interpreter yet.
    std::map<std::size_t, VariantSpec> scripts;
    std::optional<ScriptInterpreters> interpreters; ///< once one is needed
    std::set<std::size_t> missing; ///< variants that cannot be run here
    UpdateQueue updates;
    UniqueFd stopFd;
    UniqueFd endDeadlockFd; ///< where deadlocks stand
    std::mutex mutex; ///< of the next
    UniqueFd program; ///< pidfd of the running variant's first process
    std::promise<void> over; ///< the thread's last word
    std::thread thread;

    Result<void> open()
    {
        Result<Programs> found = findPrograms();
        if (!found) {
            return tl::unexpected(found.error());
        }
        programs = std::move(*found);
        stopFd = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        endDeadlockFd = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        if (!stopFd || !endDeadlockFd) {
            return failErrno("cannot start a run: eventfd", errno);
        }
        return updates.open();
    }

    /// A job for each variant that is wanted, at one value of the series' knob.
    Result<void> addJobs(const Scenario& scenario, std::size_t step, int repetition, const std::vector<CpuId>& cpus,
        const RunOptions& wanted)
    {
        const bool once = !scenario.series || scenario.series->repeat == 1; // else the repetitions see to it
        for (std::size_t i = 0; i < scenario.variants.size(); ++i) {
            const std::string& id = scenario.variants[i].id;
            if (!wanted.variants.empty()
                && std::find(wanted.variants.begin(), wanted.variants.end(), id) == wanted.variants.end()) {
                continue;
            }
            const VariantSpec& variant = variantAt(scenario, i, step);
            VariantJob job = jobOf(wanted, scenario.limits, cpus);
            job.index = i;
            job.step = step;
            job.repetition = repetition;
            job.engine = variant.engine;
            job.memory = job.memory || scenario.memory;
            const bool stands = wanted.atDeadlock == RunOptions::AtDeadlock::Stand && !scenario.series;
            job.endDeadlockFd = stands ? endDeadlockFd.get() : -1;
            if (wanted.record && wanted.repeatDisturbed && once && reads(scenario.verdict.metric, id)) {
                job.mostForeign = scenario.verdict.maxForeign;
                job.mostStolen = scenario.verdict.maxStolen;
            }
            if (isPython(variant.engine)) {
                job.python.emplace();
                job.python->arguments = variant.python.arguments;
                job.python->lesson = true;
                scripts.emplace(jobs.size(), variant);
            } else if (Result<void> workload = takeWorkload(scenario, variant, cpus, job); !workload) {
                return workload;
            }
            jobs.push_back(std::move(job));
        }
        return {};
    }

    void emit(RunUpdate&& update)
    {
        {
            const std::lock_guard lock(mutex);
            if (const auto* started = std::get_if<VariantStarted>(&update)) {
                // It is still held, so this is its process id and nobody else's.
                program = UniqueFd(pidfd_open(started->builder.rootPid, 0));
            } else if (std::holds_alternative<VariantEnded>(update)) {
                program.reset();
            }
        }
        updates.push(std::move(update));
    }

    /// The run's thread.
    void run()
    {
        RunEnded ended;
        if (Result<void> calibrated = calibrate(); !calibrated) {
            ended.stopped = readable(stopFd.get());
            if (!ended.stopped) {
                ended.error = calibrated.error();
            }
            jobs.clear();
        }
        for (std::size_t i = 0; i < jobs.size() && !ended.stopped && !ended.error; ++i) {
            if (missing.contains(jobs[i].index)) {
                continue; // said once for all its runs
            }
            if (const int priority = jobs[i].realtimePriority; priority > 0 && !mayRunRealtime(priority)) {
                skip(jobs[i].index, whyNotRealtime(priority));
                continue;
            }
            const Result<bool> ready = prepareScript(i);
            if (readable(stopFd.get())) {
                ended.stopped = true;
            } else if (!ready) {
                ended.error = ready.error();
            } else if (*ready) {
                runJob(std::move(jobs[i]), ended);
            }
        }
        emit(std::move(ended));
    }

    /// As often as it takes to be undisturbed, within bounds.
    void runJob(VariantJob job, RunEnded& ended)
    {
        for (bool again = true; again; ++job.attempt) {
            VariantRun variant(
                job, programs, stopFd.get(), updates, [this](RunUpdate update) { emit(std::move(update)); });
            const Result<bool> stopped = variant.run();
            again = stopped && !*stopped && variant.toRunAgain();
            ended.stopped = stopped && *stopped;
            if (!stopped) {
                ended.error = stopped.error();
            }
        }
    }

    Result<void> calibrate()
    {
        const auto isNative = [](const VariantJob& job) { return !job.workload.empty(); };
        if (std::none_of(jobs.begin(), jobs.end(), isNative)) {
            return {};
        }
        const Result<double> speed = iterationsPerMicrosecond(programs, stopFd.get());
        if (!speed) {
            return tl::unexpected(speed.error());
        }
        for (VariantJob& job : jobs) {
            job.iterationsPerMicrosecond = *speed;
        }
        return {};
    }

    /// Gives a scenario's script its interpreter. False: it has none here, which is said; the others can still run.
    /// Errors: the interpreter that was asked for cannot be used.
    Result<bool> prepareScript(std::size_t place)
    {
        VariantJob& job = jobs[place];
        const auto script = scripts.find(place);
        if (script == scripts.end()) {
            return true;
        }
        const VariantSpec& variant = script->second;
        if (!interpreters) {
            interpreters.emplace(options.interpreter, options.addedInterpreters, stopFd.get());
        }
        Result<std::optional<Interpreter>> interpreter = interpreters->choose(variant.python.interpreter);
        if (!interpreter) {
            return tl::unexpected(interpreter.error());
        }
        if (readable(stopFd.get())) { // while one was looked for: what was found is not all that there is
            return false;
        }
        const Result<std::filesystem::path> path = scriptOf(variant);
        if (!*interpreter || !path) {
            skip(job.index, path ? interpreters->whyNone(variant.python.interpreter) : path.error().message);
            return false;
        }
        job.python->interpreter = std::move(**interpreter);
        job.python->arguments.insert(job.python->arguments.begin(), path->string());
        return true;
    }

    void skip(std::size_t variant, const std::string& why)
    {
        RunFacts facts;
        facts.exit = {Exit::Kind::NotRun, 0, why};
        missing.insert(variant);
        emit(VariantEnded{variant, std::move(facts), 0});
    }
};

Result<std::unique_ptr<ScenarioRun>> ScenarioRun::start(Scenario scenario, RunOptions options)
{
    if (Result<void> checked = checkVariants(scenario, options); !checked) {
        return tl::unexpected(checked.error());
    }
    auto impl = std::make_shared<Impl>();
    if (Result<void> opened = impl->open(); !opened) {
        return tl::unexpected(opened.error());
    }
    const std::vector<CpuId> cpus = allowedCpus();
    const int repeat = scenario.series ? scenario.series->repeat : 1;
    for (int repetition = 0; repetition < repeat; ++repetition) { // outermost: what changes meanwhile changes for all
        for (std::size_t step = 0; step < std::max<std::size_t>(1, scenario.steps.size()); ++step) {
            if (Result<void> added = impl->addJobs(scenario, step, repetition, cpus, options); !added) {
                return tl::unexpected(added.error());
            }
        }
    }
    impl->options = std::move(options);
    return begin(std::move(impl));
}

Result<std::unique_ptr<ScenarioRun>> ScenarioRun::start(CommandSpec command, RunOptions options)
{
    if (command.argv.empty()) {
        return fail("no command to record", ErrorKind::Usage);
    }
    auto impl = std::make_shared<Impl>();
    if (Result<void> opened = impl->open(); !opened) {
        return tl::unexpected(opened.error());
    }
    VariantJob job = jobOf(options, command.limits, allowedCpus());
    job.command = std::move(command.argv);
    job.gil = command.gil;
    impl->jobs.push_back(std::move(job));
    impl->options = std::move(options);
    return begin(std::move(impl));
}

Result<std::unique_ptr<ScenarioRun>> ScenarioRun::start(WorkloadCommand workload, RunOptions options)
{
    auto impl = std::make_shared<Impl>();
    if (Result<void> opened = impl->open(); !opened) {
        return tl::unexpected(opened.error());
    }
    VariantJob job = jobOf(options, workload.limits, allowedCpus());
    job.workload = std::move(workload.text);
    job.grammar = std::move(workload.grammar);
    job.realtimePriority = workload.realtimePriority;
    impl->jobs.push_back(std::move(job));
    impl->options = std::move(options);
    return begin(std::move(impl));
}

Result<std::unique_ptr<ScenarioRun>> ScenarioRun::start(PythonCommand command, RunOptions options)
{
    if (command.arguments.empty()) {
        return fail("no script to run", ErrorKind::Usage);
    }
    if (std::error_code error; !command.directory.empty() && !std::filesystem::is_directory(command.directory, error)) {
        return fail("there is no folder " + command.directory.string() + " to run the script in", ErrorKind::Usage);
    }
    auto impl = std::make_shared<Impl>();
    if (Result<void> opened = impl->open(); !opened) {
        return tl::unexpected(opened.error());
    }
    VariantJob job = jobOf(options, command.limits, allowedCpus());
    job.engine = command.interpreter.kind == InterpreterKind::CPython ? Engine::CPython : Engine::OtherPython;
    job.python.emplace();
    job.python->interpreter = std::move(command.interpreter);
    job.python->arguments = std::move(command.arguments);
    job.python->directory = std::move(command.directory);
    job.python->captureOutput = command.captureOutput;
    job.python->input = command.input;
    impl->jobs.push_back(std::move(job));
    impl->options = std::move(options);
    return begin(std::move(impl));
}

Result<std::unique_ptr<ScenarioRun>> ScenarioRun::begin(std::shared_ptr<Impl> impl)
{
    try {
        impl->thread = std::thread([impl] {
            pthread_setname_np(pthread_self(), "session");
            impl->run();
            impl->over.set_value();
        });
    } catch (const std::system_error& error) {
        return fail(std::string("cannot start a run: no thread is left for it (") + error.what() + ")");
    }
    return std::unique_ptr<ScenarioRun>(new ScenarioRun(std::move(impl)));
}

ScenarioRun::ScenarioRun(std::shared_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}

ScenarioRun::~ScenarioRun()
{
    stop();
    if (m_impl->over.get_future().wait_for(kOverWithin) == std::future_status::ready) {
        m_impl->thread.join();
    } else {
        m_impl->thread.detach();
    }
}

std::vector<RunUpdate> ScenarioRun::poll()
{
    return m_impl->updates.takeAll();
}

int ScenarioRun::updateFd() const
{
    return m_impl->updates.fd();
}

void ScenarioRun::stop()
{
    raise(m_impl->stopFd.get());
}

void ScenarioRun::endDeadlock()
{
    raise(m_impl->endDeadlockFd.get());
}

bool ScenarioRun::signalProgram(int signal)
{
    const std::lock_guard lock(m_impl->mutex);
    return m_impl->program && pidfd_send_signal(m_impl->program.get(), signal, nullptr, 0) == 0;
}

} // namespace timeslice
