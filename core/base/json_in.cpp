#include "core/base/json_in.h"

#include "core/base/clean_name.h"
#include "core/base/json_words.h"

#include <array>
#include <charconv>
#include <cmath>
#include <locale>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

namespace timeslice {

namespace {

using nlohmann::json;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::size_t kMostNotes = 20; ///< of one document

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

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

void appendUtf8(std::string& text, std::uint32_t codePoint)
{
    const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
    if (codePoint < 0x80) {
        put(codePoint);
    } else if (codePoint < 0x800) {
        put(0xC0U | codePoint >> 6);
        put(0x80U | (codePoint & 0x3FU));
    } else if (codePoint < 0x10000) {
        put(0xE0U | codePoint >> 12);
        put(0x80U | (codePoint >> 6 & 0x3FU));
        put(0x80U | (codePoint & 0x3FU));
    } else {
        put(0xF0U | codePoint >> 18);
        put(0x80U | (codePoint >> 12 & 0x3FU));
        put(0x80U | (codePoint >> 6 & 0x3FU));
        put(0x80U | (codePoint & 0x3FU));
    }
}

/// Recursive descent: each function reads what begins at m_at and returns false once m_problem is set.
class Parser {
public:
    Parser(std::string_view text, JsonDialect dialect, std::vector<std::string>* notes)
        : m_text(text)
        , m_python(dialect == JsonDialect::Python)
        , m_uniqueKeys(dialect == JsonDialect::Person)
        , m_notes(m_python ? notes : nullptr)
    {
    }

    tl::expected<json, JsonProblem> document()
    {
        if (m_text.starts_with(kByteOrderMark)) {
            m_at = kByteOrderMark.size();
        }
        json result;
        skipSpace();
        if (!value(result)) {
            return tl::unexpected(m_problem);
        }
        skipSpace();
        if (m_at < m_text.size()) {
            expected("the end of the text");
            return tl::unexpected(m_problem);
        }
        return result;
    }

private:
    void skipSpace()
    {
        while (m_at < m_text.size() && std::string_view(" \t\r\n").find(m_text[m_at]) != std::string_view::npos) {
            ++m_at;
        }
    }
    char peek() const { return m_at < m_text.size() ? m_text[m_at] : '\0'; }
    bool take(char c)
    {
        const bool there = m_at < m_text.size() && m_text[m_at] == c;
        m_at += there ? 1 : 0;
        return there;
    }
    bool takeWord(std::string_view word)
    {
        const bool there = m_text.substr(m_at, word.size()) == word;
        m_at += there ? word.size() : 0;
        return there;
    }

    bool fail(std::size_t at, std::string what)
    {
        m_problem = {at, std::move(what)};
        return false;
    }
    bool expected(std::string_view what)
    {
        std::string message = "expected ";
        message.append(what).append(", found ");
        if (m_at >= m_text.size()) {
            return fail(m_at, message + "the end of the text");
        }
        constexpr std::size_t kLongestCharacter = 4;
        std::size_t length = utf8Length(m_text.substr(m_at, kLongestCharacter));
        length = length == 0 ? 1 : length;
        return fail(m_at, message + "'" + cleanCharacter(m_text.substr(m_at, length)) + "'");
    }
    static std::string cleanCharacter(std::string_view character)
    {
        return character == std::string_view("\0", 1) ? std::string(kReplacement) : cleanName(character);
    }

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
            return fail(m_at, "longer than " + std::to_string(kMostJsonValues) + " values");
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
            return number(into) || (m_problem.what.empty() && word(into));
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
        } else if (m_python && (takeWord("NaN") || takeWord("Infinity") || takeWord("-Infinity"))) {
            note(std::string("is ") + (m_text[m_at - 1] == 'N' ? "NaN" : "infinite")
                + ", which is no number; it is left out");
            into = nullptr;
        } else {
            return expected("a value");
        }
        return true;
    }

