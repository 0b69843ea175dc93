#include "tests/ui/sample_runs.h"
#include "ui/plot/slice_text.h"
#include "ui/plot/timeline_plottable.h"
#include "ui/plot/timeline_view.h"
#include "ui/result/picture_of.h"

#include <QApplication>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>
#include <gtest/gtest.h>

namespace timeslice::plot_view_test {
namespace {

class View : public ::testing::Test {
protected:
    View()
    {
        m_view.resize(1200, 700);
        m_view.setRun(pictureOf(*m_model));
        m_view.show();
        settle();
        QObject::connect(&m_view, &TimelineView::hovered, &m_view, [this](const auto& ref) { m_hovered = ref; });
        QObject::connect(&m_view, &TimelineView::selected, &m_view, [this](const auto& ref) { m_selected = ref; });
    }

    static void settle()
    {
        for (int i = 0; i < 5; ++i) {
            QCoreApplication::processEvents();
        }
    }
    void moveTo(const QPoint& at, Qt::MouseButtons buttons = Qt::NoButton)
    {
        QMouseEvent event(QEvent::MouseMove, at, m_view.mapToGlobal(at), Qt::NoButton, buttons, Qt::NoModifier);
        QCoreApplication::sendEvent(&m_view, &event);
        settle();
    }
    void wheel(const QPoint& at, int notches, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
    {
        QWheelEvent event(at, m_view.mapToGlobal(at), QPoint(), QPoint(0, 120 * notches), Qt::NoButton, modifiers,
            Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(&m_view, &event);
        settle();
    }
    /// A point at x where the mouse meets that row, found with the mouse.
    std::optional<QPoint> find(SliceRef::Row row, std::size_t track, int x, std::size_t variant = 0)
    {
        for (int y = 0; y < m_view.height(); y += 4) {
            moveTo({x, y});
            if (m_hovered && m_hovered->variant == variant && m_hovered->row == row && m_hovered->track == track) {
                return QPoint(x, y);
            }
        }
        return std::nullopt;
    }

    std::unique_ptr<RunModel> m_model =
        samples::modelWith("1.00×", samples::gilVariant(100 * kMillisecond, {"Thread 1", "Thread 2"}),
            samples::processVariant(52 * kMillisecond, 56 * kMillisecond));
    TimelineView m_view;
    std::optional<SliceRef> m_hovered;
    std::optional<SliceRef> m_selected;
};

TEST_F(View, showsTheWholeRunAtFirst)
{
    EXPECT_EQ(m_view.visibleRange(), (TimeRange{0, 100 * kMillisecond}));
}

TEST_F(View, hoveringTellsTheSliceUnderTheCursor)
{
    const auto at = find(SliceRef::Row::Lock, 0, 600);
    ASSERT_TRUE(at.has_value());
    EXPECT_EQ(m_hovered->slice.value.state(), SliceState::Running);
    EXPECT_TRUE(describeSlice(pictureOf(*m_model), *m_hovered).title.endsWith("holds the GIL"));
    moveTo({600, 5});
    EXPECT_FALSE(m_hovered.has_value());
}

TEST_F(View, anotherSizeForgetsWhatThePointerWasAt)
{
    ASSERT_TRUE(find(SliceRef::Row::Lock, 0, 600).has_value());
    m_view.resize(m_view.width(), m_view.height() + 40);
    EXPECT_FALSE(m_hovered.has_value()) << "another row lies there now";
    EXPECT_FALSE(m_view.exploration().pointed());
}

TEST_F(View, everyTrackOfEveryVariantCanBeHovered)
{
    for (std::size_t variant = 0; variant < 2; ++variant) {
        for (std::size_t track = 0; track < 2; ++track) {
            EXPECT_TRUE(find(SliceRef::Row::Core, track, 500, variant)) << variant << track;
            EXPECT_TRUE(find(SliceRef::Row::Thread, track, 500, variant)) << variant << track;
        }
    }
}

TEST_F(View, aClickSelectsAndAClickBesideClears)
{
    const auto at = find(SliceRef::Row::Thread, 1, 500);
    ASSERT_TRUE(at);
    QTest::mouseClick(&m_view, Qt::LeftButton, Qt::NoModifier, *at);
    ASSERT_TRUE(m_view.selection().has_value());
    EXPECT_EQ(m_view.selection()->track, 1U);
    ASSERT_TRUE(m_selected.has_value());
    QTest::mouseClick(&m_view, Qt::LeftButton, Qt::NoModifier, QPoint(600, 5));
    EXPECT_FALSE(m_view.selection().has_value());
    EXPECT_FALSE(m_selected.has_value());
}

TEST_F(View, theWheelZoomsAtTheCursor)
{
    const auto at = find(SliceRef::Row::Thread, 0, 500);
    ASSERT_TRUE(at);
    const Nanos begin = m_hovered->slice.begin;
    for (int i = 0; i < 4; ++i) {
        wheel(*at, 1);
        moveTo(*at);
        ASSERT_TRUE(m_hovered.has_value());
        EXPECT_EQ(m_hovered->slice.begin, begin);
    }
    EXPECT_NEAR(static_cast<double>(m_view.visibleRange().length()), 100e6 * std::pow(0.8, 4), 1e5);
    wheel(*at, -40);
    EXPECT_GE(m_view.visibleRange().length(), 100 * kMillisecond);
    EXPECT_LE(m_view.visibleRange().length(), 111 * kMillisecond);
}

TEST_F(View, draggingPansAndDoesNotSelect)
{
    m_view.zoomTo({40 * kMillisecond, 60 * kMillisecond});
    settle();
    const auto at = find(SliceRef::Row::Thread, 0, 600);
    ASSERT_TRUE(at);
    const TimeRange before = m_view.visibleRange();
    QTest::mousePress(&m_view, Qt::LeftButton, Qt::NoModifier, *at);
    moveTo(*at + QPoint(60, 0), Qt::LeftButton);
    moveTo(*at + QPoint(200, 0), Qt::LeftButton);
    QTest::mouseRelease(&m_view, Qt::LeftButton, Qt::NoModifier, *at + QPoint(200, 0));
    const TimeRange after = m_view.visibleRange();
    EXPECT_LT(after.begin, before.begin); // the picture follows the hand
    EXPECT_NEAR(static_cast<double>(after.length()), static_cast<double>(before.length()), 2);
    EXPECT_FALSE(m_view.selection().has_value());
}

TEST_F(View, aDoubleClickZoomsToTheSlice)
{
    const auto at = find(SliceRef::Row::Lock, 0, 500);
    ASSERT_TRUE(at);
    const Slice slice = m_hovered->slice;
    QTest::mouseDClick(&m_view, Qt::LeftButton, Qt::NoModifier, *at);
    const TimeRange range = m_view.visibleRange();
    EXPECT_LE(range.begin, slice.begin - samples::kStart);
    EXPECT_GE(range.end, slice.end - samples::kStart);
    EXPECT_LT(range.length(), 2 * slice.length());
}

TEST_F(View, keysZoomPanAndFit)
{
    const Nanos whole = m_view.visibleRange().length();
    QTest::keyClick(&m_view, Qt::Key_W);
    QTest::keyClick(&m_view, Qt::Key_W);
    const TimeRange closer = m_view.visibleRange();
    EXPECT_LT(closer.length(), whole);
    QTest::keyClick(&m_view, Qt::Key_D);
    EXPECT_GT(m_view.visibleRange().begin, closer.begin);
    QTest::keyClick(&m_view, Qt::Key_A);
    EXPECT_NEAR(static_cast<double>(m_view.visibleRange().begin), static_cast<double>(closer.begin), 2);
    QTest::keyClick(&m_view, Qt::Key_S);
    EXPECT_GT(m_view.visibleRange().length(), closer.length());
    QTest::keyClick(&m_view, Qt::Key_F);
    EXPECT_EQ(m_view.visibleRange(), (TimeRange{0, 100 * kMillisecond}));
}

TEST_F(View, shiftAndWheelScrollTheRowsWhenTheyDoNotFit)
{
    m_view.resize(900, 220);
    settle();
    auto* bar = m_view.findChild<QScrollBar*>();
    ASSERT_NE(bar, nullptr);
    ASSERT_TRUE(bar->isVisible());
    const TimeRange before = m_view.visibleRange();
    wheel({450, 100}, -2, Qt::ShiftModifier);
    EXPECT_GT(bar->value(), 0);
    EXPECT_EQ(m_view.visibleRange(), before);
    wheel({450, 100}, 50, Qt::ShiftModifier);
    EXPECT_EQ(bar->value(), 0);
    m_view.resize(900, 1200);
    settle();
    EXPECT_FALSE(bar->isVisible());
}

TEST_F(View, anotherModelForgetsSelectionAndZoom)
{
    const auto at = find(SliceRef::Row::Thread, 0, 500);
    ASSERT_TRUE(at);
    QTest::mouseClick(&m_view, Qt::LeftButton, Qt::NoModifier, *at);
    const auto other = samples::modelWith("", samples::deadlockVariant(60 * kMillisecond));
    m_view.setRun(pictureOf(*other));
    settle();
    EXPECT_FALSE(m_view.selection().has_value());
    EXPECT_EQ(m_view.visibleRange(), (TimeRange{0, 60 * kMillisecond}));
    m_view.setRun({});
    settle();
}

TEST_F(View, withoutARunItSaysSoInTheMiddle)
{
    m_view.setRun({});
    m_view.setEmptyText("Press Run to see what happens.");
    settle();
    const QImage image = m_view.grab().toImage();
    QRect inked;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            if (image.pixelColor(x, y) != Theme::light().window) {
                inked |= QRect(x, y, 1, 1);
            }
        }
    }
    ASSERT_FALSE(inked.isEmpty());
    EXPECT_NEAR(inked.center().x(), image.width() / 2, 10);
    EXPECT_NEAR(inked.center().y(), image.height() / 2, 10);
}

TEST_F(View, bothThemesPaintTheirOwnBackground)
{
    for (const ThemeKind kind : {ThemeKind::Dark, ThemeKind::Light}) {
        m_view.setTheme(Theme::of(kind));
        settle();
        const QImage image = m_view.grab().toImage();
        EXPECT_EQ(image.pixelColor(2, 2), Theme::of(kind).window);
        EXPECT_EQ(image.pixelColor(2, image.height() - 2), Theme::of(kind).window);
    }
}

TEST(LiveView, theScaleFollowsARunInStepsUntilTheViewerZooms)
{
    Scenario scenario;
    scenario.title = "Live";
    scenario.variants.push_back({});
    scenario.variants.back().id = "one";
    RunModel model(scenario);
    TimelineView view;
    view.resize(900, 500);
    view.setRun(pictureOf(model));
    view.show();

    std::vector<RunUpdate> start;
    start.push_back(VariantStarted{0, {{0}, 100, false}});
    model.apply(std::move(start));
    std::vector<Nanos> ends;
    for (int step = 0; step < 50; ++step) {
        Batch batch;
        const Nanos from = kSecond + step * 20 * kMillisecond;
        batch.events.push_back({from, 100, 100, EventKind::SwitchIn, 0, 0, 0});
        batch.events.push_back({from + 10 * kMillisecond, 100, 100, EventKind::SwitchOut, 0, 0, 0});
        batch.drainedAt = from + 20 * kMillisecond;
        std::vector<RunUpdate> updates;
        updates.push_back(VariantBatches{0, {batch}});
        model.apply(std::move(updates));
        view.grow(pictureOf(model));
        for (int i = 0; i < 3; ++i) {
            QCoreApplication::processEvents();
        }
        const TimeRange range = view.visibleRange();
        EXPECT_EQ(range.begin, 0);
        EXPECT_GE(range.end, from - kSecond);
        if (ends.empty() || ends.back() != range.end) {
            ends.push_back(range.end);
        }
    }
    EXPECT_LT(ends.size(), 14U);
    EXPECT_TRUE(std::is_sorted(ends.begin(), ends.end()));
    view.zoomTo({100 * kMillisecond, 200 * kMillisecond});
    view.grow(pictureOf(model));
    for (int i = 0; i < 3; ++i) {
        QCoreApplication::processEvents();
    }
    EXPECT_EQ(view.visibleRange(), (TimeRange{100 * kMillisecond, 200 * kMillisecond}));
}

/// The pixels of what a view shows.
QImage shownBy(TimelineView& view)
{
    return view.grab().toImage().convertToFormat(QImage::Format_RGB32);
}

TEST(LiveView, whatIsDrawnStepByStepIsWhatIsDrawnAtOnce)
{
    constexpr Tid kMain = 100;
    constexpr ObjectId kGil = 5;
    Scenario scenario;
    scenario.title = "Live";
    for (const char* id : {"one", "two"}) {
        scenario.variants.push_back({});
        scenario.variants.back().id = id;
        scenario.variants.back().title = id;
    }
    RunModel model(scenario);
    TimelineView view;
    view.resize(900, 500);
    view.setRun(pictureOf(model));
    view.show();
    const auto settle = [] {
        for (int i = 0; i < 3; ++i) {
            QCoreApplication::processEvents();
        }
    };
    const auto apply = [&](RunUpdate update) {
        std::vector<RunUpdate> updates;
        updates.push_back(std::move(update));
        model.apply(std::move(updates));
    };
    Nanos now = kSecond;
    std::size_t compared = 0;
    for (std::size_t variant = 0; variant < 2; ++variant) {
        apply(VariantStarted{variant, BuilderOptions{{0, 1}, kMain, false}});
        for (int step = 0; step < 60; ++step) {
            Batch batch;
            if (step == 0) {
                batch.objects = {{kGil, ObjectKind::Gil, kMain, "GIL"}};
                batch.events.push_back({now, kMain, kMain, EventKind::WorkBegin, 0, 0, 0});
            }
            // Threads that come one after the other, holds of some pixels and of none, and pauses.
            const auto threads = static_cast<std::size_t>(1 + step / 20);
            const Nanos hold = step % 7 == 6 ? 40 * kMicrosecond : 3 * kMillisecond;
            const Nanos until = now + 15 * kMillisecond;
            for (std::size_t i = 0; now + hold < until && i < 200; ++i) {
                const auto thread = static_cast<Tid>(static_cast<std::size_t>(kMain) + i % threads);
                const auto cpu = static_cast<CpuId>(i % 2);
                const auto add = [&](EventKind kind, ObjectId object, Nanos at) {
                    batch.events.push_back({at, thread, kMain, kind, cpu, object, 0});
                };
                add(EventKind::SwitchIn, 0, now);
                add(EventKind::LockRequest, kGil, now + 2);
                add(EventKind::LockAcquire, kGil, now + 4);
                add(EventKind::LockRelease, kGil, now + hold - 4);
                add(EventKind::SwitchOut, 0, now + hold - 2);
                now += hold;
            }
            now = until;
            batch.drainedAt = now;
            VariantBatches batches;
            batches.variant = variant;
            batches.batches.push_back(std::move(batch));
            apply(std::move(batches));
            view.grow(pictureOf(model));
            settle();
            if (step % 3 == 0 || step > 55) {
                TimelineView whole;
                whole.resize(view.size());
                whole.setRun(pictureOf(model));
                whole.show();
                settle();
                ASSERT_EQ(whole.visibleRange(), view.visibleRange());
                ASSERT_EQ(shownBy(view), shownBy(whole)) << "variant " << variant << ", step " << step;
                ++compared;
            }
        }
        VariantEnded ended;
        ended.variant = variant;
        ended.end = now;
        apply(std::move(ended));
        view.grow(pictureOf(model));
        settle();
    }
    EXPECT_GT(compared, 40U);
}

TEST(CardPlace, theTooltipStaysWithinTheViewWhereverTheCursorIs)
{
    const QRect bounds(0, 0, 800, 500);
    const QSize size(250, 80);
    for (int x = 0; x <= 800; x += 20) {
        for (int y = 0; y <= 500; y += 20) {
            const QRect card = cardPlace(size, {x, y}, bounds, 14);
            EXPECT_TRUE(bounds.contains(card)) << x << "," << y;
            EXPECT_FALSE(card.contains(QPoint(x, y))) << x << "," << y;
        }
    }
}

} // namespace
} // namespace timeslice::plot_view_test
