// LiveReader: one variant of a recording that was still growing when it was cut off; builds its timeline anew from what
// the run delivered. Nothing in the file is believed: what comes out of it goes through the same TimelineBuilder as
// what comes out of a traced program's memory.
#pragma once

#include "core/recording/recording.h"
#include "core/recording/recording_sections.h"
#include "core/trace/timeline_builder.h"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace timeslice::recording_format {

class LiveReader {
public:
    // These return what is wrong with the section, or nothing.
    std::string begin(const SectionReader::Read& section);
    std::string apply(const SectionReader::Read& section);

    bool ended() const noexcept { return m_ended; }
    /// Closes every track where the recording ends; what came of a batch that is not whole is left out.
    std::unique_ptr<VariantRecording> take();

private:
    struct Pending {
        Batch batch;
        std::size_t events = 0; ///< that belong to it
    };

    std::string applyBatches(const SectionReader::Read& section);
    std::string applyEvents(const SectionReader::Read& section);
    std::string applyEnd(const SectionReader::Read& section);
    void appendWhole();

    std::unique_ptr<VariantRecording> m_variant;
    std::unique_ptr<TimelineBuilder> m_builder;
    std::vector<Pending> m_pending; ///< whose events are still to come
    std::size_t m_next = 0; ///< of m_pending
    std::vector<Nanos> m_times; ///< scratch
    std::uint32_t m_row = 0;
    Nanos m_end = 0;
    bool m_ended = false;
};

} // namespace timeslice::recording_format
