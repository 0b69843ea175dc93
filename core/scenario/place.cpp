#include "core/scenario/place.h"

#include "core/base/did_you_mean.h"
#include "core/base/duration_text.h"

#include <algorithm>
#include <cmath>

namespace timeslice::scenario {

void Place::complainExpected(std::string_view expected) const
{
    complain("expected " + std::string(expected) + ", found " + inWords(*m_value));
}

void Place::expectKeys(const std::vector<std::string>& needed, const std::vector<std::string>& optional) const
{
    if (!m_value->is_object()) {
        complainExpected("an object");
        return;
    }
    std::vector<std::string> known = needed;
    known.insert(known.end(), optional.begin(), optional.end());
    for (const auto& [key, ignored] : m_value->items()) {
        if (std::find(known.begin(), known.end(), key) == known.end()) {
            complain(unknownName("key", key, known));
            return;
        }
    }
    for (const std::string& key : needed) {
        if (!m_value->contains(key)) {
            complain("the key '" + key + "' is missing");
            return;
        }
    }
}

std::optional<Place> Place::find(const std::string& key) const
{
    if (!m_value->is_object()) {
        return std::nullopt;
    }
    const auto it = m_value->find(key);
    if (it == m_value->end()) {
        return std::nullopt;
    }
    return Place(*m_reading, *it, m_path.empty() ? key : m_path + "/" + key);
}

std::vector<Place> Place::list(std::string_view what) const
{
    std::vector<Place> places;
    if (!m_value->is_array()) {
        complainExpected("an array of " + std::string(what));
        return places;
    }
    for (std::size_t i = 0; i < m_value->size(); ++i) {
        places.emplace_back(*m_reading, (*m_value)[i], m_path + "/" + std::to_string(i));
    }
    return places;
}

std::string Place::text() const
{
    if (!m_value->is_string() || m_value->get_ref<const std::string&>().empty()) {
        complainExpected("a text");
        return {};
    }
    return m_value->get<std::string>();
}

std::string Place::textOrLines(std::string_view separator) const
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
    for (const Place& line : list("texts")) {
        if (!line.value().is_string()) {
            line.complainExpected("a text");
            return {};
        }
        result.append(first ? std::string_view() : separator).append(line.value().get_ref<const std::string&>());
        first = false;
    }
    return result;
}

double Place::number() const
{
    if (m_value->is_number()) {
        const auto number = m_value->get<double>();
        if (!std::isfinite(number)) {
            complainExpected("a finite number");
            return 0;
        }
        return number;
    }
    if (m_value->is_string() && m_value->get_ref<const std::string&>().starts_with('=') && m_reading->knobs) {
        const auto result =
            evaluate(std::string_view(m_value->get_ref<const std::string&>()).substr(1), *m_reading->knobs);
        if (result) {
            return *result;
        }
        complain(result.error().message);
        return 0;
    }
    complainExpected("a number (or an expression of knobs such as \"=2 * threads\")");
    return 0;
}

int Place::integer(int least, int most) const
{
    const double value = number();
    if (!(value >= least && value <= most) || std::trunc(value) != value) {
        complainExpected("a whole number from " + std::to_string(least) + " to " + std::to_string(most));
        return least;
    }
    return static_cast<int>(value);
}

bool Place::flag() const
{
    if (!m_value->is_boolean()) {
        complainExpected("true or false");
        return false;
    }
    return m_value->get<bool>();
}

Nanos Place::duration() const
{
    const auto length = m_value->is_string() ? parseDurationText(m_value->get_ref<const std::string&>()) : std::nullopt;
    if (!length) {
        complainExpected("a duration such as \"5ms\" (ns, us, ms or s)");
        return 0;
    }
    return *length;
}

std::size_t Place::choice(std::string_view what, const std::vector<std::string>& words) const
{
    if (!m_value->is_string()) {
        complainExpected("one of " + joinNames(words, " or "));
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

std::string Place::id() const
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

} // namespace timeslice::scenario
