// Each kind of event of rt-app's grammar, run: what is on the timeline, and how often.
#include "core/workload/compute_kernel.h"
#include "tests/core/rtapp/rtapp_support.h"

#include <cstdlib>
#include <filesystem>
#include <gmock/gmock.h>
#include <sched.h>
#include <set>
#include <sys/resource.h>

namespace timeslice::rtapp_test::rtapp_run_test {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::SizeIs;
using workload_test::kSlow;

/// Begin and end of each wait of one kind, of one thread or of all.
std::vector<Nanos> waits(const Recorded& run, WaitKind kind, const std::string& thread = "")
{
    const Tid wanted = thread.empty() ? 0 : run.tidOf(thread);
    std::map<Tid, Nanos> begun;
    std::vector<Nanos> lengths;
    for (const Event& event : run.batch.events) {
        if (event.value != static_cast<std::uint64_t>(kind) || (wanted != 0 && event.tid != wanted)) {
            continue;
        }
        if (event.kind == EventKind::WaitBegin) {
            begun[event.tid] = event.time;
        } else if (event.kind == EventKind::WaitEnd) {
            lengths.push_back(event.time - begun.at(event.tid));
        }
    }
    return lengths;
}

std::uint64_t iterations(Nanos cpuTime)
{
    return iterationsFor(cpuTime, kSlow);
}

ObjectId objectNamed(const Recorded& run, ObjectKind kind, const std::string& name)
{
    for (const ObjectBirth& object : run.objects(kind)) {
        if (object.name == name) {
            return object.id;
        }
    }
    ADD_FAILURE() << "nothing is named " << name;
    return 0;
}

std::size_t count(const Recorded& run, EventKind kind, ObjectId object)
{
    return run.select([&](const Event& event) { return event.kind == kind && event.object == object; }).size();
}

Nanos workBegin(const Recorded& run)
{
    const std::vector<Event> begins = run.events(EventKind::WorkBegin);
    EXPECT_THAT(begins, SizeIs(1));
    return begins.empty() ? 0 : begins.front().time;
}

void expectDone(const Recorded& run)
{
    EXPECT_EQ(run.result.end, WorkloadResult::End::Done) << testing::PrintToString(run.result.errors);
    EXPECT_FALSE(run.result.abandonedThreads);
}

TEST(RtappRunTest, RunIsAFixedAmountOfWorkAsOftenAsItStandsThere)
{
    const Recorded run = recordFile("run");
    expectDone(run);
    const std::uint64_t each =
        3 * (iterations(2000 * kMicrosecond) + iterations(500 * kMicrosecond) + iterations(33 * kMicrosecond));
    ASSERT_THAT(run.result.tasks, SizeIs(2));
    EXPECT_EQ(run.result.tasks[0].name, "worker 1");
    EXPECT_EQ(run.result.tasks[0].iterations, each);
    EXPECT_EQ(run.result.tasks[1].iterations, each);
}

TEST(RtappRunTest, RuntimeLastsForATimeHoweverFastTheMachineIs)
{
    const Recorded run = recordFile("runtime");
    expectDone(run);
    EXPECT_GE(run.result.wall, 2 * (3 + 1 + 2) * kMillisecond);
    EXPECT_GT(run.result.tasks.at(0).iterations, 0U);
    EXPECT_THAT(waits(run, WaitKind::Sleep), SizeIs(2));
}

TEST(RtappRunTest, SleepIsAWaitOfAtLeastThatLengthAndADelayComesBefore)
{
    const Recorded run = recordFile("sleep");
    expectDone(run);
    const std::vector<Nanos> sleeps = waits(run, WaitKind::Sleep);
    ASSERT_THAT(sleeps, SizeIs(1 + 4 * 2)); // the delay is one
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_GE(sleeps[1 + 2 * i], kMillisecond);
        EXPECT_GE(sleeps[2 + 2 * i], 500 * kMicrosecond);
    }
    const std::vector<Event> ends = run.events(EventKind::WaitEnd);
    EXPECT_GE(ends.front().time, workBegin(run) + 2 * kMillisecond);
}

