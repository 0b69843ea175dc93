// The arrows of hand-offs, as planned: between which rows, at which moments, with which words.
#include "tests/ui/sample_runs.h"
#include "ui/plot/handoff_arrows.h"
#include "ui/plot/row_names.h"
#include "ui/result/picture_of.h"

#include <gtest/gtest.h>

namespace timeslice::plot_handoff_test {
namespace {

constexpr Nanos kMs = kMillisecond;

/// Thread 1 holds 0..5 ms, Thread 2 5.01..8 ms, Thread 1 again from 9 ms.
class Handoffs : public testing::Test {
protected:
    Handoffs()
    {
        samples::VariantMaker maker("Two threads", "", 2);
        const auto one = maker.thread("Thread 1", 1);
        const auto two = maker.thread("Thread 2", 2);
        m_gil = maker.lock("GIL", ObjectKind::Gil);
        maker.run(one, 0, 0, 5 * kMs);
        maker.state(two, 0, SliceState::WaitingForLock, m_gil, Cause::Requested);
        maker.hold(m_gil, 0, one);
        maker.ask(m_gil, 4 * kMs, two);
        maker.free(m_gil, 5 * kMs, Cause::ReleasedAfterTimeout);
        maker.state(one, 5 * kMs, SliceState::WaitingForLock, m_gil, Cause::Requested);
        maker.run(two, 5 * kMs + 10 * kMicrosecond, 1, 8 * kMs);
        maker.hold(m_gil, 5 * kMs + 10 * kMicrosecond, two);
        maker.free(m_gil, 8 * kMs, Cause::ReleasedVoluntarily);
        maker.state(two, 8 * kMs, SliceState::Blocked, static_cast<std::uint32_t>(WaitKind::Sleep), Cause::Blocked);
        maker.run(one, 9 * kMs, 0, 10 * kMs);
        maker.hold(m_gil, 9 * kMs, one);
        m_model = samples::modelWith("", maker.finish(10 * kMs));
        LayoutRequest request;
        request.size = {1000, 600};
        request.textWidth = [](const QString& text, bool) { return static_cast<int>(text.size()) * 8; };
        m_run = pictureOf(*m_model);
        m_layout = layoutRows(describeRows(m_run.variants, {}), request);
        m_scene.variants = m_run.variants;
        m_scene.layout = &m_layout;
        m_scene.scale = {0, 1e7, m_layout.laneLeft, m_layout.laneRight};
        m_scene.height = 600;
    }
    SliceRef at(Nanos time) const
    {
        const Track& track = m_model->variants()[0].recording->timeline.locks[m_gil].track;
        return {0, SliceRef::Row::Lock, m_gil, track.slice(track.indexAt(samples::kStart + time))};
    }
    QRect lane(std::size_t thread) const
    {
        for (const Row& row : m_layout.rows) {
            if (row.content.kind == RowKind::Thread && row.content.track == thread) {
                return laneRect(m_scene, row);
            }
        }
        return {};
    }
    int x(Nanos time) const
    {
        return static_cast<int>(std::lround(timeToPixel(m_scene.scale, static_cast<double>(time))));
    }

