#include "core/scenario/json_text.h"

#include "core/base/json_in.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace timeslice::scenario {

namespace {

/// Walks valid JSON text; only as much of a parser as finding a value needs.
class Walker {
public:
    explicit Walker(std::string_view text)
        : m_text(text)
    {
    }

    std::size_t at() const noexcept { return m_at; }

    void skipByteOrderMark() { m_at += m_text.starts_with("\xEF\xBB\xBF") ? 3 : 0; }
    void skipSpace()
    {
        while (m_at < m_text.size() && std::string_view(" \t\r\n").find(m_text[m_at]) != std::string_view::npos) {
            ++m_at;
        }
    }

    char peek()
    {
        skipSpace();
        return m_at < m_text.size() ? m_text[m_at] : '\0';
    }

    bool take(char c)
    {
        if (peek() != c) {
            return false;
        }
        ++m_at;
        return true;
    }

    /// The text between the quotes as it stands; keys of scenario files need no escapes.
    std::string_view string()
    {
        const std::size_t first = ++m_at;
        while (m_at < m_text.size() && m_text[m_at] != '"') {
            m_at += m_text[m_at] == '\\' ? 2 : 1;
        }
        m_at = std::min(m_at, m_text.size());
        const std::string_view inside = m_text.substr(first, m_at - first);
        m_at = std::min(m_at + 1, m_text.size());
        return inside;
    }

    void skipValue()
    {
        int depth = 0;
        do {
            const char c = peek();
            if (c == '"') {
                string();
            } else if (c == '\0') {
                return;
            } else {
                depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
                ++m_at;
                if (depth == 0 && c != '}' && c != ']') { // a bare word or number
                    m_at = std::min(m_text.find_first_of(",]} \t\r\n", m_at), m_text.size());
                }
            }
        } while (depth > 0);
    }

    /// Goes to the value of `step` in the object or array that begins here; false, and stays, if there is none.
    bool enter(std::string_view step)
    {
        const std::size_t start = m_at;
        if (take('{')) {
            while (peek() == '"') {
                const bool found = string() == step;
                take(':');
                skipSpace();
                if (found) {
                    return true;
                }
                skipValue();
                take(',');
            }
        } else if (take('[')) {
            for (std::size_t i = 0; peek() != ']' && peek() != '\0'; ++i) {
                if (std::to_string(i) == step) {
                    return true;
                }
                skipValue();
                take(',');
            }
        }
        m_at = start;
        return false;
    }

private:
    std::string_view m_text;
    std::size_t m_at = 0;
};

} // namespace

std::string textPosition(const std::string& file, std::string_view text, std::size_t offset)
{
    const TextPlace place = placeInText(text, offset);
    return file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

Result<nlohmann::json> parseJsonText(const std::string& text, const std::string& file)
{
    tl::expected<nlohmann::json, JsonProblem> document = readJson(text, JsonDialect::Person);
    if (!document) {
        return fail(textPosition(file, text, document.error().offset) + ": " + document.error().what, ErrorKind::Usage);
    }
    return std::move(*document);
}

std::size_t findInJsonText(std::string_view text, std::string_view path)
{
    Walker walker(text);
    walker.skipByteOrderMark();
    walker.skipSpace();
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/'), path.size());
        if (!walker.enter(path.substr(0, end))) {
            break;
        }
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return walker.at();
}

} // namespace timeslice::scenario
