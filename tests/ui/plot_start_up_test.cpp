#include "tests/ui/sample_runs.h"
#include "ui/export/figure_layout.h"
#include "ui/plot/axis_break.h"
#include "ui/plot/time_axis.h"
#include "ui/plot/timeline_view.h"
#include "ui/result/picture_of.h"

#include <QCoreApplication>
#include <QFontMetrics>
#include <QGuiApplication>
#include <QTest>
#include <gtest/gtest.h>

namespace timeslice::plot_start_up_test {
namespace {

/// A lesson's run whose interpreter took `startUp` before the work, which takes 100 ms.
std::unique_ptr<VariantRecording> lessonRun(Nanos startUp)
{
    auto variant = samples::gilVariant(100 * kMillisecond, {"Thread 1", "Thread 2"});
    variant->timeline.begin -= startUp;
    return variant;
}

/// A script that says nothing about its work and starts its second thread after `alone`; 400 ms in all.
std::unique_ptr<VariantRecording> scriptRun(Nanos alone)
{
    auto variant = samples::gilVariant(400 * kMillisecond, {"MainThread", "Thread 1"});
    variant->timeline.workBegin.reset();
    variant->timeline.workEnd.reset();
    variant->timeline.threads[1].born = samples::kStart + alone;
    return variant;
}

std::optional<StartUp> startUp(std::unique_ptr<VariantRecording> variant)
{
    return startUpOf(pictureOf(*samples::modelWith("", std::move(variant))).variants);
}

TEST(StartUp, isFoldedWhereItTakesMoreThanATwelfthOfTheWidth)
{
    EXPECT_EQ(startUp(lessonRun(25 * kMillisecond)), (StartUp{-25 * kMillisecond, 0}));
    EXPECT_EQ(startUp(lessonRun(8 * kMillisecond)), std::nullopt) << "8 of 108 ms";
    EXPECT_EQ(startUp(lessonRun(9 * kMillisecond)), (StartUp{-9 * kMillisecond, 0})) << "9 of 109 ms";
    EXPECT_EQ(startUp(lessonRun(0)), std::nullopt);
}

TEST(StartUp, ofSeveralVariantsIsTheLongest)
{
    const auto model = samples::modelWith("", lessonRun(20 * kMillisecond), lessonRun(30 * kMillisecond));
    EXPECT_EQ(startUpOf(pictureOf(*model).variants), (StartUp{-30 * kMillisecond, 0}));
}

TEST(StartUp, ofAScriptIsWhatItsMainThreadDoesAlone)
{
    const auto own = startUp(scriptRun(100 * kMillisecond));
    EXPECT_EQ(own, (StartUp{0, 94 * kMillisecond})) << "less a fiftieth of the other 300 ms";
    auto late = samples::gilVariant(20 * kSecond, {"MainThread", "Thread 1"});
    late->timeline.workBegin.reset();
    late->timeline.threads[1].born = samples::kStart + 5 * kSecond;
    EXPECT_EQ(startUp(std::move(late)), std::nullopt) << "five seconds are no start-up";
    auto native = scriptRun(100 * kMillisecond);
    native->timeline.locks.clear();
    EXPECT_EQ(startUp(std::move(native)), std::nullopt) << "no Python";
}

TEST(StartUp, theWholeBeginsBehindItOrWithItAndEndsWithTheRun)
{
    const auto model = samples::modelWith("", lessonRun(25 * kMillisecond));
    const WholePicture folded = wholePicture(pictureOf(*model).variants, false, true);
    EXPECT_EQ(folded.shown, (WholeRange{0, 100e6}));
    ASSERT_TRUE(folded.axisBreak.has_value());
    const WholePicture unfolded = wholePicture(pictureOf(*model).variants, false, false);
    EXPECT_EQ(unfolded.shown, (WholeRange{-25e6, 100e6}));
    EXPECT_TRUE(unfolded.axisBreak.has_value()) << "it can be folded again";
    const WholePicture growing = wholePicture(pictureOf(*model).variants, true, false);
    EXPECT_EQ(growing.shown, (WholeRange{0, static_cast<double>(kFirstLength)})) << "what is drawn stays drawn";
    EXPECT_FALSE(growing.axisBreak.has_value());
    const auto script = samples::modelWith("", scriptRun(100 * kMillisecond));
    EXPECT_EQ(wholePicture(pictureOf(*script).variants, false, true).shown, (WholeRange{94e6, 400e6}));
    EXPECT_EQ(wholePicture(pictureOf(*script).variants, false, false).shown, (WholeRange{0, 400e6}));
}

class Break : public testing::Test {
protected:
    void show(std::unique_ptr<RunModel> model, bool folded, bool offered)
    {
        m_model = std::move(model);
        m_run = pictureOf(*m_model);
        m_canvas.theme = &Theme::light();
        m_canvas.font = QGuiApplication::font();
        m_canvas.em = 14;
        m_canvas.font.setPixelSize(14);
        LayoutRequest request;
        request.size = QSize(900, 400);
        request.em = m_canvas.em;
        const QFontMetrics metrics(m_canvas.font);
        request.textWidth = [&](const QString& text, bool) { return metrics.horizontalAdvance(text); };
        m_layout = layoutRows(describeRows(m_run.variants, {}), request);
        const WholePicture whole = wholePicture(m_run.variants, false, folded);
        m_scene.variants = m_run.variants;
        m_scene.layout = &m_layout;
        m_scene.scale = {whole.shown.begin, whole.shown.end, m_layout.laneLeft, m_layout.laneRight};
        m_scene.height = 400;
        m_scene.axisBreak = whole.axisBreak;
        if (m_scene.axisBreak) {
            m_scene.axisBreak->offered = offered;
        }
    }

