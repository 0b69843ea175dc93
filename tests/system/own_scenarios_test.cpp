// Scenarios of one's own on the command line.
#include "tests/system/program.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace timeslice::system::own_scenarios_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class OwnScenariosTest : public SystemTest {
protected:
    /// A folder of the person's own, in which the scenario of scenarioFile() has this id.
    std::string own(const std::string& folder, const std::string& id)
    {
        fs::create_directories(path(folder));
        json document = json::parse(readText(scenarioFile(R"({"tasks": {"Thread": {"do": [{"run": "1ms"}]}}})")));
        document["id"] = id;
        document["title"] = folder;
        writeText(path(folder + "/" + id + ".json"), document.dump(2));
        return path(folder);
    }
    /// Nothing of whoever runs the tests.
    std::map<std::string, std::string> there() const
    {
        return {{"XDG_DATA_HOME", path("data")}, {"XDG_CONFIG_HOME", path("config")}};
    }
    json listed(const std::vector<std::string>& arguments, const std::string& id)
    {
        std::vector<std::string> all{"list", "--json"};
        all.insert(all.end(), arguments.begin(), arguments.end());
        for (const json& scenario : json::parse(timeslice(all, there()).out)) {
            if (scenario["id"] == id) {
                return scenario;
            }
        }
        return {};
    }
};

TEST_F(OwnScenariosTest, AreListedWithWhereTheyAre)
{
    own("data/timeslice/scenarios", "mine");
    const json mine = listed({}, "mine");
    EXPECT_EQ(mine["own"], true);
    EXPECT_EQ(mine["file"], path("data/timeslice/scenarios/mine.json"));
    EXPECT_EQ(mine["replaces"], nullptr);
    EXPECT_EQ(listed({}, "nice")["own"], false);
    EXPECT_THAT(timeslice({"list"}, there()).out, HasSubstr("yours     " + path("data/timeslice/scenarios/mine.json")));
}

TEST_F(OwnScenariosTest, TheOneOfTheFolderThatIsNamedWinsAndThatIsSaid)
{
    own("data/timeslice/scenarios", "nice");
    const std::string named = own("named", "nice");
    EXPECT_EQ(listed({}, "nice")["title"], "data/timeslice/scenarios");
    const json nice = listed({"--scenarios", named}, "nice");
    EXPECT_EQ(nice["title"], "named");
    EXPECT_EQ(nice["replaces"], path("data/timeslice/scenarios/nice.json"));
    const Outcome run = timeslice({"run", "nice", "--once", "--scenarios", named}, there());
    EXPECT_THAT(run.out, HasSubstr("named (nice)"));
    EXPECT_THAT(run.err, HasSubstr(named + "/nice.json, in place of"));
}

TEST_F(OwnScenariosTest, AMistakeInOneIsSaidWithItsLineAndTheRestIsListed)
{
    const std::string named = own("named", "mine");
    writeText(named + "/bad.json", "{\n  \"id\": 3\n}");
    const Outcome list = timeslice({"list", "--scenarios", named}, there());
    EXPECT_EQ(list.status, 2);
    EXPECT_THAT(list.err,
        testing::AllOf(HasSubstr("bad.json:1:1: the key 'chapter' is missing"),
            HasSubstr(
                "bad.json:2:9: id: expected an id of lower-case letters, digits and hyphens, found the number 3")));
    EXPECT_THAT(list.out, testing::AllOf(HasSubstr("mine"), HasSubstr("nice")));
}

TEST_F(OwnScenariosTest, OneWithMistakesIsThereAndItsMistakesAreSaid)
{
    const std::string named = own("named", "mine");
    writeText(named + "/bad.json", "{\n  \"id\": 3\n}");
    std::string other = readText(named + "/mine.json");
    other.replace(other.find("\"mine\""), 6, "\"theirs\"");
    other.replace(other.find("\"order\": 1"), 10, "\"order\": -1");
    writeText(named + "/file.json", other);
    const Outcome bad = timeslice({"run", "bad", "--scenarios", named}, there());
    EXPECT_EQ(bad.status, 2);
    EXPECT_THAT(bad.err,
        testing::AllOf(HasSubstr("there are mistakes in the file of the scenario 'bad', " + named + "/bad.json:\n"),
            HasSubstr("bad.json:2:9: id: expected an id"), testing::Not(HasSubstr("there is no scenario")),
            testing::Not(HasSubstr("file.json"))));
    const Outcome byId = timeslice({"run", "theirs", "--scenarios", named}, there());
    EXPECT_EQ(byId.status, 2);
    EXPECT_THAT(byId.err, HasSubstr("order: expected a whole number from 0 to 1000"));
    const Outcome nobody = timeslice({"run", "nobody", "--scenarios", named}, there());
    EXPECT_EQ(nobody.status, 2);
    EXPECT_THAT(nobody.err, HasSubstr("there is no scenario 'nobody'"));
    const Outcome window = timeslice({"--scenario", named + "/file.json"}, there());
    EXPECT_EQ(window.status, 2);
    EXPECT_THAT(window.err, HasSubstr("order: expected a whole number from 0 to 1000"));
    EXPECT_EQ(timeslice({"--scenario", named + "/mine.json"}, there()).status, 3) << "it lacks nothing but a display";
}

TEST_F(OwnScenariosTest, WhereOneWithMistakesWouldBeInAnothersPlaceThatIsSaid)
{
    const std::string named = own("named", "nice");
    writeText(named + "/nice.json", "{\"id\": \"nice\"}");
    const Outcome run = timeslice({"run", "nice", "--once", "--set", "time=200ms", "--scenarios", named}, there());
    EXPECT_THAT(run.err, HasSubstr("there are mistakes in " + named + "/nice.json"));
}

TEST_F(OwnScenariosTest, AFolderThatIsNamedMustBeThere)
{
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"list", "--scenarios", path("nowhere")},
             {"run", "nice", "--scenarios", path("nowhere")}}) {
        const Outcome outcome = timeslice(arguments, there());
        EXPECT_EQ(outcome.status, 2);
        EXPECT_THAT(outcome.err, HasSubstr("--scenarios " + path("nowhere") + ": No such file or directory"));
    }
}

} // namespace
} // namespace timeslice::system::own_scenarios_test
