#include "core/base/json_scanner.h"

#include "core/base/clean_name.h"

#include <charconv>

namespace timeslice {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool isPlain(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

std::string cleanCharacter(std::string_view character)
{
    return character == std::string_view("\0", 1) ? std::string(kReplacement) : cleanName(character);
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

} // namespace

void JsonScanner::skipByteOrderMark()
{
    (void)takeWord("\xEF\xBB\xBF");
}

void JsonScanner::skipSpace()
{
    while (m_at < m_text.size() && std::string_view(" \t\r\n").find(m_text[m_at]) != std::string_view::npos) {
        ++m_at;
    }
}

bool JsonScanner::take(char c)
{
    const bool there = m_at < m_text.size() && m_text[m_at] == c;
    m_at += there ? 1 : 0;
    return there;
}

bool JsonScanner::takeWord(std::string_view word)
{
    const bool there = m_text.substr(m_at, word.size()) == word;
    m_at += there ? word.size() : 0;
    return there;
}

bool JsonScanner::fail(std::size_t at, std::string what)
{
    m_problem = {at, std::move(what)};
    return false;
}

bool JsonScanner::expected(std::string_view what)
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

bool JsonScanner::string(std::string& into)
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
        } else if (m_lenient) {
            into += length == 1 ? m_text.substr(m_at, 1) : kReplacement;
            ++m_at;
        } else {
            return fail(m_at,
                length == 1 ? "a control character in a text, which must be written as \\u00XX"
                            : "a byte that is no UTF-8");
        }
    }
}

bool JsonScanner::escape(std::string& into)
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
    return m_lenient || fail(begin, "half of a surrogate pair");
}

bool JsonScanner::hexDigits(std::uint32_t& into)
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

} // namespace timeslice
