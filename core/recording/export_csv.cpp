#include "core/recording/export_csv.h"

#include "core/base/atomic_file.h"
#include "core/trace/handoff.h"
#include "core/trace/labels.h"
#include "core/trace/mark_text.h"
#include "core/trace/process_end.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <system_error>

namespace timeslice {

namespace {

std::string csvField(std::string_view field)
{
    if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
        return std::string(field);
    }
    std::string result = "\"";
    for (const char c : field) {
        result += c;
        if (c == '"') {
            result += '"';
        }
    }
    return result + '"';
}

/// The fewest digits that give the same number again.
std::string shortest(double number)
{
    char digits[64];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
    return error == std::errc{} ? std::string(digits, end) : std::string();
}

class CsvWriter {
public:
    CsvWriter(std::ostream& out, const VariantRecording& variant)
        : m_out(out)
        , m_timeline(variant.timeline)
        , m_labels(variant.timeline)
        , m_variant(csvField(variant.id.empty() ? variant.title : variant.id))
        , m_zero(variant.timeline.begin)
    {
    }

    void write()
    {
        writeRows(TrackKind::Core, m_timeline.cores, m_labels.cores);
        writeRows(TrackKind::Thread, m_timeline.threads, m_labels.threads);
        writeRows(TrackKind::Lock, m_timeline.locks, m_labels.locks);
        writeGilNote();
        writeMemory();
        writeFalseAlarms();
        writeMarks();
        writeEnds();
    }

private:
    template <class Rows> void writeRows(TrackKind kind, const Rows& rows, const std::vector<std::string>& labels)
    {
        for (std::size_t i = 0; i < rows.size() && m_out; ++i) {
            std::string start = m_variant;
            start.append(",").append(trackKindText(kind)).append(",").append(csvField(labels[i])).append(",");
            writeTrack(kind, i, start, rows[i].track);
        }
    }

    /// In the place of the track that is missing.
    void writeGilNote()
    {
        if (!m_timeline.gilNote.empty()) {
            m_out << m_variant << ",lock,GIL,0," << m_timeline.end - m_timeline.begin << ",not observable,,"
                  << csvField(m_timeline.gilNote) << "\r\n";
        }
    }

    std::string_view process(Pid pid) const
    {
        const auto found = m_labels.processes.find(pid);
        return found != m_labels.processes.end() ? std::string_view(found->second) : std::string_view();
    }

    /// The number stands where a slice has its subject.
    void writeMemory()
    {
        for (const MemorySample& sample : m_timeline.memory) {
            const std::string start = m_variant + ",memory," + csvField(process(sample.pid)) + ","
                + std::to_string(std::max(sample.time - m_zero, Nanos{0})) + ",0,";
            m_out << start << "rss," << sample.rss << ",bytes\r\n"
                  << start << "pss," << sample.pss << ",bytes\r\n"
                  << start << "private," << sample.own << ",bytes\r\n";
        }
    }

    /// The lock stands where a slice has its subject.
    void writeFalseAlarms()
    {
        for (const auto& [thread, alarms] : m_timeline.falseAlarms) {
            const std::string start = m_variant + ",thread," + csvField(m_labels.threads[thread]) + ",";
            for (const FalseAlarm& alarm : alarms) {
                m_out << start << std::max(alarm.time - m_zero, Nanos{0}) << ",0,false alarm,"
                      << csvField(m_labels.locks[alarm.lock]) << ",woken in vain\r\n";
            }
        }
    }

    void writeMarks()
    {
        for (const MarkPoint& mark : m_timeline.marks) {
            const auto name = m_timeline.markNames.find(mark.object);
            m_out << m_variant << ",mark," << csvField(m_labels.threads[mark.thread]) << ","
                  << std::max(mark.time - m_zero, Nanos{0}) << ",0,mark,"
                  << csvField(
                         name != m_timeline.markNames.end() ? markText(name->second, mark.value).text : std::string())
                  << ",\r\n";
        }
    }

    void writeEnds()
    {
        for (const ReapPoint& reap : m_timeline.reaps) {
            m_out << m_variant << ",process," << csvField(process(reap.pid)) << ","
                  << std::max(reap.time - m_zero, Nanos{0}) << ",0,reaped,," << csvField(endText(reap.status))
                  << "\r\n";
        }
    }

    void writeTrack(TrackKind kind, std::size_t row, const std::string& start, const Track& track)
    {
        std::string line;
        for (std::size_t i = 0; i < track.size() && m_out; ++i) {
            const Slice slice = track.slice(i);
            const Nanos begin = std::max(slice.begin, m_zero); // a file that was made up may say it was earlier
            if (slice.end <= begin) {
                continue;
            }
            line = start;
            line.append(std::to_string(begin - m_zero)).append(",").append(std::to_string(slice.end - begin));
            line.append(",").append(stateText(kind, slice.value.state()));
            line.append(",").append(csvField(m_labels.subject(kind, slice.value)));
            const bool onLock = kind == TrackKind::Lock;
            const Cause cause =
                onLock ? toldCause(m_timeline, static_cast<std::uint32_t>(row), i) : slice.value.cause();
            line.append(",").append(causeText(cause)).append("\r\n");
            m_out << line;
        }
    }

    std::ostream& m_out;
    const Timeline& m_timeline;
    RowLabels m_labels;
    std::string m_variant;
    Nanos m_zero;
};

} // namespace

Result<void> exportCsv(const Recording& recording, std::ostream& out, std::span<const CsvPoint> points)
{
    out << "variant,track,name,begin_ns,duration_ns,state,subject,cause\r\n";
    for (const auto& variant : recording.variants) {
        CsvWriter(out, *variant).write();
    }
    for (const CsvPoint& point : points) {
        out << csvField(point.variant) << ",run," << csvField(point.run) << ",0," << point.wall << ',' << point.exit
            << ',' << csvField(point.measure) << ','
            << (point.text.empty() ? shortest(point.number) : csvField(point.text)) << "\r\n";
    }
    out.flush();
    if (!out) {
        return fail("cannot write the CSV table: the output failed");
    }
    return {};
}

Result<void> exportCsv(const Recording& recording, const std::filesystem::path& path, std::span<const CsvPoint> points)
{
    Result<AtomicFile> file = AtomicFile::create(path);
    if (!file) {
        return tl::unexpected<Error>(file.error());
    }
    (void)exportCsv(recording, file->stream(), points); // commit() reports it, and knows the reason
    return file->commit();
}

} // namespace timeslice
