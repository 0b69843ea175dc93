#include "core/base/proc_stat.h"

#include "core/base/clean_name.h"
#include "core/base/proc_file.h"

#include <array>

namespace timeslice {

namespace {

/// Counted from 1, as proc(5) does.
enum Field : std::size_t {
    kState = 3,
    kParent = 4,
    kFlags = 9,
    kUserTicks = 14,
    kSystemTicks = 15,
    kStack = 28,
    kProcessor = 39,
    kArgumentsBegin = 48,
    kArgumentsEnd = 49,
};

std::optional<ProcStat> readFrom(const std::string& folder)
{
    std::string text;
    return readFile((folder + "/stat").c_str(), text) ? parseProcStat(text) : std::nullopt;
}

} // namespace

std::optional<ProcStat> parseProcStat(std::string_view text)
{
    // "PID (NAME) STATE PPID ...", where NAME may hold anything, blanks and parentheses too.
    const std::size_t open = text.find('(');
    const std::size_t close = text.rfind(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
        return std::nullopt;
    }
    std::array<std::string_view, kArgumentsEnd + 1> fields;
    std::string_view rest = text.substr(close + 1);
    for (std::size_t field = kState; field < fields.size(); ++field) {
        fields[field] = nextWord(rest);
    }
    const auto parent = toNumber<Pid>(fields[kParent]);
    const auto core = toNumber<CpuId>(fields[kProcessor]);
    if (fields[kState].size() != 1 || !parent || !core) {
        return std::nullopt;
    }
    ProcStat stat;
    stat.name = cleanName(text.substr(open + 1, close - open - 1));
    stat.state = fields[kState].front();
    stat.parent = *parent;
    stat.flags = toNumber<std::uint64_t>(fields[kFlags]).value_or(0);
    stat.cpuTicks = toNumber<std::int64_t>(fields[kUserTicks]).value_or(0)
        + toNumber<std::int64_t>(fields[kSystemTicks]).value_or(0);
    stat.stack = toNumber<std::uint64_t>(fields[kStack]).value_or(0);
    stat.argumentsBegin = toNumber<std::uint64_t>(fields[kArgumentsBegin]).value_or(0);
    stat.argumentsEnd = toNumber<std::uint64_t>(fields[kArgumentsEnd]).value_or(0);
    stat.core = *core;
    return stat;
}

std::optional<ProcStat> readProcStat(Pid process)
{
    return readFrom("/proc/" + std::to_string(process));
}

std::optional<ProcStat> readProcStat(Pid process, Tid thread)
{
    return readFrom("/proc/" + std::to_string(process) + "/task/" + std::to_string(thread));
}

} // namespace timeslice
