#include "tests/ui/sample_runs.h"
#include "ui/plot/mark_painter.h"
#include "ui/plot/sign_contents.h"
#include "ui/result/picture_of.h"
#include "ui/widgets/headline_label.h"

#include <gtest/gtest.h>

namespace timeslice::plot_signs_test {
namespace {

/// 0 to 40 ms: A runs. 40 to 60: it waits for the GIL, which is asked for. 60 to 100: it is blocked.
std::unique_ptr<RunModel> threeParts()
{
    samples::VariantMaker maker("Parts", "", 1);
    const std::uint32_t a = maker.thread("A", 1);
    const std::uint32_t gil = maker.lock("GIL", ObjectKind::Gil);
    maker.run(a, 0, 0, 40 * kMillisecond);
    maker.state(a, 40 * kMillisecond, SliceState::WaitingForLock, gil, Cause::Requested);
    maker.ask(gil, 45 * kMillisecond, a);
    maker.state(a, 60 * kMillisecond, SliceState::Blocked, 0);
    return samples::modelWith("", maker.finish(100 * kMillisecond));
}

TEST(SignContents, nameOnlyWhatIsLookedAt)
{
    const auto model = threeParts();
    Exploration exploration;
    const SignContents whole = signsInSight(model.get(), exploration);
    EXPECT_TRUE(whole.running && whole.blocked && whole.dropRequests);
    EXPECT_EQ(whole.lock, "the GIL");
    EXPECT_FALSE(whole.runnable) << "nobody waited for a core";
    EXPECT_FALSE(whole.outside);

    exploration.show(ViewRange{0, 30e6});
    const SignContents first = signsInSight(model.get(), exploration);
    EXPECT_TRUE(first.running);
    EXPECT_FALSE(first.blocked || first.dropRequests);
    EXPECT_EQ(first.lock, "");

    exploration.show(ViewRange{42e6, 58e6});
    const SignContents second = signsInSight(model.get(), exploration);
    EXPECT_FALSE(second.running || second.blocked);
    EXPECT_TRUE(second.dropRequests);
    EXPECT_EQ(second.lock, "the GIL");

    exploration.undo();
    EXPECT_EQ(signsInSight(model.get(), exploration), first);
}

TEST(SignContents, nameWhatIsPaleBecauseItIsNotTheWork)
{
    samples::VariantMaker maker("Late", "", 1);
    const std::uint32_t a = maker.thread("A", 1);
    maker.run(a, 0, 0, 90 * kMillisecond);
    auto variant = maker.finish(100 * kMillisecond);
    variant->timeline.workBegin = samples::kStart;
    variant->timeline.workEnd = samples::kStart + 50 * kMillisecond;
    const auto model = samples::modelWith("", std::move(variant));
    Exploration exploration;
    EXPECT_FALSE(signsInSight(model.get(), exploration).outside) << "the whole is the work";
    exploration.show(ViewRange{30e6, 80e6});
    EXPECT_TRUE(signsInSight(model.get(), exploration).outside);
    exploration.show(ViewRange{10e6, 40e6});
    EXPECT_FALSE(signsInSight(model.get(), exploration).outside);
}

TEST(SignContents, sayBeforeARunWhatMayCome)
{
    const SignContents contents = signsInSight(nullptr, Exploration());
    EXPECT_TRUE(contents.running && contents.runnable && contents.blocked);
    EXPECT_EQ(contents.lock, "a lock");
}

TEST(RowList, keepsTheThreadWhoseDelaysAreTheResult)
{
    samples::VariantMaker maker("Ticker", "", 1);
    const std::uint32_t hog = maker.thread("Hog", 1);
    const std::uint32_t ticker = maker.thread("Ticker", 2);
    maker.run(hog, 0, 0, 90 * kMillisecond);
    maker.run(ticker, 91 * kMillisecond, 0, 92 * kMillisecond);
    maker.timeline().latencies.push_back({samples::kStart + 91 * kMillisecond, ticker, kMillisecond});
    const auto variant = maker.finish(100 * kMillisecond);
    RowOptions one;
    one.maxOfAKind = 1;
    EXPECT_EQ(shownThreads(variant->timeline, one), std::vector<std::size_t>({ticker}));
    EXPECT_EQ(shownThreads(variant->timeline, {}).size(), 2U);
}

TEST(Marks, haveTheirValueBehindAnEqualsSignAndPushTheWordBehindThem)
{
    Timeline timeline;
    timeline.markNames = {{1, "x ="}, {2, "click"}};
    EXPECT_EQ(markName(timeline, {0, 0, 1, 99}), "x = 99");
    EXPECT_EQ(markName(timeline, {0, 0, 2, 99}), "click");

    Canvas canvas;
    canvas.em = 10;
    const std::vector<MarkFlag> flags{{100, 0, 1, "x = 99", {106, 0, 40, 12}}, {160, 1, 1, "click", {166, 0, 30, 12}}};
    const QRect done(130, 0, 20, 12);
    const QRect moved = clearOfMarks(canvas, done, flags);
    EXPECT_EQ(moved.size(), done.size());
    EXPECT_GT(moved.left(), 195) << "behind the second, as there is no room between the two";
    EXPECT_EQ(clearOfMarks(canvas, QRect(10, 0, 20, 12), flags), QRect(10, 0, 20, 12));
}

TEST(HeadlineLabel, hasRoomForWhatHangsBelowTheLine)
{
    HeadlineLabel label;
    label.setPixelSize(40);
    label.setText("10 20");
    const int digits = label.sizeHint().height();
    label.setText("Jay, 20");
    EXPECT_GT(label.sizeHint().height(), digits);
}

} // namespace
} // namespace timeslice::plot_signs_test
