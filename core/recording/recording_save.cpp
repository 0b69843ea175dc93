#include "core/base/atomic_file.h"
#include "core/base/json_out.h"
#include "core/recording/recording.h"
#include "core/recording/recording_columns.h"
#include "core/recording/recording_sections.h"
#include "core/recording/unobserved_fields.h"

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace timeslice {

namespace {

using namespace recording_format;
using Json = nlohmann::json;

/// A part of a list. No std::ranges::subrange: clang before 16 cannot compile libstdc++'s.
template <class Iterator> class Piece {
public:
    Piece(Iterator begin, std::size_t size)
        : m_begin(begin)
        , m_size(size)
    {
    }
    Iterator begin() const { return m_begin; }
    Iterator end() const { return m_begin + static_cast<std::ptrdiff_t>(m_size); }
    std::size_t size() const { return m_size; }

private:
    Iterator m_begin;
    std::size_t m_size;
};

class Saver {
public:
    explicit Saver(AtomicFile& file)
        : m_sections([&file](std::span<const std::byte> bytes) { return file.write(bytes); })
    {
    }

    Result<void> save(const Recording& recording)
    {
        keep(m_sections.writeFileHeader());
        writeJson(Section::Meta, {{"created", recording.created}, {"variants", recording.variants.size()}});
        writeText(Section::Scenario, recording.scenarioJson);
        writeText(Section::Report, recording.reportJson);
        for (const auto& variant : recording.variants) {
            writeVariant(*variant);
        }
        keep(m_sections.write(Section::End, {}));
        return m_result;
    }

private:
    /// The first failure stays; what follows it is skipped.
    void keep(Result<void> result)
    {
        if (m_result && !result) {
            m_result = std::move(result);
        }
    }

    void writeJson(Section section, const Json& json)
    {
        // Thread names are bytes of any kind (the kernel cuts them in the middle of a letter): mended, not refused.
        const std::string text = jsonText(json);
        if (text.size() > kMaxJsonBytes) {
            keep(fail("cannot save the recording: names in it are longer than a file may hold"));
        } else if (m_result) {
            keep(m_sections.write(section, text));
        }
    }

    void writeText(Section section, std::string_view text)
    {
        for (; !text.empty() && m_result; text.remove_prefix(std::min<std::size_t>(text.size(), kMaxRawBytes))) {
            keep(m_sections.write(section, text.substr(0, kMaxRawBytes)));
        }
    }

    template <class Rows, class ToJson> void writeRows(Section section, const Rows& rows, ToJson toJson)
    {
        Json list = Json::array();
        for (const auto& row : rows) {
            list.push_back(toJson(row));
            if (list.size() == kRowsPerSection) {
                writeJson(section, list);
                list.clear();
            }
        }
        if (!list.empty()) {
            writeJson(section, list);
        }
    }

    /// Gives `encode` the entries in pieces that fit a section each.
    template <class List, class Encode>
    void writeList(Section section, std::size_t row, const List& entries, Encode encode)
    {
        for (std::size_t first = 0; first < entries.size() && m_result; first += kEntriesPerSection) {
            m_columns.clear();
            const auto begin = entries.begin() + static_cast<std::ptrdiff_t>(first);
            encode(Piece(begin, std::min(kEntriesPerSection, entries.size() - first)));
            keep(m_sections.write(section, static_cast<std::uint32_t>(row), m_columns.bytes()));
        }
    }

    void writeTrack(Section section, std::size_t row, const Track& track)
    {
        std::vector<Nanos> begins(std::min(kEntriesPerSection, track.size()));
        std::vector<std::uint32_t> values(begins.size());
        for (std::size_t first = 0; first < track.size() && m_result;) {
            const std::size_t count = track.copyColumns(first, begins, values);
            m_columns.clear();
            m_columns.addTimes(std::span(begins).first(count), [](Nanos begin) { return begin; });
            m_columns.add(std::span(values).first(count), [](std::uint32_t value) { return value; });
            keep(m_sections.write(section, static_cast<std::uint32_t>(row), m_columns.bytes()));
            first += count;
        }
    }

    void writeVariant(const VariantRecording& variant);
    void writeLists(const Timeline& timeline);

    SectionWriter m_sections;
    ColumnsOut m_columns;
    Result<void> m_result;
};

Json withTrack(Json row, const Track& track)
{
    row["slices"] = track.size();
    row["end"] = track.end();
    row["closed"] = track.closed();
    return row;
}

void Saver::writeVariant(const VariantRecording& variant)
{
    const Timeline& t = variant.timeline;
    Json facts{{"id", variant.id}, {"title", variant.title}, {"note", variant.note}, {"failure", variant.failure},
        {"begin", t.begin}, {"end", t.end}, {"inferred", t.source == Source::Inferred},
        {"calculated", t.source == Source::Calculated},
        {"lost", {{"channel", t.lost.channel}, {"kernel", t.lost.kernel}, {"malformed", t.lost.malformed}}},
        {"events", t.events}, {"late_events", t.lateEvents}, {"finished", t.finished}, {"cores", t.cores.size()},
        {"threads", t.threads.size()}, {"locks", t.locks.size()}, {"counters", t.counters.size()},
        {"mark_names", t.markNames.size()}, {"marks", t.marks.size()}, {"latencies", t.latencies.size()}};
    if (t.lost.overBudget > 0) {
        facts["lost"]["over_budget"] = t.lost.overBudget;
    }
    if (t.lost.threadsWithoutMemory > 0) {
        facts["lost"]["threads_without_memory"] = t.lost.threadsWithoutMemory;
    }
    if (t.lost.threadsWithoutRing > 0) {
        facts["lost"]["threads_without_ring"] = t.lost.threadsWithoutRing;
    }
    if (t.lost.wakeups > 0) {
        facts["lost"]["wakeups"] = t.lost.wakeups;
    }
    if (t.wakeupsUntil) {
        facts["wakeups_until"] = *t.wakeupsUntil;
    }
    if (!t.gilNote.empty()) {
        facts["gil_note"] = t.gilNote;
    }
    for (std::size_t i = 0; i < std::min(t.unobserved.size(), kMostUnobserved); ++i) {
        facts["unobserved"].push_back(unobservedFields(t.unobserved[i]));
    }
    for (std::size_t i = 0; i < std::min(t.execs.size(), kMostExecs); ++i) {
        facts["execs"].push_back({t.execs[i].time, t.execs[i].pid});
    }
    for (std::size_t i = 0; i < std::min(t.reaps.size(), kMostReaps); ++i) {
        facts["reaps"].push_back({t.reaps[i].time, t.reaps[i].pid, t.reaps[i].status});
    }
    if (!t.memory.empty()) {
        facts["memory"] = t.memory.size();
    }
    if (t.workBegin) {
        facts["work_begin"] = *t.workBegin;
    }
    if (t.workEnd) {
        facts["work_end"] = *t.workEnd;
    }
    if (!t.programs.empty()) {
        facts["programs"] = t.programs.size();
    }
    writeJson(Section::Variant, facts);

    writeRows(Section::CoreRows, t.cores, [](const CoreInfo& core) {
        Json row = withTrack({{"cpu", core.cpu}, {"usage", core.usage.size()}}, core.track);
        if (!core.others.empty()) {
            row["others"] = withTrack(Json::object(), core.others);
        }
        return row;
    });
    writeRows(Section::ProgramRows, t.programs, [](const OtherProgram& program) {
        return Json{{"pid", program.pid}, {"name", program.name}, {"kind", static_cast<int>(program.kind)}};
    });
    writeRows(Section::ThreadRows, t.threads, [&t, index = std::uint32_t{0}](const ThreadInfo& thread) mutable {
        Json row = withTrack({{"tid", thread.tid}, {"pid", thread.pid}, {"parent", thread.parent},
                                 {"name", thread.name}, {"auxiliary", thread.auxiliary}, {"color", thread.colorSlot},
                                 {"born", thread.born}, {"exited", thread.exited}},
            thread.track);
        if (const auto alarms = t.falseAlarms.find(index++); alarms != t.falseAlarms.end()) {
            row["false_alarms"] = alarms->second.size();
        }
        return row;
    });
    writeRows(Section::LockRows, t.locks, [](const LockInfo& lock) {
        return withTrack(
            {{"id", lock.id}, {"kind", static_cast<int>(lock.kind)}, {"pid", lock.pid}, {"name", lock.name},
                {"moments", lock.moments.size()}, {"max_holders", lock.maxConcurrentHolders}},
            lock.track);
    });
    writeRows(Section::CounterRows, t.counters, [](const CounterInfo& counter) {
        return Json{
            {"id", counter.id}, {"pid", counter.pid}, {"name", counter.name}, {"accesses", counter.accesses.size()}};
    });
    std::vector<std::pair<ObjectId, std::string>> names(t.markNames.begin(), t.markNames.end());
    std::sort(names.begin(), names.end()); // the same recording makes the same file
    writeRows(Section::MarkNames, names, [](const auto& name) {
        return Json{{"id", name.first}, {"name", name.second}};
    });
    writeLists(t);
    keep(m_sections.write(Section::VariantEnd, {}));
}

void Saver::writeLists(const Timeline& t)
{
    for (std::size_t i = 0; i < t.cores.size(); ++i) {
        writeTrack(Section::CoreTrack, i, t.cores[i].track);
        writeTrack(Section::OthersTrack, i, t.cores[i].others);
        writeList(Section::Usage, i, t.cores[i].usage, [this](const auto& usage) {
            m_columns.addTimes(usage, [](const UsageSample& s) { return s.begin; });
            m_columns.add(usage, [](const UsageSample& s) { return s.end; });
            m_columns.add(usage, [](const UsageSample& s) { return s.cpu; });
            m_columns.add(usage, [](const UsageSample& s) { return s.busy; });
            m_columns.add(usage, [](const UsageSample& s) { return s.stolen; });
            m_columns.add(usage, [](const UsageSample& s) { return s.idle; });
        });
    }
    for (std::size_t i = 0; i < t.threads.size(); ++i) {
        writeTrack(Section::ThreadTrack, i, t.threads[i].track);
    }
    for (const auto& [thread, list] : t.falseAlarms) {
        writeList(Section::FalseAlarms, thread, list, [this](const auto& alarms) {
            m_columns.addTimes(alarms, [](const FalseAlarm& a) { return a.time; });
            m_columns.add(alarms, [](const FalseAlarm& a) { return a.lock; });
        });
    }
    for (std::size_t i = 0; i < t.locks.size(); ++i) {
        writeTrack(Section::LockTrack, i, t.locks[i].track);
        writeList(Section::Moments, i, t.locks[i].moments, [this](const auto& moments) {
            m_columns.addTimes(moments, [](const LockMoment& m) { return m.time; });
            m_columns.add(moments, [](const LockMoment& m) { return m.thread; });
            m_columns.add(moments, [](const LockMoment& m) { return static_cast<std::uint16_t>(m.kind); });
        });
    }
    for (std::size_t i = 0; i < t.counters.size(); ++i) {
        writeList(Section::Accesses, i, t.counters[i].accesses, [this](const auto& accesses) {
            m_columns.addTimes(accesses, [](const CounterAccess& a) { return a.time; });
            m_columns.add(accesses, [](const CounterAccess& a) { return a.value; });
            m_columns.add(accesses, [](const CounterAccess& a) { return a.thread; });
            m_columns.add(accesses, [](const CounterAccess& a) { return static_cast<std::uint8_t>(a.store); });
        });
    }
    writeList(Section::Marks, 0, t.marks, [this](const auto& marks) {
        m_columns.addTimes(marks, [](const MarkPoint& m) { return m.time; });
        m_columns.add(marks, [](const MarkPoint& m) { return m.thread; });
        m_columns.add(marks, [](const MarkPoint& m) { return m.object; });
        m_columns.add(marks, [](const MarkPoint& m) { return m.value; });
    });
    writeList(Section::Latencies, 0, t.latencies, [this](const auto& latencies) {
        m_columns.addTimes(latencies, [](const LatencySample& l) { return l.time; });
        m_columns.add(latencies, [](const LatencySample& l) { return l.thread; });
        m_columns.add(latencies, [](const LatencySample& l) { return l.delay; });
    });
    writeList(Section::Memory, 0, t.memory, [this](const auto& memory) {
        m_columns.addTimes(memory, [](const MemorySample& s) { return s.time; });
        m_columns.add(memory, [](const MemorySample& s) { return s.pid; });
        m_columns.add(memory, [](const MemorySample& s) { return s.rss; });
        m_columns.add(memory, [](const MemorySample& s) { return s.pss; });
        m_columns.add(memory, [](const MemorySample& s) { return s.own; });
    });
}

} // namespace

Result<void> saveRecording(const Recording& recording, const std::filesystem::path& path)
{
    Result<AtomicFile> file = AtomicFile::create(path);
    if (!file) {
        return tl::unexpected<Error>(file.error());
    }
    return Saver(*file).save(recording).and_then([&file] { return file->commit(); });
}

} // namespace timeslice
