// Any bytes as the report, or the scenario, of a recording that somebody sent: it opens or is refused, and what a
// report says can be written, read again and opened again.
#include "core/base/json_in.h"
#include "core/base/json_out.h"
#include "core/model/run_model.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace timeslice;

Recording recordingOf(const std::string& report, const std::string& scenario)
{
    Recording recording;
    recording.reportJson = report;
    recording.scenarioJson = scenario;
    auto variant = std::make_unique<VariantRecording>();
    variant->id = "a";
    recording.variants.push_back(std::move(variant));
    return recording;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string text(reinterpret_cast<const char*>(data), size);
    (void)RunModel::fromRecording(recordingOf({}, text));
    const auto model = RunModel::fromRecording(recordingOf(text, {}));
    const auto report = parseJson(text).and_then(reportFromJson);
    if (model.has_value() != (report.has_value() || text.empty())) { // "" stands for no report
        std::abort();
    }
    if (!model) {
        return 0;
    }
    const std::string written = jsonText(toJson((*model)->report()));
    const auto again = RunModel::fromRecording(recordingOf(written, {}));
    if (!again || jsonText(toJson((*again)->report())) != written) {
        std::abort();
    }
    return 0;
}
