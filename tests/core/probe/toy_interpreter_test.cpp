// Cases that no interpreter offers at will, with a program that has a GIL like CPython's
// (programs/toy_interpreter.cpp).
#include "tests/core/probe/gil_invariants.h"
#include "tests/places/places.h"

#include <gtest/gtest.h>

namespace timeslice::test::toy_interpreter_test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

ProbedRun toy(const std::string& what)
{
    return runProbed({test::programFolder() / "toy_interpreter", what});
}

TEST(ToyInterpreter, is_recognized_by_its_birth)
{
    const ProbedRun run = toy("born");
    EXPECT_EQ(violated(run), "");
    EXPECT_EQ(run.out, "0\n"); // nothing of it was called
    ASSERT_THAT(run.gils(), SizeIs(1));
    EXPECT_THAT(run.threadsOf(run.gils()[0].id), SizeIs(3));
    EXPECT_GE(countOf(run, run.gils()[0].id, EventKind::LockDropRequest), 1U);
}

TEST(ToyInterpreter, is_calibrated_where_its_birth_could_not_be_seen)
{
    const ProbedRun run = toy("unborn");
    EXPECT_EQ(violated(run), "");
    EXPECT_EQ(run.out, "1\n"); // once, though it starts more threads
    ASSERT_THAT(run.gils(), SizeIs(1));
    EXPECT_THAT(run.threadsOf(run.gils()[0].id), SizeIs(3));
    EXPECT_GE(countOf(run, run.gils()[0].id, EventKind::LockDropRequest), 1U);
}

TEST(ToyInterpreter, each_wake_up_that_finds_the_gil_taken_is_a_false_alarm)
{
    const ProbedRun run = toy("false_alarms");
    EXPECT_EQ(run.status, 0);
    EXPECT_EQ(violated(run), "");
    ASSERT_THAT(run.gils(), SizeIs(1));
    const ObjectId gil = run.gils()[0].id;
    EXPECT_EQ(run.out, std::to_string(countOf(run, gil, EventKind::LockFalseAlarm)) + "\n");
    EXPECT_EQ(countOf(run, gil, EventKind::LockDropRequest), 0U) << "no interval ran out";
    for (const Event& event : run.eventsOf(gil)) {
        EXPECT_TRUE(event.kind != EventKind::LockFalseAlarm || event.tid != run.pid) << "the other was woken";
    }
}

TEST(ToyInterpreter, shows_no_gil_while_it_runs_without)
{
    const ProbedRun run = toy("free_threaded");
    EXPECT_EQ(run.status, 0);
    EXPECT_EQ(run.out, "done\n");
    EXPECT_THAT(run.gils(), IsEmpty());
    EXPECT_THAT(run.events, IsEmpty());
}

TEST(ToyInterpreter, shows_a_gil_that_is_switched_on_later)
{
    const ProbedRun run = toy("switched_on");
    EXPECT_EQ(run.status, 0);
    EXPECT_EQ(run.out, "done\n");
    EXPECT_EQ(violated(run), "");
    ASSERT_THAT(run.gils(), SizeIs(1));
    EXPECT_THAT(run.threadsOf(run.gils()[0].id), SizeIs(3)); // not those that ran before
}

TEST(ToyInterpreter, is_left_alone_by_calibration_unless_the_caller_holds_the_gil)
{
    const ProbedRun run = toy("gone");
    EXPECT_EQ(run.status, 0);
    EXPECT_EQ(run.out, "0\n");
    EXPECT_THAT(run.events, IsEmpty());
}

TEST(ToyInterpreter, threads_that_are_cancelled_while_they_wait_have_given_up)
{
    const ProbedRun run = toy("cancelled");
    EXPECT_EQ(run.status, 0);
    EXPECT_EQ(violated(run), "");
    ASSERT_THAT(run.gils(), SizeIs(1));
    EXPECT_EQ(countOf(run, run.gils()[0].id, EventKind::LockAbandon), 1U);
}

TEST(ToyInterpreter, threads_that_end_themselves_are_unwound)
{
    const ProbedRun run = toy("unwound");
    EXPECT_EQ(run.status, 0);
    EXPECT_EQ(violated(run), "");
    EXPECT_EQ(run.out, "unwound\n");
}

