// A lesson that stands in a deadlock: told at once, and ended by itself or when somebody says so.
#include "tests/core/session/run_support.h"

#include <utility>

namespace timeslice::deadlock_test {
namespace {

constexpr const char* kCrossed = R"({
    "resources": {"A": {"type": "mutex"}, "B": {"type": "mutex"}, "both": {"type": "barrier"}},
    "tasks": {"Left": {"do": [{"lock": "A"}, {"barrier": "both"}, {"lock": "B"}, {"unlock": "B"}, {"unlock": "A"}]},
              "Right": {"do": [{"lock": "B"}, {"barrier": "both"}, {"lock": "A"}, {"unlock": "A"}, {"unlock": "B"}]}}})";
constexpr const char* kShort = R"({"tasks": {"Only": {"do": [{"sleep": "1ms"}]}}})";
constexpr const char* kCycle = "Left holds A and waits for B; Right holds B and waits for A";

RunOptions standing()
{
    RunOptions options;
    options.atDeadlock = RunOptions::AtDeadlock::Stand;
    return options;
}

class DeadlockTest : public testing::Test {
protected:
    void TearDown() override { EXPECT_THAT(descendants(getpid()), testing::IsEmpty()); }
};

TEST_F(DeadlockTest, StandsLongerThanItsTimeLimitUntilItIsEndedAndTheRunGoesOn)
{
    Limits limits;
    limits.time = 300 * kMillisecond;
    std::string told;
    bool ended = false;
    const FollowedRun run = runToEnd(scenarioOf({variantOf("crossed", kCrossed), variantOf("after", kShort)}, limits),
        standing(), [&](ScenarioRun& live, const FollowedRun& soFar) {
            const VariantModel& variant = soFar.variant();
            if (variant.standing.empty() || ended) {
                return;
            }
            told = variant.standing;
            const Timeline& timeline = variant.recording->timeline;
            if (timeline.workBegin && timeline.end - *timeline.workBegin > 3 * limits.time) {
                ended = true;
                live.endDeadlock();
            }
        });
    EXPECT_TRUE(ended);
    EXPECT_EQ(told, kCycle);
    EXPECT_EQ(run.exit(0).kind, Exit::Kind::Deadlocked) << run.exit(0).text;
    EXPECT_EQ(run.exit(0).text, std::string("deadlock: ") + kCycle);
    ASSERT_TRUE(run.variant(0).deadlock);
    EXPECT_EQ(run.variant(0).deadlock->edges.size(), 2U);
    EXPECT_TRUE(run.variant(0).standing.empty()) << "it is over";
    EXPECT_TRUE(run.exit(1).ok()) << "what comes after it runs";
    EXPECT_FALSE(run.model->stopped());
}

TEST_F(DeadlockTest, ThatMayStandIsOverWhenTheRunIsStopped)
{
    const FollowedRun run = runToEnd(scenarioOf(kCrossed), standing(), [](ScenarioRun& live, const FollowedRun& soFar) {
        if (!soFar.variant().standing.empty()) {
            live.stop();
        }
    });
    EXPECT_EQ(run.exit().kind, Exit::Kind::StoppedByUser);
    EXPECT_TRUE(run.model->stopped());
    EXPECT_TRUE(run.variant().deadlock) << "it is told all the same";
}

TEST_F(DeadlockTest, AWordToEndItThatComesTooEarlyEndsNone)
{
    bool early = false;
    bool stood = false;
    const FollowedRun run =
        runToEnd(scenarioOf(kCrossed), standing(), [&](ScenarioRun& live, const FollowedRun& soFar) {
            if (!std::exchange(early, true)) {
                live.endDeadlock();
            }
            const Timeline& timeline = soFar.timeline();
            if (!soFar.variant().standing.empty() && timeline.end - timeline.begin > kSecond) {
                stood = true;
                live.endDeadlock();
            }
        });
    EXPECT_TRUE(stood);
    EXPECT_EQ(run.exit().kind, Exit::Kind::Deadlocked);
}

TEST_F(DeadlockTest, IsToldBeforeItIsEndedWhereNobodyIsAsked)
{
    Result<std::unique_ptr<ScenarioRun>> run = ScenarioRun::start(scenarioOf(kCrossed), RunOptions());
    ASSERT_TRUE(run) << run.error().message;
    std::vector<std::string> story;
    const Nanos deadline = monotonicNow() + kPatience;
    for (bool over = false; !over && monotonicNow() < deadline;) {
        pollfd ready{(*run)->updateFd(), POLLIN, 0};
        ::poll(&ready, 1, 100);
        for (const RunUpdate& update : (*run)->poll()) {
            if (const auto* deadlock = std::get_if<VariantDeadlocked>(&update)) {
                EXPECT_FALSE(deadlock->stands);
                story.push_back(deadlock->cycle);
            } else if (const auto* end = std::get_if<VariantEnded>(&update)) {
                story.push_back(end->facts.exit.text);
            }
            over = over || std::holds_alternative<RunEnded>(update);
        }
    }
    EXPECT_EQ(story, (std::vector<std::string>{kCycle, std::string("deadlock: ") + kCycle}));
}

TEST_F(DeadlockTest, OfASeriesIsEndedByItself)
{
    Scenario scenario = scenarioOf(kCrossed);
    scenario.series.emplace().repeat = 2;
    const FollowedRun run = runToEnd(scenario, standing());
    EXPECT_EQ(run.exit().kind, Exit::Kind::Deadlocked);
    EXPECT_FALSE(run.model->stopped());
}

} // namespace
} // namespace timeslice::deadlock_test
