// PythonSource: where the window learns of interpreters. Replaceable, so that tests depend on none.
#pragma once

#include "core/python/interpreter.h"

#include <filesystem>
#include <functional>
#include <vector>

namespace timeslice {

/// Both are called on a thread of their own; see core/python/interpreter.h.
struct PythonSource {
    std::function<std::vector<Interpreter>(const std::vector<std::filesystem::path>& added)> find;
    std::function<Result<Interpreter>(const std::filesystem::path& path)> ask;

    /// Those of this machine.
    static PythonSource machine() { return {&findInterpreters, &askInterpreter}; }
};

} // namespace timeslice
