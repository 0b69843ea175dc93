#include "core/base/json_words.h"

#include "core/base/clean_name.h"
#include "core/base/did_you_mean.h"
#include "core/base/json_out.h"

#include <nlohmann/json.hpp>

namespace timeslice {

std::string shown(std::string_view text)
{
    constexpr std::size_t kMost = 40;
    const std::string_view start = utf8Prefix(text, kMost);
    return cleanName(start) + (start.size() < text.size() ? "..." : "");
}

std::string inWords(const nlohmann::json& value)
{
    switch (value.type()) {
    case nlohmann::json::value_t::null:
        return "null";
    case nlohmann::json::value_t::object:
        return "an object";
    case nlohmann::json::value_t::array:
        return "an array";
    case nlohmann::json::value_t::string:
        return "the text \"" + shown(value.get_ref<const std::string&>()) + "\"";
    case nlohmann::json::value_t::boolean:
        return value.get<bool>() ? "true" : "false";
    case nlohmann::json::value_t::number_integer:
    case nlohmann::json::value_t::number_unsigned:
    case nlohmann::json::value_t::number_float:
        return "the number " + jsonText(value);
    case nlohmann::json::value_t::binary:
    case nlohmann::json::value_t::discarded:
        break;
    }
    return "something else";
}

std::string unknownName(std::string_view what, std::string_view name, const std::vector<std::string>& known)
{
    std::string message = "unknown " + std::string(what) + " '" + shown(name) + "'";
    if (const std::string hint = didYouMean(name, known); !hint.empty()) {
        return message + hint;
    }
    return message + (known.empty() ? "; there is none" : "; known: " + joinNames(known));
}

} // namespace timeslice
