#include "core/recording/recording_variant.h"

#include "core/recording/unobserved_fields.h"
#include "core/trace/false_alarms.h"

#include <algorithm>
#include <utility>

namespace timeslice::recording_format {

namespace {

constexpr std::uint64_t kMostRows = std::uint64_t{SliceValue::kMaxSubject} + 1;

std::string readUnobservedList(const nlohmann::json& list, std::vector<UnobservedProcess>& into)
{
    if (!list.is_array() || list.size() > kMostUnobserved) {
        return "\"unobserved\" is missing or wrong";
    }
    for (const nlohmann::json& entry : list) {
        if (std::string trouble = readUnobservedFields(entry, into.emplace_back()); !trouble.empty()) {
            return trouble;
        }
    }
    return {};
}

std::string readExecs(const nlohmann::json& list, std::vector<ExecPoint>& into)
{
    const std::string wrong = "\"execs\" is missing or wrong";
    if (!list.is_array() || list.size() > kMostExecs) {
        return wrong;
    }
    for (const nlohmann::json& entry : list) {
        if (!entry.is_array() || entry.size() != 2 || !entry[0].is_number_integer() || !entry[1].is_number_integer()) {
            return wrong;
        }
        const auto time = entry[0].get<std::int64_t>();
        const auto pid = entry[1].get<std::int64_t>();
        if (time < (into.empty() ? -kLatestTime : into.back().time) || time > kLatestTime || !std::in_range<Pid>(pid)) {
            return wrong;
        }
        into.push_back({time, static_cast<Pid>(pid)});
    }
    return {};
}

std::string readReaps(const nlohmann::json& list, std::vector<ReapPoint>& into)
{
    const std::string wrong = "\"reaps\" is wrong";
    if (!list.is_array() || list.size() > kMostReaps) {
        return wrong;
    }
    for (const nlohmann::json& entry : list) {
        const bool integers = entry.is_array() && entry.size() == 3
            && std::all_of(entry.begin(), entry.end(), [](const auto& number) { return number.is_number_integer(); });
        if (!integers) {
            return wrong;
        }
        const auto time = entry[0].get<std::int64_t>();
        const auto pid = entry[1].get<std::int64_t>();
        const auto status = entry[2].get<std::int64_t>();
        if (time < (into.empty() ? -kLatestTime : into.back().time) || time > kLatestTime || !std::in_range<Pid>(pid)
            || !std::in_range<std::int32_t>(status)
            || !Reaping{static_cast<Pid>(pid), static_cast<std::int32_t>(status)}.isEnd()) {
            return wrong;
        }
        into.push_back({time, static_cast<Pid>(pid), static_cast<int>(status)});
    }
    return {};
}

} // namespace

std::string VariantReader::begin(const SectionReader::Read& variant)
{
    std::string trouble;
    const nlohmann::json facts = parseJson(variant, trouble);
    if (!trouble.empty()) {
        return trouble;
    }
    m_variant = std::make_unique<VariantRecording>();
    const JsonFields fields(facts);
    m_variant->id = fields.text("id");
    m_variant->title = fields.text("title");
    m_variant->note = fields.text("note");
    m_variant->failure = fields.text("failure");
    Timeline& t = m_variant->timeline;
    t.begin = fields.time("begin");
    t.end = fields.time("end");
    t.gilNote = fields.has("gil_note") ? fields.text("gil_note") : ""; // early files of version 1 have none
    if (fields.has("unobserved")) {
        trouble = readUnobservedList(facts.at("unobserved"), t.unobserved);
    }
    if (fields.has("execs") && trouble.empty()) {
        trouble = readExecs(facts.at("execs"), t.execs);
    }
    if (fields.has("reaps") && trouble.empty()) {
        trouble = readReaps(facts.at("reaps"), t.reaps);
    }
    if (fields.has("work_begin")) {
        t.workBegin = fields.time("work_begin");
    }
    if (fields.has("work_end")) {
        t.workEnd = fields.time("work_end");
    }
    t.source = fields.boolean("inferred") ? Source::Inferred : Source::Measured;
    if (fields.has("calculated") && fields.boolean("calculated")) { // recordings of before do not have it
        t.source = Source::Calculated;
    }
    t.events = fields.integer<std::uint64_t>("events");
    t.lateEvents = fields.integer<std::uint64_t>("late_events");
    t.finished = fields.boolean("finished");
    const JsonFields lost = fields.object("lost");
    t.lost.channel = lost.integer<std::uint64_t>("channel");
    t.lost.kernel = lost.integer<std::uint64_t>("kernel");
    t.lost.malformed = lost.integer<std::uint64_t>("malformed");
    const auto countIfSaid = [&lost](const char* name) {
        return lost.has(name) ? lost.integer<std::uint64_t>(name) : std::uint64_t{0};
    };
    t.lost.overBudget = countIfSaid("over_budget");
    t.lost.threadsWithoutMemory = countIfSaid("threads_without_memory");
    t.lost.threadsWithoutRing = countIfSaid("threads_without_ring");
    t.lost.wakeups = countIfSaid("wakeups");
    if (fields.has("wakeups_until")) {
        t.wakeupsUntil = fields.time("wakeups_until");
    }
    m_counts.cores = fields.integer<std::uint64_t>("cores", 0, kMostRows);
    m_counts.threads = fields.integer<std::uint64_t>("threads", 0, kMostRows);
    m_counts.locks = fields.integer<std::uint64_t>("locks", 0, kMostRows);
    m_counts.counters = fields.integer<std::uint64_t>("counters", 0, kMostRows);
    m_counts.markNames = fields.integer<std::uint64_t>("mark_names");
    m_counts.marks = fields.integer<std::uint64_t>("marks");
    m_counts.latencies = fields.integer<std::uint64_t>("latencies");
    m_counts.programs = fields.has("programs") ? fields.integer<std::uint64_t>("programs", 0, kMostRows) : 0;
    m_counts.memory = fields.has("memory") ? fields.integer<std::uint64_t>("memory") : 0;
    return fields.trouble().empty() ? trouble : fields.trouble();
}

std::string VariantReader::applyRows(const SectionReader::Read& section)
{
    std::string trouble;
    const nlohmann::json rows = parseJson(section, trouble);
    if (!trouble.empty()) {
        return trouble;
    }
    if (!rows.is_array() || rows.size() > kRowsPerSection) {
        return "it is no list of rows";
    }
    for (const nlohmann::json& row : rows) {
        trouble = applyRow(section.header.section, row);
        if (!trouble.empty()) {
            return trouble;
        }
    }
    return {};
}

VariantReader::Announced VariantReader::trackOf(const JsonFields& row) const
{
    Announced announced;
    announced.slices = row.integer<std::uint64_t>("slices");
    announced.end = row.time("end");
    announced.closed = row.boolean("closed");
    return announced;
}

std::string VariantReader::applyRow(Section section, const nlohmann::json& json)
{
    const JsonFields row(json);
    Timeline& t = m_variant->timeline;
    switch (section) {
    case Section::CoreRows: {
        CoreInfo core;
        core.cpu = row.integer<CpuId>("cpu", 0);
        Announced announced = trackOf(row);
        announced.entries = row.integer<std::uint64_t>("usage");
        if (t.cores.size() == m_counts.cores || (!t.cores.empty() && t.cores.back().cpu >= core.cpu)) {
            return kImpossible;
        }
        t.cores.push_back(std::move(core));
        m_cores.push_back(announced);
        m_others.emplace_back();
        if (row.has("others")) {
            m_others.back() = trackOf(row.object("others"));
        }
        break;
    }
    case Section::ProgramRows:
        if (t.programs.size() == m_counts.programs) {
            return kImpossible;
        }
        t.programs.push_back({row.integer<Pid>("pid", 0), row.text("name"),
            static_cast<OtherProgram::Kind>(
                row.integer<std::uint8_t>("kind", 0, static_cast<std::uint8_t>(OtherProgram::Kind::Timeslice)))});
        break;
    case Section::ThreadRows: {
        if (t.threads.size() == m_counts.threads) {
            return kImpossible;
        }
        ThreadInfo& thread = t.threads.emplace_back();
        thread.tid = row.integer<Tid>("tid");
        thread.pid = row.integer<Pid>("pid");
        thread.parent = row.integer<Tid>("parent");
        thread.name = row.text("name");
        thread.auxiliary = row.boolean("auxiliary");
        thread.colorSlot = row.integer<std::uint8_t>("color", 0, kOtherSlot);
        thread.born = row.time("born");
        thread.exited = row.time("exited");
        t.threadByTid[thread.tid] = static_cast<std::uint32_t>(t.threads.size() - 1);
        m_threads.push_back(trackOf(row));
        if (row.has("false_alarms")) { // recordings of before do not have it
            m_threads.back().entries = row.integer<std::uint64_t>("false_alarms");
        }
        break;
    }
    case Section::LockRows: {
        if (t.locks.size() == m_counts.locks) {
            return kImpossible;
        }
        LockInfo& lock = t.locks.emplace_back();
        lock.id = row.integer<ObjectId>("id");
        lock.kind = static_cast<ObjectKind>(row.integer<std::uint8_t>(
            "kind", static_cast<std::uint8_t>(ObjectKind::Mutex), static_cast<std::uint8_t>(ObjectKind::SpinLock)));
        lock.pid = row.integer<Pid>("pid");
        lock.name = row.text("name");
        lock.maxConcurrentHolders = row.integer<std::uint32_t>("max_holders");
        t.lockById.emplace(lock.id, static_cast<std::uint32_t>(t.locks.size() - 1));
        Announced announced = trackOf(row);
        announced.entries = row.integer<std::uint64_t>("moments");
        m_locks.push_back(announced);
        break;
    }
    case Section::CounterRows: {
        if (t.counters.size() == m_counts.counters) {
            return kImpossible;
        }
        CounterInfo& counter = t.counters.emplace_back();
        counter.id = row.integer<ObjectId>("id");
        counter.pid = row.integer<Pid>("pid");
        counter.name = row.text("name");
        t.counterById.emplace(counter.id, static_cast<std::uint32_t>(t.counters.size() - 1));
        m_counters.push_back({0, row.integer<std::uint64_t>("accesses"), 0, false});
        break;
    }
    default:
        t.markNames[row.integer<ObjectId>("id")] = row.text("name");
        break;
    }
    return row.trouble();
}

// --- Completeness

/// Ends the track as announced; false if it is not whole.
bool VariantReader::completeTrack(Track& track, const Announced& announced) const
{
    if (track.size() != announced.slices || (!track.empty() && track.end() > announced.end)) {
        return false;
    }
    track.extendTo(announced.end);
    if (announced.closed) {
        track.close();
    }
    return true;
}

std::string VariantReader::applyEnd()
{
    Timeline& t = m_variant->timeline;
    const Counts have{t.cores.size(), t.threads.size(), t.locks.size(), t.counters.size(), t.markNames.size(),
        t.marks.size(), t.latencies.size(), t.programs.size(), t.memory.size()};
    bool whole = have.cores == m_counts.cores && have.threads == m_counts.threads && have.locks == m_counts.locks
        && have.counters == m_counts.counters && have.markNames == m_counts.markNames && have.marks == m_counts.marks
        && have.latencies == m_counts.latencies && have.programs == m_counts.programs && have.memory == m_counts.memory;
    for (std::size_t i = 0; whole && i < t.cores.size(); ++i) {
        whole = completeTrack(t.cores[i].track, m_cores[i]) && t.cores[i].usage.size() == m_cores[i].entries
            && completeTrack(t.cores[i].others, m_others[i]);
    }
    for (std::size_t i = 0; whole && i < t.threads.size(); ++i) {
        whole = completeTrack(t.threads[i].track, m_threads[i]) && falseAlarmsOf(t, i).size() == m_threads[i].entries;
    }
    for (std::size_t i = 0; whole && i < t.locks.size(); ++i) {
        whole = completeTrack(t.locks[i].track, m_locks[i]) && t.locks[i].moments.size() == m_locks[i].entries;
    }
    for (std::size_t i = 0; whole && i < t.counters.size(); ++i) {
        whole = t.counters[i].accesses.size() == m_counters[i].entries;
    }
    return whole ? "" : "what came before is not what was announced";
}

VariantReader::Rows VariantReader::dropUnfinished()
{
    Timeline& t = m_variant->timeline;
    Rows rows;
    const auto finish = [this, &rows](Track& track, const Announced& announced) {
        rows.announced += announced.slices > 0 ? 1 : 0;
        if (completeTrack(track, announced)) {
            rows.whole += announced.slices > 0 ? 1 : 0;
        } else {
            track = Track();
        }
    };
    for (std::size_t i = 0; i < t.cores.size(); ++i) {
        finish(t.cores[i].track, m_cores[i]);
        if (!completeTrack(t.cores[i].others, m_others[i])) {
            t.cores[i].others = Track();
        }
    }
    for (std::size_t i = 0; i < t.threads.size(); ++i) {
        finish(t.threads[i].track, m_threads[i]);
        if (falseAlarmsOf(t, i).size() != m_threads[i].entries) {
            t.falseAlarms.erase(static_cast<std::uint32_t>(i));
        }
    }
    for (std::size_t i = 0; i < t.locks.size(); ++i) {
        finish(t.locks[i].track, m_locks[i]);
        if (t.locks[i].moments.size() != m_locks[i].entries) {
            t.locks[i].moments.clear();
        }
    }
    for (std::size_t i = 0; i < t.counters.size(); ++i) {
        if (t.counters[i].accesses.size() != m_counters[i].entries) {
            t.counters[i].accesses.clear();
        }
    }
    return rows;
}

} // namespace timeslice::recording_format