    std::unique_ptr<RunModel> m_model;
    RunPicture m_run;
    Canvas m_canvas;
    TimelineLayout m_layout;
    TimelineScene m_scene;
};

TEST_F(Break, saysHowLongItIsAndStandsClearOfLanesAndTicks)
{
    show(samples::modelWith("", lessonRun(25'300 * kMicrosecond)), true, false);
    const int y = axisTop(m_scene) + m_canvas.px(0.75);
    const AxisBreakPlan plan = planAxisBreak(m_canvas, m_scene, y);
    EXPECT_EQ(plan.text.simplified(), "start-up 25 ms");
    EXPECT_EQ(plan.line.right() + 1, m_scene.scale.left);
    EXPECT_LT(plan.label.right(), plan.line.left());
    EXPECT_GE(plan.label.left(), 0);
    for (const AxisLabel& label : planAxis(m_canvas, m_scene).labels) {
        EXPECT_FALSE(label.rect.intersects(plan.label)) << label.text.toStdString();
    }
    EXPECT_TRUE(axisBreakTarget(m_scene).isEmpty()) << "nobody clicks on a figure";
}

TEST_F(Break, ticksAreTrueMomentsHoweverItIsFolded)
{
    for (const bool folded : {true, false}) {
        show(samples::modelWith("", scriptRun(100 * kMillisecond)), folded, false);
        const AxisPlan axis = planAxis(m_canvas, m_scene);
        ASSERT_GE(axis.ticks.ticks.size(), 3U);
        EXPECT_EQ(axis.ticks.ticks.front().time, folded ? 100e6 : 0);
        for (const TimeTick& tick : axis.ticks.ticks) {
            EXPECT_EQ(tick.label, QString::number(tick.time / 1e6));
            const double part = (timeToPixel(m_scene.scale, tick.time) - m_layout.laneLeft) / m_layout.laneWidth();
            EXPECT_NEAR(part, (tick.time - (folded ? 94e6 : 0)) / (folded ? 306e6 : 400e6), 1e-9);
        }
    }
}

TEST_F(Break, unfoldedItOffersTheWayBackInAWindowOnly)
{
    show(samples::modelWith("", lessonRun(25 * kMillisecond)), false, false);
    EXPECT_TRUE(planAxisBreak(m_canvas, m_scene, 300).text.isEmpty());
    show(samples::modelWith("", lessonRun(25 * kMillisecond)), false, true);
    const AxisBreakPlan plan = planAxisBreak(m_canvas, m_scene, 300);
    EXPECT_EQ(plan.text, "fold start-up");
    EXPECT_TRUE(plan.line.isEmpty()) << "the axis is whole";
    const QRect target = axisBreakTarget(m_scene);
    EXPECT_EQ(target.right() + 1, m_scene.scale.left);
    EXPECT_EQ(target.top(), axisTop(m_scene));
}

class Folding : public testing::Test {
protected:
    void show(std::unique_ptr<RunModel> model)
    {
        m_model = std::move(model);
        m_view.resize(1000, 500);
        m_view.setRun(pictureOf(*m_model));
        m_view.show();
        settle();
    }
    static void settle()
    {
        for (int i = 0; i < 5; ++i) {
            QCoreApplication::processEvents();
        }
    }
    /// Into the corner to the left of the axis, which lies below the last row.
    void click()
    {
        for (int y = m_view.height() - 1; y > 0; y -= 4) {
            QMouseEvent event(QEvent::MouseMove, QPoint(20, y), m_view.mapToGlobal(QPoint(20, y)), Qt::NoButton,
                Qt::NoButton, Qt::NoModifier);
            QCoreApplication::sendEvent(&m_view, &event);
            if (m_view.cursor().shape() == Qt::PointingHandCursor) {
                QTest::mouseClick(&m_view, Qt::LeftButton, Qt::NoModifier, QPoint(20, y));
                settle();
                return;
            }
        }
        ADD_FAILURE() << "nothing to click on";
    }

    std::unique_ptr<RunModel> m_model;
    TimelineView m_view;
};

TEST_F(Folding, aClickUnfoldsAndAnotherFoldsAgain)
{
    show(samples::modelWith("", lessonRun(25 * kMillisecond)));
    const TimeRange folded{0, 100 * kMillisecond};
    EXPECT_EQ(m_view.visibleRange(), folded);
    click();
    EXPECT_EQ(m_view.visibleRange(), (TimeRange{-25 * kMillisecond, 100 * kMillisecond}));
    EXPECT_FALSE(m_view.exploration().startUpFolded());
    click();
    EXPECT_EQ(m_view.visibleRange(), folded);
}

TEST_F(Folding, zoomedInItLeadsToTheWhole)
{
    show(samples::modelWith("", lessonRun(25 * kMillisecond)));
    m_view.zoomTo({10 * kMillisecond, 20 * kMillisecond});
    m_view.toggleStartUp();
    settle();
    EXPECT_EQ(m_view.visibleRange(), (TimeRange{-25 * kMillisecond, 100 * kMillisecond}));
    m_view.zoomTo({10 * kMillisecond, 20 * kMillisecond});
    m_view.fit();
    settle();
    EXPECT_EQ(m_view.visibleRange(), (TimeRange{-25 * kMillisecond, 100 * kMillisecond})) << "as he left it";
}

TEST_F(Folding, whereThereIsNoStartUpNothingHappens)
{
    show(samples::modelWith("", lessonRun(0)));
    m_view.zoomTo({10 * kMillisecond, 20 * kMillisecond});
    m_view.toggleStartUp();
    settle();
    EXPECT_TRUE(m_view.exploration().startUpFolded());
    EXPECT_EQ(m_view.visibleRange(), (TimeRange{10 * kMillisecond, 20 * kMillisecond}));
}

TEST(FigureOfStartUp, isFoldedUnlessToldOtherwiseAndNeverInASection)
{
    const auto model = samples::modelWith("", scriptRun(100 * kMillisecond));
    Canvas canvas;
    canvas.theme = &Theme::light();
    canvas.font = QGuiApplication::font();
    const auto layOut = [&](const std::optional<TimeRange>& section, bool fold) {
        return layOutFigure(*model, figureTexts(*model), QSize(1600, 900), canvas, section, fold);
    };
    const FigureLayout folded = layOut({}, true);
    EXPECT_EQ(folded.range, (TimeRange{94 * kMillisecond, 400 * kMillisecond}));
    EXPECT_TRUE(folded.axisBreak && folded.axisBreak->folded && !folded.axisBreak->offered);
    EXPECT_EQ(layOut({}, false).range, (TimeRange{0, 400 * kMillisecond}));
    const TimeRange section{10 * kMillisecond, 50 * kMillisecond};
    EXPECT_EQ(layOut(section, true).range, section);
    EXPECT_FALSE(layOut(section, true).axisBreak.has_value());
}

} // namespace
} // namespace timeslice::plot_start_up_test
