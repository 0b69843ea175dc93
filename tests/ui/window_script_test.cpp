// "Open script...": what is shown before anything runs, what runs then, and what is kept.
#include "tests/ui/window_fixture.h"
#include "ui/script/output_panel.h"
#include "ui/script/script_dialog.h"
#include "ui/widgets/code_view.h"
#include "ui/window/scenario_list_model.h"

#include <QComboBox>
#include <QDropEvent>
#include <QFile>
#include <QListView>
#include <QMimeData>
#include <QProcess>

namespace timeslice::window_script_test {
namespace {

class WindowScript : public WindowTest {
protected:
    /// A script that leaves a trace in its folder when it runs.
    QString script(const QString& name = "job.py", const QByteArray& more = {})
    {
        const QString file = path(name);
        write(file,
            "import sys\n"
            "open('ran.txt', 'a').write(' '.join(sys.argv[1:]) + '\\n')\n"
            "print('hello from', len(sys.argv) - 1, 'arguments')\n"
                + more);
        return file;
    }
    static void write(const QString& file, const QByteArray& text)
    {
        QFile out(file);
        ASSERT_TRUE(out.open(QIODevice::WriteOnly));
        out.write(text);
    }
    QByteArray trace()
    {
        QFile in(path("ran.txt"));
        return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
    }
    ScriptDialog* dialog() { return window().findChild<ScriptDialog*>(); }
    template <class Widget> Widget* field(const char* name) { return dialog()->findChild<Widget*>(name); }
    /// Waits until an interpreter is there to run it.
    bool readyToRun()
    {
        for (int i = 0; i < kPatience && !field<QPushButton>("runScript")->isEnabled(); ++i) {
            QTest::qWait(10);
        }
        return field<QPushButton>("runScript")->isEnabled();
    }
    void allow()
    {
        ASSERT_NE(dialog(), nullptr) << banner();
        ASSERT_TRUE(readyToRun());
        QTest::mouseClick(field<QPushButton>("runScript"), Qt::LeftButton);
    }
    QString output() { return window().findChild<OutputPanel*>()->text(); }
};

TEST_F(WindowScript, ShowsWhatWillBeRunAndRunsNothingBeforeItIsAllowed)
{
    open();
    answerPath = script();
    press(Qt::Key_O, Qt::ControlModifier | Qt::ShiftModifier);
    ASSERT_NE(dialog(), nullptr) << banner();
    ASSERT_TRUE(readyToRun());
    EXPECT_EQ(field<QLabel>("scriptPath")->text(), answerPath);
    EXPECT_TRUE(field<QComboBox>("scriptInterpreter")->currentText().contains("/usr/bin/python3"));
    EXPECT_EQ(field<CodeView>("scriptText")->code().section('\n', 0, 0), "import sys");
    EXPECT_EQ(field<QLineEdit>("scriptDirectory")->text(), QFileInfo(answerPath).absolutePath());
    EXPECT_TRUE(field<QLabel>("scriptWarning")->text().contains("your own rights"));
    field<QLineEdit>("scriptArguments")->setText("-n 3 \"two words\"");
    EXPECT_EQ(field<QLabel>("scriptCommand")->text(), "/usr/bin/python3 " + answerPath + " -n 3 \"two words\"");
    EXPECT_EQ(dialog()->script().arguments, (QStringList{"-n", "3", "two words"}));
    EXPECT_TRUE(field<QPushButton>("cancelScript")->isDefault());
    QTest::qWait(200);
    EXPECT_EQ(trace(), "") << "nothing has run";
    QTest::keyClick(dialog(), Qt::Key_Return);
    QTest::qWait(200);
    EXPECT_EQ(trace(), "") << "Return is Cancel";
    EXPECT_FALSE(running());
    EXPECT_NE(currentId(), "script:" + answerPath);
}

TEST_F(WindowScript, RunsWhatWasAllowedAndShowsItsOutputOnAPageOfItsOwn)
{
    open();
    window().openScript(script());
    ASSERT_NE(dialog(), nullptr) << banner();
    field<QLineEdit>("scriptArguments")->setText("a \"b c\"");
    allow();
    EXPECT_EQ(textOf("scenarioTitle"), "job.py");
    ASSERT_TRUE(runsToItsEnd());
    EXPECT_EQ(trace(), "a b c\n");
    EXPECT_TRUE(output().contains("hello from 2 arguments")) << output().toStdString();
    EXPECT_TRUE(output().endsWith("exit status 0")) << output().toStdString();
    EXPECT_TRUE(window().findChild<OutputPanel*>()->isVisible());
    EXPECT_TRUE(window().findChild<OutputPanel*>()->isOpen());
    EXPECT_EQ(banner(), "");
    ASSERT_EQ(model()->variants().size(), 1U);
    EXPECT_GT(model()->variants()[0].recording->timeline.sliceCount(), 0U);
    EXPECT_NE(window().findChild<CodeView*>("code"), nullptr);

    // It stands in the list; another page and back leave the result.
    auto* list = part<QListView>("scenarios");
    const auto* rows = static_cast<const ScenarioListModel*>(list->model());
    EXPECT_EQ(rows->index(rows->indexOfLesson(*window().currentLesson()).row() - 1).data().toString(), "YOUR SCRIPTS");
    const std::size_t mine = *window().currentLesson();
    window().selectScenario("nice");
    EXPECT_FALSE(window().findChild<OutputPanel*>()->isVisible());
    window().selectScenario("script:" + path("job.py").toStdString());
    EXPECT_EQ(window().currentLesson(), mine);
    EXPECT_TRUE(output().contains("hello from 2 arguments"));

    // Again without a question: it is the same text.
    click("run");
    EXPECT_EQ(dialog(), nullptr);
    ASSERT_TRUE(runsToItsEnd());
    EXPECT_EQ(trace(), "a b c\na b c\n");
}

TEST_F(WindowScript, AsksAgainWhenTheScriptHasChanged)
{
    open();
    window().openScript(script());
    allow();
    ASSERT_TRUE(runsToItsEnd());
    script("job.py", "print('something else')\n");
    click("run");
    ASSERT_NE(dialog(), nullptr) << "another text is another script";
    EXPECT_FALSE(running());
    EXPECT_TRUE(field<QLabel>("scriptWarning")->text().contains("has changed"));
    QTest::qWait(100);
    EXPECT_EQ(trace().count('\n'), 1);
    allow();
    ASSERT_TRUE(runsToItsEnd());
    EXPECT_TRUE(output().contains("something else"));
}

TEST_F(WindowScript, SaysWhenTheFileChangedAfterItWasLookedAt)
{
    open();
    // Another text, put in its place while it runs and taken away again: nobody can tell which of them Python read.
    window().openScript(script("job.py",
        "import os, sys\nos.rename(sys.argv[0], 'kept')\nopen(sys.argv[0], 'w').write('x')\n"
        "os.rename('kept', sys.argv[0])\n"));
    allow();
    ASSERT_TRUE(runsToItsEnd());
    EXPECT_NE(banner().find("has changed since it was started"), std::string::npos) << banner();
    EXPECT_TRUE(output().endsWith("exit status 0")) << output().toStdString();
}

TEST_F(WindowScript, IsRememberedButNotRunAtTheNextStart)
{
    open();
    window().openScript(script());
    ASSERT_NE(dialog(), nullptr) << banner();
    field<QLineEdit>("scriptArguments")->setText("--deep");
    allow();
    ASSERT_TRUE(runsToItsEnd());
    close();
    open();
    EXPECT_FALSE(running());
    ASSERT_TRUE(window().selectScenario("script:" + path("job.py").toStdString()));
    EXPECT_EQ(model(), nullptr);
    EXPECT_EQ(trace().count('\n'), 1);
    press(Qt::Key_Space);
    ASSERT_NE(dialog(), nullptr) << "it asks once in each session";
    EXPECT_EQ(field<QLineEdit>("scriptArguments")->text(), "--deep");
    EXPECT_EQ(trace().count('\n'), 1);
}

TEST_F(WindowScript, FailuresShowPythonsOwnWordsAndTheExitStatus)
{
    open();
    window().openScript(script("bad.py", "raise ValueError('too bad')\n"));
    allow();
    ASSERT_TRUE(runsToItsEnd());
    EXPECT_TRUE(output().contains("ValueError: too bad")) << output().toStdString();
    EXPECT_TRUE(output().endsWith("exit status 1")) << output().toStdString();
    window().openScript(path("syntax.py")); // not there yet
    EXPECT_EQ(dialog(), nullptr);
    EXPECT_NE(banner().find("syntax.py"), std::string::npos);
    write(path("syntax.py"), "def f(:\n");
    window().openScript(path("syntax.py"));
    allow();
    ASSERT_TRUE(runsToItsEnd());
    EXPECT_TRUE(output().contains("SyntaxError")) << output().toStdString();
}

TEST_F(WindowScript, RefusesWhatIsNoScriptWithAReason)
{
    open();
    write(path("binary.py"),
        QByteArray("\x7f"
                   "ELF\0\0\1",
            7));
    for (const QString& file : {path("missing.py"), path("binary.py"), path(".")}) {
        window().openScript(file);
        EXPECT_EQ(dialog(), nullptr) << file.toStdString();
        EXPECT_NE(banner(), "") << file.toStdString();
    }
    script();
    window().openScript(path("job.py"));
    ASSERT_TRUE(readyToRun());
    field<QLineEdit>("scriptDirectory")->setText(path("no/such/folder"));
    EXPECT_FALSE(field<QPushButton>("runScript")->isEnabled());
    EXPECT_TRUE(field<QLabel>("scriptMessage")->text().contains("no/such/folder"));
}

TEST_F(WindowScript, AnInterpreterOfTheViewersIsAskedAndKept)
{
    open();
    window().openScript(script());
    ASSERT_TRUE(readyToRun());
    const auto add = [&](const QString& file) {
        answerPath = file;
        const QString before = field<QLabel>("scriptMessage")->text();
        QTest::mouseClick(field<QPushButton>("addInterpreter"), Qt::LeftButton);
        for (int i = 0; i < kPatience && field<QLabel>("scriptMessage")->text().contains("Asking"); ++i) {
            QTest::qWait(10);
        }
    };
    add("/bin/true");
    EXPECT_TRUE(field<QLabel>("scriptMessage")->text().contains("/bin/true"))
        << field<QLabel>("scriptMessage")->text().toStdString();
    EXPECT_TRUE(field<QComboBox>("scriptInterpreter")->currentText().contains("/usr/bin/python3"));
    ASSERT_TRUE(QFile::link("/usr/bin/python3", path("my-python")));
    add(path("my-python"));
    EXPECT_TRUE(field<QComboBox>("scriptInterpreter")->currentText().contains("my-python"))
        << field<QLabel>("scriptMessage")->text().toStdString();
    EXPECT_EQ(WindowSettings(path("settings.ini")).addedInterpreters(),
        std::vector<std::filesystem::path>{path("my-python").toStdString()});
}

TEST_F(WindowScript, ADroppedScriptIsShownAndARunningOneCanBeStopped)
{
    open();
    const QString file = script("long.py", "import time\nprint('waiting', flush=True)\ntime.sleep(1000)\n");
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(file)});
    QDragEnterEvent enter(QPoint(600, 400), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&window(), &enter);
    ASSERT_TRUE(enter.isAccepted());
    QDropEvent drop(QPointF(600, 400), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&window(), &drop);
    allow();
    ASSERT_TRUE(running());
    for (int i = 0; i < kPatience && !output().contains("waiting"); ++i) {
        QTest::qWait(10);
    }
    EXPECT_TRUE(output().contains("waiting")) << "its output is shown while it runs";
    click("run"); // which stops it now
    EXPECT_TRUE(runsToItsEnd());
}

