// The lesson whose scheduler is the class: real threads of a real worker, stepped by clicks and keys in the real
// window.
#include "core/session/process_tree.h"
#include "tests/ui/cut_off.h"
#include "tests/ui/window_fixture.h"
#include "ui/stepper/step_lane.h"
#include "ui/stepper/stepper_page.h"
#include "ui/window/run_stage.h"

#include <QSpinBox>
#include <QTabBar>
#include <csignal>
#include <fstream>
#include <functional>

namespace timeslice::window_stepper_test {
namespace {

class WindowStepper : public WindowTest {
protected:
    void show()
    {
        open();
        ASSERT_TRUE(window().selectScenario("step-it"));
        ASSERT_TRUE(page()->isVisible());
    }
    StepperPage* page() { return part<StepperPage>("stepper"); }
    Stepper& stepper() { return page()->stepper(); }
    QString variable() { return textOf("stepVariable"); }
    QString registerOf(int thread) { return textOf(qPrintable("stepRegister" + QString::number(thread))); }
    QString message() { return textOf("stepperMessage"); }
    QPushButton* thread(int number) { return part<QPushButton>(qPrintable("stepThread" + QString::number(number))); }
    bool shows(const char* name)
    {
        auto* found = window().findChild<QWidget*>(name);
        return found != nullptr && found->isVisible();
    }
    ::testing::AssertionResult comesTrue(const std::function<bool()>& what)
    {
        for (int i = 0; i < kPatience && !what(); ++i) {
            QTest::qWait(10);
        }
        return what() ? ::testing::AssertionSuccess() : ::testing::AssertionFailure() << message().toStdString();
    }
    /// The threads have taken so many steps.
    ::testing::AssertionResult taken(std::size_t steps)
    {
        return comesTrue([&] { return stepper().history().size() == steps && stepper().wanted().size() == steps; });
    }
    /// What the row shows at the steps, "load r = 0 · · store x = 1".
    QString lane(int row)
    {
        QStringList words;
        for (const StepLane::Cell& cell : part<StepLane>(qPrintable("stepLane" + QString::number(row)))->cells()) {
            const QString both = (cell.above + ' ' + cell.below).trimmed();
            words << (both.isEmpty() ? QStringLiteral("·") : both);
        }
        return words.join(QStringLiteral(", "));
    }
    std::vector<Pid> workers()
    {
        std::vector<Pid> found;
        for (const Pid pid : descendants(getpid())) {
            std::ifstream comm("/proc/" + std::to_string(pid) + "/comm");
            std::string name;
            std::getline(comm, name);
            if (name == "timeslice-worke" || name.starts_with("python")) { // what the kernel keeps of it
                found.push_back(pid);
            }
        }
        return found;
    }
};

TEST_F(WindowStepper, IsThereBeforeAnyRunAndStartsNothingByItself)
{
    show();
    EXPECT_TRUE(part<QTabBar>("stageTabs")->isTabVisible(0));
    EXPECT_EQ(stepper().ways().size(), 3U);
    EXPECT_EQ(variable(), "0");
    EXPECT_EQ(registerOf(1), QStringLiteral("–"));
    EXPECT_TRUE(thread(1)->text().contains("next: load"));
    EXPECT_FALSE(part<QPushButton>("stepBack")->isEnabled());
    EXPECT_TRUE(workers().empty());
    ASSERT_TRUE(window().selectScenario("native-counter"));
    EXPECT_FALSE(page()->isVisible());
}

TEST_F(WindowStepper, LosesAnUpdateByClicks)
{
    show();
    for (const int number : {1, 2, 1, 1, 2, 2}) {
        QTest::mouseClick(thread(number), Qt::LeftButton);
    }
    ASSERT_TRUE(taken(6));
    EXPECT_EQ(lane(1), QStringLiteral("load r = 0, ·, add r = 1, store x = 1, ·, ·"));
    EXPECT_EQ(lane(2), QStringLiteral("·, load r = 0, ·, ·, add r = 1, store x = 1"));
    EXPECT_EQ(lane(3), QStringLiteral("0, 0, 0, 1, 1, 1 lost"));
    EXPECT_EQ(variable(), "1");
    EXPECT_EQ(registerOf(2), "1");
    EXPECT_EQ(message(), "x = 1, and not 2: an update is lost.");
    EXPECT_FALSE(thread(1)->isEnabled());
    EXPECT_TRUE(thread(1)->text().contains("has done all"));
}

TEST_F(WindowStepper, IsSteppedByKeysOnceItHasTheFocus)
{
    show();
    press(Qt::Key_2);
    EXPECT_EQ(lesson().prediction, 1U) << "elsewhere the key predicts";
    EXPECT_TRUE(stepper().wanted().empty());

    QTest::mouseClick(page(), Qt::LeftButton, {}, QPoint(2, 2));
    press(Qt::Key_2);
    press(Qt::Key_1);
    press(Qt::Key_3); // there is no such thread
    ASSERT_TRUE(taken(2));
    EXPECT_EQ(stepper().wanted(), (Schedule{1, 0}));
    EXPECT_EQ(lesson().prediction, 1U) << "as it was";
    press(Qt::Key_Down);
    EXPECT_EQ(stepper().chosen(), 1U);
    press(Qt::Key_Right);
    ASSERT_TRUE(taken(3));
    EXPECT_EQ(stepper().wanted(), (Schedule{1, 0, 1}));
    press(Qt::Key_Backspace);
    press(Qt::Key_Left);
    ASSERT_TRUE(taken(1));
    EXPECT_EQ(lane(2), QStringLiteral("load r = 0, ·, ·, ·, ·, ·"));
    EXPECT_EQ(lane(1), QStringLiteral("·, ·, ·, ·, ·, ·"));
    press(Qt::Key_Right); // what was undone is done again
    press(Qt::Key_Right);
    ASSERT_TRUE(taken(3));
    EXPECT_EQ(stepper().wanted(), (Schedule{1, 0, 1}));
    press(Qt::Key_Home);
    ASSERT_TRUE(taken(0));
    EXPECT_EQ(variable(), "0");
}

TEST_F(WindowStepper, IsAfterUndoAsIfItHadNeverStepped)
{
    show();
    const auto everything = [this] {
        return QStringList{
            variable(), registerOf(1), registerOf(2), lane(1), lane(2), lane(3), thread(1)->text(), thread(2)->text()}
            .join('|');
    };
    const QString question = message();
    std::vector<QString> before;
    const std::vector<int> order{2, 1, 1, 2, 1, 2};
    for (const int number : order) {
        before.push_back(everything());
        QTest::mouseClick(thread(number), Qt::LeftButton);
        ASSERT_TRUE(comesTrue([&] { return stepper().history().size() == before.size(); }));
    }
    for (std::size_t steps = order.size(); steps-- > 1;) {
        click("stepBack");
        ASSERT_TRUE(taken(steps));
        EXPECT_EQ(everything(), before[steps]);
    }
    click("stepRestart");
    ASSERT_TRUE(taken(0));
    EXPECT_EQ(everything(), before.front());
    EXPECT_EQ(message(), question);
}

TEST_F(WindowStepper, FindsAnOrderThatLosesAnUpdateAndGoesAlongIt)
{
    show();
    click("stepFind");
    EXPECT_TRUE(message().startsWith("Ahead: thread 1,"));
    for (int i = 0; i < 6; ++i) {
        press(Qt::Key_Right);
    }
    ASSERT_TRUE(taken(6));
    EXPECT_EQ(message(), "x = 1, and not 2: an update is lost.");
}

TEST_F(WindowStepper, CountsAllOutcomesAndReplaysOne)
{
    show();
    click("stepAll");
    ASSERT_TRUE(comesTrue([&] { return stepper().ways().front().outcomes.has_value(); }));
    EXPECT_TRUE(part<QPushButton>("stepOutcome1_1")->text().contains("x = 1 in 18"));
    EXPECT_TRUE(part<QPushButton>("stepOutcome1_2")->text().contains("x = 2 in 2"));
    click("stepOutcome1_2");
    for (int i = 0; i < 6; ++i) {
        press(Qt::Key_Right);
    }
    ASSERT_TRUE(taken(6));
    EXPECT_EQ(message(), "x = 2: right.");
    EXPECT_EQ(stepper().wanted(), (Schedule{0, 0, 0, 1, 1, 1}));
    click("stepOutcome1_2"); // the other one
    for (int i = 0; i < 6; ++i) {
        press(Qt::Key_Right);
    }
    ASSERT_TRUE(taken(6));
    EXPECT_EQ(stepper().wanted(), (Schedule{1, 1, 1, 0, 0, 0}));
}

TEST_F(WindowStepper, NamesEachOfItsButtonsAndTellsWhatItDoes)
{
    show();
    click("stepAll");
    ASSERT_TRUE(comesTrue([&] { return stepper().ways().front().outcomes.has_value(); }));
    for (const QPushButton* button : page()->findChildren<QPushButton*>()) {
        EXPECT_FALSE(button->accessibleName().isEmpty()) << button->objectName().toStdString();
        EXPECT_FALSE(button->toolTip().isEmpty()) << button->objectName().toStdString();
    }
    EXPECT_EQ(thread(2)->accessibleName(), "Thread 2, next: load");
}

TEST_F(WindowStepper, WithALockOffersNoThreadThatWaitsAndLosesNothing)
{
    show();
    click("stepWay2");
    QTest::mouseClick(thread(1), Qt::LeftButton);
    ASSERT_TRUE(taken(1));
    EXPECT_TRUE(thread(1)->text().contains("has the lock"));
    EXPECT_TRUE(thread(2)->text().contains("waits for the lock"));
    EXPECT_FALSE(thread(2)->isEnabled());
    press(Qt::Key_2);
    EXPECT_EQ(stepper().wanted().size(), 1U);
    click("stepFind");
    EXPECT_EQ(message(), "No order loses an update: who has the lock keeps the others out.");
    click("stepAll");
    ASSERT_TRUE(comesTrue([&] { return stepper().ways()[1].outcomes.has_value(); }));
    EXPECT_TRUE(part<QPushButton>("stepOutcome2_2")->text().contains("x = 2 in 2"));
    EXPECT_EQ(window().findChild<QPushButton*>("stepOutcome2_1"), nullptr);
}

TEST_F(WindowStepper, TakesAThirdThreadWhenTheKnobSaysSo)
{
    show();
    QTest::mouseClick(thread(1), Qt::LeftButton);
    ASSERT_TRUE(taken(1));
    part<QSpinBox>("knob-threads")->setValue(3);
    ASSERT_TRUE(comesTrue([&] { return window().findChild<QPushButton*>("stepThread3") != nullptr; }));
    EXPECT_TRUE(stepper().wanted().empty()) << "another program begins at its beginning";
    QTest::mouseClick(page(), Qt::LeftButton, {}, QPoint(2, 2));
    press(Qt::Key_3);
    ASSERT_TRUE(taken(1));
    EXPECT_EQ(lane(3), QStringLiteral("load r = 0, ·, ·, ·, ·, ·, ·, ·, ·"));
}

TEST_F(WindowStepper, SaysThatTheThreadsWereKilledAndStartsThemAnew)
{
    show();
    QTest::mouseClick(thread(1), Qt::LeftButton);
    ASSERT_TRUE(taken(1));
    ASSERT_EQ(workers().size(), 1U);
    kill(workers().front(), SIGKILL);
    ASSERT_TRUE(comesTrue([&] { return !stepper().problem().isEmpty(); }));
    EXPECT_EQ(message(),
        "The threads are gone: their process was killed by signal 9 (killed). The next step starts them anew.");
    QTest::mouseClick(thread(1), Qt::LeftButton);
    ASSERT_TRUE(taken(2));
    EXPECT_EQ(lane(1), QStringLiteral("load r = 0, add r = 1, ·, ·, ·, ·"));
}

TEST_F(WindowStepper, StepsTheBytecodesOfAScript)
{
    show();
    click("stepWay3");
    ASSERT_TRUE(comesTrue([&] { return thread(1)->text().contains("LOAD_GLOBAL x"); })) << "before any step";
    EXPECT_EQ(thread(2)->text(), "2  Thread 2\nnext: LOAD_GLOBAL x\nline 19: x = x + 1");
    for (const int number : {1, 2, 1, 1, 2}) {
        QTest::mouseClick(thread(number), Qt::LeftButton);
    }
    ASSERT_TRUE(taken(5));
    EXPECT_TRUE(thread(2)->text().contains("next: STORE_GLOBAL x"));
    EXPECT_TRUE(thread(1)->text().endsWith("has done all"));
    press(Qt::Key_2);
    ASSERT_TRUE(taken(6));
    EXPECT_EQ(lane(1), QStringLiteral("load r = 0, ·, add r = 1, store x = 1, ·, ·"));
    EXPECT_EQ(lane(2), QStringLiteral("·, load r = 0, ·, ·, add r = 1, store x = 1"));
    EXPECT_EQ(message(), "x = 1, and not 2: an update is lost.");
    click("stepBack");
    ASSERT_TRUE(taken(5));
    EXPECT_EQ(registerOf(2), "1");
    EXPECT_EQ(lane(3), QStringLiteral("0, 0, 0, 1, 1, ·"));
    click("stepAll");
    ASSERT_TRUE(comesTrue([&] { return stepper().ways().back().outcomes.has_value(); }));
    EXPECT_TRUE(part<QPushButton>("stepOutcome3_1")->text().contains("x = 1 in 18"));
    EXPECT_TRUE(part<QPushButton>("stepOutcome3_2")->text().contains("x = 2 in 2"));
    click("stepOutcome3_2");
    for (int i = 0; i < 6; ++i) {
        press(Qt::Key_Right);
    }
    ASSERT_TRUE(taken(6));
    EXPECT_EQ(message(), "x = 2: right.");
    part<QSpinBox>("knob-threads")->setValue(3);
    ASSERT_TRUE(comesTrue([&] {
        auto* third = window().findChild<QPushButton*>("stepThread3");
        return third != nullptr && third->text().contains("LOAD_GLOBAL x");
    })) << "it begins anew with three threads";
}

TEST_F(WindowStepper, SaysThatTheScriptWasKilledAndStartsItAnew)
{
    show();
    click("stepWay3");
    ASSERT_TRUE(comesTrue([&] { return workers().size() == 1; }));
    QTest::mouseClick(thread(1), Qt::LeftButton);
    ASSERT_TRUE(taken(1));
    kill(workers().front(), SIGKILL);
    ASSERT_TRUE(comesTrue([&] { return !stepper().problem().isEmpty(); }));
    EXPECT_EQ(message(),
        "The threads are gone: their process was killed by signal 9 (killed). The next step starts them anew.");
    QTest::mouseClick(thread(2), Qt::LeftButton);
    ASSERT_TRUE(taken(2));
    EXPECT_EQ(lane(2), QStringLiteral("·, load r = 0, ·, ·, ·, ·"));
    ASSERT_TRUE(window().selectScenario("native-counter"));
    EXPECT_TRUE(workers().empty());
}

TEST_F(WindowStepper, LeavesNoThreadBehindWhenAnotherLessonIsShownOrTheWindowCloses)
{
    show();
    QTest::mouseClick(thread(1), Qt::LeftButton);
    ASSERT_TRUE(taken(1));
    ASSERT_TRUE(window().selectScenario("native-counter"));
    EXPECT_TRUE(workers().empty());
    ASSERT_TRUE(window().selectScenario("step-it"));
    click("stepAll");
    close();
    EXPECT_TRUE(workers().empty());
}

TEST_F(WindowStepper, IsSteppedByTheRemoteOnceTheClassHasPredicted)
{
    show();
    window().actions().present->trigger();
    EXPECT_TRUE(shows("choicesBoard"));
    EXPECT_FALSE(shows("stepper"));
    press(Qt::Key_4);
    EXPECT_EQ(lesson().prediction, 3U);
    EXPECT_FALSE(shows("choicesBoard"));
    ASSERT_TRUE(shows("stepper"));
    press(Qt::Key_L);
    for (int i = 0; i < 6; ++i) {
        press(Qt::Key_PageDown);
    }
    ASSERT_TRUE(taken(6));
    EXPECT_EQ(message(), "x = 1, and not 2: an update is lost.");
    press(Qt::Key_PageUp);
    ASSERT_TRUE(taken(5));
    press(Qt::Key_2);
    ASSERT_TRUE(taken(6)) << "1, 2 and 3 are threads now";
    EXPECT_EQ(lesson().prediction, 3U);
    EXPECT_EQ(currentId(), "step-it");
    press(Qt::Key_PageDown);
    EXPECT_NE(currentId(), "step-it") << "behind the last step comes the next lesson";
}

TEST_F(WindowStepper, CutsNothingOffInLargeText)
{
    show();
    for (const QSize size : {QSize(1280, 720), QSize(1024, 600)}) {
        window().resize(size);
        window().actions().textUsual->trigger();
        for (int larger = 0; larger <= 3; ++larger) {
            for (int way = 1; way <= 3; ++way) {
                click(qPrintable("stepWay" + QString::number(way)));
                std::vector<std::string> found;
                EXPECT_TRUE(comesTrue([&] {
                    found = test::cutOff(window(), *part<QScrollArea>("stepperArea"));
                    std::erase_if(
                        found, [](const std::string& part) { return part.find(" step") == std::string::npos; });
                    const QRect page(QPoint(), this->page()->size());
                    for (const QPushButton* button : this->page()->findChildren<QPushButton*>()) {
                        const QRect place(button->mapTo(this->page(), QPoint()), button->size());
                        if (button->isVisible() && !page.contains(place)) {
                            found.push_back(button->objectName().toStdString());
                        }
                    }
                    return found.empty();
                })) << testing::PrintToString(found)
                    << " at " << size.width() << ", " << larger << " steps larger, way " << way;
            }
            window().actions().textLarger->trigger();
        }
    }
}

TEST_F(WindowStepper, IsSteppedByTheRemoteWithoutAVoteTooAndComesBackWithItsSteps)
{
    show();
    window().actions().present->trigger();
    EXPECT_TRUE(shows("choicesBoard"));
    press(Qt::Key_PageDown);
    EXPECT_EQ(currentId(), "step-it");
    EXPECT_FALSE(lesson().prediction);
    EXPECT_FALSE(shows("choicesBoard"));
    ASSERT_TRUE(shows("stepper"));
    press(Qt::Key_L);
    for (int i = 0; i < 6; ++i) {
        press(Qt::Key_PageDown);
    }
    ASSERT_TRUE(taken(6));
    const QString said = message();
    press(Qt::Key_PageDown);
    EXPECT_NE(currentId(), "step-it");
    press(Qt::Key_PageUp);
    ASSERT_EQ(currentId(), "step-it") << "one too many is taken back";
    ASSERT_TRUE(taken(6)) << "by other threads";
    EXPECT_EQ(message(), said);
    for (int i = 0; i < 6; ++i) {
        press(Qt::Key_PageUp);
    }
    ASSERT_TRUE(taken(0));
    EXPECT_FALSE(shows("choicesBoard"));
    press(Qt::Key_PageUp);
    EXPECT_EQ(currentId(), "step-it");
    EXPECT_TRUE(shows("choicesBoard")) << "before the steps is the question";
    press(Qt::Key_PageUp);
    EXPECT_NE(currentId(), "step-it");
}

TEST_F(WindowStepper, RunsEveryOrderAsALessonDoes)
{
    show();
    window().actions().runStop->trigger();
    ASSERT_TRUE(runsToItsEnd());
    const RunReport& report = model()->report();
    ASSERT_EQ(report.variants.size(), 3U);
    EXPECT_EQ(report.variants[0].extra.at("schedules").at("wrong"), 18);
    EXPECT_EQ(report.variants[0].extra.at("schedules").at("all"), 20);
    EXPECT_EQ(report.variants[1].extra.at("schedules").at("wrong"), 0);
    ASSERT_TRUE(report.verdict);
    EXPECT_EQ(report.verdict->headline, "18 of 20");
    EXPECT_EQ(report.verdict->holds, true);
    press(Qt::Key_V);
    EXPECT_TRUE(page()->isVisible()) << "from the result to the steps";
}

} // namespace
} // namespace timeslice::window_stepper_test
