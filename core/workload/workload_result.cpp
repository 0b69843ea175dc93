#include "core/workload/workload_result.h"

#include <cstring>
#include <sys/wait.h>

namespace timeslice {

std::string describeDeath(int status)
{
    if (WIFSIGNALED(status)) {
        return "killed by signal " + std::to_string(WTERMSIG(status)) + " (" + strsignal(WTERMSIG(status)) + ")";
    }
    return "exited with status " + std::to_string(WEXITSTATUS(status));
}

nlohmann::json toJson(const WorkloadResult& result)
{
    nlohmann::json counters = nlohmann::json::array();
    for (const CounterOutcome& counter : result.counters) {
        counters.push_back({{"name", counter.name}, {"expected", counter.expected}, {"actual", counter.actual}});
    }
    nlohmann::json threads = nlohmann::json::array();
    std::uint64_t iterations = 0;
    for (const TaskOutcome& task : result.tasks) {
        threads.push_back({{"tid", task.tid}, {"pid", task.pid}, {"name", task.name}, {"cpu_ns", task.cpuTime}});
        iterations += task.iterations;
    }
    nlohmann::json extra{{"iterations", iterations}, {"iterations_per_us", result.iterationsPerUs}};
    if (result.end == WorkloadResult::End::Stopped) {
        extra["stopped"] = true;
    }
    if (result.end == WorkloadResult::End::Failed && result.errorKind == ErrorKind::Unsupported) {
        extra["unsupported"] = true;
    }
    for (const ProcessDeath& death : result.deaths) {
        extra["deaths"].push_back(
            {{"name", death.name}, {"pid", death.pid}, {"how", death.how}, {"intended", death.intended}});
    }
    for (const LitmusOutcome& test : result.litmusTests) {
        std::uint64_t rounds = 0;
        for (std::size_t i = 0; i < test.counts.size(); ++i) {
            const std::string name = "r1=" + std::to_string(i / 2) + " r2=" + std::to_string(i % 2);
            extra["litmus"][test.name][name] = test.counts[i];
            rounds += test.counts[i];
        }
        extra["litmus"][test.name]["rounds"] = rounds;
    }
    std::vector<std::string> findings;
    if (result.dispatch) {
        extra["dispatch"] = toJson(*result.dispatch);
        findings = findingsOf(*result.dispatch);
    }
    if (result.schedules) {
        nlohmann::json& schedules = extra["schedules"];
        std::uint64_t all = 0;
        for (const auto& [value, count] : result.schedules->counts) {
            schedules["outcomes"][std::to_string(value)] = count;
            all += count;
        }
        const auto right = result.schedules->counts.find(result.schedules->right);
        const std::uint64_t rightOnes = right != result.schedules->counts.end() ? right->second : 0;
        schedules["all"] = all;
        schedules["right"] = rightOnes;
        schedules["wrong"] = all - rightOnes;
    }
    if (result.births) {
        const auto millis = [](Nanos time) { return static_cast<double>(time) / static_cast<double>(kMillisecond); };
        extra["births"] = result.births->count;
        extra["start_ms"] = millis(result.births->start);
        extra["first_ms"] = millis(result.births->first);
        extra["join_ms"] = millis(result.births->join);
        extra["all_ms"] = millis(result.births->all);
    }
    if (!result.fileDirectories.empty()) {
        extra["file_directories"] = result.fileDirectories;
    }
    return {{"counters", counters}, {"threads", threads}, {"wall_ns", result.wall}, {"cpu_ns", result.cpu},
        {"extra", extra}, {"findings", findings}, {"errors", result.errors}};
}

} // namespace timeslice
