// What a scenario's script says of its own run: the lines of core/python/result_lines.h.
#include "core/session/worker_result.h"

#include <sstream>

namespace timeslice {

namespace {

void merge(const nlohmann::json& line, WorkerResult& result)
{
    for (const CounterResult& counter : countersOf(line)) {
        result.counters.push_back(counter);
    }
    if (const auto it = line.find("extra"); it != line.end() && it->is_object()) {
        if (!result.extra.is_object()) {
            result.extra = nlohmann::json::object();
        }
        result.extra.update(*it);
    }
    if (const auto it = line.find("latency_ms"); it != line.end() && it->is_array()) {
        for (const nlohmann::json& delay : *it) {
            if (delay.is_number() && delay.get<double>() >= 0) {
                result.latencyMillis.push_back(delay.get<double>());
            }
        }
    }
    if (const auto it = line.find("error"); it != line.end() && it->is_string()) {
        result.errors.push_back(it->get<std::string>());
    }
}

} // namespace

WorkerResult readScriptResult(int fd)
{
    WorkerResult result;
    std::istringstream lines(readResultFile(fd));
    for (std::string text; std::getline(lines, text);) {
        if (const nlohmann::json line = nlohmann::json::parse(text, nullptr, false); line.is_object()) {
            merge(line, result);
        }
    }
    return result;
}

} // namespace timeslice
