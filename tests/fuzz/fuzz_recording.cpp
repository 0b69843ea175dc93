// Any bytes as a .timeslice file: loading them must neither crash nor run away, and what loads must be safe to read.
//
// Random changes do not get past the checksums and lengths. So most changes are made to what one section holds, and
// lengths and checksums are made right around it; the others to the bytes of the file, which is then tried twice: as it
// is, and with all checksums made right.
#include "core/base/crc32.h"
#include "core/base/json_out.h"
#include "core/model/run_model.h"
#include "core/recording/export_chrome_trace.h"
#include "core/recording/export_csv.h"
#include "core/recording/recording.h"
#include "core/recording/recording_format.h"
#include "core/recording/recording_sections.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ostream>
#include <random>
#include <span>
#include <streambuf>
#include <utility>
#include <vector>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace {

using namespace timeslice;
using namespace timeslice::recording_format;

class Nowhere : public std::streambuf {
protected:
    int_type overflow(int_type c) override { return traits_type::not_eof(c); }
    std::streamsize xsputn(const char*, std::streamsize count) override { return count; }
};

void read(std::span<const std::byte> bytes)
{
    Result<LoadedRecording> loaded = loadRecordingFromBytes(bytes, "fuzz");
    if (!loaded) {
        return;
    }
    Nowhere nowhere;
    std::ostream out(&nowhere);
    (void)exportCsv(loaded->recording, out);
    (void)exportChromeTrace(loaded->recording, out);
    for (const auto& variant : loaded->recording.variants) {
        const Timeline& timeline = variant->timeline;
        for (const ThreadInfo& thread : timeline.threads) {
            Track::Cursor cursor(thread.track);
            (void)cursor.advance(timeline.begin, timeline.end);
            (void)thread.track.shares(timeline.workRange());
        }
    }
    // As far as whoever opens it: deadlock, lost updates and a report of what has none.
    if (const auto model = RunModel::fromRecording(std::move(loaded->recording))) {
        (void)jsonText(toJson((*model)->report()));
    }
}

void mendChecksums(std::vector<std::byte>& bytes)
{
    FileHeader file;
    if (bytes.size() < sizeof(file)) {
        return;
    }
    std::memcpy(&file, bytes.data(), sizeof(file));
    file.crc = crc32(std::span(bytes).first(offsetof(FileHeader, crc)));
    std::memcpy(bytes.data(), &file, sizeof(file));
    for (std::size_t at = sizeof(file); bytes.size() - at >= sizeof(SectionHeader);) {
        SectionHeader header;
        std::memcpy(&header, &bytes[at], sizeof(header));
        const std::size_t left = bytes.size() - at - sizeof(header);
        if (header.storedBytes > left) {
            header.storedBytes = left;
            header.rawBytes = header.method == Method::Plain ? left : header.rawBytes;
        }
        const auto payload = std::span(bytes).subspan(at + sizeof(header), header.storedBytes);
        header.payloadCrc = crc32(payload);
        header.headerCrc = crc32(std::as_bytes(std::span(&header, 1)).first(offsetof(SectionHeader, headerCrc)));
        std::memcpy(&bytes[at], &header, sizeof(header));
        at += sizeof(header) + payload.size();
    }
}

struct SectionBytes {
    SectionHeader header;
    std::vector<std::uint8_t> raw;
};

/// Up to where it is cut off or damaged.
std::vector<SectionBytes> sectionsOf(std::span<const std::byte> file)
{
    const ByteSource source(file);
    SectionReader reader(source, "fuzz");
    std::vector<SectionBytes> sections;
    if (!reader.readFileHeader()) {
        return sections;
    }
    for (auto next = reader.next(); next && *next; next = reader.next()) {
        const auto* raw = reinterpret_cast<const std::uint8_t*>((*next)->raw.data());
        sections.push_back({(*next)->header, {raw, raw + (*next)->raw.size()}});
    }
    return sections;
}

/// Nothing compressed: the fuzzer is to see what it changes.
std::vector<std::byte> fileOf(const std::vector<SectionBytes>& sections)
{
    const FileHeader file;
    const auto start = std::as_bytes(std::span(&file, 1));
    std::vector<std::byte> bytes(start.begin(), start.end());
    for (const SectionBytes& section : sections) {
        SectionHeader header = section.header;
        header.method = Method::Plain;
        header.rawBytes = section.raw.size();
        header.storedBytes = section.raw.size();
        for (const auto part : {std::as_bytes(std::span(&header, 1)), std::as_bytes(std::span(section.raw))}) {
            bytes.insert(bytes.end(), part.begin(), part.end());
        }
    }
    mendChecksums(bytes);
    return bytes;
}

/// Changes what one section holds, or leaves it out, or puts it somewhere else, too.
void changeSections(std::vector<SectionBytes>& sections, std::minstd_rand& random)
{
    const auto anywhere = [&] { return sections.begin() + static_cast<std::ptrdiff_t>(random() % sections.size()); };
    const auto section = anywhere();
    switch (random() % 16) {
    case 0:
        sections.erase(section);
        return;
    case 1:
        sections.insert(anywhere(), SectionBytes(*section));
        return;
    case 2:
        section->header.row = static_cast<std::uint32_t>(random() % 4);
        return;
    default:
        const std::size_t size = section->raw.size();
        section->raw.resize(size + 64);
        section->raw.resize(LLVMFuzzerMutate(section->raw.data(), size, section->raw.size()));
    }
}

} // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(
    std::uint8_t* data, std::size_t size, std::size_t most, unsigned int seed)
{
    std::minstd_rand random(seed);
    const auto bytes = std::as_bytes(std::span(data, size));
    std::vector<std::byte> file(bytes.begin(), bytes.end());
    mendChecksums(file);
    std::vector<SectionBytes> sections = sectionsOf(file);
    if (!sections.empty() && random() % 8 != 0) {
        changeSections(sections, random);
        file = fileOf(sections);
        if (file.size() <= most) {
            std::memcpy(data, file.data(), file.size());
            return file.size();
        }
    }
    return LLVMFuzzerMutate(data, size, most);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto bytes = std::as_bytes(std::span(data, size));
    read(bytes);
    std::vector<std::byte> mended(bytes.begin(), bytes.end());
    mendChecksums(mended);
    if (!std::equal(mended.begin(), mended.end(), bytes.begin())) {
        read(mended);
    }
    return 0;
}
