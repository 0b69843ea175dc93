// Sections of a .timeslice file: written compressed with checksums, read with every length and checksum verified.
#pragma once

#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/recording/recording_format.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace timeslice::recording_format {

class SectionWriter {
public:
    /// Takes the bytes of a file one after another.
    using Sink = std::function<Result<void>(std::span<const std::byte>)>;

    explicit SectionWriter(Sink sink);
    ~SectionWriter();
    SectionWriter(const SectionWriter&) = delete;
    SectionWriter& operator=(const SectionWriter&) = delete;

    Result<void> writeFileHeader();
    /// `raw` is at most kMaxRawBytes (asserted).
    Result<void> write(Section section, std::uint32_t row, std::span<const std::byte> raw);
    Result<void> write(Section section, std::string_view text);

private:
    Sink m_sink;
    std::unique_ptr<ZSTD_CCtx_s, std::size_t (*)(ZSTD_CCtx_s*)> m_zstd;
    std::vector<std::byte> m_packed;
};

/// Where a recording is read from: a file, or bytes in memory.
class ByteSource {
public:
    explicit ByteSource(std::span<const std::byte> bytes)
        : m_bytes(bytes)
        , m_size(bytes.size())
    {
    }
    /// Errors (Usage): no such file, no permission, a folder or pipe.
    static Result<ByteSource> open(const std::filesystem::path& path);

    std::uint64_t size() const noexcept { return m_size; }
    /// Fills `into` from `offset` on; false if there are not that many bytes (any more) or the disk failed.
    bool read(std::uint64_t offset, std::span<std::byte> into) const;

private:
    ByteSource(UniqueFd fd, std::uint64_t size)
        : m_fd(std::move(fd))
        , m_size(size)
    {
    }

    std::span<const std::byte> m_bytes;
    UniqueFd m_fd;
    std::uint64_t m_size = 0;
};

class SectionReader {
public:
    struct Read {
        SectionHeader header;
        std::span<const std::byte> raw; ///< valid until the next read
    };

    /// `source` must outlive the reader. `name` is what messages call it.
    SectionReader(const ByteSource& source, std::string name);
    ~SectionReader();
    SectionReader(const SectionReader&) = delete;
    SectionReader& operator=(const SectionReader&) = delete;

    /// Errors (Usage): not a recording, made by a newer version, damaged.
    Result<void> readFileHeader();
    /// The next section; nothing where the file is cut off.
    Result<std::optional<Read>> next();
    std::uint64_t bytesLeft() const noexcept { return m_source.size() - m_offset; }
    /// "'FILE' is damaged: section N (its kind) at byte M: WHAT", for the section read last.
    tl::unexpected<Error> damaged(const std::string& what) const;

private:
    const ByteSource& m_source;
    std::string m_name;
    std::unique_ptr<ZSTD_DCtx_s, std::size_t (*)(ZSTD_DCtx_s*)> m_zstd;
    std::vector<std::byte> m_stored;
    std::vector<std::byte> m_raw;
    std::uint64_t m_offset = 0; ///< of the next section
    std::uint64_t m_sectionOffset = 0;
    std::uint64_t m_sectionNumber = 0;
    std::string_view m_sectionName = "header";
};

/// The section's JSON; `trouble` says what is wrong with it, if anything.
nlohmann::json parseJson(const SectionReader::Read& section, std::string& trouble);

} // namespace timeslice::recording_format
