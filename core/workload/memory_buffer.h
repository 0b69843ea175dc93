// MemoryBuffer: memory that a task fills, reads, writes or walks through, as rt-app's "mem" and "memrun" ask for.
#pragma once

#include "core/base/result.h"
#include "core/workload/workload_spec.h"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace timeslice {

/// Every page of it has been written to, so that no use of it is the first. For several threads at a time where the
/// workload says so: what they write is never looked at.
class MemoryBuffer {
public:
    /// Errors: out of memory.
    static Result<MemoryBuffer> create(const BufferSpec& spec);

    /// Does so many bytes (of Chase: goes so many pointers on) from `position` on, which it moves; 0 is the start, and
    /// behind the end comes the start.
    void use(step::UseMemory::How how, std::size_t count, std::size_t& position) noexcept;

private:
    struct Free {
        void operator()(unsigned char* memory) const noexcept;
    };
    MemoryBuffer(std::unique_ptr<unsigned char, Free> memory, std::size_t bytes) noexcept;
    void linkUp(const BufferSpec& spec) noexcept;

    std::unique_ptr<unsigned char, Free> m_memory;
    std::size_t m_bytes = 0;
};

} // namespace timeslice
