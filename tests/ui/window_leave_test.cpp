// What the window asks before it ends a run, and what the list says of how the last one ended.
#include "tests/ui/window_fixture.h"
#include "ui/script/output_panel.h"
#include "ui/script/script_dialog.h"
#include "ui/window/scenario_list_model.h"

#include <QFile>
#include <QListView>
#include <QMessageBox>

namespace timeslice::window_leave_test {
namespace {

class WindowLeave : public WindowTest {
protected:
    /// Runs a script of the viewer's.
    void run(const QByteArray& text, const QString& name = "job.py")
    {
        QFile out(path(name));
        ASSERT_TRUE(out.open(QIODevice::WriteOnly));
        out.write(text);
        out.close();
        window().openScript(path(name));
        auto* dialog = window().findChild<ScriptDialog*>();
        ASSERT_NE(dialog, nullptr) << banner();
        auto* allow = dialog->findChild<QPushButton*>("runScript");
        for (int i = 0; i < 1000 && !allow->isEnabled(); ++i) {
            QTest::qWait(10);
        }
        QTest::mouseClick(allow, Qt::LeftButton);
    }
    bool prints(const QString& text)
    {
        for (int i = 0; i < 3000 && !output().contains(text); ++i) {
            QTest::qWait(10);
        }
        return output().contains(text);
    }
    /// A script that runs until it is stopped, and has begun.
    void runLong()
    {
        run("import time\nprint('begun', flush=True)\nwhile True: time.sleep(0.1)\n");
        ASSERT_TRUE(prints("begun")) << output().toStdString();
        ASSERT_TRUE(running());
    }
    QString output() { return window().findChild<OutputPanel*>()->text(); }
    QMessageBox* question() { return window().findChild<QMessageBox*>("stopQuestion"); }
    void answer(const char* button)
    {
        ASSERT_NE(question(), nullptr);
        QTest::mouseClick(question()->findChild<QPushButton*>(button), Qt::LeftButton);
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    }
    QString spoken(std::size_t lesson)
    {
        const auto* rows = static_cast<const ScenarioListModel*>(part<QListView>("scenarios")->model());
        return rows->indexOfLesson(lesson).data(Qt::AccessibleTextRole).toString();
    }
};

TEST_F(WindowLeave, ClosingDuringARunAsksAndReturnKeepsItRunning)
{
    open();
    runLong();
    EXPECT_FALSE(window().close());
    ASSERT_NE(question(), nullptr);
    EXPECT_TRUE(question()->text().contains("job.py")) << question()->text().toStdString();
    EXPECT_EQ(question()->defaultButton()->objectName(), "keepRunning");
    QTest::keyClick(question(), Qt::Key_Return);
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    EXPECT_TRUE(running());
    EXPECT_TRUE(window().isVisible());

    EXPECT_FALSE(window().close());
    QTest::keyClick(question(), Qt::Key_Escape);
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    EXPECT_TRUE(running());

    EXPECT_FALSE(window().close());
    answer("stopRun");
    EXPECT_FALSE(window().isVisible());
    ASSERT_TRUE(settles());
    EXPECT_FALSE(running());
}

TEST_F(WindowLeave, ClosingWithoutARunAsksNothing)
{
    open();
    EXPECT_TRUE(window().close());
    EXPECT_EQ(question(), nullptr);
}

TEST_F(WindowLeave, ASignalClosesItDuringARunWithoutAsking)
{
    open();
    runLong();
    EXPECT_FALSE(window().close());
    window().closeAtOnce(); // also while it asks
    EXPECT_FALSE(window().isVisible());
    ASSERT_TRUE(settles());
    EXPECT_FALSE(running());
}

TEST_F(WindowLeave, TheQuestionGoesWhenTheRunEndsByItself)
{
    open();
    run("input('wait ')\n");
    ASSERT_TRUE(prints("wait ")) << output().toStdString();
    EXPECT_FALSE(window().close());
    ASSERT_NE(question(), nullptr);
    emit window().findChild<OutputPanel*>()->typed("go on");
    ASSERT_TRUE(runsToItsEnd());
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    EXPECT_EQ(question(), nullptr);
    EXPECT_TRUE(window().isVisible()) << "its result is there to be seen";
    EXPECT_TRUE(window().close());
}

TEST_F(WindowLeave, LeavingWhatRunsAsks)
{
    open();
    runLong();
    const std::size_t script = *window().currentLesson();
    window().selectScenario("nice");
    ASSERT_NE(question(), nullptr);
    answer("keepRunning");
    EXPECT_TRUE(running());
    EXPECT_EQ(window().currentLesson(), script);
    window().actions().previous->trigger();
    answer("stopRun");
    ASSERT_TRUE(settles());
    EXPECT_FALSE(running());
    ASSERT_NE(window().currentLesson(), script);
    ASSERT_TRUE(window().selectScenario("nice"));
    EXPECT_EQ(spoken(script), "job.py, stopped");

    click("run");
    ASSERT_TRUE(running());
    window().selectScenario("one-core");
    ASSERT_NE(question(), nullptr) << "of a lesson, too: it may be a long one";
    answer("stopRun");
    ASSERT_TRUE(settles());
    EXPECT_FALSE(running());
    EXPECT_EQ(currentId(), "one-core");
}

TEST_F(WindowLeave, TheListTellsRunsThatFailedFromThoseThatWereStoppedAndThoseThatEnded)
{
    open();
    const struct {
        const char* name;
        const char* text;
        RunMark mark;
        const char* spoken;
        const char* title;
    } scripts[] = {
        {"good.py", "print('fine')\n", RunMark::Done, "good.py, already run", "done"},
        {"bad.py", "raise SystemExit(3)\n", RunMark::Failed, "bad.py, failed", "failed"},
        {"killed.py", "import os\nos.kill(os.getpid(), 9)\n", RunMark::Failed, "killed.py, failed", "failed"},
        {"crashed.py", "import os\nos.abort()\n", RunMark::Failed, "crashed.py, failed", "failed"},
    };
    for (const auto& script : scripts) {
        run(script.text, script.name);
        ASSERT_TRUE(runsToItsEnd());
        EXPECT_EQ(lesson().mark, script.mark) << script.name;
        EXPECT_EQ(spoken(*window().currentLesson()).toStdString(), script.spoken);
        EXPECT_TRUE(window().windowTitle().endsWith(script.title)) << window().windowTitle().toStdString();
    }
    runLong();
    click("run");
    ASSERT_TRUE(runsToItsEnd());
    EXPECT_EQ(lesson().mark, RunMark::Stopped);
    EXPECT_EQ(spoken(*window().currentLesson()), "job.py, stopped");
}

TEST_F(WindowLeave, AScriptReadsWhatIsTypedBelowItsOutput)
{
    open();
    run("import sys\nname = input('Name? ')\nprint('Hello', name)\nprint(len(sys.stdin.read().split()), 'words')\n");
    ASSERT_TRUE(prints("Name? ")) << output().toStdString();
    auto* line = part<QLineEdit>("programInput");
    ASSERT_TRUE(line->isVisible());
    EXPECT_EQ(window().focusWidget(), line) << "it was asked for a name";
    QTest::keyClicks(line, "Ada 1 b f");
    QTest::keyClick(line, Qt::Key_Return);
    ASSERT_TRUE(prints("Hello Ada 1 b f")) << output().toStdString();
    EXPECT_TRUE(running()) << "a space typed there does not stop it";
    QTest::keyClicks(line, "two words");
    QTest::keyClick(line, Qt::Key_Return);
    QTest::keyClick(line, Qt::Key_D, Qt::ControlModifier);
    ASSERT_TRUE(runsToItsEnd());
    EXPECT_EQ(output(), "Name? Ada 1 b f\nHello Ada 1 b f\ntwo words\n2 words\nexit status 0");
    EXPECT_FALSE(line->isVisible());
    EXPECT_EQ(lesson().mark, RunMark::Done);

    // What was typed stands there as long as the rest.
    ASSERT_TRUE(window().selectScenario("nice"));
    ASSERT_TRUE(window().selectScenario("script:" + path("job.py").toStdString()));
    EXPECT_TRUE(output().startsWith("Name? Ada 1 b f\nHello")) << output().toStdString();
}

} // namespace
} // namespace timeslice::window_leave_test
