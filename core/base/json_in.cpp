#include "core/base/json_in.h"

#include "core/base/clean_name.h"
#include "core/base/counting_iterator.h"
#include "core/base/json_words.h"
#include "core/base/python_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

namespace timeslice {

namespace {

using nlohmann::json;

constexpr std::size_t kMostNotes = 20; ///< of one document
constexpr std::size_t kLongestMessage = 200; ///< the library quotes the whole of a text that it cannot read

/// Makes the value from what the library's parser meets, and stops it (false) where a limit is passed. The names of
/// the functions that it calls are the library's (nlohmann::json_sax).
class Builder {
public:
    Builder(std::string_view text, const char* const& readTo, JsonDialect dialect, std::vector<std::string>* notes)
        : m_text(text)
        , m_readTo(readTo)
        , m_python(dialect == JsonDialect::Python)
        , m_uniqueKeys(dialect == JsonDialect::Person)
        , m_deepest(m_python ? kDeepestPython : kDeepestJson)
        , m_notes(m_python ? notes : nullptr)
    {
    }

    bool null() { return put(nullptr); }
    bool boolean(bool value) { return put(value); }
    bool number_integer(json::number_integer_t value) { return put(value); }
    bool number_unsigned(json::number_unsigned_t value) { return put(value); }
    bool number_float(json::number_float_t value, const std::string& digits)
    {
        const bool put = this->put(value);
        if (put && digits.find_first_of(".eE") == std::string::npos) {
            note("has more digits than can be kept");
        }
        return put;
    }
    bool string(std::string& value)
    {
        const std::optional<std::string_view> oddity = m_python ? oddityIn(value) : std::nullopt;
        if (!oddity) {
            return put(std::move(value));
        }
        const bool put = this->put(nullptr);
        note("is " + std::string(*oddity) + "; it is left out");
        return put;
    }
    bool binary(json::binary_t&) { return false; } // not in text
    bool start_object(std::size_t) { return begin(json::object()); }
    bool start_array(std::size_t) { return begin(json::array()); }
    bool end_object() { return end(); }
    bool end_array() { return end(); }
    bool key(std::string& key)
    {
        if (m_leftOut > 0) {
            return true;
        }
        const bool twice = m_open.back().value->contains(key);
        m_open.back().key = std::move(key);
        if (twice && m_uniqueKeys) {
            return fail(startOfKey(), "the key '" + shown(m_open.back().key) + "' stands twice in the same object");
        }
        if (twice) {
            noteAt(path(), "stands twice in the same object; the last counts");
        }
        return true;
    }
    bool parse_error(std::size_t position, const std::string&, const json::exception& error)
    {
        return fail(position > 0 ? position - 1 : 0, plainJsonMessage(error.what())); // it counts from 1
    }

    json takeValue() { return std::move(m_document); }
    const JsonProblem& problem() const { return m_problem; }

private:
    struct Open {
        json* value;
        std::string key; ///< of an object: the one whose value comes or came last
    };

    bool fail(std::size_t at, std::string what)
    {
        m_problem = {at, std::move(what)};
        return false;
    }
    std::size_t readBytes() const { return static_cast<std::size_t>(m_readTo - m_text.data()); }
    /// A key was read to behind its closing quote.
    std::size_t startOfKey() const
    {
        std::size_t at = readBytes() - 1;
        const auto isQuote = [&] {
            const std::size_t other = m_text.find_last_not_of('\\', at - 1);
            return m_text[at] == '"' && (at - 1 - other) % 2 == 0;
        };
        do {
            --at;
        } while (!isQuote());
        return at;
    }

