#include "core/python/interpreter.h"
#include "core/python/interpreter_words.h"

#include <algorithm>
#include <cstdio>
#include <string_view>

namespace timeslice {

namespace {

/// The oldest CPython whose GIL's recording is tested.
constexpr int kOldestMinor = 9;

/// "cpython>=3.10,<3.13,other", taken apart.
struct Need {
    std::string name;
    int major = 0; ///< 0 = any version
    int minor = 0;
    int belowMajor = 0; ///< 0 = however new
    int belowMinor = 0;
    bool other = false; ///< of another version than the usual one
};

Need parseNeed(const std::string& text)
{
    Need need;
    constexpr std::string_view kOther = ",other";
    need.other = text.ends_with(kOther);
    const std::size_t sign = text.find(">=");
    need.name = text.substr(0, sign);
    if (sign != std::string::npos) {
        std::sscanf(
            text.c_str() + sign + 2, "%d.%d,<%d.%d", &need.major, &need.minor, &need.belowMajor, &need.belowMinor);
    } else if (need.name == "cpython") {
        need.major = 3;
        need.minor = kOldestMinor;
    }
    return need;
}

std::string nameOf(const Interpreter& interpreter)
{
    return interpreter.kind == InterpreterKind::Other ? interpreter.implementation : kindWord(interpreter.kind);
}

bool meets(const Interpreter& interpreter, const Need& need)
{
    const std::pair version(interpreter.major, interpreter.minor);
    return nameOf(interpreter) == need.name && version >= std::pair(need.major, need.minor)
        && (need.belowMajor == 0 || version < std::pair(need.belowMajor, need.belowMinor));
}

bool sameVersion(const Interpreter& one, const Interpreter& other)
{
    return std::pair(one.major, one.minor) == std::pair(other.major, other.minor);
}

struct Origin {
    const char* need;
    const char* title;
    const char* where;
};

/// Where to have them from.
constexpr Origin kOrigins[] = {
    {"cpython", "CPython", "Debian's package: python3"},
    {"free-threaded", "A free-threaded CPython",
        "Debian has no package; Fedora's: python3.13-freethreading; with "
        "pyenv: pyenv install 3.13t"},
    {"pypy", "PyPy", "Debian's package: pypy3"},
    {"jython", "Jython", "Debian's package: jython"},
};

std::string versionText(int major, int minor)
{
    return std::to_string(major) + "." + std::to_string(minor);
}

std::string versionText(const Need& need)
{
    return versionText(need.major, need.minor);
}

/// Of several versions the newest: it is the easiest to build.
std::string versionToInstall(const Need& need)
{
    return need.belowMinor > 0 ? versionText(need.belowMajor, need.belowMinor - 1) : versionText(need);
}

} // namespace

const char* kindWord(InterpreterKind kind) noexcept
{
    switch (kind) {
    case InterpreterKind::CPython:
        return "cpython";
    case InterpreterKind::FreeThreaded:
        return "free-threaded";
    case InterpreterKind::PyPy:
        return "pypy";
    case InterpreterKind::Jython:
        return "jython";
    case InterpreterKind::Other:
        break;
    }
    return "other";
}

std::string describe(const Interpreter& interpreter)
{
    switch (interpreter.kind) {
    case InterpreterKind::CPython:
        return "CPython " + interpreter.version;
    case InterpreterKind::FreeThreaded:
        return "CPython " + interpreter.version + ", free-threaded";
    case InterpreterKind::PyPy:
        return interpreter.release.empty() ? "PyPy " + interpreter.version
                                           : "PyPy " + interpreter.release + " (Python " + interpreter.version + ")";
    case InterpreterKind::Jython:
        return "Jython " + interpreter.version;
    case InterpreterKind::Other:
        break;
    }
    return interpreter.implementation + " " + interpreter.version;
}

std::string gilNote(const Interpreter& interpreter)
{
    switch (interpreter.kind) {
    case InterpreterKind::CPython:
        return {};
    case InterpreterKind::FreeThreaded:
        return "No GIL: this is CPython's free-threaded build.";
    case InterpreterKind::PyPy:
        return "Not observable: PyPy has a GIL of its own, which cannot be traced.";
    case InterpreterKind::Jython:
        return "No GIL: Jython has none.";
    case InterpreterKind::Other:
        break;
    }
    return "Not observable: only CPython's GIL can be traced, and this is " + describe(interpreter) + ".";
}

std::string ageNote(const Interpreter& interpreter)
{
    if (interpreter.kind != InterpreterKind::CPython
        || std::pair(interpreter.major, interpreter.minor) >= std::pair(3, kOldestMinor)) {
        return {};
    }
    return describe(interpreter) + " is older than 3." + std::to_string(kOldestMinor)
        + ": its GIL may not be recorded rightly";
}

std::optional<Interpreter> chooseInterpreter(const std::vector<Interpreter>& found, const std::string& need)
{
    const Need wanted = parseNeed(need);
    const std::optional<Interpreter> usual = wanted.other ? chooseInterpreter(found, wanted.name) : std::nullopt;
    const auto it = std::find_if(found.begin(), found.end(), [&](const Interpreter& interpreter) {
        return meets(interpreter, wanted) && !(usual && sameVersion(interpreter, *usual));
    });
    return it == found.end() ? std::nullopt : std::optional(*it);
}

std::string whyNoInterpreter(const std::vector<Interpreter>& found, const std::string& need)
{
    const Need wanted = parseNeed(need);
    if (wanted.other) {
        if (const auto usual = chooseInterpreter(found, wanted.name); usual && meets(*usual, wanted)) {
            return "is the usual Python here: " + describe(*usual);
        }
    }
    const auto origin = std::find_if(
        std::begin(kOrigins), std::end(kOrigins), [&](const Origin& known) { return wanted.name == known.need; });
    const std::string title = origin == std::end(kOrigins) ? wanted.name : origin->title;
    std::string where = origin == std::end(kOrigins) ? std::string() : origin->where;
    // The newest of the kind that is here, if any: then it is the version that is wrong.
    const Interpreter* newest = nullptr;
    for (const Interpreter& interpreter : found) {
        if (nameOf(interpreter) == wanted.name
            && (newest == nullptr
                || std::pair(interpreter.major, interpreter.minor) > std::pair(newest->major, newest->minor))) {
            newest = &interpreter;
        }
    }
    if (newest != nullptr) {
        return "needs " + title + " " + versionText(wanted) + " or newer"
            + (wanted.belowMajor == 0 ? "" : ", but older than " + versionText(wanted.belowMajor, wanted.belowMinor))
            + ", here is " + newest->version
            + (wanted.name == "cpython" ? " (with pyenv: pyenv install " + versionToInstall(wanted) + ")" : "");
    }
    if (wanted.name == "cpython" && wanted.minor > kOldestMinor) { // Debian's may be older than that
        where = "needs " + versionText(wanted) + " or newer; with pyenv: pyenv install " + versionText(wanted);
    }
    return title + " is not installed" + (where.empty() ? "" : " (" + where + ")");
}

} // namespace timeslice
