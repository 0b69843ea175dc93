// What the recording adds to the environment of a program, so that the GILs of all that it starts are recorded.
#pragma once

#include "core/probe/exec_target.h"
#include "core/session/programs.h"

#include <filesystem>
#include <string>
#include <vector>

namespace timeslice {

/// Descriptors of this process that the program's processes open by their paths under /proc, so that those that close
/// what they inherit (subprocess, spawn) still find them. -1 = none.
struct RecordingDescriptors {
    int channel = -1; ///< without it nothing is preloaded
    int result = -1;
    int probe = -1; ///< the library; only where its own path cannot stand in LD_PRELOAD
    std::string server = {}; ///< ChannelServer::address(), for those that cannot open the channel's path; "" = none
};

/// "NAME=VALUE". Where the probe is preloaded it hides all of this from the program (recording_variable.h).
std::vector<std::string> recordingEnvironment(const Programs& programs, const RecordingDescriptors& descriptors);

/// Whether the loader would take the path for several, or for another: LD_PRELOAD is separated by blanks and colons,
/// and `$` begins a name of the loader's (ld.so(8)); or whether the recording's own variable cannot hold it.
bool cannotBePreloadedByPath(const std::filesystem::path& library);

struct FirstProgram {
    probe::Preload preload = probe::Preload::NotThere;
    std::string path; ///< of a script: its interpreter's; "" = there is none
};

/// What a command's program is, looked for as execvp(3) does. Fits: its GIL, and those of what it starts, can be
/// recorded. Needless: there can be none.
FirstProgram lookAtCommand(const std::string& command);

} // namespace timeslice
