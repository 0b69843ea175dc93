// Resolving: every expression in a scenario's document becomes its value.
#include "core/scenario/document.h"
#include "core/scenario/expression.h"
#include "core/scenario/scenario.h"

#include <algorithm>
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

class Resolving {
public:
    explicit Resolving(const KnobTexts& knobs, KnobNumbers numbers = KnobNumbers::Known)
        : m_knobs(knobs)
        , m_numbers(numbers)
    {
    }

    void resolve(nlohmann::json& document)
    {
        for (auto it = document.begin(); it != document.end(); ++it) {
            if (it.key() != "knobs" && it.key() != "knobValues") {
                resolve(it.value(), it.key(), NumberStyle::Prose);
            }
        }
    }
    std::vector<JsonComplaint> takeComplaints() { return std::move(m_complaints); }

private:
    void resolve(nlohmann::json& value, std::string_view step, NumberStyle style)
    {
        const std::size_t around = m_path.size();
        m_path.append(around > 0 ? "/" : "").append(step);
        if (value.is_string()) {
            resolveText(value, style);
        } else if (value.is_object()) {
            for (auto it = value.begin(); it != value.end(); ++it) {
                // Braces of another kind.
                if (it.key() == "format" || (it.key() == "code" && value.contains("python"))) {
                    continue;
                }
                const bool program = it.key() == "code" || it.key() == "workload" || it.key() == "python";
                resolve(it.value(), it.key(), program ? NumberStyle::Code : style);
            }
        } else if (value.is_array()) {
            for (std::size_t i = 0; i < value.size(); ++i) {
                resolve(value[i], std::to_string(i), style);
            }
        }
        m_path.resize(around);
    }

    void resolveText(nlohmann::json& value, NumberStyle style)
    {
        const auto& text = value.get_ref<const std::string&>();
        if (text.starts_with('=')) {
            if (const auto number = evaluate(std::string_view(text).substr(1), m_knobs, m_numbers)) {
                value = numberJson(*number);
            } else {
                complain(number.error().message);
            }
        } else if (text.find_first_of("{}") != std::string::npos) {
            if (auto replaced = substitute(text, m_knobs, style, m_numbers)) {
                value = std::move(*replaced);
            } else {
                complain(replaced.error().message);
            }
        }
    }
    void complain(const std::string& message)
    {
        if (m_complaints.size() < JsonReading::kMostComplaints) {
            m_complaints.push_back({m_path, message});
        }
    }

    const KnobTexts& m_knobs;
    KnobNumbers m_numbers;
    std::string m_path; ///< of the value at hand
    std::vector<JsonComplaint> m_complaints;
};

/// Of what could not be resolved the reader says no more than that.
void addOthers(std::vector<JsonComplaint>& complaints, std::vector<JsonComplaint> more)
{
    for (JsonComplaint& complaint : more) {
        if (std::none_of(complaints.begin(), complaints.end(),
                [&](const JsonComplaint& before) { return before.path == complaint.path; })) {
            complaints.push_back(std::move(complaint));
        }
    }
}

} // namespace

DocumentReading resolveDocument(const Scenario& scenario, int cores)
{
    if (scenario.document.contains("resolvedFor")) {
        return {scenario, {}};
    }
    const KnobTexts knobs = knobTexts(scenario, cores);
    nlohmann::json document = scenario.document;
    Resolving resolving(knobs);
    resolving.resolve(document);
    std::vector<JsonComplaint> complaints = resolving.takeComplaints();
    document["resolvedFor"] = cores;
    if (!scenario.knobValues.empty()) {
        document["knobValues"] = scenario.knobValues;
    }
    DocumentReading read = readDocument(document, {});
    addOthers(complaints, std::move(read.complaints));
    read.complaints = std::move(complaints);
    Scenario& resolved = read.scenario;
    resolved.sourcePath = scenario.sourcePath;
    resolved.own = scenario.own;
    resolved.replaces = scenario.replaces;
    for (std::size_t i = 0; i < resolved.variants.size(); ++i) {
        resolved.variants[i].python.script = scenario.variants[i].python.script; // where its file was read from
    }
    return read;
}

std::vector<JsonComplaint> wrongNames(const Scenario& scenario)
{
    const KnobTexts knobs = knobTexts(scenario, 1);
    nlohmann::json document = scenario.document;
    Resolving names(knobs, KnobNumbers::Open);
    names.resolve(document);
    return names.takeComplaints();
}

std::vector<DocumentReading> resolveSteps(const Scenario& scenario, const Scenario& resolved, int cores)
{
    std::vector<DocumentReading> steps;
    if (!resolved.series || resolved.series->knob.empty() || scenario.document.contains("resolvedFor")) {
        return steps;
    }
    Scenario at = scenario;
    for (const std::string& value : resolved.series->values) { // in which the other knobs may have a say
        at.knobValues[resolved.series->knob] = value;
        steps.push_back(resolveDocument(at, cores));
    }
    return steps;
}

} // namespace scenario

Result<Scenario> resolve(const Scenario& scenario, int cores)
{
    const auto complain = [&](const JsonComplaint& complaint) {
        return fail("scenario '" + scenario.id + "': " + complaint.path + ": " + complaint.message, complaint.kind);
    };
    scenario::DocumentReading resolved = scenario::resolveDocument(scenario, cores);
    if (!resolved.complaints.empty()) {
        return complain(resolved.complaints.front());
    }
    for (scenario::DocumentReading& step : scenario::resolveSteps(scenario, resolved.scenario, cores)) {
        if (!step.complaints.empty()) {
            return complain(step.complaints.front());
        }
        resolved.scenario.steps.push_back(std::move(step.scenario.variants));
    }
    return std::move(resolved.scenario);
}

} // namespace timeslice
