// The schema of scenario files, and a walk through a document along it.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace timeslice::test {

/// resources/schema/scenario.schema.json.
const nlohmann::json& scenarioSchema();

/// Whether a value is as a part of the schema wants it; the schema itself, unless another part is named.
bool schemaAccepts(const nlohmann::json& value, const nlohmann::json& part = scenarioSchema());
/// The validator's own words; empty: it accepts the document.
std::string schemaComplaint(const nlohmann::json& document);

/// A value of a document, and the part of the schema that it is held against.
struct SchemaPlace {
    nlohmann::json::json_pointer at;
    std::string name; ///< of the part: its path in the schema
    const nlohmann::json* part = nullptr;
};
/// Every value of a document that the schema accepts, from the top.
std::vector<SchemaPlace> walkAlongSchema(const nlohmann::json& document);
/// The names of all parts that list keys.
std::vector<std::string> partsWithKeys();

} // namespace timeslice::test
