#include "core/python/question.h"

#include "core/python/brief_run.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

namespace timeslice {

namespace {

constexpr const char* kMark = "timeslice-python|";

// For Python 2 (Jython) too. sys.implementation came with 3.3. A "t" among the ABI flags is the free-threaded build
// (PEP 703). Without a line break behind it the path may hold anything but one.
constexpr const char* kQuestion = R"(import sys
v = sys.version_info
p = getattr(sys, 'pypy_version_info', None)
i = getattr(sys, 'implementation', None)
n = i.name if i else 'jython' if sys.platform.startswith('java') else 'pypy' if p else 'cpython'
r = '%d.%d.%d' % tuple(p[:3]) if p else ''
print('timeslice-python|%s|%d.%d.%d|%s|%s|' % (n, v[0], v[1], v[2], r, getattr(sys, 'abiflags', '')))
print(sys.executable or ''))";

/// The line of a program's complaint that tells most: its first, but the last of Python's own, which begin with where.
std::string tellingLineOf(const std::string& text)
{
    const std::size_t begin = text.find_first_not_of("\r\n");
    const std::size_t end = text.find_last_not_of(" \t\r\n");
    if (end == std::string::npos) {
        return {};
    }
    const bool byPython = text.compare(begin, 9, "Traceback") == 0 || text.compare(begin, 7, "  File ") == 0;
    const std::size_t before = text.find_last_of("\r\n", end);
    std::string line = byPython && before != std::string::npos
        ? text.substr(before + 1, end - before)
        : text.substr(begin, std::min(text.find_first_of("\r\n", begin), end + 1) - begin);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    constexpr std::size_t kMost = 200;
    return line.size() <= kMost ? line : line.substr(0, kMost) + "...";
}

/// "3.11.2": three numbers that are plausible.
bool readVersion(const std::string& text, Interpreter& into)
{
    int patch = 0;
    int used = 0;
    const bool read = std::sscanf(text.c_str(), "%d.%d.%d%n", &into.major, &into.minor, &patch, &used) == 3
        && used == static_cast<int>(text.size());
    into.version = text;
    return read && into.major >= 1 && into.major < 100 && into.minor >= 0 && patch >= 0;
}

InterpreterKind kindOf(const std::string& implementation, const std::string& abiFlags)
{
    if (implementation == "cpython") {
        return abiFlags.find('t') != std::string::npos ? InterpreterKind::FreeThreaded : InterpreterKind::CPython;
    }
    if (implementation == "pypy") {
        return InterpreterKind::PyPy;
    }
    return implementation == "jython" ? InterpreterKind::Jython : InterpreterKind::Other;
}

/// Its answer, wherever in the output it stands: a launcher may have said something first.
std::optional<Answer> parseAnswer(const std::string& output)
{
    const std::size_t mark = output.find(kMark);
    if (mark == std::string::npos || (mark > 0 && output[mark - 1] != '\n')) {
        return std::nullopt;
    }
    std::size_t at = mark + std::strlen(kMark);
    const std::size_t lineEnd = output.find('\n', at);
    std::array<std::string, 4> fields; // implementation, version, release, ABI flags
    for (std::string& field : fields) {
        const std::size_t bar = output.find('|', at);
        if (bar == std::string::npos || bar > lineEnd) {
            return std::nullopt;
        }
        field = output.substr(at, bar - at);
        at = bar + 1;
    }
    Answer answer;
    answer.kind = Answer::Kind::Python;
    Interpreter& interpreter = answer.interpreter;
    interpreter.implementation = fields[0];
    interpreter.release = fields[2];
    interpreter.kind = kindOf(fields[0], fields[3]);
    const bool word = !fields[0].empty() && fields[0].size() <= 32
        && std::all_of(fields[0].begin(), fields[0].end(),
            [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; });
    if (!word || !readVersion(fields[1], interpreter)) {
        return std::nullopt;
    }
    if (lineEnd != std::string::npos) {
        const std::size_t end = output.find_first_of("\r\n", lineEnd + 1);
        answer.executable = output.substr(lineEnd + 1, end == std::string::npos ? end : end - lineEnd - 1);
    }
    return answer;
}

} // namespace

Answer askProgram(const std::filesystem::path& program, Nanos within, int stopFd)
{
    const Nanos deadline = monotonicNow() + within;
    Answer answer;
    // Isolated from the user's modules and settings, which may print or take their time. Python 2 and Jython do not
    // know -I and say so by failing.
    for (const std::vector<std::string>& options : {std::vector<std::string>{"-I", "-S"}, {"-E", "-S"}}) {
        std::vector<std::string> words{program.string()};
        words.insert(words.end(), options.begin(), options.end());
        words.insert(words.end(), {"-c", kQuestion});
        const BriefRun ending = runBriefly(words, deadline, stopFd);
        if (const std::optional<Answer> parsed = parseAnswer(ending.output)) {
            return *parsed;
        }
        if (ending.late) {
            answer.kind = Answer::Kind::Late;
            answer.why = ending.stopped
                ? "was not waited for"
                : "does not answer within " + std::to_string(within / kSecond) + " s; is it a Python?";
            return answer;
        }
        if (ending.startError != 0) {
            answer.why = std::string("cannot be run: ") + std::strerror(ending.startError);
            return answer;
        }
        const std::string said = tellingLineOf(ending.output);
        answer.why = "is not a Python" + (said.empty() ? std::string() : ": it says \"" + said + "\"");
        if (ending.good) {
            break;
        }
    }
    return answer;
}

} // namespace timeslice
