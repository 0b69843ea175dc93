// Reads the events of a task: the entries of a phase whose keys begin with the name of one.
#pragma once

#include "core/rtapp/rtapp_object.h"
#include "core/rtapp/rtapp_resources.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace timeslice {

/// Whether rt-app takes a key for an event: "run", "run0", "runtime_a" are.
bool isRtappEvent(std::string_view key) noexcept;
std::vector<std::string> rtappEventNames();

/// What an event may need to know besides.
struct RtappEventContext {
    std::string task; ///< that it is of
    int instances = 1; ///< of that task
    std::vector<std::string> tasks; ///< all names, in their order
    std::string ioDevice;
    std::size_t bufferBytes = 0; ///< "mem_buffer_size"
};

/// A fork, or a resume, and where it stands: what it means depends on the other tasks.
struct RtappReference {
    JsonPlace place;
    std::size_t index = 0; ///< of the task, or of the condition
};
struct RtappReferences {
    std::vector<RtappReference> forks;
    std::vector<RtappReference> resumes;
};

/// Adds what the event stands for to the phase (sync is two steps), or complains. `event` must be an entry whose key
/// isRtappEvent().
void readRtappEvent(const RtappObject& event, const RtappEventContext& context, RtappResources& resources,
    RtappReferences& references, PhaseSpec& phase);

} // namespace timeslice
