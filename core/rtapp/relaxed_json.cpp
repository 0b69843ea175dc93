#include "core/rtapp/relaxed_json.h"

#include <algorithm>

namespace timeslice {

namespace {

constexpr std::string_view kNoValue = ":null";

} // namespace

RelaxedJson::RelaxedJson(std::string_view text)
    : m_from(text)
{
    m_text.reserve(text.size());
    std::string open; // the brackets around what comes next
    bool keyComes = false;
    char before = '\0'; // the last that was neither blank nor comment
    while (m_at < m_from.size()) {
        const char c = m_from[m_at];
        if (c == '/') {
            copyComment();
            continue;
        }
        if (c == '"') {
            copyString();
            const std::size_t next = nextWord(m_at);
            if (keyComes && next < m_from.size() && (m_from[next] == ',' || m_from[next] == '}')) {
                m_added.push_back(m_text.size());
                m_text += kNoValue;
            }
            keyComes = false;
            before = c;
            continue;
        }
        ++m_at;
        if (c == ',') {
            const std::size_t next = nextWord(m_at);
            const bool last = next < m_from.size() && (m_from[next] == '}' || m_from[next] == ']');
            const bool behindAnEntry = before != '{' && before != '[' && before != ',';
            m_text += last && behindAnEntry ? ' ' : ',';
        } else {
            m_text += c;
        }
        if (c == '{' || c == '[') {
            open += c;
        } else if ((c == '}' || c == ']') && !open.empty()) {
            open.pop_back();
        }
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
            keyComes = (c == '{' || c == ',') && !open.empty() && open.back() == '{';
            before = c;
        }
    }
}

std::size_t RelaxedJson::original(std::size_t offset) const noexcept
{
    std::size_t added = 0;
    for (const std::size_t at : m_added) {
        if (at >= offset) {
            break;
        }
        added += std::min(kNoValue.size(), offset - at);
    }
    return std::min(offset - added, m_from.size());
}

void RelaxedJson::copyString()
{
    const std::size_t begin = m_at++;
    while (m_at < m_from.size() && m_from[m_at] != '"') {
        m_at += m_from[m_at] == '\\' ? 2 : 1;
    }
    m_at = std::min(m_at + 1, m_from.size());
    m_text.append(m_from.substr(begin, m_at - begin));
}

/// Where a comment that begins at `from` ends; `from` itself if there is none.
static std::size_t endOfComment(std::string_view text, std::size_t from) noexcept
{
    const std::string_view rest = text.substr(from);
    if (rest.starts_with("//")) {
        return std::min(text.find('\n', from), text.size());
    }
    if (rest.starts_with("/*")) {
        const std::size_t end = text.find("*/", from + 2);
        return end == std::string_view::npos ? text.size() : end + 2;
    }
    return from;
}

void RelaxedJson::copyComment()
{
    const std::size_t end = std::max(endOfComment(m_from, m_at), m_at + 1);
    m_text.append(m_from.substr(m_at, end - m_at));
    m_at = end;
}

/// The next byte that is neither blank nor comment.
std::size_t RelaxedJson::nextWord(std::size_t from) const noexcept
{
    for (std::size_t at = from;;) {
        at = std::min(m_from.find_first_not_of(" \t\r\n", at), m_from.size());
        const std::size_t end = endOfComment(m_from, at);
        if (end == at) {
            return at;
        }
        at = end;
    }
}

} // namespace timeslice
