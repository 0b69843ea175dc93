#include "core/rtapp/rtapp_document.h"

#include "core/base/counting_iterator.h"
#include "core/base/json_words.h"
#include "core/rtapp/relaxed_json.h"

#include <algorithm>
#include <map>

namespace timeslice {

namespace {

using nlohmann::json;

constexpr std::size_t kDeepest = 16; ///< levels; an event's own object is the sixth
constexpr std::size_t kMostEntries = 200'000;

/// Makes the document from what the library's parser meets. The names of the functions that it calls are the library's
/// (nlohmann::json_sax).
class Builder {
public:
    Builder(const RelaxedJson& text, const char* const& readTo)
        : m_text(text)
        , m_readTo(readTo)
    {
    }

    bool null() { return put(nullptr); }
    bool boolean(bool value) { return put(value); }
    bool number_integer(json::number_integer_t value) { return put(value); }
    bool number_unsigned(json::number_unsigned_t value) { return put(value); }
    bool number_float(json::number_float_t value, const std::string&) { return put(value); }
    bool string(std::string& value) { return put(std::move(value)); }
    bool binary(json::binary_t&) { return false; } // not in text
    bool start_object(std::size_t)
    {
        if (m_arrays > 0) {
            return fail(readBytes() - 1, "an object in an array; no array of rt-app's has any");
        }
        return begin(json::object(), false);
    }
    bool start_array(std::size_t) { return begin(json::array(), true); }
    bool end_object() { return end(); }
    bool end_array() { return end(); }
    bool key(std::string& key)
    {
        Level& level = m_open.back();
        RtappEntry& around = *level.entry;
        RtappEntry& entry = around.entries.emplace_back();
        const int nth = ++level.times[key];
        entry.path =
            (around.path.empty() ? "" : around.path + "/") + shown(key) + (nth > 1 ? "#" + std::to_string(nth) : "");
        entry.offset = m_text.original(startOf(key));
        entry.key = std::move(key);
        return true;
    }
    bool parse_error(std::size_t position, const std::string&, const json::exception& error)
    {
        return fail(position > 0 ? position - 1 : 0, plainJsonMessage(error.what())); // it counts from 1
    }

    RtappEntry takeDocument() { return std::move(m_document); }
    const JsonProblem& problem() const { return m_problem; }

private:
    struct Level {
        RtappEntry* entry; ///< nothing is added beside it while it is open
        bool array = false;
        std::map<std::string, int> times; ///< how often a key has come
    };

    bool fail(std::size_t at, std::string what)
    {
        m_problem = {m_text.original(at), std::move(what)};
        return false;
    }
    std::size_t readBytes() const { return static_cast<std::size_t>(m_readTo - m_text.text().data()); }
    /// Of a key that has been read to behind its closing quote. One with escapes is longer in the text: its end, then.
    std::size_t startOf(const std::string& key) const
    {
        const std::size_t end = readBytes();
        const std::size_t length = key.size() + 2;
        return end >= length && m_text.text()[end - length] == '"' ? end - length : end - std::min<std::size_t>(end, 1);
    }

    /// Where the value that comes now belongs.
    RtappEntry& target()
    {
        return m_open.empty()     ? m_document
            : m_open.back().array ? *m_open.back().entry
                                  : m_open.back().entry->entries.back();
    }
    bool put(json value)
    {
        if (++m_entries > kMostEntries) {
            return fail(readBytes(), "longer than " + std::to_string(kMostEntries) + " values");
        }
        if (!m_open.empty() && m_open.back().array) {
            if (m_arrays == 1) { // of arrays in arrays only that they are there
                target().value.push_back(std::move(value));
            }
        } else {
            target().value = std::move(value);
        }
        return true;
    }
    bool begin(json empty, bool array)
    {
        if (m_open.size() == kDeepest) {
            return fail(readBytes() - 1, "nested more than " + std::to_string(kDeepest) + " levels deep");
        }
        if (!put(std::move(empty))) {
            return false;
        }
        m_arrays += array ? 1 : 0;
        m_open.push_back({&target(), array, {}});
        return true;
    }
    bool end()
    {
        m_arrays -= m_open.back().array ? 1 : 0;
        m_open.pop_back();
        return true;
    }

    const RelaxedJson& m_text;
    const char* const& m_readTo;
    RtappEntry m_document;
    std::vector<Level> m_open;
    std::size_t m_arrays = 0; ///< how many of m_open are arrays
    std::size_t m_entries = 0;
    JsonProblem m_problem;
};

} // namespace

tl::expected<RtappEntry, JsonProblem> readRtappDocument(std::string_view text)
{
    const RelaxedJson relaxed(text);
    const std::string& strict = relaxed.text();
    const char* readTo = strict.data();
    Builder builder(relaxed, readTo);
    constexpr bool kToTheEnd = true;
    constexpr bool kSkipComments = true;
    if (!json::sax_parse(CountingIterator{strict.data(), &readTo},
            CountingIterator{strict.data() + strict.size(), &readTo}, &builder, json::input_format_t::json, kToTheEnd,
            kSkipComments)) {
        return tl::unexpected(builder.problem());
    }
    return builder.takeDocument();
}

const RtappEntry& findEntry(const RtappEntry& document, std::string_view path)
{
    const RtappEntry* found = &document;
    for (bool deeper = true; deeper && found->path != path;) {
        deeper = false;
        for (const RtappEntry& entry : found->entries) {
            const bool around =
                path.starts_with(entry.path) && (path.size() == entry.path.size() || path[entry.path.size()] == '/');
            if (around) {
                found = &entry;
                deeper = true;
                break;
            }
        }
    }
    return *found;
}

} // namespace timeslice
