// PolicyOptions: which of the textbook's policies, and what it is set to.
#pragma once

#include "core/base/result.h"
#include "core/dispatch/job.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace timeslice {

enum class PolicyKind : unsigned char {
    Fcfs, ///< first come, first served
    Sjf, ///< shortest job first: of its next stretch on a core, until it blocks or ends
    Srtf, ///< shortest remaining time first, the same with preemption
    RoundRobin,
    Priority,
    Mlfq, ///< multi-level feedback queue
    Lottery,
    Stride,
    Fair, ///< least weighted running time first
};
inline constexpr int kPolicyKinds = 9;

/// As a scenario spells it: "fcfs", "round-robin", ...; see policyKindNames().
std::string_view policyKindName(PolicyKind kind) noexcept;
/// In words: "first come, first served".
std::string_view policyKindText(PolicyKind kind) noexcept;

struct MlfqLevel {
    Nanos quantum = 10 * kMillisecond;
    int allotment = 1; ///< so many quanta, and the job goes a level down
};

struct PolicyOptions {
    static constexpr int kMostCores = 64;
    static constexpr std::size_t kMostLevels = 16;

    PolicyKind kind = PolicyKind::Fcfs;
    int cores = 1;
    /// What a core does before it runs another job than the one it ran last.
    Nanos switchCost = 0;
    Nanos quantum = 10 * kMillisecond; ///< RoundRobin, Lottery, Stride
    bool preemptive = true; ///< Priority: a more urgent job need not wait until the core is free
    Nanos ageing = 0; ///< Priority: who has been ready for so long without a core gets more urgent by 1; 0 = never
    std::vector<MlfqLevel> levels{3}; ///< Mlfq: the highest first
    Nanos boost = 0; ///< Mlfq: so often all jobs go back to the highest level; 0 = never
    /// Mlfq: a job that blocks gets its allotment anew, as the first rule of the textbook has it; it can be gamed.
    bool forgetsAtBlock = false;
    std::uint32_t seed = 0; ///< Lottery
    Nanos latency = 48 * kMillisecond; ///< Fair: within that time each runnable job has a turn
    Nanos granularity = 6 * kMillisecond; ///< Fair: no turn is shorter

    /// Errors: Usage, which of them and what it would have to be.
    Result<void> check() const;
};

} // namespace timeslice
