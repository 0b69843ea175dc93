// Resolving: every expression in a scenario's document becomes its value.
#include "core/scenario/document.h"
#include "core/scenario/expression.h"
#include "core/scenario/scenario.h"

#include <cmath>

namespace timeslice {

namespace scenario {

namespace {

/// A whole number stays one: "instance" may not be 2.0.
nlohmann::json numberJson(double value)
{
    if (std::trunc(value) == value && std::abs(value) < 9e15) {
        return static_cast<std::int64_t>(value);
    }
    return value;
}

/// A complaint about something inside: its path is put together only when there is one, from its end.
JsonComplaint within(const std::string& step, JsonComplaint complaint)
{
    complaint.path = complaint.path.empty() ? step : step + "/" + complaint.path;
    return complaint;
}

std::optional<JsonComplaint> resolveValue(nlohmann::json& value, const KnobTexts& knobs, NumberStyle style)
{
    if (value.is_string()) {
        const auto& text = value.get_ref<const std::string&>();
        if (text.starts_with('=')) {
            const auto number = evaluate(std::string_view(text).substr(1), knobs);
            if (!number) {
                return JsonComplaint{{}, number.error().message};
            }
            value = numberJson(*number);
        } else if (text.find_first_of("{}") != std::string::npos) {
            auto replaced = substitute(text, knobs, style);
            if (!replaced) {
                return JsonComplaint{{}, replaced.error().message};
            }
            value = std::move(*replaced);
        }
        return std::nullopt;
    }
    if (value.is_object()) {
        for (auto it = value.begin(); it != value.end(); ++it) {
            if (it.key() == "format" || (it.key() == "code" && value.contains("python"))) { // braces of another kind
                continue;
            }
            const bool program = it.key() == "code" || it.key() == "workload" || it.key() == "python";
            if (auto complaint = resolveValue(it.value(), knobs, program ? NumberStyle::Code : style)) {
                return within(it.key(), std::move(*complaint));
            }
        }
    } else if (value.is_array()) {
        for (std::size_t i = 0; i < value.size(); ++i) {
            if (auto complaint = resolveValue(value[i], knobs, style)) {
                return within(std::to_string(i), std::move(*complaint));
            }
        }
    }
    return std::nullopt;
}

/// At the knobs' values as they are set.
tl::expected<Scenario, JsonComplaint> resolveAt(const Scenario& scenario, int cores)
{
    if (scenario.document.contains("resolvedFor")) {
        return scenario;
    }
    const KnobTexts knobs = knobTexts(scenario, cores);
    nlohmann::json document = scenario.document;
    for (auto it = document.begin(); it != document.end(); ++it) {
        if (it.key() == "knobs" || it.key() == "knobValues") {
            continue;
        }
        if (auto complaint = resolveValue(it.value(), knobs, NumberStyle::Prose)) {
            return tl::unexpected(within(it.key(), std::move(*complaint)));
        }
    }
    document["resolvedFor"] = cores;
    if (!scenario.knobValues.empty()) {
        document["knobValues"] = scenario.knobValues;
    }
    auto resolved = readDocument(document, {});
    if (!resolved) {
        return resolved;
    }
    resolved->sourcePath = scenario.sourcePath;
    resolved->own = scenario.own;
    resolved->replaces = scenario.replaces;
    for (std::size_t i = 0; i < resolved->variants.size(); ++i) {
        resolved->variants[i].python.script = scenario.variants[i].python.script; // where its file was read from
    }
    return resolved;
}

} // namespace

tl::expected<Scenario, JsonComplaint> resolveDocument(const Scenario& scenario, int cores)
{
    auto resolved = resolveAt(scenario, cores);
    if (!resolved || !resolved->series || resolved->series->knob.empty() || scenario.document.contains("resolvedFor")) {
        return resolved;
    }
    Scenario at = scenario;
    for (const std::string& value : resolved->series->values) { // in which the other knobs may have a say
        at.knobValues[resolved->series->knob] = value;
        auto step = resolveAt(at, cores);
        if (!step) {
            return step;
        }
        resolved->steps.push_back(std::move(step->variants));
    }
    return resolved;
}

} // namespace scenario

Result<Scenario> resolve(const Scenario& scenario, int cores)
{
    auto resolved = scenario::resolveDocument(scenario, cores);
    if (!resolved) {
        const JsonComplaint& complaint = resolved.error();
        return fail("scenario '" + scenario.id + "': " + complaint.path + ": " + complaint.message, ErrorKind::Usage);
    }
    return std::move(*resolved);
}

} // namespace timeslice
