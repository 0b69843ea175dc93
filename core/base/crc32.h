// CRC-32 as in zlib, PNG and Ethernet (polynomial 0xEDB88320, reflected, inverted in and out).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace timeslice {

/// The checksum of `bytes`, or of what `previous` covers followed by `bytes`. About 1 GB/s.
std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t previous = 0) noexcept;

} // namespace timeslice
