// The complete examples of the scenarios' README: what people copy passes the check, and runs.
#include "tests/system/program.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace timeslice::system::readme_test {
namespace {

using nlohmann::json;

class ReadmeTest : public SystemTest {
protected:
    /// Every fenced block of JSON.
    static std::vector<std::string> examples()
    {
        const std::string text = readText(test::resourceFolder() / "scenarios" / "README.md");
        const std::string begin = "```json\n";
        std::vector<std::string> found;
        for (std::size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at)) {
            at += begin.size();
            found.push_back(text.substr(at, text.find("```", at) - at));
        }
        return found;
    }
};

TEST_F(ReadmeTest, HasExamplesInWhichNothingIsWrong)
{
    std::size_t count = 0;
    for (const std::string& example : examples()) {
        const std::string id = json::parse(example).at("id");
        writeText(path(id + ".json"), example);
        const Outcome checked = timeslice({"check", path(id + ".json")});
        EXPECT_EQ(checked.status, 0) << checked.out;
        ++count;
    }
    EXPECT_GE(count, 5U);
}

/// However the machine is: a run that gives its number, and a sentence that says whether it agrees.
TEST_F(ReadmeTest, HasExamplesThatRunAndMeasureWhatTheySay)
{
    for (const std::string& example : examples()) {
        json document = json::parse(example);
        const std::string id = document.at("id");
        if (document.contains("series")) { // a few of the runs are enough to see that they are made
            document["series"]["repeat"] = 2;
        }
        writeText(path(id + ".json"), document.dump(2));
        const Outcome ran =
            timeslice({"run", path(id + ".json"), "--once", "--quiet", "--report", path(id + ".report")});
        ASSERT_EQ(ran.status, 0) << id << "\n" << ran.err;
        const json report = json::parse(readText(path(id + ".report")));
        EXPECT_TRUE(report.at("verdict").at("measured").is_number()) << id << "\n" << report.at("verdict").dump(2);
        EXPECT_EQ(report.at("variants").size(), document.at("variants").size()) << id;
        for (const json& variant : report.at("variants")) {
            EXPECT_EQ(variant.at("exit").at("kind"), "exited") << id;
        }
        if (document.contains("series")) {
            const json& series = report.at("series");
            EXPECT_EQ(series.at("points").size(), series.at("planned").get<std::size_t>()) << id;
        }
    }
}

} // namespace
} // namespace timeslice::system::readme_test
