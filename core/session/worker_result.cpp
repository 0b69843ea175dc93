#include "core/session/worker_result.h"

#include "core/base/clean_name.h"
#include "core/base/json_in.h"
#include "core/base/json_words.h"

#include <cctype>
#include <cmath>
#include <csignal>
#include <cstring>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace timeslice {

namespace {

/// A result has a few hundred bytes per thread, or the numbers that a script thought worth keeping.
constexpr std::size_t kMostBytes = std::size_t{16} << 20;

/// Times that the worker measured; no run comes near.
constexpr Nanos kLongest = std::int64_t{1} << 61;

/// Of a whole number, however it is written: 7, 7.0.
std::optional<std::int64_t> wholeNumber(const nlohmann::json& value)
{
    if (value.is_number_unsigned()) {
        const auto natural = value.get<std::uint64_t>();
        return std::in_range<std::int64_t>(natural) ? std::optional(static_cast<std::int64_t>(natural)) : std::nullopt;
    }
    if (value.is_number_integer()) {
        return value.get<std::int64_t>();
    }
    constexpr double kExact = 9007199254740992; // 2^53: beyond it a double skips whole numbers
    const double real = value.is_number() ? value.get<double>() : kExact;
    return std::abs(real) < kExact && std::trunc(real) == real ? std::optional(static_cast<std::int64_t>(real))
                                                               : std::nullopt;
}

std::optional<std::int64_t> integerAt(const nlohmann::json& object, const char* key)
{
    const auto it = object.find(key);
    return it == object.end() ? std::nullopt : wholeNumber(*it);
}

std::optional<Nanos> timeAt(const nlohmann::json& object, const char* key)
{
    const std::optional<std::int64_t> time = integerAt(object, key);
    return time && *time >= 0 && *time <= kLongest ? time : std::nullopt;
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

/// Why the value at `key` is no whole number that fits; "" if it is one.
std::string whyNoInteger(const nlohmann::json& counter, const char* key)
{
    const auto it = counter.find(key);
    if (it == counter.end()) {
        return std::string("'") + key + "' is missing";
    }
    return wholeNumber(*it) ? std::string()
                            : std::string("'") + key + "' is " + inWords(*it) + ", no whole number that fits 64 bits";
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

void takeTexts(const nlohmann::json& json, const char* key, std::vector<std::string>& texts)
{
    if (const auto it = json.find(key); it != json.end() && it->is_array()) {
        for (const nlohmann::json& text : *it) {
            if (text.is_string()) {
                texts.push_back(cleanText(text.get<std::string>()));
            }
        }
    }
}

} // namespace

std::string readResultFile(int fd, std::vector<std::string>& unused)
{
    std::string text;
    char buffer[16384];
    for (;;) {
        const ssize_t n = ::pread(fd, buffer, sizeof buffer, static_cast<off_t>(text.size()));
        if (n <= 0) {
            break;
        }
        if (text.size() + static_cast<std::size_t>(n) > kMostBytes) {
            unused.push_back(
                "its result is longer than " + std::to_string(kMostBytes >> 20) + " MiB; the rest is not read");
            break;
        }
        text.append(buffer, static_cast<std::size_t>(n));
    }
    return text;
}

void takeCounters(const nlohmann::json& object, WorkerResult& result)
{
    const auto it = object.find("counters");
    if (it == object.end()) {
        return;
    }
    if (!it->is_array()) {
        result.unused.push_back("'counters' is " + inWords(*it) + ", no array");
        return;
    }
    for (const nlohmann::json& counter : *it) {
        const auto name = counter.is_object() ? counter.find("name") : counter.end();
        if (!counter.is_object() || name == counter.end() || !name->is_string()) {
            result.unused.push_back("a counter is " + inWords(counter) + ", no object with a 'name'; it is left out");
            continue;
        }
        const auto& text = name->get_ref<const std::string&>();
        std::string why = whyNoInteger(counter, "expected");
        why = why.empty() ? whyNoInteger(counter, "actual") : why;
        if (why.empty()) {
            result.counters.push_back(
                {cleanName(text), *integerAt(counter, "expected"), *integerAt(counter, "actual")});
        } else {
            result.unused.push_back("the counter '" + shown(text) + "' is left out: " + why);
        }
    }
}

WorkerResult readWorkerResult(int fd)
{
    WorkerResult result;
    const std::string text = readResultFile(fd, result.unused);
    const Result<nlohmann::json> read = parseJson(text);
    if (!read || !read->is_object()) {
        if (!text.empty()) {
            result.unused.push_back(
                "the worker's result cannot be read: " + (read ? "it is " + inWords(*read) : read.error().message));
        }
        return result;
    }
    const nlohmann::json& json = *read;
    takeCounters(json, result);
    for (const nlohmann::json& thread : objectsAt(json, "threads")) {
        const std::optional<std::int64_t> tid = integerAt(thread, "tid");
        const std::optional<Nanos> cpu = timeAt(thread, "cpu_ns");
        if (tid && cpu && std::in_range<Tid>(*tid)) {
            result.threadCpu[static_cast<Tid>(*tid)] = *cpu;
        }
    }
    result.wall = timeAt(json, "wall_ns");
    result.cpu = timeAt(json, "cpu_ns");
    if (const auto it = json.find("extra"); it != json.end() && it->is_object()) {
        result.extra = *it;
    }
    takeTexts(json, "findings", result.findings);
    takeTexts(json, "errors", result.errors);
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
            exit.text += ": " + cleanText(why); // in the program's own encoding, which may be another
            // Python's words for EAGAIN, of which nobody sees that a limit is meant.
            if (why.find("can't start new thread") != std::string::npos
                || why.find("[Errno 11]") != std::string::npos) {
                exit.text += " (no thread or process is left for this user: see ulimit -u)";
            }
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
