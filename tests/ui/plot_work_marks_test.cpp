#include "tests/ui/sample_runs.h"
#include "ui/export/figure.h"
#include "ui/plot/variant_heading.h"
#include "ui/plot/work_marks.h"
#include "ui/result/picture_of.h"

#include <QFontMetrics>
#include <QGuiApplication>
#include <QImage>
#include <algorithm>
#include <gtest/gtest.h>

namespace timeslice::plot_work_marks_test {
namespace {

constexpr QSize kRoom(900, 640);
constexpr Nanos kLength = 168'800 * kMicrosecond;

/// A thread whose work is done when the run has still some way to go.
std::unique_ptr<VariantRecording> withTail(Nanos work, Nanos whole, const char* title = "Two threads")
{
    samples::VariantMaker maker(title, "one process, one GIL", 2);
    const std::uint32_t thread = maker.thread("MainThread", 1);
    maker.timeline().threads[thread].pid = maker.timeline().threads[thread].tid;
    maker.run(thread, 0, 0, whole);
    maker.exit(thread, whole);
    auto variant = maker.finish(whole);
    variant->timeline.workEnd = samples::kStart + work;
    return variant;
}

class WorkMarks : public testing::Test {
protected:
    void show(std::unique_ptr<RunModel> model, double begin, double end, QSize room = kRoom)
    {
        m_model = std::move(model);
        m_canvas.theme = &Theme::light();
        m_canvas.font = QGuiApplication::font();
        m_canvas.em = 14;
        m_canvas.font.setPixelSize(14);
        LayoutRequest request;
        request.size = room;
        request.em = m_canvas.em;
        const QFontMetrics metrics(m_canvas.font);
        request.textWidth = [&](const QString& text, bool) { return metrics.horizontalAdvance(text); };
        m_run = pictureOf(*m_model);
        m_layout = layoutRows(describeRows(m_run.variants, {}), request);
        m_scene.variants = m_run.variants;
        m_scene.layout = &m_layout;
        m_scene.scale = {begin, end, m_layout.laneLeft, m_layout.laneRight};
        m_scene.height = room.height();
    }
    std::vector<WorkMark> marks() { return planWorkMarks(m_canvas, m_scene); }
    const WorkMark* named(const std::vector<WorkMark>& all, const QString& beginning)
    {
        const auto found =
            std::find_if(all.begin(), all.end(), [&](const WorkMark& mark) { return mark.text.startsWith(beginning); });
        return found == all.end() ? nullptr : &*found;
    }

    std::unique_ptr<RunModel> m_model;
    RunPicture m_run;
    Canvas m_canvas;
    TimelineLayout m_layout;
    TimelineScene m_scene;
};

TEST_F(WorkMarks, standWhereTheWorkBeginsAndEndsAndSayTheHeadingsTime)
{
    show(samples::modelWith("", withTail(kLength, 200 * kMillisecond)), 0, 200e6);
    const auto all = marks();
    ASSERT_EQ(all.size(), 2U);
    const WorkMark* begin = named(all, "work begins");
    const WorkMark* end = named(all, "work ends 168.8 ms");
    ASSERT_TRUE(begin != nullptr && end != nullptr);
    EXPECT_EQ(begin->x, m_layout.laneLeft);
    EXPECT_EQ(end->x, static_cast<int>(std::lround(timeToPixel(m_scene.scale, kLength))));
    EXPECT_TRUE(headingResult(pictureOf(*m_model).variants[0]).text.startsWith("168.8 ms"));
    for (const WorkMark& mark : all) {
        EXPECT_EQ(mark.bottom, m_layout.rows.back().bottom()) << "through all rows";
        EXPECT_LE(mark.top, m_layout.rows.front().bottom());
    }
}

TEST_F(WorkMarks, haveLabelsThatMeetNoRowNoOtherLabelAndNoEdge)
{
    const Nanos whole = 200 * kMillisecond;
    for (const Nanos work : {Nanos{1}, 2 * kMillisecond, 20 * kMillisecond, 100 * kMillisecond, whole - 1, whole}) {
        for (const int width : {260, 320, 500, 1280}) {
            for (const auto& [from, to] : {std::pair(0.0, 2e8), {-1e7, 2.1e8}, {1.9e7, 2.1e7}, {0.0, 1e6}}) {
                show(samples::modelWith("", withTail(work, whole), withTail(whole, whole, "Other")), from, to,
                    QSize(width, 400));
                const auto all = marks();
                for (const WorkMark& mark : all) {
                    EXPECT_GE(mark.x, m_layout.laneLeft);
                    EXPECT_LT(mark.x, m_layout.laneRight);
                    if (mark.text.isEmpty()) {
                        continue;
                    }
                    EXPECT_GE(mark.label.left(), m_layout.laneLeft);
                    EXPECT_LE(mark.label.right(), m_layout.laneRight);
                    for (const Row& row : m_layout.rows) {
                        const QRect lane(0, row.top, m_layout.width, row.height);
                        EXPECT_TRUE(row.content.kind == RowKind::Heading || !mark.label.intersects(lane));
                    }
                    for (const WorkMark& other : all) {
                        EXPECT_TRUE(&other == &mark || !other.label.intersects(mark.label));
                    }
                }
            }
        }
    }
}

TEST_F(WorkMarks, areThoseOfTheProgramWhereTheWorkloadDoesNotSay)
{
    auto variant = withTail(kLength, 200 * kMillisecond);
    variant->timeline.workBegin.reset();
    variant->timeline.workEnd.reset();
    show(samples::modelWith("", std::move(variant)), 0, 2e8);
    const auto all = marks();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_NE(named(all, "program begins"), nullptr);
    EXPECT_NE(named(all, "program ends"), nullptr);
    EXPECT_EQ(named(all, "work"), nullptr);
}

TEST_F(WorkMarks, doNotSayThatWorkEndedThatNobodySawEnd)
{
    auto variant = withTail(kLength, 200 * kMillisecond);
    variant->timeline.workEnd.reset(); // it was killed
    show(samples::modelWith("", std::move(variant)), 0, 2e8);
    const auto all = marks();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].text, "work begins");
}

TEST_F(WorkMarks, areInAFigure)
{
    auto model = samples::modelWith("", withTail(100 * kMillisecond, 200 * kMillisecond));
    const auto colored = [&](ThemeKind kind) {
        FigureOptions options;
        options.size = {1280, 720};
        options.to = 200 * kMillisecond;
        options.theme = kind;
        const auto image = renderFigure(*model, options);
        EXPECT_TRUE(image);
        const Theme& theme = Theme::of(kind);
        const QRgb line = mix(theme.window, theme.text, 0.75).rgb();
        // The column with most of the line's colour is a line; bars and letters have none of it.
        int most = 0;
        for (int x = 0; x < image->width(); ++x) {
            int count = 0;
            for (int y = 0; y < image->height(); ++y) {
                count += image->pixel(x, y) == line ? 1 : 0;
            }
            most = std::max(most, count);
        }
        return most;
    };
    EXPECT_GT(colored(ThemeKind::Light), 30);
    EXPECT_GT(colored(ThemeKind::Dark), 30);
}

} // namespace
} // namespace timeslice::plot_work_marks_test
