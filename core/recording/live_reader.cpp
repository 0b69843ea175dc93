#include "core/recording/live_reader.h"

#include "core/recording/recording_columns.h"
#include "core/recording/recording_variant.h"
#include "core/recording/unobserved_fields.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace timeslice::recording_format {

namespace {

using Json = nlohmann::json;

const std::string kImpossibleEntry = "an entry in it is impossible";

/// The entries of the array below `key`, which may be missing.
const Json& listOf(const Json& facts, const char* key)
{
    static const Json kNone = Json::array();
    const auto found = facts.find(key);
    return found != facts.end() && found->is_array() ? *found : kNone;
}

std::string readObjects(const Json& facts, Batch& batch)
{
    for (const Json& entry : listOf(facts, "objects")) {
        const JsonFields fields(entry);
        ObjectBirth object;
        object.id = fields.integer<ObjectId>("id");
        object.kind = static_cast<ObjectKind>(
            fields.integer<int>("kind", static_cast<int>(ObjectKind::Mutex), static_cast<int>(ObjectKind::SpinLock)));
        object.pid = fields.integer<Pid>("pid");
        object.name = fields.text("name");
        if (!fields.trouble().empty()) {
            return fields.trouble();
        }
        batch.objects.push_back(std::move(object));
    }
    return {};
}

std::string readNames(const Json& facts, Batch& batch)
{
    for (const Json& entry : listOf(facts, "names")) {
        const JsonFields fields(entry);
        ThreadNaming naming;
        naming.tid = fields.integer<Tid>("tid");
        naming.pid = fields.integer<Pid>("pid");
        naming.name = fields.text("name");
        naming.auxiliary = fields.boolean("auxiliary");
        if (!fields.trouble().empty()) {
            return fields.trouble();
        }
        batch.names.push_back(std::move(naming));
    }
    return {};
}

std::string readUnobserved(const Json& facts, Batch& batch)
{
    for (const Json& entry : listOf(facts, "unobserved")) {
        if (std::string trouble = readUnobservedFields(entry, batch.unobserved.emplace_back()); !trouble.empty()) {
            return trouble;
        }
    }
    return {};
}

std::string readUsage(const Json& facts, Batch& batch)
{
    for (const Json& entry : listOf(facts, "usage")) {
        const JsonFields fields(entry);
        UsageSample sample;
        sample.begin = fields.time("begin");
        sample.end = fields.time("end");
        sample.cpu = fields.integer<CpuId>("cpu");
        for (const auto& [key, share] :
            {std::pair{"busy", &sample.busy}, std::pair{"stolen", &sample.stolen}, std::pair{"idle", &sample.idle}}) {
            *share = static_cast<float>(std::clamp(fields.number(key), 0.0, 1.0));
        }
        if (!fields.trouble().empty() || sample.end < sample.begin) {
            return fields.trouble().empty() ? kImpossibleEntry : fields.trouble();
        }
        batch.usage.push_back(sample);
    }
    return {};
}

std::string readMemory(const Json& facts, Batch& batch)
{
    for (const Json& entry : listOf(facts, "memory")) {
        constexpr std::size_t kFields = 5;
        if (!entry.is_array() || entry.size() != kFields
            || !std::all_of(entry.begin(), entry.end(), [](const Json& n) { return n.is_number_unsigned(); })) {
            return kImpossibleEntry;
        }
        const auto number = [&entry](std::size_t i) { return entry[i].get<std::uint64_t>(); };
        if (number(0) > static_cast<std::uint64_t>(kLatestTime) || !std::in_range<Pid>(number(1))
            || std::max({number(2), number(3), number(4)}) > kMostMemory) {
            return kImpossibleEntry;
        }
        batch.memory.push_back(
            {static_cast<Nanos>(number(0)), static_cast<Pid>(number(1)), number(2), number(3), number(4)});
    }
    return {};
}

std::string readPrograms(const Json& facts, Batch& batch)
{
    for (const Json& entry : listOf(facts, "programs")) {
        const JsonFields fields(entry);
        OtherProgram program;
        program.pid = fields.integer<Pid>("pid", 0);
        program.name = fields.text("name");
        program.kind = static_cast<OtherProgram::Kind>(
            fields.integer<int>("kind", 0, static_cast<int>(OtherProgram::Kind::Timeslice)));
        if (!fields.trouble().empty()) {
            return fields.trouble();
        }
        batch.programs.push_back(std::move(program));
    }
    return {};
}

std::string readOthers(const Json& facts, Batch& batch)
{
    for (const Json& entry : listOf(facts, "others")) {
        constexpr std::size_t kFields = 4;
        if (!entry.is_array() || entry.size() != kFields
            || !std::all_of(entry.begin(), entry.end(), [](const Json& n) { return n.is_number_unsigned(); })) {
            return kImpossibleEntry;
        }
        const auto number = [&entry](std::size_t i) { return entry[i].get<std::uint64_t>(); };
        if (number(1) > static_cast<std::uint64_t>(kLatestTime) || number(0) > number(1)
            || !std::in_range<CpuId>(number(2)) || !std::in_range<std::uint32_t>(number(3))) {
            return kImpossibleEntry;
        }
        batch.others.push_back({static_cast<Nanos>(number(0)), static_cast<Nanos>(number(1)),
            static_cast<CpuId>(number(2)), static_cast<std::uint32_t>(number(3))});
    }
    return {};
}

} // namespace

