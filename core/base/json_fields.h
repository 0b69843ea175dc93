// JsonFields: what an object that a program wrote says, nothing in it believed. What people write is read by JsonPlace.
#pragma once

#include "core/base/time.h"

#include <concepts>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace timeslice {

/// The fields of a JSON object, each asked for once; remembers the first that is missing or of the wrong kind.
class JsonFields {
public:
    explicit JsonFields(const nlohmann::json& object)
        : m_object(object)
    {
    }

    template <std::integral T>
    T integer(const char* key, T least = std::numeric_limits<T>::min(), T most = std::numeric_limits<T>::max())
    {
        const nlohmann::json* field = find(key);
        const bool fits = field != nullptr
            && (field->is_number_unsigned()      ? std::in_range<T>(field->get<std::uint64_t>())
                    : field->is_number_integer() ? std::in_range<T>(field->get<std::int64_t>())
                                                 : false);
        const T value = fits ? field->get<T>() : least;
        require(fits && value >= least && value <= most, key);
        return value;
    }
    Nanos time(const char* key) { return integer<Nanos>(key, -kLatestTime, kLatestTime); }
    bool boolean(const char* key);
    std::string text(const char* key);
    /// The object below `key`.
    JsonFields object(const char* key);
    bool has(const char* key) const { return m_object.is_object() && m_object.contains(key); }

    /// Empty if all that was asked for was there.
    const std::string& trouble() const noexcept { return m_trouble; }

private:
    const nlohmann::json* find(const char* key) const;
    void require(bool good, const char* key);

    const nlohmann::json& m_object;
    std::string m_trouble;
};

} // namespace timeslice
