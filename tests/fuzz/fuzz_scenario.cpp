// Scenario files from anywhere: whatever the bytes are, reading ends in a value or in a message.
#include "core/scenario/scenario.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace timeslice;
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (const auto scenario = parseScenario(text, "fuzz.json")) {
        // What was read must resolve on any machine or say why not, and must read back what it wrote.
        for (const int cores : {1, 2, 64}) {
            const auto resolved = resolve(*scenario, cores);
            if (resolved && !parseScenario(resolved->document.dump(), "resolved")) {
                std::abort();
            }
        }
        Scenario set = *scenario;
        for (const Knob& knob : scenario->knobs) {
            for (const std::string& value : knob.choices) {
                (void)setKnob(set, knob.id, value);
            }
        }
    } else if (scenario.error().message.empty()) {
        std::abort();
    }
    return 0;
}
