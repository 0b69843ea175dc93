// The window lives on whatever a run brings: no turn of its event loop computes for long, and none waits.
//
// A turn is measured in CPU time of the UI thread, which a busy machine does not change, and in the same process
// against what the whole would take at once.
#include "tests/ui/busy_run.h"
#include "tests/ui/window_fixture.h"

#include <QMessageBox>

namespace timeslice::window_responsive_test {
namespace {

using samples::busyRun;
using samples::cpuOfThisThread;
using samples::LongestTurn;
using samples::MadeSource;

#ifdef TIMESLICE_SANITIZED
constexpr std::size_t kEvents = 1'000'000;
#else
constexpr std::size_t kEvents = 10'000'000;
#endif

class WindowResponsive : public WindowTest {
protected:
    /// What the events cost where everything is done at once.
    static Nanos atOnce(std::vector<RunUpdate> updates)
    {
        const Nanos began = cpuOfThisThread();
        RunModel model(std::string("at once"));
        model.apply(std::move(updates));
        EXPECT_TRUE(model.finished());
        return cpuOfThisThread() - began;
    }
};

TEST_F(WindowResponsive, NoTurnOfTheLoopTakesLongWhateverARunBrings)
{
    const Nanos whole = atOnce(busyRun(kEvents, 5));
    open();
    ASSERT_TRUE(window().selectScenario("gil-hog")); // which has a distribution
    QTest::qWait(100);
    window().follow(std::make_unique<MadeSource>(busyRun(20'000, 5)));
    ASSERT_TRUE(runsToItsEnd());
    Nanos ordinary = 0;
    {
        auto source = std::make_unique<MadeSource>(busyRun(20'000, 5));
        const LongestTurn turns;
        window().follow(std::move(source));
        ASSERT_TRUE(runsToItsEnd());
        QTest::qWait(300);
        ordinary = turns.longest();
    }
    auto source = std::make_unique<MadeSource>(busyRun(kEvents, 5));
    const LongestTurn turns;
    window().follow(std::move(source));
    ASSERT_TRUE(runsToItsEnd());
    QTest::qWait(300);
    EXPECT_GE(model()->variants()[0].recording->timeline.events, kEvents);
    EXPECT_EQ(model()->variants()[0].phase, VariantModel::Phase::Ended);
    RecordProperty("longest_turn_ms", static_cast<int>(turns.longest() / kMillisecond));
    RecordProperty("longest_ordinary_turn_ms", static_cast<int>(ordinary / kMillisecond));
    RecordProperty("at_once_ms", static_cast<int>(whole / kMillisecond));
    // In one go it would be the whole; a turn has ten milliseconds of updates and a frame.
    EXPECT_LT(turns.longest(), ordinary + whole / 16) << "ordinary: " << ordinary << ", at once: " << whole;
}

TEST_F(WindowResponsive, FilesOfALargeRunAreWrittenAndReadBesideTheLoop)
{
    const Nanos whole = atOnce(busyRun(kEvents, 5));
    open();
    const auto longestTurn = [this](std::size_t events, const std::string& name) -> Nanos {
        EXPECT_TRUE(window().selectScenario("gil-hog"));
        window().follow(std::make_unique<MadeSource>(busyRun(events, 5)));
        EXPECT_TRUE(runsToItsEnd());
        QTest::qWait(300);
        const LongestTurn turns;
        const QString recording = path(QString::fromStdString(name + ".timeslice"));
        for (const auto& [action, file] :
            {std::pair(window().actions().exportPng, path(QString::fromStdString(name + ".png"))),
                std::pair(window().actions().saveRecording, recording)}) {
            answerPath = file;
            action->trigger();
            EXPECT_TRUE(window().busy());
            EXPECT_TRUE(settles());
            EXPECT_TRUE(QFile::exists(answerPath)) << banner();
        }
        window().openRecording(recording);
        EXPECT_TRUE(settles());
        QTest::qWait(300);
        EXPECT_FALSE(window().currentLesson());
        EXPECT_GE(model()->variants()[0].recording->timeline.events, events);
        return turns.longest();
    };
    const Nanos ordinary = longestTurn(20'000, "small");
    const Nanos longest = longestTurn(kEvents, "large");
    RecordProperty("longest_turn_ms", static_cast<int>(longest / kMillisecond));
    RecordProperty("longest_ordinary_turn_ms", static_cast<int>(ordinary / kMillisecond));
    EXPECT_LT(longest, ordinary + whole / 20) << "ordinary: " << ordinary << ", at once: " << whole;
}

TEST_F(WindowResponsive, ARunThatDoesNotStopIsWaitedForByNobodyAndGivenUp)
{
    open();
    std::vector<RunUpdate> begun;
    begun.emplace_back(VariantStarted{0, BuilderOptions{{0, 1}, 100, false}});
    window().follow(std::make_unique<MadeSource>(std::move(begun)));
    QTest::qWait(100);
    ASSERT_TRUE(running());
    const std::size_t first = *window().currentLesson();
    const std::size_t other = first == 0 ? 1 : 0;
    const LongestTurn turns;
    window().selectScenario(window().lessons().at(other).scenario.id);
    auto* question = window().findChild<QMessageBox*>("stopQuestion");
    ASSERT_NE(question, nullptr);
    QTest::mouseClick(question->findChild<QPushButton*>("stopRun"), Qt::LeftButton);
    EXPECT_TRUE(window().controller().stopping());
    EXPECT_EQ(window().currentLesson(), first) << "until it has ended";
    const int before = turns.turns();
    QTest::qWait(200);
    EXPECT_GT(turns.turns(), before + 5) << "the loop turns meanwhile";
    ASSERT_TRUE(settles());
    EXPECT_FALSE(running());
    EXPECT_EQ(window().currentLesson(), other);
    EXPECT_EQ(window().lessons().at(first).mark, RunMark::Stopped);
}

} // namespace
} // namespace timeslice::window_responsive_test
