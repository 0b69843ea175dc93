#include "core/base/json_in.h"

#include "core/base/json_scanner.h"
#include "core/base/json_words.h"

#include <charconv>
#include <locale>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

namespace timeslice {

namespace {

using nlohmann::json;

constexpr std::size_t kMostNotes = 20; ///< of one document

/// Of a number in the grammar of JSON; nullopt: no double holds it.
std::optional<double> doubleOf(std::string_view digits)
{
    double value = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ec == std::errc{}) {
        return value;
    }
    // Too large, or so small that it is nearly zero: from_chars does not tell which.
    std::istringstream stream{std::string(digits)};
    stream.imbue(std::locale::classic());
    stream >> value;
    return stream.fail() ? std::nullopt : std::optional(value);
}

/// Recursive descent: each function reads what begins here and returns false once a problem is set.
class Parser : private JsonScanner {
public:
    Parser(std::string_view text, JsonDialect dialect, std::vector<std::string>* notes)
        : JsonScanner(text, dialect == JsonDialect::Python)
        , m_python(dialect == JsonDialect::Python)
        , m_uniqueKeys(dialect == JsonDialect::Person)
        , m_deepest(m_python ? kDeepestPython : kDeepestJson)
        , m_notes(m_python ? notes : nullptr)
    {
    }

    tl::expected<json, JsonProblem> document()
    {
        json result;
        skipByteOrderMark();
        skipSpace();
        if (value(result)) {
            skipSpace();
            if (atEnd()) {
                return result;
            }
            expected("the end of the text");
        }
        return tl::unexpected(problem());
    }

private:
    /// Where the value being read stands: "extra/share".
    std::string path() const
    {
        std::string path;
        for (const Step& step : m_path) {
            path += (path.empty() ? "" : "/") + (step.key.empty() ? std::to_string(step.index) : shown(step.key));
        }
        return path.empty() ? "the value" : path;
    }
    void note(const std::string& what)
    {
        if (m_notes == nullptr || m_noted > kMostNotes) {
            return;
        }
        m_notes->push_back(++m_noted > kMostNotes ? "and there is more of that kind" : path() + " " + what);
    }

    bool value(json& into)
    {
        if (++m_values > kMostJsonValues) {
            return fail(at(), "longer than " + std::to_string(kMostJsonValues) + " values");
        }
        const bool nested = peek() == '{' || peek() == '[';
        if (nested && m_path.size() == m_deepest) {
            return tooDeep(into);
        }
        switch (peek()) {
        case '{':
            return object(into);
        case '[':
            return array(into);
        case '"': {
            std::string text;
            if (!string(text)) {
                return false;
            }
            into = std::move(text);
            return true;
        }
        default:
            return number(into) || (!failed() && word(into));
        }
    }

    bool word(json& into)
    {
        if (takeWord("true")) {
            into = true;
        } else if (takeWord("false")) {
            into = false;
        } else if (takeWord("null")) {
            into = nullptr;
        } else if (m_python && takeWord("NaN")) {
            note("is NaN, which is no number; it is left out");
            into = nullptr;
        } else if (m_python && (takeWord("Infinity") || takeWord("-Infinity"))) {
            note("is infinite, which is no number; it is left out");
            into = nullptr;
        } else {
            return expected("a value");
        }
        return true;
    }

