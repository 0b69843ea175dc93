// The question that an interpreter is asked, and its answer.
#pragma once

#include "core/base/time.h"
#include "core/python/interpreter.h"

#include <filesystem>
#include <string>

namespace timeslice {

/// How long an interpreter has for its answer. Jython on a busy machine needs several seconds.
inline constexpr Nanos kAnswerWithin = 20 * kSecond;

struct Answer {
    enum class Kind : unsigned char { Python, NotPython, Late };
    Kind kind = Kind::NotPython;
    Interpreter interpreter; ///< of Python; `path` is empty
    std::filesystem::path executable; ///< of Python: sys.executable; may be empty
    std::string why; ///< of the others, for a person: "does not answer as a Python does: ls: invalid option"
};

/// Runs `program` with the question, input from /dev/null, as a process group of its own that is killed when the time
/// is over, or when `stopFd` (-1 = none) becomes readable; the answer is Late then.
Answer askProgram(const std::filesystem::path& program, Nanos within = kAnswerWithin, int stopFd = -1);

} // namespace timeslice