TEST(Scripts, wordsComeBackAsTheyWere)
{
    for (const QStringList& words : {QStringList{"a", "b"}, QStringList{"two words", "x"},
             QStringList{"--x=\"y\"", "'"}, QStringList{" lead", "tab\there"}}) {
        EXPECT_EQ(QProcess::splitCommand(joinCommand(words)), words) << joinCommand(words).toStdString();
    }
    EXPECT_EQ(joinCommand({"python3", "/a b/c.py", "-n"}), "python3 \"/a b/c.py\" -n");
}

TEST(Scripts, areKeptLatestFirstEachOnceAndNotTooMany)
{
    const QTemporaryDir folder;
    WindowSettings settings(folder.filePath("window.ini"));
    for (int i = 0; i < 12; ++i) {
        settings.addScript({QString("/scripts/%1.py").arg(i), {}, "/", {}});
    }
    settings.addScript({"/scripts/9.py", {"--x", "a b"}, "/tmp", "/usr/bin/python3"});
    const std::vector<Script> kept = WindowSettings(folder.filePath("window.ini")).scripts();
    ASSERT_EQ(kept.size(), WindowSettings::kScriptsKept);
    EXPECT_EQ(kept[0], (Script{"/scripts/9.py", {"--x", "a b"}, "/tmp", "/usr/bin/python3"}));
    EXPECT_EQ(kept[1].path, "/scripts/11.py");
    EXPECT_EQ(std::count_if(kept.begin(), kept.end(), [](const Script& s) { return s.path == "/scripts/9.py"; }), 1);
}

} // namespace
} // namespace timeslice::window_script_test
