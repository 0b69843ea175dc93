#include "ui/window/scenario_header.h"

#include <QApplication>
#include <QEvent>
#include <gtest/gtest.h>

namespace timeslice::scenario_header_test {
namespace {

/// How often the layout of a widget is asked to be made anew.
class LayoutRequests : public QObject {
public:
    explicit LayoutRequests(QWidget* widget) { widget->installEventFilter(this); }
    int count = 0;

protected:
    bool eventFilter(QObject*, QEvent* event) override
    {
        count += event->type() == QEvent::LayoutRequest ? 1 : 0;
        return false;
    }
};

TEST(ScenarioHeader, isNotLaidOutAnewWhenNothingHasChanged)
{
    ScenarioHeader header;
    Lesson lesson;
    lesson.shown.title = "Two Python threads";
    lesson.shown.question = "How long do two threads take?";
    lesson.shown.predictions.resize(2);
    lesson.shown.predictions[0].text = "half as long";
    lesson.shown.predictions[1].text = "as long";
    header.showLesson(lesson);
    header.setRunState(RunState::Running);
    header.setFolded(false, false);
    header.resize(900, 160);
    header.show();
    for (int i = 0; i < 5; ++i) {
        QApplication::processEvents();
    }
    LayoutRequests requests(&header);
    for (int i = 0; i < 10; ++i) { // as with the figures of a live run
        header.setRunState(RunState::Running);
        header.setFolded(false, false);
        QApplication::processEvents();
    }
    EXPECT_EQ(requests.count, 0);
    header.setFolded(true, true);
    QApplication::processEvents();
    EXPECT_GT(requests.count, 0);
}

} // namespace
} // namespace timeslice::scenario_header_test
