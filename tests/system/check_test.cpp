// `timeslice check`: what is wrong with scenarios' files.
#include "tests/system/program.h"

#include <algorithm>
#include <gmock/gmock.h>

namespace timeslice::system::check_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

using CheckTest = SystemTest;

TEST_F(CheckTest, SaysAllThatIsWrongALineEach)
{
    const std::string file = scenarioFile(
        R"({"tasks": {"Thread": {"nice": 99, "do": [{"lokc": "m"}, {"run": -1}]}}})", R"({"time": 20, "thread": 3})");
    const Outcome outcome = timeslice({"check", file});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_EQ(outcome.err, "");
    const std::string variant = ": variants/0/workload/tasks/Thread/";
    const std::string line = file + ":6:";
    EXPECT_EQ(outcome.out,
        line + "128" + variant + "nice: expected a whole number from -20 to 19, found the number 99\n" //
            + line + "139" + variant + "do/0: unknown event 'lokc'; did you mean 'lock'?\n" //
            + line + "162" + variant
            + "do/1/run: expected a duration such as \"5ms\" (ns, us, ms or s; a plain number is microseconds), not "
              "negative and at most 24 hours, found the number -1\n" //
            + file + ":7:36: limits/time: expected a duration such as \"5ms\" (ns, us, ms or s), found the number 20\n"
            + file + ":7:50: limits: unknown key 'thread'; did you mean 'threads'?\n");
}

TEST_F(CheckTest, SaysSoWhereNothingIsWrongAndGoesOnToTheNextFile)
{
    const std::string good = scenarioFile(R"({"tasks": {"Thread": {"do": [{"run": "1ms"}]}}})");
    writeText(path("bad.json"), "{\n  \"id\": }");
    const Outcome both = timeslice({"check", path("bad.json"), path("none.json"), good});
    EXPECT_EQ(both.status, 2);
    EXPECT_THAT(both.out,
        AllOf(testing::StartsWith(path("bad.json") + ":2:9: "),
            HasSubstr("\n" + path("none.json") + ": No such file or directory\n"),
            HasSubstr("\n" + good + ": nothing wrong was found: 1 variant, 0 knobs\n")));
    const Outcome one = timeslice({"check", good});
    EXPECT_EQ(one.status, 0);
    EXPECT_EQ(one.out, good + ": nothing wrong was found: 1 variant, 0 knobs\n");
    EXPECT_EQ(timeslice({"check"}).status, 2);
}

TEST_F(CheckTest, RunsWhatIsRightOnceAndGivesItsStatus)
{
    const std::string good = scenarioFile(R"({"tasks": {"Thread": {"do": [{"run": "1ms"}]}}})");
    const Outcome ran = timeslice({"check", "--run", good});
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_THAT(
        ran.out, AllOf(HasSubstr("nothing wrong was found"), HasSubstr("A test (a-test)"), HasSubstr("It does.")));
    const std::string failing = scenarioFile(R"({"tasks": {"Thread": {"do": [{"crash": "abort"}]}}})");
    EXPECT_EQ(timeslice({"check", "--run", failing}).status, 1);
    const std::string wrong = scenarioFile(R"({"tasks": {"Thread": {"do": [{"touch": 1}]}}})");
    const Outcome refused = timeslice({"check", "--run", wrong});
    EXPECT_EQ(refused.status, 2);
    EXPECT_THAT(refused.out, testing::Not(HasSubstr("A test (a-test)"))) << "what is wrong is not run";
}

TEST_F(CheckTest, FollowsLinksToOtherLessonsAndHoldsTheIdAgainstTheFilesName)
{
    const std::string file = scenarioFile(R"({"tasks": {"Thread": {"do": [{"run": "1ms"}]}}})");
    std::string text = readText(file);
    text.replace(text.find("Because."), 8, "See lesson:nice, lesson:a-test, lesson:beside and lesson:gil-oi.");
    writeText(file, text);
    writeText(path("other.json"), text);
    std::string beside = text;
    beside.replace(beside.find("\"a-test\""), 8, "\"beside\"");
    writeText(path("beside.json"), beside);
    const Outcome outcome = timeslice({"check", file, path("other.json")});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_THAT(outcome.out,
        AllOf(HasSubstr("a-test.json:11:25: why/0: there is no lesson 'gil-oi'; did you mean 'gil-io'?\n"),
            HasSubstr("other.json:1:8: id: 'a-test' is not the file's name: the file would be a-test.json\n")));
    EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 3) << outcome.out;
    text.replace(text.find("gil-oi"), 6, "gil-io");
    writeText(file, text);
    EXPECT_EQ(timeslice({"check", file}).status, 0);
}

TEST_F(CheckTest, FindsAScriptThatCannotBeCompiled)
{
    std::string text = readText(scenarioFile("{}"));
    text.replace(text.find("\"native\""), 8, "\"cpython\"");
    text.replace(text.find("\"code\": [], \"workload\": {}"), 26, R"("python": {"script": "job.py"})");
    writeText(path("a-test.json"), text);
    writeText(path("job.py"), "import timeslice\nprint('never closed'\n");
    const Outcome outcome = timeslice({"check", path("a-test.json")});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_THAT(outcome.out, HasSubstr("variants/0/python/script: job.py:2:"));
    writeText(path("job.py"), "import timeslice\nprint('closed')\n");
    EXPECT_EQ(timeslice({"check", path("a-test.json")}).status, 0);
}

} // namespace
} // namespace timeslice::system::check_test
