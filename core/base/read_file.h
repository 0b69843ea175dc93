// Reads small files whole, also those of /proc, which have no size to ask for beforehand.
//
// Through a descriptor that no program inherits: what another thread starts meanwhile would keep that of a
// std::ifstream.
#pragma once

#include <string>

namespace timeslice {

/// Replaces `into` by the file's content. False when it cannot be read, with errno set (of /proc: the process may have
/// ended, which is no error). Any thread.
bool readFile(const char* path, std::string& into);

} // namespace timeslice
