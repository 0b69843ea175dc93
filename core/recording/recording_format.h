// The layout of a .timeslice file, version 3. All numbers are little-endian.
//
//   FileHeader
//   Meta                       JSON: when it was made, how many variants
//   Scenario*, Report*         text, in pieces of at most kMaxRawBytes
//   for each variant:
//     Variant                  JSON: what Timeline and VariantRecording keep beside their rows, and row counts
//     CoreRows* ThreadRows* LockRows* CounterRows* MarkNames*     JSON arrays of at most kRowsPerSection rows
//     ProgramRows*             JSON as above: programs beside the run; early files have none
//     CoreTrack* OthersTrack* Usage* ThreadTrack* FalseAlarms* LockTrack* Moments* Accesses* Marks* Latencies* Memory*
//                              columns
//     VariantEnd
//   End
//
// While a run goes on, its file (core/recording/live_recording.h) grows by what the run delivers, and has no End:
//
//   FileHeader Meta Scenario*
//   LiveReport?                text: the report of the variants that have ended; the last one holds
//   LiveVariant                JSON: its names and BuilderOptions; of the variant in SectionHeader::row
//     LiveBatches LiveEvents*  JSON of Batches but for their events; then these as columns, to be taken in turn
//   LiveEnd                    JSON: the variant has ended
//
// Each of these is a section: SectionHeader, then its bytes, compressed with zstd or plain. Columns hold the fields of
// their entries one after another, first all times, as differences to the one before (the first in full). A track or
// list longer than kEntriesPerSection goes on in the next section, so that neither side needs it in one piece.
//
// Version 1 had no Memory, version 2 no FalseAlarms.
//
// A reader of any later version can trust FileHeader to stay as it is; all else may change with the version.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace timeslice::recording_format {

static_assert(std::endian::native == std::endian::little, "the columns are written as they lie in memory");

/// As PNG's: a byte that is no ASCII, and line ends that a transfer in text mode would spoil.
inline constexpr std::array<unsigned char, 8> kMagic{0x89, 'T', 'S', 'L', '\r', '\n', 0x1A, '\n'};
inline constexpr std::uint32_t kVersion = 3;

struct FileHeader {
    std::array<unsigned char, 8> magic = kMagic;
    std::uint32_t version = kVersion;
    std::uint32_t crc = 0; ///< of what is above
};
static_assert(sizeof(FileHeader) == 16 && std::is_trivially_copyable_v<FileHeader>);

enum class Section : std::uint32_t {
    Meta = 1,
    Scenario,
    Report,
    Variant,
    CoreRows,
    ThreadRows,
    LockRows,
    CounterRows,
    MarkNames,
    CoreTrack,
    Usage,
    ThreadTrack,
    LockTrack,
    Moments,
    Accesses,
    Marks,
    Latencies,
    VariantEnd,
    End,
    ProgramRows,
    OthersTrack,
    Memory,
    FalseAlarms,
    LiveReport = 32,
    LiveVariant,
    LiveBatches,
    LiveEvents,
    LiveEnd,
};

enum class Method : std::uint32_t { Plain = 0, Zstd = 1 };

struct SectionHeader {
    Section section = Section::End;
    std::uint32_t row = 0; ///< of the core, thread, lock or counter that a column belongs to
    std::uint64_t rawBytes = 0;
    std::uint64_t storedBytes = 0;
    Method method = Method::Plain;
    std::uint32_t payloadCrc = 0; ///< of the stored bytes
    std::uint32_t reserved = 0;
    std::uint32_t headerCrc = 0; ///< of what is above
};
static_assert(sizeof(SectionHeader) == 40 && std::is_trivially_copyable_v<SectionHeader>);

/// A section that says it holds more is damaged, whoever wrote it: so no length in a file makes us allocate much.
inline constexpr std::uint64_t kMaxRawBytes = std::uint64_t{16} << 20;
inline constexpr std::uint64_t kMaxJsonBytes = std::uint64_t{8} << 20; ///< parsed, it grows
/// Of the scenario, and of the report, all sections together: a hundred thousand threads take 50 MB.
inline constexpr std::uint64_t kMaxTextBytes = std::uint64_t{256} << 20;
/// Nor may one unpack to more than this many times its size; a writer keeps what would plain.
inline constexpr std::uint64_t kMaxRatio = 64;
inline constexpr std::size_t kMostUnobserved = 10'000; ///< processes that a variant's facts name
inline constexpr std::size_t kMostExecs = 100'000;
inline constexpr std::size_t kMostReaps = 100'000;
inline constexpr std::uint64_t kMostMemory = std::uint64_t{1} << 56; ///< bytes: what a process cannot have
inline constexpr std::size_t kRowsPerSection = 4096;
inline constexpr std::size_t kEntriesPerSection = std::size_t{1} << 19;

} // namespace timeslice::recording_format
