// Collector: the thread that drains every source of one run into batches.
//
// It takes no lock that a workload can hold; batches wait in a queue until the consumer takes them. The queue is
// bounded: when the consumer does not keep up, events stay in the rings, and what no longer fits there is dropped and
// counted by whoever writes it. The recording as a whole is bounded too (mostEvents): what comes when that is used up
// is counted, and the recording ends there. Nothing is lost without being counted.
//
// What the sources say is checked here once for all: no event is from before the machine's start or from the future, so
// that no difference of times that is computed later can overflow. Others count as malformed.
#pragma once

#include "core/record/channel.h"
#include "core/record/context_switches.h"
#include "core/record/cpu_usage.h"
#include "core/record/memory_sampler.h"
#include "core/record/system_switches.h"
#include "core/record/thread_sampler.h"
#include "core/record/wakeups.h"
#include "core/trace/batch.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace timeslice {

struct CollectorSources {
    Channel* channel = nullptr; ///< may be null; must outlive the collector
    std::optional<ContextSwitches> switches = std::nullopt; ///< kernel records, or
    std::optional<ThreadSampler> sampler = std::nullopt; ///< the fallback, or neither (the workload stamps itself)
    std::optional<SystemSwitches> others = std::nullopt; ///< beside `switches`, where they are allowed
    std::optional<Wakeups> wakeups = std::nullopt; ///< the same
    std::optional<CpuUsage> usage = std::nullopt;
    std::optional<MemorySampler> memory = std::nullopt;
    Source source = Source::Measured;
    std::uint64_t mostEvents = ~std::uint64_t{0}; ///< of the whole recording; names and objects count as events
};

class Collector {
public:
    /// How often it drains at least: short enough that an event is on the screen within two frames.
    static constexpr Nanos kPeriod = 4 * kMillisecond;
    /// And while little happens, as each look takes its time from what is watched. A ring for a thread that records
    /// every load and store has room for this long of it.
    static constexpr Nanos kQuietPeriod = 10 * kMillisecond;
    /// How often it samples CpuUsage: a few clock ticks.
    static constexpr Nanos kUsagePeriod = 50 * kMillisecond;
    /// With this many events (512 MB) waiting to be taken it leaves the rest in the rings.
    static constexpr std::size_t kMostWaiting = std::size_t{1} << 24;

    /// Starts the thread. Throws std::system_error when the system has no thread or descriptor left.
    explicit Collector(CollectorSources sources);
    /// Stops and joins.
    ~Collector();
    Collector(const Collector&) = delete;
    Collector& operator=(const Collector&) = delete;

    /// Everything drained since the last call, oldest first. Any thread; blocks for no longer than a swap. While
    /// nothing happens the last batch is empty save for drainedAt and the loss counts.
    std::vector<Batch> take();
    /// Drains a last time, stops the thread. After it returns, take() gives the rest. Idempotent; any thread. `cpu`:
    /// what the processes used together, where the kernel has told: a sampler cannot see the last of it.
    void stop(std::optional<Nanos> cpu = std::nullopt);
    /// CPU time that the collecting thread has used: the greater part of the recording's cost.
    Nanos cpuTime() const;
    /// Nanoseconds stolen by the host so far.
    Nanos stolen() const;
    /// Where the recording ends because its budget was used up; nullopt = it was not.
    std::optional<Nanos> cutAt() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace timeslice
