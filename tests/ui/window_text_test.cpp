#include "ui/course/lesson_book.h"
#include "ui/course/settings.h"
#include "ui/result/lock_facts.h"
#include "ui/result/outcome.h"
#include "ui/result/result_facts.h"
#include "ui/result/trust.h"
#include "ui/text/number_text.h"
#include "ui/widgets/flow_layout.h"
#include "ui/window/scenario_list_model.h"

#include <QTemporaryDir>
#include <QWidget>
#include <gtest/gtest.h>

namespace timeslice::window_text_test {
namespace {

QString plain(QString text)
{
    return text.replace(QChar(0xA0), ' ');
}

Scenario scenario(const std::string& id, const std::string& chapter, const std::string& title)
{
    Scenario made;
    made.id = id;
    made.chapter = chapter;
    made.title = title;
    return made;
}

Catalogue threeLessons()
{
    Catalogue catalogue;
    catalogue.scenarios = {scenario("time-slicing", "scheduling", "More workers than cores"),
        scenario("nice", "scheduling", "Nice"), scenario("ab-ba", "locks", "Two locks, two orders")};
    catalogue.scenarios[2].verdict.text = "Threads raise the chance of deadlock.";
    catalogue.damaged.push_back({"/far/away/odd.json", {{3, 7, "expected a number"}}});
    return catalogue;
}

QStringList rows(const ScenarioListModel& model)
{
    QStringList texts;
    for (int i = 0; i < model.rowCount(); ++i) {
        texts << model.index(i).data().toString();
    }
    return texts;
}

TEST(NumberText, SaysSmallSharesWithoutCallingThemZero)
{
    EXPECT_EQ(plain(percentText(0)), "0 %");
    EXPECT_EQ(plain(percentText(0.0001)), "< 0.1 %");
    EXPECT_EQ(plain(percentText(0.0012)), "0.1 %");
    EXPECT_EQ(plain(percentText(0.997)), "99.7 %");
    EXPECT_EQ(plain(percentText(1)), "100 %");
}

TEST(NumberText, SaysOneCoreInTheSingular)
{
    EXPECT_EQ(plain(coresText(1.004)), "1.00 core");
    EXPECT_EQ(plain(coresText(1.93)), "1.93 cores");
    EXPECT_EQ(plain(pluralText(1, "event")), "1 event");
    EXPECT_EQ(plain(pluralText(0, "event")), "0 events");
    EXPECT_EQ(countText(1204332), "1,204,332");
}

TEST(ScenarioListModel, GroupsByChapterAndListsDamagedFilesLast)
{
    const LessonBook book(threeLessons(), 2);
    const ScenarioListModel model(book);
    EXPECT_EQ(rows(model),
        (QStringList{"SCHEDULING", "More workers than cores", "Nice", "LOCKS AND DEADLOCK", "Two locks, two orders",
            "CANNOT BE READ", "odd.json, line 3"}));
}

TEST(ScenarioListModel, FindsByTitleIdAndClaimAndNeedsEveryWord)
{
    const LessonBook book(threeLessons(), 2);
    ScenarioListModel model(book);
    model.setFilter("NICE");
    EXPECT_EQ(rows(model), (QStringList{"SCHEDULING", "Nice"}));
    model.setFilter("ab-ba");
    EXPECT_EQ(rows(model), (QStringList{"LOCKS AND DEADLOCK", "Two locks, two orders"}));
    model.setFilter("chance deadlock");
    EXPECT_EQ(rows(model).last(), "Two locks, two orders");
    model.setFilter("chance of rain");
    EXPECT_EQ(model.rowCount(), 0);
    EXPECT_FALSE(model.firstLesson());
}

TEST(ScenarioListModel, StepsOverChaptersAndHiddenScenarios)
{
    const LessonBook book(threeLessons(), 2);
    ScenarioListModel model(book);
    EXPECT_EQ(model.neighbour(1, 1), 2U);
    EXPECT_EQ(model.neighbour(2, 1), std::nullopt);
    EXPECT_EQ(model.neighbour(2, -1), 1U);
    model.setFilter("core");
    EXPECT_EQ(model.neighbour(2, -1), 0U);
}

TEST(LessonBook, SaysThePlaceWithinItsChapter)
{
    const LessonBook book(threeLessons(), 2);
    EXPECT_EQ(book.place(1), "Scheduling · 2 of 2");
    EXPECT_EQ(book.place(2), "Locks and deadlock · 1 of 1");
}

TEST(FlowLayout, WrapsWhenTheWidthIsUsedUp)
{
    QWidget parent;
    auto* layout = new FlowLayout(&parent, 10, 5);
    std::vector<QWidget*> boxes;
    for (int i = 0; i < 3; ++i) {
        boxes.push_back(new QWidget(&parent));
        boxes.back()->setFixedSize(100, 20);
        layout->addWidget(boxes.back());
    }
    EXPECT_EQ(layout->heightForWidth(320), 20);
    EXPECT_EQ(layout->heightForWidth(319), 45);
    EXPECT_EQ(layout->heightForWidth(150), 70);
    layout->setGeometry(QRect(0, 0, 250, 100));
    EXPECT_EQ(boxes[1]->geometry(), QRect(110, 0, 100, 20));
    EXPECT_EQ(boxes[2]->geometry(), QRect(0, 25, 100, 20));
}

TEST(Outcome, TellsThatNothingWasRun)
{
    const Outcome outcome = outcomeOf(nullptr);
    EXPECT_EQ(outcome.kind, Outcome::Kind::NotRun);
    EXPECT_TRUE(outcome.headline.isEmpty());
    EXPECT_FALSE(outcome.caption.isEmpty());
}

TEST(Outcome, OfARunThatHasNotEndedIsNoAnswer)
{
    const RunModel model(scenario("nice", "scheduling", "Nice"));
    EXPECT_EQ(outcomeOf(&model).kind, Outcome::Kind::Running);
    EXPECT_FALSE(scorePrediction(model, 0, "You"));
    EXPECT_TRUE(describeSource(model).word.isEmpty());
}

LockReport gil(double share, std::uint64_t asked, std::uint64_t freely)
{
    LockReport made;
    made.kind = "gil";
    made.holds = 1;
    made.heldShare = share;
    made.handoffsTimeout = asked;
    made.handoffsVoluntary = freely;
    return made;
}

TEST(GilLine, TellsOneGilFromSeveralAndWhoseItIs)
{
    RunReport report;
    EXPECT_EQ(gilLine(report), "");
    report.variants.resize(2);
    report.variants[0].name = "Threads";
    report.variants[1].name = "Processes";
    report.variants[0].locks = {gil(0.997, 19, 1)};
    EXPECT_EQ(plain(gilLine(report)), "GIL held 99.7 % · 19 of 20 hand-offs asked for");
    report.variants[1].locks = {gil(0.5, 0, 0), gil(0.981, 1, 3), gil(0.98, 2, 1)};
    EXPECT_EQ(plain(gilLine(report)), "Threads: GIL held 99.7 % · 19 of 20 hand-offs asked for");
    report.variants[1].locks[1] = gil(0.981, 21, 7);
    EXPECT_EQ(plain(gilLine(report)), "Processes: 3 GILs held 50.0 % … 98.1 % · 23 of 31 hand-offs asked for");
    report.variants[1].locks[0].falseAlarms = 0;
    report.variants[1].locks[2].falseAlarms = 1;
    EXPECT_TRUE(plain(gilLine(report)).endsWith("asked for · 1 false alarm"));
}

TEST(Findings, SayWhatWasLost)
{
    const auto foundAfterLosing = [](std::uint64_t events) {
        RunModel model(std::string("job.py"));
        Batch batch;
        batch.lost.channel = events;
        std::vector<RunUpdate> updates;
        updates.emplace_back(VariantStarted{0, {{0}, 100, false}, {}});
        updates.emplace_back(VariantBatches{0, {batch}});
        updates.emplace_back(VariantEnded{});
        updates.emplace_back(RunEnded{});
        model.apply(std::move(updates));
        QStringList sentences;
        for (const Finding& finding : findings(model)) {
            sentences << finding.text;
        }
        return plain(sentences.join('\n'));
    };
    EXPECT_EQ(foundAfterLosing(0), "");
    EXPECT_EQ(
        foundAfterLosing(907'302), "Lost: 907,302 events. The picture has gaps, and the figures of locks are too low.");
}

TEST(WindowSettings, ComeBackAsTheyWereLeftAndSurviveNonsense)
{
    const QTemporaryDir folder;
    const QString file = folder.filePath("window.ini");
    {
        WindowSettings settings(file);
        EXPECT_EQ(settings.theme(), ThemeKind::Light);
        settings.setTheme(ThemeKind::Dark);
        settings.setShowAuxiliary(true);
        settings.setPictureSize({3840, 2160});
        settings.setFolder(folder.path());
    }
    WindowSettings settings(file);
    EXPECT_EQ(settings.theme(), ThemeKind::Dark);
    EXPECT_TRUE(settings.showAuxiliary());
    EXPECT_EQ(settings.pictureSize(), QSize(3840, 2160));
    EXPECT_EQ(settings.folder(), folder.path());
    settings.setPictureSize({0, 7});
    settings.setFolder("/no/such/folder");
    EXPECT_EQ(settings.pictureSize(), QSize(1920, 1080));
    EXPECT_NE(settings.folder(), "/no/such/folder");
}

} // namespace
} // namespace timeslice::window_text_test
