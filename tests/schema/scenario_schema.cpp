#include "tests/schema/scenario_schema.h"

#include "tests/places/places.h"

#include <fstream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace timeslice::test {

namespace {

using Adapter = valijson::adapters::NlohmannJsonAdapter;

void compile(const nlohmann::json& text, valijson::Schema& schema)
{
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(Adapter(text), schema);
}

const valijson::Schema& whole()
{
    static const valijson::Schema* const kSchema = [] {
        auto* schema = new valijson::Schema;
        compile(scenarioSchema(), *schema);
        return schema;
    }();
    return *kSchema;
}

/// What it says when references are followed and, of several parts, the one is taken that fits.
SchemaPlace settle(SchemaPlace place, const nlohmann::json& value)
{
    for (;;) {
        if (const auto reference = place.part->find("$ref"); reference != place.part->end()) {
            place.name = reference->get<std::string>();
            place.part = &scenarioSchema().at(nlohmann::json::json_pointer(place.name.substr(1)));
            continue;
        }
        const char* choice = place.part->contains("properties") ? nullptr
            : place.part->contains("oneOf")                     ? "oneOf"
            : place.part->contains("anyOf")                     ? "anyOf"
                                                                : nullptr;
        if (choice == nullptr) {
            return place;
        }
        const nlohmann::json& parts = place.part->at(choice);
        std::size_t fitting = 0;
        while (fitting + 1 < parts.size() && !schemaAccepts(value, parts[fitting])) {
            ++fitting;
        }
        place.name += "/" + std::string(choice) + "/" + std::to_string(fitting);
        place.part = &parts[fitting];
    }
}

void walk(SchemaPlace place, const nlohmann::json& value, std::vector<SchemaPlace>& places)
{
    place = settle(std::move(place), value);
    places.push_back(place);
    const nlohmann::json& part = *place.part;
    if (value.is_object()) {
        const auto properties = part.find("properties");
        for (const auto& [key, inside] : value.items()) {
            if (properties != part.end() && properties->contains(key)) {
                walk({place.at / key, place.name + "/properties/" + key, &properties->at(key)}, inside, places);
            } else if (part.contains("additionalProperties") && part["additionalProperties"].is_object()) {
                walk({place.at / key, place.name + "/additionalProperties", &part["additionalProperties"]}, inside,
                    places);
            }
        }
    } else if (value.is_array() && part.contains("items")) {
        for (std::size_t i = 0; i < value.size(); ++i) {
            walk({place.at / i, place.name + "/items", &part["items"]}, value[i], places);
        }
    }
}

void collectParts(const nlohmann::json& part, const std::string& name, std::vector<std::string>& names)
{
    if (part.is_object() && part.contains("properties") && part["properties"].is_object()) {
        names.push_back(name);
    }
    if (part.is_structured()) {
        for (const auto& [key, inside] : part.items()) {
            collectParts(inside, name + "/" + key, names);
        }
    }
}

} // namespace

const nlohmann::json& scenarioSchema()
{
    static const nlohmann::json kSchema =
        nlohmann::json::parse(std::ifstream(resourceFolder() / "schema" / "scenario.schema.json"));
    return kSchema;
}

bool schemaAccepts(const nlohmann::json& value, const nlohmann::json& part)
{
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    if (&part == &scenarioSchema()) {
        return validator.validate(whole(), Adapter(value), nullptr);
    }
    nlohmann::json alone = part;
    alone["definitions"] = scenarioSchema().at("definitions");
    valijson::Schema schema;
    compile(alone, schema);
    return validator.validate(schema, Adapter(value), nullptr);
}

std::string schemaComplaint(const nlohmann::json& document)
{
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    valijson::ValidationResults results;
    if (validator.validate(whole(), Adapter(document), &results)) {
        return {};
    }
    std::string all;
    for (valijson::ValidationResults::Error error; results.popError(error);) {
        for (const std::string& step : error.context) {
            all += step;
        }
        all += ": " + error.description + "\n";
    }
    return all.empty() ? "refused" : all;
}

std::vector<SchemaPlace> walkAlongSchema(const nlohmann::json& document)
{
    std::vector<SchemaPlace> places;
    walk({nlohmann::json::json_pointer(), "#", &scenarioSchema()}, document, places);
    return places;
}

std::vector<std::string> partsWithKeys()
{
    std::vector<std::string> names;
    collectParts(scenarioSchema(), "#", names);
    return names;
}

} // namespace timeslice::test
