// Standard descriptors that were closed by whoever started this process.
#pragma once

namespace timeslice {

/// Opens /dev/null for them, so that no file of ours gets their numbers. What this process executes finds them closed
/// again. Before anything else is opened.
void openStandardDescriptors();

} // namespace timeslice
