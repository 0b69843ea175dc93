// JsonPlace: a value in a document that a person wrote, together with where it stands, read with one complaint at the
// most.
//
// Reading functions give a neutral value after a complaint, so that a reader is straight code and looks once, at its
// end, whether there was one. What a program wrote is read by JsonFields.
#pragma once

#include "core/base/json_words.h"
#include "core/base/result.h"
#include "core/base/time.h"

#include <concepts>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace timeslice {

class JsonPlace;

/// What is wrong, and where: keys and indices from the top, "variants/0/title"; "" is the document itself.
struct JsonComplaint {
    std::string path;
    std::string message;
    ErrorKind kind = ErrorKind::Usage;
};

/// One pass over one document.
struct JsonReading {
    /// Gives the number that something else stands for, or complains. Unset: only numbers are numbers.
    std::function<double(const JsonPlace&)> otherNumber;
    std::optional<JsonComplaint> complaint; ///< the first

    bool failed() const noexcept { return complaint.has_value(); }
    void complain(const std::string& path, std::string message, ErrorKind kind = ErrorKind::Usage)
    {
        if (!complaint) {
            complaint = JsonComplaint{path, std::move(message), kind};
        }
    }
};

/// The document and its JsonReading must outlive it.
class JsonPlace {
public:
    JsonPlace(JsonReading& reading, const nlohmann::json& value, std::string path)
        : m_reading(&reading)
        , m_value(&value)
        , m_path(std::move(path))
    {
    }

    const nlohmann::json& value() const noexcept { return *m_value; }
    const std::string& path() const noexcept { return m_path; }

    void complain(std::string message, ErrorKind kind = ErrorKind::Usage) const
    {
        m_reading->complain(m_path, std::move(message), kind);
    }
    /// "expected EXPECTED, found ..."
    void complainExpected(std::string_view expected) const;

    /// False, with a complaint, unless this is an object ("expected WHAT") with all of `needed` and nothing beyond
    /// `needed` and `optional`.
    bool expectKeys(const std::vector<std::string>& needed, const std::vector<std::string>& optional,
        std::string_view what = "an object") const;
    /// The value of a key; nothing if there is none (expectKeys() has complained if it is needed).
    std::optional<JsonPlace> find(const std::string& key) const;
    JsonPlace at(const std::string& key) const; ///< must be an object that has the key
    JsonPlace at(std::size_t index) const; ///< must be an array that is long enough

    std::vector<JsonPlace> list(std::string_view what) const; ///< the elements of an array
    std::string text() const; ///< not empty
    /// One text, or an array of them joined by `separator`.
    std::string textOrLines(std::string_view separator) const;
    double number() const; ///< finite
    /// 2.0 is a whole number, too: a knob's arithmetic may make it of 2.
    template <std::integral T = int> T integer(std::type_identity_t<T> least, std::type_identity_t<T> most) const
    {
        return static_cast<T>(wholeNumber(static_cast<std::int64_t>(least), static_cast<std::int64_t>(most)));
    }
    bool flag() const;
    Nanos duration() const; ///< with its unit
    /// The index of the text among `words`; 0 after a complaint.
    std::size_t choice(std::string_view what, const std::vector<std::string>& words) const;
    /// A name of lower-case letters, digits and hyphens.
    std::string id() const;

private:
    std::int64_t wholeNumber(std::int64_t least, std::int64_t most) const;

    JsonReading* m_reading;
    const nlohmann::json* m_value;
    std::string m_path;
};

} // namespace timeslice
