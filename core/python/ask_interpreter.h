// askInterpreter() with a cache that several questions share.
#pragma once

#include "core/python/interpreter.h"
#include "core/python/interpreter_cache.h"

#include <mutex>

namespace timeslice {

/// `mutex` guards `cache`, which may be shared by threads that ask at the same time. Errors as askInterpreter().
Result<Interpreter> askInterpreter(const std::filesystem::path& path, InterpreterCache& cache, std::mutex& mutex);

} // namespace timeslice
