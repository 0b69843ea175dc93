#include "core/dispatch/job_text.h"

#include "core/base/did_you_mean.h"
#include "core/base/duration_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace timeslice {

namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string quoted(std::string_view text)
{
    constexpr std::size_t kMost = 40;
    return "'" + std::string(text.substr(0, kMost)) + (text.size() > kMost ? "...'" : "'");
}

std::string_view trimmed(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(kBlanks);
    const std::size_t last = text.find_last_not_of(kBlanks);
    return first == std::string_view::npos ? std::string_view() : text.substr(first, last - first + 1);
}

/// Takes a minus away, the keyboard's or the printed one.
bool takeMinus(std::string_view& text)
{
    for (const std::string_view minus : {std::string_view("-"), std::string_view("\u2212")}) {
        if (text.starts_with(minus)) {
            text.remove_prefix(minus.size());
            return true;
        }
    }
    return false;
}

/// A number with a unit that is more than a duration can be.
bool isTooLong(std::string_view text)
{
    const std::size_t unit = text.find_first_not_of("0123456789.");
    return unit != std::string_view::npos && unit > 0
        && parseDurationText("1" + std::string(trimmed(text.substr(unit)))).has_value();
}

/// Also what is below 0, or too long.
Result<Nanos> readTime(std::string_view text)
{
    std::string_view rest = trimmed(text);
    const bool negative = takeMinus(rest);
    if (rest == "0") {
        return Nanos{0};
    }
    if (const auto time = parseDurationText(rest)) {
        return negative ? -*time : *time;
    }
    if (isTooLong(rest)) {
        return JobTable::kLongest + 1;
    }
    return fail(quoted(text) + " is no time: write one with its unit, such as 5ms", ErrorKind::Usage);
}

/// Also what no job may have, but for its sign and that it is too large.
Result<int> readNumber(std::string_view text)
{
    std::string_view rest = trimmed(text);
    const bool negative = takeMinus(rest);
    long long value = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    const bool whole = !rest.empty() && rest.front() != '-' && end == rest.data() + rest.size();
    if (whole && (error == std::errc{} || error == std::errc::result_out_of_range)) {
        constexpr long long kMost = std::numeric_limits<int>::max();
        value = error == std::errc{} ? std::min(value, kMost) : kMost;
        return static_cast<int>(negative ? -value : value);
    }
    return fail(quoted(text) + " is no whole number", ErrorKind::Usage);
}

template <class Value> Result<void> take(Value& to, const Result<Value>& read)
{
    if (!read) {
        return tl::unexpected(read.error());
    }
    to = *read;
    return {};
}

// --- The table as one text

struct Word {
    std::string text;
    bool isEnd = false; ///< of a job: ";" or a new line
};

Result<std::vector<Word>> wordsOf(std::string_view text)
{
    std::vector<Word> words;
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (c == ';' || c == '\n') {
            words.push_back({{}, true});
            ++at;
        } else if (kBlanks.find(c) != std::string_view::npos) {
            ++at;
        } else if (c == '#') {
            at = std::min(text.find('\n', at), text.size());
        } else if (c == '"') {
            Word& word = words.emplace_back();
            bool closed = false;
            for (++at; at < text.size() && !closed; ++at) {
                if (text[at] != '"') {
                    word.text += text[at];
                } else if (text.substr(at + 1).starts_with('"')) {
                    word.text += text[at++];
                } else {
                    closed = true;
                }
            }
            if (!closed) {
                return fail("the quote before " + quoted(word.text) + " is not closed", ErrorKind::Usage);
            }
        } else {
            const std::size_t end = std::min(text.find_first_of(" \t\r\n;#\"", at), text.size());
            words.push_back({std::string(text.substr(at, end - at)), false});
            at = end;
        }
    }
    words.push_back({{}, true});
    return words;
}

/// What may stand behind a job's length.
struct Setting {
    std::string_view word;
    std::string_view what; ///< for messages
    std::vector<JobField> fields;
};

const std::array<Setting, 4>& settings()
{
    static const std::array<Setting, 4> all{
        {{"prio", "its priority", {JobField::Priority}}, {"tickets", "its tickets", {JobField::Tickets}},
            {"nice", "its nice value", {JobField::Nice}}, {"io", "its I/O", {JobField::IoEvery, JobField::IoLength}}}};
    return all;
}

/// One job from its words.
class JobReader {
public:
    JobReader(std::size_t place, std::vector<std::string> words)
        : m_place(place)
        , m_words(std::move(words))
    {
    }

