// Runs a function in a child process with its context switches recorded, as a session does: the child is held on a
// pipe until the records are open.
#pragma once

#include "core/record/context_switches.h"
#include "core/record/cpu_usage.h"
#include "core/record/sort_by_time.h"

#include <atomic>
#include <ctime>
#include <fcntl.h>
#include <functional>
#include <memory>
#include <new>
#include <poll.h>
#include <set>
#include <string>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace timeslice::test {

/// What a thread of the child tells about itself.
struct ThreadReport {
    Tid tid = 0;
    Pid pid = 0;
    Nanos cpu = 0; ///< CLOCK_THREAD_CPUTIME_ID
    int role = 0; ///< whatever the test wants to know it by
    long voluntary = 0; ///< context switches, as getrusage() counts them
    long involuntary = 0;
};

struct RecordedRun {
    std::string error;
    Pid pid = 0;
    std::vector<Event> events; ///< in order
    std::vector<ThreadNaming> names;
    LossCounts lost;
    std::vector<ThreadReport> reports;
    Nanos stolen = 0;
    int status = 0;
};

inline Nanos threadCpuTime()
{
    timespec ts{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return Nanos{ts.tv_sec} * kSecond + ts.tv_nsec;
}

/// Computes until this thread has used so much CPU time since it began.
inline void spinUntilCpuTime(Nanos cpu)
{
    while (threadCpuTime() < cpu) {
        for (int i = 0; i < 2000; ++i) {
            asm volatile("" ::: "memory");
        }
    }
}

inline void report(int fd, int role)
{
    rusage used{};
    getrusage(RUSAGE_THREAD, &used);
    const ThreadReport r{gettid(), getpid(), threadCpuTime(), role, used.ru_nvcsw, used.ru_nivcsw};
    [[maybe_unused]] const ssize_t written = write(fd, &r, sizeof r);
}

/// How often anything was drained so far, in memory that children share.
inline std::atomic<std::uint32_t>& drainCount()
{
    static auto* const kCount = [] {
        void* memory = mmap(
            nullptr, sizeof(std::atomic<std::uint32_t>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        return new (memory) std::atomic<std::uint32_t>(0);
    }();
    return *kCount;
}

/// For a child that is sampled: what a thread has run since the last sample nobody can tell once it is gone.
inline void stayUntilDrained()
{
    const std::uint32_t before = drainCount().load();
    for (int i = 0; i < 60'000 && drainCount().load() - before < 2; ++i) { // not for ever, if the parent is gone
        poll(nullptr, 0, 1);
    }
}

/// `record(pid)` is called while the child is held and gives a function that drains into a batch.
using Drain = std::function<void(Batch&)>;

template <class Open> RecordedRun recordChildWith(const std::function<void(int reportFd)>& body, Open open)
{
    RecordedRun run;
    int hold[2];
    int reports[2];
    if (pipe2(hold, O_CLOEXEC) != 0 || pipe2(reports, O_CLOEXEC) != 0) {
        run.error = "no pipe";
        return run;
    }
    drainCount(); // before there is a child
    run.pid = fork();
    if (run.pid == 0) {
        close(hold[1]);
        char go = 0;
        if (read(hold[0], &go, 1) == 1) {
            body(reports[1]);
        }
        _exit(0);
    }
    close(hold[0]);
    close(reports[1]);
    Result<Drain> drain = open(run.pid);
    if (!drain) {
        run.error = drain.error().message;
        close(hold[1]);
    } else {
        std::vector<CpuId> cpus;
        for (CpuId cpu = 0; cpu < sysconf(_SC_NPROCESSORS_CONF); ++cpu) {
            cpus.push_back(cpu);
        }
        CpuUsage usage{cpus};
        Batch ignored;
        usage.sample(ignored);
        [[maybe_unused]] const ssize_t written = write(hold[1], "g", 1);
        close(hold[1]);
        bool ended = false;
        while (!ended) {
            ended = waitpid(run.pid, &run.status, WNOHANG) == run.pid;
            Batch batch;
            (*drain)(batch);
            ++drainCount();
            run.events.insert(run.events.end(), batch.events.begin(), batch.events.end());
            run.names.insert(run.names.end(), batch.names.begin(), batch.names.end());
            run.lost = batch.lost;
            if (!ended) {
                poll(nullptr, 0, 4);
            }
        }
        usage.sample(ignored);
        run.stolen = usage.stolen();
        ThreadReport r;
        while (read(reports[0], &r, sizeof r) == sizeof r) {
            run.reports.push_back(r);
        }
    }
    if (!run.error.empty()) {
        waitpid(run.pid, &run.status, 0);
    }
    close(reports[0]);
    std::vector<Event> scratch;
    sortByTime(run.events, scratch);
    return run;
}

inline RecordedRun recordChild(const std::function<void(int reportFd)>& body)
{
    return recordChildWith(body, [](Pid pid) -> Result<Drain> {
        Result<ContextSwitches> opened = ContextSwitches::open(pid, {});
        if (!opened) {
            return tl::unexpected(opened.error());
        }
        auto switches = std::make_shared<ContextSwitches>(std::move(*opened));
        return Drain{[switches](Batch& batch) { switches->drain(batch); }};
    });
}

/// Time on a core by the recorded switches; a ThreadExit ends the last slice.
inline Nanos runningTime(const std::vector<Event>& events, Tid tid)
{
    Nanos sum = 0;
    Nanos since = 0;
    bool running = false;
    for (const Event& event : events) {
        if (event.tid != tid) {
            continue;
        }
        if (event.kind == EventKind::SwitchIn) {
            since = event.time;
            running = true;
        } else if (running && (event.kind == EventKind::SwitchOut || event.kind == EventKind::ThreadExit)) {
            sum += event.time - since;
            running = false;
        }
    }
    return sum;
}

/// Empty, or what is wrong: two threads on one core at a time, a thread on two cores, or one that leaves a core that it
/// is not on. Of a thread that was there before the recording the first thing seen may be that it leaves.
inline std::string overlapError(const std::vector<Event>& events)
{
    std::vector<Tid> onCore(static_cast<std::size_t>(sysconf(_SC_NPROCESSORS_CONF)));
    std::set<Tid> ended;
    std::set<Tid> known; ///< born or seen
    for (const Event& event : events) {
        const auto describe = [&](const char* what) {
            return "thread " + std::to_string(event.tid) + ' ' + what + " core " + std::to_string(event.cpu) + " at "
                + std::to_string(event.time);
        };
        // The kernel writes the exit before it takes the events off the thread: preempted in between, the thread is
        // seen to go and come once more (perf_event_exit_task_context() in kernel/events/core.c).
        if (event.kind == EventKind::ThreadExit) {
            ended.insert(event.tid);
        } else if (event.kind == EventKind::ThreadBorn) {
            ended.erase(event.tid);
        } else if (ended.contains(event.tid)) {
            continue;
        }
        if (event.kind == EventKind::SwitchIn) {
            for (std::size_t core = 0; core < onCore.size(); ++core) {
                if (onCore[core] == event.tid) {
                    return describe("is still on another core when it comes to");
                }
            }
            Tid& there = onCore.at(static_cast<std::size_t>(event.cpu));
            if (there != 0) {
                return describe("finds another on");
            }
            there = event.tid;
        } else if (event.kind == EventKind::SwitchOut || event.kind == EventKind::ThreadExit) {
            Tid& there = onCore.at(static_cast<std::size_t>(event.cpu));
            if (there == event.tid) {
                there = 0;
            } else if (event.kind == EventKind::SwitchOut && known.contains(event.tid)) {
                return describe("leaves without having come to");
            }
        }
        known.insert(event.tid);
    }
    return {};
}

} // namespace timeslice::test
