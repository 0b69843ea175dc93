// What is about to be executed, looked at before: whether the probe can be preloaded into it without a word of its
// loader, and whether that is of use.
//
// Also part of timeslice_python: the first program of a run is looked at in the same way.
#pragma once

#include <cstddef>
#include <cstdint>

namespace timeslice::probe {

enum class Preload : std::uint8_t {
    Fits,
    Needless, ///< it can neither be a Python nor start one
    NotThere, ///< nothing that could be executed: exec will say why
    Unreadable, ///< it may be executed, but not looked at
    NoProgram, ///< neither ELF nor a script that names its interpreter
    OtherProcessor,
    StaticallyLinked,
    OtherLibc,
    Privileged, ///< set-uid, set-gid or with capabilities: its loader would drop the variables, and show one
    Sanitized, ///< its runtime insists on being the first library
};

inline constexpr std::size_t kMostLoaderBytes = 256;
inline constexpr std::size_t kMostInterpreterBytes = 257; ///< the kernel reads no longer line (BINPRM_BUF_SIZE)

/// What was looked at.
struct Target {
    char loader[kMostLoaderBytes] = {}; ///< PT_INTERP of the program, "" = none
    char interpreter[kMostInterpreterBytes] = {}; ///< of a script: the program that runs it; "" = it is none
};

/// `path` is taken as openat(2) takes it; of a script, its interpreter is looked at. Allocates nothing, takes no lock,
/// is no cancellation point, keeps errno: may be called after vfork().
Preload inspectTarget(int directory, const char* path, Target* target = nullptr) noexcept;

} // namespace timeslice::probe
