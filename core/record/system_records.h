// SystemRecords: translates the records of system-wide perf rings into who else had the run's cores.
//
// Source of the layouts: linux/perf_event.h, PERF_RECORD_SWITCH_CPU_WIDE (Linux 4.3). The events must have been opened
// with sample_id_all and PERF_SAMPLE_TID | TIME | CPU. A thread that belongs to another PID namespace has the id 0
// there, as the idle thread has: where there may be such threads, one that gave its core up to wait is known not to be
// the idle thread, which never waits, and of one that was preempted nothing is known.
#pragma once

#include "core/base/ids.h"
#include "core/trace/batch.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace timeslice {

/// For one thread.
class SystemRecords {
public:
    /// What a process is called that was there before the records, or nothing.
    using Lookup = std::function<std::optional<OtherProgram>(Pid)>;
    struct Known {
        Pid root = 0; ///< the run's first process
        std::vector<Pid> ours; ///< processes of this program
        Nanos opened = 0; ///< since when the rings record
        bool allVisible = true; ///< no process lives outside our PID namespace
    };

    /// `cpus`: of the rings, by their index.
    SystemRecords(std::vector<CpuId> cpus, Known known, Lookup lookup);

    /// Threads that these events happened to are the run's, and so are all of a process whose first thread is; of all
    /// events that the run's own records gave so far, those that were read after the rings.
    void learnOwn(std::span<const Event> events);
    /// Whole records of each ring, in the order of the cpus. `crowded`: of a ring that may have been full, so that what
    /// came after these records is not known yet. Appends who had the cores until `now`.
    struct Ring {
        std::span<const std::byte> bytes;
        bool crowded = false;
    };
    void translate(const std::vector<Ring>& rings, Nanos now, Batch& batch);

private:
    static constexpr std::uint32_t kUndecided = OthersRun::kNobody - 1; ///< the idle thread, or one that we cannot see

    struct Core {
        CpuId cpu = 0;
        Nanos since = -1; ///< -1 = not known who runs
        Nanos last = 0; ///< record
        bool met = false; ///< there was a record
        std::uint32_t program = OthersRun::kNobody;
        std::optional<std::size_t> piece; ///< its latest in the batch at hand
    };
    struct Naming {
        Nanos since = 0;
        OtherProgram program;
        std::optional<std::uint32_t> index; ///< once it was seen on a core
    };

    struct Record;
    void noteTask(const Record& record);
    void noteSwitch(Core& core, const Record& record, Batch& batch);
    void leave(Core& core, Nanos time, bool preempted, Batch& batch);
    static void emit(Core& core, Nanos end, std::uint32_t program, Batch& batch);
    std::uint32_t programOf(Pid pid, Tid tid, Nanos time, Batch& batch);
    std::vector<Naming>& namingsOf(Pid pid); ///< never empty
    void addNaming(Pid pid, Naming naming);
    bool isOwn(Tid tid, Nanos time) const;

    std::vector<Core> m_cores;
    Known m_known;
    Lookup m_lookup;
    std::unordered_map<Tid, Nanos> m_own; ///< until when a thread is the run's
    std::unordered_map<Pid, std::vector<Naming>> m_namings; ///< ascending
    std::vector<Pid> m_ended; ///< in what is translated now
    std::optional<std::uint32_t> m_unseen; ///< index of the program without a number
    std::uint32_t m_programs = 0; ///< so far
    int m_lookups = 0; ///< in what is translated now
    std::uint64_t m_lost = 0;
};

} // namespace timeslice
