#include "core/analysis/metric.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace timeslice {

namespace {

const nlohmann::json* child(const nlohmann::json& value, const std::string& step)
{
    if (value.is_object()) {
        const auto it = value.find(step);
        return it == value.end() ? nullptr : &*it;
    }
    if (!value.is_array()) {
        return nullptr;
    }
    const auto called = [&](const auto& fits) {
        return std::find_if(value.begin(), value.end(), [&](const nlohmann::json& element) {
            const auto name = element.is_object() ? element.find("name") : element.end();
            return name != element.end() && name->is_string() && fits(name->template get_ref<const std::string&>());
        });
    };
    auto named = called([&](const std::string& name) { return name == step; });
    if (named == value.end()) {
        named = called([&](const std::string& name) {
            return name.starts_with(step + " of ") || name.starts_with(step + " (")
                || (name.starts_with('P') && name.ends_with(' ' + step));
        });
    }
    if (named != value.end()) {
        return &*named;
    }
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
    const bool isIndex = error == std::errc{} && end == step.data() + step.size() && index < value.size();
    return isIndex ? &value[index] : nullptr;
}

Result<double> lookUp(const RunReport& report, const std::string& variant, const std::string& pointer)
{
    const auto it = std::find_if(report.variants.begin(), report.variants.end(),
        [&](const VariantReport& candidate) { return candidate.id == variant; });
    if (it == report.variants.end()) {
        return fail("the variant '" + variant + "' was not run");
    }
    const nlohmann::json document = toJson(*it);
    const nlohmann::json* value = &document;
    for (std::size_t at = 0; value && at < pointer.size();) {
        const std::size_t end = std::min(pointer.find('/', at + 1), pointer.size());
        value = child(*value, pointer.substr(at + 1, end - at - 1));
        at = end;
    }
    if (!value || !value->is_number()) {
        return fail("the run did not report " + variant + pointer);
    }
    return value->get<double>();
}

} // namespace

Result<double> measure(const Metric& metric, const RunReport& report)
{
    const Result<double> number = lookUp(report, metric.variant, metric.pointer);
    if (!number || metric.overVariant.empty()) {
        return number;
    }
    const Result<double> divisor = lookUp(report, metric.overVariant, metric.overPointer);
    if (!divisor) {
        return divisor;
    }
    if (*divisor == 0) {
        return fail(metric.overVariant + metric.overPointer + " is zero");
    }
    return *number / *divisor;
}

std::string metricText(const Metric& metric)
{
    const std::string text = metric.variant + metric.pointer;
    return metric.overVariant.empty() ? text : text + " : " + metric.overVariant + metric.overPointer;
}

} // namespace timeslice
