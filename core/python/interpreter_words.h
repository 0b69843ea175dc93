// The one word for each kind of interpreter: in scenarios, reports and messages.
#pragma once

#include "core/python/interpreter.h"

namespace timeslice {

/// "cpython", "free-threaded", "pypy", "jython", "other".
const char* kindWord(InterpreterKind kind) noexcept;

} // namespace timeslice
