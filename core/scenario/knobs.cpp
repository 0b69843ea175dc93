// Knobs: reading them, setting them, and what they stand for in expressions.
#include "core/base/did_you_mean.h"
#include "core/base/duration_text.h"
#include "core/base/json_out.h"
#include "core/scenario/document.h"
#include "core/scenario/scenario.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace timeslice {

namespace {

const std::vector<std::string> kTypes = {"integer", "duration", "choice", "toggle", "jobs"};
/// Names that mean something else in an expression.
const std::vector<std::string> kReserved = {"cores", "min", "max", "floor", "ceil", "round"};

std::optional<long long> parseWhole(std::string_view text)
{
    long long value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::string rangeText(const Knob& knob)
{
    if (knob.type == Knob::Type::Duration) {
        return "from " + toDurationText(static_cast<Nanos>(knob.minimum), " ") + " to "
            + toDurationText(static_cast<Nanos>(knob.maximum), " ");
    }
    const std::string step = knob.step == 1 ? "" : " in steps of " + std::to_string(std::llround(knob.step));
    return "from " + std::to_string(std::llround(knob.minimum)) + " to " + std::to_string(std::llround(knob.maximum))
        + (knob.unit.empty() ? "" : " " + knob.unit) + step;
}

/// What the knob takes, for "expected ..., found ...".
std::string expectedText(const Knob& knob)
{
    switch (knob.type) {
    case Knob::Type::Integer:
        return "a whole number " + rangeText(knob);
    case Knob::Type::Duration:
        if (knob.choices.empty() && !parseDurationText(knob.initial)) { // it may be the one that is wrong
            return "a duration " + rangeText(knob);
        }
        return "a duration " + rangeText(knob) + ", such as "
            + (knob.choices.empty() ? knob.initial : joinNames(knob.choices, " or "));
    case Knob::Type::Choice:
        return joinNames(knob.choices, " or ");
    case Knob::Type::Toggle:
        return "true or false";
    case Knob::Type::Jobs:
        return joinNames(knob.choices, ", ") + ", or a table of jobs such as 'A 0 100ms; B 10ms 20ms prio 2'";
    }
    return {};
}

bool isChoice(const Knob& knob, const std::string& value)
{
    return std::find(knob.choices.begin(), knob.choices.end(), value) != knob.choices.end();
}

/// One word is the name of a table; a job has more.
bool mayBeTable(const std::string& value)
{
    return value.size() <= Knob::kLongestJobs && value.find_first_of(" \t\n;") != std::string::npos;
}

/// Nothing if the value is right, else what is wrong.
std::optional<std::string> wrongValue(const Knob& knob, const std::string& value)
{
    const auto fits = [&] {
        switch (knob.type) {
        case Knob::Type::Integer: {
            const auto number = parseWhole(value);
            return number && static_cast<double>(*number) >= knob.minimum
                && static_cast<double>(*number) <= knob.maximum
                && std::fmod(static_cast<double>(*number) - knob.minimum, knob.step) == 0;
        }
        case Knob::Type::Duration: {
            const auto length = parseDurationText(value);
            return length && static_cast<double>(*length) >= knob.minimum
                && static_cast<double>(*length) <= knob.maximum;
        }
        case Knob::Type::Choice:
            return isChoice(knob, value);
        case Knob::Type::Toggle:
            return value == "true" || value == "false";
        case Knob::Type::Jobs:
            return isChoice(knob, value) || mayBeTable(value);
        }
        return false;
    };
    if (fits()) {
        return std::nullopt;
    }
    return "expected " + expectedText(knob) + ", found '" + value.substr(0, 60) + "'"
        + (knob.type == Knob::Type::Choice || (knob.type == Knob::Type::Jobs && !mayBeTable(value))
                ? didYouMean(value, knob.choices)
                : "");
}

std::vector<std::string> knobIds(const Scenario& scenario)
{
    std::vector<std::string> ids;
    for (const Knob& knob : scenario.knobs) {
        ids.push_back(knob.id);
    }
    return ids;
}

const Knob* findKnob(const Scenario& scenario, const std::string& id)
{
    const auto it =
        std::find_if(scenario.knobs.begin(), scenario.knobs.end(), [&](const Knob& knob) { return knob.id == id; });
    return it == scenario.knobs.end() ? nullptr : &*it;
}

} // namespace

Result<void> setKnob(Scenario& scenario, const std::string& id, const std::string& value)
{
    const Knob* knob = findKnob(scenario, id);
    if (!knob) {
        const std::vector<std::string> known = knobIds(scenario);
        return fail("the scenario '" + scenario.id + "' has no knob '" + id + "'" + didYouMean(id, known)
                + (known.empty() ? "; it has none" : "; its knobs: " + joinNames(known)),
            ErrorKind::Usage);
    }
    if (const auto wrong = wrongValue(*knob, value)) {
        return fail("knob '" + id + "': " + *wrong, ErrorKind::Usage);
    }
    scenario.knobValues[id] = value;
    return {};
}

std::string knobValue(const Scenario& scenario, const std::string& id)
{
    if (const auto set = scenario.knobValues.find(id); set != scenario.knobValues.end()) {
        return set->second;
    }
    const Knob* knob = findKnob(scenario, id);
    return knob ? knob->initial : std::string();
}

namespace scenario {

namespace {

/// An initial value may be written as what it is: 2, true, "5ms".
std::string valueText(const JsonPlace& place)
{
    const nlohmann::json& value = place.value();
    if (value.is_string()) {
        return value.get<std::string>();
    }
    if (value.is_boolean() || value.is_number_integer()) {
        return jsonText(value);
    }
    place.complainExpected("the knob's value");
    return {};
}

std::string readKnobId(const JsonPlace& place)
{
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto fits = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; };
    if (!place.value().is_string()) {
        place.complainExpected("a name");
        return {};
    }
    const auto& id = place.value().get_ref<const std::string&>();
    if (id.empty() || !letter(id.front()) || !std::all_of(id.begin(), id.end(), fits)) {
        place.complainExpected("a name of letters and digits, as expressions use it");
    }
    if (std::find(kReserved.begin(), kReserved.end(), id) != kReserved.end()) {
        place.complain("'" + id + "' has another meaning in expressions");
    }
    return id;
}

/// Whether there are a least and a greatest value, and a step between.
bool readRange(const JsonPlace& place, Knob& knob)
{
    const auto read = [&](const char* key, double& to) {
        if (const auto bound = place.find(key)) {
            to = knob.type == Knob::Type::Duration ? static_cast<double>(bound->duration())
                                                   : bound->integer(-1'000'000'000, 1'000'000'000);
            return !bound->failed();
        }
        place.complain(std::string("the key '") + key + "' is missing");
        return false;
    };
    const bool least = read("min", knob.minimum);
    const bool most = read("max", knob.maximum);
    const bool empty = least && most && knob.minimum > knob.maximum;
    if (empty) {
        place.complain("'min' is greater than 'max'");
    }
    const auto step = place.find("step");
    if (step) {
        knob.step =
            knob.type == Knob::Type::Duration ? static_cast<double>(step->duration()) : step->integer(1, 1'000'000'000);
        if (knob.step <= 0) {
            step->complain("must be more than zero");
        }
    }
    return least && most && !empty && !(step && step->failed());
}

/// Whether all of them can be chosen. `ranged`: the knob's range is read.
bool readChoices(const JsonPlace& place, bool ranged, Knob& knob)
{
    const auto choices = place.find("choices");
    if (!choices) {
        const bool needed = knob.type == Knob::Type::Choice || knob.type == Knob::Type::Jobs;
        if (needed) {
            place.complain("the key 'choices' is missing");
        }
        return !needed;
    }
    for (const JsonPlace& choice : choices->list("texts")) {
        knob.choices.push_back(choice.text());
        if (knob.type == Knob::Type::Duration && ranged) {
            if (const auto wrong = wrongValue(knob, knob.choices.back())) {
                choice.complain(*wrong);
            }
        }
    }
    return !choices->failed();
}

/// Whether the knob has the values that its author meant.
bool readValues(const JsonPlace& place, Knob& knob)
{
    switch (knob.type) {
    case Knob::Type::Integer:
        return readRange(place, knob);
    case Knob::Type::Duration: {
        const bool ranged = readRange(place, knob);
        return readChoices(place, ranged, knob) && ranged;
    }
    case Knob::Type::Choice:
    case Knob::Type::Jobs:
        return readChoices(place, false, knob);
    case Knob::Type::Toggle:
        break;
    }
    return true;
}

std::vector<std::string> keysOfType(Knob::Type type)
{
    switch (type) {
    case Knob::Type::Integer:
        return {"min", "max", "step", "unit"};
    case Knob::Type::Duration:
        return {"min", "max", "step", "choices"};
    case Knob::Type::Choice:
    case Knob::Type::Jobs:
        return {"choices"};
    case Knob::Type::Toggle:
        break;
    }
    return {};
}

struct ReadKnob {
    Knob knob;
    KnobsRead read = KnobsRead::Wrong; ///< whether its name, and its values, are as they were meant
};

ReadKnob readKnob(const JsonPlace& place)
{
    Knob knob;
    const auto type = place.find("type");
    if (type) {
        knob.type = static_cast<Knob::Type>(type->choice("type", kTypes));
    }
    const bool typed = type && !type->failed();
    place.expectKeys({"id", "label", "type", "initial"},
        typed ? keysOfType(knob.type) : std::vector<std::string>{"min", "max", "step", "unit", "choices"});
    const auto id = place.find("id");
    if (id) {
        knob.id = readKnobId(*id);
    }
    if (const auto label = place.find("label")) {
        knob.label = label->text();
    }
    if (const auto unit = place.find("unit")) {
        knob.unit = unit->text();
    }
    const bool valued = typed && readValues(place, knob);
    const auto initial = place.find("initial");
    if (initial) {
        knob.initial = valueText(*initial);
        if (const auto wrong = wrongValue(knob, knob.initial); wrong && valued) {
            initial->complain(*wrong);
        }
    }
    const bool named = id && !id->failed();
    const bool right = named && valued && initial && !initial->failed();
    return {std::move(knob), right ? KnobsRead::Right : named ? KnobsRead::Named : KnobsRead::Wrong};
}

void readKnobValues(const JsonPlace& place, Scenario& scenario)
{
    place.expectKeys({}, knobIds(scenario));
    for (const Knob& knob : scenario.knobs) {
        if (const auto value = place.find(knob.id)) {
            const std::string text = valueText(*value);
            if (const auto wrong = wrongValue(knob, text)) {
                value->complain(*wrong);
            }
            scenario.knobValues[knob.id] = text;
        }
    }
}

} // namespace

KnobsRead readKnobs(const JsonPlace& top, Scenario& scenario)
{
    KnobsRead all = KnobsRead::Right;
    if (const auto knobs = top.find("knobs")) {
        for (const JsonPlace& place : knobs->list("knobs")) {
            auto [knob, read] = readKnob(place);
            all = std::min(all, read);
            if (!knob.id.empty() && findKnob(scenario, knob.id)) {
                place.complain("the id '" + knob.id + "' is taken");
                all = std::min(all, KnobsRead::Named);
            }
            scenario.knobs.push_back(std::move(knob));
        }
        all = knobs->value().is_array() ? all : KnobsRead::Wrong;
    }
    if (const auto values = top.find("knobValues"); values && all == KnobsRead::Right) {
        readKnobValues(*values, scenario);
        all = values->failed() ? KnobsRead::Named : all;
    }
    return all;
}

KnobTexts knobTexts(const Scenario& scenario, int cores)
{
    KnobTexts texts;
    for (const Knob& knob : scenario.knobs) {
        KnobText text;
        text.raw = knobValue(scenario, knob.id);
        text.prose = text.raw;
        switch (knob.type) {
        case Knob::Type::Integer:
            text.number = static_cast<double>(parseWhole(text.raw).value_or(0));
            break;
        case Knob::Type::Duration: {
            const Nanos length = parseDurationText(text.raw).value_or(0);
            text.number = static_cast<double>(length) / static_cast<double>(kMicrosecond);
            text.prose = toDurationText(length, "\u00a0");
            break;
        }
        case Knob::Type::Choice:
        case Knob::Type::Jobs:
            text.number = static_cast<double>(
                std::find(knob.choices.begin(), knob.choices.end(), text.raw) - knob.choices.begin());
            text.prose = isChoice(knob, text.raw) ? text.raw : "other jobs";
            break;
        case Knob::Type::Toggle:
            text.number = text.raw == "true" ? 1 : 0;
            break;
        }
        texts[knob.id] = std::move(text);
    }
    const std::string count = std::to_string(cores);
    texts["cores"] = KnobText{count, count, static_cast<double>(cores)};
    return texts;
}

} // namespace scenario

} // namespace timeslice
