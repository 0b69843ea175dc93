#include "ui/result/lesson_links.h"

#include "ui/result/result_panel.h"

#include <QLabel>
#include <QSignalSpy>
#include <gtest/gtest.h>

namespace timeslice::lesson_links_test {
namespace {

QString titleOf(const QString& id)
{
    return id == "gil-io" ? QStringLiteral("Waiting is free & easy") : QString();
}

TEST(LessonLinks, ReadAsTheTitleAndLeadToTheLesson)
{
    const QString rich = withLessonLinks("a < b: lesson:gil-io.\nAnd lesson:no-such-one.", titleOf, Qt::blue);
    EXPECT_TRUE(rich.contains("a &lt; b: <a href=\"gil-io\"")) << rich.toStdString();
    EXPECT_TRUE(rich.contains("“Waiting is free &amp; easy”</a>.<br>And no-such-one.")) << rich.toStdString();
    EXPECT_EQ(withLessonLinks("nothing", titleOf, Qt::blue), "nothing");
}

TEST(LessonLinks, OfThePanelAreTold)
{
    ResultPanel panel;
    panel.setLessonTitles(titleOf);
    Scenario scenario;
    scenario.why = "See lesson:gil-io.";
    panel.showScenario(&scenario);
    auto* why = panel.findChild<QLabel*>("why");
    ASSERT_NE(why, nullptr);
    EXPECT_TRUE(why->text().contains("Waiting is free")) << why->text().toStdString();
    const QSignalSpy chosen(&panel, &ResultPanel::lessonChosen);
    emit why->linkActivated("gil-io");
    ASSERT_EQ(chosen.count(), 1);
    EXPECT_EQ(chosen.front().front().toString(), "gil-io");
}

} // namespace
} // namespace timeslice::lesson_links_test
