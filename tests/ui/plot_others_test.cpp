// What the core rows say of other programs: texts, legend, and what is left to the sampled share.
#include "core/trace/timeline_builder.h"
#include "ui/plot/core_others.h"
#include "ui/plot/others_text.h"
#include "ui/plot/state_signs.h"

#include <gtest/gtest.h>

namespace timeslice::plot_others_test {
namespace {

constexpr Nanos ms = kMillisecond;

/// A thread on core 0 until 10 ms, preempted by "hog" until 20 ms, then waiting for a core that nobody has until 30 ms.
struct Disturbed {
    Timeline timeline;
    explicit Disturbed(bool measured)
    {
        TimelineBuilder builder(timeline, {{0, 1}, 10, false});
        Batch batch;
        batch.events = {{0, 11, 10, EventKind::SwitchIn, 0, 0, 0},
            {10 * ms, 11, 10, EventKind::SwitchOut, 0, 0, static_cast<std::uint64_t>(SwitchOutReason::Preempted)},
            {30 * ms, 11, 10, EventKind::SwitchIn, 0, 0, 0}, {40 * ms, 11, 10, EventKind::SwitchOut, 0, 0, 0}};
        if (measured) {
            batch.programs = {{500, "hog", OtherProgram::Kind::Program}};
            batch.others = {{0, 10 * ms, 0, OthersRun::kNobody}, {10 * ms, 20 * ms, 0, 0},
                {20 * ms, 40 * ms, 0, OthersRun::kNobody}};
        }
        batch.usage = {{0, 40 * ms, 0, 0.7F, 0, 0.3F}};
        batch.drainedAt = 40 * ms;
        builder.append(batch);
        builder.finish(40 * ms);
    }
};

constexpr TimeScale kScale{0, 40e6, 0, 400};

TEST(Others, AreNamedUnderTheCursor)
{
    const Disturbed run(true);
    const auto hog = describeOthersAt(run.timeline, 0, 15 * ms, 0);
    ASSERT_TRUE(hog.has_value());
    EXPECT_EQ(hog->title, "Another program runs on core 0: hog (500)");
    EXPECT_EQ(hog->range, (TimeRange{10 * ms, 20 * ms}));
    EXPECT_EQ(hog->lines.back(), "measured; it is no part of the run");
    const auto gap = describeOthersAt(run.timeline, 0, 25 * ms, 0);
    ASSERT_TRUE(gap.has_value());
    EXPECT_EQ(gap->title, "Not seen on core 0: another program or the host");
    EXPECT_EQ(gap->range, (TimeRange{20 * ms, 30 * ms}));
    EXPECT_FALSE(describeOthersAt(run.timeline, 0, 35 * ms, 0).has_value()) << "the run's own thread";
    EXPECT_FALSE(describeOthersAt(run.timeline, 1, 25 * ms, 0).has_value()) << "an idle core";
    EXPECT_EQ(describeOthersIn(run.timeline, 0, {10 * ms, 30 * ms}).front().toStdString(), "hog: 10 ms");
}

TEST(Others, AreSampledOnlyWhereTheyWereNotMeasured)
{
    EXPECT_TRUE(planOthers(Disturbed(true).timeline.cores[0], kScale, 0).empty());
    const std::vector<OthersStretch> sampled = planOthers(Disturbed(false).timeline.cores[0], kScale, 0);
    ASSERT_EQ(sampled.size(), 1U);
    EXPECT_NEAR(sampled[0].others, 0.4, 1e-6) << "0.2 of the core, of the half that the run left free";
}

TEST(Others, AreInTheLegendAsTheyAreInThePicture)
{
    const Timeline timeline = Disturbed(true).timeline;
    const OthersShown shown = othersShown(timeline, timeline.workRange());
    EXPECT_TRUE(shown.measured);
    EXPECT_TRUE(shown.unseen);
    EXPECT_FALSE(shown.host);
    SignContents contents;
    contents.others = true;
    EXPECT_EQ(signText(StateSign::Others, contents), "other programs (sampled)");
    contents.othersMeasured = true;
    contents.unseen = true;
    EXPECT_EQ(signText(StateSign::Others, contents), "other programs");
    const std::vector<StateSign> signs = signsOf(contents);
    EXPECT_EQ(signs.back(), StateSign::Unseen);
    EXPECT_EQ(signText(StateSign::Unseen, contents), "not seen: another program or the host");
}

TEST(Others, KeepToTheTimeThatTheRunLeftFree)
{
    const Disturbed run(true);
    const Theme& theme = Theme::light();
    QImage image(400, 20, QImage::Format_RGB32);
    image.fill(theme.lane);
    QPainter painter(&image);
    Canvas canvas;
    canvas.painter = &painter;
    canvas.theme = &theme;
    canvas.font.setPixelSize(14);
    RowPlan own;
    planRow(run.timeline.cores[0].track, kScale, 0, 3, own);
    paintMeasuredOthers(canvas, image.rect(), run.timeline, 0, kScale, own);
    painter.end();
    EXPECT_EQ(image.pixelColor(50, 1), theme.lane) << "the run's";
    EXPECT_EQ(image.pixelColor(103, 1), othersColor(theme)) << "hog's";
    EXPECT_NE(image.pixelColor(250, 0), theme.lane) << "not seen: outlined";
    EXPECT_EQ(image.pixelColor(350, 1), theme.lane) << "the run's";
}

} // namespace
} // namespace timeslice::plot_others_test
