// What a mark says together with its number.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace timeslice {

/// Where a mark's name has a place for its number.
inline constexpr std::string_view kMarkNumber = "{}"; ///< "ticket {} was drawn"
inline constexpr std::string_view kMarkMicros = "{us}"; ///< a duration of so many microseconds: "shortest: {us}"

struct MarkText {
    std::string text;
    bool hasNumber = false; ///< else it is nowhere in the text
};

/// "shortest: 10 ms", "ticket 7 was drawn". The number stands also behind a name that ends in "=", as scripts may have
/// it: "x = 7". A name's first place counts.
MarkText markText(std::string_view name, std::uint64_t value);

/// All marks of that name, whatever their numbers: "ticket … was drawn", "x =".
std::string markName(std::string_view name);

} // namespace timeslice
