#include "core/analysis/metric.h"
#include "core/analysis/report.h"

#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace timeslice::verdict_test {
namespace {

using testing::HasSubstr;

/// A claim about how much longer "one" takes than "two", and a run in which it took 1.98 times as long.
struct Court {
    Scenario scenario;
    RunReport report;

    Court()
    {
        scenario.variants.resize(2);
        scenario.variants[0].id = "one";
        scenario.variants[0].title = "One core";
        scenario.variants[1].id = "two";
        scenario.variants[1].title = "Two cores";
        scenario.predictions = {{"same", "the same", 0.5, 1.5}, {"double", "twice", 1.5, 2.5}};
        VerdictSpec& spec = scenario.verdict;
        spec.claim = "same-time";
        spec.text = "It takes twice as long.";
        spec.metric = {Metric::Kind::Number, {"one", "/wall_s"}, MetricTerm{"two", "/wall_s"}};
        spec.low = 1.65;
        spec.high = 2.35;
        spec.format = "{:.2f}×";
        spec.caption = "as long";
        spec.holds = {{{"So it is.", {}}, {}}};
        spec.fails = {{{"It is not.", {}}, {}}};
        spec.needsCores = 2;
        spec.maxStolen = 0.1;
        spec.maxForeign = 0.25;
        report.machine.cores = 2;
        report.variants.resize(2);
        report.variants[0].id = "one";
        report.variants[0].name = "One core";
        report.variants[0].wall = 198 * kMillisecond;
        report.variants[1].id = "two";
        report.variants[1].name = "Two cores";
        report.variants[1].wall = 100 * kMillisecond;
    }
    Verdict verdict() const { return judge(scenario, report); }
};

TEST(Judge, HoldsWithinTheBand)
{
    const Verdict verdict = Court().verdict();
    EXPECT_EQ(verdict.holds, true);
    EXPECT_NEAR(verdict.measured.value(), 1.98, 1e-9);
    EXPECT_EQ(verdict.headline, "1.98×");
    EXPECT_EQ(verdict.why, "So it is.");
    EXPECT_EQ(verdict.metric, "one/wall_s : two/wall_s");
}

TEST(Judge, SaysOfHowManyRunsItSpeaksWhereASeriesWasStopped)
{
    Court court;
    SeriesReport& series = court.report.series.emplace();
    series.planned = 4;
    for (const VariantReport& run : court.report.variants) {
        series.points.push_back({0, 0, true, run});
    }
    EXPECT_EQ(court.verdict().why, "So it is.") << "it goes on";
    court.report.stopped = true;
    EXPECT_EQ(court.verdict().why, "Stopped: all of this is about 2 of 4 runs. So it is.");
    series.planned = 2;
    EXPECT_EQ(court.verdict().why, "So it is.");
}

TEST(Judge, SaysAComparisonInLargeTypeWhereTheScenarioHasOne)
{
    Court court;
    court.scenario.verdict.headline =
        MeasuredText{"%1 → %2 ms", {{{"two", "/wall_s"}, {}, 1000, "{:d}"}, {{"one", "/wall_s"}, {}, 1000, "{:d}"}}};
    Verdict verdict = court.verdict();
    EXPECT_EQ(verdict.headline, "100 → 198 ms");
    EXPECT_EQ(verdict.number, "1.98×") << "what was predicted is still the number";
    court.scenario.verdict.headline->numbers[0].term.pointer = "/latency_ms/p50";
    verdict = court.verdict();
    EXPECT_EQ(verdict.headline, "–") << "one of its numbers is missing";
    EXPECT_EQ(verdict.caption, "to compare, “Two cores” is missing");
    EXPECT_EQ(verdict.number, "1.98×");
}

TEST(Judge, SaysTheFirstTextWhoseConditionIsMet)
{
    Court court;
    const Metric ratio{Metric::Kind::Number, {"one", "/wall_s"}, MetricTerm{"two", "/wall_s"}};
    court.scenario.verdict.holds = {
        {{"Less than twice.", {}}, Explanation::Condition{.metric = ratio, .high = 2}}, {{"Twice or more.", {}}, {}}};
    EXPECT_EQ(court.verdict().why, "Less than twice.");
    court.report.variants[0].wall = 200 * kMillisecond;
    EXPECT_EQ(court.verdict().why, "Less than twice.") << "the end is within";
    court.report.variants[0].wall = 201 * kMillisecond;
    EXPECT_EQ(court.verdict().why, "Twice or more.");
    court.scenario.verdict.holds[0].when->metric.term.pointer = "/latency_ms/p50";
    court.report.variants[0].wall = 198 * kMillisecond;
    EXPECT_EQ(court.verdict().why, "Twice or more.") << "what was not reported meets no condition";
}

TEST(Judge, PutsMeasuredNumbersIntoWhatItSays)
{
    Court court;
    const MetricTerm one{"one", "/wall_s"};
    court.scenario.verdict.holds = {{{"%1× as long: %2 ms, %3 late.",
                                         {{one, MetricTerm{"two", "/wall_s"}, 1, "{:.1f}"}, {one, {}, 1000, "{:d}"},
                                             {{"one", "/latency_ms/p50"}, {}, 1, "{:d}"}}},
        {}}};
    EXPECT_EQ(court.verdict().why, "2.0× as long: 198 ms, – late.");
}

TEST(Judge, FailsOutsideTheBand)
{
    Court court;
    court.report.variants[0].wall = 120 * kMillisecond;
    EXPECT_EQ(court.verdict().holds, false);
    EXPECT_EQ(court.verdict().why, "It is not.");
}

TEST(Judge, CountsTheEndsOfTheBandAsInside)
{
    Court court;
    court.report.variants[0].wall = 235 * kMillisecond;
    court.scenario.verdict.high = 2.35;
    EXPECT_EQ(court.verdict().holds, true);
}

TEST(Judge, SeesNothingOnTooFewCoresButStillTellsTheNumber)
{
    Court court;
    court.report.machine.cores = 1;
    const Verdict verdict = court.verdict();
    EXPECT_FALSE(verdict.holds.has_value());
    EXPECT_EQ(verdict.headline, "1.98×");
    EXPECT_EQ(
        verdict.why, "Not visible on this machine, because this program may use 1 core here, and the effect needs 2.");
}

TEST(Judge, SeesNothingWhileTheHostStealsEvenIfTheNumberFits)
{
    Court court;
    court.report.variants[1].stolenShare = 0.23;
    const Verdict verdict = court.verdict();
    EXPECT_FALSE(verdict.holds.has_value());
    EXPECT_THAT(verdict.why, HasSubstr("took away 23\u00a0% of the cores' time during “Two cores”"));
}

TEST(Judge, SeesNothingWhileOtherProgramsAreBusy)
{
    Court court;
    court.report.variants[0].foreignShare = 0.5;
    EXPECT_FALSE(court.verdict().holds.has_value());
    EXPECT_THAT(court.verdict().why, HasSubstr("other programs had 50\u00a0%"));
}

TEST(Judge, CallsARunDisturbedWhereAnotherTryCanHelpAndNamesWhoTookTheCores)
{
    Court court;
    court.report.variants[1].foreignShare = 0.48;
    court.report.variants[1].foreignPrograms = {{"cc1plus", 0.41}, {"ninja", 0.03}};
    court.report.variants[1].attempts = 3;
    const Verdict verdict = court.verdict();
    EXPECT_EQ(verdict.silence, Silence::Disturbed);
    EXPECT_EQ(verdict.headline, "1.98×") << "the number is told all the same";
    EXPECT_EQ(verdict.why,
        "Disturbed: other programs (cc1plus 41\u00a0%, ninja 3\u00a0%, not seen by name 4\u00a0%) had 48\u00a0% of the "
        "cores' time during “Two cores”, in the best of 3 tries. Run it again when the machine is quiet.");
    EXPECT_EQ(verdict.whyInBrief,
        "Disturbed: other programs had 48\u00a0% of the cores' time during “Two cores”, in the best of 3 tries. "
        "Run it again when the machine is quiet.");
}

TEST(Judge, NamesShareByShareAllThatOthersHad)
{
    Court court;
    court.report.variants[1].foreignShare = 0.48;
    court.report.variants[1].foreignPrograms = {{"cc1plus", 0.30}, {"ld", 0.07}, {"ninja", 0.03}};
    EXPECT_THAT(
        court.verdict().why, HasSubstr("(cc1plus 30\u00a0%, ld 7\u00a0%, ninja 3\u00a0%, others 8\u00a0%) had 48"));
}

TEST(Judge, DoesNotMindWhoCrowdedAVariantThatTheMetricDoesNotRead)
{
    Court court;
    VariantReport other;
    other.id = "three";
    other.name = "Three cores";
    other.foreignShare = 0.9;
    court.report.variants.push_back(other);
    EXPECT_EQ(court.verdict().holds, true);
}

TEST(Judge, TakesTheMiddleOfASeriesForDisturbedOrNot)
{
    Court court;
    SeriesReport& series = court.report.series.emplace();
    for (const double share : {0.9, 0.0, 0.05}) {
        for (VariantReport run : court.report.variants) {
            run.foreignShare = share;
            series.points.push_back({0, 0, false, std::move(run)});
        }
    }
    EXPECT_EQ(court.verdict().holds, true) << "one of three was disturbed";
    series.points[2].report.foreignShare = 0.9;
    EXPECT_EQ(court.verdict().silence, Silence::Disturbed) << "and now two of three";
}

TEST(Judge, DoesNotMindHowAVariantEndedThatTheMetricDoesNotRead)
{
    Court court;
    VariantReport other;
    other.id = "three";
    other.stolenShare = 1;
    other.exit.kind = Exit::Kind::Signalled;
    court.report.variants.push_back(other);
    EXPECT_EQ(court.verdict().holds, true);
}

TEST(Judge, NeedsMeasuredTracksOnlyWhereTheScenarioSaysSo)
{
    Court court;
    court.report.variants[0].source = Source::Inferred;
    EXPECT_EQ(court.verdict().holds, true);
    court.scenario.verdict.needsMeasured = true;
    EXPECT_FALSE(court.verdict().holds.has_value());
    EXPECT_THAT(court.verdict().why, HasSubstr("timeslice doctor"));
}

TEST(Judge, HasNoAnswerWhenAVariantFailedOrWasNotRun)
{
    Court court;
    court.report.variants[0].exit = {Exit::Kind::Signalled, 11, "killed by signal 11 (segmentation fault)"};
    Verdict verdict = court.verdict();
    EXPECT_FALSE(verdict.holds.has_value());
    EXPECT_FALSE(verdict.measured.has_value());
    EXPECT_EQ(verdict.headline, "–");
    EXPECT_EQ(verdict.why, "No answer, because “One core” did not finish: killed by signal 11 (segmentation fault).");
    court.report.variants.erase(court.report.variants.begin());
    verdict = court.verdict();
    EXPECT_FALSE(verdict.holds.has_value());
    EXPECT_EQ(verdict.why, "No answer, because “One core” was not run.");
    EXPECT_EQ(verdict.silence, Silence::NotRun) << "it was not asked for: that says nothing about the machine";
}

TEST(Judge, SeesNothingWhereWhatAVariantNeedsIsNotInstalled)
{
    Court court;
    court.report.variants[1].exit = {Exit::Kind::NotRun, 0, "PyPy is not installed (Debian's package: pypy3)"};
    Verdict verdict = court.verdict();
    EXPECT_FALSE(verdict.holds.has_value());
    EXPECT_EQ(verdict.silence, Silence::NotVisible);
    EXPECT_EQ(verdict.headline, "–");
    EXPECT_EQ(verdict.why,
        "Not visible on this machine, because “Two cores” could not be run: PyPy is not installed (Debian's package: "
        "pypy3).");
    // That the other was not asked for, or failed, is the lesser news.
    court.report.variants[0].exit = {Exit::Kind::TimeLimit, 0, "ended after 20 s"};
    EXPECT_EQ(court.verdict().silence, Silence::NotVisible);
    court.report.variants.erase(court.report.variants.begin());
    EXPECT_EQ(court.verdict().silence, Silence::NotVisible);
}

TEST(Judge, SaysWhichKindOfSilenceItIs)
{
    Court court;
    EXPECT_EQ(court.verdict().silence, Silence::None);
    court.report.machine.cores = 1;
    EXPECT_EQ(court.verdict().silence, Silence::NotVisible);
    court.report.variants[0].exit.kind = Exit::Kind::Signalled;
    EXPECT_EQ(court.verdict().silence, Silence::NoAnswer);
}

TEST(Judge, TakesADeadlockForAnAnswerOnlyWhereOneIsExpected)
{
    Court court;
    court.report.variants[0].exit = {Exit::Kind::Deadlocked, 9, "deadlock: ..."};
    court.report.variants[0].deadlockedThreads = 2;
    court.scenario.verdict.metric = {Metric::Kind::Number, {"one", "/deadlocked_threads"}};
    court.scenario.verdict.low = court.scenario.verdict.high = 2;
    EXPECT_FALSE(court.verdict().holds.has_value());
    court.scenario.variants[0].expects = Ending::Deadlock;
    EXPECT_EQ(court.verdict().holds, true);
    court.report.variants[0].exit.kind = Exit::Kind::TimeLimit;
    EXPECT_FALSE(court.verdict().holds.has_value());
}

TEST(Judge, TakesACrashForAnAnswerOnlyWhereOneIsExpected)
{
    Court court;
    court.report.variants[0].exit = {Exit::Kind::Signalled, SIGSEGV, "killed by signal 11"};
    court.report.variants[0].extra["done"] = 7;
    court.scenario.verdict.metric = {Metric::Kind::Number, {"one", "/extra/done"}};
    court.scenario.verdict.low = court.scenario.verdict.high = 7;
    EXPECT_FALSE(court.verdict().holds.has_value());
    court.scenario.variants[0].expects = Ending::Crash;
    EXPECT_EQ(court.verdict().holds, true);
    court.report.variants[0].exit.code = SIGKILL; // it was ended: that proves nothing
    EXPECT_FALSE(court.verdict().holds.has_value());
    court.report.variants[0].exit = {Exit::Kind::Exited, 1, "failed with exit status 1"};
    EXPECT_FALSE(court.verdict().holds.has_value());
}

TEST(Judge, HasNoAnswerWhenTheNumberIsMissingOrTheDivisorIsZero)
{
    Court court;
    court.report.variants[1].wall = 0;
    EXPECT_THAT(court.verdict().why, HasSubstr("two/wall_s is zero"));
    court.scenario.verdict.metric = {Metric::Kind::Number, {"one", "/latency_ms/p95"}};
    EXPECT_THAT(court.verdict().why, HasSubstr("did not report one/latency_ms/p95"));
    EXPECT_FALSE(court.verdict().measured.has_value());
}

TEST(MatchingPrediction, IsTheOneWhoseRangeHasTheNumber)
{
    const Court court;
    EXPECT_EQ(matchingPrediction(court.scenario, 1.0), 0U);
    EXPECT_EQ(matchingPrediction(court.scenario, 1.98), 1U);
    EXPECT_EQ(matchingPrediction(court.scenario, 2.5), 1U);
    EXPECT_FALSE(matchingPrediction(court.scenario, 3.0).has_value());
}

TEST(Measure, FindsTheElementOfAListByIndexOrByName)
{
    Court court;
    ThreadReport first;
    first.name = "Normal";
    first.running = 90 * kMillisecond;
    ThreadReport second;
    second.name = "Nice";
    second.running = 10 * kMillisecond;
    court.report.variants[0].threads = {first, second};
    EXPECT_NEAR(measure({Metric::Kind::Number, {"one", "/threads/Nice/running_s"}}, court.report).value(), 0.01, 1e-12);
    EXPECT_NEAR(measure({Metric::Kind::Number, {"one", "/threads/0/running_s"}}, court.report).value(), 0.09, 1e-12);
    EXPECT_FALSE(measure({Metric::Kind::Number, {"one", "/threads/2/running_s"}}, court.report).has_value());
    EXPECT_FALSE(measure({Metric::Kind::Number, {"one", "/threads/Nobody/running_s"}}, court.report).has_value());
    EXPECT_FALSE(measure({Metric::Kind::Number, {"one", "/name"}}, court.report).has_value()) << "a text is no number";
}

TEST(Measure, TakesANameAloneForTheFirstOfThoseThatShareIt)
{
    Court court;
    LockReport first;
    first.name = "GIL of Process 1";
    first.holds = 3;
    LockReport second;
    second.name = "GIL of Process 2";
    second.holds = 4;
    court.report.variants[0].locks = {first, second};
    EXPECT_EQ(measure({Metric::Kind::Number, {"one", "/locks/GIL/holds"}}, court.report).value(), 3);
    EXPECT_EQ(measure({Metric::Kind::Number, {"one", "/locks/GIL of Process 2/holds"}}, court.report).value(), 4);
    EXPECT_FALSE(measure({Metric::Kind::Number, {"one", "/locks/GI/holds"}}, court.report).has_value());
    ThreadReport main;
    main.name = "P2 MainThread";
    main.migrations = 6;
    court.report.variants[0].threads = {main};
    EXPECT_EQ(measure({Metric::Kind::Number, {"one", "/threads/MainThread/context_switches/migrations"}}, court.report)
                  .value(),
        6);
}

} // namespace
} // namespace timeslice::verdict_test
