#include "core/scenario/catalogue.h"
#include "tests/core/scenario/made_scenario.h"
#include "tests/places/places.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace timeslice::catalogue_test {
namespace {

using testing::HasSubstr;

/// A directory that is gone after the test.
class CatalogueTest : public testing::Test {
protected:
    CatalogueTest()
    {
        std::string name = (std::filesystem::temp_directory_path() / "catalogue-XXXXXX").string();
        m_directory = mkdtemp(name.data());
    }
    ~CatalogueTest() override { std::filesystem::remove_all(m_directory); }

    void write(const std::string& file, const std::string& text) { std::ofstream(m_directory / file) << text; }
    void add(const std::string& id, const std::string& chapter, int order)
    {
        auto document = madeScenario();
        document["id"] = id;
        document["chapter"] = chapter;
        document["order"] = order;
        write(id + ".json", document.dump());
    }

    std::filesystem::path m_directory;
};

TEST_F(CatalogueTest, IsInTeachingOrder)
{
    add("last", "communication", 0);
    add("second", "scheduling", 2);
    add("first", "scheduling", 1);
    add("zeroth", "processes", 9);
    std::vector<std::string> ids;
    const auto catalogue = readCatalogue(m_directory);
    ASSERT_TRUE(catalogue.has_value());
    for (const Scenario& scenario : catalogue->scenarios) {
        ids.push_back(scenario.id);
    }
    EXPECT_THAT(ids, testing::ElementsAre("zeroth", "first", "second", "last"));
}

TEST_F(CatalogueTest, OffersTheRestWhenAFileIsDamaged)
{
    add("good", "gil", 1);
    write("bad.json", "{ \"id\": ");
    write("README.md", "not a scenario");
    const auto catalogue = readCatalogue(m_directory);
    ASSERT_TRUE(catalogue.has_value());
    EXPECT_EQ(catalogue->scenarios.size(), 1U);
    ASSERT_EQ(catalogue->damaged.size(), 1U);
    EXPECT_THAT(catalogue->damaged[0].message, HasSubstr("bad.json:1:"));
}

TEST_F(CatalogueTest, TakesAnIdOnce)
{
    add("twin", "gil", 1);
    write("other.json", madeScenario().dump());
    auto document = madeScenario();
    document["id"] = "twin";
    write("zwilling.json", document.dump());
    const auto catalogue = readCatalogue(m_directory);
    EXPECT_EQ(catalogue->scenarios.size(), 2U);
    ASSERT_EQ(catalogue->damaged.size(), 1U);
    EXPECT_THAT(catalogue->damaged[0].message, HasSubstr("zwilling.json: the id 'twin' is taken by twin.json"));
}

TEST_F(CatalogueTest, SaysThatTheDirectoryCannotBeRead)
{
    const auto catalogue = readCatalogue(m_directory / "nowhere");
    ASSERT_FALSE(catalogue.has_value());
    EXPECT_THAT(catalogue.error().message, HasSubstr("nowhere"));
}

TEST_F(CatalogueTest, SuggestsTheNearestIds)
{
    add("time-slicing", "scheduling", 1);
    add("nice", "scheduling", 2);
    const auto catalogue = readCatalogue(m_directory).value();
    EXPECT_TRUE(findScenario(catalogue, "nice").has_value());
    const auto near = findScenario(catalogue, "time-slicng");
    ASSERT_FALSE(near.has_value());
    EXPECT_EQ(near.error().kind, ErrorKind::Usage);
    EXPECT_THAT(near.error().message, HasSubstr("did you mean time-slicing?"));
    EXPECT_THAT(findScenario(catalogue, "zzzzzzzz").error().message, HasSubstr("timeslice list"));
}

TEST_F(CatalogueTest, IsWhereTheEnvironmentSays)
{
    const char* before = std::getenv("TIMESLICE_RESOURCES");
    const std::string saved = before ? before : "";
    setenv("TIMESLICE_RESOURCES", test::resourceFolder().c_str(), 1);
    EXPECT_EQ(findResources().value(), test::resourceFolder());
    setenv("TIMESLICE_RESOURCES", m_directory.c_str(), 1);
    EXPECT_THAT(findResources().error().message, HasSubstr("no folder 'scenarios'"));
    if (before) {
        setenv("TIMESLICE_RESOURCES", saved.c_str(), 1);
    } else {
        unsetenv("TIMESLICE_RESOURCES");
    }
}

/// The worked example in the README is what people copy.
TEST(ScenarioReadme, ShowsAnExampleThatIsRead)
{
    std::ifstream file(test::resourceFolder().string() + "/scenarios/README.md");
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const std::size_t first = text.find("```json\n");
    ASSERT_NE(first, std::string::npos);
    const std::string example = text.substr(first + 8, text.find("```", first + 8) - first - 8);
    const auto scenario = parseScenario(example, "README.md");
    EXPECT_TRUE(scenario.has_value()) << (scenario ? "" : scenario.error().message);
}

} // namespace
} // namespace timeslice::catalogue_test
