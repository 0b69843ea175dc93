// What a workload does that a program should not: crash, and eat memory. The lessons on containment need it, and so
// do the tests of whoever has to survive it.
#pragma once

#include "core/base/result.h"
#include "core/workload/workload_spec.h"

#include <cstddef>
#include <functional>

namespace timeslice {

/// Ends the calling process: by a real access to memory that it may not touch, by abort(), by SIGKILL, or by
/// _exit(1). Never leaves a core file behind.
[[noreturn]] void crash(step::Crash::How how) noexcept;

/// Owns memory that was really written to, so that the machine had to give it.
class TouchedMemory {
public:
    /// `goOn` is asked after each megabyte; false ends it early. Errors: the memory limit of the run, named.
    static Result<TouchedMemory> allocate(std::size_t megabytes, const std::function<bool()>& goOn);

    TouchedMemory(TouchedMemory&& other) noexcept;
    TouchedMemory& operator=(TouchedMemory&&) = delete;
    ~TouchedMemory();

private:
    TouchedMemory(void* memory, std::size_t bytes) noexcept;
    void* m_memory = nullptr;
    std::size_t m_bytes = 0;
};

} // namespace timeslice
