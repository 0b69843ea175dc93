#include "core/base/clean_name.h"

#include <algorithm>
#include <cstdint>

namespace timeslice {

namespace {

// Length of the well-formed sequence at the start of `bytes` (Unicode 15, table 3-7), 0 when there is none.
std::size_t wellFormedLength(std::string_view bytes, std::uint32_t& codePoint)
{
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const unsigned lead = at(0);
    if (lead < 0x80U) {
        codePoint = lead;
        return 1;
    }
    std::size_t length = 0;
    std::uint32_t least = 0;
    if ((lead & 0xE0U) == 0xC0U) {
        length = 2;
        least = 0x80;
        codePoint = lead & 0x1FU;
    } else if ((lead & 0xF0U) == 0xE0U) {
        length = 3;
        least = 0x800;
        codePoint = lead & 0x0FU;
    } else if ((lead & 0xF8U) == 0xF0U) {
        length = 4;
        least = 0x10000;
        codePoint = lead & 0x07U;
    } else {
        return 0;
    }
    if (bytes.size() < length) {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i) {
        if ((at(i) & 0xC0U) != 0x80U) {
            return 0;
        }
        codePoint = codePoint << 6 | (at(i) & 0x3FU);
    }
    const bool surrogate = codePoint >= 0xD800 && codePoint <= 0xDFFF;
    return codePoint < least || codePoint > 0x10FFFF || surrogate ? 0 : length;
}

constexpr bool isControl(std::uint32_t codePoint)
{
    return codePoint < 0x20 || (codePoint >= 0x7F && codePoint < 0xA0);
}

} // namespace

std::string cleanName(std::string_view bytes)
{
    constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
    bytes = bytes.substr(0, std::min(bytes.find('\0'), bytes.size()));
    std::string clean;
    clean.reserve(bytes.size());
    while (!bytes.empty()) {
        std::uint32_t codePoint = 0;
        const std::size_t length = wellFormedLength(bytes, codePoint);
        if (length == 0 || isControl(codePoint)) {
            clean += kReplacement;
        } else {
            clean += bytes.substr(0, length);
        }
        bytes.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return clean;
}

} // namespace timeslice
