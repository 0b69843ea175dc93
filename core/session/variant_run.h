// VariantRun: one variant of a scenario, or one command, from spawn to the last recorded event.
#pragma once

#include "core/base/result.h"
#include "core/record/channel.h"
#include "core/record/channel_server.h"
#include "core/record/collector.h"
#include "core/record/refused_programs.h"
#include "core/session/disturbance.h"
#include "core/session/live_waits.h"
#include "core/session/programs.h"
#include "core/session/python_job.h"
#include "core/session/recording_environment.h"
#include "core/session/run_options.h"
#include "core/session/run_update.h"
#include "core/session/update_queue.h"
#include "core/session/worker_process.h"
#include "core/session/worker_result.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace timeslice {

/// What to run.
struct VariantJob {
    std::size_t index = 0; ///< of the variant, for the updates
    Engine engine = Engine::Native;
    std::vector<std::string> command; ///< a program, or
    std::optional<PythonJob> python; ///< a script, or
    std::string workload; ///< a native workload as JSON text
    std::string grammar; ///< of a workload of the user's: not the scenarios'
    double iterationsPerMicrosecond = 0; ///< native only
    bool manyEvents = false; ///< the workload records every access to a counter
    int realtimePriority = 0; ///< the highest that the workload asks for; 0: none
    Limits limits;
    std::vector<CpuId> cpus; ///< to record
    bool forceInferred = false;
    bool calculated = false; ///< the workload shows what was calculated: there are no switches of the kernel to record
    bool record = true;
    bool memory = false; ///< record what memory each process has
    std::size_t step = 0; ///< these three as VariantStarted
    int repetition = 0;
    int attempt = 1;
    /// Shares of the cores' time; where others or the host take more, the same is to be run again, kMostAttempts times
    /// in all. 1: never.
    double mostForeign = 1;
    double mostStolen = 1;
    /// Of a lesson: its deadlocks stand until this eventfd, the caller's, becomes readable. -1: they are ended at once.
    int endDeadlockFd = -1;
    bool gil = true; ///< of a program: record its GILs, if it or what it starts has any
};

/// Lives on the run's thread. Emits VariantStarted, VariantBatches, VariantOutput, VariantDeadlocked, VariantEnded.
class VariantRun {
public:
    using Emit = std::function<void(RunUpdate)>;

    /// `programs` and `updates` must outlive the run; `stopFd` becomes readable when the run shall stop. `emit` puts
    /// into `updates`, which is asked for room.
    VariantRun(VariantJob job, const Programs& programs, int stopFd, const UpdateQueue& updates, Emit emit);

    /// Runs to the end, whatever the workload does; nothing of it is left then. Errors: it could not be started; if it
    /// was the workload that made that impossible (no such program), VariantEnded says so too. True: stopped by stopFd.
    Result<bool> run();
    /// Once it is over: whether others disturbed it so that it is to be run again.
    bool toRunAgain() const noexcept { return m_again; }

private:
    Source source() const noexcept
    {
        return m_job.calculated ? Source::Calculated : m_inferred ? Source::Inferred : Source::Measured;
    }
    bool native() const noexcept { return m_job.command.empty() && !m_job.python; }
    bool lesson() const noexcept { return m_job.python ? m_job.python->lesson : native() && m_job.grammar.empty(); }
    Result<void> prepareFiles();
    Result<void> prepareChannel(ChannelGeometry geometry);
    Result<void> preparePython();
    void prepareCommand();
    std::string prepareProbe();
    RecordingDescriptors descriptors() const;
    Result<void> spawn();
    ProcessSpec processSpec() const;
    ProcessSpec pythonSpec() const;
    std::string program() const;
    Result<void> startRecording();
    void watch();
    void onEvent(const ProcessEvent& event);
    static Event reapedByGuard(const ProcessEvent& event);
    void passReaped();
    void enforce(Nanos now);
    void giveUpIfStuck(Nanos now);
    bool hasTooManyThreads();
    enum class Pass : unsigned char { WhatHasRoom, All };
    void passBatches(Pass pass);
    void note(const Event& event);
    void passOutput(Pass pass);
    Nanos timeUsed(Nanos now) const;
    void lookForDeadlock(Nanos now);
    void tellOfDeadlock(std::string cycle, Nanos now);
    bool mayEndDeadlock();
    void end(Exit::Kind kind, std::string text, int signal);
    Result<void> conclude();
    bool disturbed(const RunFacts& facts) const;
    Exit exit(const std::string& output) const;
    void takeResult(WorkerResult result, RunFacts& facts) const;
    std::string gilNoteAtEnd() const;

    VariantJob m_job;
    const Programs& m_programs;
    int m_stopFd;
    const UpdateQueue& m_updates;
    Emit m_emit;

    std::optional<DisturbanceMeter> m_others; ///< from the start on
    UniqueFd m_spec;
    UniqueFd m_result; ///< what a worker, or a script by our module, says of its own run
    UniqueFd m_made; ///< of a workload of the user's: the directories that it makes
    UniqueFd m_channelFd;
    UniqueFd m_probe; ///< see RecordingDescriptors
    RefusedPrograms m_refused;
    std::unique_ptr<ChannelServer> m_channelServer; ///< after m_channelFd, which it hands out, and m_refused
    bool m_scriptCannotBeOpened = false;
    std::optional<Channel> m_channel;
    bool m_inferred = false;
    bool m_othersRecorded = false; ///< switch by switch, with names
    std::optional<WorkerProcess> m_process;
    std::unique_ptr<Collector> m_collector;
    LiveWaits m_waits;
    std::string m_gilNote; ///< of Python: why its GIL will not be seen, as far as is known before
    FirstProgram m_firstProgram; ///< of a command
    bool m_looksForGils = false; ///< also where nothing can be preloaded into the first program
    std::vector<ObjectId> m_gils;
    bool m_gilSeen = false;
    std::vector<Event> m_reaped; ///< by the guard; passed on at the end
    std::unordered_set<Tid> m_threads; ///< of the workload, seen to be born and not to end; see hasTooManyThreads()
    bool m_consumerIsBehind = false; ///< events wait that were not looked at

    Nanos m_started = 0;
    Nanos m_endedAt = 0;
    Nanos m_treeCpu = 0;
    bool m_lingers = false; ///< what it leaves in the background may go on for a while
    Nanos m_lingeredUntil = 0;
    int m_leftBehind = 0; ///< processes that had to be ended after the first one's end
    std::optional<Nanos> m_workBegin;
    std::optional<Nanos> m_workEnd;
    std::optional<int> m_status; ///< of the first process, as from wait(2)
    std::optional<int> m_execError;
    int m_unkillable = 0;
    bool m_over = false;
    bool m_again = false;
    std::optional<Exit::Kind> m_cut; ///< why it was ended before its time
    std::string m_cutText;
    bool m_hurried = false; ///< told to stop when only what the workload left behind was still there
    Nanos m_killAt = 0; ///< when the grace after SIGTERM is over; 0 = none
    Nanos m_giveUpAt = 0; ///< when a stopped run no longer waits for what does not die; 0 = never
    Nanos m_deadlockCheckedAt = 0;
    Nanos m_knownUntil = 0; ///< every event before it has been looked at
    std::string m_standing; ///< the deadlock in which it stands, as told; empty: in none
    Nanos m_standingSince = 0;
    Nanos m_stood = 0; ///< in deadlocks that are over
    std::string m_deadlock; ///< that nobody ended, of a workload that is no lesson; empty: none was seen
};

} // namespace timeslice
