// The arrows of wake-ups: between which rows, at which moments; and what is said under the cursor.
#include "core/trace/waker.h"
#include "tests/ui/sample_runs.h"
#include "ui/plot/sign_contents.h"
#include "ui/plot/slice_text.h"
#include "ui/plot/wakeup_arrows.h"
#include "ui/result/picture_of.h"

#include <gtest/gtest.h>

namespace timeslice::plot_wakeup_test {
namespace {

constexpr Nanos kMs = kMillisecond;

/// Thread 2 sleeps; Thread 1 wakes it at 5 ms, and it gets the core at 6. Thread 3 is woken by a timer.
class Wakeups : public testing::Test {
protected:
    explicit Wakeups(int rounds = 1)
    {
        samples::VariantMaker maker("Three threads", "", 1);
        const auto one = maker.thread("Thread 1", 1);
        const auto two = maker.thread("Thread 2", 2);
        const auto three = maker.thread("Thread 3", 3);
        const auto sleep = static_cast<std::uint32_t>(WaitKind::Sleep);
        maker.state(three, 0, SliceState::Blocked, sleep, Cause::Blocked);
        for (int i = 0; i < rounds; ++i) {
            const Nanos from = i * 10 * kMs;
            maker.run(one, from, 0, from + 6 * kMs);
            maker.state(two, from, SliceState::Blocked, sleep, Cause::Blocked);
            maker.state(
                two, from + 5 * kMs, SliceState::Runnable, Waker{Waker::Kind::Thread, one}.subject(), Cause::Woken);
            maker.state(one, from + 6 * kMs, SliceState::Blocked, 0, Cause::Blocked);
            maker.run(two, from + 6 * kMs, 0, from + 9 * kMs);
        }
        const Nanos end = rounds * 10 * kMs;
        maker.state(three, end - kMs, SliceState::Runnable, Waker{Waker::Kind::Interrupt, 0}.subject(), Cause::Woken);
        maker.timeline().wakeupsUntil = samples::kStart + end;
        m_model = samples::modelWith("", maker.finish(end));
        LayoutRequest request;
        request.size = {1000, 600};
        request.textWidth = [](const QString& text, bool) { return static_cast<int>(text.size()) * 8; };
        m_run = pictureOf(*m_model);
        m_layout = layoutRows(describeRows(m_run.variants, {}), request);
        m_scene.variants = m_run.variants;
        m_scene.layout = &m_layout;
        m_scene.scale = {0, static_cast<double>(end), m_layout.laneLeft, m_layout.laneRight};
        m_scene.height = 600;
    }
    const Timeline& timeline() const { return m_model->variants()[0].recording->timeline; }
    SliceRef at(std::size_t thread, Nanos time) const
    {
        const Track& track = timeline().threads[thread].track;
        return {0, SliceRef::Row::Thread, thread, track.slice(track.indexAt(samples::kStart + time))};
    }
    QRect lane(std::size_t thread) const
    {
        for (const Row& row : m_layout.rows) {
            if (row.content.kind == RowKind::Thread && row.content.track == thread) {
                return laneRect(m_scene, row);
            }
        }
        return {};
    }
    int x(Nanos time) const
    {
        return static_cast<int>(std::lround(timeToPixel(m_scene.scale, static_cast<double>(time))));
    }

    std::unique_ptr<RunModel> m_model;
    RunPicture m_run;
    TimelineLayout m_layout;
    TimelineScene m_scene;
};

TEST_F(Wakeups, goFromTheRowOfTheWakerToTheEdgeOfTheRowOfTheWoken)
{
    const auto arrows = planWakeups(m_scene, 0);
    ASSERT_EQ(arrows.size(), 1U) << "a timer has no row to come from";
    EXPECT_EQ(arrows[0].from, QPoint(x(5 * kMs), lane(0).center().y()));
    EXPECT_EQ(arrows[0].to, QPoint(x(5 * kMs), lane(1).top()));
}

TEST_F(Wakeups, areOfWhatIsInSight)
{
    m_scene.scale.end = 4e6;
    EXPECT_TRUE(planWakeups(m_scene, 0).empty());
    m_scene.scale.end = 1e7;
    m_scene.scroll = lane(0).bottom() - m_layout.rows.front().top;
    EXPECT_TRUE(planWakeups(m_scene, 0).empty()) << "the waker's row is scrolled away";
}

TEST_F(Wakeups, areShownForTheWaitingAndForTheRunThatFollowsIt)
{
    EXPECT_EQ(planWakeup(m_scene, at(1, 5 * kMs)).size(), 1U);
    EXPECT_EQ(planWakeup(m_scene, at(1, 7 * kMs)).size(), 1U);
    EXPECT_TRUE(planWakeup(m_scene, at(1, 2 * kMs)).empty()) << "it sleeps";
    EXPECT_TRUE(planWakeup(m_scene, at(2, 9 * kMs + 1)).empty()) << "by a timer";
    SliceRef core = at(1, 5 * kMs);
    core.row = SliceRef::Row::Core;
    EXPECT_TRUE(planWakeup(m_scene, core).empty());
}

TEST_F(Wakeups, areToldInWords)
{
    const auto lines = [this](std::size_t thread, Nanos time) {
        return describeSlice(m_run.variants[0], at(thread, time)).lines;
    };
    EXPECT_TRUE(lines(1, 5 * kMs).contains("woken by Thread 1")) << lines(1, 5 * kMs).join('\n').toStdString();
    EXPECT_TRUE(lines(1, 7 * kMs).contains("woken by Thread 1, waited 1 ms for a core"))
        << lines(1, 7 * kMs).join('\n').toStdString();
    EXPECT_TRUE(lines(1, 2 * kMs).contains("then woken by Thread 1")) << lines(1, 2 * kMs).join('\n').toStdString();
    EXPECT_TRUE(lines(2, 9 * kMs + 1).contains("woken by a timer or a device"));
}

TEST_F(Wakeups, standInTheLegendWhereTheyAreDrawn)
{
    EXPECT_TRUE(signContents(m_run.variants, {0, 10 * kMs}).wakeUps);
    EXPECT_FALSE(signContents(m_run.variants, {0, 4 * kMs}).wakeUps);
}

class ManyWakeups : public Wakeups {
protected:
    ManyWakeups()
        : Wakeups(static_cast<int>(kMostWakeupArrows) + 1)
    {
    }
};

TEST_F(ManyWakeups, areDrawnOnlyWhereTheyCanBeToldApart)
{
    EXPECT_TRUE(planWakeups(m_scene, 0).empty());
    EXPECT_FALSE(signContents(m_run.variants, {0, static_cast<Nanos>(m_scene.scale.end)}).wakeUps);
    EXPECT_EQ(planWakeup(m_scene, at(1, 5 * kMs)).size(), 1U) << "but always of what is under the cursor";
    m_scene.scale.end = 100.0 * kMs;
    EXPECT_EQ(planWakeups(m_scene, 0).size(), 10U);
}

} // namespace
} // namespace timeslice::plot_wakeup_test
