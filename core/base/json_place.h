// JsonPlace: a value in a document that a person wrote, together with where it stands, read so that all that is wrong
// with the document is told, each thing once.
//
// Reading functions give a neutral value after a complaint, so that a reader is straight code and looks at its end what
// there was. What it goes on with is not what the person wrote: before it complains of how values go together, it asks
// each of them whether it failed(). What a program wrote is read by JsonFields.
#pragma once

#include "core/base/json_words.h"
#include "core/base/result.h"
#include "core/base/time.h"

#include <concepts>
#include <cstdint>
#include <functional>
#include <map>
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
    std::string key = {}; ///< of the object there, if that is what is wrong; else empty
};

/// One pass over one document.
class JsonReading {
public:
    static constexpr std::size_t kMostComplaints = 200; ///< are kept: nobody mends more at a time

    /// Gives the number that something else stands for, or complains. Unset: only numbers are numbers.
    std::function<double(const JsonPlace&)> otherNumber;

    /// In the order in which they were met.
    const std::vector<JsonComplaint>& complaints() const noexcept { return m_complaints; }
    bool failed() const noexcept { return !m_complaints.empty(); }
    /// Whether the value at `path`, or something inside it, is not what it should be.
    bool failed(const std::string& path) const;

private:
    friend class JsonPlace;
    /// `whole`: the value is wrong as such, so that nothing that is said of it later is news. Else, of an object or an
    /// array, there may be several complaints.
    void complain(JsonComplaint complaint, bool whole);
    void giveUp(const std::string& path) { m_wrong[path] = true; }

    std::vector<JsonComplaint> m_complaints;
    std::map<std::string, bool, std::less<>> m_wrong; ///< paths of what was complained of or given up; as a whole?
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
        m_reading->complain({m_path, std::move(message), kind}, !m_value->is_structured());
    }
    /// "expected EXPECTED, found ..."
    void complainExpected(std::string_view expected) const;

    /// What it says cannot be told because of something else, which is complained of there: no more is said of it.
    void giveUp() const { m_reading->giveUp(m_path); }
    /// Whether this, or something inside it, was complained of or given up.
    bool failed() const { return m_reading->failed(m_path); }

    /// Complains unless this is an object ("expected WHAT") with all of `needed` and nothing beyond `needed` and
    /// `optional`. Whether it is an object with all of `needed`.
    bool expectKeys(const std::vector<std::string>& needed, const std::vector<std::string>& optional,
        std::string_view what = "an object") const;
    /// The value of a key; nothing if there is none (expectKeys() has complained if it is needed).
    std::optional<JsonPlace> find(const std::string& key) const;
    /// The same of a key that expectKeys() needs. Where there is none: null, of which no more is said.
    JsonPlace at(const std::string& key) const;
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
