// Whether a shared library that was built here can be preloaded into a program.
#pragma once

#include "core/base/result.h"

#include <filesystem>

namespace timeslice {

/// LD_PRELOAD is the work of the dynamic loader that a program names (ELF's PT_INTERP). Errors (Usage), naming the
/// path: an ELF program that cannot be preloaded, or not without a word of its loader (core/probe/exec_target.h says
/// which). What is no ELF file passes: a script is its interpreter's affair.
Result<void> checkPreloadable(const std::filesystem::path& program);

/// Whether the file begins as an ELF file does.
bool isElf(const std::filesystem::path& program);

} // namespace timeslice
