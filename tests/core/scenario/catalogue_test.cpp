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

/// A variable as a test wants it, until its end. Empty: not set.
class Environment {
public:
    Environment(const char* name, const std::string& value)
        : m_name(name)
    {
        if (const char* before = std::getenv(name)) {
            m_before = before;
        }
        set(value);
    }
    ~Environment() { set(m_before); }
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;

private:
    void set(const std::string& value)
    {
        value.empty() ? unsetenv(m_name.c_str()) : setenv(m_name.c_str(), value.c_str(), 1);
    }

    std::string m_name;
    std::string m_before;
};

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
    EXPECT_THAT(catalogue->damaged[0].error().message, HasSubstr("bad.json:1:"));
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
    EXPECT_THAT(catalogue->damaged[0].error().message, HasSubstr("zwilling.json: the id 'twin' is taken by twin.json"));
}

TEST_F(CatalogueTest, TellsTheLineOfAMistake)
{
    write("bad.json", "{\n  \"id\": \"bad\",\n  \"chapter\": \"gill\"\n}");
    const auto damaged = readCatalogue(m_directory).value().damaged;
    ASSERT_EQ(damaged.size(), 1U);
    EXPECT_EQ(damaged[0].file, m_directory / "bad.json");
    EXPECT_EQ(damaged[0].mistakes[0].line, 1U) << "keys are missing, which is told of the whole";
    auto document = madeScenario();
    document["chapter"] = "gill";
    write("bad.json", document.dump(2));
    const auto chapter = readCatalogue(m_directory).value().damaged;
    ASSERT_EQ(chapter.size(), 1U);
    EXPECT_EQ(chapter[0].mistakes[0].line, 2U);
    EXPECT_THAT(
        chapter[0].mistakes[0].what, testing::AllOf(HasSubstr("chapter"), HasSubstr("gill"), HasSubstr("'gil'")));
}

TEST_F(CatalogueTest, AnOwnScenarioTakesThePlaceOfAShippedOneOfThatId)
{
    add("twin", "gil", 1);
    add("other", "gil", 2);
    Catalogue catalogue = readCatalogue(m_directory).value();
    const std::filesystem::path own = m_directory / "own";
    std::filesystem::create_directory(own);
    auto document = madeScenario();
    document["id"] = "twin";
    document["title"] = "Mine";
    write("own/mine.json", document.dump());
    document["id"] = "new";
    write("own/new.json", document.dump());
    write("own/.#new.json", "an editor's");
    write("own/bad.json", "[]");
    addOwnScenarios(catalogue, own);
    ASSERT_EQ(catalogue.scenarios.size(), 3U);
    const Scenario twin = findScenario(catalogue, "twin").value();
    EXPECT_EQ(twin.title, "Mine");
    EXPECT_TRUE(twin.own);
    EXPECT_EQ(twin.sourcePath, own / "mine.json");
    EXPECT_EQ(twin.replaces, m_directory / "twin.json");
    EXPECT_TRUE(findScenario(catalogue, "new")->own);
    EXPECT_EQ(findScenario(catalogue, "new")->replaces, "");
    EXPECT_FALSE(findScenario(catalogue, "other")->own);
    ASSERT_EQ(catalogue.damaged.size(), 1U);
    EXPECT_EQ(catalogue.damaged[0].file, own / "bad.json");
    const Scenario resolved = resolve(twin, 2).value();
    EXPECT_TRUE(resolved.own);
    EXPECT_EQ(resolved.replaces, twin.replaces);
}

TEST_F(CatalogueTest, AFolderOfOwnScenariosMayBeMissing)
{
    Catalogue catalogue;
    addOwnScenarios(catalogue, m_directory / "nowhere");
    EXPECT_TRUE(catalogue.scenarios.empty());
    EXPECT_TRUE(catalogue.damaged.empty());
    write("file", "no folder");
    addOwnScenarios(catalogue, m_directory / "file");
    ASSERT_EQ(catalogue.damaged.size(), 1U);
    EXPECT_EQ(catalogue.damaged[0].mistakes[0].line, 0U);
    EXPECT_THAT(catalogue.damaged[0].error().message, HasSubstr("Not a directory"));
}

TEST_F(CatalogueTest, OwnScenariosAreWhereTheDesktopKeepsData)
{
    const Environment home("HOME", "/home/pupil");
    {
        const Environment data("XDG_DATA_HOME", "/data");
        EXPECT_EQ(ownScenarioFolder(), "/data/timeslice/scenarios");
    }
    for (const char* ignored : {"", "relative"}) {
        const Environment data("XDG_DATA_HOME", ignored);
        EXPECT_EQ(ownScenarioFolder(), "/home/pupil/.local/share/timeslice/scenarios");
    }
    const Environment nobody("HOME", "");
    const Environment nothing("XDG_DATA_HOME", "");
    EXPECT_EQ(ownScenarioFolder(), "");
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
    {
        const Environment right("TIMESLICE_RESOURCES", test::resourceFolder());
        EXPECT_EQ(findResources().value(), test::resourceFolder());
    }
    const Environment wrong("TIMESLICE_RESOURCES", m_directory);
    EXPECT_THAT(findResources().error().message, HasSubstr("no folder 'scenarios'"));
}

} // namespace
} // namespace timeslice::catalogue_test
