// Any bytes as a .timeslice file: loading them must neither crash nor run away, and what loads must be safe to read.
//
// Random changes do not get past the checksums, so each input is tried twice: as it is, and with all checksums made
// right, so that what lies behind them is reached.
#include "core/base/crc32.h"
#include "core/base/json_out.h"
#include "core/session/run_model.h"
#include "core/trace/export_chrome_trace.h"
#include "core/trace/export_csv.h"
#include "core/trace/recording.h"
#include "core/trace/recording_format.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ostream>
#include <span>
#include <streambuf>
#include <utility>
#include <vector>

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

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto bytes = std::as_bytes(std::span(data, size));
    read(bytes);
    std::vector<std::byte> mended(bytes.begin(), bytes.end());
    mendChecksums(mended);
    read(mended);
    return 0;
}
