// Processes as groups of rows: what is nested in what, what a fold hides, and what a folded row shows.
#include "ui/plot/process_groups.h"

#include "core/trace/timeline_builder.h"
#include "tests/ui/sample_runs.h"
#include "ui/plot/row_list.h"
#include "ui/plot/union_track.h"

#include <QStringList>
#include <gtest/gtest.h>

namespace timeslice::plot_process_groups_test {
namespace {

constexpr Pid kRoot = 10;
constexpr Pid kChild = 20;
constexpr Pid kGrandchild = 30;

Event at(Nanos time, Pid pid, Tid tid, EventKind kind, std::uint64_t value = 0, CpuId cpu = kNoCpu)
{
    return {time, tid, pid, kind, cpu, 0, value};
}

/// A root with one thread and a GIL; a child with two threads and a child of its own.
std::shared_ptr<VariantRecording> family()
{
    auto variant = std::make_shared<VariantRecording>();
    variant->title = "Family";
    TimelineBuilder builder(variant->timeline, {{0, 1}, kRoot, false});
    Batch batch;
    batch.names = {{kRoot, kRoot, "main", false}, {kChild, kChild, "child", false}, {21, kChild, "helper", false},
        {kGrandchild, kGrandchild, "grandchild", false}};
    batch.objects = {{5, ObjectKind::Gil, kRoot, "GIL"}, {6, ObjectKind::Gil, kChild, "GIL"}};
    batch.events = {at(0, kRoot, kRoot, EventKind::SwitchIn, 0, 0),
        at(10, kChild, kChild, EventKind::ThreadBorn, kRoot), at(10, kChild, kChild, EventKind::SwitchIn, 0, 1),
        at(15, kChild, 21, EventKind::ThreadBorn, kChild), at(20, kChild, kChild, EventKind::SwitchOut, 0, 1),
        at(20, kChild, 21, EventKind::SwitchIn, 0, 1), at(30, kChild, 21, EventKind::SwitchOut, 0, 1),
        at(40, kGrandchild, kGrandchild, EventKind::ThreadBorn, kChild),
        at(40, kGrandchild, kGrandchild, EventKind::SwitchIn, 0, 1),
        at(60, kGrandchild, kGrandchild, EventKind::ThreadExit, 0, 1)};
    batch.events[0].object = 0;
    batch.events.push_back({70, kRoot, kRoot, EventKind::LockAcquire, kNoCpu, 5, 0});
    batch.events.push_back({70, kChild, kChild, EventKind::LockAcquire, kNoCpu, 6, 0});
    batch.memory = {{50, kRoot, 3 << 20, 2 << 20, 1 << 20}};
    builder.append(batch);
    builder.finish(100);
    return variant;
}

QStringList rowsOf(const std::shared_ptr<VariantRecording>& recording, const RowOptions& options)
{
    VariantPicture picture;
    picture.phase = VariantPicture::Phase::Ended;
    picture.recording = recording;
    QStringList rows;
    for (const RowContent& row : describeRows(std::span(&picture, 1), options)) {
        if (row.inTree) {
            const char* fold = row.fold == Fold::None ? "" : row.fold == Fold::Folded ? "+" : "-";
            rows << QString(row.depth, ' ') + QLatin1String(fold) + row.label;
        }
    }
    return rows;
}

RowOptions grouped(const Folds& folds = {})
{
    RowOptions options;
    options.groups = true;
    options.memory = false;
    options.folds = folds;
    return options;
}

TEST(ProcessGroups, NestByParentAndAreUnfoldedWhereTheyHaveChildren)
{
    EXPECT_EQ(rowsOf(family(), grouped()),
        (QStringList{"-main", " GIL", " -child (process)", "  child", "  helper", "  GIL", "  grandchild"}));
}

TEST(ProcessGroups, HideAllThatIsInsideAFoldedOneAndShowItsRunningInItsRow)
{
    const auto recording = family();
    const std::uint32_t child = recording->timeline.threadIndex(kChild).value();
    EXPECT_EQ(rowsOf(recording, grouped({{{0, child}, false}})), (QStringList{"-main", " GIL", " +child"}));
    EXPECT_EQ(rowsOf(recording, grouped({{{0, 0}, false}})), QStringList{"+main"});
    const std::vector<ProcessLife> lives = processLives(recording->timeline);
    const auto groups = processGroups(recording->timeline, lives, {0, 1, 2, 3}, {}, 0, {{{0, child}, false}});
    ASSERT_EQ(groups.size(), 2U);
    EXPECT_EQ(groups[1].threads, (std::vector<std::uint32_t>{1, 2, 3})) << "the grandchild is inside";
}

TEST(ProcessGroups, AreKeptByVariant)
{
    EXPECT_EQ(rowsOf(family(), grouped({{{1, 0}, false}})).size(), 7) << "it is another variant's";
}

TEST(ProcessGroups, LeaveOutAProcessWithoutAThreadThatIsShownAndItsChildrenTakeItsPlace)
{
    const auto recording = family();
    const std::vector<ProcessLife> lives = processLives(recording->timeline);
    const auto groups = processGroups(recording->timeline, lives, {0, 3}, {}, 0, {});
    ASSERT_EQ(groups.size(), 2U);
    EXPECT_EQ(groups[1].depth, 1);
    EXPECT_EQ(lives[groups[1].life].pid, kGrandchild);
    EXPECT_EQ(groups[1].fold, Fold::None) << "there is nothing in it but its thread";
}

TEST(ProcessGroups, AreNotThereWhereNobodyAsks)
{
    RowOptions options;
    options.memory = false;
    EXPECT_TRUE(rowsOf(family(), options).isEmpty());
}

TEST(ProcessGroups, HaveTheMemoryBelowEachProcessWhereItIsRecorded)
{
    RowOptions options;
    EXPECT_EQ(rowsOf(family(), options).mid(0, 3), (QStringList{"-main", " memory", " GIL"}));
}

TEST(UnionTrack, RunsWhileAnyThreadRuns)
{
    const auto recording = family();
    const std::vector<std::uint32_t> threads{1, 2};
    const Track joint = unionTrack(recording->timeline, threads, {0, 100}, 1);
    const auto stateAt = [&](Nanos t) { return joint.value(joint.indexAt(t)).state(); };
    EXPECT_EQ(joint.begin(), 10);
    EXPECT_EQ(joint.end(), 100);
    EXPECT_EQ(stateAt(19), SliceState::Running);
    EXPECT_EQ(stateAt(29), SliceState::Running) << "the other one";
    EXPECT_EQ(stateAt(30), SliceState::Blocked);
    EXPECT_EQ(joint.shares({0, 100})[static_cast<std::size_t>(SliceState::Running)], 20);
}

TEST(UnionTrack, OfManySlicesIsWhatIsSoAtEachStep)
{
    Timeline timeline;
    const Nanos period = 10;
    const auto count = static_cast<Nanos>(kMostUnionSlices);
    for (int i = 0; i < 2; ++i) {
        ThreadInfo& thread = timeline.threads.emplace_back();
        for (Nanos n = 0; n < count; ++n) { // the two take turns: together they run all the time
            const auto state = (n + i) % 2 == 0 ? SliceState::Running : SliceState::Blocked;
            thread.track.append(n * period, SliceValue(state, Cause::Unknown, 0, static_cast<std::uint8_t>(state)));
        }
        thread.track.extendTo(count * period);
        thread.track.close();
    }
    const std::vector<std::uint32_t> both{0, 1};
    const Track joint = unionTrack(timeline, both, {0, count * period}, 1000);
    ASSERT_EQ(joint.size(), 1U);
    EXPECT_EQ(joint.value(0).state(), SliceState::Running);
    EXPECT_EQ(joint.end(), count * period);
}

} // namespace
} // namespace timeslice::plot_process_groups_test
