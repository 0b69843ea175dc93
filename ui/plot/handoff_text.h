// Hand-offs of a lock in plain words.
#pragma once

#include "core/trace/handoff.h"
#include "core/trace/timeline.h"

#include <QString>
#include <optional>

namespace timeslice {

/// The first thread that asked for the lock while slice `hold` of its track lasted, and how long it had stood waiting.
struct DropRequest {
    std::uint32_t thread = 0;
    std::optional<Nanos> waited; ///< within the hold; nullopt: it was not seen waiting
};
std::optional<DropRequest> firstDropRequest(const Timeline& timeline, std::uint32_t lock, std::size_t hold);

/// Why a hold ended, as a label: "asked for after 5.06 ms", "given up: sleep, I/O or C code", "the thread ended".
/// Empty while it lasts, and where the recording does not say.
QString reasonLabel(const Timeline& timeline, std::uint32_t lock, std::size_t hold);
/// The same as a sentence of the tooltip: "let go: Thread 2 waited 5.06 ms and asked".
QString reasonSentence(const Timeline& timeline, std::uint32_t lock, std::size_t hold);

} // namespace timeslice
