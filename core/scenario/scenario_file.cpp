// From a scenario's file, or text, to the Scenario or to all that is wrong with it.
#include "core/base/duration_text.h"
#include "core/base/json_in.h"
#include "core/scenario/document.h"
#include "core/scenario/json_text.h"
#include "core/scenario/scenario.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>

namespace timeslice {

namespace scenario {

namespace {

using Read = tl::expected<Scenario, DamagedScenario>;

/// What is wrong with a document, from one look at it after the other. Of a place that an earlier look complained of no
/// more is said: the reason is the same, or follows from it.
class Mistakes {
public:
    explicit Mistakes(std::string_view text)
        : m_text(text)
    {
    }

    /// `when`: "when threads is 8" if only then; else empty.
    void add(const std::vector<JsonComplaint>& complaints, const std::string& when)
    {
        for (const JsonComplaint& complaint : complaints) {
            if (m_places.contains(complaint.path) || m_found.size() >= JsonReading::kMostComplaints) {
                continue;
            }
            const std::string at = complaint.key.empty() ? complaint.path
                : complaint.path.empty()                 ? complaint.key
                                                         : complaint.path + "/" + complaint.key;
            m_found.push_back({findInJsonText(m_text, at),
                (complaint.path.empty() ? "" : complaint.path + ": ") + complaint.message
                    + (when.empty() ? "" : " (" + when + ")")});
        }
        for (const JsonComplaint& complaint : complaints) {
            m_places.insert(complaint.path);
        }
    }

    bool any() const noexcept { return !m_found.empty(); }
    DamagedScenario take()
    {
        std::stable_sort(
            m_found.begin(), m_found.end(), [](const Found& a, const Found& b) { return a.offset < b.offset; });
        DamagedScenario damaged;
        for (Found& found : m_found) {
            const TextPlace place = placeInText(m_text, found.offset);
            damaged.mistakes.push_back({place.line, place.column, std::move(found.what)});
        }
        return damaged;
    }

private:
    struct Found {
        std::size_t offset = 0;
        std::string what;
    };
    std::string_view m_text;
    std::set<std::string> m_places;
    std::vector<Found> m_found;
};

/// The values at the ends of a knob's range; all there are of a choice.
std::vector<std::string> endsOf(const Knob& knob)
{
    switch (knob.type) {
    case Knob::Type::Integer: {
        const double last = knob.minimum + std::floor((knob.maximum - knob.minimum) / knob.step) * knob.step;
        return {std::to_string(std::llround(knob.minimum)), std::to_string(std::llround(last))};
    }
    case Knob::Type::Duration:
        return {toDurationText(std::llround(knob.minimum)), toDurationText(std::llround(knob.maximum))};
    case Knob::Type::Choice:
    case Knob::Type::Jobs:
        return knob.choices;
    case Knob::Type::Toggle:
        return {"false", "true"};
    }
    return {};
}

/// Looks at a scenario as it would be run.
class Trial {
public:
    Trial(const ScenarioCheck& check, Mistakes& mistakes)
        : m_check(check)
        , m_mistakes(mistakes)
    {
    }

    /// As it opens, with all steps of its series, on a usual machine, a small and a large one; then with each knob at
    /// its ends.
    void everywhere(const Scenario& scenario)
    {
        constexpr int kUsual = 2;
        for (const int cores : {kUsual, 1, 8}) {
            const std::string when = cores == kUsual ? ""
                : cores == 1                         ? "with 1 core"
                                                     : "with " + std::to_string(cores) + " cores";
            const Scenario resolved = look(scenario, cores, when);
            for (std::size_t i = 0; const DocumentReading& step : resolveSteps(scenario, resolved, cores)) {
                add(step, cores, "when " + resolved.series->knob + " is " + resolved.series->values[i++]);
            }
        }
        for (const Knob& knob : scenario.knobs) {
            for (const std::string& value : endsOf(knob)) {
                Scenario set = scenario;
                if (value != knobValue(scenario, knob.id) && setKnob(set, knob.id, value)) {
                    const std::string when = "when " + knob.id + " is " + value;
                    look(set, kUsual, when);
                    look(set, 1, when + ", with 1 core");
                }
            }
        }
    }

private:
    Scenario look(const Scenario& scenario, int cores, const std::string& when)
    {
        DocumentReading resolved = resolveDocument(scenario, cores);
        add(resolved, cores, when);
        return std::move(resolved.scenario);
    }