TEST(RtappRunTest, ATimerWakesAtMultiplesOfItsPeriodUnlessItWasMissed)
{
    const Recorded run = recordFile("timer");
    expectDone(run);
    const Nanos begin = workBegin(run);
    const Tid relative = run.tidOf("relative");
    Nanos last = begin;
    for (const Event& event : run.events(EventKind::Latency)) {
        if (event.tid == relative) {
            const Nanos due = event.time - static_cast<Nanos>(event.value);
            EXPECT_GE(due, last + 2 * kMillisecond) << "a period at least after the one before";
            last = due;
        }
    }
    // The 1 ms of an absolute timer are always over when 3 ms of work are done; that of 20 ms, in the first round, not.
    EXPECT_LE(waits(run, WaitKind::Sleep, "absolute").size(), 3U);
    EXPECT_GE(run.result.wall, 3 * 3 * kMillisecond);
}

TEST(RtappRunTest, ASharedTimerIsSetForwardByEachTaskThatUsesIt)
{
    const Recorded run = recordFile("shared_timer");
    expectDone(run);
    std::set<Nanos> due;
    for (const Event& event : run.events(EventKind::Latency)) {
        EXPECT_TRUE(due.insert(event.time - static_cast<Nanos>(event.value)).second) << "nobody has the same turn";
    }
    EXPECT_LE(due.size(), 8U);
    EXPECT_FALSE(due.empty());
}

TEST(RtappRunTest, LockAndUnlockAreHoldsThatDoNotOverlap)
{
    const RtappWorkload workload = accept(dataText("locks"));
    EXPECT_TRUE(workload.spec.mutexes.at(0).priorityInheritance);
    const Recorded run = record(workload.spec);
    expectDone(run);
    const ObjectId mutex = objectNamed(run, ObjectKind::Mutex, "m");
    EXPECT_EQ(count(run, EventKind::LockAcquire, mutex), 30U);
    EXPECT_EQ(count(run, EventKind::LockRelease, mutex), 30U);
    workload_test::expectHoldsDoNotOverlap(run.eventsAt(mutex));
}

TEST(RtappRunTest, SignalAndBroadEndAWait)
{
    const Recorded run = recordFile("conditions");
    expectDone(run);
    for (const char* name : {"go", "all"}) {
        const ObjectId condition = objectNamed(run, ObjectKind::Condition, name);
        EXPECT_EQ(count(run, EventKind::WaitBegin, condition), 1U) << name;
        EXPECT_EQ(count(run, EventKind::WaitEnd, condition), 1U) << name;
    }
    // While it waits it does not hold the mutex: two locks, two waits that take it again, and two locks of the caller.
    EXPECT_EQ(count(run, EventKind::LockAcquire, objectNamed(run, ObjectKind::Mutex, "m")), 6U);
}

TEST(RtappRunTest, SyncWakesAnotherAndThenWaitsForIt)
{
    const Recorded run = recordFile("sync");
    expectDone(run);
    const ObjectId condition = objectNamed(run, ObjectKind::Condition, "q");
    EXPECT_EQ(count(run, EventKind::WaitBegin, condition), 2U);
    EXPECT_EQ(count(run, EventKind::WaitEnd, condition), 2U);
    workload_test::expectHoldsDoNotOverlap(run.eventsAt(objectNamed(run, ObjectKind::Mutex, "m")));
}

TEST(RtappRunTest, NobodyLeavesABarrierBeforeAllHaveComeToIt)
{
    const Recorded run = recordFile("barrier");
    expectDone(run);
    const ObjectId barrier = objectNamed(run, ObjectKind::Barrier, "meet");
    std::size_t arrived = 0;
    std::size_t left = 0;
    for (const Event& event : run.eventsAt(barrier)) {
        arrived += event.kind == EventKind::WaitBegin ? 1 : 0;
        left += event.kind == EventKind::WaitEnd ? 1 : 0;
        EXPECT_GE(arrived, (left + 2) / 3 * 3) << "of the rounds that somebody has left, all three are there";
    }
    EXPECT_EQ(arrived, 15U);
    EXPECT_EQ(left, 15U);
}

