// VariantRun's first part: what it needs, and how it is started and recorded.
#include "core/session/variant_run.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>

namespace timeslice {

namespace {

/// multiprocessing's resource tracker removes what a script leaves in shared memory when the script has ended; killed
/// at once, it could not.
constexpr Nanos kLinger = kSecond;
/// A ring that a thread which records every load and store (some 40 million a second) cannot fill before it is drained.
constexpr std::uint32_t kManyEvents = 1U << 19;
constexpr std::uint32_t kUsualEvents = 1U << 16;

UniqueFd memoryFile(const char* name)
{
    return aboveStdio(UniqueFd(memfd_create(name, MFD_CLOEXEC)));
}

bool writeAll(int fd, const std::string& text)
{
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t n = ::write(fd, text.data() + done, text.size() - done);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        done += n > 0 ? static_cast<std::size_t>(n) : 0;
    }
    return ::lseek(fd, 0, SEEK_SET) == 0;
}

} // namespace

Result<void> VariantRun::prepareFiles()
{
    if (m_job.python) {
        return preparePython();
    }
    if (!native()) {
        prepareCommand();
        return {};
    }
    m_spec = memoryFile("timeslice-spec");
    m_result = memoryFile("timeslice-result");
    if (!m_spec || !m_result || !writeAll(m_spec.get(), m_job.workload)) {
        return failErrno("cannot make the workload's files in memory", errno);
    }
    if (!m_job.grammar.empty()) {
        m_made = memoryFile("timeslice-made");
    }
    if (m_job.record) {
        ChannelGeometry geometry;
        // Each forked task has a coordinating thread besides.
        geometry.rings = static_cast<std::uint32_t>(std::clamp(2 * m_job.limits.threads + 16, 64, 1024));
        geometry.ringCapacity = m_job.manyEvents ? kManyEvents : kUsualEvents;
        return prepareChannel(geometry);
    }
    return {};
}

