#include "core/session/variant_run.h"

#include "core/base/duration_text.h"
#include "core/session/worker_result.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace timeslice {

namespace {

/// Between SIGTERM and SIGKILL.
constexpr Nanos kGrace = 300 * kMillisecond;
/// How long a cycle of waiting must have stood still to be called a deadlock.
constexpr Nanos kDeadlockQuiet = 300 * kMillisecond;
constexpr Nanos kDeadlockPeriod = 50 * kMillisecond;
/// How often batches are passed on: two collector periods, half a frame.
constexpr Nanos kPassPeriod = 2 * Collector::kPeriod;

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

/// As a shell would say it: the exit status, or 128 + signal.
int shellStatus(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool readable(int fd)
{
    pollfd ready{fd, POLLIN, 0};
    return ::poll(&ready, 1, 0) == 1;
}

} // namespace

VariantRun::VariantRun(VariantJob job, const Programs& programs, int stopFd, Emit emit)
    : m_job(std::move(job))
    , m_programs(programs)
    , m_stopFd(stopFd)
    , m_emit(std::move(emit))
{
}

Result<bool> VariantRun::run()
{
    if (Result<void> prepared = prepareFiles(); !prepared) {
        return tl::unexpected(prepared.error());
    }
    m_inferred = m_job.forceInferred;
    if (Result<void> spawned = spawn(); !spawned) {
        return tl::unexpected(spawned.error());
    }
    if (Result<void> recording = startRecording(); !recording) {
        return tl::unexpected(recording.error());
    }
    m_emit(VariantStarted{m_job.index, BuilderOptions{m_job.cpus, m_process->pid(), native()}});
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
    if (!native()) {
        return {};
    }
    m_spec = memoryFile("timeslice-spec");
    m_result = memoryFile("timeslice-result");
    if (!m_spec || !m_result || !writeAll(m_spec.get(), m_job.workload)) {
        return failErrno("cannot make the workload's files in memory", errno);
    }
    if (m_job.record) {
        ChannelGeometry geometry;
        // Each forked task has a coordinating thread besides.
        geometry.rings = static_cast<std::uint32_t>(std::clamp(2 * m_job.limits.threads + 16, 64, 1024));
        geometry.ringCapacity = m_job.manyEvents ? kManyEvents : kUsualEvents;
        Result<Channel> channel = Channel::create(geometry);
        if (!channel) {
            return tl::unexpected(channel.error());
        }
        m_channel.emplace(std::move(*channel));
        m_channelFd = UniqueFd(fcntl(m_channel->fd(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    }
    return {};
}

ProcessSpec VariantRun::processSpec() const
{
    ProcessSpec spec;
    spec.memoryBytes = m_job.limits.memoryBytes;
    spec.realtimeCpu = m_job.limits.realtimeCpu;
    if (!native()) {
        spec.argv = m_job.command;
        spec.contain = false;
        return spec;
    }
    spec.argv = {m_programs.worker.string(), "--spec-fd", std::to_string(m_spec.get()), "--channel-fd",
        std::to_string(m_channelFd.get()), "--result-fd", std::to_string(m_result.get()), "--iterations-per-us",
        std::to_string(m_job.iterationsPerMicrosecond), "--limit-threads", std::to_string(m_job.limits.threads)};
    if (m_job.record && m_inferred) {
        spec.argv.emplace_back("--self-stamp");
    }
    spec.inherit = {m_spec.get(), m_result.get()};
    if (m_channelFd) {
        spec.inherit.push_back(m_channelFd.get());
        // The channel is mapped whole and mostly untouched; the limit is for the workload's own memory.
        struct stat size { };
        if (spec.memoryBytes > 0 && ::fstat(m_channelFd.get(), &size) == 0) {
            spec.memoryBytes += size.st_size;
        }
    }
#ifdef TIMESLICE_SANITIZED
    spec.memoryBytes = 0; // the sanitizers reserve terabytes of address space
#endif
    return spec;
}

Result<void> VariantRun::spawn()
{
    m_process.reset();
    Result<WorkerProcess> process = WorkerProcess::spawnHeld(m_programs.guard, processSpec());
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
    if (!m_inferred) {
        if (Result<ContextSwitches> switches = ContextSwitches::open(m_process->pid(), m_job.cpus); switches) {
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
    if (m_inferred && !native()) {
        sources.sampler.emplace(m_process->pid());
    }
    sources.channel = m_channel ? &*m_channel : nullptr;
    sources.usage.emplace(m_job.cpus);
    sources.source = m_inferred ? Source::Inferred : Source::Measured;
    m_collector = std::make_unique<Collector>(std::move(sources));
    return {};
}

void VariantRun::watch()
{
    while (!m_over) {
        const Nanos now = monotonicNow();
        const std::vector<int> others = m_cut ? std::vector<int>{} : std::vector<int>{m_stopFd};
        const Nanos wake = m_collector || m_job.limits.time > 0 || m_killAt > 0 ? now + kPassPeriod : now + kSecond;
        if (const std::optional<ProcessEvent> event = m_process->waitEvent(wake, others)) {
            onEvent(*event);
        }
        passBatches();
        enforce(monotonicNow());
    }
    if (m_collector) {
        m_collector->stop(); // nothing of the workload is left to write: this drain is the last
        passBatches();
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
    case ProcessEvent::Kind::Ended:
        m_status = event.value;
        m_endedAt = event.time;
        m_treeCpu = event.cpu;
        break;
    case ProcessEvent::Kind::Swept:
        m_treeCpu = event.cpu;
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
    if (m_over || m_status) {
        return; // the guard is sweeping
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
    } else if (m_job.limits.time > 0 && now - m_started > m_job.limits.time) {
        end(Exit::Kind::TimeLimit, "ended at its time limit of " + toDurationText(m_job.limits.time, " "), SIGTERM);
    } else {
        lookForDeadlock(now);
    }
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
    }
}

void VariantRun::lookForDeadlock(Nanos now)
{
    if (now - m_deadlockCheckedAt < kDeadlockPeriod) {
        return;
    }
    m_deadlockCheckedAt = now;
    if (const std::optional<std::string> cycle = m_waits.deadlock(now, kDeadlockQuiet)) {
        end(Exit::Kind::Deadlocked, "deadlock: " + *cycle, SIGKILL);
    }
}

void VariantRun::passBatches()
{
    if (!m_collector) {
        return;
    }
    std::vector<Batch> batches = m_collector->take();
    if (batches.empty()) {
        return;
    }
    for (const Batch& batch : batches) {
        m_waits.apply(batch);
        for (const Event& event : batch.events) {
            if (event.kind == EventKind::WorkBegin) {
                m_workBegin = std::min(m_workBegin.value_or(event.time), event.time);
            } else if (event.kind == EventKind::WorkEnd) {
                m_workEnd = std::max(m_workEnd.value_or(event.time), event.time);
            }
        }
    }
    m_emit(VariantBatches{m_job.index, std::move(batches)});
}

Exit VariantRun::exit() const
{
    if (m_execError) {
        return {Exit::Kind::FailedToStart, *m_execError == ENOENT ? 127 : 126,
            "cannot run " + (native() ? m_programs.worker.string() : m_job.command.front()) + ": "
                + (*m_execError == ENOENT ? "command not found" : std::strerror(*m_execError))};
    }
    if (m_cut) {
        return {*m_cut, m_status ? shellStatus(*m_status) : 128 + SIGKILL, m_cutText};
    }
    return exitFromStatus(m_status.value_or(SIGKILL), {});
}

Result<void> VariantRun::conclude()
{
    RunFacts facts;
    facts.exit = exit();
    facts.cpu = m_treeCpu;
    facts.wall = m_endedAt - m_started;
    if (!m_job.cpus.empty()) {
        // What it left in the background may have gone on for a moment until it was killed, and is in the CPU time.
        const auto cores = static_cast<Nanos>(m_job.cpus.size());
        facts.wall = std::max(facts.wall, (m_treeCpu + cores - 1) / cores);
    }
    if (m_workBegin) {
        facts.wall = m_workEnd.value_or(m_endedAt) - *m_workBegin;
    }
    const std::string output = native() ? m_process->output() : std::string();
    if (native()) {
        WorkerResult result = readWorkerResult(m_result.get());
        facts.counters = std::move(result.counters);
        facts.threadCpu = std::move(result.threadCpu);
        facts.extra = std::move(result.extra);
        facts.cpu = result.cpu.value_or(facts.cpu);
        if (!m_workBegin) {
            facts.wall = result.wall.value_or(facts.wall);
        }
        if (facts.exit.kind == Exit::Kind::Exited && facts.exit.code != 0) {
            const std::string why = result.errors.empty() ? lastLine(output) : result.errors.front();
            facts.exit.text += why.empty() ? "" : ": " + why;
        }
    }
    if (m_unkillable > 0) {
        facts.exit.text += "; " + std::to_string(m_unkillable) + " of its processes cannot be killed";
    }
    if (m_collector) {
        facts.stolen = m_collector->stolen();
        facts.recordingCost = m_collector->cpuTime();
    }
    std::optional<Error> error;
    if (native() && facts.exit.kind == Exit::Kind::Exited && facts.exit.code == 2) {
        // The worker's word for a description that it does not understand.
        facts.exit.kind = Exit::Kind::FailedToStart;
        facts.exit.text = lastLine(output);
        error = Error{facts.exit.text.empty() ? "the worker refuses the workload" : facts.exit.text, ErrorKind::Usage};
    } else if (facts.exit.kind == Exit::Kind::FailedToStart) {
        error = Error{facts.exit.text, native() ? ErrorKind::Failed : ErrorKind::Usage};
    }
    m_process.reset();
    m_emit(VariantEnded{m_job.index, std::move(facts), m_endedAt});
    if (error) {
        return tl::unexpected(*error);
    }
    return {};
}

} // namespace timeslice
