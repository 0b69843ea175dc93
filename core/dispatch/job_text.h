// Jobs as a person types them: one cell of their table, or all of it in a line: "A 0 100ms; B 10ms 20ms prio 2".
//
//   table = job { (";" or a new line) job }        "#" and what follows it, up to the line's end, is a remark
//   job   = NAME ARRIVAL LENGTH { "prio" N | "tickets" N | "nice" N | "io" EVERY FOR }
//
// A name with blanks, semicolons or "#" in it stands in double quotes; a quote within them is written twice. Times have
// a unit, "5ms"; a 0 needs none.
#pragma once

#include "core/dispatch/job_table.h"

#include <string>
#include <string_view>

namespace timeslice {

/// Errors: Usage, which job, and what was expected; and JobTable::create()'s.
Result<JobTable> readJobs(std::string_view text);

/// The shortest text that readJobs() reads as these; whatever is wrong with them is written as well.
std::string jobsText(const std::vector<Job>& jobs);

/// Whether a text can be a table, and is not just one word, as the name of one is.
bool looksLikeJobs(std::string_view text);

/// Reads one cell. A number that no job may have is taken, so that JobTable::mistakesIn() tells of it. An empty text is
/// what a job has that says nothing: no I/O, the usual priority. Errors: Usage, what was expected.
Result<void> setField(Job& job, JobField field, std::string_view text);

/// What setField() reads as the same; no I/O is "". With a `space` between number and unit it is for people.
std::string fieldText(const Job& job, JobField field, std::string_view space = "");

} // namespace timeslice
