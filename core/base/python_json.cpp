#include "core/base/python_json.h"

#include "core/base/clean_name.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <system_error>
#include <utility>

namespace timeslice {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
/// U+FDD0, a noncharacter (Unicode 15, 23.7): no text of the result begins with it but those put in for numbers.
constexpr std::string_view kMarker = "\xEF\xB7\x90";

constexpr std::string_view kNotANumber = "NaN, which is no number";
constexpr std::string_view kInfinite = "infinite, which is no number";
constexpr std::string_view kBeyond = "beyond all numbers that can be held";

std::string marked(std::string_view oddity)
{
    return '"' + std::string(kMarker).append(oddity) + '"';
}

/// The number of four hexadecimal digits.
std::optional<std::uint32_t> codeUnit(std::string_view digits)
{
    constexpr std::size_t kDigits = 4;
    digits = digits.substr(0, kDigits);
    std::uint32_t unit = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), unit, 16);
    const bool all = digits.size() == kDigits && error == std::errc{} && end == digits.data() + kDigits;
    return all ? std::optional(unit) : std::nullopt;
}

/// Of the escape \uXXXX that `rest` begins with: what it becomes, and how many bytes of `rest` that takes.
std::pair<std::string_view, std::size_t> unicodeEscape(std::string_view rest)
{
    constexpr std::size_t kLength = 6;
    constexpr std::uint32_t kMarkersUnit = 0xFDD0;
    const auto unitAt = [&](std::size_t at) {
        return rest.substr(std::min(at, rest.size()), 2) == "\\u" ? codeUnit(rest.substr(at + 2)) : std::nullopt;
    };
    const auto isHigh = [](std::uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; };
    const auto isLow = [](std::uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; };
    const std::optional<std::uint32_t> unit = unitAt(0);
    if (!unit) {
        return {rest.substr(0, 2), 2}; // for the parser to refuse
    }
    if (const auto second = unitAt(kLength); isHigh(*unit) && second && isLow(*second)) {
        return {rest.substr(0, 2 * kLength), 2 * kLength};
    }
    const bool odd = isHigh(*unit) || isLow(*unit) || *unit == kMarkersUnit;
    return {odd ? kReplacement : rest.substr(0, kLength), kLength};
}

/// Of the text in quotes that `rest` begins with; returns how many bytes of `rest` it takes.
std::size_t appendText(std::string& strict, std::string_view rest)
{
    std::size_t at = 1;
    strict += '"';
    while (at < rest.size()) {
        const char c = rest[at];
        if (c == '"') {
            strict += c;
            return at + 1;
        }
        if (c == '\\') {
            const auto [escape, length] = rest.substr(at, 2) == "\\u" ? unicodeEscape(rest.substr(at))
                                                                      : std::pair{rest.substr(at, 2), std::size_t{2}};
            strict += escape;
            at += length;
        } else if (static_cast<unsigned char>(c) < ' ') {
            std::array<char, 8> escape{};
            std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
            strict += escape.data();
            ++at;
        } else {
            const std::size_t length = utf8Length(rest.substr(at));
            const std::string_view character = rest.substr(at, length);
            strict += length == 0 || character == kMarker ? kReplacement : character;
            at += std::max<std::size_t>(length, 1);
        }
    }
    return rest.size();
}

/// Of what stands outside texts between `rest`'s begin and the next character that ends a word or number.
std::string strictWord(std::string_view word)
{
    if (word == "NaN") {
        return marked(kNotANumber);
    }
    if (word == "Infinity" || word == "-Infinity") {
        return marked(kInfinite);
    }
    double value = 0;
    const bool outOfRange =
        std::from_chars(word.data(), word.data() + word.size(), value).ec == std::errc::result_out_of_range;
    const bool nearlyZero = word.find("e-") != std::string_view::npos || word.find("E-") != std::string_view::npos;
    return outOfRange && !nearlyZero ? marked(kBeyond) : std::string(word);
}

} // namespace

std::string strictJson(std::string_view text)
{
    std::string strict;
    strict.reserve(text.size());
    while (!text.empty()) {
        std::size_t length = 1;
        if (text.front() == '"') {
            length = appendText(strict, text);
        } else if (constexpr std::string_view kEnds = "[]{}:,\" \t\r\n"; kEnds.find(text.front()) == kEnds.npos) {
            length = std::min(text.find_first_of(kEnds), text.size());
            strict += strictWord(text.substr(0, length));
        } else {
            strict += text.front();
        }
        text.remove_prefix(std::min(length, text.size()));
    }
    return strict;
}

std::optional<std::string_view> oddityIn(std::string_view text)
{
    return text.starts_with(kMarker) ? std::optional(text.substr(kMarker.size())) : std::nullopt;
}

} // namespace timeslice
