// ProgramFile: what a program or library on disk says about Python in it and about preloading into it.
#pragma once

#include <string>

namespace timeslice {

/// From the file's ELF headers and dynamic symbols; names can lie, and a program may have Python linked in under any.
struct ProgramFile {
    bool elf = false; ///< false: no ELF file, or it cannot be read; then nothing below is known
    bool ourKind = false; ///< this processor's word size, byte order and machine
    bool bits32 = false;
    bool library = false; ///< nothing says how to start it
    std::string loader; ///< a program's; "" = none: statically linked
    bool privileged = false; ///< set-uid, set-gid, or with file capabilities
    bool python = false; ///< defines CPython's C API
    bool freeThreaded = false; ///< a CPython built without a GIL
};

/// Reads `path` (as this process sees it), for any thread. Some 50 us for a file of the size of an interpreter the first
/// time, then, while the file stays the same, what was read. Never fails: what is damaged counts as no ELF file.
ProgramFile lookAtProgram(const std::string& path);

/// The file's own name, without folders and without the " (deleted)" that the kernel adds.
std::string programName(const std::string& path);

/// Whether a program or library is called as CPython's are: "python3.11", "libpython3.13t.so.1.0". For those whose
/// file cannot be read, or has no dynamic symbols.
bool isCalledPython(const std::string& name);
/// The same for the builds without a GIL: "python3.13t".
bool isCalledFreeThreaded(const std::string& name);

} // namespace timeslice