    std::uint32_t m_gil = 0;
    std::unique_ptr<RunModel> m_model;
    RunPicture m_run;
    TimelineLayout m_layout;
    TimelineScene m_scene;
};

TEST_F(Handoffs, goFromTheRowOfTheOneThatLetGoToTheRowOfTheOneThatTookIt)
{
    const auto arrows = planHandoffs(m_scene, at(2 * kMs));
    ASSERT_EQ(arrows.size(), 1U) << "nobody had it before";
    EXPECT_EQ(arrows[0].from, QPoint(x(5 * kMs), lane(0).center().y()));
    EXPECT_EQ(arrows[0].to, QPoint(x(5 * kMs + 10 * kMicrosecond), lane(1).center().y()));
}

TEST_F(Handoffs, ofAHoldAreTheOneThatBeganItAndTheOneThatEndedIt)
{
    const auto arrows = planHandoffs(m_scene, at(6 * kMs));
    ASSERT_EQ(arrows.size(), 2U);
    EXPECT_EQ(arrows[0].handoff.to, 1U);
    EXPECT_EQ(arrows[1].handoff.from, 1U);
    EXPECT_TRUE(arrows[0].labelLeft);
    EXPECT_FALSE(arrows[1].labelLeft);
}

TEST_F(Handoffs, sayWhyAndHowLongItTookInWords)
{
    const auto arrows = planHandoffs(m_scene, at(6 * kMs));
    ASSERT_EQ(arrows.size(), 2U);
    EXPECT_EQ(arrows[0].label, QString::fromUtf8("asked for after 4 ms, taken 10 µs later"));
    EXPECT_EQ(arrows[1].label, "given up: sleep, I/O or C code, taken 1 ms later");
}

TEST_F(Handoffs, areShownForTheGapBetweenTwoHoldsToo)
{
    const auto arrows = planHandoffs(m_scene, at(8 * kMs + 500 * kMicrosecond));
    ASSERT_EQ(arrows.size(), 1U);
    EXPECT_EQ(arrows[0].handoff.from, 1U);
    EXPECT_EQ(arrows[0].handoff.to, 0U);
}

TEST_F(Handoffs, areOfLocksOnlyAndOfWhatIsInSight)
{
    SliceRef thread = at(2 * kMs);
    thread.row = SliceRef::Row::Thread;
    EXPECT_TRUE(planHandoffs(m_scene, thread).empty());
    m_scene.scale.begin = 6e6; // the hand-off at 5 ms lies to the left
    const auto arrows = planHandoffs(m_scene, at(6 * kMs));
    ASSERT_EQ(arrows.size(), 1U);
    EXPECT_EQ(arrows[0].handoff.released, samples::kStart + 8 * kMs);
}

TEST(RowNames, tellThreadsOfOneNameInSeveralProcessesApart)
{
    samples::VariantMaker maker("Processes", "", 2);
    const auto thread = [&](const char* name, Pid pid) { maker.timeline().threads[maker.thread(name, 1)].pid = pid; };
    thread("MainThread", 500);
    thread("MainThread", 501);
    thread("Thread 1", 500);
    thread("MainThread", 502);
    for (const Pid pid : {500, 501, 502}) {
        maker.timeline().locks[maker.lock("GIL", ObjectKind::Gil)].pid = pid;
    }
    const RowNames names(maker.timeline());
    EXPECT_EQ(names.thread(0), "P1 MainThread");
    EXPECT_EQ(names.thread(1), "Process 2");
    EXPECT_EQ(names.thread(2), "Thread 1") << "there is one only";
    EXPECT_EQ(names.thread(3), "Process 3");
    EXPECT_EQ(names.lock(0), "GIL of Process 1");
    EXPECT_EQ(names.lock(1), "GIL of Process 2");
    EXPECT_EQ(names.lock(2), "GIL of Process 3");
}

TEST(RowNames, theGilOfTheOneProcessWithoutANameIsTheGil)
{
    samples::VariantMaker maker("Server and client", "", 2);
    const auto thread = [&](const char* name, Pid pid) { maker.timeline().threads[maker.thread(name, 1)].pid = pid; };
    thread("MainThread", 500);
    thread("Server", 500);
    thread("Client", 501);
    for (const Pid pid : {500, 501}) {
        maker.timeline().locks[maker.lock("GIL", ObjectKind::Gil)].pid = pid;
    }
    const RowNames names(maker.timeline());
    EXPECT_EQ(names.lock(0), "GIL") << "no row is called Process 1";
    EXPECT_EQ(names.lock(1), "GIL of Client");
}

TEST(RowNames, areTheirOwnWhereTheyTellApartAlready)
{
    samples::VariantMaker maker("Threads", "", 2);
    maker.thread("MainThread", 1);
    maker.thread("", 2);
    maker.lock("GIL", ObjectKind::Gil);
    maker.lock("GIL 2", ObjectKind::Gil);
    const RowNames names(maker.timeline());
    EXPECT_EQ(names.thread(0), "MainThread");
    EXPECT_EQ(names.thread(1), QString("thread %1").arg(maker.timeline().threads[1].tid));
    EXPECT_EQ(names.lock(0), "GIL");
    EXPECT_EQ(names.lock(1), "GIL 2") << "the second of one process";
}

TEST(RowNames, aGilIsThatOfTheInterpreterThatHadItLongest)
{
    samples::VariantMaker maker("Sub-interpreters", "", 2);
    const std::uint32_t main = maker.thread("MainThread", 1);
    const std::uint32_t worker = maker.thread("Interpreter 1", 2);
    maker.lock("GIL", ObjectKind::Gil);
    const std::uint32_t second = maker.lock("GIL 2", ObjectKind::Gil);
    maker.hold(0, 0, main);
    maker.free(0, kMillisecond);
    for (int i = 0; i < 3; ++i) {
        maker.hold(second, i * kMillisecond, main); // it makes the interpreter, and ends it
        maker.free(second, i * kMillisecond + 1000);
    }
    maker.hold(second, 10 * kMillisecond, worker);
    maker.free(second, 90 * kMillisecond);
    const RowNames names(maker.timeline());
    EXPECT_EQ(names.lock(0), "GIL of MainThread");
    EXPECT_EQ(names.lock(1), "GIL of Interpreter 1");
}

TEST(RowNames, aGilIsItsInterpretersHoweverOftenItIsLetGoOf)
{
    samples::VariantMaker maker("Sub-interpreters", "", 2);
    const std::uint32_t main = maker.thread("MainThread", 1);
    const std::uint32_t worker = maker.thread("Interpreter 1", 2);
    maker.lock("GIL", ObjectKind::Gil);
    const std::uint32_t second = maker.lock("GIL 2", ObjectKind::Gil);
    maker.hold(0, 0, main);
    maker.free(0, kMillisecond);
    for (int i = 0; i < 200; ++i) { // held, free, held: every second slice is nobody's
        maker.hold(second, i * kMillisecond, worker);
        maker.free(second, i * kMillisecond + kMillisecond / 10);
    }
    const RowNames names(maker.timeline());
    EXPECT_EQ(names.lock(1), "GIL of Interpreter 1");
}

} // namespace
} // namespace timeslice::plot_handoff_test
