// The memory row of a process: what only it has (private) and its share of what it has with others (together its PSS)
// as areas, and above them, as a line, its RSS, which counts every shared page in full.
#pragma once

#include "core/trace/process_lives.h"
#include "ui/plot/canvas.h"
#include "ui/plot/run_picture.h"
#include "ui/plot/timeline_geometry.h"

#include <QString>
#include <cstdint>
#include <span>
#include <vector>

namespace timeslice {

/// Bytes at the top of every memory row of a picture: one scale, so that processes and variants compare. 1, 2 or 5
/// times a power of ten MiB, above the largest RSS.
std::uint64_t memoryScale(std::span<const VariantPicture> variants);
/// "50 MiB", "1.5 MiB", "812 KiB".
QString memoryText(std::uint64_t bytes);

/// A sample and how long it holds: until the next, or until the process ends (of a live one, the recording).
struct MemoryStep {
    MemorySample sample;
    Nanos end = 0;
};
std::vector<MemoryStep> memorySteps(const Timeline& timeline, const ProcessLife& life);

void paintMemory(const Canvas& canvas, const QRect& lane, const Timeline& timeline, const ProcessLife& life,
    const TimeScale& scale, std::uint64_t top);

} // namespace timeslice
