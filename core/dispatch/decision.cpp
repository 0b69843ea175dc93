#include "core/dispatch/decision.h"

#include <array>

namespace timeslice {

std::string_view reasonText(Reason reason) noexcept
{
    constexpr std::array<std::string_view, kReasons> kTexts = {"nobody else is ready", "first in the queue",
        "shortest: {us}", "most urgent: priority {}", "waited until urgent: priority {}",
        "highest level with a job: {}", "ticket {} was drawn", "least pass", "least virtual time"};
    return kTexts[static_cast<std::size_t>(reason)];
}

std::string_view leavingText(Leaving leaving) noexcept
{
    constexpr std::array<std::string_view, kLeavings> kTexts = {"", "quantum over", "preempted", "boost"};
    return kTexts[static_cast<std::size_t>(leaving)];
}

} // namespace timeslice
