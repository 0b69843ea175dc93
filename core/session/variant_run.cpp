#include "core/session/variant_run.h"

#include "core/base/duration_text.h"
#include "core/base/readable.h"
#include "core/session/process_tree.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>

namespace timeslice {

namespace {

/// Between SIGTERM and SIGKILL.
constexpr Nanos kGrace = 300 * kMillisecond;
/// How long a cycle of waiting must have stood still to be called a deadlock, and how long until it is ended where
/// nobody is there to look at it: those who wait may have set themselves a time.
constexpr Nanos kDeadlockQuiet = 40 * kMillisecond;
constexpr Nanos kDeadlockEnded = 300 * kMillisecond;
/// A person who stopped a run waits no longer than this for processes that SIGKILL does not end at once (asleep in the
/// kernel, gigabytes to free); the guard stays with them.
constexpr Nanos kStoppedWithin = 2 * kSecond;
constexpr Nanos kDeadlockPeriod = 20 * kMillisecond;
/// multiprocessing's resource tracker removes what a script leaves in shared memory when the script has ended; killed
/// at once, it could not.
constexpr Nanos kLinger = kSecond;
/// How often batches are passed on: half a frame. Each time costs what is watched two turns of a thread.
constexpr Nanos kPassPeriod = 16 * kMillisecond;
/// The last event of the circle has been drained and passed on, it has stood still, and it is looked for.
static_assert(2 * kPassPeriod + kDeadlockQuiet + kDeadlockPeriod <= kDeadlockFoundWithin);

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

VariantRun::VariantRun(VariantJob job, const Programs& programs, int stopFd, const UpdateQueue& updates, Emit emit)
    : m_job(std::move(job))
    , m_programs(programs)
    , m_stopFd(stopFd)
    , m_updates(updates)
    , m_emit(std::move(emit))
{
}

Result<bool> VariantRun::run()
{
    if (Result<void> prepared = prepareFiles(); !prepared) {
        return tl::unexpected(prepared.error());
    }
    m_inferred = m_job.forceInferred || m_job.calculated;
    Result<void> ready = spawn();
    if (ready) {
        ready = startRecording();
    }
    if (readable(m_stopFd)) { // whatever it was that did not succeed: it was no longer wanted
        return true;
    }
    if (!ready) {
        return tl::unexpected(ready.error());
    }
    VariantStarted started{m_job.index, BuilderOptions{m_job.cpus, m_process->pid(), native(), m_gilNote}};
    started.engine = m_job.engine;
    started.step = m_job.step;
    started.repetition = m_job.repetition;
    started.attempt = m_job.attempt;
    if (m_job.python) {
        started.interpreter = interpreterText(m_job.python->interpreter);
    }
    m_emit(std::move(started));
    m_others.emplace(m_job.cpus, m_process->guardPid(),
        m_othersRecorded ? DisturbanceMeter::Names::Leave : DisturbanceMeter::Names::Read);
    m_started = monotonicNow();
    m_process->release();
    watch();
    if (Result<void> concluded = conclude(); !concluded) {
        return tl::unexpected(concluded.error());
    }
    return m_cut == Exit::Kind::StoppedByUser;
}

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

void VariantRun::watch()
{
    while (!m_over) {
        const Nanos now = monotonicNow();
        std::vector<int> others = m_cut || m_hurried ? std::vector<int>{} : std::vector<int>{m_stopFd};
        if (!m_standing.empty() && !m_cut && !m_status && m_job.endDeadlockFd >= 0) {
            others.push_back(m_job.endDeadlockFd);
        }
        const Nanos wake =
            m_collector || m_job.limits.time > 0 || m_killAt > 0 || m_giveUpAt > 0 ? now + kPassPeriod : now + kSecond;
        if (const std::optional<ProcessEvent> event = m_process->waitEvent(wake, others)) {
            onEvent(*event);
        }
        passOutput(Pass::WhatHasRoom);
        passBatches(Pass::WhatHasRoom);
        enforce(monotonicNow());
        giveUpIfStuck(monotonicNow());
    }
    if (m_collector) {
        // Nothing of the workload is left to write: this drain is the last.
        m_collector->stop(m_treeCpu > 0 ? std::optional(m_treeCpu) : std::nullopt);
        passBatches(Pass::All);
        passReaped();
    }
}

/// The kernel's records do not tell how a process ended; who waited for it knows.
Event VariantRun::reapedByGuard(const ProcessEvent& event)
{
    return {event.time, 0, 0, EventKind::ProcessReaped, kNoCpu, 0, Reaping{event.pid, event.value}.bits()};
}

void VariantRun::passReaped()
{
    if (!m_reaped.empty()) {
        Batch batch;
        batch.source = source();
        batch.events = std::exchange(m_reaped, {});
        m_emit(VariantBatches{m_job.index, {std::move(batch)}});
    }
}

void VariantRun::onEvent(const ProcessEvent& event)
{
    switch (event.kind) {
    case ProcessEvent::Kind::Started:
        m_started = event.time;
        break;
    case ProcessEvent::Kind::ExecFailed:
        m_execError = event.value;
        break;
    case ProcessEvent::Kind::Reaped:
        m_reaped.push_back(reapedByGuard(event));
        break;
    case ProcessEvent::Kind::Ended:
        m_reaped.push_back(reapedByGuard(event));
        m_status = event.value;
        m_endedAt = event.time;
        m_treeCpu = event.cpu;
        break;
    case ProcessEvent::Kind::Swept:
        m_treeCpu = event.cpu;
        m_leftBehind = event.value;
        m_lingeredUntil = m_lingers ? event.time : 0;
        m_over = true;
        break;
    case ProcessEvent::Kind::Stuck:
        m_unkillable = event.value;
        m_over = true;
        break;
    case ProcessEvent::Kind::GuardLost:
        m_status = m_status.value_or(SIGKILL);
        m_over = true;
        break;
    }
    if (m_over && m_endedAt == 0) {
        m_endedAt = event.time;
    }
}

void VariantRun::enforce(Nanos now)
{
    if (m_over) {
        return;
    }
    if (m_status) { // what is left has a moment, or is being swept
        if (!m_hurried && readable(m_stopFd)) {
            m_hurried = true;
            m_process->sweep();
            m_giveUpAt = now + kStoppedWithin;
        }
        return;
    }
    if (m_cut) {
        if (m_killAt > 0 && now >= m_killAt) {
            m_process->sweep();
            m_killAt = 0;
        }
        return;
    }
    if (readable(m_stopFd)) {
        end(Exit::Kind::StoppedByUser, "stopped", SIGTERM);
    } else if (m_job.limits.time > 0 && timeUsed(now) > m_job.limits.time) {
        end(Exit::Kind::TimeLimit, "ended at its time limit of " + toDurationText(m_job.limits.time, " "), SIGTERM);
    } else if (m_job.python && lesson() && hasTooManyThreads()) {
        // The worker counts its threads itself; a script's are seen when they are there.
        end(Exit::Kind::Signalled,
            "ended: it had more than " + std::to_string(m_job.limits.threads)
                + " threads and processes, which is its limit",
            SIGKILL);
    } else {
        lookForDeadlock(now);
    }
}

/// The guard says so after a while by itself; a person who wants it to end is not kept waiting as long.
void VariantRun::giveUpIfStuck(Nanos now)
{
    if (m_over || m_giveUpAt == 0 || now < m_giveUpAt) {
        return;
    }
    m_unkillable = static_cast<int>(descendants(m_process->guardPid()).size());
    m_process->letGo();
    m_over = true;
    if (m_endedAt == 0) {
        m_endedAt = now;
    }
}

/// Births and exits tell when to look; where records of exits were lost, they know of more threads than there are. What
/// counts is what is there.
bool VariantRun::hasTooManyThreads()
{
    const auto most = static_cast<std::size_t>(m_job.limits.threads);
    if (m_threads.size() <= most) {
        return false;
    }
    const std::vector<Tid> living = livingThreads(m_process->guardPid());
    m_threads = std::unordered_set<Tid>(living.begin(), living.end());
    return m_threads.size() > most;
}

void VariantRun::end(Exit::Kind kind, std::string text, int signal)
{
    m_cut = kind;
    m_cutText = std::move(text);
    if (signal == SIGKILL) {
        m_process->sweep();
    } else {
        m_process->signalAll(signal);
        m_killAt = monotonicNow() + kGrace;
        m_giveUpAt = kind == Exit::Kind::StoppedByUser ? m_killAt + kStoppedWithin : 0;
    }
}

/// As its time limit counts it.
Nanos VariantRun::timeUsed(Nanos now) const
{
    const bool stands = !m_standing.empty() && m_job.endDeadlockFd >= 0;
    return now - m_started - m_stood - (stands ? now - m_standingSince : 0);
}

void VariantRun::lookForDeadlock(Nanos now)
{
    // What a person's own script does is shown; whether to end it is that person's choice.
    if (!(lesson() || native())) {
        return;
    }
    if (mayEndDeadlock() && !m_standing.empty()) {
        end(Exit::Kind::Deadlocked, "deadlock: " + m_standing, SIGKILL);
        return;
    }
    // What waits to be looked at may be the end of a wait.
    if (m_consumerIsBehind || now - m_deadlockCheckedAt < kDeadlockPeriod) {
        return;
    }
    m_deadlockCheckedAt = now;
    tellOfDeadlock(m_waits.deadlock(m_knownUntil, kDeadlockQuiet).value_or(std::string()), now);
    const std::optional<std::string> lasting =
        m_standing.empty() ? std::nullopt : m_waits.deadlock(m_knownUntil, kDeadlockEnded);
    if (!lasting) {
        return;
    }
    if (!lesson()) {
        if (m_deadlock.empty()) {
            m_deadlock = *lasting; // its tasks are ended one by one, and then nobody waits any more
        }
    } else if (m_job.endDeadlockFd < 0) {
        end(Exit::Kind::Deadlocked, "deadlock: " + *lasting, SIGKILL);
    }
}

void VariantRun::tellOfDeadlock(std::string cycle, Nanos now)
{
    if (cycle == m_standing) {
        return;
    }
    if (m_standing.empty()) {
        m_standingSince = now;
    } else if (cycle.empty() && m_job.endDeadlockFd >= 0) {
        m_stood += now - m_standingSince;
    }
    m_standing = std::move(cycle);
    m_emit(VariantDeadlocked{m_job.index, m_standing, m_job.endDeadlockFd >= 0});
}

/// Whether that was asked for since the last call, of this deadlock or of one that was over by then.
bool VariantRun::mayEndDeadlock()
{
    eventfd_t asked = 0;
    return m_job.endDeadlockFd >= 0 && eventfd_read(m_job.endDeadlockFd, &asked) == 0;
}

void VariantRun::passBatches(Pass pass)
{
    m_consumerIsBehind = pass == Pass::WhatHasRoom && m_updates.isFull();
    if (!m_collector || m_consumerIsBehind) {
        return;
    }
    std::vector<Batch> batches = m_collector->take();
    if (batches.empty()) {
        return;
    }
    for (const Batch& batch : batches) {
        m_waits.apply(batch);
        m_knownUntil = std::max(m_knownUntil, batch.drainedAt);
        for (const ObjectBirth& object : batch.objects) {
            if (object.kind == ObjectKind::Gil) {
                m_gils.push_back(object.id);
            }
        }
        for (const Event& event : batch.events) {
            note(event);
        }
    }
    m_emit(VariantBatches{m_job.index, std::move(batches)});
}

void VariantRun::note(const Event& event)
{
    switch (event.kind) {
    case EventKind::WorkBegin:
        m_workBegin = std::min(m_workBegin.value_or(event.time), event.time);
        break;
    case EventKind::WorkEnd:
        m_workEnd = std::max(m_workEnd.value_or(event.time), event.time);
        break;
    case EventKind::ThreadBorn:
        m_threads.insert(event.tid);
        break;
    case EventKind::ThreadExit:
        m_threads.erase(event.tid);
        break;
    case EventKind::LockAcquire:
        m_gilSeen = m_gilSeen || std::find(m_gils.begin(), m_gils.end(), event.object) != m_gils.end();
        break;
    default:
        break;
    }
}

/// What has no room waits where it is captured, and that keeps the last megabyte.
void VariantRun::passOutput(Pass pass)
{
    if (pass == Pass::WhatHasRoom && m_updates.textIsFull()) {
        return;
    }
    if (std::string text = m_process->takeOutput(); !text.empty()) {
        m_emit(VariantOutput{m_job.index, std::move(text)});
    }
}

} // namespace timeslice
