#include "core/scenario/number_format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace timeslice {

namespace {

constexpr char kGroupSeparator = ',';
constexpr std::string_view kNoBreakSpace = "\u00a0";

std::string fixed(double value, int decimals)
{
    std::array<char, 400> digits{}; // the largest double has 309 digits before the point
    const auto [end, error] =
        std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed, decimals);
    std::string text = error == std::errc{} ? std::string(digits.data(), end) : std::string("?");
    // "-0.00" is a rounding artefact, not a measurement.
    return text.starts_with('-') && text.find_first_of("123456789") == std::string::npos ? text.substr(1) : text;
}

} // namespace

std::string groupedDigits(std::string_view number)
{
    const std::size_t sign = number.starts_with('-') ? 1 : 0;
    const std::size_t end = std::min(number.find('.'), number.size());
    if (end == sign || number.find_first_not_of("0123456789.", sign) != std::string_view::npos) {
        return std::string(number);
    }
    std::string result(number.substr(0, sign));
    for (std::size_t i = sign; i < end; ++i) {
        if (i > sign && (end - i) % 3 == 0) {
            result += kGroupSeparator;
        }
        result += number[i];
    }
    return result.append(number.substr(end));
}

std::string groupedDigits(long long number)
{
    return groupedDigits(std::string_view(std::to_string(number)));
}

std::string bytesText(double bytes)
{
    constexpr std::array<const char*, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
    constexpr double kStep = 1024;
    std::size_t unit = 0;
    while (std::abs(bytes) >= kStep && unit + 1 < kUnits.size()) {
        bytes /= kStep;
        ++unit;
    }
    const bool whole = std::abs(bytes - std::round(bytes)) < 0.05;
    return fixed(bytes, whole ? 0 : 1).append(kNoBreakSpace).append(kUnits[unit]);
}

Result<std::string> formatNumber(std::string_view format, double value)
{
    const auto wrong = [&] {
        return fail("the format \"" + std::string(format)
                + "\" must hold exactly one of {:.2f} (0 to 9 decimals), {:d}, {%}, {:.1%} or {bytes}",
            ErrorKind::Usage);
    };
    const std::size_t first = format.find('{');
    const std::size_t last = format.find('}');
    if (first == std::string_view::npos || last == std::string_view::npos || last < first
        || format.find_first_of("{}", last + 1) != std::string_view::npos
        || format.find('{', first + 1) != std::string_view::npos) {
        return wrong();
    }
    const std::string_view kind = format.substr(first + 1, last - first - 1);
    const bool decimals = kind.size() == 4 && kind.starts_with(":.") && kind[2] >= '0' && kind[2] <= '9';
    std::string number;
    if (decimals && kind[3] == 'f') {
        number = fixed(value, kind[2] - '0');
    } else if (kind == "%" || (decimals && kind[3] == '%')) {
        number = fixed(value * 100, kind == "%" ? 1 : kind[2] - '0').append(kNoBreakSpace).append("%");
    } else if (kind == ":d") {
        number = std::abs(value) < 9e15 ? groupedDigits(std::llround(value)) : fixed(value, 0);
    } else if (kind == "bytes") {
        number = bytesText(value);
    } else {
        return wrong();
    }
    return std::string(format.substr(0, first)).append(number).append(format.substr(last + 1));
}

} // namespace timeslice
