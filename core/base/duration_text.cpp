#include "core/base/duration_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace timeslice {

namespace {

constexpr double kLongestNanos = 24.0 * 3600 * 1e9;

struct Unit {
    std::string_view name;
    Nanos nanos;
};
// The first of each size is the one that files are written with.
constexpr std::string_view kMicro = "us";
constexpr std::array<Unit, 6> kUnits = {{
    {"s", kSecond},
    {"ms", kMillisecond},
    {kMicro, kMicrosecond},
    {"\u00b5s", kMicrosecond}, // micro sign
    {"\u03bcs", kMicrosecond}, // Greek mu
    {"ns", 1},
}};

} // namespace

std::optional<Nanos> parseDurationText(std::string_view text)
{
    double number = 0;
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number, std::chars_format::fixed);
    if (error != std::errc{} || !(number >= 0)) {
        return std::nullopt;
    }
    std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    while (unit.starts_with(' ')) {
        unit.remove_prefix(1);
    }
    for (const Unit& known : kUnits) {
        if (unit == known.name) {
            const double nanos = std::round(number * static_cast<double>(known.nanos));
            return nanos <= kLongestNanos ? std::optional(static_cast<Nanos>(nanos)) : std::nullopt;
        }
    }
    return std::nullopt;
}

std::string toDurationText(Nanos duration, std::string_view space)
{
    const Unit* unit = &kUnits.back();
    for (const Unit& candidate : kUnits) {
        if (duration >= candidate.nanos) {
            unit = &candidate;
            break;
        }
    }
    std::array<char, 32> digits{};
    const double number = static_cast<double>(duration) / static_cast<double>(unit->nanos);
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    const std::string_view written = error == std::errc{}
        ? std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data()))
        : std::string_view("0");
    const bool forPeople = !space.empty();
    return std::string(written).append(space).append(forPeople && unit->name == kMicro ? "\u00b5s" : unit->name);
}

} // namespace timeslice
