// Amdahl's law, and the serial part that makes it fit what was measured.
//
// Source: G. M. Amdahl, "Validity of the single processor approach to achieving large scale computing capabilities",
// AFIPS Conference Proceedings 30 (1967).
#pragma once

#include <optional>
#include <span>
#include <utility>

namespace timeslice {

/// How many times as fast `workers` are as one, if the share `serial` (0 to 1) of the work cannot be shared.
double amdahlSpeedup(double serial, double workers);

/// The serial share, 0 to 1, by least squares of the speedups: of all pairs (workers, speedup). nullopt: none of them
/// has more than one worker, so that nothing was shared.
std::optional<double> fitAmdahl(std::span<const std::pair<double, double>> measured);

} // namespace timeslice
