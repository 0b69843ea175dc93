// Starting a program with the recording in its environment: what the wrappers of exec and spawn have in common.
//
// The program is looked at first (exec_target.h); what cannot be recorded is started with the environment that it was
// given. Everything here is safe in the child of a vfork() of a program with threads, which shares its parent's memory:
// no allocation, no lock, nothing of the probe's own state is changed, and what is written lies on the stack.
#pragma once

#include "core/probe/environment.h"
#include "core/probe/exec_target.h"

#include <cerrno>
#include <climits>
#include <sys/mman.h>
#include <sys/types.h>

namespace timeslice::probe {

/// What is about to be executed. Fits means that it gets the recording: there is one, it fits, and its loader will find
/// the probe where it is (not after chroot(), in another mount namespace, or as a user that may not read it). Without a
/// recording nothing is looked at (Needless). Keeps errno.
Preload lookAt(int directory, const char* path, Target* target = nullptr) noexcept;

/// The program that execvp() and posix_spawnp() find in $PATH.
struct FoundProgram {
    Preload preload = Preload::NotThere;
    char path[PATH_MAX] = {}; ///< "" = there is none
};
void findInPath(const char* file, FoundProgram& found, Target& target) noexcept;

/// Tells the recording of a program that goes without the probe because nothing can be preloaded into it; others are
/// left alone. `child`: runs it already; 0: this process is about to become it. Waits for an answer, some 0.6 ms, so
/// that the recording can look at the program before it is over. Keeps errno; no cancellation point.
void tellIfRefused(Preload preload, int directory, const char* path, const Target& target, pid_t child) noexcept;

/// Calls start(environment) with `theirs` and the recording; with `theirs` alone where both are too much.
/// `tooBig(result)`: whether it failed with E2BIG.
template <class Start, class TooBig> int startWithRecording(char* const* theirs, Start start, TooBig tooBig) noexcept
{
    constexpr std::size_t kMostOnStack = 128 * 1024; // 16,000 variables; beyond, a vfork()ed child leaves a mapping
    const EnvironmentSize size = sizeWithRecording(theirs);
    if (size.bytes == 0) {
        return start(theirs);
    }
    void* mapped = nullptr;
    if (size.bytes > kMostOnStack) {
        const int savedErrno = errno;
        mapped = mmap(nullptr, size.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        errno = savedErrno;
        if (mapped == MAP_FAILED) {
            return start(theirs);
        }
    }
    void* room = mapped != nullptr ? mapped : __builtin_alloca(size.bytes);
    int result = start(writeWithRecording(theirs, size, room));
    const int error = errno;
    if (mapped != nullptr) {
        munmap(mapped, size.bytes);
    }
    errno = error;
    if (tooBig(result)) {
        result = start(theirs);
    }
    return result;
}

} // namespace timeslice::probe
