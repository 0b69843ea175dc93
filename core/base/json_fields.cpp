#include "core/base/json_fields.h"

#include "core/base/clean_name.h"

namespace timeslice {

const nlohmann::json* JsonFields::find(const char* key) const
{
    if (!m_object.is_object()) {
        return nullptr;
    }
    const auto found = m_object.find(key);
    return found == m_object.end() ? nullptr : &*found;
}

void JsonFields::require(bool good, const char* key)
{
    if (!good && m_trouble.empty()) {
        m_trouble = std::string("'") + key + "' is missing or impossible";
    }
}

bool JsonFields::boolean(const char* key)
{
    const nlohmann::json* field = find(key);
    require(field != nullptr && field->is_boolean(), key);
    return m_trouble.empty() && field->get<bool>();
}

std::string JsonFields::text(const char* key)
{
    const nlohmann::json* field = find(key);
    require(field != nullptr && field->is_string(), key);
    return m_trouble.empty() ? cleanText(field->get_ref<const std::string&>()) : std::string();
}

JsonFields JsonFields::object(const char* key)
{
    static const nlohmann::json kNothing;
    const nlohmann::json* field = find(key);
    require(field != nullptr && field->is_object(), key);
    return JsonFields(field != nullptr ? *field : kNothing);
}

} // namespace timeslice
