#include "core/session/worker_result.h"

#include <cctype>
#include <csignal>
#include <cstring>
#include <sys/wait.h>
#include <unistd.h>

namespace timeslice {

namespace {

/// A result has a few hundred bytes per thread; more than this is not one.
constexpr std::size_t kMostBytes = std::size_t{4} << 20;

std::optional<std::int64_t> integerAt(const nlohmann::json& object, const char* key)
{
    const auto it = object.find(key);
    if (it == object.end() || !it->is_number()) {
        return std::nullopt;
    }
    return it->get<std::int64_t>();
}

std::string textAt(const nlohmann::json& object, const char* key)
{
    const auto it = object.find(key);
    return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

/// The objects in an array member; other elements are left out.
std::vector<nlohmann::json> objectsAt(const nlohmann::json& object, const char* key)
{
    std::vector<nlohmann::json> found;
    if (const auto it = object.find(key); it != object.end() && it->is_array()) {
        for (const nlohmann::json& element : *it) {
            if (element.is_object()) {
                found.push_back(element);
            }
        }
    }
    return found;
}

std::string signalText(int signal)
{
    std::string text = "killed by signal " + std::to_string(signal);
    if (const char* name = sigdescr_np(signal)) {
        std::string description = name;
        description[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(description[0])));
        text += " (" + description + ")";
    }
    if (signal == SIGXCPU) {
        text += ": it used a core at real-time priority for longer than its limit";
    }
    return text;
}

} // namespace

std::string readResultFile(int fd)
{
    std::string text;
    char buffer[16384];
    while (text.size() < kMostBytes) {
        const ssize_t n = ::pread(fd, buffer, sizeof buffer, static_cast<off_t>(text.size()));
        if (n <= 0) {
            break;
        }
        text.append(buffer, static_cast<std::size_t>(n));
    }
    return text;
}

std::vector<CounterResult> countersOf(const nlohmann::json& object)
{
    std::vector<CounterResult> counters;
    for (const nlohmann::json& counter : objectsAt(object, "counters")) {
        counters.push_back({textAt(counter, "name"), integerAt(counter, "expected").value_or(0),
            integerAt(counter, "actual").value_or(0)});
    }
    return counters;
}

WorkerResult readWorkerResult(int fd)
{
    WorkerResult result;
    const nlohmann::json json = nlohmann::json::parse(readResultFile(fd), nullptr, false);
    if (!json.is_object()) {
        return result;
    }
    result.counters = countersOf(json);
    for (const nlohmann::json& thread : objectsAt(json, "threads")) {
        const std::optional<std::int64_t> tid = integerAt(thread, "tid");
        const std::optional<std::int64_t> cpu = integerAt(thread, "cpu_ns");
        if (tid && cpu) {
            result.threadCpu[static_cast<Tid>(*tid)] = *cpu;
        }
    }
    result.wall = integerAt(json, "wall_ns");
    result.cpu = integerAt(json, "cpu_ns");
    if (const auto it = json.find("extra"); it != json.end() && it->is_object()) {
        result.extra = *it;
    }
    if (const auto it = json.find("errors"); it != json.end() && it->is_array()) {
        for (const nlohmann::json& error : *it) {
            if (error.is_string()) {
                result.errors.push_back(error.get<std::string>());
            }
        }
    }
    return result;
}

Exit exitFromStatus(int status, const std::string& output)
{
    Exit exit;
    if (WIFSIGNALED(status)) {
        exit.kind = Exit::Kind::Signalled;
        exit.code = WTERMSIG(status);
        exit.text = signalText(exit.code);
        return exit;
    }
    exit.kind = Exit::Kind::Exited;
    exit.code = WEXITSTATUS(status);
    if (exit.code == 0) {
        exit.text = "finished";
    } else {
        exit.text = "failed with exit status " + std::to_string(exit.code);
        if (const std::string why = lastLine(output); !why.empty()) {
            exit.text += ": " + why;
        }
    }
    return exit;
}

std::string lastLine(const std::string& output)
{
    const std::size_t end = output.find_last_not_of(" \t\r\n");
    if (end == std::string::npos) {
        return {};
    }
    const std::size_t before = output.find_last_of("\r\n", end);
    return output.substr(
        before == std::string::npos ? 0 : before + 1, end - (before == std::string::npos ? 0 : before + 1) + 1);
}

} // namespace timeslice
