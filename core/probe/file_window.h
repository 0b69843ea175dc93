// A view of another part of a file that is mapped but no longer open.
//
// The programs that we watch close descriptors, list them, change root and user; so the probe keeps none, and cannot
// count on opening the channel's file again. What it keeps is a shared mapping of the file's beginning, and the kernel
// makes others from that: mremap(2) with an old size of 0 duplicates a shared mapping, and remap_file_pages(2) turns
// the duplicate to another place of the file. (The manual calls the latter deprecated for what it was made for, many
// places in one mapping; since Linux 4.0 it makes an ordinary mapping of one.) Where a sandbox or an emulated kernel
// refuses it, the file is opened again if that can be done.
//
// Nothing here allocates. Locked memory: a window is never locked for longer than the kernel takes to make it, so that
// mlockall() pins the program's own memory only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <sys/types.h>

namespace timeslice::probe {

/// A mapping from a file's beginning that is kept for as long as windows are wanted, and which file that is.
struct KeptMapping {
    void* memory = nullptr;
    std::size_t bytes = 0;
    dev_t device = 0;
    ino_t inode = 0;
};

/// Takes the address space for a window (whole pages); nullptr if it is refused. What it shows is of no meaning until
/// aimWindow(). To be given back with munmap().
void* reserveWindow(const KeptMapping& kept, std::size_t bytes) noexcept;
/// Makes a reserved window show the file from `offset` (whole pages), read and write. False if it cannot be done; the
/// window is of no use then. Does not wait. Neither dumped with the program's core nor, if `ofThisProcessOnly`, there
/// in a forked child.
bool aimWindow(
    const KeptMapping& kept, void* window, std::size_t bytes, std::uint64_t offset, bool ofThisProcessOnly) noexcept;

} // namespace timeslice::probe
