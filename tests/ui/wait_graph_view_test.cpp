#include "tests/ui/sample_runs.h"
#include "ui/graph/wait_graph_view.h"
#include "ui/plot/timeline_view.h"
#include "ui/result/picture_of.h"

#include <QEvent>
#include <QMouseEvent>
#include <QSignalSpy>
#include <QTest>
#include <gtest/gtest.h>

namespace timeslice::wait_graph_view_test {
namespace {

constexpr Nanos ms = kMillisecond;

/// The graph beside a timeline that has the same run, as in the window.
class WaitGraphTest : public ::testing::Test {
protected:
    WaitGraphTest()
    {
        m_timeline.setExploration(m_exploration);
        m_view.setExploration(m_exploration);
        m_timeline.resize(800, 400);
        m_view.resize(240, m_view.heightForWidth(240));
    }

    void show(std::unique_ptr<VariantRecording> variant)
    {
        m_model = samples::modelWith("", std::move(variant));
        m_timeline.setRun(pictureOf(*m_model));
        m_view.setRun(pictureOf(*m_model));
        m_timeline.show();
        m_view.resize(240, m_view.heightForWidth(240));
        m_view.show();
        settle();
    }
    static void settle()
    {
        for (int i = 0; i < 5; ++i) {
            QCoreApplication::processEvents();
        }
    }
    static void moveTo(QWidget& widget, const QPointF& at)
    {
        QMouseEvent event(QEvent::MouseMove, at, widget.mapToGlobal(at), Qt::NoButton, Qt::NoButton, Qt::NoModifier);
        QCoreApplication::sendEvent(&widget, &event);
        settle();
    }
    static void leave(QWidget& widget)
    {
        QEvent event(QEvent::Leave);
        QCoreApplication::sendEvent(&widget, &event);
        settle();
    }
    const WaitBox& box(const QString& name)
    {
        for (const WaitBox& box : m_view.boxes()) {
            if (box.name == name) {
                return box;
            }
        }
        throw std::runtime_error("no node " + name.toStdString());
    }
    /// Where a track's lane lies in the timeline, at that height.
    std::optional<QPointF> find(SliceRef::Row row, std::size_t index, int x)
    {
        for (int y = 0; y < m_timeline.height(); y += 3) {
            moveTo(m_timeline, QPointF(x, y));
            const auto& pointed = m_exploration.pointed();
            if (pointed && pointed->track == Pointed::Track{row, index}) {
                return QPointF(x, y);
            }
        }
        return std::nullopt;
    }