    json* place(json value)
    {
        if (m_open.empty()) {
            return &(m_document = std::move(value));
        }
        json& around = *m_open.back().value;
        return &(
            around.is_array() ? around.emplace_back(std::move(value)) : around[m_open.back().key] = std::move(value));
    }
    bool put(json value)
    {
        if (++m_values > kMostJsonValues) {
            return fail(readBytes(), "longer than " + std::to_string(kMostJsonValues) + " values");
        }
        if (m_leftOut == 0) {
            place(std::move(value));
        }
        return true;
    }
    bool begin(json empty)
    {
        if (m_leftOut > 0) {
            ++m_leftOut;
            return true;
        }
        if (m_open.size() < m_deepest) {
            if (++m_values > kMostJsonValues) {
                return put(nullptr);
            }
            m_open.push_back({place(std::move(empty)), {}});
            return true;
        }
        const std::string problem = "nested more than " + std::to_string(m_deepest) + " levels deep";
        if (!m_python) {
            return fail(readBytes() - 1, problem);
        }
        const bool put = this->put(nullptr);
        note("is " + problem + "; it is left out");
        m_leftOut = 1;
        return put;
    }
    bool end()
    {
        if (m_leftOut > 0) {
            --m_leftOut;
        } else {
            m_open.pop_back();
        }
        return true;
    }

    /// Where the value that was read last stands: "extra/share", "list/0".
    std::string path() const
    {
        std::string path;
        for (const Open& open : m_open) {
            const std::string step = open.value->is_array()
                ? std::to_string(std::max<std::size_t>(open.value->size(), 1) - 1)
                : shown(open.key);
            path += (path.empty() ? "" : "/") + step;
        }
        return path.empty() ? "the value" : path;
    }
    void note(const std::string& what)
    {
        if (m_leftOut == 0) {
            noteAt(path(), what);
        }
    }
    void noteAt(const std::string& where, const std::string& what)
    {
        if (m_notes != nullptr && m_noted <= kMostNotes) {
            m_notes->push_back(++m_noted > kMostNotes ? "and there is more of that kind" : where + " " + what);
        }
    }

    std::string_view m_text;
    const char* const& m_readTo;
    bool m_python;
    bool m_uniqueKeys;
    std::size_t m_deepest;
    std::vector<std::string>* m_notes;
    json m_document;
    std::vector<Open> m_open; ///< the arrays and objects around what comes next
    std::size_t m_leftOut = 0; ///< levels inside a value that is nested too deep to be kept
    std::size_t m_values = 0;
    std::size_t m_noted = 0;
    JsonProblem m_problem;
};

} // namespace

std::string plainJsonMessage(std::string_view what)
{
    if (const std::size_t bracket = what.find("] "); bracket != std::string_view::npos) {
        what.remove_prefix(bracket + 2);
    }
    if (const std::size_t colon = what.find(": "); what.starts_with("parse error") && colon != std::string_view::npos) {
        what.remove_prefix(colon + 2);
    }
    return cleanName(utf8Prefix(what, kLongestMessage)) + (what.size() > kLongestMessage ? "..." : "");
}

tl::expected<json, JsonProblem> readJson(std::string_view text, JsonDialect dialect, std::vector<std::string>* notes)
{
    std::string strict;
    if (dialect == JsonDialect::Python) {
        strict = strictJson(text);
        text = strict;
    }
    const char* readTo = text.data();
    Builder builder(text, readTo, dialect, notes);
    if (!json::sax_parse(
            CountingIterator{text.data(), &readTo}, CountingIterator{text.data() + text.size(), &readTo}, &builder)) {
        return tl::unexpected(builder.problem());
    }
    return builder.takeValue();
}

TextPlace placeInText(std::string_view text, std::size_t offset)
{
    const std::string_view before = text.substr(0, std::min(offset, text.size()));
    const std::size_t newline = before.rfind('\n');
    return {1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')),
        newline == std::string_view::npos ? before.size() + 1 : before.size() - newline};
}

Result<json> parseJson(std::string_view text)
{
    tl::expected<json, JsonProblem> read = readJson(text, JsonDialect::Program);
    if (!read) {
        const auto [line, column] = placeInText(text, read.error().offset);
        return fail("line " + std::to_string(line) + ", column " + std::to_string(column) + ": " + read.error().what,
            ErrorKind::Usage);
    }
    return std::move(*read);
}

} // namespace timeslice
