// WorkloadSpec: what a worker is to do, read from JSON in the vocabulary of rt-app's workloads.
//
// Source of the words (run, runtime, sleep, timer, lock, unlock, wait, signal, barrier, phases, loop, instance, cpus,
// policy, priority, nice, delay): rt-app's doc/tutorial.txt. A resource is named by its index once it has been read.
#pragma once

#include "core/base/ids.h"
#include "core/base/json_place.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/dispatch/step_program.h"
#include "core/sync/gil.h"
#include "core/workload/scheduling.h"
#include "core/workload/dispatch_spec.h"
#include "core/workload/store_buffer.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace timeslice {

/// One thing that a task does; rt-app says "event", which here is a record of the timeline.
namespace step {

struct Run {
    Nanos cpuTime = 0; ///< work of that much CPU time at the calibrated speed: a fixed number of iterations
};
struct RunFor {
    Nanos wallTime = 0;
};
struct Sleep {
    Nanos length = 0;
};
/// Sleeps until the next multiple of the period since the start of the work.
struct Timer {
    Nanos period = 0;
};
struct Lock {
    std::size_t mutex = 0;
};
struct Unlock {
    std::size_t mutex = 0;
};
/// Takes all of them or none: one that is not free makes it let go of those it has, pause, and begin anew.
struct Acquire {
    std::vector<std::size_t> mutexes; ///< in this order
    Nanos between = 0; ///< sleeps so long after each but the last
    Nanos pause = kMillisecond; ///< half of it to one and a half, at random: equal pauses would meet again
};
struct Wait {
    std::size_t condition = 0;
    std::size_t mutex = 0;
};
struct Signal {
    std::size_t condition = 0;
    bool everyWaiter = false; ///< broadcast
};
struct Barrier {
    std::size_t barrier = 0;
};
struct Increment {
    enum class How : unsigned char {
        Plain,
        Atomic,
        Mutex,
        Local, ///< counts in a variable of its own, and adds that to the counter once, at its end
    };
    std::size_t counter = 0;
    std::uint64_t times = 1;
    How how = How::Plain;
    std::size_t mutex = 0; ///< How::Mutex only
    bool record = false; ///< every load and store is an event
};
struct Write {
    std::size_t file = 0;
    std::size_t bytes = 0;
    bool sync = false; ///< waits until the device has it
};
struct Read {
    std::size_t file = 0;
    std::size_t bytes = 0;
};
struct Send {
    std::size_t pipe = 0;
    std::size_t bytes = 0;
};
struct Receive {
    std::size_t pipe = 0;
    std::size_t bytes = 0;
};
struct Yield { };
struct Mark {
    std::size_t mark = 0;
};
struct Crash {
    enum class How : unsigned char { Segv, Abort, Kill, Exit };
    How how = How::Segv;
};
struct Allocate {
    std::size_t megabytes = 0;
};
struct Spawn {
    bool processes = false;
    int count = 1;
};
/// Starts threads or processes that do one line and end, one after another, and measures that (core/workload/birth.h).
struct Bear {
    static constexpr std::uint64_t kMost = 10'000; ///< of all tasks together: each is kept until the run's end
    bool processes = false;
    std::uint64_t times = 1; ///< that count; one before them does not
};
/// One side of a store-buffer test: stores to one variable, then loads the other.
struct StoreBuffer {
    std::size_t test = 0;
    std::uint64_t rounds = 1;
    MemoryOrder order = MemoryOrder::Relaxed;
};
/// The task's thread takes the steps of a small program, one at a time, when it is told to: see SteppedSpec.
struct Stepped {
    StepProgram program;
    std::size_t counter = 0; ///< the shared variable
    std::optional<std::size_t> mutex; ///< what `lock` takes
};

// Steps that only rt-app's grammar (core/rtapp) has words for.

/// Sleeps until a timer is due, which each use sets forward by a period.
struct AwaitTimer {
    std::size_t timer = 0;
    Nanos period = 0;
};
/// Waits until another task resumes it. A resume that comes before is lost.
struct Suspend {
    std::size_t condition = 0;
    std::size_t mutex = 0;
};
/// Wakes every task that is suspended there.
struct Resume {
    std::size_t condition = 0;
    std::size_t mutex = 0;
};
struct PostSemaphore {
    std::size_t semaphore = 0;
};
struct AwaitSemaphore {
    std::size_t semaphore = 0;
};
struct UseMemory {
    enum class How : unsigned char {
        Fill, ///< as memset does
        Write, ///< byte by byte
        Read, ///< byte by byte
        Chase, ///< from pointer to pointer
    };
    How how = How::Fill;
    std::size_t buffer = 0;
    std::uint64_t count = 0; ///< bytes, or pointers
};
/// Appends to a file that the workload names, in portions.
struct WriteOut {
    std::size_t file = 0;
    std::uint64_t bytes = 0;
    std::size_t portion = 1;
};
/// Starts one more thread that does what a task of the workload says.
struct Fork {
    std::size_t task = 0;
};
/// From here on the task is scheduled so.
struct Schedule {
    Scheduling scheduling;
};
/// All of a job of the dispatch's table.
struct Job {
    JobIndex job = 0;
};

} // namespace step

using TaskStep = std::variant<step::Run, step::RunFor, step::Sleep, step::Timer, step::Lock, step::Unlock, step::Wait,
    step::Signal, step::Barrier, step::Increment, step::Write, step::Read, step::Send, step::Receive, step::Yield,
    step::Mark, step::Crash, step::Allocate, step::Spawn, step::Acquire, step::StoreBuffer, step::AwaitTimer,
    step::Suspend, step::Resume, step::PostSemaphore, step::AwaitSemaphore, step::UseMemory, step::WriteOut, step::Fork,
    step::Schedule, step::Job, step::Stepped, step::Bear>;