std::string LiveReader::begin(const SectionReader::Read& section)
{
    std::string trouble;
    const Json facts = parseJson(section, trouble);
    if (!trouble.empty()) {
        return trouble;
    }
    m_row = section.header.row;
    m_variant = std::make_unique<VariantRecording>();
    const JsonFields fields(facts);
    m_variant->id = fields.text("id");
    m_variant->title = fields.text("title");
    m_variant->note = fields.text("note");
    BuilderOptions options;
    options.rootPid = fields.integer<Pid>("root");
    options.rootIsAuxiliary = fields.boolean("root_is_auxiliary");
    options.gilNote = fields.text("gil_note");
    if (!fields.trouble().empty()) {
        return fields.trouble();
    }
    for (const Json& cpu : listOf(facts, "cpus")) {
        if (!cpu.is_number_unsigned() || !std::in_range<CpuId>(cpu.get<std::uint64_t>())) {
            return kImpossibleEntry;
        }
        options.cpus.push_back(cpu.get<CpuId>());
    }
    m_builder = std::make_unique<TimelineBuilder>(m_variant->timeline, options);
    return {};
}

std::string LiveReader::apply(const SectionReader::Read& section)
{
    if (section.header.row != m_row || m_ended) {
        return "it is of another variant";
    }
    switch (section.header.section) {
    case Section::LiveBatches:
        return applyBatches(section);
    case Section::LiveEvents:
        return applyEvents(section);
    case Section::LiveEnd:
        return applyEnd(section);
    default:
        return "it does not belong here";
    }
}

std::string LiveReader::applyBatches(const SectionReader::Read& section)
{
    std::string trouble;
    const Json batches = parseJson(section, trouble);
    if (!trouble.empty()) {
        return trouble;
    }
    if (!batches.is_array() || m_next < m_pending.size()) {
        return batches.is_array() ? "the events before it are missing" : kImpossibleEntry;
    }
    m_pending.clear();
    m_next = 0;
    for (const Json& facts : batches) {
        if (!facts.is_object()) {
            return kImpossibleEntry;
        }
        Pending pending;
        const JsonFields fields(facts);
        pending.events = fields.integer<std::size_t>("events");
        pending.batch.drainedAt = fields.time("drained_at");
        pending.batch.source = fields.has("inferred") ? Source::Inferred
            : fields.has("calculated")                ? Source::Calculated
                                                      : Source::Measured;
        pending.batch.wakeups = fields.has("wakeups");
        const auto lostWakeups =
            fields.has("lost_wakeups") ? fields.integer<std::uint64_t>("lost_wakeups") : std::uint64_t{0};
        const Json& lost = listOf(facts, "lost");
        if (!fields.trouble().empty() || lost.size() != 6
            || !std::all_of(lost.begin(), lost.end(), [](const Json& n) { return n.is_number_unsigned(); })) {
            return fields.trouble().empty() ? kImpossibleEntry : fields.trouble();
        }
        const auto count = [&lost](std::size_t i) { return lost[i].get<std::uint64_t>(); };
        pending.batch.lost = {count(0), count(1), count(2), count(3), count(4), count(5)};
        pending.batch.lost.wakeups = lostWakeups;
        for (const auto read :
            {&readObjects, &readNames, &readUnobserved, &readUsage, &readMemory, &readPrograms, &readOthers}) {
            if (trouble = read(facts, pending.batch); !trouble.empty()) {
                return trouble;
            }
        }
        m_pending.push_back(std::move(pending));
    }
    appendWhole();
    return {};
}

std::string LiveReader::applyEvents(const SectionReader::Read& section)
{
    std::optional<ColumnsIn> columns = ColumnsIn::of(section.raw, kEventBytes);
    if (!columns) {
        return "it is no whole number of entries";
    }
    if (!columns->nextTimes(m_times, ColumnsIn::Order::Any)) {
        return kImpossibleEntry;
    }
    const auto tids = columns->next<Tid>();
    const auto pids = columns->next<Pid>();
    const auto kinds = columns->next<std::uint16_t>();
    const auto cpus = columns->next<CpuId>();
    const auto objects = columns->next<ObjectId>();
    const auto values = columns->next<std::uint64_t>();
    for (std::size_t i = 0; i < columns->count(); ++i) {
        if (m_next == m_pending.size()) {
            return "there are more events than announced";
        }
        m_pending[m_next].batch.events.push_back(
            {m_times[i], tids[i], pids[i], static_cast<EventKind>(kinds[i]), cpus[i], objects[i], values[i]});
        appendWhole();
    }
    return {};
}

/// Gives the builder every batch all of whose events are there.
void LiveReader::appendWhole()
{
    for (; m_next < m_pending.size(); ++m_next) {
        Pending& pending = m_pending[m_next];
        if (pending.batch.events.size() < pending.events) {
            return;
        }
        m_builder->append(pending.batch);
        m_end = std::max(m_end, pending.batch.drainedAt);
        pending = {};
    }
}

std::string LiveReader::applyEnd(const SectionReader::Read& section)
{
    std::string trouble;
    const Json facts = parseJson(section, trouble);
    if (!trouble.empty()) {
        return trouble;
    }
    const JsonFields fields(facts);
    m_end = fields.time("end");
    m_variant->failure = fields.text("failure");
    m_ended = true;
    return fields.trouble();
}

std::unique_ptr<VariantRecording> LiveReader::take()
{
    m_builder->finish(m_end);
    m_builder.reset();
    if (!m_ended) {
        m_variant->failure = "the recording was cut off while it ran";
    }
    return std::move(m_variant);
}

} // namespace timeslice::recording_format
