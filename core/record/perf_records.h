// PerfRecords: translates the records of a perf ring into events and names.
//
// Source of the layouts: linux/perf_event.h, enum perf_event_type. The event must have been opened with sample_id_all
// and PERF_SAMPLE_TID | TIME | CPU, so that every record ends in the same 24 bytes.
#pragma once

#include "core/base/ids.h"
#include "core/record/process_images.h"
#include "core/record/program_looks.h"
#include "core/trace/batch.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace timeslice {

/// For one thread.
class PerfRecords {
public:
    /// A process that exists already; threads that it starts are called `name` until they are named.
    void seed(Pid pid, std::string name);
    /// Tells of the processes whose GIL is not recorded, too. `refused` as for ProcessImages.
    void watchPrograms(RefusedPrograms& refused) { m_programs.emplace(refused); }

    /// Appends the events of whole records in `bytes`, as copied out of one ring. Names are kept back for
    /// finish(): a thread can be born on one core and named on another, whose ring is read first.
    void parse(std::span<const std::byte> bytes, Batch& batch);
    /// After all rings: appends names in the order of time, and adds the counts since the start to batch.lost. `last`:
    /// nothing comes after.
    void finish(Batch& batch, bool last = false);

private:
    struct NameChange {
        enum class Kind : unsigned char { Born, Named, Exited };
        Nanos time = 0;
        Kind kind = Kind::Named;
        Tid tid = 0;
        Pid pid = 0;
        Tid parent = 0;
        std::string name;
    };

    struct Programs {
        explicit Programs(RefusedPrograms& refused)
            : images(refused)
        {
        }
        ProcessImages images;
        ProgramLooks looks;
    };

    bool parseOne(std::span<const std::byte> record, Batch& batch);

    std::vector<NameChange> m_changes;
    std::unordered_map<Tid, std::string> m_names; ///< of the living
    std::optional<Programs> m_programs;
    std::uint64_t m_lost = 0;
    std::uint64_t m_malformed = 0;
};

} // namespace timeslice
