// The command line as a whole: which subcommands there are, and what happens without one.
#pragma once

namespace timeslice {

/// The program, from its arguments to its exit status (app/cli/exit_status.h).
int runCommandLine(int argc, char** argv);

} // namespace timeslice
