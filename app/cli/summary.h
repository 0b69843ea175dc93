// What run, record, export and info say to a person, in lines of text.
#pragma once

#include "core/model/run_model.h"

#include <cstdint>
#include <cstdio>
#include <string>

namespace timeslice {

/// One line per variant: time, cores used, switches, and what went wrong.
void printVariant(std::FILE* out, const VariantReport& report, std::size_t nameWidth);
/// Who had the GIL and why it changed hands, a line for each; or `gilNote`, why there is none to see. And of which
/// processes the GIL is not recorded.
void printGil(std::FILE* out, const VariantReport& report, const std::string& gilNote);
/// The verdict's number and sentences; nothing if there is none.
void printVerdict(std::FILE* out, const std::optional<Verdict>& verdict);
/// Source, and what spoilt the recording: events lost, time stolen.
void printQuality(std::FILE* out, const RunReport& report);

/// Characters, not bytes: for columns of names in UTF-8.
std::size_t textWidth(const std::string& text);
/// `text` for one line of a table: control characters as blanks, broken UTF-8 as "?", at most 60 characters, the last
/// one "…" if some are left out.
std::string oneLine(const std::string& text);
/// "1 thread", "0 threads".
std::string counted(std::uint64_t count, const std::string& one);
/// `text` and blanks up to `width` characters.
std::string padded(const std::string& text, std::size_t width);

} // namespace timeslice
