#include "core/workload/json_reader.h"

#include "core/base/did_you_mean.h"
#include "core/base/duration_text.h"
#include "core/base/json_words.h"

#include <algorithm>
#include <cmath>

namespace timeslice {

JsonPlace JsonPlace::at(const std::string& key) const
{
    return {&value->at(key), path.empty() ? shown(key) : path + "/" + shown(key)};
}

JsonPlace JsonPlace::at(std::size_t index) const
{
    return {&value->at(index), path + "/" + std::to_string(index)};
}

bool JsonPlace::has(const char* key) const
{
    return value->is_object() && value->contains(key);
}

void JsonReader::complain(const JsonPlace& place, const std::string& what, ErrorKind kind)
{
    if (!m_error) {
        m_error = Error{place.path.empty() ? "workload: " + what : place.path + ": " + what, kind};
    }
}

void JsonReader::complainExpected(const JsonPlace& place, const std::string& expected)
{
    complain(place, "expected " + expected + ", found " + inWords(*place.value));
}

void JsonReader::complainUnknown(
    const JsonPlace& place, const std::string& what, const std::string& name, const std::vector<std::string>& known)
{
    complain(place, unknownName(what, name, known));
}

bool JsonReader::expectObject(const JsonPlace& place, const std::string& what, const std::vector<std::string>& keys)
{
    if (!place.value->is_object()) {
        complainExpected(place, what);
        return false;
    }
    for (const auto& [key, ignored] : place.value->items()) {
        if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
            complainUnknown(place, "key", key, keys);
            return false;
        }
    }
    return true;
}

std::int64_t JsonReader::integer(const JsonPlace& place, std::int64_t least, std::int64_t most)
{
    const nlohmann::json& value = *place.value;
    // A knob's arithmetic may make 2.0 of 2; a whole number is meant.
    const bool whole = value.is_number_integer()
        || (value.is_number_float() && std::trunc(value.get<double>()) == value.get<double>()
            && std::fabs(value.get<double>()) < 9e15);
    bool inRange = whole;
    std::int64_t number = 0;
    if (value.is_number_unsigned()) {
        inRange = value.get<std::uint64_t>() <= static_cast<std::uint64_t>(INT64_MAX);
    }
    if (inRange) {
        number = value.get<std::int64_t>();
        inRange = least <= number && number <= most;
    }
    if (!inRange) {
        complainExpected(place, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
        return least;
    }
    return number;
}

bool JsonReader::boolean(const JsonPlace& place)
{
    if (!place.value->is_boolean()) {
        complainExpected(place, "true or false");
        return false;
    }
    return place.value->get<bool>();
}

std::string JsonReader::text(const JsonPlace& place)
{
    if (!place.value->is_string()) {
        complainExpected(place, "a text");
        return {};
    }
    return place.value->get<std::string>();
}

Nanos JsonReader::duration(const JsonPlace& place, Nanos least)
{
    std::optional<Nanos> length;
    if (place.value->is_number()) {
        constexpr double kMostMicroseconds = 24.0 * 3600 * 1e6;
        const double microseconds = place.value->get<double>();
        if (microseconds >= 0 && microseconds <= kMostMicroseconds) {
            length = static_cast<Nanos>(std::llround(microseconds * 1e3));
        }
    } else if (place.value->is_string()) {
        length = parseDurationText(place.value->get_ref<const std::string&>());
    }
    if (!length || *length < least) {
        complainExpected(place,
            std::string("a duration such as \"5ms\" (ns, us, ms or s; a plain number is microseconds), ")
                + (least > 0 ? "more than zero" : "not negative") + " and at most 24 hours");
        return least;
    }
    return *length;
}

std::size_t JsonReader::choice(const JsonPlace& place, const std::string& what, const std::vector<std::string>& words)
{
    if (!place.value->is_string()) {
        complainExpected(place, joinNames(words, " or "));
        return 0;
    }
    const auto& word = place.value->get_ref<const std::string&>();
    const auto it = std::find(words.begin(), words.end(), word);
    if (it == words.end()) {
        complainUnknown(place, what, word, words);
        return 0;
    }
    return static_cast<std::size_t>(it - words.begin());
}

} // namespace timeslice
