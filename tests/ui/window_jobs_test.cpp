// The lesson whose jobs are edited: cells of the real window, typed into and run by the real worker.
#include "core/dispatch/job_text.h"
#include "tests/ui/cut_off.h"
#include "tests/ui/window_fixture.h"
#include "ui/jobs/job_table_model.h"
#include "ui/jobs/jobs_page.h"
#include "ui/result/job_figures.h"
#include "ui/result/picture_of.h"
#include "ui/result/trust.h"
#include "ui/window/run_stage.h"

#include <QComboBox>
#include <QLineEdit>
#include <QTableView>
#include <gmock/gmock.h>

namespace timeslice::window_jobs_test {
namespace {

class WindowJobs : public WindowTest {
protected:
    void show()
    {
        open();
        ASSERT_TRUE(window().selectScenario("textbook"));
        ASSERT_TRUE(part<JobsPage>("jobsPage")->isVisible()) << "before any run it is the first thing to be seen";
    }
    QTableView* table() { return part<QTableView>("jobTable"); }
    JobTableModel* jobs() { return static_cast<JobTableModel*>(table()->model()); }
    QModelIndex at(int row, JobField field) { return jobs()->index(row, static_cast<int>(field)); }
    /// A second click on the same cell would mean to edit it.
    void choose(int row, JobField field)
    {
        if (table()->currentIndex() != at(row, field)) {
            const QRect cell = table()->visualRect(at(row, field));
            QTest::mouseClick(table()->viewport(), Qt::LeftButton, {}, cell.center());
        }
        ASSERT_EQ(table()->currentIndex(), at(row, field));
        table()->setFocus();
    }
    QLineEdit* field() { return table()->findChild<QLineEdit*>("jobCell"); }
    void type(int row, JobField in, const QString& typed)
    {
        choose(row, in);
        QTest::keyClicks(table(), typed.left(1)); // which opens the field
        ASSERT_NE(field(), nullptr) << typed.toStdString();
        field()->setText(typed);
        QTest::keyClick(field(), Qt::Key_Return);
        for (int i = 0; i < kPatience && field() != nullptr; ++i) { // it goes later
            QTest::qWait(10);
        }
    }
    std::string value() { return knobValue(lesson().scenario, "jobs"); }
    bool canRun() { return part<QPushButton>("run")->isEnabled(); }
    QString callout()
    {
        auto* label = part<QLabel>("jobMistake");
        return label->isVisible() ? label->text() : QString();
    }
};

TEST_F(WindowJobs, WhatIsTypedIntoACellIsWhatWillRun)
{
    show();
    EXPECT_EQ(value(), "convoy");
    EXPECT_EQ(at(0, JobField::Length).data().toString(), "60 ms");
    type(0, JobField::Length, "30ms");
    EXPECT_EQ(value(), "Long 0 30ms prio 3; \"Short 1\" 0 10ms tickets 200; \"Short 2\" 0 10ms prio 2 tickets 200");
    EXPECT_EQ(part<QComboBox>("knob-jobs")->currentText(), "edited");
    for (const VariantSpec& variant : lesson().shown.variants) {
        EXPECT_EQ(variant.workload.at("dispatch").at("preset"), value()) << "all variants have these jobs";
    }
    type(1, JobField::Name, "A short one");
    EXPECT_THAT(value(), testing::HasSubstr("\"A short one\" 0 10ms"));
    EXPECT_EQ(lesson().prediction, std::nullopt) << "a number that was typed is no prediction";
    click("resetJobs");
    EXPECT_EQ(value(), "convoy");
    EXPECT_EQ(at(0, JobField::Length).data().toString(), "60 ms");
    EXPECT_EQ(part<QComboBox>("knob-jobs")->currentText(), "convoy");
    EXPECT_EQ(part<QComboBox>("knob-jobs")->count(), 6) << "nothing is edited any more";
}

TEST_F(WindowJobs, AMistakeIsToldAtItsCellAndNothingRunsUntilItIsMended)
{
    show();
    const std::vector<std::tuple<JobField, QString, QString>> wrong = {
        {JobField::Length, "0", "Its length must be more than 0, and an hour at the most."},
        {JobField::Length, "-5ms", "Its length must be more than 0, and an hour at the most."},
        {JobField::Length, "9999999h", "'9999999h' is no time: write one with its unit, such as 5ms."},
        {JobField::Length, "99999999999s", "Its length must be more than 0, and an hour at the most."},
        {JobField::Arrival, "-1ms", "It would arrive before the start; an arrival counts from the start, from 0."},
        {JobField::Name, "Short 2", "Job 2 has that name, too."},
        {JobField::Tickets, "0", "Its tickets must be from 1 to 10000."}};
    for (const auto& [field, typed, told] : wrong) {
        const int row = field == JobField::Name ? 2 : 1;
        const QString before = at(row, field).data().toString();
        if (field == JobField::Name) {
            type(1, field, "Short 2");
        } else {
            type(row, field, typed);
        }
        EXPECT_EQ(callout(), told);
        EXPECT_EQ(at(row, field).data(JobTableModel::kMistakeRole).toString(), told);
        EXPECT_FALSE(canRun());
        EXPECT_EQ(value(), "convoy") << "what is wrong does not leave the table";
        press(Qt::Key_Space);
        EXPECT_FALSE(running()) << typed.toStdString();
        type(field == JobField::Name ? 1 : row, field, field == JobField::Name ? "Short 1" : before);
        EXPECT_EQ(callout(), QString());
        EXPECT_TRUE(canRun());
    }
}

TEST_F(WindowJobs, AnotherLessonIsNotHeldUpByAWrongTable)
{
    show();
    type(0, JobField::Length, "0");
    EXPECT_FALSE(canRun());
    ASSERT_TRUE(window().selectScenario("nice"));
    EXPECT_TRUE(canRun());
    ASSERT_TRUE(window().selectScenario("textbook"));
    EXPECT_TRUE(canRun()) << "its table is the last that was right";
    EXPECT_EQ(at(0, JobField::Length).data().toString(), "60 ms");
}

TEST_F(WindowJobs, JobsAreAddedUpToTheRunsLimitAndRemovedDownToOne)
{
    show();
    choose(0, JobField::Name);
    click("addJob");
    ASSERT_EQ(jobs()->rowCount(), 4);
    EXPECT_EQ(at(1, JobField::Name).data().toString(), "Job 4") << "below the one that was chosen";
    EXPECT_THAT(value(), testing::HasSubstr("\"Job 4\" 0 10ms"));
    while (jobs()->canAdd()) {
        jobs()->addJob(0);
    }
    EXPECT_EQ(jobs()->rowCount(), lesson().scenario.limits.threads);
    EXPECT_FALSE(part<QPushButton>("addJob")->isEnabled());
    EXPECT_TRUE(canRun());
    while (jobs()->canRemove()) {
        jobs()->removeJob(0);
    }
    EXPECT_EQ(jobs()->rowCount(), 1);
    EXPECT_FALSE(part<QPushButton>("removeJob")->isEnabled());
    EXPECT_TRUE(canRun());
}

TEST_F(WindowJobs, ARowThatIsTakenAwayTakesItsMistakeWithIt)
{
    show();
    type(1, JobField::Length, "soon");
    type(2, JobField::Arrival, "late");
    EXPECT_EQ(jobs()->mistakes(), 2U);
    choose(0, JobField::Name);
    click("addJob");
    EXPECT_EQ(at(2, JobField::Length).data().toString(), "soon") << "what was typed moves with its row";
    jobs()->removeJob(2);
    EXPECT_EQ(jobs()->mistakes(), 1U);
    EXPECT_EQ(at(2, JobField::Arrival).data().toString(), "late");
    jobs()->removeJob(2);
    EXPECT_EQ(jobs()->mistakes(), 0U);
    EXPECT_TRUE(canRun());
}

TEST_F(WindowJobs, TheEditedTableRunsInAllVariantsAndItsFiguresStandSideBySide)
{
    show();
    choose(2, JobField::Name);
    click("removeJob");
    type(0, JobField::Length, "20ms");
    type(1, JobField::Length, "5ms");
    const std::string table = value();
    EXPECT_EQ(table, "Long 0 20ms prio 3; \"Short 1\" 0 5ms tickets 200");
    click("run");
    ASSERT_TRUE(runsToItsEnd());
    EXPECT_FALSE(jobs()->flags(at(0, JobField::Name)).testFlag(Qt::ItemIsEditable) && running());
    for (const VariantModel& variant : model()->variants()) {
        EXPECT_EQ(variant.report.extra.at("dispatch").at("table"), table) << variant.report.id;
    }
    EXPECT_EQ(knobValue(*model()->scenario(), "jobs"), table) << "recordings carry it";
    const std::vector<FactSection> sections = jobSections(*model());
    ASSERT_EQ(sections.size(), 3U);
    EXPECT_EQ(sections[0].title, "turnaround");
    ASSERT_EQ(sections[1].rows.size(), 4U) << "what they are called, two jobs, and the mean";
    EXPECT_EQ(sections[1].rows[0].values, (QStringList{"policy", "calc.", "kernel"}));
    EXPECT_EQ(sections[1].rows[1].label, "Long");
    EXPECT_EQ(sections[1].rows[1].values[1], "5.0") << "shortest remaining time first: it waits for the other";
    EXPECT_EQ(sections[1].rows[2].values[1], "0.0");
    EXPECT_EQ(sections[1].rows[3].label, "mean");
    EXPECT_EQ(sections[1].rows[3].values[1], "2.5");
    EXPECT_EQ(sections[0].rows[1].values[1], "25.0");
}

TEST_F(WindowJobs, AJobThatStarvesIsCalledSoAndWhatWasCalculatedIsCalledThat)
{
    show();
    for (const auto& [knob, wanted] : {std::pair{"knob-policy", "priority"}, {"knob-jobs", "starvation"}}) {
        auto* box = part<QComboBox>(knob);
        const int index = box->findText(wanted);
        ASSERT_GE(index, 0);
        box->setCurrentIndex(index);
        emit box->activated(index);
    }
    EXPECT_EQ(textOf("jobsTitle"), "“starvation”");
    EXPECT_EQ(at(0, JobField::Name).data().toString(), "Patient");
    click("run");
    ASSERT_TRUE(runsToItsEnd());
    const VariantModel& calculated = model()->variants().at(1);
    EXPECT_EQ(unfinishedJobs(calculated),
        (std::map<std::string, Unfinished>{{"Patient", Unfinished::Starved}, {"Urgent 4", Unfinished::CutOff}}));
    EXPECT_THAT(calculated.report.findings.front(), testing::StartsWith("Starved: Patient was ready"));
    EXPECT_EQ(pictureOf(*model()).variants.at(1).unfinished.count("Patient"), 1U);
    const std::vector<FactSection> sections = jobSections(*model());
    const FactRow& patient = sections.at(0).rows.at(1);
    EXPECT_EQ(patient.label, "Patient");
    EXPECT_EQ(patient.values.at(1), "never");
    EXPECT_EQ(patient.tone, FactRow::Tone::Bad);
    EXPECT_EQ(sections.at(1).rows.at(1).values.at(1), "350.0") << "it waits until the limit";
    EXPECT_EQ(sections.at(0).rows.back().values.at(1), "–") << "no mean of what not all came to";
    const SourceText source = describeSource(*model());
    EXPECT_EQ(source.exception, "calculated: “priority, calculated”");
    EXPECT_TRUE(source.details.contains(source.exception));
    const auto chart = jobChart(*model());
    ASSERT_TRUE(chart);
    EXPECT_EQ(chart->groups.at(0), "Patient: 20 ms");
    EXPECT_EQ(chart->groups.at(2), "Urgent 2: 100 ms, from 80 ms on");
    EXPECT_EQ(chart->groups.back(), "mean");
    EXPECT_EQ(chart->names.at(0), "turnaround, priority");
    EXPECT_EQ(chart->names.at(1), "turnaround, calculated");
    EXPECT_EQ(chart->names.at(2), "turnaround, kernel");
    EXPECT_EQ(chart->names.size(), 9U);
}

} // namespace
} // namespace timeslice::window_jobs_test
