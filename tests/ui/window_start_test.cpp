// A window that is on the screen before its lessons are read.
#include "tests/ui/window_fixture.h"

#include <QListView>
#include <QSignalSpy>

namespace timeslice::window_start_test {
namespace {

class WindowStart : public WindowTest {
protected:
    /// Shown and painted, and empty.
    MainWindow& openEmpty()
    {
        MainWindowOptions made = options(Catalogue());
        made.lessons.reset();
        auto empty = std::make_unique<MainWindow>(std::move(made));
        QSignalSpy painted(empty.get(), &MainWindow::painted);
        empty->resize(1280, 720);
        empty->show();
        for (int i = 0; i < kPatience && painted.isEmpty(); ++i) {
            QTest::qWait(10);
        }
        EXPECT_EQ(painted.size(), 1);
        m_empty = std::move(empty);
        return *m_empty;
    }
    LessonBook lessons() { return LessonBook(course(), machineFacts().cores); }
    /// The parts whose picture depends on nothing but the lesson, and where all others are.
    static std::pair<std::vector<QImage>, std::vector<QRect>> look(MainWindow& window)
    {
        for (int i = 0; i < kPatience && !window.isActiveWindow(); ++i) {
            window.activateWindow();
            QTest::qWait(10);
        }
        QTest::qWait(50); // layouts are made when their events come
        std::pair<std::vector<QImage>, std::vector<QRect>> found;
        for (const char* name : {"topBar", "scenarioHeader", "knobBar", "statusBar"}) {
            found.first.push_back(window.findChild<QWidget*>(name)->grab().toImage());
        }
        for (const char* name : {"topBar", "scenarioHeader", "knobBar", "statusBar", "scenarios", "resultPanel"}) {
            const auto* part = window.findChild<QWidget*>(name);
            found.second.emplace_back(part->mapTo(&window, QPoint()), part->size());
            EXPECT_TRUE(part->isVisible()) << name;
        }
        const auto* list = window.findChild<QListView*>("scenarios");
        EXPECT_TRUE(list->viewport()->rect().contains(list->visualRect(list->currentIndex())));
        return found;
    }
    std::unique_ptr<MainWindow> m_empty;
};

TEST_F(WindowStart, LooksTheSameAsOneThatHadItsLessonsAtOnce)
{
    MainWindow& late = openEmpty();
    late.furnish(lessons());
    const auto one = look(late);
    const QString focus = QApplication::focusWidget() != nullptr ? QApplication::focusWidget()->objectName() : "";
    m_empty.reset();
    const auto other = look(open());
    EXPECT_EQ(one.second, other.second);
    EXPECT_TRUE(one.first == other.first);
    ASSERT_NE(QApplication::focusWidget(), nullptr);
    EXPECT_EQ(focus, QApplication::focusWidget()->objectName()) << "the keyboard goes to the same place";
}

TEST_F(WindowStart, KeysAndDropsAndResizesBeforeItIsFurnishedDoNothing)
{
    MainWindow& empty = openEmpty();
    for (const int key : {Qt::Key_Space, Qt::Key_Escape, Qt::Key_F5, Qt::Key_PageDown, Qt::Key_1}) {
        QTest::keyClick(&empty, static_cast<Qt::Key>(key));
    }
    empty.resize(1000, 600);
    EXPECT_FALSE(empty.acceptDrops());
    EXPECT_FALSE(empty.furnished());
    EXPECT_FALSE(empty.controller().running());
    empty.furnish(lessons());
    EXPECT_TRUE(empty.furnished());
    EXPECT_TRUE(empty.currentLesson());
}

TEST_F(WindowStart, ClosesBeforeItIsFurnished)
{
    MainWindow& empty = openEmpty();
    EXPECT_TRUE(empty.close());
    EXPECT_FALSE(empty.isVisible());
}

} // namespace
} // namespace timeslice::window_start_test
