#include "app/cli/live_save.h"

#include "app/cli/exit_status.h"
#include "core/base/json_out.h"

#include <algorithm>
#include <filesystem>
#include <variant>

namespace timeslice {

LiveSave::LiveSave(const std::string& path, const RunModel& model)
{
    if (path.empty()) {
        return;
    }
    Result<std::optional<LiveRecording>> file = LiveRecording::create(path, model.recording());
    if (!file) {
        warn(file.error().message + "; the recording is written when the run is over");
        return;
    }
    m_file = std::move(*file);
    if (m_file) {
        m_variantEnded = true; // the machine's facts are known already
        writeIfDue(model);
    }
}

void LiveSave::take(const std::vector<RunUpdate>& updates, const RunModel& model)
{
    if (!m_file) {
        return;
    }
    const auto variant = [&](std::size_t index) -> const VariantRecording& {
        return *model.recording().variants.at(index);
    };
    for (const RunUpdate& update : updates) {
        if (const auto* started = std::get_if<VariantStarted>(&update)) {
            m_file->begin(started->variant, variant(started->variant), started->builder);
        } else if (const auto* batches = std::get_if<VariantBatches>(&update)) {
            std::for_each(batches->batches.begin(), batches->batches.end(),
                [this](const Batch& batch) { m_file->append(batch); });
        } else if (const auto* ended = std::get_if<VariantEnded>(&update)) {
            if (ended->facts.exit.kind == Exit::Kind::NotRun) { // it has not begun
                m_file->begin(ended->variant, variant(ended->variant), {});
            }
            m_file->end(ended->end, ended->facts.exit.ok() ? std::string() : ended->facts.exit.text);
            m_variantEnded = true;
        }
    }
}

void LiveSave::writeIfDue(const RunModel& model)
{
    if (!m_file) {
        return;
    }
    if (m_variantEnded) {
        m_variantEnded = false;
        m_file->setReport(jsonText(toJson(model.report())));
    }
    if (const std::optional<Nanos> due = m_file->due(); due && *due <= monotonicNow()) {
        told(m_file->flush());
    }
}

int LiveSave::millisUntilDue() const
{
    const std::optional<Nanos> due = m_file ? m_file->due() : std::nullopt;
    return due ? static_cast<int>(std::max<Nanos>(0, *due - monotonicNow()) / kMillisecond) + 1 : -1;
}

void LiveSave::told(const Result<void>& result)
{
    if (!result) {
        warn(result.error().message + "; the run goes on, and its recording is written when it is over");
    }
}

void LiveSave::saved(bool success)
{
    if (m_file && !success) {
        told(m_file->flush());
        std::error_code unknown;
        if (const auto size = std::filesystem::file_size(m_file->path(), unknown); !unknown && size > 0) {
            m_file->keep();
            warn("what was recorded is in '" + m_file->path().string() + "', as far as it could be written");
        }
    }
    m_file.reset();
}

} // namespace timeslice
