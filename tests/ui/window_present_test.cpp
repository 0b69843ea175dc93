#include "tests/ui/window_fixture.h"
#include "ui/result/outcome.h"

#include <QSpinBox>

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

} // namespace
} // namespace timeslice::window_present_test
