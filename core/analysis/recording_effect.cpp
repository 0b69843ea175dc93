#include "core/analysis/recording_effect.h"

#include "core/scenario/number_format.h"

#include <algorithm>

namespace timeslice {

namespace {

/// The job itself: without what is recorded of it, and how often it does it.
nlohmann::json withoutRecording(const nlohmann::json& workload)
{
    if (!workload.is_structured()) {
        return workload;
    }
    nlohmann::json job = workload.is_array() ? nlohmann::json::array() : nlohmann::json::object();
    for (const auto& [key, value] : workload.items()) {
        if (workload.is_array()) {
            job.push_back(withoutRecording(value));
        } else if (key != "record" && key != "times") {
            job[key] = withoutRecording(value);
        }
    }
    return job;
}

const VariantSpec* specOf(const Scenario& scenario, const std::string& id)
{
    const auto spec = std::find_if(scenario.variants.begin(), scenario.variants.end(),
        [&](const VariantSpec& candidate) { return candidate.id == id; });
    return spec != scenario.variants.end() && spec->workload.is_object() ? &*spec : nullptr;
}

std::string percent(double share)
{
    return formatNumber("{%}", share).value_or("?");
}

} // namespace

std::optional<RecordingEffect> recordingEffect(
    const Scenario& scenario, const RunReport& report, const VariantReport& variant)
{
    const auto recorded = std::find_if(variant.counters.begin(), variant.counters.end(),
        [](const CounterResult& counter) { return counter.found && counter.expected != 0; });
    const VariantSpec* spec = specOf(scenario, variant.id);
    if (recorded == variant.counters.end() || spec == nullptr || !variant.exit.ok()) {
        return std::nullopt;
    }
    for (const VariantReport& other : report.variants) {
        const VariantSpec* otherSpec = specOf(scenario, other.id);
        if (other.id == variant.id || otherSpec == nullptr || !other.exit.ok()
            || withoutRecording(spec->workload) != withoutRecording(otherSpec->workload)) {
            continue;
        }
        for (const CounterResult& counter : other.counters) {
            if (counter.name == recorded->name && !counter.found && counter.expected != 0) {
                return RecordingEffect{counter.name, recorded->lostShare(), other.id, other.name, counter.lostShare()};
            }
        }
    }
    return std::nullopt;
}

std::string describe(const RecordingEffect& effect)
{
    return "With each load and store recorded " + percent(effect.recorded)
        + " of the updates are lost; unrecorded, in “" + effect.unrecordedName + "”, " + percent(effect.unrecorded)
        + ".";
}

} // namespace timeslice
