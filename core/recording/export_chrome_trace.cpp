#include "core/recording/export_chrome_trace.h"

#include "core/base/atomic_file.h"
#include "core/base/json_out.h"
#include "core/recording/trace_event_stream.h"
#include "core/recording/trace_layout.h"
#include "core/trace/handoff.h"
#include "core/trace/labels.h"
#include "core/trace/mark_text.h"
#include "core/trace/process_lives.h"
#include "core/trace/waker.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace timeslice {

namespace {

using Json = nlohmann::json;

std::vector<std::string> jsonStrings(const std::vector<std::string>& texts)
{
    std::vector<std::string> result;
    result.reserve(texts.size());
    for (const std::string& text : texts) {
        result.push_back(jsonString(text));
    }
    return result;
}

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
    VariantExport(TraceEventStream& events, const VariantRecording& variant, TraceNumbers& numbers)
        : m_events(events)
        , m_timeline(variant.timeline)
        , m_labels(variant.timeline)
        , m_threads(jsonStrings(m_labels.threads))
        , m_layout(layOutTrace(variant, m_labels, numbers))
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
        writeMemory();
        writePoints();
    }

private:
    void writeName(std::string_view what, TracePlace place, std::string_view name, std::size_t position)
    {
        const std::string kind(what);
        m_events.begin('M', '"' + kind + "_name\"", place).add("args", "{\"name\":" + jsonString(name) + '}').end();
        m_events.begin('M', '"' + kind + "_sort_index\"", place)
            .add("args", "{\"sort_index\":" + std::to_string(position) + '}')
            .end();
    }

    void writeNames()
    {
        for (const TraceProcess& process : m_layout.processes) {
            writeName("process", process.place, process.name, m_events.nextProcess());
        }
        if (!m_timeline.gilNote.empty() && !m_layout.processes.empty()) { // the viewers show labels beside the name
            const TracePlace program = m_layout.threads.empty() ? m_layout.processes[0].place : m_layout.threads[0];
            m_events.begin('M', "\"process_labels\"", program)
                .add("args", "{\"labels\":" + jsonString(m_timeline.gilNote) + '}')
                .end();
        }
        std::size_t position = 0; // within the row's process
        for (std::size_t i = 0; i < m_layout.cores.size(); ++i) {
            writeName("thread", m_layout.cores[i], m_labels.cores[i], ++position);
        }
        for (std::size_t i = 0; i < m_layout.threads.size(); ++i) {
            writeName("thread", m_layout.threads[i], m_layout.threadNames[i], ++position);
        }
        for (std::size_t i = 0; i < m_layout.locks.size(); ++i) {
            const bool gil = m_timeline.locks[i].kind == ObjectKind::Gil;
            writeName("thread", m_layout.locks[i], (gil ? "GIL: " : "lock: ") + m_labels.locks[i], ++position);
        }
    }

    void writeCores()
    {
        for (std::size_t i = 0; i < m_timeline.cores.size(); ++i) {
            const CoreInfo& core = m_timeline.cores[i];
            for (std::size_t s = 0; s < core.track.size() && m_events.good(); ++s) {
                const Slice slice = core.track.slice(s);
                if (slice.value.state() == SliceState::Running && slice.length() > 0) {
                    m_events.begin('X', m_threads[slice.value.subject()], m_layout.cores[i])
                        .addSpan(slice.begin, slice.end)
                        .add("cat", "\"core\"")
                        .end();
                }
            }
            writeOthers(core, m_layout.cores[i]);
            const std::string name = jsonString(m_labels.cores[i] + " usage in %");
            for (const UsageSample& sample : core.usage) {
                // The first interval began when the machine was last looked at, which may be before the recording did.
                if (sample.end <= m_timeline.begin) {
                    continue;
                }
                const Json values{{"busy", sample.busy * 100}, {"stolen", sample.stolen * 100}};
                m_events.begin('C', name, m_layout.cores[i])
                    .addTime(std::max(sample.begin, m_timeline.begin))
                    .add("args", jsonText(values))
                    .end();
            }
        }
    }

    /// Other programs stand among the run's threads on a core's row, cut where the two records of one switch differ by
    /// some nanoseconds: viewers refuse slices that overlap.
    void writeOthers(const CoreInfo& core, TracePlace place)
    {
        for (std::size_t s = 0; s < core.others.size() && m_events.good(); ++s) {
            const Slice slice = core.others.slice(s);
            if (slice.value.state() != SliceState::Running) {
                continue;
            }
            TimeRange free{std::max(slice.begin, m_timeline.begin), slice.end};
            for (std::size_t own = core.track.firstEndingAfter(free.begin); own < core.track.size(); ++own) {
                const Slice ours = core.track.slice(own);
                if (ours.begin >= free.end) {
                    break;
                }
                if (ours.value.state() == SliceState::Running) {
                    writeOther(slice.value, {free.begin, std::min(free.end, ours.begin)}, place);
                    free.begin = std::max(free.begin, ours.end);
                }
            }
            writeOther(slice.value, free, place);
        }
    }

    void writeOther(SliceValue value, TimeRange range, TracePlace place)
    {
        if (range.empty()) {
            return;
        }
        const OtherProgram& program = m_timeline.programs[value.subject()];
        m_events.begin('X', jsonString(program.name.empty() ? "another program" : program.name), place)
            .addSpan(range.begin, range.end)
            .add("cat", "\"other program\"")
            .add("args", "{\"pid\":" + std::to_string(program.pid) + '}')
            .end();
    }

    void writeThreads()
    {
        for (std::size_t i = 0; i < m_timeline.threads.size(); ++i) {
            const Track& track = m_timeline.threads[i].track;
            for (std::size_t s = 0; s < track.size() && m_events.good(); ++s) {
                const Slice slice = track.slice(s);
                if (slice.value.state() != SliceState::Absent && slice.length() > 0) {
                    const Cause end = s + 1 < track.size() ? track.value(s + 1).cause() : Cause::Unknown;
                    writeThreadSlice(m_layout.threads[i], slice, end);
                    writeWakeup(m_layout.threads[i], slice);
                }
            }
        }
    }

    void writeThreadSlice(TracePlace place, const Slice& slice, Cause end)
    {
        const bool running = slice.value.state() == SliceState::Running;
        const std::string_view subject = m_labels.subject(TrackKind::Thread, slice.value);
        std::string name(stateText(TrackKind::Thread, slice.value.state()));
        const bool runnable = slice.value.state() == SliceState::Runnable;
        if (!running && !runnable && !subject.empty()) {
            name.append(": ").append(subject);
        }
        std::string args = "{\"began\":" + jsonString(causeText(slice.value.cause()))
            + ",\"ended\":" + jsonString(slice.open ? "goes on" : causeText(end));
        if (running) {
            args += ",\"cpu\":" + cpuOf(slice.value);
        } else if (runnable && !subject.empty()) {
            args += ",\"woken_by\":" + jsonString(subject);
        }
        m_events.begin('X', jsonString(name), place)
            .addSpan(slice.begin, slice.end)
            .add("cat", "\"thread\"")
            .add("args", args + '}')
            .end();
        m_events.begin('T', linuxState(slice.value), place)
            .addSpan(slice.begin, slice.end)
            .add("cat", "\"thread_state\"");
        if (running) {
            m_events.add("args", "{\"cpu\":" + cpuOf(slice.value) + '}');
        }
        m_events.end();
    }

    /// An arrow from the thread that woke this one.
    void writeWakeup(TracePlace place, const Slice& slice)
    {
        const Waker waker = Waker::of(slice.value);
        if (waker.kind != Waker::Kind::Thread || waker.thread >= m_layout.threads.size()) {
            return;
        }
        const std::string id = std::to_string(m_events.nextArrow());
        for (const bool end : {false, true}) {
            m_events.begin(end ? 'f' : 's', "\"wake-up\"", end ? place : m_layout.threads[waker.thread])
                .addTime(slice.begin)
                .add("cat", "\"wake-up\"")
                .add("id", id);
            if (end) {
                m_events.add("bp", "\"e\"");
            }
            m_events.end();
        }
    }

    std::string cpuOf(SliceValue value) const { return std::to_string(m_timeline.cores[value.subject()].cpu); }

    void writeLock(std::size_t index)
    {
        const LockInfo& lock = m_timeline.locks[index];
        const TracePlace place = m_layout.locks[index];
        const auto lockIndex = static_cast<std::uint32_t>(index);
        for (std::size_t s = 0; s < lock.track.size() && m_events.good(); ++s) {
            const Slice slice = lock.track.slice(s);
            if (slice.value.state() != SliceState::Running) {
                continue;
            }
            if (slice.length() > 0) {
                m_events.begin('X', m_threads[slice.value.subject()], place)
                    .addSpan(slice.begin, slice.end)
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
            m_events.begin('i', drop ? "\"drop request\"" : "\"forced wait\"", place)
                .addTime(moment.time)
                .add("s", "\"t\"")
                .add("args", "{\"thread\":" + m_threads[moment.thread] + '}')
                .end();
        }
    }

    void writeHandOff(const Slice& hold, const Handoff& handoff, Cause letGo)
    {
        const std::string id = std::to_string(m_events.nextArrow());
        // Arrows are tied to the slice around them, so the first one starts just inside the old hold.
        m_events.begin('s', "\"hand-off\"", m_layout.threads[handoff.from])
            .addTime(std::max(hold.begin, handoff.released - 1))
            .add("cat", "\"lock\"")
            .add("id", id)
            .add("args", "{\"cause\":" + jsonString(causeText(letGo)) + '}')
            .end();
        m_events.begin('f', "\"hand-off\"", m_layout.threads[handoff.to])
            .addTime(handoff.acquired)
            .add("cat", "\"lock\"")
            .add("id", id)
            .add("bp", "\"e\"")
            .end();
    }

    void writeCounters()
    {
        for (std::size_t i = 0; i < m_timeline.counters.size(); ++i) {
            const std::string name = jsonString(m_labels.counters[i]);
            for (const CounterAccess& access : m_timeline.counters[i].accesses) {
                if (access.store) {
                    m_events.begin('C', name, m_layout.counters[i])
                        .addTime(access.time)
                        .add("args", "{\"value\":" + std::to_string(access.value) + '}')
                        .end();
                }
            }
        }
    }

    /// A process that is gone has none; without the last 0 the viewers would draw what it had until the end.
    void writeMemory()
    {
        if (m_timeline.memory.empty()) {
            return;
        }
        for (const ProcessLife& life : processLives(m_timeline)) {
            const TracePlace place = m_layout.threads[life.threads.front()];
            const std::vector<MemorySample> samples = memoryOf(m_timeline, life);
            for (const MemorySample& sample : samples) {
                writeMemory(place, std::max(sample.time, m_timeline.begin), sample);
            }
            if (!samples.empty() && life.exited != 0) {
                writeMemory(place, life.exited, {});
            }
        }
    }

    void writeMemory(TracePlace place, Nanos time, const MemorySample& sample)
    {
        const Json values{{"rss", sample.rss}, {"pss", sample.pss}, {"private", sample.own}};
        m_events.begin('C', "\"memory in bytes\"", place).addTime(time).add("args", jsonText(values)).end();
    }

    void writePoints()
    {
        for (const auto& [thread, alarms] : m_timeline.falseAlarms) {
            for (const FalseAlarm& alarm : alarms) {
                m_events.begin('i', "\"false alarm\"", m_layout.threads[thread])
                    .addTime(alarm.time)
                    .add("s", "\"t\"")
                    .add("args", "{\"lock\":" + jsonString(m_labels.locks[alarm.lock]) + '}')
                    .end();
            }
        }
        for (const MarkPoint& mark : m_timeline.marks) {
            const auto name = m_timeline.markNames.find(mark.object);
            m_events
                .begin('i',
                    jsonString(name == m_timeline.markNames.end() ? "mark" : markText(name->second, mark.value).text),
                    m_layout.threads[mark.thread])
                .addTime(mark.time)
                .add("s", "\"t\"")
                .add("args", "{\"value\":" + std::to_string(mark.value) + '}')
                .end();
        }
        for (const LatencySample& sample : m_timeline.latencies) {
            m_events.begin('i', "\"latency\"", m_layout.threads[sample.thread])
                .addTime(sample.time)
                .add("s", "\"t\"")
                .add("args", "{\"delay_ns\":" + std::to_string(sample.delay) + '}')
                .end();
        }
    }

    TraceEventStream& m_events;
    const Timeline& m_timeline;
    RowLabels m_labels;
    std::vector<std::string> m_threads; ///< labels as JSON
    TraceLayout m_layout;
};

Json factsOf(const Recording& recording, Nanos zero)
{
    Json variants = Json::array();
    for (const auto& variant : recording.variants) {
        const Timeline& t = variant->timeline;
        Json facts{{"name", variant->title}, {"ended", variant->failure.empty() ? "well" : variant->failure},
            {"source", sourceText(t.source)}, {"lost_events", t.lost.total()}};
        if (t.wakeupsUntil) {
            facts["wakeups"] = sourceText(Source::Measured);
        }
        if (!t.gilNote.empty()) {
            facts["gil"] = t.gilNote;
        }
        if (t.workBegin || t.workEnd) {
            const TimeRange work = t.workRange();
            facts["work"] = {{"begin_ns", work.begin - zero}, {"end_ns", work.end - zero}};
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
    out << "{\"displayTimeUnit\":\"ns\",\"otherData\":" << jsonText(factsOf(recording, zero)) << ",\"traceEvents\":[";
    TraceEventStream events(out, zero);
    TraceNumbers numbers;
    for (const auto& variant : recording.variants) {
        VariantExport(events, *variant, numbers).write();
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
