// The claims of the course and the lessons that test them.
#include "core/scenario/claims.h"

#include "core/scenario/catalogue.h"
#include "tests/core/scenario/made_scenario.h"
#include "tests/places/places.h"

#include <algorithm>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <regex>
#include <set>

namespace timeslice::claims_test {
namespace {

/// Claims that no lesson tests yet, and the one that will.
const std::map<std::string, std::string> kToCome = {
    {"process-isolation", "same-variable"},
    {"process-lifecycle", "one-script"},
    {"killable", "kill-it"},
    {"containment", "crash"},
    {"responsive-ui", "responsive-ui"},
    {"gil-protects", "python-counter"},
    {"process-no-race", "process-counter"},
    {"queue-model", "queue"},
};

Catalogue shipped()
{
    auto catalogue = readCatalogue(test::resourceFolder() / "scenarios");
    EXPECT_TRUE(catalogue.has_value()) << catalogue.error().message;
    return catalogue ? std::move(*catalogue) : Catalogue{};
}

std::set<std::string> claimIds()
{
    std::set<std::string> ids;
    for (const Claim& claim : courseClaims()) {
        EXPECT_FALSE(claim.text.empty()) << claim.id;
        EXPECT_TRUE(claim.text.ends_with('.')) << claim.id << " is a sentence";
        EXPECT_TRUE(ids.insert(claim.id).second) << claim.id;
    }
    return ids;
}

TEST(Claims, AreEachTestedByALessonOrByOneThatIsToCome)
{
    const Catalogue catalogue = shipped();
    std::set<std::string> tested;
    std::set<std::string> lessons;
    for (const Scenario& scenario : catalogue.scenarios) {
        tested.insert(scenario.claims.begin(), scenario.claims.end());
        lessons.insert(scenario.id);
    }
    const std::set<std::string> claims = claimIds();
    EXPECT_GE(claims.size(), 20U);
    for (const std::string& claim : claims) {
        const auto toCome = kToCome.find(claim);
        if (toCome == kToCome.end() || lessons.contains(toCome->second)) {
            EXPECT_TRUE(tested.contains(claim)) << claim << " has no lesson";
        }
    }
    for (const auto& [claim, lesson] : kToCome) {
        EXPECT_TRUE(claims.contains(claim)) << claim << " is no claim of the course";
    }
}

TEST(Claims, OfAFileMustBeOfTheCourse)
{
    const auto folder = std::filesystem::path(testing::TempDir()) / "claims";
    std::filesystem::create_directories(folder);
    nlohmann::json document = madeScenario();
    document["claims"] = {"same-time", "ipc-cots"};
    std::ofstream(folder / "made-up.json") << document.dump(2);
    const auto wrong = readScenario(folder / "made-up.json");
    ASSERT_FALSE(wrong.has_value());
    EXPECT_THAT(wrong.error().message,
        testing::AllOf(testing::HasSubstr("claims/1: the course has no claim 'ipc-cots'"),
            testing::HasSubstr("did you mean 'ipc-cost'?")));
    EXPECT_TRUE(parseScenario(document.dump(), "recorded").has_value()) << "a recording may be of another edition";
    std::filesystem::remove_all(folder);
}

TEST(Claims, AreReadFromAFileThatSaysWhatIsWrongWithIt)
{
    const auto file = std::filesystem::path(testing::TempDir()) / "claims.json";
    for (const char* text : {"[1]", "{\"a\": 1}", "{"}) {
        std::ofstream(file) << text;
        const auto claims = readClaimFile(file);
        ASSERT_FALSE(claims.has_value()) << text;
        EXPECT_THAT(claims.error().message, testing::HasSubstr("claims.json: ")) << text;
    }
    std::filesystem::remove(file);
    EXPECT_FALSE(readClaimFile(file).has_value());
}

TEST(Lessons, PointOnlyToLessonsThatThereAre)
{
    const Catalogue catalogue = shipped();
    std::size_t links = 0;
    const std::regex link("lesson:([a-z0-9-]+)");
    for (const Scenario& scenario : catalogue.scenarios) {
        std::string texts = scenario.why;
        for (const std::string& sentence : scenario.lookFor) {
            texts += "\n" + sentence;
        }
        for (std::sregex_iterator it(texts.begin(), texts.end(), link); it != std::sregex_iterator(); ++it) {
            ++links;
            EXPECT_TRUE(findScenario(catalogue, (*it)[1].str()).has_value()) << scenario.id << ": " << it->str();
        }
    }
    EXPECT_GE(links, 3U) << "the exceptions of which-one";
}

} // namespace
} // namespace timeslice::claims_test
