#include "core/scenario/copy_scenario.h"

#include "tests/core/scenario/made_scenario.h"
#include "tests/places/places.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>
#include <unistd.h>

namespace timeslice::copy_scenario_test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class CopyScenario : public testing::Test {
protected:
    CopyScenario()
    {
        std::string name = (fs::temp_directory_path() / "copy-XXXXXX").string();
        m_folder = mkdtemp(name.data());
        m_course = readCatalogue(test::resourceFolder() / "scenarios").value();
    }
    ~CopyScenario() override
    {
        fs::permissions(m_folder, fs::perms::owner_all);
        fs::remove_all(m_folder);
    }

    fs::path own() const { return m_folder / "data/own"; }
    void write(const fs::path& file, const std::string& text)
    {
        fs::create_directories((m_folder / file).parent_path());
        std::ofstream(m_folder / file) << text;
    }
    static std::string textOf(const fs::path& file)
    {
        std::ostringstream text;
        text << std::ifstream(file).rdbuf();
        return std::move(text).str();
    }
    Scenario lesson(const char* id) { return findScenario(m_course, id).value(); }
    Result<ScenarioCopy> copy(const Scenario& original) { return copyScenario(original, own(), m_course, {}); }
    std::vector<std::string> filesThere() const
    {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(own())) {
            names.push_back(entry.path().filename().string());
        }
        std::sort(names.begin(), names.end());
        return names;
    }

    fs::path m_folder;
    Catalogue m_course;
};

TEST_F(CopyScenario, OfEachLessonIsReadAgainAndRunsTheSame)
{
    for (const Scenario& original : m_course.scenarios) {
        const auto made = copy(original);
        ASSERT_TRUE(made.has_value()) << made.error().message;
        const auto again = readScenario(made->file);
        ASSERT_TRUE(again.has_value()) << again.error().message;
        EXPECT_EQ(again->id, original.id + "-copy");
        EXPECT_EQ(again->title, original.title + " (my copy)");
        ASSERT_EQ(again->variants.size(), original.variants.size());
        for (std::size_t i = 0; i < original.variants.size(); ++i) {
            EXPECT_EQ(again->variants[i].workload, original.variants[i].workload);
            EXPECT_EQ(again->variants[i].code, original.variants[i].code);
        }
        const std::string text = textOf(made->file);
        const std::string before = textOf(original.sourcePath);
        EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), std::count(before.begin(), before.end(), '\n'))
            << "laid out as it was";
    }
}

TEST_F(CopyScenario, NeverWritesOverAFile)
{
    const auto first = copy(lesson("nice")).value();
    const std::string text = textOf(first.file);
    EXPECT_EQ(copy(lesson("nice"))->id, "nice-copy-2");
    EXPECT_EQ(copy(lesson("nice"))->id, "nice-copy-3");
    EXPECT_EQ(textOf(first.file), text);
    m_course.scenarios.front().id = "hog-and-sleeper-copy"; // elsewhere
    EXPECT_EQ(copy(lesson("hog-and-sleeper"))->id, "hog-and-sleeper-copy-2");
}

TEST_F(CopyScenario, GivesAnotherNameToAScriptWhoseNameIsTaken)
{
    write("data/own/gil_two_threads.py", "mine");
    const auto made = copy(lesson("gil-two-threads")).value();
    EXPECT_THAT(made.scripts, ElementsAre(own() / "gil_two_threads_copy.py"));
    EXPECT_EQ(textOf(own() / "gil_two_threads.py"), "mine");
    EXPECT_EQ(textOf(made.scripts[0]), textOf(test::resourceFolder() / "scenarios/gil_two_threads.py"));
    for (const Scenario read = readScenario(made.file).value(); const VariantSpec& variant : read.variants) {
        EXPECT_EQ(variant.python.script, made.scripts[0]);
    }
    const auto again = copy(lesson("gil-two-threads")).value();
    EXPECT_THAT(again.scripts, ElementsAre(made.scripts[0])) << "the same text need not be there twice";
}

TEST_F(CopyScenario, TakesAlongWhatAScriptImportsFromBesideIt)
{
    nlohmann::json document = madeScenario();
    document["variants"][0].erase("workload");
    document["variants"][0].erase("code");
    document["variants"][0]["engine"] = "cpython";
    document["variants"][0]["python"]["script"] = "job.py";
    write("from/made-up.json", document.dump(2));
    write("from/job.py", "import sys, helper\nimport timeslice\n");
    write("from/helper.py", "from deeper import more\n");
    write("from/deeper.py", "more = 1\n");
    write("from/other.py", "");
    const auto made = copy(readScenario(m_folder / "from/made-up.json").value());
    ASSERT_TRUE(made.has_value()) << made.error().message;
    EXPECT_THAT(filesThere(), ElementsAre("deeper.py", "helper.py", "job.py", "made-up-copy.json"));
    // Another module of that name is the reader's, and no copy can have both.
    write("data/own/helper.py", "mine");
    write("data/own/job.py", "mine");
    const auto refused = copy(readScenario(m_folder / "from/made-up.json").value());
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error().message, HasSubstr("helper.py is there already"));
    EXPECT_THAT(filesThere(), ElementsAre("deeper.py", "helper.py", "job.py", "made-up-copy.json"));
}

TEST_F(CopyScenario, NamesTheSchemaWhereItIs)
{
    const auto named = copyScenario(lesson("nice"), own(), m_course, "/usr/share/x.schema.json").value();
    EXPECT_EQ(readScenario(named.file)->document[kSchemaKey], "file:///usr/share/x.schema.json");
    write("from/made-up.json", madeScenario().dump(2));
    const auto added =
        copyScenario(readScenario(m_folder / "from/made-up.json").value(), own(), m_course, "/usr/share/x.schema.json")
            .value();
    EXPECT_EQ(readScenario(added.file)->document[kSchemaKey], "file:///usr/share/x.schema.json");
}

TEST_F(CopyScenario, SaysWhatCannotBeReadOrWritten)
{
    Scenario gone = lesson("nice");
    gone.sourcePath = m_folder / "gone.json";
    const auto unread = copy(gone);
    ASSERT_FALSE(unread.has_value());
    EXPECT_EQ(unread.error().kind, ErrorKind::Usage);
    EXPECT_THAT(unread.error().message, HasSubstr("gone.json: No such file"));
    write("file", "");
    const auto unwritten = copyScenario(lesson("nice"), m_folder / "file", m_course, {});
    ASSERT_FALSE(unwritten.has_value());
    EXPECT_THAT(unwritten.error().message, HasSubstr("cannot make the folder"));
}

} // namespace
} // namespace timeslice::copy_scenario_test