/// As a number of rounds: until the run is stopped.
inline constexpr std::uint64_t kEndless = std::numeric_limits<std::uint64_t>::max();

struct MutexSpec {
    std::string name;
    bool priorityInheritance = false;
    bool betweenProcesses = false; ///< a task of kind process uses it
    bool recorded = true;
};
struct GilSpec {
    std::string name;
    Gil::Options options;
};
struct ConditionSpec {
    std::string name;
    bool betweenProcesses = false;
};
struct BarrierSpec {
    std::string name;
    int participants = 0; ///< instances of all tasks that use it, as in rt-app
    bool betweenProcesses = false;
};
struct CounterSpec {
    enum class Layout : unsigned char {
        Padded, ///< alone on its cache line
        Packed, ///< side by side with the other packed ones: as many to a cache line as go into it
    };
    std::string name;
    std::int64_t initial = 0;
    bool betweenProcesses = false;
    Layout layout = Layout::Padded;
};
struct LitmusSpec {
    std::string name;
    int participants = 0; ///< instances of all tasks that use it: must be two
};
struct FileSpec {
    std::string name;
    std::size_t largest = 0; ///< bytes of the largest read or write
    std::string path = {}; ///< of a file of the user's, which is appended to; empty: a temporary one
};
struct PipeSpec {
    std::string name;
};
struct TimerSpec {
    std::string name;
    bool absolute = false; ///< when it was missed, the next times stay where they are; else they count from then on
    bool shared = true; ///< by all tasks that name it; else each thread has one
};
struct SemaphoreSpec {
    std::string name;
};
struct BufferSpec {
    enum class Chain : unsigned char { None, Sequential, Scattered };
    std::string name;
    std::size_t bytes = 0;
    std::size_t stride = 0; ///< between the pointers of a chain
    Chain chain = Chain::None;
    bool shared = false; ///< by all tasks that name it; else each thread has one
};

/// A workload whose threads are held at gates between the steps of their programs. By itself it takes the steps in
/// every order that there is, one after another; with WorkloadOptions::stepPage it is stepped from outside. Its tasks
/// do nothing besides.
struct SteppedSpec {
    StepJob job; ///< a program per instance, in the order of all instances
    std::size_t counter = 0;
    std::optional<std::size_t> mutex;
    std::vector<std::string> names; ///< of the instances
    std::string variable; ///< the counter's name
};

struct PhaseSpec {
    std::uint64_t loop = 1;
    std::vector<TaskStep> steps;
    std::string path; ///< of its "do" in the document, for messages of the run: PATH/INDEX is a step
    std::vector<std::string> stepPaths = {}; ///< of each step, where they are not numbered

    std::string pathOf(std::size_t step) const
    {
        return stepPaths.empty() ? path + "/" + std::to_string(step) : stepPaths[step];
    }
};

/// A task is scheduled as it says here until a step says otherwise.
struct TaskSpec : Scheduling {
    std::string name;
    int instances = 1; ///< 0: only a step::Fork starts it
    bool process = false; ///< each instance a forked child
    std::optional<std::size_t> gil;
    bool lockPages = false;
    Nanos delay = 0;
    std::uint64_t loop = 1;
    Nanos until = 0; ///< since the start of the work: no round of the loop begins later; 0 = however long it takes
    std::vector<PhaseSpec> phases;

    /// "Thread 1", "Thread 2"; a single instance has the task's name. `index` counts from 0.
    std::string instanceName(int index) const;
    /// How many loads and stores of counters an instance records if it comes to its end; at most 2^62. 0 if
    /// that depends on the time.
    std::uint64_t recordedAccesses() const noexcept;
    /// How many births an instance measures if it comes to its end; at most 2^62.
    std::uint64_t births() const noexcept;
};

struct WorkloadSpec {
    std::vector<MutexSpec> mutexes;
    std::vector<GilSpec> gils;
    std::vector<ConditionSpec> conditions;
    std::vector<BarrierSpec> barriers;
    std::vector<CounterSpec> counters;
    std::vector<LitmusSpec> litmusTests;
    std::vector<FileSpec> files;
    std::vector<PipeSpec> pipes;
    std::vector<TimerSpec> timers;
    std::vector<SemaphoreSpec> semaphores;
    std::vector<BufferSpec> buffers;
    std::vector<std::string> marks;
    std::vector<TaskSpec> tasks;
    Nanos duration = 0; ///< the work is ended so long after its begin; 0: when all tasks have ended
    std::optional<DispatchSpec> dispatch; ///< its jobs are the only tasks, in the order of the table
    std::optional<SteppedSpec> stepped;

    int instances() const noexcept; ///< of all tasks together
};

/// What the machine and the run allow.
struct WorkloadBounds {
    int threads = 64; ///< threads and processes together
    std::vector<CpuId> cpus; ///< that the run may use, ascending; a workload's "cpus" are positions in this list, and
                             ///< those beyond it are left out
};

/// The cores that this process may run on.
std::vector<CpuId> allowedCpus();

/// Errors: Usage, naming the place in the document, what was found and what was expected; Unsupported for a core that
/// this machine does not have or does not allow.
Result<WorkloadSpec> readWorkload(const nlohmann::json& document, const WorkloadBounds& bounds);
/// All that it has to complain of, and not only the first; paths from the document on.
std::vector<JsonComplaint> workloadComplaints(const nlohmann::json& document, const WorkloadBounds& bounds);
/// readWorkload() from text. Errors: as above, and line and column where the text is no JSON.
Result<WorkloadSpec> parseWorkload(const std::string& text, const WorkloadBounds& bounds);

} // namespace timeslice
