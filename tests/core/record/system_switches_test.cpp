// Another program on the run's core, as the kernel of this machine tells of it.
#include "core/record/system_switches.h"

#include "recorded_child.h"

#include <algorithm>
#include <csignal>
#include <gtest/gtest.h>
#include <map>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>

namespace timeslice::test::system_switches_test {
namespace {

constexpr const char* kName = "ts-other-hog";

int firstCore()
{
    cpu_set_t set;
    sched_getaffinity(0, sizeof set, &set);
    int core = 0;
    while (!CPU_ISSET(static_cast<std::size_t>(core), &set)) {
        ++core;
    }
    return core;
}

void stayOn(int core)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<std::size_t>(core), &set);
    sched_setaffinity(0, sizeof set, &set);
}

/// Returns when it has its name: from before it, the records rightly tell another.
Pid startHog(int core)
{
    int named[2];
    if (pipe2(named, O_CLOEXEC) != 0) {
        return -1;
    }
    const Pid hog = fork();
    if (hog == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        prctl(PR_SET_NAME, kName);
        stayOn(core);
        close(named[0]);
        close(named[1]);
        for (;;) {
            asm volatile("" ::: "memory");
        }
    }
    close(named[1]);
    char none = 0;
    [[maybe_unused]] const ssize_t end = read(named[0], &none, 1);
    close(named[0]);
    return hog;
}

TEST(SystemSwitches, TellTheNameOfABusyProgramBesideTheRun)
{
    if (const Result<void> allowed = probeSystemSwitches(); !allowed) {
        GTEST_SKIP() << allowed.error().message;
    }
    const int core = firstCore();
    const Pid hog = startHog(core);
    ASSERT_GT(hog, 0);
    std::vector<OtherProgram> programs;
    std::vector<OthersRun> others;
    const RecordedRun run = recordChildWith(
        [core](int reportFd) {
            stayOn(core);
            spinUntilCpuTime(60 * kMillisecond);
            report(reportFd, 0);
        },
        [&](Pid pid) -> Result<Drain> {
            Result<SystemSwitches> system = SystemSwitches::open({static_cast<CpuId>(core)}, pid, 0);
            Result<ContextSwitches> opened = ContextSwitches::open(pid, {});
            if (!system || !opened) {
                return tl::unexpected(system ? opened.error() : system.error());
            }
            auto beside = std::make_shared<SystemSwitches>(std::move(*system));
            auto switches = std::make_shared<ContextSwitches>(std::move(*opened));
            return Drain{[=, &programs, &others](Batch& batch) {
                beside->read();
                switches->drain(batch);
                beside->translate(batch.events, monotonicNow(), batch);
                programs.insert(programs.end(), batch.programs.begin(), batch.programs.end());
                others.insert(others.end(), batch.others.begin(), batch.others.end());
            }};
        });
    kill(hog, SIGKILL);
    waitpid(hog, nullptr, 0);
    ASSERT_EQ(run.error, "");
    std::map<Pid, Nanos> time;
    Nanos last = 0;
    for (const OthersRun& other : others) {
        EXPECT_LE(last, other.begin) << "one at a time";
        EXPECT_LT(other.begin, other.end);
        last = other.end;
        if (other.program != OthersRun::kNobody) {
            ASSERT_LT(other.program, programs.size());
            time[programs[other.program].pid] += other.end - other.begin;
        }
    }
    const auto named = std::find_if(
        programs.begin(), programs.end(), [hog](const OtherProgram& program) { return program.pid == hog; });
    ASSERT_NE(named, programs.end());
    EXPECT_EQ(named->name, kName);
    EXPECT_GT(time[hog], 10 * kMillisecond) << "two that compute on one core share it";
    EXPECT_EQ(time.count(run.pid), 0U) << "what is the run's is no other program's";
    // While a thread of the run was on the core, nobody else was.
    for (std::size_t i = 0; i + 1 < run.events.size(); ++i) {
        const Event& in = run.events[i];
        const Event& out = run.events[i + 1];
        if (in.kind != EventKind::SwitchIn || out.kind != EventKind::SwitchOut || in.cpu != core
            || out.time - in.time < kMillisecond) {
            continue;
        }
        const Nanos middle = in.time + (out.time - in.time) / 2;
        EXPECT_TRUE(std::none_of(others.begin(), others.end(), [middle](const OthersRun& other) {
            return other.program != OthersRun::kNobody && other.begin <= middle && middle < other.end;
        }));
    }
}

} // namespace
} // namespace timeslice::test::system_switches_test
