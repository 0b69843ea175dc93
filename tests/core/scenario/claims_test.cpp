// The claims of the course and the lessons that test them.
#include "core/scenario/claims.h"

#include "core/scenario/catalogue.h"
#include "tests/core/scenario/made_scenario.h"
#include "tests/places/places.h"

#include <algorithm>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <regex>
#include <set>

namespace timeslice::claims_test {
namespace {

/// The lessons of the course, by chapter.
const std::set<std::string> kCourse = {
    "one-script", "birth-cost", "same-variable", "memory-footprint", "kill-it", "crash", "responsive-ui", //
    "time-slicing", "one-core", "nice", "hog-and-sleeper", "real-time", "priority-inversion", "textbook", "amdahl",
    "switch-cost", //
    "three-ways", "gil-two-threads", "gil-two-processes", "gil-io", "gil-c-code", "gil-hog", "gil-interval",
    "gil-escapes", "gil-model", "gil-old", "gil-convoy", "async-io", //
    "native-counter", "python-counter", "process-counter", "step-it", "bank", "hard-to-test", "store-buffer", //
    "price-of-right", "ab-ba", "philosophers", "granularity", "queue", //
    "message-or-reference", "pickle", "false-sharing", "cores", "which-one", //
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

TEST(Claims, AreEachTestedByALesson)
{
    std::set<std::string> tested;
    for (const Catalogue catalogue = shipped(); const Scenario& scenario : catalogue.scenarios) {
        tested.insert(scenario.claims.begin(), scenario.claims.end());
    }
    EXPECT_THAT(claimIds(), testing::SizeIs(24));
    EXPECT_EQ(tested, claimIds());
}

TEST(Lessons, AreThoseOfTheCourse)
{
    std::set<std::string> lessons;
    for (const Catalogue catalogue = shipped(); const Scenario& scenario : catalogue.scenarios) {
        EXPECT_TRUE(lessons.insert(scenario.id).second) << scenario.id;
    }
    EXPECT_EQ(lessons, kCourse);
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
