// A program of the user's that is run and recorded: how it is called, and what it leaves behind.
#pragma once

#include "core/analysis/report.h"

#include <string>
#include <vector>

namespace timeslice {

/// The command in one line, for a title.
std::string titleOf(const std::vector<std::string>& command);

/// As a shell gives a program's end; 126 and 127 when it could not be run at all.
int programStatus(const Exit& exit);

} // namespace timeslice
