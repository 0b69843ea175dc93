// A recording as a table, for spreadsheets and scripts.
#pragma once

#include "core/base/result.h"
#include "core/trace/recording.h"

#include <filesystem>
#include <ostream>

namespace timeslice {

/// RFC 4180 with a header line, one line per slice:
///   variant,track,name,begin_ns,duration_ns,state,subject,cause
/// begin_ns counts from the start of the work proper (it is negative before that). `cause` says why the slice began.
/// Slices of no length are left out. Errors: the stream failed.
Result<void> exportCsv(const Recording& recording, std::ostream& out);
/// The same into a file that is replaced whole or not at all. Errors: the system's, with the path.
Result<void> exportCsv(const Recording& recording, const std::filesystem::path& path);

} // namespace timeslice
