// ChunkedArray: an array that grows without moving what it holds.
//
// A std::vector of 10^8 slices would double in one go: a copy of a gigabyte in the middle of a frame, and up to half
// of it slack. Here the last chunk grows by a quarter of the array at a time, and from the fifth on whole chunks are
// added: no copy is larger than a chunk, and the slack is at most a quarter of the array and never more than a chunk.
#pragma once

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <sys/mman.h>
#include <type_traits>
#include <utility>
#include <vector>

namespace timeslice {

/// T is trivially copyable and kept on cache-line boundaries; `kPerChunk` elements (a power of two) make a chunk.
template <class T, std::size_t kPerChunk> class ChunkedArray {
    static_assert(std::is_trivially_copyable_v<T> && std::has_single_bit(kPerChunk));

public:
    ChunkedArray() noexcept = default;
    ChunkedArray(const ChunkedArray&) = delete;
    ChunkedArray& operator=(const ChunkedArray&) = delete;
    ChunkedArray(ChunkedArray&& other) noexcept { swap(other); }
    ChunkedArray& operator=(ChunkedArray&& other) noexcept
    {
        ChunkedArray taken(std::move(other));
        swap(taken);
        return *this;
    }
    ~ChunkedArray() = default;

    std::size_t size() const noexcept { return m_size; }
    bool empty() const noexcept { return m_size == 0; }
    const T& operator[](std::size_t i) const noexcept { return m_chunks[i / kPerChunk][i % kPerChunk]; }
    T& operator[](std::size_t i) noexcept { return m_chunks[i / kPerChunk][i % kPerChunk]; }
    const T& back() const noexcept { return (*this)[m_size - 1]; }
    T& back() noexcept { return (*this)[m_size - 1]; }

    /// A new last element, its contents not set.
    T& grow()
    {
        if (m_size == m_capacity) {
            addCapacity();
        }
        return (*this)[m_size++];
    }
    /// Forgets all but the first `size` elements and gives back whole chunks.
    void shrink(std::size_t size)
    {
        assert(size <= m_size);
        m_size = size;
        while (m_chunks.size() > 1 && (m_chunks.size() - 1) * kPerChunk >= m_size + kPerChunk) {
            m_chunks.pop_back(); // the one before it is whole
            m_capacity = m_chunks.size() * kPerChunk;
        }
    }
    std::size_t memoryBytes() const noexcept
    {
        return m_capacity * sizeof(T) + m_chunks.capacity() * sizeof(m_chunks.front());
    }

private:
    static constexpr std::size_t kCacheLine = 64;
    static constexpr std::size_t kHugePage = std::size_t{2} << 20;
    struct Free {
        void operator()(T* chunk) const noexcept { std::free(chunk); }
    };
    using Chunk = std::unique_ptr<T[], Free>;

    static Chunk allocate(std::size_t count)
    {
        const std::size_t bytes = count * sizeof(T);
        // Readers jump about in the array: in pages of 4 KiB each jump would miss the TLB too.
        const bool huge = bytes % kHugePage == 0;
        const std::size_t alignment = huge ? kHugePage : kCacheLine;
        void* memory = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
        if (memory == nullptr) {
            throw std::bad_alloc();
        }
        if (huge) {
            (void)::madvise(memory, bytes, MADV_HUGEPAGE); // a wish
        }
        return Chunk(static_cast<T*>(memory));
    }
    /// By a quarter of what there is, but at most to the end of the last chunk, or by one more chunk.
    void addCapacity()
    {
        const std::size_t inLast = m_chunks.empty() ? kPerChunk : m_capacity - (m_chunks.size() - 1) * kPerChunk;
        const std::size_t wanted = m_capacity / 4 + 1;
        if (inLast == kPerChunk) {
            const std::size_t count = std::min(kPerChunk, wanted);
            m_chunks.push_back(allocate(count));
            m_capacity += count;
            return;
        }
        const std::size_t larger = std::min(kPerChunk, inLast + wanted);
        Chunk chunk = allocate(larger);
        std::memcpy(chunk.get(), m_chunks.back().get(), inLast * sizeof(T));
        m_chunks.back() = std::move(chunk);
        m_capacity += larger - inLast;
    }
    void swap(ChunkedArray& other) noexcept
    {
        m_chunks.swap(other.m_chunks);
        std::swap(m_size, other.m_size);
        std::swap(m_capacity, other.m_capacity);
    }

    std::vector<Chunk> m_chunks;
    std::size_t m_size = 0;
    std::size_t m_capacity = 0;
};

} // namespace timeslice
