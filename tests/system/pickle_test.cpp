// What can be sent to a process: each cell of the lesson's table.
#include "tests/system/program.h"

#include <gmock/gmock.h>
#include <map>
#include <nlohmann/json.hpp>

namespace timeslice::system::pickle_test {
namespace {

using testing::HasSubstr;

class PickleTest : public SystemTest {
protected:
    /// The report's "extra" by variant.
    std::map<std::string, nlohmann::json> cells(const std::vector<std::string>& more)
    {
        std::vector<std::string> arguments = {
            "run", "pickle", "--once", "--report", path("report.json"), "--csv", path("table.csv")};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const Outcome outcome = timeslice(arguments);
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        std::map<std::string, nlohmann::json> extras;
        const auto report = nlohmann::json::parse(readText(path("report.json")));
        for (const auto& variant : report.at("variants")) {
            extras[variant.at("id")] = variant.at("extra");
        }
        return extras;
    }
};

TEST_F(PickleTest, AForkedChildGetsAllAndNobodyElseMoreThanTheMethod)
{
    auto cells = this->cells({});
    ASSERT_EQ(cells.size(), 4U);
    for (const char* thing : {"lambda", "function", "method", "lock", "file", "generator"}) {
        EXPECT_EQ(cells["fork"][thing], "ok") << thing;
        for (const char* way : {"forkserver", "spawn", "pool"}) {
            EXPECT_EQ(cells[way][thing] == "ok", thing == std::string("method")) << way << ": " << cells[way][thing];
        }
    }
    EXPECT_EQ(cells["fork"]["refused"], 0);
    EXPECT_EQ(cells["spawn"]["refused"], 5);
    EXPECT_THAT(cells["spawn"]["generator"].get<std::string>(), HasSubstr("cannot pickle 'generator' object"));
    EXPECT_THAT(cells["spawn"]["lock"].get<std::string>(), HasSubstr("cannot pickle '_thread.lock' object"));
    EXPECT_THAT(readText(path("table.csv")), HasSubstr("cannot pickle 'generator' object"));
}

TEST_F(PickleTest, AFunctionAtTheTopOfItsModuleIsFoundByItsName)
{
    auto cells = this->cells({"--set", "top=true", "--variant", "spawn"});
    EXPECT_EQ(cells["spawn"]["function"], "ok");
    EXPECT_EQ(cells["spawn"]["refused"], 4);
    EXPECT_NE(cells["spawn"]["lambda"], "ok");
}

} // namespace
} // namespace timeslice::system::pickle_test
