// Wake-ups of a real program, where this machine lets them be read.
#include "tests/system/program.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

namespace timeslice::system::wakeups_test {
namespace {

using nlohmann::json;

/// Three processes that wake each other through two pipes, on one core.
constexpr const char* kPipes = "yes | head -c 2000000 | wc -c";

class WakeupsTest : public SystemTest {
protected:
    void SetUp() override
    {
        SystemTest::SetUp();
        if (IsSkipped()) {
            return;
        }
        const json found = json::parse(timeslice({"doctor", "--json"}).out);
        for (const json& finding : found.at("findings")) {
            if (finding.at("id") == "wakeups" && finding.at("value") != true) {
                GTEST_SKIP() << finding.at("remedy").get<std::string>();
            }
        }
    }
};

/// The fields of a line; none here has a comma in it.
std::vector<std::string> fieldsOf(const std::string& line)
{
    std::vector<std::string> fields;
    std::istringstream in(line.substr(0, line.find('\r')));
    for (std::string field; std::getline(in, field, ',');) {
        fields.push_back(field);
    }
    fields.resize(std::max<std::size_t>(fields.size(), 8));
    return fields;
}

TEST_F(WakeupsTest, OfARecordedCommandStandBetweenEachStandstillAndTheRunThatFollows)
{
    const Outcome outcome =
        timeslice({"record", "--csv", path("run.csv"), "--report", path("report.json"), "--", "sh", "-c", kPipes});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const json variant = json::parse(readText(path("report.json"))).at("variants").at(0);
    EXPECT_EQ(variant.at("wakeups"), "measured");
    ASSERT_EQ(variant.at("lost_events"), 0);
    ASSERT_THAT(variant.at("findings"), ::testing::IsEmpty());

    std::istringstream csv(readText(path("run.csv")));
    std::map<std::string, std::string> before; ///< state of each thread
    int woken = 0;
    int byEachOther = 0;
    for (std::string line; std::getline(csv, line);) {
        const std::vector<std::string> fields = fieldsOf(line);
        const std::string& thread = fields[2];
        const std::string& state = fields[5];
        if (fields[1] != "thread") {
            continue;
        }
        EXPECT_FALSE(before[thread] == "blocked" && state == "running") << line;
        if (state == "runnable" && fields[7] == "woken") {
            EXPECT_FALSE(fields[6].empty()) << "the waker is known: " << line;
            ++woken;
            byEachOther += fields[6] == "yes" || fields[6] == "head" || fields[6] == "wc" ? 1 : 0;
        }
        before[thread] = state;
    }
    EXPECT_GT(woken, 10);
    EXPECT_GT(byEachOther, 5);
}

} // namespace
} // namespace timeslice::system::wakeups_test
