// Place: a value in a scenario's document together with where it stands, read with one complaint at the most.
//
// Reading functions give a neutral value after a complaint, so that a reader is straight code and looks once, at its
// end, whether there was one.
#pragma once

#include "core/base/json_words.h"
#include "core/base/time.h"
#include "core/scenario/expression.h"

#include <filesystem>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace timeslice::scenario {

/// What is wrong, and where: keys and indices from the top, "variants/0/title"; "" is the document itself.
struct Complaint {
    std::string path;
    std::string message;
};

/// One pass over one document.
struct Reading {
    const KnobTexts* knobs = nullptr; ///< for numbers that are written as expressions
    std::filesystem::path directory; ///< of the document's file, where its scripts stand; empty = not from a file
    std::optional<Complaint> complaint; ///< the first

    void complain(const std::string& path, std::string message)
    {
        if (!complaint) {
            complaint = Complaint{path, std::move(message)};
        }
    }
};

class Place {
public:
    Place(Reading& reading, const nlohmann::json& value, std::string path)
        : m_reading(&reading)
        , m_value(&value)
        , m_path(std::move(path))
    {
    }

    const nlohmann::json& value() const noexcept { return *m_value; }
    const std::string& path() const noexcept { return m_path; }

    void complain(std::string message) const { m_reading->complain(m_path, std::move(message)); }
    /// "expected EXPECTED, found ..."
    void complainExpected(std::string_view expected) const;

    /// Complains unless this is an object with all of `needed` and nothing beyond `needed` and `optional`.
    void expectKeys(const std::vector<std::string>& needed, const std::vector<std::string>& optional) const;
    /// The value of a key; nothing if there is none (expectKeys() has complained if it is needed).
    std::optional<Place> find(const std::string& key) const;

    std::vector<Place> list(std::string_view what) const; ///< the elements of an array
    std::string text() const; ///< not empty
    /// One text, or an array of them joined by `separator`.
    std::string textOrLines(std::string_view separator) const;
    double number() const; ///< a number, or "=EXPR"
    int integer(int least, int most) const;
    bool flag() const;
    Nanos duration() const;
    /// The index of the text among `words`; 0 after a complaint.
    std::size_t choice(std::string_view what, const std::vector<std::string>& words) const;
    /// A name of lower-case letters, digits and hyphens.
    std::string id() const;

private:
    Reading* m_reading;
    const nlohmann::json* m_value;
    std::string m_path;
};

} // namespace timeslice::scenario
