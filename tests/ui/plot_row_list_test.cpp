#include "tests/ui/sample_runs.h"
#include "ui/plot/row_list.h"
#include "ui/result/picture_of.h"

#include <QStringList>
#include <algorithm>
#include <gtest/gtest.h>

namespace timeslice::plot_row_list_test {
namespace {

/// `threads` threads that take one GIL in turn, a millisecond each, and `locks` more locks that the first one holds.
std::unique_ptr<RunModel> crowd(int threads, int locks = 0)
{
    samples::VariantMaker maker("Crowd", "", 2);
    const std::uint32_t gil = maker.lock("GIL", ObjectKind::Gil);
    for (int i = 0; i < threads; ++i) {
        const std::uint32_t me =
            maker.thread("Thread " + std::to_string(i + 1), static_cast<std::uint8_t>(i % kColorSlots + 1));
        maker.run(me, i * kMillisecond, 0, (i + 1) * kMillisecond);
        maker.hold(gil, i * kMillisecond, me);
        maker.exit(me, (i + 1) * kMillisecond);
    }
    for (int i = 0; i < locks; ++i) {
        maker.hold(maker.lock("Lock " + std::to_string(i + 1), ObjectKind::Mutex), 0, 0);
    }
    return samples::modelWith("", maker.finish(threads * kMillisecond));
}

std::vector<RowKind> kindsOf(const std::vector<RowContent>& rows)
{
    std::vector<RowKind> kinds; // each stretch once
    for (const RowContent& row : rows) {
        if (kinds.empty() || kinds.back() != row.kind) {
            kinds.push_back(row.kind);
        }
    }
    return kinds;
}

QStringList labelsOf(const std::vector<RowContent>& rows, RowKind kind)
{
    QStringList labels;
    for (const RowContent& row : rows) {
        if (row.kind == kind) {
            labels << row.label;
        }
    }
    return labels;
}

TEST(RowList, underFewThreadsStandsTheGilAndUnderManyItWouldBeOutOfSight)
{
    const std::vector<RowKind> few{RowKind::Heading, RowKind::Core, RowKind::Thread, RowKind::Lock, RowKind::Cpu};
    const std::vector<RowKind> many{RowKind::Heading, RowKind::Core, RowKind::Lock, RowKind::Cpu, RowKind::Thread};
    EXPECT_EQ(kindsOf(describeRows(pictureOf(*crowd(kManyThreads)).variants, {})), few);
    EXPECT_EQ(kindsOf(describeRows(pictureOf(*crowd(kManyThreads + 1)).variants, {})), many);
    RowOptions options;
    options.maxOfAKind = 4; // it is the rows that count, not the threads
    const std::vector<RowKind> said{
        RowKind::Heading, RowKind::Core, RowKind::Thread, RowKind::Omitted, RowKind::Lock, RowKind::Cpu};
    EXPECT_EQ(kindsOf(describeRows(pictureOf(*crowd(30)).variants, options)), said);
}

TEST(RowList, whatHasNoRowIsSaidInItsPlaceAndWhoIsShown)
{
    const auto notes = [](const RunModel& model, std::size_t most) {
        RowOptions options;
        options.maxOfAKind = most;
        QStringList said;
        for (const RowContent& row : describeRows(pictureOf(model).variants, options)) {
            if (row.kind == RowKind::Omitted) {
                said << row.note;
            }
        }
        return said;
    };
    const auto model = crowd(6, 2); // and one GIL
    EXPECT_EQ(notes(*model, SIZE_MAX), QStringList());
    EXPECT_EQ(notes(*model, 6), QStringList());
    EXPECT_EQ(notes(*model, 5), QStringList()) << "of one alone a row is as low as the line that would speak of it";
    EXPECT_EQ(notes(*model, 4), QStringList({"2 more threads not shown; these 4 are the busiest"}));
    EXPECT_EQ(notes(*model, 1),
        QStringList({"5 more threads not shown; this is the busiest", "2 more locks not shown; this is the busiest"}));
}

TEST(RowList, leavesOutKindByKindWhatProvesNothingAndNeverWhatDoes)
{
    const std::vector<RowOptions> choices = withFewerKinds({}, {Evidence::Threads, Evidence::Locks});
    ASSERT_GE(choices.size(), 3U);
    for (const RowOptions& options : choices) {
        EXPECT_TRUE(options.threads && options.locks);
    }
    EXPECT_TRUE(choices.front().cpu && choices.front().cores);
    EXPECT_FALSE(choices.back().cpu || choices.back().cores || choices.back().counters);
    EXPECT_EQ(withFewerKinds({}, {}).size(), 2U) << "where all matter alike, only the CPU row goes";
    const auto model = crowd(2);
    const std::vector<RowKind> left{RowKind::Heading, RowKind::Thread, RowKind::Lock};
    EXPECT_EQ(kindsOf(describeRows(pictureOf(*model).variants, choices.back())), left);
    RowOptions other;
    other.onlyVariant = 1;
    EXPECT_EQ(kindsOf(describeRows(pictureOf(*model).variants, other)), std::vector<RowKind>{RowKind::Heading})
        << "the others have their heading";
}

TEST(RowList, aCrowdOfLocksStaysBelowTheThreadsButTheGilDoesNot)
{
    const auto model = crowd(30, 12);
    const std::vector<RowContent> rows = describeRows(pictureOf(*model).variants, {});
    const std::vector<RowKind> expected{
        RowKind::Heading, RowKind::Core, RowKind::Lock, RowKind::Cpu, RowKind::Thread, RowKind::Lock};
    EXPECT_EQ(kindsOf(rows), expected);
    const QStringList locks = labelsOf(rows, RowKind::Lock);
    EXPECT_EQ(locks.size(), 13);
    EXPECT_EQ(locks.front(), "GIL");
    EXPECT_EQ(rows[3].label, "GIL");
}

TEST(RowList, everyTrackHasItsRowWhateverTheOrder)
{
    for (const int threads : {1, 8, 9, 200}) {
        const auto model = crowd(threads, 20);
        const std::vector<RowContent> rows = describeRows(pictureOf(*model).variants, {});
        EXPECT_EQ(labelsOf(rows, RowKind::Thread).size(), threads);
        EXPECT_EQ(labelsOf(rows, RowKind::Lock).size(), 21);
        EXPECT_EQ(labelsOf(rows, RowKind::Core).size(), 2);
        EXPECT_EQ(labelsOf(rows, RowKind::Cpu).size(), 1);
    }
}

TEST(RowList, ofTooManyThreadsThoseOfTheSectionAreShown)
{
    const auto model = crowd(30);
    const Timeline& timeline = model->variants()[0].recording->timeline;
    RowOptions options;
    options.maxOfAKind = 3;
    options.section = TimeRange{20 * kMillisecond, 23 * kMillisecond};
    EXPECT_EQ(shownThreads(timeline, options), (std::vector<std::size_t>{20, 21, 22}));
    options.section = TimeRange{4 * kMillisecond + kMillisecond / 2, 7 * kMillisecond};
    EXPECT_EQ(shownThreads(timeline, options), (std::vector<std::size_t>{4, 5, 6}));
}

TEST(RowList, whoLivesInASectionComesBeforeWhoIsGone)
{
    samples::VariantMaker maker("Sleepers", "", 1);
    for (int i = 0; i < 6; ++i) {
        const std::uint32_t me = maker.thread("Sleeper " + std::to_string(i), 1);
        maker.run(me, i * kMillisecond, 0, (i + 1) * kMillisecond);
        maker.state(me, (i + 1) * kMillisecond, SliceState::Blocked);
        if (i % 2 == 0) {
            maker.exit(me, 10 * kMillisecond);
        }
    }
    const auto model = samples::modelWith("", maker.finish(30 * kMillisecond));
    RowOptions options;
    options.maxOfAKind = 3;
    options.section = TimeRange{20 * kMillisecond, 30 * kMillisecond}; // where nobody runs
    EXPECT_EQ(shownThreads(model->variants()[0].recording->timeline, options), (std::vector<std::size_t>{1, 3, 5}));
}

TEST(RowList, ofTooManyLocksTheGilIsShownAndThoseHeldInTheSection)
{
    samples::VariantMaker maker("Locks", "", 1);
    const std::uint32_t me = maker.thread("Thread 1", 1);
    maker.run(me, 0, 0, 100 * kMillisecond);
    for (int i = 0; i < 10; ++i) {
        const std::uint32_t lock = maker.lock("L" + std::to_string(i), ObjectKind::Mutex);
        maker.hold(lock, i * 10 * kMillisecond, me);
        maker.free(lock, (i + 1) * 10 * kMillisecond);
    }
    const std::uint32_t gil = maker.lock("GIL", ObjectKind::Gil);
    maker.hold(gil, 50 * kMillisecond, me);
    maker.free(gil, 51 * kMillisecond);
    const auto model = samples::modelWith("", maker.finish(100 * kMillisecond));
    const Timeline& timeline = model->variants()[0].recording->timeline;
    RowOptions options;
    options.maxOfAKind = 3;
    options.section = TimeRange{45 * kMillisecond, 62 * kMillisecond}; // L4 5 ms, L5 10, L6 2, the GIL 1
    EXPECT_EQ(shownLocks(timeline, options), (std::vector<std::size_t>{4, 5, 10}));
    options.section = TimeRange{0, 30 * kMillisecond}; // nobody holds the GIL here
    EXPECT_EQ(shownLocks(timeline, options), (std::vector<std::size_t>{0, 1, 2}));
    options.maxOfAKind = SIZE_MAX;
    EXPECT_EQ(shownLocks(timeline, options).size(), 11U);
}

/// "A" to "F" run as long as `millis` says, one after another.
std::unique_ptr<VariantRecording> busyFor(const std::vector<int>& millis)
{
    samples::VariantMaker maker("Variant", "", 1);
    Nanos at = 0;
    for (std::size_t i = 0; i < millis.size(); ++i) {
        const std::uint32_t me = maker.thread(std::string(1, static_cast<char>('A' + i)), 1);
        maker.run(me, at, 0, at + millis[i] * kMillisecond);
        at += millis[i] * kMillisecond;
        maker.state(me, at, SliceState::Blocked);
    }
    return maker.finish(100 * kMillisecond);
}

TEST(RowList, ofTooManyThreadsTheSameAreShownInEachVariantAndThoseThatAreNamedFirst)
{
    const auto model = samples::modelWith("", busyFor({40, 1, 30, 2, 3, 5}), busyFor({1, 35, 30, 2, 3, 5}));
    RowOptions options;
    options.maxOfAKind = 3;
    const auto shown = [&] {
        std::vector<QStringList> names(2);
        for (const RowContent& row : describeRows(pictureOf(*model).variants, options)) {
            if (row.kind == RowKind::Thread) {
                names[row.variant] << row.label;
            }
        }
        return names;
    };
    EXPECT_EQ(shown(), std::vector<QStringList>(2, {"A", "B", "C"}));
    options.named = {"F"};
    EXPECT_EQ(shown(), std::vector<QStringList>(2, {"A", "C", "F"}));
}

TEST(RowList, whoWaitsForALockMattersAsMuchAsWhoRuns)
{
    samples::VariantMaker maker("Convoy", "", 1);
    std::vector<std::uint32_t> threads;
    for (int i = 0; i < 4; ++i) {
        threads.push_back(maker.thread("Thread " + std::to_string(i), 1));
        maker.run(threads.back(), i * 10 * kMillisecond, 0, (i + 1) * 10 * kMillisecond);
        maker.state(
            threads.back(), (i + 1) * 10 * kMillisecond, i == 0 ? SliceState::WaitingForLock : SliceState::Blocked);
    }
    maker.run(threads[1], 50 * kMillisecond, 0, 60 * kMillisecond);
    const auto model = samples::modelWith("", maker.finish(100 * kMillisecond));
    RowOptions options;
    options.maxOfAKind = 1;
    EXPECT_EQ(shownThreads(model->variants()[0].recording->timeline, options), (std::vector<std::size_t>{0}));
}

TEST(RowList, saysOfProcessesThatTheyAreNotShownAndOfThreadsElse)
{
    EXPECT_EQ(omittedText(2, "process", 0), "2 more processes not shown");
    EXPECT_EQ(omittedText(1, "thread", 0), "1 more thread not shown");
    samples::VariantMaker maker("Children", "", 1);
    for (int i = 0; i < 5; ++i) {
        const std::uint32_t me = maker.thread("Child " + std::to_string(i), 1);
        maker.timeline().threads[me].pid = 1000 + i;
        maker.run(me, i * kMillisecond, 0, (i + 1) * kMillisecond);
        maker.exit(me, (i + 1) * kMillisecond);
    }
    const auto model = samples::modelWith("", maker.finish(10 * kMillisecond));
    RowOptions options;
    options.maxOfAKind = 2;
    const std::vector<RowContent> rows = describeRows(pictureOf(*model).variants, options);
    const auto said =
        std::find_if(rows.begin(), rows.end(), [](const RowContent& row) { return row.kind == RowKind::Omitted; });
    ASSERT_NE(said, rows.end());
    EXPECT_TRUE(said->note.startsWith("3 more processes not shown")) << said->note.toStdString();
}

TEST(RowList, saysBothWhereThreadsOfAProcessAndWholeProcessesAreNotShown)
{
    samples::VariantMaker maker("A pool", "", 1);
    for (int i = 0; i < 5; ++i) {
        const std::uint32_t me = maker.thread("Row " + std::to_string(i), 1);
        maker.timeline().threads[me].pid = i < 3 ? 1000 : 1000 + i; // three threads of one process, two processes
        maker.run(me, i * kMillisecond, 0, (i + 1) * kMillisecond);
        maker.exit(me, (i + 1) * kMillisecond);
    }
    const auto model = samples::modelWith("", maker.finish(10 * kMillisecond));
    RowOptions options;
    options.maxOfAKind = 1;
    const std::vector<RowContent> rows = describeRows(pictureOf(*model).variants, options);
    const auto said =
        std::find_if(rows.begin(), rows.end(), [](const RowContent& row) { return row.kind == RowKind::Omitted; });
    ASSERT_NE(said, rows.end());
    EXPECT_TRUE(said->note.startsWith("4 more threads and processes not shown")) << said->note.toStdString();
}

TEST(RowList, ofTooManyThreadsThoseComeFirstOfWhomIsTold)
{
    samples::VariantMaker maker("Race", "", 1);
    std::vector<std::uint32_t> threads;
    for (int i = 0; i < 4; ++i) {
        threads.push_back(maker.thread("Thread " + std::to_string(i + 1), static_cast<std::uint8_t>(i + 1)));
        maker.run(threads.back(), i * 20 * kMillisecond, 0, (i * 20 + 20 - 4 * i) * kMillisecond); // the last least
        maker.exit(threads.back(), (i * 20 + 20 - 4 * i) * kMillisecond);
    }
    const auto recording = std::shared_ptr<VariantRecording>(maker.finish(100 * kMillisecond));
    VariantPicture variant;
    variant.phase = VariantPicture::Phase::Ended;
    variant.recording = recording;
    LostUpdate loss;
    loss.overwritten.thread = threads[3];
    loss.overwrite.thread = threads[2];
    variant.loss = loss;
    RowOptions options;
    options.maxOfAKind = 2;
    std::vector<std::size_t> shown;
    for (const RowContent& row : describeRows(std::span(&variant, 1), options)) {
        if (row.kind == RowKind::Thread) {
            shown.push_back(row.track);
        }
    }
    EXPECT_EQ(shown, (std::vector<std::size_t>{threads[2], threads[3]}));
}

TEST(RowList, ofTooManyCountersThoseAreShownThatAreTouchedMostInTheSection)
{
    samples::VariantMaker maker("Counters", "", 1);
    const std::uint32_t me = maker.thread("Thread 1", 1);
    maker.run(me, 0, 0, 100 * kMillisecond);
    for (int i = 0; i < 5; ++i) {
        CounterInfo& counter = maker.timeline().counters.emplace_back();
        counter.name = "c" + std::to_string(i);
        for (int k = 0; k <= i; ++k) { // the last is touched most, but early
            const Nanos at = i == 4 ? k : 50 * kMillisecond + k;
            counter.accesses.push_back({samples::kStart + at, k, me, true});
        }
    }
    maker.timeline().counters.emplace_back().name = "untouched";
    const auto model = samples::modelWith("", maker.finish(100 * kMillisecond));
    const Timeline& timeline = model->variants()[0].recording->timeline;
    RowOptions options;
    EXPECT_EQ(shownCounters(timeline, options).size(), 5U);
    options.maxOfAKind = 2;
    EXPECT_EQ(shownCounters(timeline, options), (std::vector<std::size_t>{3, 4}));
    options.section = TimeRange{40 * kMillisecond, 60 * kMillisecond};
    EXPECT_EQ(shownCounters(timeline, options), (std::vector<std::size_t>{2, 3}));
}

} // namespace
} // namespace timeslice::plot_row_list_test
