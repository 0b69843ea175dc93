#include "core/recording/live_reader.h"
#include "core/recording/recording.h"
#include "core/recording/recording_columns.h"
#include "core/recording/recording_sections.h"
#include "core/recording/recording_variant.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace timeslice {

namespace {

using namespace recording_format;

class Loader {
public:
    Loader(const ByteSource& source, const std::string& name)
        : m_sections(source, name)
        , m_name(name)
    {
    }

    Result<LoadedRecording> load()
    {
        if (Result<void> header = m_sections.readFileHeader(); !header) {
            return tl::unexpected<Error>(header.error());
        }
        while (!m_atEnd) {
            Result<std::optional<SectionReader::Read>> section = m_sections.next();
            if (!section) {
                return tl::unexpected<Error>(section.error());
            }
            if (!*section) {
                return cutOff();
            }
            if (const std::string trouble = apply(**section); !trouble.empty()) {
                return m_sections.damaged(trouble);
            }
        }
        if (m_sections.bytesLeft() > 0) {
            m_loaded.warning =
                std::to_string(m_sections.bytesLeft()) + " bytes follow the end of the recording; they are ignored";
        }
        return std::move(m_loaded);
    }

private:
    /// Empty, or what is wrong with the section.
    std::string apply(const SectionReader::Read& section);
    std::string applyMeta(const SectionReader::Read& section);
    std::string applyLive(const SectionReader::Read& section);
    void takeLive();
    Result<LoadedRecording> cutOff();

    SectionReader m_sections;
    std::string m_name;
    LoadedRecording m_loaded;
    std::optional<std::uint64_t> m_announced; ///< variants, once Meta was read
    std::optional<VariantReader> m_variant;
    std::optional<LiveReader> m_growing; ///< the variant that ran, in a file that was still growing
    bool m_live = false;
    bool m_atEnd = false;
};

/// Empty, or that there is too much.
std::string append(std::string& whole, std::string_view piece)
{
    if (piece.size() > kMaxTextBytes - whole.size()) {
        return "its lengths are impossible";
    }
    whole += piece;
    return {};
}

std::string Loader::apply(const SectionReader::Read& section)
{
    const Section kind = section.header.section;
    auto& recording = m_loaded.recording;
    if (!m_announced) {
        return kind == Section::Meta ? applyMeta(section) : "the general facts must come first";
    }
    if (m_variant) {
        if (std::string trouble = m_variant->apply(section); !trouble.empty()) {
            return trouble;
        }
        if (kind == Section::VariantEnd) {
            recording.variants.push_back(m_variant->take());
            m_variant.reset();
        }
        return {};
    }
    if (m_live) {
        return applyLive(section);
    }
    const std::string_view text(reinterpret_cast<const char*>(section.raw.data()), section.raw.size());
    switch (kind) {
    case Section::Scenario:
        return append(recording.scenarioJson, text);
    case Section::Report:
        return append(recording.reportJson, text);
    case Section::Variant:
        if (recording.variants.size() == *m_announced) {
            return "there are more variants than announced";
        }
        return m_variant.emplace().begin(section);
    case Section::End:
        m_atEnd = true;
        return recording.variants.size() == *m_announced ? "" : "there are fewer variants than announced";
    default:
        return "it does not belong here";
    }
}

std::string Loader::applyMeta(const SectionReader::Read& section)
{
    std::string trouble;
    const nlohmann::json facts = parseJson(section, trouble);
    if (!trouble.empty()) {
        return trouble;
    }
    const JsonFields fields(facts);
    m_loaded.recording.created = fields.text("created");
    m_announced = fields.integer<std::uint64_t>("variants");
    m_live = fields.has("live");
    return fields.trouble();
}

std::string Loader::applyLive(const SectionReader::Read& section)
{
    const std::string_view text(reinterpret_cast<const char*>(section.raw.data()), section.raw.size());
    switch (section.header.section) {
    case Section::Scenario:
        m_loaded.recording.scenarioJson += text;
        return {};
    case Section::LiveReport:
        m_loaded.recording.reportJson = text;
        return {};
    case Section::LiveVariant:
        takeLive();
        if (m_loaded.recording.variants.size() > *m_announced) {
            return "there are more variants than announced";
        }
        return m_growing.emplace().begin(section);
    default:
        return m_growing ? m_growing->apply(section) : "it does not belong here";
    }
}

/// A variant that was run again stands for what it was before.
void Loader::takeLive()
{
    if (!m_growing) {
        return;
    }
    auto& variants = m_loaded.recording.variants;
    std::unique_ptr<VariantRecording> variant = m_growing->take();
    m_growing.reset();
    const auto before =
        std::find_if(variants.begin(), variants.end(), [&](const auto& known) { return known->id == variant->id; });
    if (before != variants.end()) {
        *before = std::move(variant);
    } else {
        variants.push_back(std::move(variant));
    }
}

Result<LoadedRecording> Loader::cutOff()
{
    auto& variants = m_loaded.recording.variants;
    const bool ended = !m_growing || m_growing->ended();
    takeLive();
    const std::size_t whole = ended ? variants.size() : variants.size() - 1;
    const std::string of =
        " of " + std::to_string(m_announced.value_or(0)) + (m_announced == 1 ? " variant" : " variants");
    std::string warning = m_live ? "the recording was cut off while it ran, after " + std::to_string(whole) + of
                                 : "the file is cut off after " + std::to_string(whole) + of;
    if (m_variant) {
        const VariantReader::Rows rows = m_variant->dropUnfinished();
        if (rows.whole > 0) {
            std::unique_ptr<VariantRecording> partial = m_variant->take();
            warning += ", and of '" + partial->title + "' it has " + std::to_string(rows.whole) + " of "
                + std::to_string(rows.announced) + " rows";
            variants.push_back(std::move(partial));
        }
    }
    if (variants.empty()) {
        return fail(
            "'" + m_name + "' is cut off before anything in it is whole: nothing can be shown", ErrorKind::Usage);
    }
    m_loaded.warning = warning + (m_live ? "; what was recorded until then is shown" : "; what is whole is shown");
    return std::move(m_loaded);
}

} // namespace

Result<LoadedRecording> loadRecording(const std::filesystem::path& path)
{
    Result<ByteSource> source = ByteSource::open(path);
    if (!source) {
        return tl::unexpected<Error>(source.error());
    }
    return Loader(*source, path.string()).load();
}

Result<LoadedRecording> loadRecordingFromBytes(std::span<const std::byte> bytes, const std::string& name)
{
    const ByteSource source(bytes);
    return Loader(source, name).load();
}

} // namespace timeslice
