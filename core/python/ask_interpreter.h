// askInterpreter() and findInterpreters() with what the two share: a cache, and an end before their time.
#pragma once

#include "core/python/interpreter.h"
#include "core/python/interpreter_cache.h"

#include <mutex>
#include <vector>

namespace timeslice {

/// `mutex` guards `cache`, which may be shared by threads that ask at the same time. `stopFd`: given up when it becomes
/// readable; -1 = never. Errors as askInterpreter().
Result<Interpreter> askInterpreter(
    const std::filesystem::path& path, InterpreterCache& cache, std::mutex& mutex, int stopFd = -1);

/// The same until `stopFd` becomes readable, and then an error.
Result<Interpreter> askInterpreterUntil(const std::filesystem::path& path, int stopFd);

/// The same until `stopFd` becomes readable, and then those that have answered.
std::vector<Interpreter> findInterpretersUntil(const std::vector<std::filesystem::path>& added, int stopFd);

/// What `name` is on $PATH, as execvp(3) looks for it; a path is made absolute. Errors (Usage): it is not there.
Result<std::filesystem::path> lookUpInterpreter(const std::filesystem::path& name);

} // namespace timeslice
