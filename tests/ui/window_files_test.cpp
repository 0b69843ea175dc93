#include "tests/ui/window_fixture.h"

#include <QDropEvent>
#include <QFile>
#include <QMessageBox>
#include <QMimeData>
#include <fstream>
#include <sys/wait.h>

namespace timeslice::window_files_test {
namespace {

class WindowFiles : public WindowTest {
protected:
    QString saved()
    {
        answerPath = path("run.timeslice");
        click("run");
        EXPECT_TRUE(runsToItsEnd());
        press(Qt::Key_S, Qt::ControlModifier);
        EXPECT_TRUE(settles());
        EXPECT_TRUE(QFile::exists(answerPath)) << banner();
        return answerPath;
    }
};

TEST_F(WindowFiles, ARecordingOpensAsItWasSaved)
{
    open();
    const QString file = saved();
    const QString title = textOf("scenarioTitle");
    const std::size_t slices = model()->variants()[0].recording->timeline.sliceCount();
    const QString headline = part<QWidget>("headline")->accessibleName();
    press(Qt::Key_PageDown);
    press(Qt::Key_O, Qt::ControlModifier);
    ASSERT_TRUE(settles());
    EXPECT_FALSE(window().currentLesson());
    EXPECT_EQ(banner(), "");
    EXPECT_EQ(textOf("scenarioTitle"), title);
    EXPECT_EQ(model()->variants()[0].recording->timeline.sliceCount(), slices);
    EXPECT_EQ(part<QWidget>("headline")->accessibleName(), headline);
    EXPECT_TRUE(textOf("predictionHint").contains("run.timeslice"));
    EXPECT_FALSE(part<QPushButton>("run")->isVisible());
    press(Qt::Key_Space);
    EXPECT_FALSE(running()) << "a recording cannot be run";
    EXPECT_TRUE(window().actions().exportPng->isEnabled());

    click("closeRecording");
    EXPECT_TRUE(window().currentLesson());
    EXPECT_TRUE(part<QPushButton>("run")->isVisible());
}

TEST_F(WindowFiles, ARecordingIsDroppedOnTheWindow)
{
    open();
    const QString file = saved();
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(file)});
    QDragEnterEvent enter(QPoint(300, 300), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&window(), &enter);
    ASSERT_TRUE(enter.isAccepted());
    QDropEvent drop(QPointF(300, 300), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&window(), &drop);
    ASSERT_TRUE(settles());
    EXPECT_FALSE(window().currentLesson());
    EXPECT_TRUE(textOf("predictionHint").contains("run.timeslice"));
}

TEST_F(WindowFiles, AnUnreadableRecordingIsToldInTheWindowAndChangesNothing)
{
    open();
    const auto before = window().currentLesson();
    std::ofstream(path("junk.timeslice").toStdString()) << "this is no recording";
    for (const QString& file : {path("junk.timeslice"), path("missing.timeslice"), path("")}) {
        window().openRecording(file);
        ASSERT_TRUE(settles());
        EXPECT_NE(banner(), "") << file.toStdString();
        EXPECT_EQ(part<MessageBanner>("messageBanner")->kind(), MessageBanner::Kind::Error);
        EXPECT_EQ(window().currentLesson(), before);
        press(Qt::Key_Escape);
        EXPECT_EQ(banner(), "");
    }
}

TEST_F(WindowFiles, AnExportThatCannotBeWrittenSaysWhyAndWhere)
{
    open();
    click("run");
    ASSERT_TRUE(runsToItsEnd());
    answerPath = path("no/such/folder/picture.png");
    press(Qt::Key_E, Qt::ControlModifier);
    ASSERT_TRUE(settles());
    EXPECT_NE(banner().find("no/such/folder"), std::string::npos) << banner();
    EXPECT_EQ(part<MessageBanner>("messageBanner")->kind(), MessageBanner::Kind::Error);
    answerPath.clear();
    press(Qt::Key_Escape);
    press(Qt::Key_E, Qt::ControlModifier);
    EXPECT_EQ(banner(), "") << "cancelled is no error";
    answerPath = path("without-suffix");
    press(Qt::Key_E, Qt::ControlModifier);
    ASSERT_TRUE(settles());
    EXPECT_TRUE(QFile::exists(path("without-suffix.png")));
}

TEST_F(WindowFiles, DamagedScenarioFilesAreListedBesideTheRest)
{
    Catalogue catalogue = course();
    catalogue.damaged.push_back({"/somewhere/odd.json", {{3, 7, "expected a number, found \"x\""}}});
    open(std::move(catalogue));
    EXPECT_GT(window().lessons().size(), 0U);
    EXPECT_EQ(window().lessons().damaged().size(), 1U);
    EXPECT_FALSE(window().selectScenario("odd"));
    EXPECT_EQ(banner(), "") << "it is there";
    EXPECT_TRUE(part<QWidget>("mistakePage")->isVisible());
}

TEST_F(WindowFiles, AnEmptyCourseIsSaidAndNothingCrashes)
{
    open(Catalogue());
    EXPECT_NE(banner(), "");
    for (const int key : {Qt::Key_Space, Qt::Key_PageDown, Qt::Key_F, Qt::Key_1, Qt::Key_F5, Qt::Key_Escape}) {
        press(key);
    }
    EXPECT_FALSE(running());
}

class WindowLife : public WindowTest { };

TEST_F(WindowLife, ClosingEndsTheRun)
{
    open();
    click("run");
    ASSERT_TRUE(running());
    QTest::qWait(50);
    window().closeAtOnce();
    EXPECT_FALSE(window().isVisible());
    close();
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "no child is left to wait for";
}

TEST_F(WindowLife, AWindowThatIsDestroyedWhileRunningEndsTheRun)
{
    open();
    click("run");
    ASSERT_TRUE(running());
    close();
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
}

TEST_F(WindowLife, ChoosingAnotherScenarioEndsTheRunAndKeepsWhatWasRecorded)
{
    open();
    window().selectScenario(window().lessons().at(0).scenario.id);
    click("run");
    ASSERT_TRUE(running());
    QTest::qWait(50);
    press(Qt::Key_PageDown);
    auto* question = window().findChild<QMessageBox*>("stopQuestion");
    ASSERT_NE(question, nullptr);
    QTest::mouseClick(question->findChild<QPushButton*>("stopRun"), Qt::LeftButton);
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    ASSERT_TRUE(settles());
    EXPECT_FALSE(running());
    EXPECT_EQ(window().currentLesson(), 1U);
    EXPECT_EQ(model(), nullptr);
    window().actions().previous->trigger();
    ASSERT_NE(model(), nullptr);
    EXPECT_TRUE(model()->finished());
}

TEST_F(WindowLife, ThemeAndGeometryComeBackNextTime)
{
    open();
    window().actions().themeDark->trigger();
    window().resize(960, 700);
    window().close();
    close();
    MainWindow again(options(course()));
    again.show();
    EXPECT_TRUE(again.actions().themeDark->isChecked());
    EXPECT_EQ(again.size(), QSize(960, 700));
}

TEST_F(WindowLife, AnInferredRunSaysSo)
{
    open();
    window().actions().forceInferred->trigger();
    click("run");
    ASSERT_TRUE(runsToItsEnd());
    EXPECT_TRUE(textOf("source").contains("inferred")) << textOf("source").toStdString();
    for (const VariantModel& variant : model()->variants()) {
        EXPECT_EQ(variant.recording->timeline.source, Source::Inferred);
    }
}

} // namespace
} // namespace timeslice::window_files_test
