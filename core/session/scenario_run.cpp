#include "core/session/scenario_run.h"

#include "core/base/did_you_mean.h"
#include "core/base/json_out.h"
#include "core/base/readable.h"
#include "core/python/ask_interpreter.h"
#include "core/session/calibration.h"
#include "core/session/programs.h"
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
    if (const Result<WorkloadSpec> spec = readWorkload(variant.workload, WorkloadBounds{scenario.limits.threads, cpus});
        !spec) {
        return fail((scenario.sourcePath.empty() ? scenario.id : scenario.sourcePath) + ": variant " + variant.id + ": "
                + spec.error().message,
            spec.error().kind);
    }
    job.workload = jsonText(variant.workload);
    job.manyEvents = recordsAccesses(variant.workload);
    return {};
}

/// What the jobs of one run have in common.
VariantJob jobOf(const RunOptions& options, const Limits& limits, const std::vector<CpuId>& cpus)
{
    VariantJob job;
    job.limits = limits;
    job.cpus = cpus;
    job.forceInferred = options.forceInferred;
    job.record = options.record;
    return job;
}

} // namespace

/// Shared by the run's consumer and its thread: whichever is the last to need it.
struct ScenarioRun::Impl {
    Programs programs;
    RunOptions options;
    std::vector<VariantJob> jobs;
    std::map<std::size_t, VariantSpec> scripts; ///< the variants that are scripts; their jobs lack an interpreter yet
    std::optional<std::vector<Interpreter>> interpreters; ///< once looked for
    UpdateQueue updates;
    UniqueFd stopFd;
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
        if (!stopFd) {
            return failErrno("cannot start a run: eventfd", errno);
        }
        return updates.open();
    }

    void emit(RunUpdate update)
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
        for (VariantJob& job : jobs) {
            Result<bool> ready = prepareScript(job);
            if (readable(stopFd.get())) {
                ended.stopped = true;
                break;
            }
            if (ready && !*ready) {
                continue;
            }
            Result<bool> stopped = false;
            if (ready) {
                VariantRun variant(std::move(job), programs, stopFd.get(), updates,
                    [this](RunUpdate update) { emit(std::move(update)); });
                stopped = variant.run();
            } else {
                stopped = tl::unexpected(ready.error());
            }
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
    Result<bool> prepareScript(VariantJob& job)
    {
        const auto script = scripts.find(job.index);
        if (script == scripts.end()) {
            return true;
        }
        const VariantSpec& variant = script->second;
        Result<std::optional<Interpreter>> interpreter = interpreterFor(variant.python.interpreter);
        if (!interpreter) {
            return tl::unexpected(interpreter.error());
        }
        if (readable(stopFd.get())) { // while one was looked for: what was found is not all that there is
            return false;
        }
        const Result<std::filesystem::path> path = scriptOf(variant);
        if (!*interpreter || !path) {
            skip(job.index, path ? whyNoInterpreter(*interpreters, variant.python.interpreter) : path.error().message);
            return false;
        }
        job.python->interpreter = std::move(**interpreter);
        job.python->arguments.insert(job.python->arguments.begin(), path->string());
        return true;
    }

    Result<std::optional<Interpreter>> interpreterFor(const std::string& need)
    {
        if (!options.interpreter.empty()) {
            Result<Interpreter> named = askInterpreterUntil(options.interpreter, stopFd.get());
            if (!named) {
                return tl::unexpected(named.error());
            }
            if (std::optional<Interpreter> fitting = chooseInterpreter({*named}, need)) {
                return fitting;
            }
        }
        if (!interpreters) {
            interpreters = findInterpretersUntil(options.addedInterpreters, stopFd.get());
        }
        return chooseInterpreter(*interpreters, need);
    }

    void skip(std::size_t variant, const std::string& why)
    {
        RunFacts facts;
        facts.exit = {Exit::Kind::NotRun, 0, why};
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
    for (std::size_t i = 0; i < scenario.variants.size(); ++i) {
        const VariantSpec& variant = scenario.variants[i];
        if (!options.variants.empty()
            && std::find(options.variants.begin(), options.variants.end(), variant.id) == options.variants.end()) {
            continue;
        }
        VariantJob job = jobOf(options, scenario.limits, cpus);
        job.index = i;
        job.engine = variant.engine;
        if (isPython(variant.engine)) {
            job.python.emplace();
            job.python->arguments = variant.python.arguments;
            job.python->lesson = true;
            impl->scripts.emplace(i, variant);
        } else if (Result<void> workload = takeWorkload(scenario, variant, cpus, job); !workload) {
            return tl::unexpected(workload.error());
        }
        impl->jobs.push_back(std::move(job));
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

bool ScenarioRun::signalProgram(int signal)
{
    const std::lock_guard lock(m_impl->mutex);
    return m_impl->program && pidfd_send_signal(m_impl->program.get(), signal, nullptr, 0) == 0;
}

} // namespace timeslice
