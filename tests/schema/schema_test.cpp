// The schema that editors check scenario files with, and the readers that the program reads them with, say the same.
#include "core/scenario/catalogue.h"
#include "core/workload/workload_spec.h"
#include "tests/places/places.h"
#include "tests/schema/scenario_schema.h"

#include <algorithm>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>
#include <sstream>

namespace timeslice::schema_test {
namespace {

using test::SchemaPlace;

constexpr const char* kNobodysKey = "qqqqqqqqqqqqqqqqqqqqqqqq";

std::string textOf(const std::filesystem::path& file)
{
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return std::move(text).str();
}

std::vector<std::filesystem::path> shippedFiles()
{
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(test::resourceFolder() / "scenarios")) {
        if (entry.path().extension() == ".json") {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

/// A document in which every key is that there is.
const nlohmann::json& everything()
{
    static const nlohmann::json kDocument =
        nlohmann::json::parse(textOf(test::testDataFolder() / "scenarios" / "everything.json"));
    return kDocument;
}

/// What the program says of a document, workloads included; empty: nothing is wrong.
std::string readerComplaint(nlohmann::json document)
{
    for (nlohmann::json& variant : document["variants"]) { // in text that is not from a file the script's stands, too
        if (variant.is_object() && variant.contains("python")) {
            variant["code"] = "pass";
        }
    }
    const auto scenario = parseScenario(document.dump(), "x.json");
    if (!scenario) {
        return scenario.error().message;
    }
    const auto resolved = resolve(*scenario, 2);
    if (!resolved) {
        return resolved.error().message;
    }
    for (const VariantSpec& variant : resolved->variants) {
        if (!isPython(variant.engine)) {
            if (const auto workload = readWorkload(variant.workload, {resolved->limits.threads, {0, 1}}); !workload) {
                return workload.error().message;
            }
        }
    }
    return {};
}

/// "unknown key 'x'; known: a, b and c".
std::set<std::string> namesIn(const std::string& complaint)
{
    const std::string begin = "; known: ";
    std::set<std::string> names;
    const std::size_t at = complaint.find(begin);
    if (at == std::string::npos) {
        return names;
    }
    std::string list = complaint.substr(at + begin.size());
    if (const std::size_t last = list.rfind(" and "); last != std::string::npos) {
        list.replace(last, 5, ", ");
    }
    for (std::size_t from = 0; from <= list.size();) {
        const std::size_t to = std::min(list.find(", ", from), list.size());
        names.insert(list.substr(from, to - from));
        from = to + 2;
    }
    return names;
}

std::set<std::string> keysOf(const nlohmann::json& object)
{
    std::set<std::string> keys;
    for (const auto& [key, ignored] : object.items()) {
        keys.insert(key);
    }
    return keys;
}

/// Keys that stand in recordings only: nobody writes them.
std::set<std::string> recorded(const std::string& part)
{
    return part == "#"                           ? std::set<std::string>{"knobValues", "resolvedFor"}
        : part == "#/definitions/python-variant" ? std::set<std::string>{"code"}
                                                 : std::set<std::string>{};
}

const std::vector<SchemaPlace>& allPlaces()
{
    static const std::vector<SchemaPlace> kPlaces = test::walkAlongSchema(everything());
    return kPlaces;
}

/// The first place of each part of the schema.
std::vector<SchemaPlace> firstOfEach(const std::function<bool(const nlohmann::json& part)>& wanted)
{
    std::vector<SchemaPlace> places;
    std::set<std::string> seen;
    for (const SchemaPlace& place : allPlaces()) {
        if (wanted(*place.part) && seen.insert(place.name).second) {
            places.push_back(place);
        }
    }
    return places;
}

bool listsKeys(const nlohmann::json& part)
{
    return part.contains("properties");
}

TEST(ScenarioSchema, HoldsForEveryFileThatIsShippedAndIsNamedInIt)
{
    for (const std::filesystem::path& file : shippedFiles()) {
        const auto document = nlohmann::json::parse(textOf(file));
        EXPECT_EQ(test::schemaComplaint(document), "") << file.filename();
        EXPECT_EQ(document.value("$schema", ""), "../schema/scenario.schema.json") << file.filename();
    }
}

TEST(ScenarioSchema, HoldsForTheDocumentWithEverythingInIt)
{
    EXPECT_EQ(test::schemaComplaint(everything()), "");
    EXPECT_EQ(readerComplaint(everything()), "");
    const auto fromFile = readScenario(test::testDataFolder() / "scenarios" / "everything.json");
    EXPECT_TRUE(fromFile.has_value()) << (fromFile ? "" : fromFile.error().message);
    std::set<std::string> parts;
    for (const SchemaPlace& place : firstOfEach(listsKeys)) {
        parts.insert(place.name);
        const nlohmann::json& object = everything().at(place.at);
        if (place.part->value("maxProperties", 0) != 1) {
            continue;
        }
        EXPECT_EQ(object.size(), 1U) << place.name;
    }
    for (const std::string& part : test::partsWithKeys()) {
        EXPECT_TRUE(parts.contains(part)) << "tests/data/scenarios/everything.json has no " << part;
    }
}

TEST(ScenarioSchema, KnowsTheKeysThatTheReadersKnow)
{
    for (const SchemaPlace& place : firstOfEach(listsKeys)) {
        nlohmann::json document = everything();
        nlohmann::json& object = document.at(place.at);
        const bool step = place.part->contains("maxProperties");
        if (step) {
            object.clear(); // an event has one key
        }
        object[kNobodysKey] = true;
        EXPECT_FALSE(test::schemaAccepts(document)) << place.name;
        std::set<std::string> known = namesIn(readerComplaint(document));
        for (const std::string& key : recorded(place.name)) {
            EXPECT_EQ(known.erase(key), 1U) << key;
        }
        EXPECT_EQ(known, keysOf(place.part->at("properties"))) << place.name << "\n" << readerComplaint(document);
    }
}

TEST(ScenarioSchema, KnowsTheWordsThatTheReadersKnow)
{
    const auto isWord = [](const nlohmann::json& part) { return part.contains("enum") && part["enum"].size() > 1; };
    std::size_t words = 0;
    for (const SchemaPlace& place : firstOfEach(isWord)) {
        nlohmann::json document = everything();
        document.at(place.at) = kNobodysKey;
        EXPECT_FALSE(test::schemaAccepts(document)) << place.name;
        const auto wanted = place.part->at("enum").get<std::set<std::string>>();
        EXPECT_EQ(namesIn(readerComplaint(document)), wanted) << place.name << "\n" << readerComplaint(document);
        ++words;
    }
    EXPECT_GT(words, 10U);
}

TEST(ScenarioSchema, NeedsTheKeysThatTheReadersNeed)
{
    for (const SchemaPlace& place : firstOfEach(listsKeys)) {
        if (place.part->contains("maxProperties")) {
            continue;
        }
        for (const std::string& key : keysOf(everything().at(place.at))) {
            nlohmann::json document = everything();
            document.at(place.at).erase(key);
            const std::string complaint = readerComplaint(document);
            const bool missing = complaint.find("'" + key + "' is missing") != std::string::npos;
            EXPECT_TRUE(!missing || !test::schemaAccepts(document)) << place.name << ": " << complaint;
            EXPECT_TRUE(complaint != "" || test::schemaAccepts(document)) << place.name << ": " << key;
        }
    }
}

TEST(ScenarioSchema, RefusesValuesOfAnotherKindAsTheReadersDo)
{
    std::set<std::string> seen;
    for (const SchemaPlace& place : allPlaces()) {
        if (place.at.empty() || !seen.insert(place.name).second || place.at.to_string() == "/$schema") {
            continue;
        }
        nlohmann::json document = everything();
        document.at(place.at) = nullptr;
        EXPECT_FALSE(test::schemaAccepts(document)) << place.name;
        EXPECT_NE(readerComplaint(document), "") << place.name;
    }
}

TEST(ScenarioSchema, KnowsWhatAVariantsReportBeginsWith)
{
    const auto& path = test::scenarioSchema().at("definitions").at("report-path");
    for (const std::string& key : variantReportKeys()) {
        EXPECT_TRUE(test::schemaAccepts("/" + key, path)) << key;
        EXPECT_TRUE(test::schemaAccepts("/" + key + "/0/x", path)) << key;
        EXPECT_FALSE(test::schemaAccepts("/" + key + "x", path)) << key;
    }
    const auto pattern = path.at("pattern").get<std::string>();
    EXPECT_EQ(std::count(pattern.begin(), pattern.end(), '|') - 1,
        static_cast<std::ptrdiff_t>(variantReportKeys().size()) - 1)
        << "and no more than those";
}

/// The examples in the README are what people copy.
TEST(ScenarioReadme, HasExamplesThatAreRead)
{
    const std::string text = textOf(test::resourceFolder() / "scenarios" / "README.md");
    const std::string begin = "```json\n";
    std::set<ChartSpec::Kind> charts;
    bool series = false;
    for (std::size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at)) {
        at += begin.size();
        const std::string example = text.substr(at, text.find("```", at) - at);
        const auto scenario = parseScenario(example, "README.md");
        ASSERT_TRUE(scenario.has_value()) << scenario.error().message << " in\n" << example;
        const auto document = nlohmann::json::parse(example);
        EXPECT_EQ(test::schemaComplaint(document), "") << scenario->id;
        EXPECT_EQ(readerComplaint(document), "") << scenario->id;
        series = series || scenario->series;
        if (scenario->chart) {
            charts.insert(scenario->chart->kind);
        }
    }
    EXPECT_TRUE(series);
    EXPECT_THAT(charts,
        testing::UnorderedElementsAre(
            ChartSpec::Kind::Bars, ChartSpec::Kind::Histogram, ChartSpec::Kind::Curve, ChartSpec::Kind::Table));
}

} // namespace
} // namespace timeslice::schema_test
