#include "ui/course/exploration.h"

#include <QSignalSpy>
#include <QTest>
#include <gtest/gtest.h>

namespace timeslice::exploration_test {
namespace {

constexpr ViewRange kNear{10, 20};
constexpr ViewRange kNearer{12, 18};

TEST(Exploration, GoesBackJumpByJump)
{
    Exploration exploration;
    EXPECT_FALSE(exploration.canUndo());
    exploration.show(kNear);
    exploration.show(kNearer);
    exploration.show(kNearer); // where he is already
    exploration.show(std::nullopt);
    QSignalSpy changed(&exploration, &Exploration::rangeChanged);
    exploration.undo();
    EXPECT_EQ(exploration.range(), kNearer);
    exploration.undo();
    EXPECT_EQ(exploration.range(), kNear);
    exploration.undo();
    EXPECT_EQ(exploration.range(), std::nullopt);
    EXPECT_EQ(changed.count(), 3);
    exploration.undo();
    EXPECT_EQ(changed.count(), 3) << "there is nothing before that";
}

TEST(Exploration, KeepsWhichProcessesAreFoldedWithTheLesson)
{
    Exploration exploration;
    QSignalSpy changed(&exploration, &Exploration::foldsChanged);
    exploration.setUnfolded({0, 3}, false);
    exploration.setUnfolded({0, 3}, false);
    EXPECT_EQ(changed.count(), 1) << "it was folded already";
    exploration.setUnfolded({1, 3}, true);
    EXPECT_EQ(exploration.folds(), (Folds{{{0, 3}, false}, {{1, 3}, true}}));
    const Exploration::State kept = exploration.state();
    exploration.reset();
    EXPECT_TRUE(exploration.folds().empty());
    exploration.restore(kept);
    EXPECT_EQ(exploration.folds().size(), 2U);
    EXPECT_EQ(changed.count(), 4);
}

TEST(Exploration, FoldingShowsTheWholeAndIsKeptUntilItIsReset)
{
    Exploration exploration;
    EXPECT_TRUE(exploration.startUpFolded());
    exploration.show(kNear);
    exploration.foldStartUp(false);
    EXPECT_FALSE(exploration.startUpFolded());
    EXPECT_EQ(exploration.range(), std::nullopt);
    exploration.undo();
    EXPECT_EQ(exploration.range(), kNear);
    const Exploration::State kept = exploration.state();
    exploration.reset();
    EXPECT_TRUE(exploration.startUpFolded());
    exploration.restore(kept);
    EXPECT_FALSE(exploration.startUpFolded()) << "on return to a lesson";
}

TEST(Exploration, AMovementIsUndoneAsAWhole)
{
    Exploration exploration;
    exploration.show(kNear);
    for (int step = 0; step < 20; ++step) {
        exploration.move({10.0 + step, 20.0 + step});
    }
    exploration.show(kNearer);
    exploration.move(kNear); // begins anew after a jump
    exploration.undo();
    EXPECT_EQ(exploration.range(), kNearer);
    exploration.undo();
    EXPECT_EQ(exploration.range(), (ViewRange{29, 39}));
    exploration.undo();
    EXPECT_EQ(exploration.range(), kNear);
}

TEST(Exploration, AMovementAfterAPauseIsOneOfItsOwn)
{
    Exploration exploration;
    exploration.move(kNear);
    QTest::qWait(600); // the pause itself is what is tested; a longer one is no different
    exploration.move(kNearer);
    exploration.undo();
    EXPECT_EQ(exploration.range(), kNear);
}

TEST(Exploration, RemembersAHundredAndIsRestoredWhole)
{
    Exploration exploration;
    for (int i = 1; i <= 150; ++i) {
        exploration.show(ViewRange{0, static_cast<double>(i)});
    }
    exploration.select(SliceRef{});
    const Exploration::State kept = exploration.state();
    exploration.reset();
    EXPECT_EQ(exploration.range(), std::nullopt);
    EXPECT_FALSE(exploration.selection());
    exploration.restore(kept);
    EXPECT_TRUE(exploration.selection());
    int undone = 0;
    for (; exploration.canUndo(); ++undone) {
        exploration.undo();
    }
    EXPECT_EQ(undone, 100);
    EXPECT_EQ(exploration.range(), (ViewRange{0, 50}));
}

} // namespace
} // namespace timeslice::exploration_test
