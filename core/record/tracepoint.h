// Tracepoint: what the kernel tells of one of its tracepoints: its number for perf, and where the fields of its records
// lie.
//
// Source: Documentation/trace/events.rst, "Event formats". The description is a file in tracefs, which root alone may
// read unless it was mounted otherwise. Nothing is mounted here.
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace timeslice {

/// Offset and size in bytes, from the beginning of a record, its common fields included.
struct TracepointField {
    std::string name;
    std::size_t offset = 0;
    std::size_t size = 0;
};

struct Tracepoint {
    std::uint64_t id = 0; ///< perf_event_attr::config, and the common_type of its records
    std::vector<TracepointField> fields;

    /// Where the field lies, if it is there and of that size.
    std::optional<std::size_t> offsetOf(std::string_view name, std::size_t size) const;
};

/// Of the text of a tracepoint's file `format`. Errors: it is none.
Result<Tracepoint> parseTracepoint(std::string_view format);

/// `name` is as in tracefs: "sched/sched_waking". Errors (Unsupported): it cannot be read, with the command that would
/// allow it.
Result<Tracepoint> readTracepoint(const std::string& name);

} // namespace timeslice
