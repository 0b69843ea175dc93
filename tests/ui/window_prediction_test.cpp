#include "tests/ui/window_fixture.h"
#include "ui/plot/slice_text.h"
#include "ui/plot/timeline_view.h"
#include "ui/result/outcome.h"
#include "ui/result/picture_of.h"

#include <QComboBox>
#include <QFrame>
#include <QSpinBox>
#include <set>

namespace timeslice::window_prediction_test {
namespace {

class WindowPrediction : public WindowTest {
protected:
    QPushButton* choice(int number) { return part<QPushButton>(qPrintable("prediction" + QString::number(number))); }
};

TEST_F(WindowPrediction, MayBeChangedUntilTheRunBegins)
{
    open();
    EXPECT_FALSE(lesson().prediction);
    QTest::mouseClick(choice(1), Qt::LeftButton);
    EXPECT_EQ(lesson().prediction, 0U);
    QTest::mouseClick(choice(2), Qt::LeftButton);
    EXPECT_EQ(lesson().prediction, 1U);
    EXPECT_FALSE(choice(1)->isChecked());
    EXPECT_TRUE(choice(2)->isChecked());
}

TEST_F(WindowPrediction, IsLockedByTheRunAndScoredAgainstTheMeasuredNumber)
{
    open();
    QTest::mouseClick(choice(1), Qt::LeftButton);
    click("run");
    EXPECT_FALSE(choice(2)->isEnabled());
    press(Qt::Key_2);
    EXPECT_EQ(lesson().prediction, 0U) << "keys are locked, too";
    ASSERT_TRUE(runsToItsEnd());
    EXPECT_EQ(lesson().prediction, 0U);

    ASSERT_TRUE(part<QFrame>("predictionCard")->isVisible());
    const auto score = scorePrediction(*model(), 0U, "You");
    ASSERT_TRUE(score);
    EXPECT_EQ(textOf("predictionAnswer"), score->answer);
    const auto report = model()->report();
    ASSERT_TRUE(report.verdict);
    if (report.verdict->measured && report.verdict->holds) {
        const Prediction& said = lesson().scenario.predictions[0];
        const bool within = *report.verdict->measured >= said.low && *report.verdict->measured < said.high;
        EXPECT_EQ(score->right, within);
        const auto& verdict = *report.verdict;
        EXPECT_TRUE(
            score->answer.contains(QString::fromStdString(verdict.number.empty() ? verdict.headline : verdict.number)));
    } else {
        EXPECT_FALSE(score->right) << "on a busy machine there is nothing to score";
    }
}

TEST_F(WindowPrediction, BelongsToItsScenarioAndComesBackWithItsRun)
{
    open();
    const std::string first = lesson().scenario.id;
    QTest::mouseClick(choice(1), Qt::LeftButton);
    click("run");
    ASSERT_TRUE(runsToItsEnd());
    const RunModel* before = model();
    window().selectScenario(window().lessons().at(first == window().lessons().at(0).scenario.id ? 1 : 0).scenario.id);
    EXPECT_FALSE(lesson().prediction);
    EXPECT_EQ(model(), nullptr);
    EXPECT_FALSE(part<QFrame>("predictionCard")->isVisible());
    window().selectScenario(first);
    EXPECT_EQ(model(), before);
    EXPECT_TRUE(part<QFrame>("predictionCard")->isVisible());
    EXPECT_TRUE(choice(1)->isChecked());
    EXPECT_FALSE(choice(2)->isChecked());
}

TEST_F(WindowPrediction, CanBeMadeAnewWhichHidesTheAnswer)
{
    open();
    QTest::mouseClick(choice(1), Qt::LeftButton);
    click("run");
    ASSERT_TRUE(runsToItsEnd());
    click("predictAgain");
    EXPECT_FALSE(lesson().prediction);
    EXPECT_TRUE(choice(2)->isEnabled());
    EXPECT_EQ(model(), nullptr);
    EXPECT_FALSE(part<QWidget>("headline")->isVisible());
}

TEST_F(WindowPrediction, ChoosingAfterARunBeginsTheNextOne)
{
    open();
    QTest::mouseClick(choice(1), Qt::LeftButton);
    click("run");
    ASSERT_TRUE(runsToItsEnd());
    press(Qt::Key_9);
    EXPECT_NE(model(), nullptr) << "there is no ninth answer";
    EXPECT_EQ(lesson().prediction, 0U);
    press(Qt::Key_2);
    EXPECT_NE(model(), nullptr) << "a slip on the keyboard takes no answer away";
    EXPECT_EQ(lesson().prediction, 0U);
    QTest::mouseClick(choice(2), Qt::LeftButton);
    EXPECT_EQ(lesson().prediction, 1U);
    EXPECT_TRUE(choice(2)->isChecked());
    EXPECT_EQ(model(), nullptr) << "the answer is hidden again";

    click("run");
    EXPECT_FALSE(choice(1)->isEnabled());
    ASSERT_TRUE(runsToItsEnd());
    QTest::mouseClick(choice(1), Qt::LeftButton);
    EXPECT_EQ(lesson().prediction, 0U);
    EXPECT_EQ(model(), nullptr);
}

TEST_F(WindowPrediction, AKeyBeginsTheNextOneAtTheProjectedQuestion)
{
    open();
    press(Qt::Key_F5);
    press(Qt::Key_1);
    press(Qt::Key_Space);
    ASSERT_TRUE(runsToItsEnd());
    press(Qt::Key_2);
    EXPECT_NE(model(), nullptr) << "not while the answer is shown";
    for (int i = 0; i < 10 && !part<QWidget>("choicesBoard")->isVisible(); ++i) {
        press(Qt::Key_PageUp);
    }
    press(Qt::Key_2);
    EXPECT_TRUE(window().presenting());
    EXPECT_EQ(lesson().prediction, 1U);
    EXPECT_EQ(model(), nullptr);
}

TEST_F(WindowPrediction, ARunWithoutOneShowsNoScore)
{
    open();
    click("run");
    ASSERT_TRUE(runsToItsEnd());
    EXPECT_FALSE(part<QFrame>("predictionCard")->isVisible());
}

TEST_F(WindowPrediction, AClickOnASliceIsExplainedInThePanel)
{
    open();
    click("run");
    ASSERT_TRUE(runsToItsEnd());
    auto* view = part<TimelineView>("timeline");
    for (int y = 20; y < view->height() && !view->selection(); y += 6) {
        QTest::mouseClick(view, Qt::LeftButton, {}, QPoint(view->width() / 4, y));
    }
    ASSERT_TRUE(view->selection());
    EXPECT_TRUE(part<QLabel>("selectionTitle")->isVisible());
    EXPECT_EQ(textOf("selectionTitle"), describeSlice(pictureOf(*model()), *view->selection()).title);
    press(Qt::Key_PageDown);
    EXPECT_FALSE(part<QLabel>("selectionTitle")->isVisible()) << "it went with its run";
}

class WindowKnobs : public WindowTest { };

TEST_F(WindowKnobs, ReachTheRun)
{
    open();
    ASSERT_TRUE(window().selectScenario("three-ways"));
    auto* threads = part<QSpinBox>("knob-threads");
    EXPECT_EQ(threads->value(), 2);
    threads->setValue(3);
    EXPECT_EQ(knobValue(lesson().scenario, "threads"), "3");
    click("run");
    EXPECT_FALSE(threads->isEnabled()) << "nothing changes under a running workload";
    ASSERT_TRUE(runsToItsEnd());
    EXPECT_TRUE(threads->isEnabled());
    std::set<std::string> workers; // a sanitizer may add a thread, which starts with its creator's name
    for (const ThreadInfo& thread : model()->variants()[0].recording->timeline.threads) {
        if (thread.name.rfind("Thread ", 0) == 0) {
            workers.insert(thread.name);
        }
    }
    EXPECT_EQ(workers.size(), 3U);
    click("resetKnobs");
    EXPECT_EQ(threads->value(), 2);
    EXPECT_EQ(knobValue(lesson().scenario, "threads"), "2");
    EXPECT_FALSE(part<QPushButton>("resetKnobs")->isVisible());
}

TEST_F(WindowKnobs, TakeADurationAsItIsTypedAndRefuseNonsense)
{
    open();
    ASSERT_TRUE(window().selectScenario("three-ways"));
    auto* interval = part<QComboBox>("knob-interval");
    EXPECT_EQ(interval->currentText(), "5 ms");
    interval->setEditText("2.5 ms");
    QTest::keyClick(interval->lineEdit(), Qt::Key_Return);
    EXPECT_EQ(knobValue(lesson().scenario, "interval"), "2.5ms");
    interval->setFocus();
    interval->lineEdit()->selectAll();
    QTest::keyClicks(interval, "4 ms");
    EXPECT_FALSE(running()) << "a space within a duration that is being typed is text";
    QTest::keyClick(interval, Qt::Key_Return);
    EXPECT_EQ(knobValue(lesson().scenario, "interval"), "4ms");
    EXPECT_FALSE(interval->hasFocus()) << "what is typed next is for the window";
    interval->setEditText("2.5 ms");
    QTest::keyClick(interval->lineEdit(), Qt::Key_Return);
    for (const char* nonsense : {"soon", "5 years", "", "-1 ms", "10 s"}) {
        interval->setEditText(nonsense);
        QTest::keyClick(interval->lineEdit(), Qt::Key_Return);
        EXPECT_EQ(knobValue(lesson().scenario, "interval"), "2.5ms") << nonsense;
        EXPECT_EQ(interval->currentText(), "2.5 ms") << nonsense;
        EXPECT_NE(banner(), "") << nonsense;
    }
}

} // namespace
} // namespace timeslice::window_prediction_test
