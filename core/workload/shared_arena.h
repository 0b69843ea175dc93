// SharedArena: memory that forked children share with their parent.
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <new>
#include <utility>

namespace timeslice {

/// Owns an anonymous shared mapping. Made before fork(); allocation is for one thread and for then only. Nothing is
/// ever destroyed in it: a child can vanish at any instruction, and what another still uses must stay.
class SharedArena {
public:
    /// Errors: the system's.
    static Result<SharedArena> create(std::size_t bytes);

    SharedArena(SharedArena&& other) noexcept;
    SharedArena& operator=(SharedArena&&) = delete;
    ~SharedArena();

    /// A new T on cache lines of its own. The arena must be large enough: see bytesFor().
    template <class T, class... Args> T* make(Args&&... args)
    {
        return new (take(sizeof(T))) T(std::forward<Args>(args)...);
    }
    template <class T> static constexpr std::size_t bytesFor(std::size_t count)
    {
        return count * ((sizeof(T) + kLine - 1) / kLine * kLine);
    }

private:
    static constexpr std::size_t kLine = 64;
    SharedArena(void* memory, std::size_t bytes) noexcept;
    void* take(std::size_t bytes) noexcept;

    void* m_memory = nullptr;
    std::size_t m_bytes = 0;
    std::size_t m_used = 0;
};

} // namespace timeslice
