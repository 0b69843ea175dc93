#include "core/trace/export_chrome_trace.h"

#include "core/base/atomic_file.h"
#include "core/trace/handoff.h"
#include "core/trace/labels.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace timeslice {

namespace {

using Json = nlohmann::json;

/// As a JSON string with its quotes. Bytes that are no UTF-8 are replaced.
std::string jsonText(std::string_view text)
{
    return Json(text).dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::vector<std::string> jsonTexts(const std::vector<std::string>& texts)
{
    std::vector<std::string> result;
    result.reserve(texts.size());
    for (const std::string& text : texts) {
        result.push_back(jsonText(text));
    }
    return result;
}

/// Writes events one by one; each add...() continues the event that begin() started.
class EventStream {
public:
    EventStream(std::ostream& out, Nanos zero)
        : m_out(out)
        , m_zero(zero)
    {
    }

    bool good() const { return m_out.good(); }

    /// `name` is JSON already.
    EventStream& begin(char phase, std::string_view name, std::size_t pid, std::size_t tid)
    {
        m_event = m_first ? "\n{\"ph\":\"" : ",\n{\"ph\":\"";
        m_first = false;
        m_event.append(1, phase).append("\",\"name\":").append(name);
        m_event.append(",\"pid\":").append(std::to_string(pid)).append(",\"tid\":").append(std::to_string(tid));
        return *this;
    }
    EventStream& addTime(Nanos t) { return addMicros("ts", t - m_zero); }
    EventStream& addDuration(Nanos length) { return addMicros("dur", length); }
    EventStream& add(std::string_view key, std::string_view json)
    {
        m_event.append(",\"").append(key).append("\":").append(json);
        return *this;
    }
    void end()
    {
        m_event += '}';
        m_out.write(m_event.data(), static_cast<std::streamsize>(m_event.size()));
    }

private:
    EventStream& addMicros(std::string_view key, Nanos nanos)
    {
        // Not as a double: after a month of uptime it would no longer hold single nanoseconds.
        const bool negative = nanos < 0;
        const auto magnitude = negative ? 0 - static_cast<std::uint64_t>(nanos) : static_cast<std::uint64_t>(nanos);
        const std::string fraction = std::to_string(1000 + magnitude % 1000);
        m_event.append(",\"").append(key).append(negative ? "\":-" : "\":");
        m_event.append(std::to_string(magnitude / 1000)).append(".").append(fraction, 1, 3);
        return *this;
    }

    std::ostream& m_out;
    Nanos m_zero;
    std::string m_event;
    bool m_first = true;
};

/// Perfetto's names for the states of a thread are those of Linux.
std::string_view linuxState(SliceValue value)
{
    switch (value.state()) {
    case SliceState::Running:
        return "\"Running\"";
    case SliceState::Runnable:
        return value.cause() == Cause::Preempted ? "\"R+\"" : "\"R\"";
    default:
        return "\"S\"";
    }
}

class VariantExport {
public:
    VariantExport(EventStream& events, const VariantRecording& variant, std::size_t pid)
        : m_events(events)
        , m_variant(variant)
        , m_timeline(variant.timeline)
        , m_labels(variant.timeline)
        , m_threads(jsonTexts(m_labels.threads))
        , m_pid(pid)
        // Ids are made up so that none is used twice: one file holds several runs.
        , m_firstCore(pid * kIdsPerVariant)
        , m_firstThread(m_firstCore + m_timeline.cores.size())
        , m_firstLock(m_firstThread + m_timeline.threads.size())
    {
    }

    void write()
    {
        writeNames();
        writeCores();
        writeThreads();
        for (std::size_t i = 0; i < m_timeline.locks.size() && m_events.good(); ++i) {
            writeLock(i);
        }
        writeCounters();
        writePoints();
    }

private:
    static constexpr std::size_t kIdsPerVariant = 10'000'000;

    void writeName(std::string_view what, std::size_t tid, std::string_view name, std::size_t position)
    {
        const std::string kind(what);
        m_events.begin('M', '"' + kind + "_name\"", m_pid, tid)
            .add("args", "{\"name\":" + std::string(name) + '}')
            .end();
        m_events.begin('M', '"' + kind + "_sort_index\"", m_pid, tid)
            .add("args", "{\"sort_index\":" + std::to_string(position) + '}')
            .end();
    }

    void writeNames()
    {
        const std::string& title = m_variant.title.empty() ? m_variant.id : m_variant.title;
        writeName("process", 0, jsonText(title.empty() ? "recording" : title), m_pid);
        if (!m_timeline.gilNote.empty()) { // the viewers show labels beside the name
            m_events.begin('M', "\"process_labels\"", m_pid, 0)
                .add("args", "{\"labels\":" + jsonText(m_timeline.gilNote) + '}')
                .end();
        }
        for (std::size_t i = 0; i < m_labels.cores.size(); ++i) {
            writeName("thread", m_firstCore + i, jsonText(m_labels.cores[i]), m_firstCore + i);
        }
        for (std::size_t i = 0; i < m_threads.size(); ++i) {
            writeName("thread", m_firstThread + i, m_threads[i], m_firstThread + i);
        }
        for (std::size_t i = 0; i < m_labels.locks.size(); ++i) {
            const bool gil = m_timeline.locks[i].kind == ObjectKind::Gil;
            const std::string name = (gil ? "GIL: " : "lock: ") + m_labels.locks[i];
            writeName("thread", m_firstLock + i, jsonText(name), m_firstLock + i);
        }
    }

    void writeCores()
    {
        for (std::size_t i = 0; i < m_timeline.cores.size(); ++i) {
            const CoreInfo& core = m_timeline.cores[i];
            for (std::size_t s = 0; s < core.track.size() && m_events.good(); ++s) {
                const Slice slice = core.track.slice(s);
                if (slice.value.state() == SliceState::Running && slice.length() > 0) {
                    m_events.begin('X', m_threads[slice.value.subject()], m_pid, m_firstCore + i)
                        .addTime(slice.begin)
                        .addDuration(slice.length())
                        .add("cat", "\"core\"")
                        .end();
                }
            }
            const std::string name = jsonText(m_labels.cores[i] + " usage in %");
            for (const UsageSample& sample : core.usage) {
                const Json values{{"busy", sample.busy * 100}, {"stolen", sample.stolen * 100}};
                m_events.begin('C', name, m_pid, m_firstCore + i)
                    .addTime(sample.begin)
                    .add("args", values.dump())
                    .end();
            }
        }
    }

    void writeThreads()
    {
        for (std::size_t i = 0; i < m_timeline.threads.size(); ++i) {
            const Track& track = m_timeline.threads[i].track;
            const std::size_t tid = m_firstThread + i;
            for (std::size_t s = 0; s < track.size() && m_events.good(); ++s) {
                const Slice slice = track.slice(s);
                if (slice.value.state() != SliceState::Absent && slice.length() > 0) {
                    const Cause end = s + 1 < track.size() ? track.value(s + 1).cause() : Cause::Unknown;
                    writeThreadSlice(tid, slice, end);
                }
            }
        }
    }

    void writeThreadSlice(std::size_t tid, const Slice& slice, Cause end)
    {
        const bool running = slice.value.state() == SliceState::Running;
        const std::string_view subject = m_labels.subject(TrackKind::Thread, slice.value);
        std::string name(stateText(TrackKind::Thread, slice.value.state()));
        if (!running && !subject.empty()) {
            name.append(": ").append(subject);
        }
        std::string args = "{\"began\":" + jsonText(causeText(slice.value.cause()))
            + ",\"ended\":" + jsonText(slice.open ? "goes on" : causeText(end));
        if (running) {
            args += ",\"cpu\":" + cpuOf(slice.value);
        }
        m_events.begin('X', jsonText(name), m_pid, tid)
            .addTime(slice.begin)
            .addDuration(slice.length())
            .add("cat", "\"thread\"")
            .add("args", args + '}')
            .end();
        m_events.begin('T', linuxState(slice.value), m_pid, tid)
            .addTime(slice.begin)
            .addDuration(slice.length())
            .add("cat", "\"thread_state\"");
        if (running) {
            m_events.add("args", "{\"cpu\":" + cpuOf(slice.value) + '}');
        }
        m_events.end();
    }

    std::string cpuOf(SliceValue value) const { return std::to_string(m_timeline.cores[value.subject()].cpu); }

    void writeLock(std::size_t index)
    {
        const LockInfo& lock = m_timeline.locks[index];
        const std::size_t tid = m_firstLock + index;
        const auto lockIndex = static_cast<std::uint32_t>(index);
        for (std::size_t s = 0; s < lock.track.size() && m_events.good(); ++s) {
            const Slice slice = lock.track.slice(s);
            if (slice.value.state() != SliceState::Running) {
                continue;
            }
            if (slice.length() > 0) {
                m_events.begin('X', m_threads[slice.value.subject()], m_pid, tid)
                    .addTime(slice.begin)
                    .addDuration(slice.length())
                    .add("cat", "\"lock\"")
                    .end();
            }
            if (const auto handoff = handoffAfter(m_timeline, lockIndex, s)) {
                // Where the next did not wait for the release, nobody let go of the lock.
                writeHandOff(
                    slice, *handoff, handoff->reason ? toldCause(m_timeline, lockIndex, s + 1) : Cause::Unknown);
            }
        }
        for (const LockMoment& moment : lock.moments) {
            const bool drop = moment.kind == EventKind::LockDropRequest;
            m_events.begin('i', drop ? "\"drop request\"" : "\"forced wait\"", m_pid, tid)
                .addTime(moment.time)
                .add("s", "\"t\"")
                .add("args", "{\"thread\":" + m_threads[moment.thread] + '}')
                .end();
        }
    }

    void writeHandOff(const Slice& hold, const Handoff& handoff, Cause letGo)
    {
        const std::string id = std::to_string(m_pid * kIdsPerVariant + m_handOffs++);
        // Arrows are tied to the slice around them, so the first one starts just inside the old hold.
        m_events.begin('s', "\"hand-off\"", m_pid, m_firstThread + handoff.from)
            .addTime(std::max(hold.begin, handoff.released - 1))
            .add("cat", "\"lock\"")
            .add("id", id)
            .add("args", "{\"cause\":" + jsonText(causeText(letGo)) + '}')
            .end();
        m_events.begin('f', "\"hand-off\"", m_pid, m_firstThread + handoff.to)
            .addTime(handoff.acquired)
            .add("cat", "\"lock\"")
            .add("id", id)
            .add("bp", "\"e\"")
            .end();
    }

    void writeCounters()
    {
        for (std::size_t i = 0; i < m_timeline.counters.size(); ++i) {
            const std::string name = jsonText(m_labels.counters[i]);
            for (const CounterAccess& access : m_timeline.counters[i].accesses) {
                if (access.store) {
                    m_events.begin('C', name, m_pid, m_firstThread + access.thread)
                        .addTime(access.time)
                        .add("args", "{\"value\":" + std::to_string(access.value) + '}')
                        .end();
                }
            }
        }
    }

    void writePoints()
    {
        for (const MarkPoint& mark : m_timeline.marks) {
            const auto name = m_timeline.markNames.find(mark.object);
            m_events
                .begin('i', jsonText(name == m_timeline.markNames.end() ? "mark" : name->second), m_pid,
                    m_firstThread + mark.thread)
                .addTime(mark.time)
                .add("s", "\"t\"")
                .add("args", "{\"value\":" + std::to_string(mark.value) + '}')
                .end();
        }
        for (const LatencySample& sample : m_timeline.latencies) {
            m_events.begin('i', "\"latency\"", m_pid, m_firstThread + sample.thread)
                .addTime(sample.time)
                .add("s", "\"t\"")
                .add("args", "{\"delay_ns\":" + std::to_string(sample.delay) + '}')
                .end();
        }
    }

    EventStream& m_events;
    const VariantRecording& m_variant;
    const Timeline& m_timeline;
    RowLabels m_labels;
    std::vector<std::string> m_threads; ///< labels as JSON
    std::size_t m_pid;
    std::size_t m_firstCore;
    std::size_t m_firstThread;
    std::size_t m_firstLock;
    std::size_t m_handOffs = 0;
};

Json factsOf(const Recording& recording)
{
    Json variants = Json::array();
    for (const auto& variant : recording.variants) {
        const Timeline& t = variant->timeline;
        Json facts{{"name", variant->title}, {"ended", variant->failure.empty() ? "well" : variant->failure},
            {"source", t.source == Source::Measured ? "measured" : "inferred"}, {"lost_events", t.lost.total()}};
        if (!t.gilNote.empty()) {
            facts["gil"] = t.gilNote;
        }
        variants.push_back(std::move(facts));
    }
    return {{"made by", "Timeslice"}, {"created", recording.created}, {"variants", variants}};
}

} // namespace

Result<void> exportChromeTrace(const Recording& recording, std::ostream& out)
{
    Nanos zero = recording.variants.empty() ? 0 : std::numeric_limits<Nanos>::max();
    for (const auto& variant : recording.variants) {
        zero = std::min(zero, variant->timeline.begin);
    }
    out << "{\"displayTimeUnit\":\"ns\",\"otherData\":"
        << factsOf(recording).dump(-1, ' ', true, Json::error_handler_t::replace) << ",\"traceEvents\":[";
    EventStream events(out, zero);
    for (std::size_t i = 0; i < recording.variants.size(); ++i) {
        VariantExport(events, *recording.variants[i], i + 1).write();
    }
    out << "\n]}\n";
    out.flush();
    if (!out) {
        return fail("cannot write the trace: the output failed");
    }
    return {};
}

Result<void> exportChromeTrace(const Recording& recording, const std::filesystem::path& path)
{
    Result<AtomicFile> file = AtomicFile::create(path);
    if (!file) {
        return tl::unexpected<Error>(file.error());
    }
    (void)exportChromeTrace(recording, file->stream()); // commit() reports it, and knows the reason
    return file->commit();
}

} // namespace timeslice