    void add(const DocumentReading& resolved, int cores, const std::string& when)
    {
        m_mistakes.add(resolved.complaints, when);
        if (m_check) {
            m_mistakes.add(m_check(resolved.scenario, cores), when);
        }
    }

    const ScenarioCheck& m_check;
    Mistakes& m_mistakes;
};

Read parse(const std::string& text, const std::filesystem::path& directory, Expressions expressions,
    const ScenarioCheck& check)
{
    const tl::expected<nlohmann::json, JsonProblem> document = readJson(text, JsonDialect::Person);
    if (!document) {
        const TextPlace place = placeInText(text, document.error().offset);
        return tl::unexpected(DamagedScenario{{}, {{place.line, place.column, document.error().what}}});
    }
    Mistakes mistakes(text);
    DocumentReading read = readDocument(*document, directory);
    mistakes.add(read.complaints, "");
    // What is wrong only with this or that value is the author's mistake all the same, to be told when the file is read
    // and not when the viewer presses Run.
    const bool open = document->is_object() && !document->contains("resolvedFor");
    if (expressions == Expressions::Checked && open && read.knobs == KnobsRead::Right) {
        Trial(check, mistakes).everywhere(read.scenario);
    } else if (expressions == Expressions::Checked && open && read.knobs == KnobsRead::Named) {
        mistakes.add(wrongNames(read.scenario), "");
    }
    if (mistakes.any()) {
        DamagedScenario damaged = mistakes.take();
        damaged.id = read.scenario.id;
        return tl::unexpected(std::move(damaged));
    }
    return std::move(read.scenario);
}

} // namespace

} // namespace scenario

std::vector<std::string> DamagedScenario::lines() const
{
    std::vector<std::string> lines;
    for (const ScenarioMistake& mistake : mistakes) {
        const std::string where = mistake.line == 0
            ? file.string()
            : file.filename().string() + ":" + std::to_string(mistake.line) + ":" + std::to_string(mistake.column);
        lines.push_back(where + ": " + mistake.what);
    }
    return lines;
}

Error DamagedScenario::error() const
{
    std::string all;
    for (const std::string& line : lines()) {
        all.append(all.empty() ? "" : "\n").append(line);
    }
    return {all, ErrorKind::Usage};
}

Result<Scenario> parseScenario(const std::string& text, const std::string& name)
{
    auto read = scenario::parse(text, {}, Expressions::Checked, {});
    if (!read) {
        read.error().file = name;
        return tl::unexpected(read.error().error());
    }
    read->sourcePath = name;
    return std::move(*read);
}

tl::expected<Scenario, DamagedScenario> readScenarioFile(
    const std::filesystem::path& path, Expressions expressions, const ScenarioCheck& check)
{
    const auto unreadable = [&](int error) {
        return tl::unexpected(DamagedScenario{path, {{0, 0, std::strerror(error)}}});
    };
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) {
        return unreadable(EISDIR);
    }
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (file && file.peek() != std::ifstream::traits_type::eof()) { // an empty file is a syntax error, told below
        text << file.rdbuf();
    }
    if (!file.is_open() || file.bad()) {
        return unreadable(errno);
    }
    auto read = scenario::parse(text.str(), std::filesystem::absolute(path, error).parent_path(), expressions, check);
    if (!read) {
        read.error().file = path;
        return read;
    }
    read->sourcePath = path.string();
    return read;
}

Result<Scenario> readScenario(const std::filesystem::path& path)
{
    auto read = readScenarioFile(path);
    if (!read) {
        return tl::unexpected(read.error().error());
    }
    return std::move(*read);
}

} // namespace timeslice
