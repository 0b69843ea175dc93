// Deadlocks and waiting in the real window: the graph beside the timeline, and the one click that ends what stands.
#include "tests/ui/window_fixture.h"
#include "ui/graph/wait_graph_view.h"

namespace timeslice::window_deadlock_test {
namespace {

class WindowDeadlock : public WindowTest {
protected:
    void openToStand()
    {
        MainWindowOptions made = options(course());
        made.standInDeadlock = true;
        open(std::move(made));
    }
    bool stands() { return window().controller().deadlocked(); }
    ::testing::AssertionResult comesToStand()
    {
        for (int i = 0; i < kPatience && !stands(); ++i) {
            QTest::qWait(10);
        }
        return stands() ? ::testing::AssertionSuccess() : ::testing::AssertionFailure() << "there is no deadlock";
    }
    /// With one click on each deadlock.
    ::testing::AssertionResult runsThroughDeadlocks()
    {
        for (int i = 0; i < 10 * kPatience && running(); ++i) {
            if (stands()) {
                click("run");
            }
            QTest::qWait(10);
        }
        return running() ? ::testing::AssertionFailure() << "still running" : ::testing::AssertionSuccess();
    }
    WaitGraphView& graph() { return *part<WaitGraphView>("waitGraph"); }
};

TEST_F(WindowDeadlock, StandsUntilOneClickEndsItAndTheNextVariantRuns)
{
    openToStand();
    window().selectScenario("ab-ba");
    EXPECT_FALSE(graph().isVisible()) << "nobody has waited yet";
    click("run");
    ASSERT_TRUE(comesToStand());
    QTest::qWait(200);
    auto* button = part<QPushButton>("run");
    EXPECT_TRUE(button->text().contains("End the deadlock")) << button->text().toStdString();
    EXPECT_TRUE(window().windowTitle().endsWith("deadlocked")) << window().windowTitle().toStdString();
    EXPECT_TRUE(graph().isVisible());
    EXPECT_EQ(graph().momentText(), "now");
    ASSERT_TRUE(graph().graph().deadlockSince);
    EXPECT_EQ(graph().sentences().size(), 2);
    EXPECT_TRUE(textOf("sentence").contains("until you end it")) << textOf("sentence").toStdString();
    click("run");
    ASSERT_TRUE(runsToItsEnd());
    EXPECT_FALSE(model()->stopped());
    EXPECT_EQ(model()->variants()[0].facts.exit.kind, Exit::Kind::Deadlocked);
    EXPECT_TRUE(model()->variants()[1].facts.exit.ok()) << model()->variants()[1].facts.exit.text;
    EXPECT_EQ(graph().momentText(), "at the end");
    EXPECT_EQ(graph().variant(), 0U) << "that is what the lesson is about";
    EXPECT_TRUE(graph().graph().deadlockSince);
}

TEST_F(WindowDeadlock, SpaceEndsItToo)
{
    openToStand();
    window().selectScenario("ab-ba");
    press(Qt::Key_Space);
    ASSERT_TRUE(comesToStand());
    press(Qt::Key_Space);
    ASSERT_TRUE(runsToItsEnd());
    EXPECT_EQ(model()->variants()[0].facts.exit.kind, Exit::Kind::Deadlocked);
}

class WaitingLesson : public WindowDeadlock, public testing::WithParamInterface<const char*> { };

TEST_P(WaitingLesson, ShowsWhoWaitsForWhom)
{
    openToStand();
    window().selectScenario(GetParam());
    // Where the cores are busy with others, two threads that need a lock for an instant may never meet.
    for (int attempt = 0; attempt < 10 && !graph().hasSomething(); ++attempt) {
        click("run");
        ASSERT_TRUE(runsThroughDeadlocks());
    }
    EXPECT_TRUE(graph().hasSomething());
    EXPECT_TRUE(graph().isVisible());
    // Wherever a thread's row says that it begins to wait, the graph says so of that moment.
    Exploration& exploration = window().findChild<TimelineView*>()->exploration();
    std::size_t seen = 0;
    for (std::size_t v = 0; v < model()->variants().size(); ++v) {
        const Timeline& timeline = model()->variants()[v].recording->timeline;
        for (std::uint32_t thread = 0; thread < timeline.threads.size(); ++thread) {
            const Track& track = timeline.threads[thread].track;
            for (std::size_t i = 0; i < track.size() && seen < 200 * (v + 1); ++i) {
                const Slice slice = track.slice(i);
                if (slice.value.state() == SliceState::WaitingForLock && !timeline.threads[thread].auxiliary) {
                    exploration.point(Pointed{v, slice.begin - timeline.workBegin.value_or(timeline.begin), {}});
                    const WaitGraph::Edge* wait = graph().graph().waitOf(thread);
                    ASSERT_NE(wait, nullptr) << "variant " << v << ", thread " << thread << ", at " << slice.begin;
                    EXPECT_EQ(wait->use.lock, slice.value.subject());
                    ++seen;
                }
            }
        }
    }
    EXPECT_GT(seen, 0U);
}

INSTANTIATE_TEST_SUITE_P(OfLocks, WaitingLesson,
    testing::Values("ab-ba", "philosophers", "granularity", "queue", "price-of-right"),
    [](const auto& of) { return QString(of.param).remove('-').toStdString(); });

} // namespace
} // namespace timeslice::window_deadlock_test
