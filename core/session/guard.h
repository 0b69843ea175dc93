// The guard: a small process between timeslice and a workload that makes sure that nothing is left behind.
//
// It is the workload's parent and a child subreaper (prctl(2), PR_SET_CHILD_SUBREAPER), so that every descendant that
// loses its parent, also one that ran away with setsid() or a double fork, becomes its child. When the workload ends,
// or timeslice orders it, or timeslice itself is gone (even by SIGKILL), it kills all descendants until wait(2) says
// that there is no child left; that is exact, not a guess from process groups.
//
// A program of its own and not a mere fork of timeslice: a fork would keep a copy-on-write image of a process that may
// hold gigabytes of timeline, and could call next to nothing safely in a program with threads.
#pragma once

namespace timeslice {

/// The main function of timeslice-guard:
///   timeslice-guard --control FD [--session] [--contain] [--keep FD]... [--memory BYTES] [--realtime-us N]
///                   [--linger-ms N] [--env NAME=VALUE]... [--directory PATH] [--made FD] -- CMD...
/// --session: the workload gets a session of its own. --contain: no core dump, no new privileges, first choice of the
/// out-of-memory killer, and no descriptors but 0 to 2 and those of --keep. --env, --directory: the workload's alone,
/// so that what is preloaded into it is not loaded into the guard. --linger-ms: when the workload's first process has
/// ended, its others have this long to end by themselves before they are killed. --made: as ProcessSpec::made.
int runGuard(int argc, char** argv);

} // namespace timeslice
