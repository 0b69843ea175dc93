// JsonFields: what an object that a program wrote says, nothing in it believed. What people write is read by JsonPlace.
#pragma once

#include "core/base/time.h"

#include <concepts>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace timeslice {

/// The fields of a JSON object and of those inside it. Whatever is missing or of the wrong kind is read as nothing: an
/// empty text, 0, false, the least that is allowed; and the first such is remembered, with the way to it. For one
/// thread; the document must outlive it, and it those that it gave.
class JsonFields {
public:
    explicit JsonFields(const nlohmann::json& object)
        : JsonFields(object, {}, nullptr)
    {
    }
    JsonFields(const JsonFields&) = delete;
    JsonFields& operator=(const JsonFields&) = delete;

    bool has(const char* key) const { return find(key) != nullptr; }

    template <std::integral T>
    T integer(const char* key, T least = std::numeric_limits<T>::min(), T most = std::numeric_limits<T>::max()) const
    {
        const nlohmann::json* field = need(key, "a whole number", &nlohmann::json::is_number_integer);
        if (field == nullptr) {
            return least;
        }
        const bool fits = field->is_number_unsigned() ? std::in_range<T>(field->get<std::uint64_t>())
                                                      : std::in_range<T>(field->get<std::int64_t>());
        const T value = fits ? field->get<T>() : least;
        if (!fits || value < least || value > most) {
            complainOf(key, *field);
            return least;
        }
        return value;
    }
    double number(const char* key) const;
    bool boolean(const char* key) const;
    /// Nothing in it that a terminal would obey.
    std::string text(const char* key) const;
    /// In nanoseconds: at most kLatestTime.
    Nanos time(const char* key) const { return integer<Nanos>(key, -kLatestTime, kLatestTime); }
    /// Of a number of seconds, within 31 years: a few of them can be added up in 63 bits of nanoseconds.
    Nanos seconds(const char* key) const;
    std::vector<std::string> texts(const char* key) const;
    std::vector<double> numbers(const char* key) const;

    /// The same into a variable, whose type says what is wanted.
    void read(const char* key, std::string& to) const { to = text(key); }
    void read(const char* key, double& to) const { to = number(key); }
    void read(const char* key, bool& to) const { to = boolean(key); }
    template <std::integral T> void read(const char* key, T& to) const { to = integer<T>(key); }

    /// The object below `key`.
    JsonFields object(const char* key) const;
    /// Appends to `to` what `readOne` makes of the JsonFields of each object of the array below `key`.
    template <class T, class F> void list(const char* key, std::vector<T>& to, F readOne) const
    {
        if (const nlohmann::json* field = need(key, "an array", &nlohmann::json::is_array)) {
            for (std::size_t i = 0; i < field->size(); ++i) {
                to.push_back(readOne(JsonFields((*field)[i], pathOf(key) + "/" + std::to_string(i), m_trouble)));
            }
        }
    }
    /// As it stands there; null if it does not.
    const nlohmann::json& at(const char* key) const;

    /// The caller has found something wrong: of the whole object, or behind "KEY: ".
    void complain(const std::string& what) const;

    /// Of all that was asked for, here and inside; empty if it was there.
    const std::string& trouble() const noexcept { return *m_trouble; }

private:
    /// `trouble`: of the outermost; null = this is it.
    JsonFields(const nlohmann::json& object, std::string path, std::string* trouble);

    const nlohmann::json* find(const char* key) const;
    using Check = bool (nlohmann::json::*)() const;
    const nlohmann::json* need(const char* key, const char* expected, Check check) const;
    void complainOf(const char* key, const nlohmann::json& value) const; ///< out of range
    std::string pathOf(const char* key) const;

    const nlohmann::json& m_object;
    std::string m_path;
    std::string m_own;
    std::string* m_trouble;
};

} // namespace timeslice