    Result<Job> read()
    {
        Job job;
        job.name = m_words.front();
        m_at = 1;
        for (const auto& [field, what] : {std::pair(JobField::Arrival, "its arrival, such as 0 or 10ms"),
                 std::pair(JobField::Length, "its length behind the arrival, such as 20ms")}) {
            if (Result<void> taken = next(job, field, what); !taken) {
                return tl::unexpected(taken.error());
            }
        }
        while (m_at < m_words.size()) {
            const std::string word = m_words[m_at++];
            const auto setting = std::find_if(settings().begin(), settings().end(),
                [&](const Setting& one) { return word == one.word || (word == "priority" && one.word == "prio"); });
            if (setting == settings().end()) {
                return tl::unexpected(unknown(word));
            }
            for (const JobField field : setting->fields) {
                const std::string what = field == JobField::IoEvery ? "how long it computes before its I/O"
                    : field == JobField::IoLength                   ? "how long its I/O takes"
                                                                    : std::string(setting->what);
                if (Result<void> taken = next(job, field, what); !taken) {
                    return tl::unexpected(taken.error());
                }
            }
        }
        return job;
    }

private:
    Result<void> next(Job& job, JobField field, const std::string& what)
    {
        if (m_at == m_words.size()) {
            return tl::unexpected(wrong("expected " + what + ", found nothing more"));
        }
        if (Result<void> set = setField(job, field, m_words[m_at++]); !set) {
            return tl::unexpected(wrong("expected " + what + "; " + set.error().message));
        }
        return {};
    }
    Error unknown(const std::string& word) const
    {
        std::vector<std::string> known;
        for (const Setting& setting : settings()) {
            known.emplace_back(setting.word);
        }
        const std::string guess = didYouMean(word, known);
        return wrong(quoted(word) + " is nothing that a job has"
            + (guess.empty() ? "; behind its length may stand " + joinNames(known, " or ") : guess));
    }
    Error wrong(const std::string& message) const
    {
        return {"job " + std::to_string(m_place + 1) + " (" + m_words.front() + "): " + message, ErrorKind::Usage};
    }

    std::size_t m_place;
    std::vector<std::string> m_words;
    std::size_t m_at = 0;
};

std::string nameText(const std::string& name)
{
    if (!name.empty() && name.find_first_of(" \t\r\n;#\"") == std::string::npos) {
        return name;
    }
    std::string text = "\"";
    for (const char c : name) {
        text.append(c == '"' ? 2 : 1, c);
    }
    return text + '"';
}

std::string timeText(Nanos time, std::string_view space)
{
    return time == 0 ? "0" : time < 0 ? "-" + toDurationText(-time, space) : toDurationText(time, space);
}

} // namespace

Result<JobTable> readJobs(std::string_view text)
{
    Result<std::vector<Word>> words = wordsOf(text);
    if (!words) {
        return tl::unexpected(words.error());
    }
    std::vector<Job> jobs;
    std::vector<std::string> own;
    for (Word& word : *words) {
        if (!word.isEnd) {
            own.push_back(std::move(word.text));
        } else if (!own.empty()) {
            Result<Job> job = JobReader(jobs.size(), std::exchange(own, {})).read();
            if (!job) {
                return tl::unexpected(job.error());
            }
            jobs.push_back(std::move(*job));
        }
    }
    return JobTable::create(std::move(jobs));
}

std::string jobsText(const std::vector<Job>& jobs)
{
    const Job usual;
    std::string text;
    for (const Job& job : jobs) {
        text += text.empty() ? "" : "; ";
        text += nameText(job.name) + ' ' + fieldText(job, JobField::Arrival) + ' ' + fieldText(job, JobField::Length);
        for (const Setting& setting : settings()) {
            std::string values;
            bool isUsual = true;
            for (const JobField field : setting.fields) {
                const std::string value = fieldText(job, field);
                isUsual = isUsual && value == fieldText(usual, field);
                values += ' ' + (value.empty() ? "0" : value);
            }
            text += isUsual ? std::string() : ' ' + std::string(setting.word) + values;
        }
    }
    return text;
}

bool looksLikeJobs(std::string_view text)
{
    return trimmed(text).find_first_of(" \t\n;") != std::string_view::npos;
}

Result<void> setField(Job& job, JobField field, std::string_view text)
{
    const bool nothing = trimmed(text).empty();
    const Job usual;
    switch (field) {
    case JobField::Name:
        job.name = trimmed(text);
        return {};
    case JobField::Arrival:
        return take(job.arrival, nothing ? Result<Nanos>(0) : readTime(text));
    case JobField::Length:
        return take(job.length, nothing ? Result<Nanos>(0) : readTime(text));
    case JobField::Priority:
        return take(job.priority, nothing ? Result<int>(usual.priority) : readNumber(text));
    case JobField::Tickets:
        return take(job.tickets, nothing ? Result<int>(usual.tickets) : readNumber(text));
    case JobField::Nice:
        return take(job.nice, nothing ? Result<int>(usual.nice) : readNumber(text));
    case JobField::IoEvery:
        return take(job.ioEvery, nothing ? Result<Nanos>(0) : readTime(text));
    case JobField::IoLength:
        return take(job.ioLength, nothing ? Result<Nanos>(0) : readTime(text));
    }
    return {};
}

std::string fieldText(const Job& job, JobField field, std::string_view space)
{
    switch (field) {
    case JobField::Name:
        return job.name;
    case JobField::Arrival:
        return timeText(job.arrival, space);
    case JobField::Length:
        return timeText(job.length, space);
    case JobField::Priority:
        return std::to_string(job.priority);
    case JobField::Tickets:
        return std::to_string(job.tickets);
    case JobField::Nice:
        return std::to_string(job.nice);
    case JobField::IoEvery:
        return job.ioEvery == 0 ? "" : timeText(job.ioEvery, space);
    case JobField::IoLength:
        return job.ioLength == 0 ? "" : timeText(job.ioLength, space);
    }
    return {};
}

} // namespace timeslice