    /// False without a problem: no number begins here.
    bool number(json& into)
    {
        const std::size_t begin = m_at;
        if (!isDigit(peek()) && (peek() != '-' || m_at + 1 >= m_text.size() || !isDigit(m_text[m_at + 1]))) {
            return false;
        }
        const bool negative = take('-');
        const bool zero = take('0');
        while (!zero && isDigit(peek())) {
            ++m_at;
        }
        bool whole = true;
        if (take('.')) {
            whole = false;
            if (!digits()) {
                return false;
            }
        }
        if (peek() == 'e' || peek() == 'E') {
            ++m_at;
            whole = false;
            (void)(take('+') || take('-'));
            if (!digits()) {
                return false;
            }
        }
        const std::string_view all = m_text.substr(begin, m_at - begin);
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
    bool digits()
    {
        if (!isDigit(peek())) {
            return expected("a digit");
        }
        while (isDigit(peek())) {
            ++m_at;
        }
        return true;
    }

    bool string(std::string& into)
    {
        const std::size_t begin = m_at++;
        for (;;) {
            const std::size_t run = m_at;
            while (m_at < m_text.size() && isPlain(m_text[m_at])) {
                ++m_at;
            }
            into += m_text.substr(run, m_at - run);
            if (m_at >= m_text.size()) {
                return fail(begin, "a text without its closing '\"'");
            }
            if (take('"')) {
                return true;
            }
            if (take('\\')) {
                if (!escape(into)) {
                    return false;
                }
            } else if (const std::size_t length = utf8Length(m_text.substr(m_at)); length > 1) {
                into += m_text.substr(m_at, length);
                m_at += length;
            } else if (m_python) {
                into += length == 1 ? m_text.substr(m_at, 1) : kReplacement;
                ++m_at;
            } else {
                return fail(m_at,
                    length == 1 ? "a control character in a text, which must be written as \\u00XX"
                                : "a byte that is no UTF-8");
            }
        }
    }
    static bool isPlain(char c)
    {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
    }

    bool escape(std::string& into)
    {
        constexpr std::string_view kNames = "\"\\/bfnrt";
        constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
        if (const std::size_t known = kNames.find(peek()); m_at < m_text.size() && known != std::string_view::npos) {
            into += kMeanings[known];
            ++m_at;
            return true;
        }
        const std::size_t begin = m_at;
        if (!take('u')) {
            return expected("one of \"\\/bfnrtu after a backslash");
        }
        std::uint32_t codePoint = 0;
        if (!hexDigits(codePoint)) {
            return false;
        }
        if (codePoint >= 0xD800 && codePoint < 0xDC00 && m_text.substr(m_at, 2) == "\\u") {
            const std::size_t second = m_at;
            m_at += 2;
            std::uint32_t low = 0;
            if (!hexDigits(low)) {
                return false;
            }
            if (low >= 0xDC00 && low < 0xE000) {
                codePoint = 0x10000 + ((codePoint - 0xD800) << 10) + (low - 0xDC00);
            } else {
                m_at = second;
            }
        }
        if (codePoint < 0xD800 || codePoint >= 0xE000) {
            appendUtf8(into, codePoint);
            return true;
        }
        into += kReplacement;
        return m_python || fail(begin, "half of a surrogate pair");
    }
    bool hexDigits(std::uint32_t& into)
    {
        constexpr std::size_t kDigits = 4;
        const std::string_view digits = m_text.substr(m_at, kDigits);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), into, 16);
        if (error != std::errc{} || end != digits.data() + kDigits) {
            return fail(m_at, "expected four hexadecimal digits after \\u");
        }
        m_at += kDigits;
        return true;
    }

    bool enter()
    {
        if (m_path.size() == kDeepestJson) {
            return fail(m_at, "nested more than " + std::to_string(kDeepestJson) + " levels deep");
        }
        ++m_at;
        m_path.emplace_back();
        skipSpace();
        return true;
    }
    bool leave()
    {
        m_path.pop_back();
        return true;
    }

    bool array(json& into)
    {
        into = json::array();
        if (!enter()) {
            return false;
        }
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
        if (!enter()) {
            return false;
        }
        if (take('}')) {
            return leave();
        }
        for (;;) {
            const std::size_t keyAt = m_at;
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

    std::string_view m_text;
    std::size_t m_at = 0;
    bool m_python;
    bool m_uniqueKeys;
    std::vector<std::string>* m_notes;
    std::size_t m_noted = 0;
    std::size_t m_values = 0;
    std::vector<Step> m_path; ///< of the arrays and objects around
    JsonProblem m_problem;
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
