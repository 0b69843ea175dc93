#include "core/recording/live_recording.h"

#include "core/base/json_out.h"
#include "core/recording/recording_columns.h"
#include "core/recording/recording_sections.h"
#include "core/recording/unobserved_fields.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace timeslice {

using namespace recording_format;
using Json = nlohmann::json;

namespace {

constexpr Nanos kWritePeriod = kSecond / 2;
/// Beyond this many events a piece is written at once, however soon: it bounds the memory that waits.
constexpr std::size_t kMostEvents = std::size_t{1} << 17;
constexpr std::size_t kMostOthers = std::size_t{1} << 16; ///< the same of these, as JSON well below kMaxJsonBytes
constexpr mode_t kNewFileMode = 0666; // less the process's umask
constexpr int kNameAttempts = 100;

/// All of a batch but its events.
Json batchFacts(const Batch& batch, std::size_t events)
{
    Json facts{{"events", events}, {"drained_at", batch.drainedAt},
        {"lost",
            {batch.lost.channel, batch.lost.kernel, batch.lost.malformed, batch.lost.threadsWithoutMemory,
                batch.lost.threadsWithoutRing, batch.lost.overBudget}}};
    if (batch.wakeups) {
        facts["wakeups"] = true;
    }
    if (batch.lost.wakeups > 0) {
        facts["lost_wakeups"] = batch.lost.wakeups;
    }
    if (batch.source == Source::Inferred) {
        facts["inferred"] = true;
    } else if (batch.source == Source::Calculated) {
        facts["calculated"] = true;
    }
    for (const ObjectBirth& object : batch.objects) {
        facts["objects"].push_back(
            {{"id", object.id}, {"kind", static_cast<int>(object.kind)}, {"pid", object.pid}, {"name", object.name}});
    }
    for (const ThreadNaming& naming : batch.names) {
        facts["names"].push_back(
            {{"tid", naming.tid}, {"pid", naming.pid}, {"name", naming.name}, {"auxiliary", naming.auxiliary}});
    }
    for (const UnobservedProcess& process : batch.unobserved) {
        facts["unobserved"].push_back(unobservedFields(process));
    }
    for (const UsageSample& sample : batch.usage) {
        facts["usage"].push_back({{"begin", sample.begin}, {"end", sample.end}, {"cpu", sample.cpu},
            {"busy", sample.busy}, {"stolen", sample.stolen}, {"idle", sample.idle}});
    }
    for (const MemorySample& sample : batch.memory) {
        facts["memory"].push_back({sample.time, sample.pid, sample.rss, sample.pss, sample.own});
    }
    for (const OtherProgram& program : batch.programs) {
        facts["programs"].push_back(
            {{"pid", program.pid}, {"name", program.name}, {"kind", static_cast<int>(program.kind)}});
    }
    for (const OthersRun& run : batch.others) {
        if (run.begin >= 0 && run.begin <= run.end) {
            facts["others"].push_back({run.begin, run.end, run.cpu, run.program});
        }
    }
    return facts;
}

} // namespace

