// MemorySampler: how much memory each process of a run has, from /proc/PID/smaps_rollup.
//
// Source: proc(5); Linux 4.14 and later. A look makes the kernel walk the page tables of the process: some 0.1 ms for a
// small Python, more for a large one. It is made on the collector's thread, so that it counts as the recording's cost.
#pragma once

#include "core/trace/batch.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace timeslice {

/// For one thread.
class MemorySampler {
public:
    /// How often it looks at the most, at all processes one after another: what a pass finds can be added up.
    static constexpr Nanos kPeriod = 20 * kMillisecond;
    /// It takes no more than one part in so many of a core: with many processes, or large ones, it looks less often.
    static constexpr Nanos kShare = 20;

    /// `root`: the process that was started.
    explicit MemorySampler(Pid root);
    /// Learns from births and exits which processes there are.
    void note(const std::vector<Event>& events);
    /// Appends one sample per process, if it is time. A process that cannot be read (ended, another user's) is left
    /// out; one that lives for less than a period may have none.
    void sample(Batch& batch, Nanos now);

    /// Rss, Pss and what is private, of the text of smaps_rollup; nothing where one is missing.
    static std::optional<MemorySample> parse(std::string_view rollup);

private:
    std::set<Pid> m_processes;
    std::string m_text;
    Nanos m_next = 0;
};

} // namespace timeslice
