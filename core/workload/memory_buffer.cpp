#include "core/workload/memory_buffer.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>

namespace timeslice {

namespace {

/// The number with its lowest `bits` bits in reverse order: neighbours come to lie far apart, where no prefetcher
/// looks.
std::size_t reversed(std::size_t number, int bits) noexcept
{
    std::size_t result = 0;
    for (int bit = 0; bit < bits; ++bit) {
        result |= (number >> bit & 1U) << (bits - 1 - bit);
    }
    return result;
}

/// The compiler must suppose that somebody looks at the memory now.
void seen(const void* memory) noexcept
{
    asm volatile("" : : "r"(memory) : "memory");
}

} // namespace

void MemoryBuffer::Free::operator()(unsigned char* memory) const noexcept
{
    std::free(memory);
}

MemoryBuffer::MemoryBuffer(std::unique_ptr<unsigned char, Free> memory, std::size_t bytes) noexcept
    : m_memory(std::move(memory))
    , m_bytes(bytes)
{
}

Result<MemoryBuffer> MemoryBuffer::create(const BufferSpec& spec)
{
    constexpr std::size_t kLine = 64;
    const std::size_t rounded = (spec.bytes + kLine - 1) / kLine * kLine;
    std::unique_ptr<unsigned char, Free> memory(static_cast<unsigned char*>(std::aligned_alloc(kLine, rounded)));
    if (!memory) {
        return fail("out of memory: '" + spec.name + "' needs " + std::to_string(spec.bytes) + " bytes");
    }
    std::memset(memory.get(), 1, rounded);
    MemoryBuffer made(std::move(memory), spec.bytes);
    if (spec.chain != BufferSpec::Chain::None) {
        made.linkUp(spec);
    }
    return made;
}

/// A ring of pointers; their number is a power of two in either order, so that both walk through the same memory.
void MemoryBuffer::linkUp(const BufferSpec& spec) noexcept
{
    const std::size_t links = std::bit_floor(spec.bytes / spec.stride);
    const int bits = std::countr_zero(links);
    const auto place = [&](std::size_t link) {
        const std::size_t nth = link % links;
        return (spec.chain == BufferSpec::Chain::Scattered ? reversed(nth, bits) : nth) * spec.stride;
    };
    for (std::size_t link = 0; link < links; ++link) {
        // A stride is a multiple of a pointer's size.
        *reinterpret_cast<unsigned char**>(m_memory.get() + place(link)) = m_memory.get() + place(link + 1);
    }
}

void MemoryBuffer::use(step::UseMemory::How how, std::size_t count, std::size_t& position) noexcept
{
    using How = step::UseMemory::How;
    if (how == How::Chase) {
        const unsigned char* at = m_memory.get() + position;
        for (std::size_t i = 0; i < count; ++i) {
            at = *reinterpret_cast<unsigned char* const volatile*>(at);
        }
        position = static_cast<std::size_t>(at - m_memory.get());
        return;
    }
    while (count > 0) {
        const std::size_t part = std::min(count, m_bytes - position);
        volatile unsigned char* const bytes = m_memory.get() + position;
        if (how == How::Fill) {
            std::memset(m_memory.get() + position, 0, part);
            seen(m_memory.get());
        } else if (how == How::Write) {
            for (std::size_t i = 0; i < part; ++i) {
                bytes[i] = static_cast<unsigned char>(i);
            }
        } else {
            for (std::size_t i = 0; i < part; ++i) {
                (void)bytes[i];
            }
        }
        position = (position + part) % m_bytes;
        count -= part;
    }
}

} // namespace timeslice