Result<void> VariantRun::prepareChannel(ChannelGeometry geometry)
{
    Result<Channel> channel = Channel::create(geometry);
    if (!channel) {
        return tl::unexpected(channel.error());
    }
    m_channel.emplace(std::move(*channel));
    m_channelFd = UniqueFd(fcntl(m_channel->fd(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    return {};
}

/// What is missing for the recording is no reason that the script does not run.
Result<void> VariantRun::preparePython()
{
    m_scriptCannotBeOpened = !canOpenScript(*m_job.python);
    m_result = memoryFile("timeslice-result");
    if (!m_result && m_job.python->lesson) {
        return failErrno("cannot make the script's file of results in memory", errno);
    }
    if (!m_job.record) {
        return {};
    }
    m_gilNote = gilNote(m_job.python->interpreter);
    m_looksForGils = true;
    const std::string missing = prepareProbe();
    if (m_gilNote.empty() && !missing.empty()) {
        m_gilNote = "The GIL is not recorded: " + missing + ".";
    }
    return {};
}

/// A command that has no GIL, or whose GIL cannot be recorded, runs as without us.
void VariantRun::prepareCommand()
{
    if (!m_job.record || !m_job.gil) {
        return;
    }
    m_firstProgram = lookAtCommand(m_job.command.front());
    m_looksForGils = m_firstProgram.preload != probe::Preload::Needless;
    if (m_firstProgram.preload == probe::Preload::Fits) {
        m_result = memoryFile("timeslice-result"); // it may be a Python, or start one
        prepareProbe();
    }
}

/// What is missing, "" = nothing.
std::string VariantRun::prepareProbe()
{
    if (m_programs.probe.empty()) {
        return m_programs.noProbe;
    }
    if (const Result<void> channel = prepareChannel(pythonChannelGeometry()); !channel) {
        return channel.error().message;
    }
    // Without it some processes are not recorded, and are named as such.
    if (Result<std::unique_ptr<ChannelServer>> server = ChannelServer::start(m_channelFd.get(), m_refused); server) {
        m_channelServer = std::move(*server);
    }
    if (cannotBePreloadedByPath(m_programs.probe)) {
        m_probe = aboveStdio(UniqueFd(::open(m_programs.probe.c_str(), O_RDONLY | O_CLOEXEC)));
    }
    return {};
}

RecordingDescriptors VariantRun::descriptors() const
{
    const bool told = m_channelFd || lesson(); // else nothing hides it from a program of the user's
    return {m_channelFd.get(), told ? m_result.get() : -1, m_probe.get(),
        m_channelServer ? m_channelServer->address() : ""};
}

ProcessSpec VariantRun::processSpec() const
{
    if (m_job.python) {
        return pythonSpec();
    }
    ProcessSpec spec;
    spec.memoryBytes = m_job.limits.memoryBytes;
    spec.realtimeCpu = m_job.limits.realtimeCpu;
    if (!native()) {
        spec.argv = m_job.command;
        spec.contain = false;
        spec.linger = kLinger;
        spec.environment = recordingEnvironment(m_programs, descriptors());
        return spec;
    }
    spec.argv = {m_programs.worker.string(), "--spec-fd", std::to_string(m_spec.get()), "--channel-fd",
        std::to_string(m_channelFd.get()), "--result-fd", std::to_string(m_result.get()), "--iterations-per-us",
        std::to_string(m_job.iterationsPerMicrosecond), "--limit-threads", std::to_string(m_job.limits.threads)};
    if (m_job.record && m_inferred) {
        spec.argv.emplace_back("--self-stamp");
    }
    if (!m_job.grammar.empty()) {
        spec.argv.insert(spec.argv.end(), {"--grammar", m_job.grammar});
    }
    spec.inherit = {m_spec.get(), m_result.get()};
    if (m_made) {
        spec.argv.insert(spec.argv.end(), {"--made-fd", std::to_string(m_made.get())});
        spec.inherit.push_back(m_made.get());
        spec.made = m_made.get();
    }
    if (m_channelFd) {
        spec.inherit.push_back(m_channelFd.get());
        if (spec.memoryBytes > 0) {
            // At most, since a worker maps what its threads use; the limit is for the workload's own.
            spec.memoryBytes += static_cast<std::int64_t>(m_channel->layout().totalBytes());
        }
    }
#ifdef TIMESLICE_SANITIZED
    spec.memoryBytes = 0; // the sanitizers reserve terabytes of address space
#endif
    return spec;
}

ProcessSpec VariantRun::pythonSpec() const
{
    const PythonJob& job = *m_job.python;
    ProcessSpec spec;
    spec.argv = pythonCommand(job);
    spec.contain = job.lesson;
    spec.terminal = job.captureOutput;
    spec.input = job.input;
    spec.linger = job.lesson ? 0 : kLinger;
    spec.directory = job.directory;
    spec.environment = pythonEnvironment(job, m_programs, descriptors());
    spec.memoryBytes = pythonMemoryLimit(
        job, m_job.limits, m_channel ? probeAddressSpace(m_channel->layout(), m_job.limits.threads) : 0);
    spec.realtimeCpu = m_job.limits.realtimeCpu;
#ifdef TIMESLICE_SANITIZED
    spec.memoryBytes = 0; // the guard's child sets it before it becomes Python, and needs terabytes until then
#endif
    return spec;
}

/// For messages.
std::string VariantRun::program() const
{
    if (m_job.python) {
        return m_job.python->interpreter.path.string();
    }
    return native() ? m_programs.worker.string() : m_job.command.front();
}

Result<void> VariantRun::spawn()
{
    m_process.reset();
    const ProcessSpec spec = processSpec();
    m_lingers = spec.linger > 0;
    Result<WorkerProcess> process = WorkerProcess::spawnHeld(m_programs.guard, spec, m_stopFd);
    if (!process) {
        return tl::unexpected(process.error());
    }
    m_process.emplace(std::move(*process));
    return {};
}

Result<void> VariantRun::startRecording()
{
    if (!m_job.record) {
        return {};
    }
    CollectorSources sources;
    if (!m_firstProgram.path.empty() && m_firstProgram.preload != probe::Preload::Fits) {
        const std::filesystem::path command = m_job.command.front();
        m_refused.add(m_process->pid(), command.filename().string().substr(0, 15), m_firstProgram.path, false);
    }
    RefusedPrograms* refused = m_looksForGils ? &m_refused : nullptr; // only then can a GIL be missed
    if (!m_inferred) {
        if (Result<ContextSwitches> switches = ContextSwitches::open(m_process->pid(), m_job.cpus, refused); switches) {
            sources.switches.emplace(std::move(*switches));
        } else {
            m_inferred = true;
            if (native()) { // the worker must be told to stamp itself: start it anew
                if (Result<void> spawned = spawn(); !spawned) {
                    return spawned;
                }
            }
        }
    }
    if (sources.switches) {
        // Most users may not; then other programs are known by their share of the cores' time.
        if (auto others = SystemSwitches::open(m_job.cpus, m_process->pid(), m_process->guardPid()); others) {
            sources.others.emplace(std::move(*others));
            m_othersRecorded = true;
        }
        if (auto wakeups = Wakeups::open(); wakeups) { // nor these; then who is ready looks blocked
            sources.wakeups.emplace(std::move(*wakeups));
        }
    }
    if (m_inferred && !native()) {
        sources.sampler.emplace(m_process->pid(), refused);
    }
    sources.channel = m_channel ? &*m_channel : nullptr;
    if (!m_job.calculated) { // how busy the cores are meanwhile has nothing to do with it
        sources.usage.emplace(m_job.cpus);
    }
    if (m_job.memory) {
        sources.memory.emplace(m_process->pid());
    }
    sources.mostEvents = m_job.limits.events;
    sources.source = source();
    try {
        m_collector = std::make_unique<Collector>(std::move(sources));
    } catch (const std::system_error& error) {
        const std::string why = std::string("cannot start to record: ") + error.what();
        if (lesson() || !m_job.python) {
            return fail(why);
        }
        m_gilNote = "Nothing is recorded: " + why + ".";
    }
    return {};
}

} // namespace timeslice
