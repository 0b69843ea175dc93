#include "core/python/compile_script.h"

#include "core/base/clean_name.h"
#include "core/python/brief_run.h"

#include <cstdio>
#include <string_view>

namespace timeslice {

namespace {

constexpr Nanos kCompiledWithin = 20 * kSecond; ///< Jython on a busy machine needs several

constexpr std::string_view kGood = "timeslice-compiles|";
constexpr std::string_view kBad = "timeslice-mistake|";

// For Python 2 (Jython), too. Bytes, so that Python itself finds out their encoding. Its warnings are not about whether
// it can be compiled.
constexpr const char* kCompile = R"(import sys, warnings
warnings.simplefilter('ignore')
try:
    compile(open(sys.argv[1], 'rb').read(), sys.argv[1], 'exec', 0, True)
    print('timeslice-compiles|')
except SyntaxError:
    e = sys.exc_info()[1]
    print('timeslice-mistake|%d|%d|%s' % (e.lineno or 0, e.offset or 0, e.msg))
except Exception:
    e = sys.exc_info()[1]
    print('timeslice-mistake|0|0|%s: %s' % (type(e).__name__, e)))";

std::string firstLine(std::string_view text)
{
    return cleanName(text.substr(0, text.find_first_of("\r\n")));
}

} // namespace

Result<std::optional<SyntaxMistake>> compileScript(const Interpreter& interpreter, const std::filesystem::path& script)
{
    // Without the user's modules and settings, of which it needs none. Jython does not know -I.
    const char* isolated = interpreter.kind == InterpreterKind::Jython ? "-E" : "-I";
    const BriefRun run = runBriefly(
        {interpreter.path.string(), isolated, "-S", "-c", kCompile, script.string()}, monotonicNow() + kCompiledWithin);
    const std::string_view said = run.output;
    if (said.find(kGood) != std::string_view::npos) {
        return std::nullopt;
    }
    const std::size_t at = said.find(kBad);
    SyntaxMistake mistake;
    int length = 0;
    if (at == std::string_view::npos
        || std::sscanf(run.output.c_str() + at + kBad.size(), "%d|%d|%n", &mistake.line, &mistake.column, &length) != 2
        || length == 0) {
        return fail(describe(interpreter) + " did not say whether it can compile " + script.string()
            + (run.late ? ": it takes too long" : ""));
    }
    mistake.message = firstLine(said.substr(at + kBad.size() + static_cast<std::size_t>(length)));
    return mistake;
}

} // namespace timeslice
