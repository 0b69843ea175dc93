// Moments at which a thread was woken for the GIL in vain: where they are drawn, and what is said of them.
#include "tests/ui/sample_runs.h"
#include "ui/plot/false_alarm_painter.h"
#include "ui/plot/sign_contents.h"
#include "ui/plot/slice_text.h"
#include "ui/result/picture_of.h"

#include <array>
#include <gtest/gtest.h>
#include <numeric>

namespace timeslice::plot_false_alarms_test {
namespace {

constexpr Nanos kMs = kMillisecond;

Canvas canvasWith(QPainter* painter, double unit = 1)
{
    Canvas canvas;
    canvas.painter = painter;
    canvas.theme = &Theme::light();
    canvas.font.setPixelSize(14);
    canvas.unit = unit;
    return canvas;
}

/// A holds the GIL but for moments; B waits for it and looks at 20, 40 and 40.001 ms; A at 60 ms.
std::unique_ptr<RunModel> wokenInVain()
{
    samples::VariantMaker maker("Parts", "", 2);
    const std::uint32_t a = maker.thread("A", 1);
    const std::uint32_t b = maker.thread("B", 2);
    const std::uint32_t gil = maker.lock("GIL", ObjectKind::Gil);
    maker.hold(gil, 0, a);
    maker.run(a, 0, 0, 100 * kMs);
    maker.state(b, 0, SliceState::WaitingForLock, gil, Cause::Requested);
    for (const Nanos look : {20 * kMs, 40 * kMs}) {
        maker.state(b, look - kMs, SliceState::Running, 1);
        maker.state(b, look + kMs, SliceState::WaitingForLock, gil, Cause::Requested);
    }
    maker.free(gil, 39 * kMs); // and nobody holds it at 40 ms
    maker.hold(gil, 45 * kMs, a);
    maker.wokenInVain(gil, 20 * kMs, b);
    maker.wokenInVain(gil, 40 * kMs, b);
    maker.wokenInVain(gil, 40 * kMs + kMicrosecond, b);
    maker.wokenInVain(gil, 60 * kMs, a);
    return samples::modelWith("", maker.finish(100 * kMs));
}

class FalseAlarms : public testing::Test {
protected:
    const Timeline& timeline() const { return m_model->variants()[0].recording->timeline; }
    std::vector<AlarmTick> plan(std::span<const std::uint32_t> threads, const TimeScale& scale) const
    {
        return planFalseAlarms(
            canvasWith(nullptr), {scale.left, 0, scale.right - scale.left, 20}, timeline(), threads, scale);
    }
    SliceText textAt(std::size_t thread, Nanos time) const
    {
        const Track& track = timeline().threads[thread].track;
        const RunPicture run = pictureOf(*m_model);
        return describeSlice(
            run.variants[0], {0, SliceRef::Row::Thread, thread, track.slice(track.indexAt(samples::kStart + time))});
    }

    std::unique_ptr<RunModel> m_model = wokenInVain();
};

TEST_F(FalseAlarms, StandWhereTheyHappenedAndThoseOfAPixelAreOne)
{
    const TimeScale scale{0, 100e6, 10, 1010}; // 0.1 ms a pixel
    const std::vector<AlarmTick> ticks = plan(std::array{1U}, scale);
    ASSERT_EQ(ticks.size(), 2U);
    EXPECT_EQ(ticks[0].x, 210);
    EXPECT_EQ(ticks[0].count, 1U);
    EXPECT_EQ(ticks[1].x, 410);
    EXPECT_EQ(ticks[1].count, 2U);
    EXPECT_EQ(plan(std::array{0U, 1U}, scale).size(), 3U) << "a process's row has those of all its threads";
}

TEST_F(FalseAlarms, AreOnlyThoseInSight)
{
    EXPECT_TRUE(plan(std::array{1U}, {41e6, 100e6, 0, 1000}).empty());
    EXPECT_EQ(plan(std::array{1U}, {30e6, 50e6, 0, 1000}).size(), 1U);
    const TimeScale close{40e6 - 500, 40e6 + 1500, 0, 1000};
    EXPECT_EQ(plan(std::array{1U}, close).size(), 2U) << "a microsecond apart";
}

TEST_F(FalseAlarms, LoseNoneHoweverMany)
{
    Timeline many;
    many.threads.emplace_back();
    many.locks.emplace_back();
    for (Nanos time = 0; time < 100'000; ++time) {
        many.falseAlarms[0].push_back({time, 0});
    }
    for (const double unit : {1.0, 2.0}) {
        const TimeScale scale{0, 100'000, 0, 700};
        const std::vector<AlarmTick> ticks =
            planFalseAlarms(canvasWith(nullptr, unit), {0, 0, 700, 20}, many, std::array{0U}, scale);
        EXPECT_LE(ticks.size(), 700U);
        EXPECT_EQ(std::accumulate(ticks.begin(), ticks.end(), std::size_t{0},
                      [](std::size_t sum, const AlarmTick& tick) { return sum + tick.count; }),
            100'000U);
    }
}

TEST_F(FalseAlarms, AreLinesFromTheUpperEdgeLongerWhereThereAreMore)
{
    QImage image(100, 40, QImage::Format_RGB32);
    image.fill(Qt::white);
    QPainter painter(&image);
    const QRect lane(0, 5, 100, 30);
    paintFalseAlarms(canvasWith(&painter), lane, {{20, 1}, {60, 1000}});
    painter.end();
    const QRgb mark = Theme::light().falseAlarm.rgb();
    const auto length = [&](int x) {
        int count = 0;
        for (int y = 0; y < image.height(); ++y) {
            count += image.pixel(x, y) == mark ? 1 : 0;
        }
        return count;
    };
    EXPECT_EQ(image.pixel(20, lane.top()), mark);
    EXPECT_NE(image.pixel(20, lane.top() - 1), mark);
    EXPECT_GT(length(20), 5);
    EXPECT_GT(length(60), length(20));
    EXPECT_LT(length(60), lane.height()) << "what is below can be seen";
    EXPECT_EQ(length(21) + length(19), 0) << "thin";
}

TEST_F(FalseAlarms, AreToldOfTheSliceInWhichTheyHappened)
{
    EXPECT_TRUE(textAt(1, 20 * kMs).lines.contains("false alarm: woken for the GIL, but A had it already"));
    EXPECT_TRUE(textAt(1, 40 * kMs).lines.contains("2 false alarms: woken for the GIL, but another had it already"));
    EXPECT_FALSE(textAt(1, 10 * kMs).lines.join(' ').contains("false alarm"));
    EXPECT_EQ(falseAlarmText(timeline(), 1, {samples::kStart + 40 * kMs, samples::kStart + 40 * kMs + 1}),
        "false alarm: woken for the GIL, but another had it already")
        << "who took it has let go again";
    EXPECT_EQ(falseAlarmText(timeline(), 0, {samples::kStart, samples::kStart + 60 * kMs}), "") << "half open";
}

TEST_F(FalseAlarms, AreInTheLegendWhereTheyCanBeSeen)
{
    Exploration exploration;
    const SignContents whole = signsInSight(m_model.get(), exploration);
    EXPECT_TRUE(whole.falseAlarms);
    const std::vector<StateSign> signs = signsOf(whole);
    EXPECT_NE(std::find(signs.begin(), signs.end(), StateSign::FalseAlarm), signs.end());
    exploration.show(ViewRange{70e6, 90e6});
    EXPECT_FALSE(signsInSight(m_model.get(), exploration).falseAlarms);
}

} // namespace
} // namespace timeslice::plot_false_alarms_test