    /// False without a problem: no number begins here.
    bool number(json& into)
    {
        const std::size_t begin = at();
        if (!isDigit(peek()) && (peek() != '-' || !isDigit(peek(1)))) {
            return false;
        }
        const bool negative = take('-');
        if (!take('0')) {
            skipDigits();
        }
        bool whole = true;
        if (take('.')) {
            whole = false;
            if (!digits()) {
                return false;
            }
        }
        if (take('e') || take('E')) {
            whole = false;
            (void)(take('+') || take('-'));
            if (!digits()) {
                return false;
            }
        }
        const std::string_view all = since(begin);
        const char* last = all.data() + all.size();
        if (std::int64_t integer = 0;
            whole && negative && std::from_chars(all.data(), last, integer).ec == std::errc{}) {
            into = integer;
            return true;
        }
        if (std::uint64_t natural = 0;
            whole && !negative && std::from_chars(all.data(), last, natural).ec == std::errc{}) {
            into = natural;
            return true;
        }
        if (const std::optional<double> value = doubleOf(all)) {
            if (whole) {
                note("has more digits than can be kept");
            }
            into = *value;
            return true;
        }
        if (!m_python) {
            return fail(begin, "the number " + shown(all) + " is beyond all that can be held");
        }
        note("is beyond all numbers that can be held; it is left out");
        into = nullptr;
        return true;
    }
    void skipDigits()
    {
        while (isDigit(peek())) {
            step();
        }
    }
    bool digits()
    {
        if (!isDigit(peek())) {
            return expected("a digit");
        }
        skipDigits();
        return true;
    }

    bool tooDeep(json& into)
    {
        const std::string why = "nested more than " + std::to_string(m_deepest) + " levels deep";
        if (!m_python) {
            return fail(at(), why);
        }
        note("is " + why + "; it is left out");
        into = nullptr;
        return skipNested();
    }
    /// To behind the array or object that begins here, without a look at what is in it.
    bool skipNested()
    {
        const std::size_t begin = at();
        std::string ignored;
        std::size_t open = 0;
        do {
            const char c = peek();
            if (atEnd()) {
                return fail(begin, "an array or object without its end");
            }
            if (c == '"') {
                ignored.clear();
                if (!string(ignored)) {
                    return false;
                }
                continue;
            }
            open += c == '[' || c == '{' ? 1 : 0;
            open -= c == ']' || c == '}' ? 1 : 0;
            step();
        } while (open > 0);
        return true;
    }

    void enter()
    {
        step();
        m_path.emplace_back();
        skipSpace();
    }
    bool leave()
    {
        m_path.pop_back();
        return true;
    }

    bool array(json& into)
    {
        into = json::array();
        enter();
        if (take(']')) {
            return leave();
        }
        for (;;) {
            if (!value(into.emplace_back())) {
                return false;
            }
            ++m_path.back().index;
            skipSpace();
            if (take(']')) {
                return leave();
            }
            if (!take(',')) {
                return expected("',' or ']'");
            }
            skipSpace();
        }
    }

    bool object(json& into)
    {
        into = json::object();
        enter();
        if (take('}')) {
            return leave();
        }
        for (;;) {
            const std::size_t keyAt = at();
            std::string key;
            if (peek() != '"') {
                return expected("a key in quotes");
            }
            if (!string(key)) {
                return false;
            }
            if (m_python) {
                m_path.back().key = key;
            }
            if (into.contains(key)) {
                if (m_uniqueKeys) {
                    return fail(keyAt, "the key '" + shown(key) + "' stands twice in the same object");
                }
                note("stands twice in the same object; the last counts");
            }
            skipSpace();
            if (!take(':')) {
                return expected("':'");
            }
            skipSpace();
            if (!value(into[key])) {
                return false;
            }
            skipSpace();
            if (take('}')) {
                return leave();
            }
            if (!take(',')) {
                return expected("',' or '}'");
            }
            skipSpace();
        }
    }

    struct Step {
        std::string key; ///< kept for notes only
        std::size_t index = 0;
    };

    bool m_python;
    bool m_uniqueKeys;
    std::size_t m_deepest;
    std::vector<std::string>* m_notes;
    std::size_t m_noted = 0;
    std::size_t m_values = 0;
    std::vector<Step> m_path; ///< of the arrays and objects around
};

} // namespace

tl::expected<json, JsonProblem> readJson(std::string_view text, JsonDialect dialect, std::vector<std::string>* notes)
{
    return Parser(text, dialect, notes).document();
}

Result<json> parseJson(std::string_view text)
{
    tl::expected<json, JsonProblem> read = readJson(text, JsonDialect::Program);
    if (!read) {
        return timeslice::fail(
            "at byte " + std::to_string(read.error().offset) + ": " + read.error().what, ErrorKind::Usage);
    }
    return std::move(*read);
}

} // namespace timeslice
