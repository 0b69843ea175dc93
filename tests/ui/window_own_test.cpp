// Scenarios of one's own in the window: copied, edited, read anew, asked about before the first run; and mistakes.
#include "tests/ui/window_fixture.h"
#include "ui/script/consent_dialog.h"
#include "ui/widgets/code_view.h"
#include "ui/window/mistake_page.h"
#include "ui/window/scenario_list_model.h"

#include <QFile>
#include <QListView>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QTextBlock>
#include <fstream>

namespace timeslice::window_own_test {
namespace {

class WindowOwn : public WindowTest {
protected:
    void openWithOwn()
    {
        QDir().mkpath(own());
        const ScenarioLibrary::Folders folders{
            test::resourceFolder() / "scenarios", {std::filesystem::path(own().toStdString())}};
        MainWindowOptions made = options(ScenarioLibrary::read(folders).value());
        made.folders = folders;
        made.openFile = [this](const QString& file) {
            opened << file;
            return editor;
        };
        open(std::move(made));
    }
    QString own() const { return path("own"); }
    QString ownFile(const QString& name) const { return own() + "/" + name; }
    /// As many editors do: another file is put in its place.
    void write(const QString& name, const QByteArray& text)
    {
        QDir().mkpath(own());
        QFile out(ownFile(".new"));
        ASSERT_TRUE(out.open(QIODevice::WriteOnly));
        out.write(text);
        out.close();
        ASSERT_EQ(std::rename(out.fileName().toStdString().c_str(), ownFile(name).toStdString().c_str()), 0);
    }
    QByteArray read(const QString& name) const
    {
        QFile in(ownFile(name));
        return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
    }
    static QByteArray lessonText(const char* title = "Mine", const char* run = "1ms")
    {
        return QByteArray(R"({"id": "mine", "chapter": "gil", "order": 999, "title": "TITLE", "question": "Is it?",
"predictions": [], "variants": [{"id": "a", "title": "A", "workload": {"tasks": {"Thread": {"do": [{"run": "RUN"}]}}}}],
"verdict": {"text": "It is.", "metric": {"variant": "a", "value": "/wall_s"}, "band": [0, 100], "format": "{:.1f}",
"caption": "s", "holds": "Yes.", "fails": "No."}, "why": "So.", "limits": {"time": "7s", "threads": 3}})")
            .replace("TITLE", title)
            .replace("RUN", run);
    }
    template <class Condition> bool comes(Condition&& condition)
    {
        for (int i = 0; i < kPatience && !condition(); ++i) {
            QTest::qWait(10);
        }
        return condition();
    }
    bool showsMistake() { return part<MistakePage>("mistakePage")->isVisible(); }
    ConsentDialog* question() { return window().findChild<ConsentDialog*>(); }
    void copyShown() { const_cast<QAction*>(window().actions().copyLesson)->trigger(); }
    const ScenarioListModel& rows()
    {
        return *static_cast<const ScenarioListModel*>(part<QListView>("scenarios")->model());
    }

