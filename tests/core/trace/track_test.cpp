#include "core/trace/track.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

namespace timeslice::track_test {
namespace {

SliceValue valueOf(std::uint32_t category, std::uint32_t subject = 0, Cause cause = Cause::Unknown)
{
    return {
        category == 0 ? SliceState::Absent : SliceState::Running, cause, subject, static_cast<std::uint8_t>(category)};
}

/// A track as the plainest possible list, to compare with.
struct PlainTrack {
    std::vector<std::pair<Nanos, SliceValue>> slices;
    Nanos end = 0;

    Nanos endOf(std::size_t i) const { return i + 1 < slices.size() ? slices[i + 1].first : end; }

    Shares shares(TimeRange range) const
    {
        Shares sums{};
        for (std::size_t i = 0; i < slices.size(); ++i) {
            const Nanos from = std::max(range.begin, slices[i].first);
            const Nanos to = std::min(range.end, endOf(i));
            sums[slices[i].second.category()] += std::max<Nanos>(0, to - from);
        }
        return sums;
    }
    std::size_t indexAt(Nanos t) const
    {
        for (std::size_t i = 0; i < slices.size(); ++i) {
            if (slices[i].first <= t && t < endOf(i)) {
                return i;
            }
        }
        return slices.size();
    }
    std::size_t firstEndingAfter(Nanos t) const
    {
        std::size_t i = 0;
        while (i < slices.size() && endOf(i) <= t) {
            ++i;
        }
        return i;
    }
    void append(Nanos begin, SliceValue value)
    {
        end = std::max(end, begin);
        if (!slices.empty() && slices.back().first == begin) {
            slices.pop_back();
        }
        if (!slices.empty() && slices.back().second.state() == value.state()
            && slices.back().second.subject() == value.subject()
            && slices.back().second.category() == value.category()) {
            return;
        }
        slices.emplace_back(begin, value);
    }
    void truncate(Nanos t)
    {
        while (!slices.empty() && slices.back().first >= t) {
            slices.pop_back();
        }
        end = slices.empty() ? 0 : std::min(end, t);
    }
};

struct RandomTrack {
    Track track;
    PlainTrack plain;
    std::mt19937_64 random;

    explicit RandomTrack(std::uint64_t seed)
        : random(seed)
    {
    }
    Nanos upTo(Nanos most) { return std::uniform_int_distribution<Nanos>(0, most)(random); }