TEST(ToyInterpreter, threads_may_take_the_gil_as_the_last_thing_they_do)
{
    const ProbedRun run = toy("latecomers");
    EXPECT_EQ(run.status, 0);
    EXPECT_EQ(violated(run), "");
    ASSERT_THAT(run.gils(), SizeIs(1));
    EXPECT_THAT(run.names, SizeIs(21)); // no ring was claimed twice
    for (const auto& [tid, name] : run.names) {
        if (tid != run.pid) {
            std::string error;
            const std::vector<Event> events = run.eventsOf(run.gils()[0].id, tid);
            EXPECT_EQ(std::count_if(events.begin(), events.end(),
                          [](const Event& event) { return event.kind == EventKind::LockAcquire; }),
                2);
        }
    }
}

TEST(ToyInterpreter, a_child_that_no_fork_handler_was_told_of_has_a_gil_of_its_own)
{
    const ProbedRun run = toy("forked");
    EXPECT_EQ(run.status, 0);
    EXPECT_EQ(run.out, "7\n");
    EXPECT_EQ(violated(run), "");
    ASSERT_THAT(run.gils(), SizeIs(2));
    EXPECT_NE(run.gils()[1].pid, run.pid);
    EXPECT_THAT(run.threadsOf(run.gils()[0].id), testing::ElementsAre(run.pid));
    EXPECT_THAT(run.threadsOf(run.gils()[1].id), SizeIs(3));
}

TEST(ToyInterpreter, a_child_that_goes_on_with_the_gil_as_it_is_has_a_gil_of_its_own)
{
    for (const char* how : {"inherits", "inherits_cloned", "inherits_free"}) {
        SCOPED_TRACE(how);
        const ProbedRun run = toy(how);
        EXPECT_EQ(run.status, 0);
        EXPECT_EQ(run.out, "7\n");
        EXPECT_EQ(violated(run), "");
        ASSERT_THAT(run.gils(), SizeIs(2));
        const ObjectBirth child = run.gils()[1];
        EXPECT_EQ(child.name, "GIL");
        EXPECT_NE(child.pid, run.pid);
        for (const ObjectBirth& gil : run.gils()) {
            EXPECT_THAT(run.threadsOf(gil.id), SizeIs(3));
            EXPECT_GE(countOf(run, gil.id, EventKind::LockDropRequest), 1U);
            for (const Event& event : run.eventsOf(gil.id)) {
                ASSERT_EQ(event.pid, gil.pid);
            }
        }
        std::string error;
        EXPECT_EQ(holdsOf(run, child.id, error).front().tid, child.pid);
    }
}

TEST(ToyInterpreter, a_child_whose_gil_was_held_by_a_thread_that_it_does_not_have_waits_for_nobody)
{
    const ProbedRun run = toy("inherits_lost");
    EXPECT_EQ(run.status, 0);
    EXPECT_EQ(run.out, std::to_string(SIGALRM) + "\n");
    EXPECT_EQ(violated(run), "");
    ASSERT_THAT(run.gils(), SizeIs(2));
    const std::vector<Event> events = run.eventsOf(run.gils()[1].id);
    ASSERT_THAT(events, SizeIs(1));
    EXPECT_EQ(events[0].kind, EventKind::LockRequest);
    EXPECT_EQ(events[0].pid, run.gils()[1].pid);
}

TEST(ToyInterpreter, signal_handlers_may_interrupt_it_anywhere)
{
    const ProbedRun run = toy("storm");
    EXPECT_EQ(run.status, 0);
    EXPECT_EQ(violated(run), "");
    ASSERT_THAT(run.gils(), SizeIs(1));
}

TEST(ToyInterpreter, may_make_as_many_gils_as_it_likes)
{
    const ProbedRun run = runProbed({test::programFolder() / "toy_interpreter", "many"},
        {.geometry = {.rings = 4, .ringCapacity = 1U << 14, .objects = 4096}});
    EXPECT_EQ(run.status, 0);
    EXPECT_EQ(run.error, "");
    EXPECT_THAT(run.gils(), SizeIs(1 + 1000 + 255)); // those that are there at a time have a limit
    EXPECT_EQ(run.lost.channel, 1000U - 255U); // and it says so
    for (const ObjectBirth& gil : run.gils()) {
        std::string error;
        const std::vector<Hold> holds = holdsOf(run, gil.id, error);
        EXPECT_EQ(error, "");
        ASSERT_THAT(holds, SizeIs(1));
        EXPECT_FALSE(holds[0].open());
    }
}

TEST(ToyInterpreter, keeps_errno)
{
    const ProbedRun run = toy("errno");
    EXPECT_EQ(run.out, "kept\n");
    EXPECT_EQ(violated(run), "");
}

} // namespace
} // namespace timeslice::test::toy_interpreter_test
