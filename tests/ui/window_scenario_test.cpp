// Every scenario of the course, through the window: chosen by a click, run with the real worker, exported, stopped;
// nothing is cut off at 1280 × 720, in either theme, before and after.
#include "tests/places/places.h"
#include "tests/ui/cut_off.h"
#include "tests/ui/window_fixture.h"
#include "ui/result/outcome.h"
#include "ui/window/scenario_list_model.h"

#include <QFile>
#include <QImage>
#include <QListView>
#include <cerrno>
#include <csignal>
#include <gmock/gmock.h>

namespace timeslice::window_scenario_test {
namespace {

std::vector<std::string> scenarioIds()
{
    std::vector<std::string> ids;
    if (const auto catalogue = readCatalogue(test::resourceFolder() / "scenarios")) {
        for (const Scenario& scenario : catalogue->scenarios) {
            ids.push_back(scenario.id);
        }
    }
    return ids;
}

class EveryScenario : public WindowTest, public testing::WithParamInterface<std::string> {
protected:
    void clickInList(std::size_t lesson)
    {
        auto* view = part<QListView>("scenarios");
        const auto* rows = static_cast<const ScenarioListModel*>(view->model());
        const QModelIndex index = rows->indexOfLesson(lesson);
        ASSERT_TRUE(index.isValid());
        view->scrollTo(index);
        QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->visualRect(index).center());
    }
    void expectNothingCutOff(const std::string& when)
    {
        for (const QAction* theme : {window().actions().themeDark, window().actions().themeLight}) {
            const_cast<QAction*>(theme)->trigger();
            std::vector<std::string> found;
            int calm = 0; // nested layouts settle one event after another
            for (int i = 0; i < kPatience && calm < 3; ++i) {
                QTest::qWait(10);
                found = test::cutOff(window(), *part<QScrollArea>("resultPanel"));
                calm = found.empty() ? calm + 1 : 0;
            }
            EXPECT_THAT(found, testing::IsEmpty()) << when << ", " << theme->text().toStdString();
            EXPECT_EQ(window().size(), QSize(1280, 720)) << "the parts fit without growing the window";
            EXPECT_GE(part<QWidget>("timeline")->width(), 700);
            EXPECT_GE(part<QWidget>("timeline")->height(), 300); // below tabs and two lines of knobs
        }
    }
    void expectNothingLeft()
    {
        for (const VariantModel& variant : model()->variants()) {
            for (const ThreadInfo& thread : variant.recording->timeline.threads) {
                EXPECT_TRUE(::kill(thread.pid, 0) == -1 && errno == ESRCH) << thread.name << " lives on";
            }
        }
    }
};

TEST_P(EveryScenario, IsClickedRunAndExported)
{
    open();
    const auto index = window().lessons().indexOf(GetParam()).value();
    clickInList(index);
    ASSERT_EQ(window().currentLesson(), index);
    EXPECT_EQ(textOf("scenarioTitle"), QString::fromStdString(lesson().scenario.title));
    EXPECT_FALSE(window().actions().exportPng->isEnabled()) << "there is nothing to export yet";
    expectNothingCutOff("before");

    press(Qt::Key_1);
    click("run");
    ASSERT_TRUE(runsToItsEnd());
    EXPECT_EQ(banner(), "");
    ASSERT_FALSE(model()->error());
    EXPECT_EQ(model()->variants().size(), lesson().scenario.variants.size());
    for (const VariantModel& variant : model()->variants()) {
        EXPECT_EQ(variant.phase, VariantModel::Phase::Ended);
        if (variant.report.exit.kind == Exit::Kind::NotRun) {
            EXPECT_NE(variant.report.exit.text, "") << "it says what is missing here";
            continue;
        }
        EXPECT_GT(variant.recording->timeline.sliceCount(), 0U) << variant.recording->title;
    }
    EXPECT_EQ(lesson().mark, RunMark::Done);
    EXPECT_TRUE(window().windowTitle().endsWith("done")) << window().windowTitle().toStdString();
    EXPECT_FALSE(textOf("sentence").isEmpty()) << "the run ends in a sentence, visible here or not";
    EXPECT_FALSE(textOf("source").isEmpty());
    expectNothingLeft();
    expectNothingCutOff("after");

    const struct {
        const QAction* action;
        const char* name;
    } exports[] = {{window().actions().exportPng, "x.png"}, {window().actions().exportSvg, "x.svg"},
        {window().actions().exportCsv, "x.csv"}, {window().actions().exportTrace, "x.trace.json"},
        {window().actions().exportReport, "x.report.json"}, {window().actions().saveRecording, "x.timeslice"}};
    for (const auto& [action, name] : exports) {
        answerPath = path(name);
        const_cast<QAction*>(action)->trigger();
        ASSERT_TRUE(settles());
        EXPECT_GT(QFile(answerPath).size(), 100) << name << ": " << banner();
        EXPECT_NE(banner().find(answerPath.toStdString()), std::string::npos) << "the window says where it is";
    }
    EXPECT_EQ(asked.first().section('/', -1), QString::fromStdString(GetParam()) + ".png");
    EXPECT_EQ(QImage(path("x.png")).size(), QSize(1920, 1080));
}

TEST_P(EveryScenario, IsStoppedAndLeavesNothingBehind)
{
    open();
    ASSERT_TRUE(window().selectScenario(GetParam()));
    press(Qt::Key_Space);
    ASSERT_TRUE(running());
    QTest::qWait(60);
    if (running()) {
        press(Qt::Key_Space);
        EXPECT_TRUE(runsToItsEnd());
    }
    ASSERT_NE(model(), nullptr);
    EXPECT_TRUE(model()->finished());
    expectNothingLeft();
    EXPECT_TRUE(part<QPushButton>("run")->isEnabled());
}

INSTANTIATE_TEST_SUITE_P(Course, EveryScenario, testing::ValuesIn(scenarioIds()), [](const auto& scenario) {
    std::string name = scenario.param;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

} // namespace
} // namespace timeslice::window_scenario_test