TEST(RtappRunTest, ASuspendedTaskIsBlockedUntilItIsResumed)
{
    const Recorded run = recordFile("suspend");
    expectDone(run);
    const ObjectId condition = objectNamed(run, ObjectKind::Condition, "pinger");
    EXPECT_EQ(count(run, EventKind::WaitBegin, condition), 3U);
    EXPECT_EQ(count(run, EventKind::WaitEnd, condition), 3U);
    EXPECT_THAT(run.objects(ObjectKind::Mutex), SizeIs(0)) << "the mutex behind it is nobody's business";
    EXPECT_EQ(run.result.tasks.at(0).iterations, 3 * iterations(100 * kMicrosecond));
}

TEST(RtappRunTest, ASemaphoreRemembersWhatWasPostedBefore)
{
    const Recorded run = recordFile("semaphore");
    expectDone(run);
    EXPECT_EQ(run.result.tasks.at(1).iterations, 5 * iterations(100 * kMicrosecond));
    EXPECT_THAT(waits(run, WaitKind::Condition), SizeIs(0)) << "five were posted in the ten milliseconds before";
}

TEST(RtappRunTest, ASemaphoreThatIsNotPostedIsWaitedFor)
{
    const Recorded run = recordText(R"({"tasks": {"a": {"loop": 1, "sleep": 20000, "sem_post": "s"},
        "b": {"loop": 1, "sem_wait": "s", "run": 100}}})");
    expectDone(run);
    EXPECT_THAT(waits(run, WaitKind::Condition, "b"), SizeIs(1));
}

TEST(RtappRunTest, MemIsUsedAndTakesCpuTime)
{
    const RtappWorkload workload = accept(dataText("memory"));
    ASSERT_THAT(workload.spec.buffers, SizeIs(5));
    const Recorded run = record(workload.spec);
    expectDone(run);
    for (const TaskOutcome& task : run.result.tasks) {
        EXPECT_GT(task.cpuTime, 0);
    }
}

TEST(RtappRunTest, IorunWritesEveryByteToTheDevice)
{
    std::string pattern = (std::filesystem::temp_directory_path() / "timeslice-rtapp-XXXXXX").string();
    const std::filesystem::path folder = mkdtemp(pattern.data());
    const std::filesystem::path device = folder / "device";
    std::string text = dataText("iorun");
    text.replace(text.find("DEVICE"), 6, device.string());
    const Recorded run = recordText(text);
    expectDone(run);
    EXPECT_EQ(std::filesystem::file_size(device), 2U * 3 * 10'000);
    EXPECT_THAT(waits(run, WaitKind::FileIo), SizeIs(6));
    EXPECT_TRUE(run.result.fileDirectories.empty()) << "no temporary file was made";
    std::filesystem::remove_all(folder);

    const auto missing = runWorkload(accept(text).spec, workload_test::options());
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind, ErrorKind::Unsupported) << "on another machine it may be there";
    EXPECT_THAT(missing.error().message, HasSubstr(device.string()));
}

TEST(RtappRunTest, YieldGivesTheCoreAwayAndComesBack)
{
    const Recorded run = recordFile("yield");
    expectDone(run);
    for (const TaskOutcome& task : run.result.tasks) {
        EXPECT_EQ(task.iterations, 50 * iterations(10 * kMicrosecond));
    }
}

TEST(RtappRunTest, ForkedTasksAreThreadsOfTheirOwnAndAreWaitedFor)
{
    const Recorded run = recordFile("fork");
    expectDone(run);
    std::set<std::string> names;
    std::set<Tid> tids;
    for (const TaskOutcome& task : run.result.tasks) {
        names.insert(task.name);
        tids.insert(task.tid);
        if (task.name.starts_with("child")) {
            EXPECT_EQ(task.iterations, 2 * iterations(500 * kMicrosecond));
        }
    }
    EXPECT_THAT(names,
        testing::UnorderedElementsAre("grandparent", "parent", "parent fork 1", "child fork 1", "child fork 2",
            "child fork 3", "child fork 4", "child fork 5", "child fork 6"));
    EXPECT_THAT(tids, SizeIs(9));
}

