// Interpreter: the Pythons of this machine, what each is, and which one a script gets.
//
// Nothing is guessed from a file's name: each candidate is asked once (it runs a few lines of Python that print its
// version and kind), and the answer is kept in $XDG_CACHE_HOME/timeslice/interpreters.json by real path, size and time
// of change.
//
// All functions may be called on any thread, several at a time; those that ask block until they have the answers.
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace timeslice {

enum class InterpreterKind : unsigned char {
    CPython, ///< with a GIL, which the probe traces
    FreeThreaded, ///< CPython built without one (3.13+, Py_GIL_DISABLED)
    PyPy, ///< has a GIL of its own, which cannot be observed
    Jython, ///< has none
    Other,
};

struct Interpreter {
    std::filesystem::path path; ///< absolute, as found: what the user would type. A link stays one: through a virtual
                                ///< environment's it has that environment's modules
    InterpreterKind kind = InterpreterKind::Other;
    std::string implementation; ///< sys.implementation.name: "cpython", "pypy", ...
    std::string version; ///< of the language: "3.11.2"
    std::string release; ///< of the implementation where that differs (PyPy's "7.3.11"); else ""
    int major = 0;
    int minor = 0;
};

/// "CPython 3.11.2", "CPython 3.13.0, free-threaded", "PyPy 7.3.11 (Python 3.9.16)".
std::string describe(const Interpreter& interpreter);
/// Why its GIL is not on the timeline; "" where it is (InterpreterKind::CPython).
std::string gilNote(const Interpreter& interpreter);
/// What to know before it is relied on; "" if nothing: a CPython before 3.9 runs, but its GIL is not promised.
std::string ageNote(const Interpreter& interpreter);

/// Runs it once. `path` may be a name to look up in $PATH. A shim of pyenv is resolved to the interpreter that it runs
/// in the current folder. Errors (Usage), each naming the path: not there, not executable, not a Python (or no answer
/// within some seconds), statically linked or for another libc (nothing can be preloaded into it), Python 2 of the
/// CPython kind (its GIL works in another way).
Result<Interpreter> askInterpreter(const std::filesystem::path& path);

/// Those on $PATH, in /usr/bin, /usr/local/bin, /opt/*/bin, of pyenv, and those of `added` that answer; each executable
/// once, however many links lead to it (save those of virtual environments). In the order of preference for scripts:
/// the python3 of $PATH first, then newer before older, then the other kinds. The first call takes as long as the
/// slowest that has not been asked before (Jython: seconds), later ones some milliseconds.
std::vector<Interpreter> findInterpreters(const std::vector<std::filesystem::path>& added = {});

/// The first that meets `need`: "cpython" (3.9 or newer), "cpython>=3.12", "cpython>=3.8,<3.10" (older than 3.10),
/// "free-threaded", "pypy", "jython"; "cpython>=3.12,<3.13,other": only if plain "cpython" gets another version.
/// Nullopt: none does.
std::optional<Interpreter> chooseInterpreter(const std::vector<Interpreter>& found, const std::string& need);
/// For a person: "PyPy is not installed (Debian's package: pypy3)"; "needs CPython 3.12 or newer, here is 3.11.2 ...".
std::string whyNoInterpreter(const std::vector<Interpreter>& found, const std::string& need);

} // namespace timeslice
