#include "core/base/json_fields.h"

#include "core/base/clean_name.h"
#include "core/base/json_out.h"

#include <cmath>

namespace timeslice {

using nlohmann::json;

namespace {

const json kNothing;

} // namespace

JsonFields::JsonFields(const json& object, std::string path, std::string* trouble)
    : m_object(object)
    , m_path(std::move(path))
    , m_trouble(trouble != nullptr ? trouble : &m_own)
{
    if (!object.is_object()) {
        complain("expected an object, found " + std::string(object.type_name()));
    }
}

const json* JsonFields::find(const char* key) const
{
    if (!m_object.is_object()) {
        return nullptr;
    }
    const auto found = m_object.find(key);
    return found == m_object.end() ? nullptr : &*found;
}

const json* JsonFields::need(const char* key, const char* expected, Check check) const
{
    const json* field = find(key);
    if (field == nullptr) {
        complain(std::string(key) + ": missing");
    } else if (!(field->*check)()) {
        complain(std::string(key) + ": expected " + expected + ", found " + field->type_name());
        field = nullptr;
    }
    return field;
}

void JsonFields::complain(const std::string& what) const
{
    if (m_trouble->empty()) {
        *m_trouble = (m_path.empty() ? "" : m_path + "/") + what;
    }
}

void JsonFields::complainOf(const char* key, const json& value) const
{
    complain(std::string(key) + ": out of range: " + jsonText(value));
}

std::string JsonFields::pathOf(const char* key) const
{
    return m_path.empty() ? key : m_path + "/" + key;
}

double JsonFields::number(const char* key) const
{
    const json* field = need(key, "a number", &json::is_number);
    return field != nullptr ? field->get<double>() : 0;
}

bool JsonFields::boolean(const char* key) const
{
    const json* field = need(key, "true or false", &json::is_boolean);
    return field != nullptr && field->get<bool>();
}

std::string JsonFields::text(const char* key) const
{
    const json* field = need(key, "a text", &json::is_string);
    return field != nullptr ? cleanText(field->get_ref<const std::string&>()) : std::string();
}

Nanos JsonFields::seconds(const char* key) const
{
    constexpr double kMost = 1e9;
    const double value = number(key);
    if (!(std::abs(value) < kMost)) {
        complainOf(key, value);
        return 0;
    }
    return std::llround(value * static_cast<double>(kSecond));
}

std::vector<std::string> JsonFields::texts(const char* key) const
{
    std::vector<std::string> all;
    if (const json* field = need(key, "an array of texts", &json::is_array)) {
        for (const json& one : *field) {
            if (one.is_string()) {
                all.push_back(cleanText(one.get_ref<const std::string&>()));
            } else {
                complain(std::string(key) + ": expected texts, found " + one.type_name());
            }
        }
    }
    return all;
}

std::vector<double> JsonFields::numbers(const char* key) const
{
    std::vector<double> all;
    if (const json* field = need(key, "an array of numbers", &json::is_array)) {
        for (const json& one : *field) {
            if (one.is_number()) {
                all.push_back(one.get<double>());
            } else {
                complain(std::string(key) + ": expected numbers, found " + one.type_name());
            }
        }
    }
    return all;
}

JsonFields JsonFields::object(const char* key) const
{
    const json* field = need(key, "an object", &json::is_object);
    return JsonFields(field != nullptr ? *field : kNothing, pathOf(key), m_trouble);
}

const json& JsonFields::at(const char* key) const
{
    const json* field = find(key);
    return field != nullptr ? *field : kNothing;
}

} // namespace timeslice
