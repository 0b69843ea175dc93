// Where each row of a recording goes in a Chrome trace: its process and its thread there.
//
// The numbers are the kernel's, so that a trace can be laid beside any other tool's output. A number that is taken is
// not given twice: a process of a later variant, or a process or thread to which the kernel gave an id again, gets one
// that no kernel gives (kFirstMadeUp and up), with its own in its name. So do cores, locks and what no process owns.
#pragma once

#include "core/recording/recording.h"
#include "core/trace/labels.h"

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

namespace timeslice {

/// The numbers that a trace file has used. Not thread-safe; one for a file.
class TraceNumbers {
public:
    static constexpr std::int64_t kFirstMadeUp = 1'000'000'000; ///< Linux counts to 4,194,304 (PID_MAX_LIMIT)

    /// These return `wanted` if the kernel can have given it and it is free, else a number of our own.
    std::int64_t pid(std::int64_t wanted = 0) { return take(m_pids, wanted); }
    std::int64_t tid(std::int64_t wanted = 0) { return take(m_tids, wanted); }

private:
    std::int64_t take(std::unordered_set<std::int64_t>& taken, std::int64_t wanted);

    std::unordered_set<std::int64_t> m_pids;
    std::unordered_set<std::int64_t> m_tids;
    std::int64_t m_next = kFirstMadeUp;
};

struct TracePlace {
    std::int64_t pid = 0;
    std::int64_t tid = 0;
};

struct TraceProcess {
    TracePlace place; ///< with the tid of its first row
    std::string name; ///< begins with the variant's title
};

struct TraceLayout {
    std::vector<TraceProcess> processes; ///< as they are to be shown: the cores, the run's processes, what they share
    std::vector<TracePlace> cores, threads, locks; ///< as in Timeline; no two are the same
    std::vector<TracePlace> counters; ///< a counter belongs to a process; its tid is that of the process's first row
    std::vector<std::string> threadNames; ///< RowLabels::threads, with the id of those whose number is made up
};

TraceLayout layOutTrace(const VariantRecording& variant, const RowLabels& labels, TraceNumbers& numbers);

} // namespace timeslice
