// VariantRun's last part: what came of it.
#include "core/session/variant_run.h"

#include "core/analysis/quantiles.h"
#include "core/base/clean_name.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <sys/wait.h>

namespace timeslice {

namespace {

/// As a shell would say it: the exit status, or 128 + signal.
int shellStatus(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/// Whether Python's last word was an exception's: what a script prints before sys.exit(3) explains nothing.
bool endsInException(const std::string& output)
{
    return output.find("Traceback (most recent call last):") != std::string::npos
        || output.find("  File \"") != std::string::npos; // of a syntax error
}

} // namespace

/// A GIL that was seen against expectation (a free-threaded build's may be switched on) needs no excuse.
std::string VariantRun::gilNoteAtEnd() const
{
    if (m_gilSeen || !m_job.record || !m_job.python || m_execError) {
        return {};
    }
    return m_gilNote.empty() ? "No GIL was seen: the probe did not find it in this interpreter, or was not loaded."
                             : m_gilNote;
}

bool VariantRun::disturbed(const RunFacts& facts) const
{
    return facts.disturbance
        && (facts.disturbance->others > m_job.mostForeign || facts.disturbance->stolen > m_job.mostStolen);
}

Exit VariantRun::exit(const std::string& output) const
{
    if (m_execError) {
        return {Exit::Kind::FailedToStart, *m_execError == ENOENT ? 127 : 126,
            "cannot run " + cleanName(program()) + ": "
                + (*m_execError == ENOENT ? "command not found" : std::strerror(*m_execError))};
    }
    if (m_cut == Exit::Kind::Signalled) {
        return {*m_cut, SIGKILL, m_cutText};
    }
    if (m_cut) {
        return {*m_cut, m_status ? shellStatus(*m_status) : 128 + SIGKILL, m_cutText};
    }
    const bool explains = !m_job.python || endsInException(output);
    int status = m_status.value_or(SIGKILL);
    if (m_scriptCannotBeOpened && WIFEXITED(status) && WEXITSTATUS(status) != 0) {
        // CPython ends with 2, for others the word for a wrong command line, and Jython with 3. It is the script that
        // failed: 1, as for a module that is not there or a syntax error.
        status = W_EXITCODE(1, 0);
    }
    return exitFromStatus(status, explains ? output : std::string());
}

/// What the workload says of itself.
void VariantRun::takeResult(WorkerResult result, RunFacts& facts) const
{
    facts.counters = std::move(result.counters);
    facts.threadCpu = std::move(result.threadCpu);
    facts.extra = std::move(result.extra);
    facts.findings = std::move(result.unused);
    facts.findings.insert(facts.findings.end(), result.findings.begin(), result.findings.end());
    if (!m_deadlock.empty() && !m_cut) { // else the timeline ends with it
        facts.findings.push_back("Deadlock: " + m_deadlock + ".");
    }
    if (result.cpu) {
        facts.cpu = *result.cpu;
        facts.cpuOfWholeLife = false;
    }
    if (!m_workBegin) {
        facts.wall = result.wall.value_or(facts.wall);
    }
    if (!result.latencyMillis.empty()) {
        facts.latencyMillis = quantilesOf(std::move(result.latencyMillis));
    }
    if (!native() && !lesson()) { // how a program of the user's ends is that program's choice
        for (const std::string& error : result.errors) {
            facts.findings.push_back("It reports an error: " + error);
        }
    } else if (facts.exit.kind == Exit::Kind::Exited && !result.errors.empty()) {
        // Its own word is better than the last line of a traceback; and a script that has no result has failed.
        facts.exit.code = facts.exit.code == 0 ? 1 : facts.exit.code;
        facts.exit.text = "failed with exit status " + std::to_string(facts.exit.code) + ": " + result.errors.front();
    }
}

Result<void> VariantRun::conclude()
{
    passOutput(Pass::All);
    const std::string output = m_process->output();
    RunFacts facts;
    facts.exit = exit(output);
    facts.cpu = m_treeCpu;
    facts.cpuOfWholeLife = m_treeCpu > 0;
    facts.wall = m_endedAt - m_started;
    if (!m_job.cpus.empty()) {
        // What it left in the background may have gone on for a moment until it was killed, and is in the CPU time.
        const auto cores = static_cast<Nanos>(m_job.cpus.size());
        facts.wall = std::max(facts.wall, (m_treeCpu + cores - 1) / cores);
    }
    if (m_workBegin) {
        facts.wall = m_workEnd.value_or(m_endedAt) - *m_workBegin;
    }
    if (native()) {
        takeResult(readWorkerResult(m_result.get()), facts);
        if (m_workBegin && facts.cpuOfWholeLife) {
            // Ended before it could say what its threads used within the work: as of a script, below.
            facts.cpu = 0;
            facts.cpuOfWholeLife = false;
        }
    } else if (m_job.python) {
        if (m_workBegin) {
            // The kernel's account is of the whole life of the processes, the interpreter's start included. The report
            // then adds up what the threads ran within the work.
            facts.cpu = 0;
            facts.cpuOfWholeLife = false;
        }
        if (m_result) {
            takeResult(readScriptResult(m_result.get()), facts);
        }
        facts.interpreter = interpreterText(m_job.python->interpreter);
        facts.gilNote = gilNoteAtEnd();
    } else if (m_result) {
        takeResult(readScriptResult(m_result.get()), facts);
    }
    if (m_leftBehind > 0) {
        facts.findings.push_back(m_leftBehind == 1
                ? "1 process that went on in the background was ended a second after the program."
                : std::to_string(m_leftBehind)
                    + " processes that went on in the background were ended a second after the program.");
    }
    if (m_unkillable > 0) {
        facts.exit.text += "; " + std::to_string(m_unkillable) + " of its processes cannot be killed";
    }
    if (m_others && m_treeCpu > 0) { // else what was the run's own is not known
        facts.disturbance = m_others->measure(m_treeCpu);
    }
    if (m_collector) {
        facts.stolen = m_collector->stolen();
        facts.recordingCost = m_collector->cpuTime();
    }
    std::optional<Error> error;
    if (native() && facts.exit.kind == Exit::Kind::Exited && facts.exit.code == 2) {
        // The worker's word for a description that it does not understand.
        facts.exit.kind = Exit::Kind::FailedToStart;
        facts.exit.text = cleanText(lastLine(output));
        error = Error{facts.exit.text.empty() ? "the worker refuses the workload" : facts.exit.text, ErrorKind::Usage};
    } else if (facts.exit.kind == Exit::Kind::FailedToStart) {
        error = Error{facts.exit.text, native() ? ErrorKind::Failed : ErrorKind::Usage};
    }
    m_process.reset();
    // Of what came after the budget was used up nothing is known: the picture ends there.
    const Nanos last = std::max(m_endedAt, m_lingeredUntil);
    const Nanos end = m_collector ? m_collector->cutAt().value_or(last) : last;
    m_again = facts.exit.ok() && m_job.attempt < RunOptions::kMostAttempts && disturbed(facts);
    m_emit(VariantEnded{m_job.index, std::move(facts), std::min(end, last)});
    if (error) {
        return tl::unexpected(*error);
    }
    return {};
}

} // namespace timeslice
