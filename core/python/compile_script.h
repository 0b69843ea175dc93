// What a Python says of a script that it cannot compile.
#pragma once

#include "core/python/interpreter.h"

#include <filesystem>
#include <optional>
#include <string>

namespace timeslice {

struct SyntaxMistake {
    int line = 0; ///< from 1, as is the column; 0: it says none
    int column = 0;
    std::string message; ///< Python's own: "'(' was never closed"
};

/// Has the interpreter compile the script, and runs nothing of it. Nullopt: it can be compiled. Errors: the interpreter
/// gave no answer. Any thread; blocks for some hundredths of a second, with Jython for seconds.
Result<std::optional<SyntaxMistake>> compileScript(const Interpreter& interpreter, const std::filesystem::path& script);

} // namespace timeslice
