#include "tests/ui/window_fixture.h"

#include <QClipboard>
#include <QListView>

namespace timeslice::window_keyboard_test {
namespace {

class WindowKeys : public WindowTest { };

TEST_F(WindowKeys, PageDownAndPageUpWalkTheCourse)
{
    open();
    ASSERT_GE(window().lessons().size(), 2U);
    window().selectScenario(window().lessons().at(0).scenario.id);
    for (std::size_t i = 1; i < window().lessons().size(); ++i) {
        press(Qt::Key_PageDown);
        EXPECT_EQ(window().currentLesson(), i);
    }
    press(Qt::Key_PageDown);
    EXPECT_EQ(window().currentLesson(), window().lessons().size() - 1) << "the last one stays";
    press(Qt::Key_PageUp);
    EXPECT_EQ(window().currentLesson(), window().lessons().size() - 2);
}

TEST_F(WindowKeys, UpAndDownInTheListSkipChapters)
{
    open();
    part<QListView>("scenarios")->setFocus();
    window().selectScenario(window().lessons().at(0).scenario.id);
    for (std::size_t i = 1; i < window().lessons().size(); ++i) {
        press(Qt::Key_Down);
        EXPECT_EQ(window().currentLesson(), i);
    }
    press(Qt::Key_Home);
    EXPECT_EQ(window().currentLesson(), 0U);
}

TEST_F(WindowKeys, CtrlFFindsAndReturnOpens)
{
    open();
    const std::string wanted = "native-counter"; // a word of no other
    window().selectScenario(window().lessons().at(0).scenario.id);
    press(Qt::Key_F, Qt::ControlModifier);
    auto* search = part<QLineEdit>("search");
    ASSERT_TRUE(search->hasFocus());
    QTest::keyClicks(search, QString::fromStdString(wanted));
    press(Qt::Key_Return);
    EXPECT_EQ(currentId().toStdString(), wanted);
    EXPECT_FALSE(search->hasFocus());
}

TEST_F(WindowKeys, SpaceRunsAfterTheSearchIsLeftByEscape)
{
    open();
    press(Qt::Key_F, Qt::ControlModifier);
    auto* search = part<QLineEdit>("search");
    QTest::keyClicks(search, "nice");
    press(Qt::Key_Escape);
    EXPECT_EQ(search->text(), "");
    EXPECT_FALSE(search->hasFocus());
    press(Qt::Key_Space);
    EXPECT_TRUE(running());
    press(Qt::Key_Space);
    ASSERT_TRUE(settles());
}

TEST_F(WindowKeys, TextGrowsAndShrinksAndIsRemembered)
{
    open();
    const double usual = window().font().pointSizeF();
    press(Qt::Key_Plus, Qt::ControlModifier);
    EXPECT_GT(window().font().pointSizeF(), usual);
    close();
    open();
    EXPECT_GT(window().font().pointSizeF(), usual);
    press(Qt::Key_0, Qt::ControlModifier);
    EXPECT_DOUBLE_EQ(window().font().pointSizeF(), usual);
    press(Qt::Key_Minus, Qt::ControlModifier);
    EXPECT_LT(window().font().pointSizeF(), usual);
    press(Qt::Key_0, Qt::ControlModifier);
}

TEST_F(WindowKeys, LettersInTheSearchFieldAreText)
{
    open();
    press(Qt::Key_F, Qt::ControlModifier);
    QTest::keyClicks(part<QLineEdit>("search"), "b f? 1");
    EXPECT_EQ(part<QLineEdit>("search")->text(), "b f? 1");
    EXPECT_FALSE(running()) << "Space in the search field starts nothing";
    EXPECT_EQ(window().findChild<QWidget*>("keysOverlay"), nullptr);
    press(Qt::Key_Escape);
    EXPECT_EQ(part<QLineEdit>("search")->text(), "");
}

TEST_F(WindowKeys, ASearchWithoutHitsSaysSo)
{
    open();
    const auto before = window().currentLesson();
    press(Qt::Key_F, Qt::ControlModifier);
    QTest::keyClicks(part<QLineEdit>("search"), "qqzzqq");
    EXPECT_TRUE(part<QLabel>("noHit")->isVisible());
    EXPECT_TRUE(textOf("noHit").contains("qqzzqq"));
    press(Qt::Key_Return);
    EXPECT_EQ(window().currentLesson(), before);
}

TEST_F(WindowKeys, SpaceRunsAndStopsWhateverHasTheFocus)
{
    open();
    ASSERT_TRUE(window().selectScenario("three-ways"));
    for (const char* name : {"scenarios", "run", "prediction1", "timeline", "knob-threads", "knob-interval"}) {
        part<QWidget>(name)->setFocus();
        press(Qt::Key_Space);
        EXPECT_TRUE(running()) << name;
        press(Qt::Key_Space);
        ASSERT_TRUE(runsToItsEnd()) << name;
        EXPECT_TRUE(model()->finished());
    }
    EXPECT_FALSE(lesson().prediction) << "Space chose no prediction";
}

TEST_F(WindowKeys, NumbersChooseAPrediction)
{
    open();
    press(Qt::Key_2);
    EXPECT_EQ(lesson().prediction, 1U);
    press(Qt::Key_1);
    EXPECT_EQ(lesson().prediction, 0U);
    press(Qt::Key_9);
    EXPECT_EQ(lesson().prediction, 0U) << "there are not that many";
}

TEST_F(WindowKeys, F1AndQuestionMarkShowTheKeysAndEscapeHidesThem)
{
    open();
    for (const int key : {Qt::Key_F1, Qt::Key_Question}) {
        press(key);
        ASSERT_NE(window().findChild<QWidget*>("keysOverlay"), nullptr);
        press(Qt::Key_Escape);
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        EXPECT_EQ(window().findChild<QWidget*>("keysOverlay"), nullptr);
    }
}

TEST_F(WindowKeys, F5PresentsAndEscapeLeavesButNeverQuits)
{
    open();
    press(Qt::Key_F5);
    EXPECT_TRUE(window().presenting());
    EXPECT_TRUE(window().isFullScreen());
    EXPECT_TRUE(part<QWidget>("choicesBoard")->isVisible()) << "before the run the class is asked";
    press(Qt::Key_B);
    EXPECT_TRUE(part<QWidget>("blank")->isVisible());
    press(Qt::Key_Period);
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    EXPECT_EQ(window().findChild<QWidget*>("blank"), nullptr);
    press(Qt::Key_Escape);
    EXPECT_FALSE(window().presenting());
    EXPECT_FALSE(window().isFullScreen());
    EXPECT_TRUE(part<QWidget>("timeline")->isVisible()) << "the timeline is back in the window";
    press(Qt::Key_Escape);
    press(Qt::Key_Escape);
    EXPECT_TRUE(window().isVisible());
}

TEST_F(WindowKeys, PresentingShowsTheWholeQuestion)
{
    open();
    for (std::size_t i = 0; i < window().lessons().size(); ++i) {
        window().selectScenario(window().lessons().at(i).scenario.id);
        window().actions().present->trigger();
        ASSERT_TRUE(window().presenting())
            << lesson().scenario.id << ", with the keyboard at "
            << (QApplication::focusWidget() != nullptr ? QApplication::focusWidget()->objectName().toStdString()
                                                       : "nothing");
        const auto* question = part<QLabel>("presentationQuestion");
        EXPECT_EQ(question->text(), questionOf(lesson().shown));
        EXPECT_TRUE(QTest::qWaitFor([&] { return question->height() >= question->heightForWidth(question->width()); }))
            << lesson().scenario.id << ": " << question->height() << " of "
            << question->heightForWidth(question->width());
        press(Qt::Key_Escape);
        ASSERT_FALSE(window().presenting())
            << lesson().scenario.id << ", with the keyboard at "
            << (QApplication::focusWidget() != nullptr ? QApplication::focusWidget()->objectName().toStdString()
                                                       : "nothing");
    }
}

TEST_F(WindowKeys, TheCourseIsWalkedAndRunWhilePresenting)
{
    open();
    window().selectScenario(window().lessons().at(0).scenario.id);
    press(Qt::Key_F5);
    press(Qt::Key_PageDown);
    EXPECT_EQ(window().currentLesson(), 1U);
    press(Qt::Key_Space);
    EXPECT_TRUE(running());
    ASSERT_TRUE(runsToItsEnd());
    EXPECT_TRUE(window().presenting());
    EXPECT_FALSE(part<QWidget>("presentationHeadline")->accessibleName().isEmpty());
}

TEST_F(WindowKeys, CtrlCPutsThePictureInTheClipboard)
{
    open();
    press(Qt::Key_Space);
    ASSERT_TRUE(runsToItsEnd());
    QApplication::clipboard()->clear();
    press(Qt::Key_C, Qt::ControlModifier);
    ASSERT_TRUE(settles());
    EXPECT_EQ(QApplication::clipboard()->image().size(), QSize(1920, 1080)) << banner();
}

TEST_F(WindowKeys, TabReachesEveryControlAndEachHasANameAndATooltip)
{
    open();
    part<QLineEdit>("search")->setFocus();
    QSet<QWidget*> reached;
    for (int i = 0; i < 60; ++i) {
        reached.insert(QApplication::focusWidget());
        press(Qt::Key_Tab);
    }
    for (const char* name : {"search", "scenarios", "run", "prediction1", "timeline", "exportButton", "presentButton",
             "settingsButton", "openButton"}) {
        EXPECT_TRUE(reached.contains(part<QWidget>(name))) << name;
    }
    for (const QPushButton* button : window().findChildren<QPushButton*>()) {
        EXPECT_FALSE(button->accessibleName().isEmpty()) << button->objectName().toStdString();
        EXPECT_FALSE(button->toolTip().isEmpty()) << button->objectName().toStdString();
    }
    for (QWidget* widget : reached) {
        EXPECT_FALSE(widget->accessibleName().isEmpty()) << widget->objectName().toStdString();
    }
}

} // namespace
} // namespace timeslice::window_keyboard_test