TEST(RtappRunTest, AForkWithoutEndIsStopped)
{
    const Recorded run =
        recordText(R"({"tasks": {"child": {"instance": 0, "loop": 1, "run": 1}, "parent": {"fork": "child"}}})");
    EXPECT_EQ(run.result.end, WorkloadResult::End::Failed);
    ASSERT_FALSE(run.result.errors.empty());
    EXPECT_THAT(run.result.errors.front(), HasSubstr("tasks/parent/fork"));
    EXPECT_THAT(run.result.errors.front(), testing::AnyOf(HasSubstr("1024 times"), HasSubstr("64 threads")));
}

TEST(RtappRunTest, PhasesRunInTheirOrderAsOftenAsTheySay)
{
    const Recorded run = recordFile("phases");
    expectDone(run);
    EXPECT_EQ(run.result.tasks.at(0).iterations,
        2 * (3 * iterations(100 * kMicrosecond) + 2 * iterations(1000 * kMicrosecond) + iterations(10 * kMicrosecond)));
}

TEST(RtappRunTest, PoliciesAreTheKernelsOrAreRefusedWithWhatTheyTake)
{
    const Recorded run = recordFile("realtime");
    if (run.result.end == WorkloadResult::End::Done) {
        EXPECT_THAT(run.result.tasks, SizeIs(4));
        return;
    }
    EXPECT_EQ(run.result.errorKind, ErrorKind::Unsupported);
    EXPECT_THAT(run.result.errors.front(),
        testing::AllOf(HasSubstr("the system refuses the policy SCHED_"),
            testing::AnyOf(HasSubstr("CAP_SYS_NICE"), HasSubstr("sched_rt_runtime_us"))));
}

TEST(RtappRunTest, ATaskgroupIsThereForAsLongAsTheRun)
{
    const auto result = runWorkload(accept(dataText("taskgroup")).spec, workload_test::options());
    if (!result) {
        EXPECT_EQ(result.error().kind, ErrorKind::Unsupported);
        EXPECT_THAT(result.error().message, HasSubstr("taskgroup /timeslice-test/inner"));
        return;
    }
    EXPECT_EQ(result->end, WorkloadResult::End::Done) << testing::PrintToString(result->errors);
    EXPECT_EQ(result->tasks.at(0).iterations, 6 * iterations(500 * kMicrosecond));
    EXPECT_FALSE(std::filesystem::exists("/sys/fs/cgroup/cpu/timeslice-test"));
}

TEST(RtappRunTest, TheDurationEndsWhateverItIsAt)
{
    const Recorded run = recordFile("endless");
    expectDone(run);
    EXPECT_GE(run.result.wall, kSecond);
    EXPECT_THAT(run.result.tasks, SizeIs(8));
    EXPECT_GT(run.result.tasks.at(0).iterations, 0U);
    EXPECT_THAT(run.events(EventKind::WorkEnd), SizeIs(1));
    workload_test::expectHoldsDoNotOverlap(run.eventsAt(objectNamed(run, ObjectKind::Mutex, "m")));
}

TEST(RtappRunTest, UnlockingWhatALoopHasLockedOnlyOnceNamesTheEvent)
{
    const Recorded run = recordText(R"({"tasks": {"t": {"loop": 1, "phases": {
        "a": {"lock": "m", "run": 1}, "b": {"loop": 2, "unlock": "m"}}}}})");
    EXPECT_EQ(run.result.end, WorkloadResult::End::Failed);
    EXPECT_THAT(run.result.errors.at(0), HasSubstr("tasks/t/phases/b/unlock"));
}

} // namespace
} // namespace timeslice::rtapp_test::rtapp_run_test
