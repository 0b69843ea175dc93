// The C library's functions that start programs, behind those that the probe puts in front of them.
#pragma once

#include <cstdio>
#include <spawn.h>
#include <sys/types.h>

namespace timeslice::probe {

struct RealExec {
    int (*execve)(const char*, char* const*, char* const*);
    int (*fexecve)(int, char* const*, char* const*);
    int (*execveat)(int, const char*, char* const*, char* const*, int);
    int (*posixSpawn)(
        pid_t*, const char*, const posix_spawn_file_actions_t*, const posix_spawnattr_t*, char* const*, char* const*);
    int (*posixSpawnp)(
        pid_t*, const char*, const posix_spawn_file_actions_t*, const posix_spawnattr_t*, char* const*, char* const*);
    int (*system)(const char*);
    FILE* (*popen)(const char*, const char*);
};

/// All of them, looked up by an initializer: after vfork() is no time for that, nor is it a signal handler's.
const RealExec& realExec() noexcept;

} // namespace timeslice::probe
