#include "core/base/json_out.h"

#include <nlohmann/json.hpp>

namespace timeslice {

std::string jsonText(const nlohmann::json& value, JsonLayout layout)
{
    const int indent = layout == JsonLayout::Indented ? 2 : -1;
    return value.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string jsonString(std::string_view text)
{
    return jsonText(nlohmann::json(text));
}

} // namespace timeslice
