#include "core/trace/mark_text.h"

#include "core/base/duration_text.h"
#include "core/base/time.h"

#include <algorithm>

namespace timeslice {

namespace {

std::string microsText(std::uint64_t micros)
{
    constexpr auto kMost = static_cast<std::uint64_t>(kLatestTime / kMicrosecond);
    return toDurationText(static_cast<Nanos>(std::min(micros, kMost)) * kMicrosecond, "\u00a0");
}

bool hasPlace(std::string_view name, std::string_view place)
{
    return name.find(place) != std::string_view::npos;
}

/// `text` where the name, which must have it, has the place.
std::string inPlace(std::string_view name, std::string_view place, const std::string& text)
{
    const std::size_t at = name.find(place);
    return std::string(name.substr(0, at)) + text + std::string(name.substr(at + place.size()));
}

} // namespace

MarkText markText(std::string_view name, std::uint64_t value)
{
    const std::string number = std::to_string(static_cast<std::int64_t>(value)); // scripts may give one below zero
    if (hasPlace(name, kMarkMicros)) {
        return {inPlace(name, kMarkMicros, microsText(value)), true};
    }
    if (hasPlace(name, kMarkNumber)) {
        return {inPlace(name, kMarkNumber, number), true};
    }
    if (name.ends_with('=')) {
        return {std::string(name) + " " + number, true};
    }
    return {std::string(name), false};
}

std::string markName(std::string_view name)
{
    for (const std::string_view place : {kMarkMicros, kMarkNumber}) {
        if (hasPlace(name, place)) {
            return inPlace(name, place, "…");
        }
    }
    return std::string(name);
}

} // namespace timeslice