    QStringList opened;
    bool editor = true;
};

TEST_F(WindowOwn, ACopyIsShownMarkedAndOpenedInTheEditor)
{
    openWithOwn();
    ASSERT_TRUE(window().selectScenario("gil-two-threads"));
    copyShown();
    EXPECT_EQ(currentId(), "gil-two-threads-copy");
    EXPECT_TRUE(lesson().scenario.own);
    EXPECT_EQ(opened, (QStringList{ownFile("gil-two-threads-copy.json"), ownFile("gil_two_threads.py")}));
    EXPECT_NE(banner().find("gil-two-threads-copy.json"), std::string::npos);
    const QModelIndex row = rows().indexOfLesson(*window().currentLesson());
    EXPECT_TRUE(row.data(ScenarioListModel::OwnRole).toBool());
    EXPECT_TRUE(row.data(Qt::AccessibleTextRole).toString().contains("yours"));
    EXPECT_TRUE(row.data(Qt::ToolTipRole).toString().contains(ownFile("gil-two-threads-copy.json")));
    EXPECT_TRUE(read("gil-two-threads-copy.json").contains("schema/scenario.schema.json"));

    editor = false;
    click("changeScript");
    EXPECT_EQ(opened.size(), 3);
    EXPECT_NE(banner().find("no editor"), std::string::npos) << banner();
}

TEST_F(WindowOwn, WhatIsSavedIsShownAndWhatIsNotTouchedStays)
{
    write("mine.json", lessonText("Before"));
    openWithOwn();
    ASSERT_TRUE(window().selectScenario("nice"));
    press(Qt::Key_2);
    ASSERT_TRUE(lesson().prediction);
    ASSERT_TRUE(window().selectScenario("mine"));
    EXPECT_EQ(textOf("scenarioTitle"), "Before");
    write("mine.json", lessonText("After"));
    EXPECT_TRUE(comes([this] { return textOf("scenarioTitle") == "After"; }));
    write("mine.json", lessonText("And again")); // the file that is watched now is another one
    EXPECT_TRUE(comes([this] { return textOf("scenarioTitle") == "And again"; }));
    ASSERT_TRUE(window().selectScenario("nice"));
    EXPECT_EQ(lesson().prediction, 1U) << "another lesson's prediction is kept";
    QFile::remove(ownFile("mine.json"));
    EXPECT_TRUE(comes([this] { return !window().lessons().indexOf("mine"); }));
    EXPECT_EQ(currentId(), "nice");
}

TEST_F(WindowOwn, AMistakeHasAPageThatGoesWhenItIsMended)
{
    write("mine.json", lessonText());
    openWithOwn();
    ASSERT_TRUE(window().selectScenario("mine"));
    write("mine.json", lessonText().replace("\"gil\"", "\"gill\""));
    ASSERT_TRUE(comes([this] { return showsMistake(); }));
    EXPECT_EQ(textOf("mistakePlace"), "Line 1, column 27");
    EXPECT_TRUE(textOf("mistakeWhat").contains("unknown chapter 'gill'; did you mean 'gil'?"));
    const auto* text = part<QPlainTextEdit>("mistakeText");
    ASSERT_EQ(text->extraSelections().size(), 1);
    EXPECT_TRUE(text->extraSelections().first().cursor.block().text().contains("\"gill\""));
    EXPECT_FALSE(window().currentLesson());
    press(Qt::Key_Space);
    EXPECT_FALSE(running()) << "nothing that can be run is shown";
    click("mistakeEdit");
    EXPECT_EQ(opened, QStringList{ownFile("mine.json")});
    write("mine.json", lessonText());
    EXPECT_TRUE(comes([this] { return !showsMistake(); }));
    EXPECT_EQ(currentId(), "mine");
}

TEST_F(WindowOwn, AllMistakesOfAFileAreListedAndEachIsShownInTheText)
{
    write("mine.json", lessonText());
    openWithOwn();
    ASSERT_TRUE(window().selectScenario("mine"));
    EXPECT_FALSE(part<QListWidget>("mistakeList")->isVisible());
    // On a line each, and one that only the reader of workloads knows.
    write("mine.json", lessonText().replace(",", ",\n").replace("\"gil\"", "\"gill\"").replace("\"run\"", "\"rnu\""));
    ASSERT_TRUE(comes([this] { return showsMistake(); }));
    const auto* list = part<QListWidget>("mistakeList");
    ASSERT_EQ(list->count(), 2);
    EXPECT_TRUE(list->isVisible());
    EXPECT_EQ(textOf("mistakeCount"), "2 mistakes");
    EXPECT_TRUE(list->item(0)->text().startsWith("Line 2:  chapter: unknown chapter"))
        << list->item(0)->text().toStdString();
    EXPECT_EQ(rows().index(rows().rowCount() - 1).data().toString(), "mine.json, 2 mistakes");
    EXPECT_EQ(rows().index(rows().rowCount() - 1).data(Qt::ToolTipRole).toString().count(u'\n'), 1);
    const auto* text = part<QPlainTextEdit>("mistakeText");
    EXPECT_EQ(text->extraSelections().size(), 2);
    part<QListWidget>("mistakeList")->setFocus();
    press(Qt::Key_Down);
    EXPECT_TRUE(textOf("mistakeWhat").contains("unknown event 'rnu'; did you mean 'run'?"));
    EXPECT_TRUE(textOf("mistakePlace").startsWith("Line "));
    EXPECT_NE(textOf("mistakePlace"), "Line 2, column 13");
    write("mine.json", lessonText().replace("\"gil\"", "\"gill\""));
    EXPECT_TRUE(comes([list] { return !list->isVisible(); })) << "one is said below";
    write("mine.json", lessonText());
    EXPECT_TRUE(comes([this] { return !showsMistake(); }));
}

TEST_F(WindowOwn, AScriptThatPythonCannotCompileIsAMistake)
{
    openWithOwn();
    ASSERT_TRUE(window().selectScenario("gil-two-threads"));
    copyShown();
    ASSERT_EQ(currentId(), "gil-two-threads-copy");
    write("gil_two_threads.py", "import timeslice\n\nprint('never closed'\n");
    ASSERT_TRUE(comes([this] { return showsMistake(); }));
    EXPECT_TRUE(textOf("mistakeWhat").contains("gil_two_threads.py:3")) << textOf("mistakeWhat").toStdString();
    write("gil_two_threads.py", "import timeslice\n\nprint('closed')\n");
    EXPECT_TRUE(comes([this] { return !showsMistake(); }));
    EXPECT_EQ(currentId(), "gil-two-threads-copy");
}

TEST_F(WindowOwn, AMistakeIsListedAndReachedByTheKeyboard)
{
    write("bad.json", "[]");
    openWithOwn();
    EXPECT_EQ(rows().index(rows().rowCount() - 1).data().toString(), "bad.json, line 1");
    part<QListView>("scenarios")->setFocus();
    press(Qt::Key_End);
    press(Qt::Key_Down);
    EXPECT_TRUE(showsMistake());
    press(Qt::Key_Up);
    EXPECT_FALSE(showsMistake());
    EXPECT_EQ(*window().currentLesson(), window().lessons().size() - 1);
}

TEST_F(WindowOwn, AsksOnceBeforeItRunsAndSaysWhatLimitsItHas)
{
    write("mine.json", lessonText());
    openWithOwn();
    ASSERT_TRUE(window().selectScenario("mine"));
    click("run");
    ASSERT_NE(question(), nullptr);
    EXPECT_FALSE(running());
    const QString limits = question()->findChild<QLabel*>("consentLimits")->text();
    for (const char* limit : {"7 s", "3 threads", "1,024 MB"}) {
        EXPECT_TRUE(limits.contains(limit)) << limits.toStdString();
    }
    EXPECT_TRUE(question()->findChild<CodeView*>("consentPrograms")->code().contains("\"run\""));
    QTest::keyClick(question(), Qt::Key_Return);
    EXPECT_FALSE(running()) << "Return is Cancel";
    EXPECT_TRUE(comes([this] { return question() == nullptr; }));
    click("run");
    QTest::mouseClick(question()->findChild<QPushButton*>("allowLesson"), Qt::LeftButton);
    ASSERT_TRUE(runsToItsEnd());
    EXPECT_TRUE(comes([this] { return question() == nullptr; }));

    // The same text is not asked about again, in another window neither; another text is.
    write("mine.json", lessonText("Another title"));
    ASSERT_TRUE(comes([this] { return textOf("scenarioTitle") == "Another title"; }));
    close();
    openWithOwn();
    ASSERT_TRUE(window().selectScenario("mine"));
    click("run");
    EXPECT_EQ(question(), nullptr);
    ASSERT_TRUE(runsToItsEnd());
    write("mine.json", lessonText("Another job", "2ms"));
    ASSERT_TRUE(comes([this] { return textOf("scenarioTitle") == "Another job"; }));
    click("run");
    EXPECT_NE(question(), nullptr);
    EXPECT_FALSE(running());
}

TEST_F(WindowOwn, ACopyThatRunsTheSameIsNotAskedAboutUntilItDoesNot)
{
    openWithOwn();
    ASSERT_TRUE(window().selectScenario("gil-two-threads"));
    copyShown();
    ASSERT_EQ(currentId(), "gil-two-threads-copy");
    click("run");
    EXPECT_EQ(question(), nullptr);
    EXPECT_TRUE(running());
    // What changes meanwhile waits for the run's end.
    write("gil_two_threads.py", read("gil_two_threads.py") + "# mine\n");
    QTest::qWait(400);
    EXPECT_FALSE(running() && QString::fromStdString(lesson().scenario.variants[0].code).endsWith("# mine\n"));
    press(Qt::Key_Space);
    ASSERT_TRUE(runsToItsEnd());
    ASSERT_TRUE(
        comes([this] { return QString::fromStdString(lesson().scenario.variants[0].code).endsWith("# mine\n"); }));
    click("run");
    ASSERT_NE(question(), nullptr);
    EXPECT_TRUE(question()->findChild<QLabel*>("consentWarning")->text().contains("your own rights"));
    EXPECT_TRUE(question()->findChild<CodeView*>("consentPrograms")->code().contains("# mine"));
}

TEST_F(WindowOwn, AsksBeforeItStepsAScriptAndThenStepsIt)
{
    openWithOwn();
    ASSERT_TRUE(window().selectScenario("step-it"));
    copyShown();
    ASSERT_EQ(currentId(), "step-it-copy");
    write("step_it.py", read("step_it.py") + "# mine\n");
    ASSERT_TRUE(
        comes([this] { return QString::fromStdString(lesson().scenario.variants[2].code).endsWith("# mine\n"); }));
    click("stepWay3");
    ASSERT_NE(question(), nullptr);
    const auto instruction = [this] { return part<QPushButton>("stepThread1")->text(); };
    EXPECT_FALSE(instruction().contains("LOAD_GLOBAL"));
    QTest::mouseClick(question()->findChild<QPushButton*>("allowLesson"), Qt::LeftButton);
    EXPECT_TRUE(comes([&] { return instruction().contains("LOAD_GLOBAL x"); }));
    EXPECT_FALSE(running()) << "it is stepped, and not run";
}

TEST_F(WindowOwn, AnotherFolderIsChosenAndKept)
{
    openWithOwn();
    const QString other = path("other");
    QDir().mkpath(other);
    QFile out(other + "/mine.json");
    ASSERT_TRUE(out.open(QIODevice::WriteOnly));
    out.write(lessonText());
    out.close();
    answerPath = other;
    const_cast<QAction*>(window().actions().scenarioFolder)->trigger();
    EXPECT_TRUE(window().lessons().indexOf("mine"));
    EXPECT_EQ(WindowSettings(path("settings.ini")).scenarioFolder(), other.toStdString());
}

} // namespace
} // namespace timeslice::window_own_test
