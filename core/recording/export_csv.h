// A recording as a table, for spreadsheets and scripts.
#pragma once

#include "core/base/result.h"
#include "core/recording/recording.h"

#include <filesystem>
#include <ostream>

namespace timeslice {

/// RFC 4180 with a header line, one line per slice:
///   variant,track,name,begin_ns,duration_ns,state,subject,cause
/// begin_ns counts from the start of the variant's recording and is never negative. `cause` says why the slice began.
/// Slices of no length are left out. Where the workload said when its work proper was, the variant's first line says
/// it:
///   variant,work,work,begin_ns,duration_ns,,,
/// Errors: the stream failed.
Result<void> exportCsv(const Recording& recording, std::ostream& out);
/// The same into a file that is replaced whole or not at all. Errors: the system's, with the path.
Result<void> exportCsv(const Recording& recording, const std::filesystem::path& path);

} // namespace timeslice
