// What a scenario's script says of its own run: the lines of core/python/result_lines.h.
#include "core/session/worker_result.h"

#include "core/base/clean_name.h"
#include "core/base/json_in.h"
#include "core/base/json_words.h"

#include <string_view>

namespace timeslice {

namespace {

constexpr std::size_t kMostUnused = 50; ///< sentences; a script may write its faulty line a million times

void takeExtra(const nlohmann::json& extra, WorkerResult& result)
{
    if (!extra.is_object()) {
        result.unused.push_back("'extra' is " + inWords(extra) + ", no object");
        return;
    }
    if (!result.extra.is_object()) {
        result.extra = nlohmann::json::object();
    }
    result.extra.update(extra);
}

void takeDelays(const nlohmann::json& delays, WorkerResult& result)
{
    if (!delays.is_array()) {
        result.unused.push_back("'latency_ms' is " + inWords(delays) + ", no array");
        return;
    }
    std::size_t odd = 0;
    for (const nlohmann::json& delay : delays) {
        if (delay.is_number() && delay.get<double>() >= 0) {
            result.latencyMillis.push_back(delay.get<double>());
        } else {
            ++odd;
        }
    }
    if (odd > 0) {
        result.unused.push_back(std::to_string(odd) + " of its delays "
            + (odd == 1 ? "is no number of milliseconds" : "are no numbers of milliseconds"));
    }
}

void takeLine(const nlohmann::json& line, WorkerResult& result)
{
    takeCounters(line, result);
    for (const auto& [key, value] : line.items()) {
        if (key == "extra") {
            takeExtra(value, result);
        } else if (key == "latency_ms") {
            takeDelays(value, result);
        } else if (key == "error" && value.is_string()) {
            result.errors.push_back(cleanText(value.get_ref<const std::string&>()));
        } else if (key == "unwritten" && value.is_string()) {
            result.unused.push_back(cleanText(value.get_ref<const std::string&>()));
        } else if (key != "counters") {
            result.unused.push_back("'" + shown(key) + "' is " + inWords(value) + ", which means nothing here");
        }
    }
}

void takeText(std::string_view text, bool whole, WorkerResult& result)
{
    const auto line = readJson(text, JsonDialect::Python, &result.unused);
    if (line && line->is_object()) {
        takeLine(*line, result);
    } else if (line) {
        result.unused.push_back("it is " + inWords(*line) + ", no object");
    } else {
        result.unused.push_back(whole
                ? "it cannot be read: " + line.error().what + " at column " + std::to_string(line.error().offset + 1)
                : "it was cut short");
    }
}

} // namespace

WorkerResult readScriptResult(int fd)
{
    WorkerResult result;
    std::vector<std::string> unused;
    const std::string text = readResultFile(fd, unused);
    std::size_t number = 0;
    std::size_t more = 0;
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t end = rest.find('\n');
        const bool whole = end != std::string_view::npos;
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(whole ? end + 1 : rest.size());
        ++number;
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
            continue;
        }
        takeText(line, whole, result);
        for (const std::string& sentence : result.unused) {
            if (unused.size() < kMostUnused) {
                unused.push_back("of the script's result, line " + std::to_string(number) + ": " + sentence);
            } else {
                ++more;
            }
        }
        result.unused.clear();
    }
    if (more > 0) {
        unused.push_back("of the script's result, " + std::to_string(more) + " more things cannot be used");
    }
    result.unused = std::move(unused);
    return result;
}

} // namespace timeslice
