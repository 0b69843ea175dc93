#include "core/probe/gil_recognizer.h"

#include <gtest/gtest.h>
#include <vector>

namespace timeslice::probe::recognizer_test {
namespace {

using Call = GilRecognizer::Call;

struct Objects {
    char mutex = 0;
    char switchMutex = 0;
    char released = 0;
    char switched = 0;
    char other = 0;
    char another = 0;
};

bool take(GilRecognizer& recognizer, const Objects& o)
{
    EXPECT_FALSE(recognizer.step(Call::Lock, &o.mutex));
    EXPECT_FALSE(recognizer.step(Call::Lock, &o.switchMutex));
    EXPECT_FALSE(recognizer.step(Call::Signal, &o.switched));
    EXPECT_FALSE(recognizer.step(Call::Unlock, &o.switchMutex));
    return recognizer.step(Call::Unlock, &o.mutex);
}

void drop(GilRecognizer& recognizer, const Objects& o)
{
    EXPECT_FALSE(recognizer.step(Call::Lock, &o.mutex));
    EXPECT_FALSE(recognizer.step(Call::Signal, &o.released));
    EXPECT_FALSE(recognizer.step(Call::Unlock, &o.mutex));
}

void make(GilRecognizer& recognizer, const Objects& o)
{
    recognizer.mutexMade(&o.mutex);
    recognizer.mutexMade(&o.switchMutex);
    recognizer.conditionMade(&o.released);
    recognizer.conditionMade(&o.switched);
}

void expectParts(const GilRecognizer& recognizer, const Objects& o)
{
    EXPECT_EQ(recognizer.parts().mutex, &o.mutex);
    EXPECT_EQ(recognizer.parts().switchMutex, &o.switchMutex);
    EXPECT_EQ(recognizer.parts().released, &o.released);
    EXPECT_EQ(recognizer.parts().switched, &o.switched);
    EXPECT_GT(recognizer.parts().taken, 0);
    EXPECT_FALSE(recognizer.watching());
}

TEST(GilRecognizer, knows_a_gil_that_is_made_and_taken)
{
    const Objects o;
    GilRecognizer recognizer;
    EXPECT_FALSE(recognizer.watching());
    make(recognizer, o);
    EXPECT_TRUE(take(recognizer, o));
    expectParts(recognizer, o);
}

TEST(GilRecognizer, does_not_mind_in_which_order_the_parts_are_made)
{
    const Objects o;
    GilRecognizer recognizer;
    recognizer.conditionMade(&o.other); // something else before
    recognizer.conditionMade(&o.switched);
    recognizer.mutexMade(&o.switchMutex);
    recognizer.conditionMade(&o.released);
    recognizer.mutexMade(&o.mutex);
    EXPECT_TRUE(take(recognizer, o));
    expectParts(recognizer, o);
}

TEST(GilRecognizer, does_not_mind_other_locks_in_between)
{
    const Objects o;
    GilRecognizer recognizer;
    make(recognizer, o);
    recognizer.step(Call::Lock, &o.other);
    recognizer.step(Call::Lock, &o.mutex);
    recognizer.step(Call::Signal, &o.another);
    recognizer.step(Call::Lock, &o.switchMutex);
    recognizer.step(Call::Unlock, &o.other);
    recognizer.step(Call::Signal, &o.switched);
    recognizer.step(Call::Unlock, &o.switchMutex);
    EXPECT_TRUE(recognizer.step(Call::Unlock, &o.mutex));
    expectParts(recognizer, o);
}

TEST(GilRecognizer, knows_each_of_several_made_by_one_thread)
{
    GilRecognizer recognizer;
    for (int i = 0; i < 3; ++i) {
        const Objects o;
        make(recognizer, o);
        EXPECT_TRUE(take(recognizer, o));
        expectParts(recognizer, o);
    }
}

TEST(GilRecognizer, takes_no_other_use_of_two_mutexes_and_two_conditions_for_a_gil)
{
    const Objects o;
    const std::vector<std::vector<std::pair<Call, const void*>>> uses{
        {{Call::Lock, &o.mutex}, {Call::Signal, &o.released}, {Call::Unlock, &o.mutex}},
        {{Call::Lock, &o.mutex}, {Call::Unlock, &o.mutex}},
        {{Call::Lock, &o.mutex}, {Call::Wait, &o.released}},
        {{Call::Signal, &o.switched}},
        {{Call::Lock, &o.mutex}, {Call::Lock, &o.switchMutex}, {Call::Unlock, &o.switchMutex}},
        {{Call::Lock, &o.mutex}, {Call::Lock, &o.switchMutex}, {Call::Wait, &o.switched}},
        {{Call::Lock, &o.mutex}, {Call::Lock, &o.switchMutex}, {Call::Signal, &o.switched}, {Call::Unlock, &o.mutex}},
        {{Call::Lock, &o.mutex}, {Call::Lock, &o.switchMutex}, {Call::Signal, &o.switched},
            {Call::Unlock, &o.switchMutex}, {Call::Signal, &o.released}},
    };
    for (const auto& use : uses) {
        GilRecognizer recognizer;
        make(recognizer, o);
        for (const auto& [call, object] : use) {
            EXPECT_FALSE(recognizer.step(call, object));
        }
        EXPECT_FALSE(recognizer.watching());
        EXPECT_FALSE(take(recognizer, o));
    }
}

TEST(GilRecognizer, needs_two_mutexes_and_two_conditions)
{
    const Objects o;
    GilRecognizer recognizer;
    recognizer.mutexMade(&o.mutex);
    recognizer.mutexMade(&o.switchMutex);
    recognizer.conditionMade(&o.switched);
    EXPECT_FALSE(recognizer.watching());
    recognizer.mutexMade(&o.other);
    EXPECT_FALSE(recognizer.watching());
    make(recognizer, o);
    EXPECT_TRUE(recognizer.watching());
    recognizer.conditionMade(&o.other);
    EXPECT_FALSE(recognizer.watching());
}

TEST(GilRecognizer, stops_watching_a_thread_that_does_other_things)
{
    const Objects o;
    GilRecognizer recognizer;
    make(recognizer, o);
    for (int i = 0; i < 1000; ++i) {
        recognizer.step(Call::Lock, &o.other);
        recognizer.step(Call::Unlock, &o.other);
    }
    EXPECT_FALSE(recognizer.watching());
}

TEST(GilRecognizer, learns_all_parts_from_a_hand_over)
{
    const Objects o;
    GilRecognizer recognizer;
    recognizer.beginHandOver();
    drop(recognizer, o);
    EXPECT_TRUE(take(recognizer, o));
    expectParts(recognizer, o);
}

TEST(GilRecognizer, learns_from_a_hand_over_in_which_another_thread_had_a_turn)
{
    const Objects o;
    GilRecognizer recognizer;
    recognizer.beginHandOver();
    recognizer.step(Call::Lock, &o.other); // whatever comes before
    recognizer.step(Call::Unlock, &o.other);
    drop(recognizer, o);
    recognizer.step(Call::Lock, &o.switchMutex); // the forced wait
    recognizer.step(Call::Wait, &o.switched);
    recognizer.step(Call::Unlock, &o.switchMutex);
    recognizer.step(Call::Lock, &o.mutex);
    recognizer.step(Call::Wait, &o.released); // twice: the first interval runs out
    recognizer.step(Call::Wait, &o.released);
    recognizer.step(Call::Lock, &o.switchMutex);
    recognizer.step(Call::Signal, &o.switched);
    recognizer.step(Call::Unlock, &o.switchMutex);
    EXPECT_TRUE(recognizer.step(Call::Unlock, &o.mutex));
    expectParts(recognizer, o);
}

TEST(GilRecognizer, learns_nothing_from_a_hand_over_that_hands_nothing_over)
{
    const Objects o;
    GilRecognizer recognizer;
    recognizer.beginHandOver(); // a free-threaded build
    recognizer.step(Call::Lock, &o.other);
    recognizer.step(Call::Unlock, &o.other);
    recognizer.endHandOver();
    EXPECT_FALSE(recognizer.watching());
    EXPECT_FALSE(take(recognizer, o));
}

} // namespace
} // namespace timeslice::probe::recognizer_test