struct LiveRecording::Impl {
    Impl(std::filesystem::path file, UniqueFd descriptor)
        : path(std::move(file))
        , fd(std::move(descriptor))
        , sections([this](std::span<const std::byte> bytes) {
            ready.insert(ready.end(), bytes.begin(), bytes.end());
            return Result<void>();
        })
    {
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    ~Impl()
    {
        struct stat ours { };
        struct stat there { };
        if (!kept && ::fstat(fd.get(), &ours) == 0 && ::stat(path.c_str(), &there) == 0 && ours.st_dev == there.st_dev
            && ours.st_ino == there.st_ino) {
            ::unlink(path.c_str());
        }
    }

    void waitUntilDue()
    {
        if (!due) {
            due = monotonicNow() + kWritePeriod;
        }
    }

    void add(Section section, std::uint32_t row, const std::string& text)
    {
        if (text.size() <= kMaxJsonBytes) { // what is longer no reader takes; the file at the end is checked for it
            (void)sections.write(section, row, std::as_bytes(std::span(text)));
        }
    }

    /// Makes sections of the batches that wait.
    void packBatches()
    {
        if (batches.empty()) {
            return;
        }
        add(Section::LiveBatches, variant, jsonText(batches));
        batches = Json::array();
        others = 0;
        for (std::span<const Event> rest = events; !rest.empty();) {
            const auto piece = rest.first(std::min(rest.size(), kEntriesPerSection));
            rest = rest.subspan(piece.size());
            columns.clear();
            columns.addTimes(piece, [](const Event& e) { return e.time; });
            columns.add(piece, [](const Event& e) { return e.tid; });
            columns.add(piece, [](const Event& e) { return e.pid; });
            columns.add(piece, [](const Event& e) { return static_cast<std::uint16_t>(e.kind); });
            columns.add(piece, [](const Event& e) { return e.cpu; });
            columns.add(piece, [](const Event& e) { return e.object; });
            columns.add(piece, [](const Event& e) { return e.value; });
            (void)sections.write(Section::LiveEvents, variant, columns.bytes());
        }
        events.clear();
    }

    Result<void> write()
    {
        std::span<const std::byte> rest = ready;
        while (!rest.empty()) {
            const ssize_t written = ::write(fd.get(), rest.data(), rest.size());
            if (written > 0) {
                rest = rest.subspan(static_cast<std::size_t>(written));
            } else if (written == 0 || errno != EINTR) {
                return failErrno("cannot write '" + path.string() + "'", written == 0 ? ENOSPC : errno);
            }
        }
        ready.clear();
        return {};
    }

    std::filesystem::path path;
    UniqueFd fd;
    std::vector<std::byte> ready; ///< whole sections that wait to be written
    SectionWriter sections;
    ColumnsOut columns;
    Json batches = Json::array(); ///< that wait to be packed
    std::vector<Event> events; ///< theirs
    std::size_t others = 0; ///< stretches of other programs, the same
    std::uint32_t variant = 0;
    std::optional<Nanos> due;
    bool failed = false;
    bool kept = false;
};

LiveRecording::LiveRecording(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}
LiveRecording::LiveRecording(LiveRecording&&) noexcept = default;
LiveRecording& LiveRecording::operator=(LiveRecording&&) noexcept = default;
LiveRecording::~LiveRecording() = default;

Result<std::optional<LiveRecording>> LiveRecording::create(
    const std::filesystem::path& path, const Recording& recording)
{
    struct stat existing { };
    if (::stat(path.c_str(), &existing) == 0 && !S_ISREG(existing.st_mode)) {
        return std::optional<LiveRecording>();
    }
    for (int attempt = 0; attempt < kNameAttempts; ++attempt) {
        std::filesystem::path file = path;
        if (attempt > 0) { // what was left there by an earlier run is not ours to remove
            file += attempt == 1 ? ".partial" : ".partial-" + std::to_string(attempt);
        }
        UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kNewFileMode));
        if (fd) {
            auto impl = std::make_unique<Impl>(std::move(file), std::move(fd));
            (void)impl->sections.writeFileHeader();
            impl->add(Section::Meta, 0,
                jsonText({{"created", recording.created}, {"variants", recording.variants.size()}, {"live", true}}));
            if (!recording.scenarioJson.empty()) {
                impl->add(Section::Scenario, 0, recording.scenarioJson);
            }
            impl->waitUntilDue();
            return std::optional(LiveRecording(std::move(impl)));
        }
        if (errno != EEXIST) {
            return failErrno("cannot write '" + file.string() + "'", errno);
        }
    }
    return failErrno("cannot write '" + path.string() + ".partial'", EEXIST);
}

const std::filesystem::path& LiveRecording::path() const noexcept
{
    return m_impl->path;
}

void LiveRecording::begin(std::size_t index, const VariantRecording& variant, const BuilderOptions& options)
{
    if (m_impl->failed) {
        return;
    }
    m_impl->packBatches();
    m_impl->variant = static_cast<std::uint32_t>(index);
    m_impl->add(Section::LiveVariant, m_impl->variant,
        jsonText({{"id", variant.id}, {"title", variant.title}, {"note", variant.note}, {"cpus", options.cpus},
            {"root", options.rootPid}, {"root_is_auxiliary", options.rootIsAuxiliary}, {"gil_note", options.gilNote}}));
    m_impl->waitUntilDue();
}

void LiveRecording::append(const Batch& batch)
{
    if (m_impl->failed) {
        return;
    }
    if (Json& waiting = m_impl->batches; batch.empty() && !waiting.empty()) { // only time has passed
        waiting.back().update(batchFacts(batch, waiting.back()["events"]));
    } else {
        waiting.push_back(batchFacts(batch, batch.events.size()));
    }
    m_impl->events.insert(m_impl->events.end(), batch.events.begin(), batch.events.end());
    m_impl->others += batch.others.size();
    m_impl->waitUntilDue();
    if (m_impl->events.size() >= kMostEvents || m_impl->others >= kMostOthers) {
        m_impl->due = monotonicNow();
    }
}

void LiveRecording::end(Nanos end, const std::string& failure)
{
    if (m_impl->failed) {
        return;
    }
    m_impl->packBatches();
    m_impl->add(Section::LiveEnd, m_impl->variant, jsonText({{"end", end}, {"failure", failure}}));
    m_impl->waitUntilDue();
}

void LiveRecording::setReport(std::string json)
{
    if (!m_impl->failed) {
        m_impl->add(Section::LiveReport, 0, json);
        m_impl->waitUntilDue();
    }
}

std::optional<Nanos> LiveRecording::due() const noexcept
{
    return m_impl->failed ? std::nullopt : m_impl->due;
}

Result<void> LiveRecording::flush()
{
    Impl& live = *m_impl;
    if (live.failed) {
        return {};
    }
    live.packBatches();
    live.due.reset();
    Result<void> written = live.write();
    if (!written) {
        live.failed = true;
        live.ready = {};
        live.events = {};
    }
    return written;
}

void LiveRecording::keep() noexcept
{
    m_impl->kept = true;
}

} // namespace timeslice
