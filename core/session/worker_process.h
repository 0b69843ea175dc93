// WorkerProcess: a program started under a guard (core/session/guard.h), held before exec until it is released.
#pragma once

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/base/unique_fd.h"
#include "core/session/captured_output.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace timeslice {

struct ProcessSpec {
    std::vector<std::string> argv; ///< argv[0] is looked up in $PATH
    std::vector<int> inherit; ///< descriptors that it gets, at the same numbers (see aboveStdio())
    bool contain = true; ///< own session, /dev/null as input, output captured, see runGuard(); false: as a shell would
    bool terminal = false; ///< where it is not contained: output captured all the same, as if it went to a terminal
    int input = -1; ///< where it is not contained: its standard input, instead of ours; stays the caller's
    std::vector<std::string> environment = {}; ///< "NAME=VALUE", besides ours; the guard itself does not get them
    std::filesystem::path directory = {}; ///< to run in; empty = ours
    /// One of `inherit`, a file in which it notes the directories that it makes (control groups), each ended by '\0':
    /// what of them is left when nothing of it is, and is empty, the guard removes. -1 = none.
    int made = -1;
    Nanos linger = 0; ///< what its other processes have to end by themselves when the first has ended
    std::int64_t memoryBytes = 0; ///< RLIMIT_AS; 0 = unlimited
    Nanos realtimeCpu = 0; ///< RLIMIT_RTTIME; 0 = unlimited
};

/// Something that happened to the process.
struct ProcessEvent {
    enum class Kind : unsigned char {
        Started, ///< exec succeeded; `time` is when it was released
        ExecFailed, ///< `value` is errno
        Ended, ///< `value` is the wait status of the first process; the guard now kills what is left of the rest
        Reaped, ///< another process, `pid`, ended that had lost its parent; `value` is its wait status
        Swept, ///< nothing is left; `value`: processes that lingered until they were killed; `cpu` is complete
        Stuck, ///< `value` processes cannot be killed; the guard goes on trying
        GuardLost, ///< the guard itself was killed, and so was the first process
    };
    Kind kind = Kind::Started;
    int value = 0;
    Pid pid = 0; ///< of Ended and Reaped
    Nanos time = 0;
    Nanos cpu = 0; ///< user + system time, since the release, of everything that has ended so far
};

/// For one thread. The destructor kills the whole tree and returns when it is gone. It does not wait for what cannot be
/// killed: the guard goes on alone.
class WorkerProcess {
public:
    /// Starts guard and process; on return the process exists and waits for release(). Errors: the system's,
    /// or `stopFd` became readable before.
    static Result<WorkerProcess> spawnHeld(
        const std::filesystem::path& guard, const ProcessSpec& spec, int stopFd = -1);
    WorkerProcess(WorkerProcess&& other) noexcept;
    WorkerProcess& operator=(WorkerProcess&&) = delete;
    ~WorkerProcess();

    Pid pid() const noexcept { return m_pid; }
    /// Everything that the workload consists of descends from it.
    Pid guardPid() const noexcept { return m_guard; }
    void release();
    /// To every process of the tree.
    void signalAll(int signal);
    /// SIGKILL to all of it, also to what it starts meanwhile; Swept follows.
    void sweep();
    /// What is left is the guard's alone: the destructor does not wait for it.
    void letGo() noexcept { m_letGo = true; }

    /// Waits for an event, until the deadline or until one of `others` is readable (nullopt).
    std::optional<ProcessEvent> waitEvent(Nanos deadline, const std::vector<int>& others = {});
    /// The last lines of what it wrote to its standard output and error (where captured).
    std::string output();
    /// What it wrote since the last call, in the order it came: all of it, if called after each event.
    std::string takeOutput() { return m_output.take(); }

private:
    WorkerProcess() = default;
    void order(unsigned int order, int signal);

    UniqueFd m_control;
    CapturedOutput m_output;
    bool m_contained = false;
    Pid m_guard = -1;
    Pid m_pid = -1;
    bool m_over = false;
    bool m_letGo = false;
};

/// The same open file at a number above 2, close-on-exec, so that it cannot be mistaken for standard input or output.
UniqueFd aboveStdio(UniqueFd fd);

} // namespace timeslice
