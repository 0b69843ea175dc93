// Names that come from outside the program, made safe to draw, to print and to write into files.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace timeslice {

/// Valid UTF-8 without control characters: stops at the first NUL; each ill-formed byte, C0, DEL or C1 control becomes
/// U+FFFD.
std::string cleanName(std::string_view bytes);

/// The same of a text of several lines: line breaks and tabs stay, NULs are replaced like other control characters.
std::string cleanText(std::string_view bytes);

/// The length of the well-formed UTF-8 sequence at the start of `bytes` (Unicode 15, table 3-7); 0 when there is none.
std::size_t utf8Length(std::string_view bytes);

/// The longest prefix of at most `most` bytes that does not cut a UTF-8 sequence.
constexpr std::string_view utf8Prefix(std::string_view text, std::size_t most) noexcept
{
    if (text.size() <= most) {
        return text;
    }
    std::size_t end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
        --end;
    }
    return text.substr(0, end);
}

} // namespace timeslice
