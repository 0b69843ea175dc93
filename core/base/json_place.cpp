#include "core/base/json_place.h"

#include "core/base/did_you_mean.h"
#include "core/base/duration_text.h"

#include <algorithm>
#include <cmath>

namespace timeslice {

namespace {

std::string pathBelow(const std::string& path, const std::string& step)
{
    return path.empty() ? step : path + "/" + step;
}

} // namespace

bool JsonReading::failed(const std::string& path) const
{
    if (m_wrong.empty()) {
        return false;
    }
    if (path.empty() || m_wrong.contains(path)) {
        return true;
    }
    const std::string inside = path + "/";
    const auto it = m_wrong.lower_bound(inside);
    return it != m_wrong.end() && it->first.starts_with(inside);
}

void JsonReading::complain(JsonComplaint complaint, bool whole)
{
    const auto [before, first] = m_wrong.try_emplace(complaint.path, whole);
    const bool again = !first
        && (before->second || std::any_of(m_complaints.begin(), m_complaints.end(), [&](const JsonComplaint& other) {
               return other.path == complaint.path && other.message == complaint.message;
           }));
    before->second = before->second || whole;
    if (!again && m_complaints.size() < kMostComplaints) {
        m_complaints.push_back(std::move(complaint));
    }
}

void JsonPlace::complainExpected(std::string_view expected) const
{
    m_reading->complain({m_path, "expected " + std::string(expected) + ", found " + inWords(*m_value)}, true);
}

bool JsonPlace::expectKeys(
    const std::vector<std::string>& needed, const std::vector<std::string>& optional, std::string_view what) const
{
    if (!m_value->is_object()) {
        complainExpected(what);
        return false;
    }
    std::vector<std::string> known = needed;
    known.insert(known.end(), optional.begin(), optional.end());
    std::vector<std::string> meant; // keys for which a mistyped one stands: they are not missing besides
    for (const auto& [key, ignored] : m_value->items()) {
        if (std::find(known.begin(), known.end(), key) == known.end()) {
            const std::vector<std::string> nearest = nearestNames(key, known, 1);
            meant.insert(meant.end(), nearest.begin(), nearest.end());
            m_reading->complain({m_path, unknownName("key", key, known), ErrorKind::Usage, key}, false);
        }
    }
    bool all = true;
    for (const std::string& key : needed) {
        if (!m_value->contains(key)) {
            all = false;
            if (std::find(meant.begin(), meant.end(), key) == meant.end()) {
                complain("the key '" + key + "' is missing");
            }
        }
    }
    return all;
}

std::optional<JsonPlace> JsonPlace::find(const std::string& key) const
{
    return m_value->is_object() && m_value->contains(key) ? std::optional(at(key)) : std::nullopt;
}

JsonPlace JsonPlace::at(const std::string& key) const
{
    static const nlohmann::json kNothing;
    std::string path = pathBelow(m_path, shown(key));
    if (!m_value->is_object() || !m_value->contains(key)) {
        m_reading->giveUp(path);
        return {*m_reading, kNothing, std::move(path)};
    }
    return {*m_reading, m_value->at(key), std::move(path)};
}

JsonPlace JsonPlace::at(std::size_t index) const
{
    return {*m_reading, m_value->at(index), pathBelow(m_path, std::to_string(index))};
}

std::vector<JsonPlace> JsonPlace::list(std::string_view what) const
{
    std::vector<JsonPlace> places;
    if (!m_value->is_array()) {
        complainExpected("an array of " + std::string(what));
        return places;
    }
    for (std::size_t i = 0; i < m_value->size(); ++i) {
        places.push_back(at(i));
    }
    return places;
}

std::string JsonPlace::text() const
{
    if (!m_value->is_string() || m_value->get_ref<const std::string&>().empty()) {
        complainExpected(m_value->is_string() ? "a text that is not empty" : "a text");
        return {};
    }
    return m_value->get<std::string>();
}

std::string JsonPlace::textOrLines(std::string_view separator) const
{
    if (m_value->is_string()) {
        return m_value->get<std::string>();
    }
    if (!m_value->is_array()) {
        complainExpected("a text or an array of texts");
        return {};
    }
    std::string result;
    bool first = true;
    for (const JsonPlace& line : list("texts")) {
        if (!line.value().is_string()) {
            line.complainExpected("a text");
            continue;
        }
        result.append(first ? std::string_view() : separator).append(line.value().get_ref<const std::string&>());
        first = false;
    }
    return result;
}

double JsonPlace::number() const
{
    if (!m_value->is_number() && m_reading->otherNumber) {
        return m_reading->otherNumber(*this);
    }
    const double number = m_value->is_number() ? m_value->get<double>() : NAN;
    if (!std::isfinite(number)) {
        complainExpected(m_value->is_number() ? "a finite number" : "a number");
        return 0;
    }
    return number;
}

std::int64_t JsonPlace::wholeNumber(std::int64_t least, std::int64_t most) const
{
    constexpr double kExact = 9e15; // whole numbers up to here are exact
    std::optional<std::int64_t> number;
    if (m_value->is_number_integer()) {
        const bool tooLarge = m_value->is_number_unsigned() && m_value->get<std::uint64_t>() > INT64_MAX;
        number = tooLarge ? std::nullopt : std::optional(m_value->get<std::int64_t>());
    } else if (m_value->is_number() || m_reading->otherNumber) {
        const double value = this->number();
        if (std::fabs(value) < kExact && std::trunc(value) == value) {
            number = static_cast<std::int64_t>(value);
        }
    }
    if (!number || *number < least || *number > most) {
        complainExpected("a whole number from " + std::to_string(least) + " to " + std::to_string(most));
        return least;
    }
    return *number;
}

bool JsonPlace::flag() const
{
    if (!m_value->is_boolean()) {
        complainExpected("true or false");
        return false;
    }
    return m_value->get<bool>();
}

Nanos JsonPlace::duration() const
{
    const auto length = m_value->is_string() ? parseDurationText(m_value->get_ref<const std::string&>()) : std::nullopt;
    if (!length) {
        complainExpected("a duration such as \"5ms\" (ns, us, ms or s)");
        return 0;
    }
    return *length;
}

std::size_t JsonPlace::choice(std::string_view what, const std::vector<std::string>& words) const
{
    if (!m_value->is_string()) {
        complainExpected(joinNames(words, " or "));
        return 0;
    }
    const auto& word = m_value->get_ref<const std::string&>();
    const auto it = std::find(words.begin(), words.end(), word);
    if (it == words.end()) {
        complain(unknownName(what, word, words));
        return 0;
    }
    return static_cast<std::size_t>(it - words.begin());
}

std::string JsonPlace::id() const
{
    const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    if (!m_value->is_string() || m_value->get_ref<const std::string&>().empty()
        || !std::all_of(
            m_value->get_ref<const std::string&>().begin(), m_value->get_ref<const std::string&>().end(), fits)) {
        complainExpected("an id of lower-case letters, digits and hyphens");
        return {};
    }
    return m_value->get<std::string>();
}

} // namespace timeslice
