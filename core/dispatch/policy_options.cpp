#include "core/dispatch/policy_options.h"

#include "core/dispatch/job_table.h"

#include <algorithm>
#include <array>
#include <string>

namespace timeslice {

std::string_view policyKindName(PolicyKind kind) noexcept
{
    constexpr std::array<std::string_view, kPolicyKinds> kNames = {
        "fcfs", "sjf", "srtf", "round-robin", "priority", "mlfq", "lottery", "stride", "fair"};
    return kNames[static_cast<std::size_t>(kind)];
}

std::string_view policyKindText(PolicyKind kind) noexcept
{
    constexpr std::array<std::string_view, kPolicyKinds> kTexts = {"first come, first served", "shortest job first",
        "shortest remaining time first", "round robin", "priority", "multi-level feedback queue", "lottery", "stride",
        "completely fair"};
    return kTexts[static_cast<std::size_t>(kind)];
}

Result<void> PolicyOptions::check() const
{
    const auto time = [](std::string_view what, Nanos value, Nanos least) -> Result<void> {
        if (value < least || value > JobTable::kLongest) {
            return fail("the " + std::string(what) + (least > 0 ? " must be more than 0" : " must not be below 0")
                    + ", and an hour at the most",
                ErrorKind::Usage);
        }
        return {};
    };
    if (cores < 1 || cores > kMostCores) {
        return fail("there must be 1 to " + std::to_string(kMostCores) + " cores", ErrorKind::Usage);
    }
    if (levels.empty() || levels.size() > kMostLevels) {
        return fail("there must be 1 to " + std::to_string(kMostLevels) + " levels", ErrorKind::Usage);
    }
    std::vector<Result<void>> checks = {time("context-switch cost", switchCost, 0), time("quantum", quantum, 1),
        time("ageing", ageing, 0), time("boost", boost, 0), time("latency", latency, 1),
        time("granularity", granularity, 1)};
    for (const MlfqLevel& level : levels) {
        checks.push_back(time("quantum of a level", level.quantum, 1));
        constexpr int kMostQuanta = 1'000'000;
        if (level.allotment < 1 || level.allotment > kMostQuanta) {
            return fail(
                "the allotment of a level must be 1 to " + std::to_string(kMostQuanta) + " quanta", ErrorKind::Usage);
        }
    }
    const auto wrong = std::find_if(checks.begin(), checks.end(), [](const Result<void>& one) { return !one; });
    return wrong == checks.end() ? Result<void>() : *wrong;
}

} // namespace timeslice
