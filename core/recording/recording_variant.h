// VariantReader: one variant of a recording, section by section, nothing in it believed.
//
// Checksums keep accidents out; what is checked here keeps a made-up file from doing harm: every index into the
// timeline's rows, every enumeration, every count and order that the rest of the program relies on.
#pragma once

#include "core/base/json_fields.h"
#include "core/recording/recording.h"
#include "core/recording/recording_sections.h"

#include <concepts>
#include <cstdint>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace timeslice::recording_format {

class VariantReader {
public:
    struct Rows {
        std::size_t whole = 0;
        std::size_t announced = 0;
    };

    /// These return what is wrong with the section, or nothing.
    std::string begin(const SectionReader::Read& variant);
    std::string apply(const SectionReader::Read& section);

    /// For a file that is cut off: empties the rows that are not whole.
    Rows dropUnfinished();
    std::unique_ptr<VariantRecording> take() { return std::move(m_variant); }

private:
    static constexpr const char* kImpossible = "an entry in it is impossible";

    /// What a row of a table says of the columns to come.
    struct Announced {
        std::uint64_t slices = 0;
        std::uint64_t entries = 0; ///< usage, false alarms, moments or accesses
        Nanos end = 0;
        bool closed = false;
    };
    struct Counts {
        std::uint64_t cores = 0;
        std::uint64_t threads = 0;
        std::uint64_t locks = 0;
        std::uint64_t counters = 0;
        std::uint64_t markNames = 0;
        std::uint64_t marks = 0;
        std::uint64_t latencies = 0;
        std::uint64_t programs = 0;
        std::uint64_t memory = 0;
    };
    enum class TrackKind { Core, Thread, Lock, Others };

    std::string applyRows(const SectionReader::Read& section);
    std::string applyRow(Section section, const nlohmann::json& row);
    Announced trackOf(const JsonFields& row) const;

    std::string applyTrack(const SectionReader::Read& section, TrackKind kind, Track* track);
    std::string applyUsage(const SectionReader::Read& section);
    std::string applyFalseAlarms(const SectionReader::Read& section);
    std::string applyMoments(const SectionReader::Read& section);
    std::string applyAccesses(const SectionReader::Read& section);
    std::string applyMarks(const SectionReader::Read& section);
    std::string applyLatencies(const SectionReader::Read& section);
    std::string applyMemory(const SectionReader::Read& section);
    bool isPossible(TrackKind kind, SliceValue value) const;
    bool isPossibleOther(SliceValue value) const;

    bool completeTrack(Track& track, const Announced& announced) const;
    std::string applyEnd();

    std::unique_ptr<VariantRecording> m_variant;
    Counts m_counts;
    std::vector<Announced> m_cores;
    std::vector<Announced> m_others; ///< of each core
    std::vector<Announced> m_threads;
    std::vector<Announced> m_locks;
    std::vector<Announced> m_counters;
    std::vector<Nanos> m_times; ///< scratch
    std::vector<std::uint32_t> m_values; ///< scratch
};

} // namespace timeslice::recording_format
