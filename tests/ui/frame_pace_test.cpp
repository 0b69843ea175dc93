#include "ui/course/frame_pace.h"

#include <gtest/gtest.h>

namespace timeslice::frame_pace_test {
namespace {

/// A run of `length` whose frames cost `frame` each, while the rest of the process takes `rest` of a core.
struct Course {
    Nanos spent = 0;
    int frames = 0;
    Nanos longestPause = 0;
};
Course watch(Nanos length, Nanos frame, double rest)
{
    FramePace pace;
    Course course;
    Nanos cpu = 0;
    Nanos drawnAt = kSecond;
    pace.begin(kSecond, cpu);
    for (Nanos now = kSecond; now < kSecond + length;) {
        const Nanos wait = pace.wait(now, cpu);
        if (wait == 0) {
            course.longestPause = std::max(course.longestPause, now - drawnAt);
            drawnAt = now;
            pace.drawn(now);
            cpu += frame;
            ++course.frames;
        }
        const Nanos step = std::max(wait, kMillisecond);
        now += step;
        cpu += static_cast<Nanos>(rest * static_cast<double>(step));
    }
    course.spent = cpu;
    return course;
}

TEST(FramePace, keepsTheProcessWithinItsShareByDrawingLessOften)
{
    for (const Nanos frame : {kMillisecond / 10, kMillisecond, 5 * kMillisecond}) {
        const Course course = watch(20 * kSecond, frame, 0);
        EXPECT_LE(static_cast<double>(course.spent),
            FramePace::kShare * 20e9 + static_cast<double>(FramePace::kMostSavings + frame))
            << frame;
        EXPECT_GT(course.frames, 20);
    }
    EXPECT_GT(watch(20 * kSecond, kMillisecond / 10, 0).frames, 5 * watch(20 * kSecond, 5 * kMillisecond, 0).frames);
}

TEST(FramePace, neverDrawsMoreOftenThanIsSeen)
{
    EXPECT_LE(watch(3 * kSecond, 0, 0).frames, 3 * kSecond / FramePace::kShortest + 1);
}

TEST(FramePace, drawsNowAndThenWhateverElseTheProcessDoes)
{
    constexpr int kFrames = 20;
    const Course busy = watch(kFrames * FramePace::kLongest, 20 * kMillisecond, 0.9);
    EXPECT_GE(busy.frames, kFrames - 2);
    EXPECT_LE(busy.longestPause, FramePace::kLongest + 2 * kMillisecond);
}

TEST(FramePace, theFirstFrameComesAtOnce)
{
    FramePace pace;
    pace.begin(kSecond, 5 * kSecond);
    EXPECT_EQ(pace.wait(kSecond, 5 * kSecond), 0);
}

TEST(FramePace, aDebtIsForgottenSoon)
{
    FramePace pace;
    pace.begin(kSecond, 0);
    EXPECT_EQ(pace.wait(kSecond, 0), 0);
    pace.drawn(kSecond);
    const Nanos cpu = 10 * kSecond; // the viewer has moved the mouse for a minute
    EXPECT_LE(pace.wait(kSecond + FramePace::kShortest, cpu), FramePace::kLongest);
    EXPECT_EQ(pace.wait(3 * kSecond, cpu), 0);
    pace.drawn(3 * kSecond);
    EXPECT_LE(pace.wait(3 * kSecond, cpu), FramePace::kShortest) << "with an even account";
}

} // namespace
} // namespace timeslice::frame_pace_test