    Exploration m_exploration;
    TimelineView m_timeline;
    WaitGraphView m_view;
    std::unique_ptr<RunModel> m_model;
};

TEST_F(WaitGraphTest, ShowsTheCircleInWhichARunEnded)
{
    show(samples::deadlockVariant(60 * ms));
    EXPECT_TRUE(m_view.hasSomething());
    EXPECT_EQ(m_view.momentText(), "at the end");
    EXPECT_EQ(m_view.graph().deadlockSince, samples::kStart + 12 * ms);
    EXPECT_EQ(m_view.sentences(),
        (QStringList{"Thread 1 holds A, waits for B from 11 ms on", "Thread 2 holds B, waits for A from 12 ms on"}));
    ASSERT_EQ(m_view.boxes().size(), 4U);
    for (const WaitBox& box : m_view.boxes()) {
        EXPECT_EQ(box.label, box.name) << "there is room for whole names";
    }
}

TEST_F(WaitGraphTest, ShowsTheMomentUnderThePointerInTheTimeline)
{
    show(samples::deadlockVariant(60 * ms));
    m_exploration.point(Pointed{0, 11 * ms + 500 * kMicrosecond, std::nullopt});
    EXPECT_EQ(m_view.momentText(), "at 11.5 ms");
    EXPECT_FALSE(m_view.graph().deadlockSince) << "it is not closed yet";
    EXPECT_EQ(m_view.sentences(), QStringList{"Thread 1 holds A, waits for B from 11 ms on"});
    m_exploration.point(Pointed{0, 3 * ms + 500 * kMicrosecond, std::nullopt});
    EXPECT_EQ(m_view.graph().holds.size(), 1U);
    EXPECT_TRUE(m_view.graph().waits.empty());
    m_exploration.point(std::nullopt);
    EXPECT_EQ(m_view.momentText(), "at the end");
    EXPECT_TRUE(m_view.graph().deadlockSince);
}

TEST_F(WaitGraphTest, FollowsARealPointerOverTheTimelineAndBack)
{
    show(samples::deadlockVariant(60 * ms));
    const auto lane = find(SliceRef::Row::Lock, 1, 500);
    ASSERT_TRUE(lane);
    EXPECT_TRUE(m_view.momentText().startsWith("at ")) << m_view.momentText().toStdString();
    const QImage pointed = m_view.grab().toImage();
    leave(m_timeline);
    EXPECT_FALSE(m_exploration.pointed());
    EXPECT_EQ(m_view.momentText(), "at the end");
    EXPECT_NE(pointed, m_view.grab().toImage()) << "the lock was lifted out";
}

TEST_F(WaitGraphTest, ANodeUnderThePointerIsShownInTheTimeline)
{
    show(samples::deadlockVariant(60 * ms));
    m_view.grab(); // which places the nodes
    const QImage before = m_timeline.grab().toImage();
    moveTo(m_view, box("B").rect.center() / m_view.devicePixelRatioF());
    ASSERT_TRUE(m_exploration.pointed());
    EXPECT_EQ(m_exploration.pointed()->track, (Pointed::Track{SliceRef::Row::Lock, 1}));
    EXPECT_NE(before, m_timeline.grab().toImage()) << "its row has a frame";
    moveTo(m_view, QPointF(1, m_view.height() - 1));
    EXPECT_FALSE(m_exploration.pointed());
    EXPECT_EQ(before, m_timeline.grab().toImage());
    moveTo(m_view, box("Thread 1").rect.center() / m_view.devicePixelRatioF());
    EXPECT_EQ(m_exploration.pointed()->track, (Pointed::Track{SliceRef::Row::Thread, 0}));
    leave(m_view);
    EXPECT_FALSE(m_exploration.pointed());
}

TEST_F(WaitGraphTest, HasNothingToShowOfAGilAloneNorOfNoLocks)
{
    show(samples::gilVariant(50 * ms, {"Thread 1", "Thread 2"}));
    EXPECT_FALSE(m_view.hasSomething());
    show(samples::schedulingVariant(3, 4 * ms, 60 * ms));
    EXPECT_FALSE(m_view.hasSomething());
    m_view.setRun(RunPicture());
    m_view.grab();
    EXPECT_TRUE(m_view.sentences().isEmpty());
}

TEST_F(WaitGraphTest, ThePointerMayLeaveWhenWhatItWasToldToIsGone)
{
    auto exploration = std::make_unique<Exploration>();
    m_timeline.setExploration(*exploration);
    m_view.setExploration(*exploration);
    show(samples::deadlockVariant(60 * ms));
    moveTo(m_timeline, QPointF(500, 100));
    exploration.reset(); // as when a window is closed: its members go before its widgets
    leave(m_timeline);
    moveTo(m_view, QPointF(20, 20));
    leave(m_view);
    moveTo(m_timeline, QPointF(500, 100));
    EXPECT_EQ(m_view.graph().waits.size(), 2U);
}

/// Philosopher i holds fork i and waits for fork i + 1.
std::unique_ptr<VariantRecording> philosophers(std::uint32_t n, Nanos length)
{
    samples::VariantMaker maker("Left, then right", "", 2);
    for (std::uint32_t i = 0; i < n; ++i) {
        maker.thread("Philosopher " + std::to_string(i + 1), static_cast<std::uint8_t>(i + 1));
        maker.lock("Fork " + std::to_string(i + 1), ObjectKind::Mutex);
    }
    for (std::uint32_t i = 0; i < n; ++i) {
        maker.state(i, 0, SliceState::Running, i % 2);
        maker.hold(i, i * 100 * kMicrosecond, i);
        maker.state(i, (2 + i) * ms, SliceState::WaitingForLock, (i + 1) % n, Cause::Requested);
    }
    return maker.finish(length);
}

TEST_F(WaitGraphTest, NamesGetShorterWhereTheyWouldLieOnEachOther)
{
    for (const std::uint32_t n : {2U, 5U, 8U}) {
        show(philosophers(n, 50 * ms));
        m_view.grab();
        ASSERT_EQ(m_view.boxes().size(), 2 * n);
        const QRectF room(QPointF(), QSizeF(m_view.size()) * m_view.devicePixelRatioF());
        for (const WaitBox& box : m_view.boxes()) {
            EXPECT_TRUE(room.contains(box.rect)) << box.name.toStdString();
            for (const WaitBox& other : m_view.boxes()) {
                EXPECT_TRUE(&box == &other || !box.rect.intersects(other.rect))
                    << box.label.toStdString() << " and " << other.label.toStdString() << " of " << n;
            }
        }
        EXPECT_EQ(static_cast<std::uint32_t>(m_view.sentences().size()), n);
    }
    EXPECT_EQ(initialsOf("Philosopher 12"), "P12");
    EXPECT_EQ(initialsOf("Producer"), "Prod…");
    EXPECT_EQ(initialsOf("queue"), "queue");
    EXPECT_EQ(initialsOf(""), "");
}

/// A model that is fed step by step, as by a run.
struct LiveRun {
    LiveRun()
    {
        model->apply({RunUpdate(VariantStarted{0, BuilderOptions{{0, 1}, 100, false, {}}})});
        Batch names;
        names.objects = {{1, ObjectKind::Mutex, 100, "A"}, {2, ObjectKind::Mutex, 100, "B"}};
        names.names = {{101, 100, "Left", false}, {102, 100, "Right", false}};
        send(std::move(names));
    }
    void send(Batch batch)
    {
        batch.drainedAt = now;
        model->apply({RunUpdate(VariantBatches{0, {std::move(batch)}})});
    }
    void happens(Tid tid, EventKind kind, ObjectId lock = 0)
    {
        now += ms;
        const bool kernel = kind == EventKind::SwitchIn || kind == EventKind::SwitchOut;
        Batch batch;
        batch.events = {{now, tid, 100, kind, kernel ? static_cast<CpuId>(tid - 101) : kNoCpu, lock, 0}};
        send(std::move(batch));
    }
    void passes(Nanos time)
    {
        now += time;
        send({});
    }
    void crosses()
    {
        for (const Tid tid : {101, 102}) {
            happens(tid, EventKind::SwitchIn);
            happens(tid, EventKind::LockAcquire, static_cast<ObjectId>(tid - 100));
        }
        happens(101, EventKind::LockRequest, 2);
        happens(101, EventKind::SwitchOut);
        happens(102, EventKind::LockRequest, 1);
        happens(102, EventKind::SwitchOut);
    }
    Nanos now = samples::kStart;
    std::unique_ptr<RunModel> model = std::make_unique<RunModel>(std::string("live"));
};

TEST_F(WaitGraphTest, OfALiveRunCallsACircleOneOnlyWhenItHasStood)
{
    LiveRun run;
    run.crosses();
    run.passes(ms);
    m_view.setRun(pictureOf(*run.model));
    EXPECT_EQ(m_view.momentText(), "now");
    EXPECT_EQ(m_view.graph().waits.size(), 2U);
    EXPECT_FALSE(m_view.graph().deadlockSince) << "one thread's news may be missing";
    run.passes(100 * ms);
    m_view.grow(pictureOf(*run.model));
    EXPECT_TRUE(m_view.graph().deadlockSince);
}

/// How often a widget was painted.
class Paints : public QObject {
public:
    explicit Paints(QWidget& widget) { widget.installEventFilter(this); }
    bool eventFilter(QObject*, QEvent* event) override
    {
        count += event->type() == QEvent::Paint ? 1 : 0;
        return false;
    }
    int count = 0;
};

TEST_F(WaitGraphTest, ADeadlockThatStandsCostsNoPaint)
{
    LiveRun run;
    run.crosses();
    run.passes(100 * ms);
    m_view.setRun(pictureOf(*run.model));
    m_view.show();
    settle();
    m_view.grab();
    Paints paints(m_view);
    for (int i = 0; i < 1000; ++i) { // minutes of it
        run.passes(200 * ms);
        m_view.grow(pictureOf(*run.model));
    }
    settle();
    EXPECT_EQ(paints.count, 0);
    EXPECT_TRUE(m_view.graph().deadlockSince);
}

TEST_F(WaitGraphTest, NodesStayWhereTheyAreWhileOthersCome)
{
    LiveRun run;
    run.happens(101, EventKind::SwitchIn);
    run.happens(102, EventKind::SwitchIn);
    run.happens(101, EventKind::LockAcquire, 1);
    run.happens(102, EventKind::LockRequest, 1);
    run.happens(102, EventKind::SwitchOut);
    run.passes(ms);
    WaitPicture picture;
    const Timeline& timeline = run.model->variants().front().recording->timeline;
    EXPECT_TRUE(picture.update(timeline));
    const auto nodes = picture.nodes();
    const auto places = picture.places();
    EXPECT_EQ(nodes.size(), 3U);
    EXPECT_FALSE(picture.update(timeline));
    run.happens(101, EventKind::LockRelease, 1);
    run.happens(102, EventKind::SwitchIn);
    run.happens(102, EventKind::LockAcquire, 1);
    run.happens(102, EventKind::LockAcquire, 2);
    run.happens(101, EventKind::LockRequest, 2);
    run.happens(101, EventKind::SwitchOut);
    run.passes(ms);
    EXPECT_TRUE(picture.update(timeline));
    ASSERT_EQ(picture.nodes().size(), 4U);
    EXPECT_TRUE(std::equal(nodes.begin(), nodes.end(), picture.nodes().begin()));
    EXPECT_TRUE(std::equal(places.begin(), places.end(), picture.places().begin()));
}

TEST(WaitBoxes, LeaveRoomForEachArrowOfARingOfFiveInASmallPicture)
{
    constexpr std::uint32_t kMany = 5;
    samples::VariantMaker maker("Philosophers", "", 2);
    for (std::uint32_t i = 0; i < kMany; ++i) {
        maker.thread("Philosopher " + std::to_string(i + 1), static_cast<std::uint8_t>(i + 1));
        maker.lock("Fork " + std::to_string(i + 1), ObjectKind::Mutex);
    }
    for (std::uint32_t i = 0; i < kMany; ++i) {
        maker.hold(i, ms, i);
        maker.state(i, 3 * ms, SliceState::WaitingForLock, (i + 1) % kMany, Cause::Requested);
    }
    const auto variant = maker.finish(60 * ms);
    Canvas canvas;
    canvas.em = 14;
    canvas.font.setPixelSize(14);
    WaitPicture picture(WaitPicture::By::Ring);
    picture.update(variant->timeline);
    const QRectF room(0, 0, 15 * canvas.em, 14 * canvas.em);
    const std::vector<WaitBox> boxes = planWaitBoxes(canvas, picture, variant->timeline, room);
    ASSERT_EQ(boxes.size(), 2 * kMany);
    for (const WaitBox& thread : boxes) {
        EXPECT_TRUE(room.contains(thread.rect));
        for (const WaitBox& lock : boxes) {
            if (thread.node.kind == WaitNode::Kind::Thread && lock.node.kind == WaitNode::Kind::Lock) {
                EXPECT_GE(arrowBetween(thread.rect, lock.rect, 0).length(), 1.4 * canvas.em);
            }
        }
    }
}

} // namespace
} // namespace timeslice::wait_graph_view_test
