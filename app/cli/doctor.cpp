#include "app/cli/doctor.h"

#include "app/cli/exit_status.h"
#include "app/cli/runnable_here.h"
#include "app/cli/summary.h"
#include "core/analysis/report.h"
#include "core/base/json_out.h"
#include "core/base/unique_fd.h"
#include "core/python/interpreter_words.h"
#include "core/record/context_switches.h"
#include "core/record/system_switches.h"
#include "core/record/wakeups.h"
#include "core/session/programs.h"
#include "core/session/realtime_permission.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace timeslice {

namespace {

/// One thing that was looked at.
struct Finding {
    enum class Level : unsigned char { Good, Limited, Bad };
    std::string id; ///< in the JSON
    std::string name;
    Level level = Level::Good;
    std::string value; ///< what was found
    std::string remedy; ///< what it means and what to do; "" if nothing
    nlohmann::json number; ///< the value for programs, where it is one
};

std::optional<std::string> firstLine(const std::string& path)
{
    std::ifstream file(path);
    std::string line;
    if (!std::getline(file, line)) {
        return std::nullopt;
    }
    return line;
}

Finding switchesFinding()
{
    Finding finding{"context_switches", "context switches", Finding::Level::Good, "measured by the kernel", "", true};
    if (const Result<void> probed = probeContextSwitches(); !probed) {
        finding.level = Finding::Level::Limited;
        finding.value = "refused; tracks will be inferred";
        finding.remedy = probed.error().message;
        finding.number = false;
    }
    return finding;
}

Finding othersFinding()
{
    Finding finding{"other_programs", "other programs", Finding::Level::Good, "measured, by name", "", true};
    if (const Result<void> probed = probeSystemSwitches(); !probed) {
        finding.level = Finding::Level::Limited;
        finding.value = "sampled: their share of each core's time, without names";
        finding.remedy = probed.error().message;
        finding.number = false;
    }
    return finding;
}

Finding paranoidFinding()
{
    Finding finding{"perf_event_paranoid", "perf_event_paranoid", Finding::Level::Good, "", "", nullptr};
    const std::optional<std::string> level = firstLine("/proc/sys/kernel/perf_event_paranoid");
    if (!level) {
        finding.value = "not there: this kernel has no perf events";
        finding.level = Finding::Level::Limited;
        return finding;
    }
    finding.value = *level;
    finding.number = std::atoi(level->c_str());
    // Up to 2 a process may count its own threads in user space; Debian's and Ubuntu's 3 and 4 refuse that too.
    if (std::atoi(level->c_str()) > 2 && geteuid() != 0) {
        finding.level = Finding::Level::Limited;
        finding.remedy = "allow it until the next boot with: sudo sysctl kernel.perf_event_paranoid=2";
    }
    return finding;
}

Finding lockedMemoryFinding()
{
    Finding finding{"locked_memory_bytes", "memory for kernel records", Finding::Level::Good, "", "", nullptr};
    rlimit limit{};
    getrlimit(RLIMIT_MEMLOCK, &limit);
    const std::optional<std::string> perUser = firstLine("/proc/sys/kernel/perf_event_mlock_kb");
    char text[128];
    if (limit.rlim_cur == RLIM_INFINITY || geteuid() == 0) {
        finding.value = "unlimited";
    } else {
        finding.number = limit.rlim_cur;
        std::snprintf(text, sizeof text, "%" PRIu64 " KiB (ulimit -l), and %s KiB a core besides",
            static_cast<std::uint64_t>(limit.rlim_cur) / 1024, perUser.value_or("0").c_str());
        finding.value = text;
    }
    return finding;
}

Finding coresFinding()
{
    const int usable = coresHere();
    const long present = sysconf(_SC_NPROCESSORS_ONLN);
    Finding finding{"cores", "cores", Finding::Level::Good, std::to_string(usable), "", usable};
    if (usable < present) {
        finding.value += " of " + std::to_string(present) + " (the rest is not allowed to this process)";
    }
    if (usable < 2) {
        finding.level = Finding::Level::Limited;
        finding.remedy = "parallelism cannot be seen on one core; the verdicts will say so";
    }
    return finding;
}

/// "cpu user nice system idle iowait irq softirq steal ..." in clock ticks since boot: proc(5).
Finding stolenFinding()
{
    Finding finding{"stolen_share", "stolen by the host", Finding::Level::Good, "unknown", "", nullptr};
    const std::optional<std::string> line = firstLine("/proc/stat");
    if (!line) {
        return finding;
    }
    std::istringstream fields(line->substr(std::min<std::size_t>(line->size(), 3)));
    double ticks[8] = {};
    double all = 0;
    for (double& part : ticks) {
        fields >> part;
        all += part;
    }
    // Of the time in which somebody wanted a core: an idle machine loses nothing.
    const double wanted = all - ticks[3] - ticks[4];
    const double share = wanted > 0 ? ticks[7] / wanted : 0;
    char text[96];
    std::snprintf(text, sizeof text, "%.1f %% of the busy time since boot", 100 * share);
    finding.value = text;
    finding.number = share;
    if (share > 0.05) {
        finding.level = Finding::Level::Limited;
        finding.remedy = "the machine's host takes cores away; results will vary, and verdicts may say \"not visible\"";
    }
    return finding;
}

Finding realtimeFinding()
{
    if (mayRunRealtime()) {
        return {"realtime", "real-time scheduling", Finding::Level::Good, "allowed", "", true};
    }
    return {"realtime", "real-time scheduling", Finding::Level::Limited, "not allowed",
        "lessons with SCHED_FIFO need CAP_SYS_NICE, or an rtprio limit above 0 in /etc/security/limits.conf", false};
}

Finding memoryFileFinding()
{
    const UniqueFd fd(memfd_create("timeslice-doctor", MFD_CLOEXEC));
    if (fd) {
        return {"memfd", "shared memory", Finding::Level::Good, "memfd works", "", true};
    }
    return {"memfd", "shared memory", Finding::Level::Bad, "memfd_create is refused",
        "locks and counters cannot be recorded; a container's seccomp profile may forbid it", false};
}

Finding wakeupsFinding()
{
    Finding finding{"wakeups", "wake-ups", Finding::Level::Good, "measured, with who woke whom", "", true};
    if (const Result<void> probed = probeWakeups(); !probed) {
        finding.level = Finding::Level::Limited;
        finding.value = "not readable; after a standstill of unknown end a thread is drawn as blocked until it runs";
        finding.remedy = probed.error().message;
        finding.number = false;
    }
    return finding;
}

Finding programsFinding()
{
    if (const Result<Programs> programs = findPrograms(); !programs) {
        return {"programs", "programs", Finding::Level::Bad, "incomplete", programs.error().message, false};
    } else {
        return {"programs", "programs", Finding::Level::Good, programs->worker.parent_path().string(), "", true};
    }
}

Finding probeFinding()
{
    const Result<Programs> programs = findPrograms();
    if (!programs) {
        return {"gil_probe", "GIL probe", Finding::Level::Limited, "not looked for", "", false};
    }
    if (programs->probe.empty()) {
        return {"gil_probe", "GIL probe", Finding::Level::Limited, "missing; Python runs without its GIL shown",
            programs->noProbe + "; install it there, or name it in $TIMESLICE_GIL_PROBE", false};
    }
    return {"gil_probe", "GIL probe", Finding::Level::Good, programs->probe.string(), "", true};
}

Finding interpretersFinding(const std::vector<Interpreter>& found)
{
    Finding finding{
        "interpreters", "Python interpreters", Finding::Level::Good, std::to_string(found.size()), "", found.size()};
    if (!chooseInterpreter(found, "cpython")) {
        finding.level = Finding::Level::Limited;
        finding.remedy = whyNoInterpreter(found, "cpython") + "; the lessons about Python need one";
    }
    return finding;
}

/// What is known of its GIL, in a few words.
std::string gilText(const Interpreter& interpreter)
{
    const std::string note = gilNote(interpreter);
    const std::string age = ageNote(interpreter);
    return note.empty() ? "GIL traced" + (age.empty() ? std::string() : " (" + age + ")") : note;
}

nlohmann::json interpreterJson(const Interpreter& interpreter)
{
    return {{"path", interpreter.path.string()}, {"kind", kindWord(interpreter.kind)},
        {"implementation", interpreter.implementation}, {"version", interpreter.version},
        {"release", interpreter.release.empty() ? nlohmann::json() : nlohmann::json(interpreter.release)},
        {"text", describe(interpreter)}, {"gil_traced", interpreter.kind == InterpreterKind::CPython},
        {"gil", gilText(interpreter)}};
}

const char* levelName(Finding::Level level)
{
    switch (level) {
    case Finding::Level::Good:
        return "good";
    case Finding::Level::Limited:
        return "limited";
    case Finding::Level::Bad:
        return "bad";
    }
    return "";
}

int doctor(bool json)
{
    const MachineFacts machine = machineFacts();
    const std::vector<Interpreter> interpreters = findInterpreters();
    const std::vector<Finding> findings{switchesFinding(), othersFinding(), paranoidFinding(), lockedMemoryFinding(),
        coresFinding(), stolenFinding(), realtimeFinding(), memoryFileFinding(), wakeupsFinding(), programsFinding(),
        probeFinding(), interpretersFinding(interpreters)};
    const bool canRun = std::none_of(
        findings.begin(), findings.end(), [](const Finding& finding) { return finding.level == Finding::Level::Bad; });
    if (json) {
        nlohmann::json out{{"schema", "timeslice.doctor/1"}, {"kernel", machine.kernel}, {"cpu", machine.cpu},
            {"can_run", canRun}, {"findings", nlohmann::json::array()}};
        for (const Finding& finding : findings) {
            out["findings"].push_back({{"id", finding.id}, {"level", levelName(finding.level)}, {"text", finding.value},
                {"value", finding.number},
                {"remedy", finding.remedy.empty() ? nlohmann::json() : nlohmann::json(finding.remedy)}});
        }
        out["interpreters"] = nlohmann::json::array();
        for (const Interpreter& interpreter : interpreters) {
            out["interpreters"].push_back(interpreterJson(interpreter));
        }
        std::printf("%s\n", jsonText(out, JsonLayout::Indented).c_str());
    } else {
        constexpr std::size_t kWidth = 26;
        std::printf("  %s %s, %s\n", padded("machine", kWidth).c_str(), machine.kernel.c_str(), machine.cpu.c_str());
        for (const Finding& finding : findings) {
            std::printf("%s %s %s\n", finding.level == Finding::Level::Good ? " " : "!",
                padded(finding.name, kWidth).c_str(), finding.value.c_str());
            if (!finding.remedy.empty()) {
                std::printf("  %s %s\n", padded("", kWidth).c_str(), finding.remedy.c_str());
            }
        }
        for (const Interpreter& interpreter : interpreters) {
            std::printf("    %s %s\n", padded(describe(interpreter), kWidth - 2).c_str(), interpreter.path.c_str());
            std::printf("  %s %s\n", padded("", kWidth).c_str(), gilText(interpreter).c_str());
        }
    }
    return canRun ? kDone : kCannotRunHere;
}

} // namespace

void addDoctorCommand(CLI::App& app, std::function<void(int)> done)
{
    auto json = std::make_shared<bool>(false);
    CLI::App* command =
        app.add_subcommand("doctor", "What this machine lets Timeslice measure, and how to allow the rest");
    command->add_flag("--json", *json, "As JSON");
    command->callback([json, done] { done(doctor(*json)); });
}

} // namespace timeslice
