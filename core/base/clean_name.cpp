#include "core/base/clean_name.h"

#include <algorithm>
#include <cstdint>

namespace timeslice {

namespace {

/// utf8Length(), and what the sequence stands for.
std::size_t wellFormedLength(std::string_view bytes, std::uint32_t& codePoint)
{
    if (bytes.empty()) {
        return 0;
    }
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

std::string clean(std::string_view bytes, std::string_view keptControls)
{
    constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
    std::string result;
    result.reserve(bytes.size());
    while (!bytes.empty()) {
        std::uint32_t codePoint = 0;
        const std::size_t length = wellFormedLength(bytes, codePoint);
        const bool kept = length == 1 && keptControls.find(bytes.front()) != std::string_view::npos;
        if (length == 0 || (isControl(codePoint) && !kept)) {
            result += kReplacement;
        } else {
            result += bytes.substr(0, length);
        }
        bytes.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return result;
}

} // namespace

std::string cleanName(std::string_view bytes)
{
    return clean(bytes.substr(0, std::min(bytes.find('\0'), bytes.size())), {});
}

std::string cleanText(std::string_view bytes)
{
    return clean(bytes, "\n\t");
}

std::size_t utf8Length(std::string_view bytes)
{
    std::uint32_t codePoint = 0;
    return wellFormedLength(bytes, codePoint);
}

} // namespace timeslice
