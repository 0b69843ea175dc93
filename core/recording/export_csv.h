// A recording as a table, for spreadsheets and scripts.
#pragma once

#include "core/base/result.h"
#include "core/recording/recording.h"

#include <filesystem>
#include <ostream>
#include <span>
#include <string>

namespace timeslice {

/// One number, or text, of one run.
struct CsvPoint {
    std::string variant; ///< id
    std::string run; ///< "processes=2 #1"
    Nanos wall = 0;
    std::string exit; ///< how it ended
    std::string measure; ///< what the number is, with its unit
    double number = 0;
    std::string text = {}; ///< in place of the number, where that is what was reported
};

/// RFC 4180 with a header line, one line per slice:
///   variant,track,name,begin_ns,duration_ns,state,subject,cause
/// begin_ns counts from the start of the variant's recording and is never negative. `cause` says why the slice began.
/// Slices of no length are left out. Where the workload said when its work proper was, the variant's first line says
/// it:
///   variant,work,work,begin_ns,duration_ns,,,
/// Where memory is recorded, a line for each process, moment and measure (rss, pss, private), its number as `subject`
/// and its unit as `cause`; a line for each mark, named as `subject`; and one for each process of which it is known how
/// it ended, which `cause` says:
///   variant,memory,name,begin_ns,0,pss,1048576,bytes
///   variant,mark,name,begin_ns,0,mark,NAME,
///   variant,process,name,begin_ns,0,reaped,,killed by SIGKILL
/// Of a series, whose other runs have no timeline, and of a scenario whose result is a table of texts, a line for each
/// number or text of each run, at the end:
///   variant,run,processes=2 #1,0,wall_ns,exited,measure,number
/// Errors: the stream failed.
Result<void> exportCsv(const Recording& recording, std::ostream& out, std::span<const CsvPoint> points = {});
/// The same into a file that is replaced whole or not at all. Errors: the system's, with the path.
Result<void> exportCsv(
    const Recording& recording, const std::filesystem::path& path, std::span<const CsvPoint> points = {});

} // namespace timeslice
