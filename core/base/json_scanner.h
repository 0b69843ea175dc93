// JsonScanner: the words of JSON text, for the parser in json_in.cpp.
#pragma once

#include "core/base/json_in.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace timeslice {

constexpr bool isDigit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

/// Stands at a place in the text; each function reads what begins there. Those that return a bool return false where it
/// does not begin there; string(), fail() and expected() also once the problem is set.
class JsonScanner {
public:
    /// `lenient`: texts may hold what Python puts there (JsonDialect::Python).
    JsonScanner(std::string_view text, bool lenient)
        : m_text(text)
        , m_lenient(lenient)
    {
    }

    std::size_t at() const noexcept { return m_at; }
    bool atEnd() const noexcept { return m_at >= m_text.size(); }
    /// The next character, or the one behind it; 0 behind the end.
    char peek(std::size_t ahead = 0) const noexcept
    {
        return m_at + ahead < m_text.size() ? m_text[m_at + ahead] : '\0';
    }
    std::string_view since(std::size_t begin) const { return m_text.substr(begin, m_at - begin); }
    void step() noexcept { ++m_at; }
    void skipByteOrderMark();
    void skipSpace();
    bool take(char c);
    bool takeWord(std::string_view word);
    /// Appends the text whose opening quote is next, its escapes resolved; what is appended is UTF-8.
    bool string(std::string& into);

    bool fail(std::size_t at, std::string what);
    bool expected(std::string_view what);
    bool failed() const noexcept { return !m_problem.what.empty(); }
    const JsonProblem& problem() const noexcept { return m_problem; }

private:
    bool escape(std::string& into);
    bool hexDigits(std::uint32_t& into);

    std::string_view m_text;
    std::size_t m_at = 0;
    bool m_lenient;
    JsonProblem m_problem;
};

} // namespace timeslice
