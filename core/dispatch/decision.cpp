#include "core/dispatch/decision.h"

#include "core/base/duration_text.h"

#include <algorithm>
#include <array>

namespace timeslice {

std::string_view reasonName(Reason reason) noexcept
{
    constexpr std::array<std::string_view, kReasons> kNames = {"nobody else is ready", "first in the queue",
        "the shortest", "the most urgent", "waited until urgent", "highest level", "ticket drawn", "least pass",
        "least virtual time"};
    return kNames[static_cast<std::size_t>(reason)];
}

std::string reasonText(Reason reason, std::int64_t value)
{
    const auto duration = [&] { return toDurationText(std::max<Nanos>(value, 0), " "); };
    const std::string name(reasonName(reason));
    switch (reason) {
    case Reason::Alone:
    case Reason::FirstInQueue:
        return name;
    case Reason::Shortest:
    case Reason::LeastVirtualTime:
        return name + ", " + duration();
    case Reason::MostUrgent:
    case Reason::Aged:
        return name + ", priority " + std::to_string(value);
    case Reason::HighestLevel:
        return name + " with a job, " + std::to_string(value + 1);
    case Reason::Drawn:
        return name + ": " + std::to_string(value);
    case Reason::LeastPass:
        return name + ", " + std::to_string(value);
    }
    return name;
}

std::string_view leavingText(Leaving leaving) noexcept
{
    constexpr std::array<std::string_view, kLeavings> kTexts = {"", "quantum over", "preempted", "boost"};
    return kTexts[static_cast<std::size_t>(leaving)];
}

} // namespace timeslice
