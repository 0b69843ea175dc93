// What is said to a person of the processes that the recording knows too little of (Timeline::unobserved).
#pragma once

#include "core/trace/batch.h"

#include <cstddef>
#include <string>
#include <vector>

namespace timeslice {

/// A sentence for each group of processes with one name and one reason, in the order in which they began: "The GIL of
/// python3.11 (process 4242) is not recorded: started without the probe." Of more than `most` groups the last sentence
/// says how many processes are left.
std::vector<std::string> unobservedSentences(const std::vector<UnobservedProcess>& processes, std::size_t most);

/// One short line: "GIL not recorded: python3.11 (4242), python3.9 (4250) and 2 more". "" for none.
std::string unobservedNote(const std::vector<UnobservedProcess>& processes);

} // namespace timeslice
