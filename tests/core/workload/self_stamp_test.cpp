// Tasks that note their own switches, where the kernel's records are refused.
#include "tests/core/workload/workload_support.h"

#include <gmock/gmock.h>

namespace timeslice::workload_test::self_stamp_test {
namespace {

using testing::SizeIs;

struct OnCore {
    Nanos running = 0;
    Nanos off = 0;
    int absences = 0;
};

/// Adds up a thread's switches; fails if they do not alternate or name a core that it could not be on.
OnCore addUp(const std::vector<Event>& events)
{
    OnCore sum;
    const std::vector<CpuId> cpus = allowedCpus();
    const Event* last = nullptr;
    for (const Event& event : events) {
        if (event.kind != EventKind::SwitchIn && event.kind != EventKind::SwitchOut) {
            continue;
        }
        EXPECT_TRUE(std::find(cpus.begin(), cpus.end(), event.cpu) != cpus.end()) << event.cpu;
        if (last == nullptr) {
            EXPECT_EQ(event.kind, EventKind::SwitchIn);
        } else if (last->kind == event.kind) {
            ADD_FAILURE() << "two switches of the same kind in a row";
        } else if (event.kind == EventKind::SwitchOut) {
            EXPECT_EQ(event.cpu, last->cpu);
            sum.running += event.time - last->time;
        } else {
            sum.off += event.time - last->time;
            ++sum.absences;
        }
        last = &event;
    }
    EXPECT_TRUE(last != nullptr && last->kind == EventKind::SwitchOut);
    return sum;
}

TEST(SelfStampTest, TellsWhenEachThreadAndProcessWasOnWhichCore)
{
    for (const std::string as : {"thread", "process"}) {
        // Two on one core: each must be off it about half the time.
        const Recorded recorded = record(
            R"({"tasks": {"T": {"instance": 2, "as": ")" + as + R"(", "cpus": [0], "do": [{"runtime": "60ms"}]}}})",
            true);
        Nanos both = 0;
        for (const TaskOutcome& task : recorded.result.tasks) {
            const OnCore sum = addUp(recorded.eventsOf(task.name));
            EXPECT_GT(sum.absences, 0);
            EXPECT_LE(sum.running + sum.off, recorded.result.wall);
            // What it ran by its own account is at least what the kernel says, save what it does before its first stamp
            // and after its last: it never invents an absence.
            EXPECT_GE(static_cast<double>(sum.running), 0.98 * static_cast<double>(task.cpuTime) - 2e6);
            both += sum.running;
        }
        // ... and it notices nearly all of them: two cannot have more than one core between them.
        EXPECT_LE(static_cast<double>(both), 1.2 * static_cast<double>(recorded.result.wall));
    }
}

TEST(SelfStampTest, LeavesTheCoreForEveryWaitAndComesBack)
{
    const Recorded recorded = record(R"({"resources": {"b": {"type": "barrier"}}, "tasks": {
        "T": {"loop": 4, "do": [{"sleep": "2ms"}, {"barrier": "b"}]}}})",
        true);
    const OnCore sum = addUp(recorded.eventsOf("T"));
    EXPECT_GE(sum.absences, 8);
    EXPECT_GE(sum.off, 4 * 2 * kMillisecond - kMillisecond);
}

TEST(SelfStampTest, TellsOfBirthsAndExitsToo)
{
    const Recorded recorded = record(R"({"tasks": {"T": {"instance": 2, "do": [{"run": 10}]}}})", true);
    for (const char* name : {"T 1", "T 2"}) {
        const auto events = recorded.eventsOf(name);
        EXPECT_EQ(events.front().kind, EventKind::ThreadBorn);
        EXPECT_EQ(events.back().kind, EventKind::ThreadExit);
    }
    EXPECT_THAT(recorded.events(EventKind::ThreadBorn), SizeIs(2));
}

TEST(SelfStampTest, ShowsAThreadThatWaitsForALockForEverAsOffTheCore)
{
    const Channel channel = makeChannel();
    const pid_t pid = fork();
    if (pid == 0) {
        WorkloadOptions stamped = options(&channel);
        stamped.selfStamp = true;
        (void)runWorkload(parse(R"({"resources": {"m": {"type": "mutex"}}, "tasks": {
            "T": {"do": [{"lock": "m"}, {"lock": "m"}]}}})"),
            stamped);
        _exit(0);
    }
    ChannelReader reader(channel, SchedulingSource::Workload);
    Batch seen;
    const auto requested = [&] {
        return std::any_of(seen.events.begin(), seen.events.end(),
            [](const Event& event) { return event.kind == EventKind::LockRequest; });
    };
    while (!requested()) {
        reader.drain(seen);
        usleep(1000);
    }
    kill(pid, SIGKILL);
    EXPECT_EQ(waitpid(pid, nullptr, 0), pid);
    const auto lastSwitch = std::find_if(seen.events.rbegin(), seen.events.rend(),
        [](const Event& event) { return event.kind == EventKind::SwitchIn || event.kind == EventKind::SwitchOut; });
    ASSERT_NE(lastSwitch, seen.events.rend());
    EXPECT_EQ(lastSwitch->kind, EventKind::SwitchOut);
}

TEST(SelfStampTest, IsSilentWhenTheKernelTells)
{
    const Recorded recorded = record(R"({"tasks": {"T": {"do": [{"run": "1ms"}, {"sleep": 10}]}}})");
    EXPECT_THAT(recorded.events(EventKind::SwitchIn), SizeIs(0));
    EXPECT_THAT(recorded.events(EventKind::ThreadBorn), SizeIs(0));
}

} // namespace
} // namespace timeslice::workload_test::self_stamp_test
