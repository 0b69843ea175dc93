#include "core/recording/recording_sections.h"

#include "core/base/crc32.h"
#include "core/base/json_in.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <zstd.h>

namespace timeslice::recording_format {

namespace {

/// Fast: the columns are mostly noise in the low bytes and zeros in the high ones, which a higher level packs little
/// better.
constexpr int kZstdLevel = 1;

std::uint32_t headerCrc(const FileHeader& header)
{
    return crc32(std::as_bytes(std::span(&header, 1)).first(offsetof(FileHeader, crc)));
}

std::uint32_t headerCrc(const SectionHeader& header)
{
    return crc32(std::as_bytes(std::span(&header, 1)).first(offsetof(SectionHeader, headerCrc)));
}

std::string_view nameOf(Section section)
{
    switch (section) {
    case Section::Meta:
        return "general facts";
    case Section::Scenario:
        return "scenario";
    case Section::Report:
        return "report";
    case Section::Variant:
        return "facts of a variant";
    case Section::CoreRows:
        return "list of cores";
    case Section::ThreadRows:
        return "list of threads";
    case Section::LockRows:
        return "list of locks";
    case Section::CounterRows:
        return "list of counters";
    case Section::MarkNames:
        return "names of marks";
    case Section::CoreTrack:
        return "slices of a core";
    case Section::Usage:
        return "usage of a core";
    case Section::ThreadTrack:
        return "slices of a thread";
    case Section::FalseAlarms:
        return "false alarms of a thread";
    case Section::Memory:
        return "memory of processes";
    case Section::LockTrack:
        return "slices of a lock";
    case Section::Moments:
        return "moments of a lock";
    case Section::Accesses:
        return "accesses to a counter";
    case Section::Marks:
        return "marks";
    case Section::Latencies:
        return "latencies";
    case Section::VariantEnd:
        return "end of a variant";
    case Section::End:
        return "end";
    case Section::ProgramRows:
        return "other programs";
    case Section::OthersTrack:
        return "track of other programs";
    case Section::LiveReport:
        return "report so far";
    case Section::LiveVariant:
        return "beginning of a variant";
    case Section::LiveBatches:
        return "facts of events";
    case Section::LiveEvents:
        return "events";
    case Section::LiveEnd:
        return "end of a variant";
    }
    return "unknown";
}

} // namespace

// --- Writing

SectionWriter::SectionWriter(Sink sink)
    : m_sink(std::move(sink))
    , m_zstd(ZSTD_createCCtx(), &ZSTD_freeCCtx)
{
}
SectionWriter::~SectionWriter() = default;

Result<void> SectionWriter::writeFileHeader()
{
    FileHeader header;
    header.crc = headerCrc(header);
    return m_sink(std::as_bytes(std::span(&header, 1)));
}

Result<void> SectionWriter::write(Section section, std::uint32_t row, std::span<const std::byte> raw)
{
    assert(raw.size() <= kMaxRawBytes);
    SectionHeader header;
    header.section = section;
    header.row = row;
    header.rawBytes = raw.size();
    std::span<const std::byte> stored = raw;
    if (!raw.empty() && m_zstd) {
        m_packed.resize(ZSTD_compressBound(raw.size()));
        const std::size_t packed =
            ZSTD_compressCCtx(m_zstd.get(), m_packed.data(), m_packed.size(), raw.data(), raw.size(), kZstdLevel);
        if (ZSTD_isError(packed) == 0 && packed < raw.size() && packed * kMaxRatio >= raw.size()) {
            header.method = Method::Zstd;
            stored = std::span(m_packed).first(packed);
        }
    }
    header.storedBytes = stored.size();
    header.payloadCrc = crc32(stored);
    header.headerCrc = headerCrc(header);
    return m_sink(std::as_bytes(std::span(&header, 1))).and_then([&] { return m_sink(stored); });
}

Result<void> SectionWriter::write(Section section, std::string_view text)
{
    return write(section, 0, std::as_bytes(std::span(text)));
}

// --- Reading

Result<ByteSource> ByteSource::open(const std::filesystem::path& path)
{
    const std::string what = "cannot open '" + path.string() + "'";
    // Non-blocking, or opening a pipe without a writer would wait for one.
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status { };
    if (!fd || ::fstat(fd.get(), &status) != 0) {
        return failErrno(what, errno, ErrorKind::Usage);
    }
    if (!S_ISREG(status.st_mode)) {
        return fail(what + ": it is not a regular file", ErrorKind::Usage);
    }
    return ByteSource(std::move(fd), static_cast<std::uint64_t>(status.st_size));
}

bool ByteSource::read(std::uint64_t offset, std::span<std::byte> into) const
{
    if (offset > m_size || into.size() > m_size - offset) {
        return false;
    }
    if (!m_fd) {
        std::copy_n(m_bytes.begin() + static_cast<std::ptrdiff_t>(offset), into.size(), into.begin());
        return true;
    }
    while (!into.empty()) {
        const ssize_t count = ::pread(m_fd.get(), into.data(), into.size(), static_cast<off_t>(offset));
        if (count > 0) {
            into = into.subspan(static_cast<std::size_t>(count));
            offset += static_cast<std::uint64_t>(count);
        } else if (count == 0 || errno != EINTR) {
            return false;
        }
    }
    return true;
}

SectionReader::SectionReader(const ByteSource& source, std::string name)
    : m_source(source)
    , m_name(std::move(name))
    , m_zstd(ZSTD_createDCtx(), &ZSTD_freeDCtx)
{
}
SectionReader::~SectionReader() = default;

tl::unexpected<Error> SectionReader::damaged(const std::string& what) const
{
    return fail("'" + m_name + "' is damaged: section " + std::to_string(m_sectionNumber) + " ("
            + std::string(m_sectionName) + ") at byte " + std::to_string(m_sectionOffset) + ": " + what,
        ErrorKind::Usage);
}

Result<void> SectionReader::readFileHeader()
{
    FileHeader header;
    header.magic = {};
    const bool whole = m_source.read(0, std::as_writable_bytes(std::span(&header, 1)));
    if (!whole) {
        const auto size = static_cast<std::size_t>(m_source.size());
        const auto start = std::as_writable_bytes(std::span(&header, 1)).first(std::min(size, sizeof(header)));
        const bool ours = m_source.read(0, start) && size > 0
            && std::memcmp(header.magic.data(), kMagic.data(), std::min(size, kMagic.size())) == 0;
        return ours ? fail("'" + m_name + "' is cut off after " + std::to_string(size) + " bytes: nothing can be shown",
                   ErrorKind::Usage)
                    : fail("'" + m_name + "' is not a Timeslice recording", ErrorKind::Usage);
    }
    if (header.magic != kMagic) {
        return fail("'" + m_name + "' is not a Timeslice recording", ErrorKind::Usage);
    }
    if (header.crc != headerCrc(header)) {
        return damaged("its checksum does not match");
    }
    if (header.version > kVersion) {
        return fail("'" + m_name + "' was made by a newer Timeslice: it has format version "
                + std::to_string(header.version) + ", this program reads up to version " + std::to_string(kVersion)
                + ". Update Timeslice to open it",
            ErrorKind::Usage);
    }
    if (header.version == 0) {
        return damaged("there is no format version 0");
    }
    m_offset = sizeof(FileHeader);
    return {};
}

Result<std::optional<SectionReader::Read>> SectionReader::next()
{
    SectionHeader header;
    m_sectionOffset = m_offset;
    ++m_sectionNumber;
    m_sectionName = "header";
    if (!m_source.read(m_offset, std::as_writable_bytes(std::span(&header, 1)))) {
        return std::optional<Read>();
    }
    if (header.headerCrc != headerCrc(header)) {
        return damaged("its header's checksum does not match");
    }
    m_sectionName = nameOf(header.section);
    const bool plain = header.method == Method::Plain;
    if (!plain && header.method != Method::Zstd) {
        return damaged("unknown compression method " + std::to_string(static_cast<std::uint32_t>(header.method)));
    }
    if (header.rawBytes > kMaxRawBytes || header.storedBytes > kMaxRawBytes
        || (plain ? header.rawBytes != header.storedBytes : header.rawBytes > header.storedBytes * kMaxRatio)) {
        return damaged("its lengths are impossible");
    }
    m_offset += sizeof(header);
    if (header.storedBytes > bytesLeft()) {
        return std::optional<Read>();
    }
    m_stored.resize(static_cast<std::size_t>(header.storedBytes));
    if (!m_source.read(m_offset, m_stored)) {
        return std::optional<Read>(); // it became shorter while we read
    }
    m_offset += header.storedBytes;
    if (crc32(m_stored) != header.payloadCrc) {
        return damaged("its checksum does not match");
    }
    if (plain) {
        return std::optional<Read>(Read{header, m_stored});
    }
    m_raw.resize(static_cast<std::size_t>(header.rawBytes));
    const std::size_t unpacked =
        ZSTD_decompressDCtx(m_zstd.get(), m_raw.data(), m_raw.size(), m_stored.data(), m_stored.size());
    if (ZSTD_isError(unpacked) != 0) {
        return damaged(std::string("it does not unpack (") + ZSTD_getErrorName(unpacked) + ")");
    }
    if (unpacked != m_raw.size()) {
        return damaged(
            "it unpacks to " + std::to_string(unpacked) + " bytes instead of " + std::to_string(m_raw.size()));
    }
    return std::optional<Read>(Read{header, m_raw});
}

nlohmann::json parseJson(const SectionReader::Read& section, std::string& trouble)
{
    if (section.raw.size() > kMaxJsonBytes) {
        trouble = "its lengths are impossible";
        return {};
    }
    Result<nlohmann::json> json =
        timeslice::parseJson({reinterpret_cast<const char*>(section.raw.data()), section.raw.size()});
    if (!json) {
        trouble = "it is no JSON that this program writes: " + json.error().message;
        return {};
    }
    return std::move(*json);
}

} // namespace timeslice::recording_format