    void appendSome(int count, Nanos longest)
    {
        Nanos t = plain.slices.empty() ? upTo(1000) : plain.slices.back().first;
        for (int i = 0; i < count; ++i) {
            // Often a gap of no length, often a value as before.
            t += upTo(9) == 0 ? 0 : upTo(longest);
            const auto category = static_cast<std::uint32_t>(upTo(15));
            const SliceValue value = valueOf(category, static_cast<std::uint32_t>(upTo(2)), Cause::SwitchedIn);
            track.append(t, value);
            plain.append(t, value);
        }
    }
    void extend()
    {
        if (!plain.slices.empty()) {
            plain.end += upTo(50);
            track.extendTo(plain.end);
        }
    }
    void expectEqual()
    {
        ASSERT_EQ(track.size(), plain.slices.size());
        ASSERT_EQ(track.end(), plain.end);
        for (std::size_t i = 0; i < plain.slices.size(); ++i) {
            const Slice slice = track.slice(i);
            ASSERT_EQ(slice.begin, plain.slices[i].first) << i;
            ASSERT_EQ(slice.end, plain.endOf(i)) << i;
            ASSERT_EQ(slice.value, plain.slices[i].second) << i;
            ASSERT_EQ(slice.open, i + 1 == plain.slices.size() && !track.closed()) << i;
        }
    }
    void expectEqualLookups(int count)
    {
        const Nanos last = plain.end + 20;
        for (int i = 0; i < count; ++i) {
            Nanos from = upTo(last) - 10;
            Nanos to = upTo(last) - 10;
            ASSERT_EQ(track.indexAt(from), plain.indexAt(from)) << from;
            ASSERT_EQ(track.firstEndingAfter(to), plain.firstEndingAfter(to)) << to;
            ASSERT_EQ(track.shares({from, to}), plain.shares({from, to})) << from << ".." << to;
        }
    }
};

TEST(Track, HasNothingInItAtFirst)
{
    const Track track;
    EXPECT_TRUE(track.empty());
    EXPECT_EQ(track.indexAt(0), 0U);
    EXPECT_EQ(track.firstEndingAfter(0), 0U);
    EXPECT_EQ(track.shares({-5, 5}), Shares{});
    Track::Cursor cursor(track);
    EXPECT_EQ(cursor.advance(-5, 5), Shares{});
    EXPECT_EQ(cursor.firstIndex(), track.size());
}

TEST(Track, ReplacesASliceOfNoLengthAndThenMergesEqualNeighbours)
{
    Track track;
    track.append(10, valueOf(1));
    track.append(20, valueOf(2));
    track.append(20, valueOf(1, 0, Cause::Preempted));
    track.extendTo(30);
    ASSERT_EQ(track.size(), 1U);
    EXPECT_EQ(track.slice(0).begin, 10);
    EXPECT_EQ(track.slice(0).end, 30);
    EXPECT_EQ(track.slice(0).value.cause(), Cause::Unknown) << "a slice keeps the cause that it began with";
}

TEST(Track, LeavesItsLastSliceOpenUntilClosed)
{
    Track track;
    track.append(10, valueOf(1));
    track.extendTo(25);
    track.extendTo(20);
    EXPECT_EQ(track.end(), 25) << "what is known stays known";
    EXPECT_TRUE(track.slice(0).open);
    track.close();
    EXPECT_FALSE(track.slice(0).open);
}

TEST(Track, TruncatedAtAMomentForgetsWhatBeganThenAndLater)
{
    Track track;
    track.append(10, valueOf(1));
    track.append(20, valueOf(2));
    track.append(30, valueOf(3));
    track.extendTo(40);
    track.close();
    track.truncate(41);
    EXPECT_TRUE(track.closed()) << "it ends before 41";
    track.truncate(20);
    ASSERT_EQ(track.size(), 1U);
    EXPECT_EQ(track.end(), 20);
    EXPECT_TRUE(track.slice(0).open);
    track.truncate(10);
    EXPECT_TRUE(track.empty());
}

TEST(Track, GivesTheSameAnswersAsAPlainListOnRandomTimelines)
{
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE(seed);
        RandomTrack pair(seed);
        const Nanos longest = seed % 3 == 0 ? 1 : seed % 3 == 1 ? 40 : 100'000;
        for (int round = 0; round < 8; ++round) {
            pair.appendSome(static_cast<int>(pair.upTo(seed % 5 == 0 ? 3000 : 150)), longest);
            pair.extend();
            pair.expectEqual();
            pair.expectEqualLookups(60);
            if (pair.upTo(2) == 0) {
                const Nanos t = pair.upTo(pair.plain.end + 3);
                pair.track.truncate(t);
                pair.plain.truncate(t);
                pair.expectEqual();
                pair.expectEqualLookups(20);
            }
        }
    }
}

TEST(Track, SumsUpToAnyMomentOfABlockFromWhicheverOfItsEndsIsNearer)
{
    RandomTrack random(17);
    while (random.plain.slices.size() < 4 * Track::kBlock + 5) {
        random.appendSome(1, 40);
    }
    random.extend();
    const Nanos begin = random.track.begin();
    for (std::size_t i = 0; i < random.plain.slices.size(); ++i) {
        const Nanos at = random.plain.slices[i].first;
        for (const Nanos t : {at - 1, at, at + 1}) {
            ASSERT_EQ(random.track.shares({begin, t}), random.plain.shares({begin, t})) << "slice " << i;
            ASSERT_EQ(random.track.shares({t, random.plain.end}), random.plain.shares({t, random.plain.end}))
                << "slice " << i;
        }
    }
}

TEST(Track, CursorGivesTheSharesOfEveryPixelAtAnyZoom)
{
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        SCOPED_TRACE(seed);
        RandomTrack pair(seed);
        pair.appendSome(seed % 2 == 0 ? 120'000 : 700, 100);
        pair.extend();
        const Track& track = pair.track;
        for (const Nanos pixels : {1, 7, 100, 1600}) {
            for (const Nanos zoom : {1, 5, 400, 10'000}) {
                const Nanos length = (track.end() - track.begin() + 400) / zoom;
                const Nanos start = zoom == 1 ? track.begin() - 200 : track.begin() + pair.upTo(track.end());
                Track::Cursor cursor(track);
                Nanos from = start;
                for (Nanos pixel = 1; pixel <= pixels; ++pixel) {
                    const Nanos to = start + length * pixel / pixels;
                    ASSERT_EQ(cursor.advance(from, to), track.shares({from, to})) << from << ".." << to;
                    const Nanos firstMoment = std::max(from, track.begin());
                    const Nanos lastMoment = std::min(to, track.end()) - 1;
                    if (firstMoment <= lastMoment) {
                        ASSERT_EQ(cursor.firstIndex(), track.indexAt(firstMoment));
                        ASSERT_EQ(cursor.lastIndex(), track.indexAt(lastMoment));
                    } else {
                        ASSERT_EQ(cursor.firstIndex(), track.size());
                    }
                    from = to;
                }
            }
        }
    }
}

TEST(Track, CursorMaySkipAheadByAnyStep)
{
    RandomTrack pair(99);
    pair.appendSome(50'000, 60);
    const Track& track = pair.track;
    for (int round = 0; round < 20; ++round) {
        Track::Cursor cursor(track);
        Nanos at = track.begin() - 100;
        while (at < track.end() + 100) {
            const Nanos from = at + (pair.upTo(1) == 0 ? 0 : pair.upTo(3000));
            const Nanos to = from + pair.upTo(pair.upTo(3) == 0 ? 200'000 : 100);
            ASSERT_EQ(cursor.advance(from, to), track.shares({from, to})) << from << ".." << to;
            at = to + 1;
        }
    }
}

TEST(Track, KeepsWithin24BytesASlice)
{
    for (const Nanos count : {1'000, 20'000, 131'073, 300'000, 524'289, 3'000'000}) {
        Track track;
        for (Nanos i = 0; i < count; ++i) {
            track.append(i * 1000, valueOf(static_cast<std::uint32_t>(i % 2 + 1)));
        }
        ASSERT_EQ(track.size(), static_cast<std::size_t>(count));
        EXPECT_LE(track.memoryBytes(), track.size() * 24) << count;
    }
}

TEST(Track, GivesMemoryBackWhenTruncated)
{
    Track track;
    for (Nanos i = 0; i < 500'000; ++i) {
        track.append(i, valueOf(static_cast<std::uint32_t>(i % 2 + 1)));
    }
    track.truncate(10);
    EXPECT_EQ(track.size(), 10U);
    EXPECT_LT(track.memoryBytes(), 5'000'000U);
}

TEST(Track, RewritesValuesAndTheirSharesTogether)
{
    RandomTrack pair(5);
    pair.appendSome(5000, 30);
    const auto swapped = [](SliceValue v) {
        return SliceValue(v.state(), v.cause(), v.subject(), static_cast<std::uint8_t>(15 - v.category()));
    };
    pair.track.mapValues(swapped);
    for (auto& slice : pair.plain.slices) {
        slice.second = swapped(slice.second);
    }
    pair.expectEqual();
    pair.expectEqualLookups(300);
}

TEST(Track, ComesBackFromItsColumnsExactly)
{
    RandomTrack pair(7);
    pair.appendSome(10'000, 30);
    pair.extend();
    Track restored;
    std::vector<Nanos> begins(777);
    std::vector<std::uint32_t> values(777);
    for (std::size_t first = 0; first < pair.track.size();) {
        const std::size_t count = pair.track.copyColumns(first, begins, values);
        ASSERT_TRUE(restored.restore(std::span(begins).first(count), std::span(values).first(count)));
        first += count;
    }
    restored.extendTo(pair.track.end());
    std::swap(restored, pair.track);
    pair.expectEqual();
    pair.expectEqualLookups(300);
}

TEST(Track, RefusesColumnsThatDoNotAscend)
{
    const std::vector<std::uint32_t> values(3, valueOf(1).bits());
    for (const std::vector<Nanos>& begins : {std::vector<Nanos>{1, 3, 2}, {1, 1, 2}, {1, 2}}) {
        Track track;
        EXPECT_FALSE(track.restore(begins, values));
        EXPECT_TRUE(track.empty());
    }
}

} // namespace
} // namespace timeslice::track_test
