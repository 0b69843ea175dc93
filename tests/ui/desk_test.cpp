// The desk without a window: from a prediction to its answer, and from one lesson to another while something runs.
#include "ui/course/desk.h"

#include "tests/places/places.h"
#include "tests/ui/busy_run.h"

#include <QSignalSpy>
#include <QTest>
#include <gtest/gtest.h>

namespace timeslice::desk_test {
namespace {

class DeskTest : public ::testing::Test {
protected:
    DeskTest()
        : m_desk(LessonBook(course(), 2), 2, [] { return RunOptions(); })
    {
    }

    static Catalogue course()
    {
        auto catalogue = readCatalogue(test::resourceFolder() / "scenarios");
        EXPECT_TRUE(catalogue);
        return catalogue ? std::move(*catalogue) : Catalogue();
    }
    /// A run that ends when it is asked to, and not before.
    void startEndless() { m_desk.follow(std::make_unique<samples::MadeSource>(std::vector<RunUpdate>())); }
    bool endsAfter(const std::function<void()>& act)
    {
        QSignalSpy ended(&m_desk, &Desk::ended);
        act();
        return ended.count() > 0 || ended.wait(60'000);
    }
    void run(std::size_t lesson)
    {
        m_desk.show(lesson);
        EXPECT_TRUE(
            endsAfter([this] { m_desk.follow(std::make_unique<samples::MadeSource>(samples::busyRun(2'000, 2))); }));
    }

    Desk m_desk;
};

TEST_F(DeskTest, APredictionIsLockedByARunAndOpenAgainAfterIt)
{
    m_desk.show(0);
    m_desk.predict(1);
    EXPECT_EQ(m_desk.prediction(), 1U);
    m_desk.predict(99);
    EXPECT_EQ(m_desk.prediction(), 1U) << "there is no such answer";
    startEndless();
    EXPECT_TRUE(m_desk.lesson()->locked);
    m_desk.predict(0);
    m_desk.predictAgain();
    EXPECT_EQ(m_desk.prediction(), 1U) << "while it runs";
    ASSERT_TRUE(endsAfter([this] { m_desk.runOrStop(); }));
    EXPECT_TRUE(m_desk.lesson()->locked);
    m_desk.predict(0);
    EXPECT_EQ(m_desk.prediction(), 0U);
    EXPECT_FALSE(m_desk.lesson()->locked);
    EXPECT_EQ(m_desk.model(), nullptr) << "or the answer would be there to see";
}

TEST_F(DeskTest, EachLessonKeepsItsRun)
{
    run(0);
    const RunModel* first = m_desk.model();
    ASSERT_NE(first, nullptr);
    constexpr ViewRange kNear{1000, 2000};
    m_desk.exploration().show(kNear);
    m_desk.show(1);
    EXPECT_EQ(m_desk.model(), nullptr);
    EXPECT_EQ(m_desk.exploration().range(), std::nullopt);
    EXPECT_NE(m_desk.lessons().at(0).mark, RunMark::None);
    m_desk.show(0);
    EXPECT_EQ(m_desk.model(), first);
    EXPECT_EQ(m_desk.exploration().range(), kNear) << "where the viewer was";
    m_desk.exploration().undo();
    EXPECT_EQ(m_desk.exploration().range(), std::nullopt);
}

TEST_F(DeskTest, WhatIsShownNextWaitsForTheRunAndTheLastWishCounts)
{
    m_desk.show(0);
    startEndless();
    m_desk.show(1);
    EXPECT_EQ(m_desk.current(), 0U) << "until it has ended";
    m_desk.show(2);
    ASSERT_TRUE(endsAfter([] {}));
    EXPECT_EQ(m_desk.current(), 2U);
    EXPECT_FALSE(m_desk.running());

    startEndless();
    m_desk.show(1);
    m_desk.show(2);
    ASSERT_TRUE(endsAfter([] {}));
    EXPECT_EQ(m_desk.current(), 2U) << "the viewer stayed after all";
}

TEST_F(DeskTest, ARecordingTakesTheLessonsPlaceAndGivesItBack)
{
    run(0);
    const RunModel* own = m_desk.model();
    QSignalSpy shown(&m_desk, &Desk::recordingShown);
    auto other = RunModel::fromRecording(Recording());
    ASSERT_TRUE(other) << other.error().message;
    m_desk.showRecording(std::move(*other), "/some/where/else.timeslice", "cut off");
    ASSERT_EQ(shown.count(), 1);
    EXPECT_EQ(shown[0][0].toString(), "cut off");
    EXPECT_EQ(m_desk.lesson(), nullptr);
    EXPECT_EQ(m_desk.baseName(), "else");
    EXPECT_EQ(m_desk.scenario(), nullptr);
    m_desk.predict(1);
    m_desk.predictAgain();
    m_desk.runOrStop();
    EXPECT_FALSE(m_desk.running()) << "a recording cannot be run";
    m_desk.show(0);
    EXPECT_EQ(m_desk.model(), own);
}

} // namespace
} // namespace timeslice::desk_test
