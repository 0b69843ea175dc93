#include "tests/ui/window_fixture.h"
#include "ui/plot/timeline_view.h"
#include "ui/result/outcome.h"

#include <QSpinBox>
#include <QTabBar>
#include <algorithm>

namespace timeslice::window_present_test {
namespace {

class WindowPresent : public WindowTest {
protected:
    void present(const std::string& scenario)
    {
        open();
        ASSERT_TRUE(window().selectScenario(scenario));
        window().actions().present->trigger();
        ASSERT_TRUE(window().presenting());
    }
    /// What the label shows, where it shows.
    bool shows(const char* name)
    {
        auto* found = window().findChild<QWidget*>(name);
        return found != nullptr && found->isVisible();
    }
    /// What of the lesson is shown.
    QString place()
    {
        if (shows("choicesBoard")) {
            return QStringLiteral("question");
        }
        auto* timeline = part<TimelineView>("timeline");
        return timeline->isVisible() ? QStringLiteral("variant %1").arg(timeline->exploration().variant().value_or(0))
                                     : QStringLiteral("picture %1").arg(part<QTabBar>("stageTabs")->currentIndex());
    }
    /// All places on the way to another lesson, the one from which it begins first.
    QStringList walk(Qt::Key key, std::size_t to)
    {
        QStringList places;
        for (int i = 0; i < 20 && *window().currentLesson() != to; ++i) {
            places << place();
            press(key);
        }
        return places;
    }
};

TEST_F(WindowPresent, AsksTheClassInTheMiddleAndCountsItsHands)
{
    present("three-ways");
    EXPECT_TRUE(shows("choicesBoard"));
    EXPECT_FALSE(shows("timeline")) << "there is nothing in it yet";
    part<QSpinBox>("hands1")->setValue(12);
    part<QSpinBox>("hands2")->setValue(30);
    QTest::mouseClick(part<QPushButton>("choice2"), Qt::LeftButton);
    EXPECT_EQ(lesson().prediction, 1U);
    EXPECT_EQ(lesson().hands[0], 12);
    EXPECT_EQ(lesson().hands[1], 30);

    window().actions().runStop->trigger();
    ASSERT_TRUE(runsToItsEnd());
    EXPECT_FALSE(shows("choicesBoard"));
    EXPECT_TRUE(shows("timeline"));
    EXPECT_TRUE(shows("legendStrip")) << "what the patterns mean";
    const QString score = scoreHands(*model(), lesson().hands);
    if (model()->report().verdict->holds) { // else the machine was too busy to tell
        EXPECT_TRUE(score.contains("42")) << score.toStdString();
    } else {
        EXPECT_EQ(score, "");
    }
}

TEST_F(WindowPresent, HandsAreAClickAndANumberAndSpaceRuns)
{
    present("three-ways");
    auto* hands = part<QSpinBox>("hands2");
    QTest::mouseClick(hands->findChild<QLineEdit*>(), Qt::LeftButton);
    QTest::qWait(10);
    ASSERT_TRUE(hands->hasFocus());
    QTest::keyClick(hands, Qt::Key_3);
    QTest::keyClick(hands, Qt::Key_0);
    EXPECT_EQ(lesson().hands[1], 30);
    QTest::keyClick(hands, Qt::Key_Space);
    EXPECT_TRUE(running());
    EXPECT_EQ(lesson().hands[1], 30);
    window().actions().runStop->trigger();
    ASSERT_TRUE(runsToItsEnd());
}

TEST_F(WindowPresent, TypesAllWordsAtLeastA36thOfTheHeight)
{
    present("gil-two-threads");
    for (QLabel* label : window().findChild<QWidget*>("presentation")->findChildren<QLabel*>()) {
        if (label->isVisible() && !label->text().isEmpty()) {
            EXPECT_GE(QFontInfo(label->font()).pixelSize(), window().height() / 36 - 1) << label->text().toStdString();
        }
    }
}

TEST_F(WindowPresent, ShowsAllRowsOfOneVariantWhereAllVariantsDoNotFitAndTurnsThem)
{
    present("native-counter");
    window().actions().runStop->trigger();
    ASSERT_TRUE(runsToItsEnd());
    const std::size_t here = *window().currentLesson();
    std::size_t turns = 0;
    while (*window().currentLesson() == here && turns < 10) {
        press(Qt::Key_PageDown);
        ++turns;
    }
    EXPECT_LE(turns, 3U) << "after the last variant comes the next lesson";
    EXPECT_NE(*window().currentLesson(), here);
}

TEST_F(WindowPresent, GoesOnThroughQuestionVariantsAndAnswerWithoutAVoteAndBackTheSameWay)
{
    present("native-counter");
    window().actions().runStop->trigger();
    ASSERT_TRUE(runsToItsEnd());
    EXPECT_FALSE(shows("choicesBoard"));
    const std::size_t here = *window().currentLesson();
    const QStringList forth = walk(Qt::Key_PageUp, here - 1);
    ASSERT_EQ(*window().currentLesson(), here - 1);
    EXPECT_EQ(forth.last(), "question") << forth.join(", ").toStdString();
    press(Qt::Key_PageDown);
    ASSERT_EQ(*window().currentLesson(), here);
    EXPECT_EQ(place(), "question") << "as it was left";
    EXPECT_TRUE(shows("choicesBoard"));
    EXPECT_FALSE(part<QWidget>("choice1")->isEnabled()) << "another choice would forget the run";
    EXPECT_NE(model(), nullptr);

    const QStringList on = walk(Qt::Key_PageDown, here + 1);
    ASSERT_EQ(*window().currentLesson(), here + 1);
    EXPECT_GE(on.size(), 3) << "the question and each variant: " << on.join(", ").toStdString();
    press(Qt::Key_PageUp);
    ASSERT_EQ(*window().currentLesson(), here) << "what has no run has one page";
    EXPECT_EQ(place(), on.last()) << "one PageDown too many is taken back";
    QStringList back = walk(Qt::Key_PageUp, here - 1);
    std::reverse(back.begin(), back.end());
    EXPECT_EQ(back, on);
}

TEST_F(WindowPresent, ALessonWithoutARunIsItsQuestion)
{
    present("three-ways");
    const std::size_t here = *window().currentLesson();
    press(Qt::Key_1);
    press(Qt::Key_PageDown);
    EXPECT_EQ(*window().currentLesson(), here + 1);
    press(Qt::Key_PageUp);
    EXPECT_EQ(*window().currentLesson(), here);
    EXPECT_TRUE(shows("choicesBoard"));
    EXPECT_EQ(lesson().prediction, 0U);
}

TEST_F(WindowPresent, TheNextLostUpdateTurnsToItsVariant)
{
    present("native-counter");
    Exploration& exploration = part<TimelineView>("timeline")->exploration();
    for (int run = 0; run < 20 && !exploration.variant(); ++run) { // on busy cores two threads may never meet
        window().actions().runStop->trigger();
        ASSERT_TRUE(runsToItsEnd());
    }
    if (!exploration.variant()) {
        GTEST_SKIP() << "20 runs have lost no update";
    }
    std::size_t losses = 0;
    for (const VariantModel& variant : model()->variants()) {
        losses += variant.losses ? variant.losses->all.size() : 0;
    }
    ASSERT_GT(losses, 0U);
    const std::size_t first = *exploration.variant();
    const std::size_t other = first == 0 ? 1 : 0;
    exploration.turnTo(other); // by PageDown
    press(Qt::Key_N);
    ASSERT_TRUE(exploration.loss());
    EXPECT_EQ(exploration.variant(), exploration.loss()->variant);

    for (std::size_t i = 0; place() != "question" && i < 10; ++i) {
        press(Qt::Key_PageUp);
    }
    press(Qt::Key_N);
    EXPECT_TRUE(shows("timeline")) << "also from the question";
    EXPECT_EQ(exploration.variant(), exploration.loss()->variant);
}

} // namespace
} // namespace timeslice::window_present_test
