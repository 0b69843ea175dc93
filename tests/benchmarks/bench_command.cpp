// What a program without Python pays for being looked after: `timeslice record` against the same command alone, and
// against `record --no-gil`. Budget: looking for GILs costs at most 2 % of the CPU time without; what recording costs
// of the command alone stands beside it.
//
// The three are run in turns, in an order that changes, so that whatever else the machine does meets all alike; a ratio
// is the median over the rounds.
#include "tests/benchmarks/budget.h"
#include "tests/benchmarks/median.h"

#include <array>
#include <benchmark/benchmark.h>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace timeslice;

namespace {

constexpr double kBudget = 1.02;
constexpr int kRounds = 31;

const std::filesystem::path& folder()
{
    static const std::filesystem::path made = [] {
        std::string pattern = (std::filesystem::temp_directory_path() / "timeslice-bench-XXXXXX").string();
        return std::filesystem::path(mkdtemp(pattern.data()));
    }();
    return made;
}

std::string timesliceProgram()
{
    std::error_code none;
    return (std::filesystem::read_symlink("/proc/self/exe", none).parent_path() / "timeslice").string();
}

/// CPU seconds of the program and of all that it waited for. Ends the benchmark where it fails.
double run(const std::vector<std::string>& words)
{
    std::vector<char*> argv;
    for (const std::string& word : words) {
        argv.push_back(const_cast<char*>(word.c_str()));
    }
    argv.push_back(nullptr);
    const pid_t pid = fork();
    if (pid == 0) {
        const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        dup2(nowhere, 1);
        execvp(argv[0], argv.data());
        _exit(127);
    }
    int status = 0;
    rusage used{};
    if (wait4(pid, &status, 0, &used) != pid || status != 0) {
        std::fprintf(stderr, "%s failed\n", words.front().c_str());
        std::exit(1);
    }
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// The command's own CPU seconds under `timeslice record`, as its report has them.
double record(const std::vector<std::string>& command, bool gil)
{
    const std::string report = (folder() / "report.json").string();
    std::vector<std::string> words{timesliceProgram(), "record", "--quiet", "--report", report};
    if (!gil) {
        words.emplace_back("--no-gil");
    }
    words.emplace_back("--");
    words.insert(words.end(), command.begin(), command.end());
    run(words);
    std::ifstream file(report);
    return nlohmann::json::parse(file).at("variants").at(0).at("cpu_s").get<double>();
}

void compare(benchmark::State& state, const std::vector<std::string>& command)
{
    std::vector<double> overPlain;
    std::vector<double> overNoGil;
    std::vector<double> noGilOverPlain;
    for (auto _ : state) {
        run(command); // warms the caches of files and memory
        record(command, true);
        for (int round = 0; round < kRounds; ++round) {
            std::array<double, 3> cpu{};
            for (int turn = 0; turn < 3; ++turn) {
                const int which = (round + turn) % 3;
                cpu[static_cast<std::size_t>(which)] = which == 0 ? run(command) : record(command, which == 2);
            }
            overPlain.push_back(cpu[2] / cpu[0]);
            overNoGil.push_back(cpu[2] / cpu[1]);
            noGilOverPlain.push_back(cpu[1] / cpu[0]);
        }
    }
    const Median plain = medianOf(overPlain);
    const Median noGil = medianOf(overNoGil);
    state.counters["of_plain"] = plain.value;
    state.counters["of_no_gil"] = noGil.value;
    state.counters["low"] = noGil.low;
    state.counters["high"] = noGil.high;
    state.counters["no_gil_of_plain"] = medianOf(noGilOverPlain).value;
    Budgets().atMost("CPU time with the GIL looked for, of that without", noGil.value, kBudget, " x").say(state);
}

void compiler(benchmark::State& state)
{
    const std::string source = (folder() / "small.c").string();
    std::ofstream(source) << "#include <stdio.h>\nint main(void) { puts(\"hello\"); return 0; }\n";
    compare(state, {"gcc", "-O1", "-o", (folder() / "small").string(), source});
}
BENCHMARK(compiler)->Iterations(1)->Unit(benchmark::kSecond)->UseRealTime();

void shellScript(benchmark::State& state)
{
    const std::string script = (folder() / "script.sh").string();
    std::ofstream(script)
        << "i=0\nwhile [ $i -lt 50 ]; do\n"
           "    /bin/true\n    /bin/cat /dev/null\n    /bin/ls / >/dev/null\n    /usr/bin/basename /a/b >/dev/null\n"
           "    i=$((i + 1))\ndone\n";
    compare(state, {"/bin/sh", script});
}
BENCHMARK(shellScript)->Iterations(1)->Unit(benchmark::kSecond)->UseRealTime();

} // namespace

int main(int argc, char** argv)
{
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    std::error_code ignored;
    std::filesystem::remove_all(folder(), ignored);
}
