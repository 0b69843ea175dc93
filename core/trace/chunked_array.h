// ChunkedArray: an array that grows without moving what it holds.
//
// A std::vector of 10^8 slices would double in one go: a copy of a gigabyte in the middle of a frame, and up to half
// of it slack. Here only the first part grows, by a quarter at a time, until it is whole; after it come chunks of whole
// parts, a quarter of the array each and at most kPartsPerChunk. So no copy is larger than a part, and the slack is at
// most a quarter of the array or a part, and never more than a large chunk.
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

/// T is trivially copyable and kept on cache-line boundaries; `kPerChunk` elements (a power of two) make a large chunk.
/// A 16th of it, a part, is what lies next to each other from each multiple of a part on.
template <class T, std::size_t kPerChunk> class ChunkedArray {
    static_assert(std::is_trivially_copyable_v<T> && std::has_single_bit(kPerChunk) && kPerChunk >= 16);

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
    const T& operator[](std::size_t i) const noexcept { return m_parts[i / kPart][i % kPart]; }
    T& operator[](std::size_t i) noexcept { return m_parts[i / kPart][i % kPart]; }
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
    /// Forgets all but the first `size` elements and gives back whole chunks, save one to grow into.
    void shrink(std::size_t size)
    {
        assert(size <= m_size);
        m_size = size;
        while (m_chunks.size() > 1 && m_capacity >= m_size + 2 * m_chunks.back().parts * kPart) {
            m_capacity -= m_chunks.back().parts * kPart;
            m_parts.resize(m_parts.size() - m_chunks.back().parts);
            m_chunks.pop_back();
        }
    }
    /// What is resident: pages that were never reached are not there, save in a huge page.
    std::size_t memoryBytes() const noexcept
    {
        const std::size_t tables = m_chunks.capacity() * sizeof(Chunk) + m_parts.capacity() * sizeof(T*);
        if (m_chunks.empty() || isHuge(m_chunks.back().parts * kPart * sizeof(T))) {
            return m_capacity * sizeof(T) + tables;
        }
        const std::size_t reached = (m_size * sizeof(T) + kPage - 1) / kPage * kPage;
        return std::min(m_capacity * sizeof(T), reached) + tables;
    }

private:
    static constexpr std::size_t kPartsPerChunk = 16;
    static constexpr std::size_t kPart = kPerChunk / kPartsPerChunk;
    static constexpr std::size_t kCacheLine = 64;
    static constexpr std::size_t kPage = 4096;
    static constexpr std::size_t kHugePage = std::size_t{2} << 20;
    struct Free {
        void operator()(T* chunk) const noexcept { std::free(chunk); }
    };
    using Memory = std::unique_ptr<T[], Free>;
    struct Chunk {
        Memory memory;
        std::size_t parts = 1;
    };

    static bool isHuge(std::size_t bytes) noexcept { return bytes % kHugePage == 0; }
    static Memory allocate(std::size_t count)
    {
        const std::size_t bytes = count * sizeof(T);
        // Readers jump about in the array: in pages of 4 KiB each jump would miss the TLB too.
        const bool huge = isHuge(bytes);
        const std::size_t alignment = huge ? kHugePage : kCacheLine;
        void* memory = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
        if (memory == nullptr) {
            throw std::bad_alloc();
        }
        if (huge) {
            (void)::madvise(memory, bytes, MADV_HUGEPAGE); // a wish
        }
        return Memory(static_cast<T*>(memory));
    }
    void addCapacity()
    {
        if (m_capacity < kPart) {
            growFirst(std::min(kPart, m_capacity + m_capacity / 4 + 1));
            return;
        }
        const std::size_t parts = std::clamp<std::size_t>(m_parts.size() / 4, 1, kPartsPerChunk);
        m_chunks.push_back({allocate(parts * kPart), parts});
        for (std::size_t part = 0; part < parts; ++part) {
            m_parts.push_back(m_chunks.back().memory.get() + part * kPart);
        }
        m_capacity += parts * kPart;
    }
    void growFirst(std::size_t capacity)
    {
        Memory memory = allocate(capacity);
        if (m_size > 0) {
            std::memcpy(memory.get(), m_parts.front(), m_size * sizeof(T));
        }
        m_parts.assign(1, memory.get());
        m_chunks.clear();
        m_chunks.push_back({std::move(memory), 1});
        m_capacity = capacity;
    }
    void swap(ChunkedArray& other) noexcept
    {
        m_chunks.swap(other.m_chunks);
        m_parts.swap(other.m_parts);
        std::swap(m_size, other.m_size);
        std::swap(m_capacity, other.m_capacity);
    }

    std::vector<Chunk> m_chunks;
    std::vector<T*> m_parts; ///< all of the chunks
    std::size_t m_size = 0;
    std::size_t m_capacity = 0;
};

} // namespace timeslice
