// Scenario: one lesson of the course, as read from resources/scenarios/*.json.
//
// Plain data; knows nothing of how workloads run. The format is described in resources/scenarios/README.md.
#pragma once

#include "core/base/json_place.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/scenario/series.h"

#include <array>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace timeslice {

enum class Engine : unsigned char {
    Native, ///< C++ worker
    Model, ///< C++ worker with the modelled GIL
    CPython, ///< a script under CPython with a GIL; in files "cpython"
    OtherPython, ///< a script under another interpreter, PythonSpec::interpreter; in files "python:X"
};

constexpr bool isPython(Engine engine) noexcept
{
    return engine == Engine::CPython || engine == Engine::OtherPython;
}

/// What a run of a scenario is looked at for, beside its timelines.
enum class View : unsigned char { Timeline, Race, Deadlock, Latency, Holds, Stepper };

/// Times of a run that are shown as a distribution.
enum class Sample : unsigned char { None, WakeUpDelays, HoldTimes };

/// All that depends on the view, in the order of View.
struct ViewTraits {
    const char* word; ///< in scenario files
    Sample sample = Sample::None;
    bool comparesVariants = false; ///< the samples of the second variant that ran with those of the first
    bool zoomsToLoss = false; ///< the window shows a lost update when the run has ended
    bool stepsThreads = false; ///< the viewer says which thread takes its next step; the workloads are such as can be
};
inline constexpr std::array<ViewTraits, 6> kViews{{
    {.word = "timeline"},
    {.word = "race", .zoomsToLoss = true},
    {.word = "deadlock"},
    {.word = "latency", .sample = Sample::WakeUpDelays},
    {.word = "holds", .sample = Sample::HoldTimes, .comparesVariants = true},
    {.word = "stepper", .stepsThreads = true},
}};
constexpr const ViewTraits& traitsOf(View view) noexcept
{
    return kViews[static_cast<std::size_t>(view)];
}

/// How a run of a variant is meant to end.
enum class Ending : unsigned char {
    Exit, ///< by itself, with status 0
    Deadlock,
    Crash, ///< killed by a signal that says that it did wrong: a segmentation fault
};

/// Kinds of rows of a timeline.
enum class Evidence : unsigned char { Cores, Threads, Locks, Counters, Memory };

/// A Python variant's job.
struct PythonSpec {
    std::filesystem::path script; ///< absolute once read from a file, beside which it stands; else as written
    std::vector<std::string> arguments; ///< knob expressions resolved by resolve()
    std::string interpreter; ///< what it needs, as chooseInterpreter() in core/python takes it: "cpython",
                             ///< "cpython>=3.10,<3.13,other", "free-threaded", "pypy", "jython"
    nlohmann::json stepped; ///< what its threads do, as a stepped workload: the script can be stepped; null: it cannot
};

/// Something the viewer may set before a run.
struct Knob {
    enum class Type : unsigned char {
        Integer,
        Duration,
        Choice,
        Toggle,
        Jobs, ///< a table of jobs: one of `choices`, which a workload has by name, or the table itself as a text
    };
    static constexpr std::size_t kLongestJobs = std::size_t{1} << 20; ///< bytes of that text
    std::string id;
    std::string label;
    Type type = Type::Integer;
    double minimum = 0; ///< Integer, and Duration in nanoseconds
    double maximum = 0;
    double step = 1;
    std::string unit; ///< shown behind the number
    std::vector<std::string> choices; ///< Choice, Jobs; for Duration: suggested values, e.g. "5ms"
    std::string initial; ///< as written, e.g. "2", "5ms", "true"
};

/// An answer that the viewer can lock in before the run, and the interval of the metric in which it is right.
struct Prediction {
    std::string id;
    std::string text;
    double low = 0;
    double high = 0;
};

struct VariantSpec {
    std::string id;
    std::string title;
    std::string note;
    nlohmann::json workload; ///< core/workload/workload_spec.h reads it; knob expressions resolved by resolve()
    PythonSpec python; ///< instead of `workload` where isPython(engine)
    std::string code; ///< the job as short pseudo-code, or the script's text, for the panel; may be empty
    Engine engine = Engine::Native; ///< the scenario's unless the variant names its own
    Ending expects = Ending::Exit; ///< another one is what this variant is for, not a failure
};

/// A number of one variant's report.
struct MetricTerm {
    std::string variant;
    std::string pointer; ///< a JSON pointer into its part of the report, e.g. "/parallelism", "/counters/0/lost"
    std::string at = {}; ///< the value of the series' knob; empty: the one whose timelines are kept
    Summary of = Summary::Median; ///< over the repetitions
};

/// A number of the report, or where a series reaches something.
struct Metric {
    enum class Kind : unsigned char {
        Number, ///< the term, divided by `over` if there is one
        Bend, ///< the first value of the knob at which the term is within a tenth of its best (Metric::best)
        Crossing, ///< the first value of the knob from which on the term is below `over`; the last value + 1 if never
    };
    Kind kind = Kind::Number;
    MetricTerm term = {};
    std::optional<MetricTerm> over = {};
    bool leastIsBest = true; ///< of Bend: the best is the least, as of times
};

/// A number in a text.
struct TextNumber {
    MetricTerm term;
    std::optional<MetricTerm> over = {}; ///< divided by this one
    double factor = 1; ///< from the report's unit
    std::string format; ///< as VerdictSpec::format
};

/// A text with measured numbers in it: "446 → 64 ms". "%1", "%2" and "%3" in the text stand for them.
struct MeasuredText {
    std::string text;
    std::vector<TextNumber> numbers; ///< up to three
};

/// What is said of an outcome, and when.
struct Explanation {
    MeasuredText said;
    /// Only where this metric, which is a number, lies from `low` to `high`; nullopt: always.
    struct Condition {
        Metric metric;
        double low = -std::numeric_limits<double>::infinity();
        double high = std::numeric_limits<double>::infinity();
    };
    std::optional<Condition> when = {};
};

struct VerdictSpec {
    std::string claim; ///< one of Scenario::claims; "" where the course has no claim about it
    std::string text; ///< the sentence that is tested
    Metric metric;
    double low = 0; ///< pass band: inside, the sentence holds on this machine
    double high = 0;
    std::optional<MeasuredText> headline; ///< in large type, instead of the number
    std::string format; ///< how the number reads in large type: "{:.2f}×"; one {:...} of printf's f or d kind, or {%}
                        ///< for percent
    std::string caption; ///< what the large number is: "as fast as one thread"
    /// What is shown if inside the band, and if not: the first one whose condition is met. The last has none.
    std::vector<Explanation> holds, fails;
    int needsCores = 1; ///< fewer: "not visible on this machine"
    double maxStolen = 1; ///< share of the run's core time that the host may steal before the verdict is "not visible"
    double maxForeign = 1; ///< the same for other processes of this machine
    bool needsMeasured = false; ///< the metric means nothing on inferred tracks
};

/// What a run may use at the most. Defaults protect the machine.
struct Limits {
    Nanos time = 20 * kSecond;
    int threads = 64; ///< threads and processes of the workload together
    std::int64_t memoryBytes = std::int64_t{1} << 30; ///< address space of each process
    Nanos realtimeCpu = kSecond; ///< RLIMIT_RTTIME
    /// The recording's budget: some 3 GB of timeline. The run goes on when it is used up, and its picture ends there;
    /// what comes after is counted as not recorded (LossCounts::overBudget).
    std::uint64_t events = 100'000'000;
};

struct Scenario {
    std::string id;
    std::string chapter; ///< "processes", "scheduling", "gil", "races", "locks", "communication"
    int order = 0; ///< within the chapter
    std::string title;
    std::string question;
    std::string defines; ///< what a beginner cannot know: "GIL: the lock that a Python thread needs to run."; or empty
    std::vector<std::string> claims;
    Engine engine = Engine::Native;
    std::vector<Prediction> predictions;
    std::vector<Knob> knobs;
    std::vector<VariantSpec> variants;
    VerdictSpec verdict;
    std::optional<SeriesSpec> series;
    /// By resolve(): the variants at each value of the series' knob. Empty: there is no such knob.
    std::vector<std::vector<VariantSpec>> steps;
    std::optional<ChartSpec> chart; ///< shown beside the timeline
    std::string why; ///< plain text, paragraphs separated by an empty line
    std::vector<std::string> lookFor; ///< what to point at in the picture, one sentence each
    std::vector<std::string> sources; ///< where its facts can be read, one text each
    Limits limits;
    View view = View::Timeline;
    /// The rows that prove it: where there is no room for all kinds, these stay. Empty: all matter alike.
    std::vector<Evidence> evidence;
    /// Among them by name the threads, or processes by their first thread's, that have a row before all others.
    std::vector<std::string> evidenceThreads;
    /// Sample each process's memory (core/record/memory_sampler.h), and show it below the process.
    bool memory = false;
    /// Rows of threads stand below one of their process, which folds, nested by parent. Without it they do only where a
    /// variant's processes come and go.
    bool groups = false;
    std::map<std::string, std::string> knobValues; ///< as set; missing = initial
    std::string sourcePath;
    bool own = false; ///< the viewer's: not one of those that are shipped
    std::string replaces; ///< path of the file whose scenario has this id, too, and gives way to this one; mostly empty
    nlohmann::json document; ///< as read, for recordings
};

/// The keys of a variant's report, toJson(VariantReport) in core/analysis/report.h: what the path of a metric may begin
/// with. The numbers that a verdict is likely to be about come first.
const std::vector<std::string>& variantReportKeys();
/// Chapter ids in teaching order with their titles.
const std::vector<std::pair<std::string, std::string>>& chapters();

/// The key by which editors find the file's JSON schema, resources/schema/scenario.schema.json. Says nothing to us.
inline constexpr const char* kSchemaKey = "$schema";

/// One thing that is wrong with a scenario's file.
struct ScenarioMistake {
    std::size_t line = 0; ///< counted from 1, as is the column, in bytes; 0: it is no place in the text
    std::size_t column = 0;
    std::string what; ///< in the document which key, what was found, what was expected
};

/// A scenario's file that cannot be used.
struct DamagedScenario {
    std::filesystem::path file;
    std::vector<ScenarioMistake> mistakes; ///< all that there are, at least one; in the order of the text
    std::string id = {}; ///< as far as it has one

    /// Whether that is its id, or its file's name.
    bool isCalled(const std::string& name) const { return id == name || file.stem() == name; }
    /// "FILE:LINE:COLUMN: WHAT" for each.
    std::vector<std::string> lines() const;
    Error error() const; ///< Usage: these, one below the other
};

/// Whether every expression is evaluated to see that it can be, with each knob as it is at first and at both its ends.
/// That takes longer than all the rest; of the scenarios that are shipped the tests have seen it.
enum class Expressions : unsigned char { Trusted, Checked };

/// What is wrong with a resolved scenario that this module knows nothing of: what it runs, which numbers its runs
/// report. Paths as in its document; it is for a run that may use so many cores.
using ScenarioCheck = std::function<std::vector<JsonComplaint>(const Scenario& resolved, int cores)>;

/// All that is wrong with the file is told at once. Where the knobs are wrong their expressions cannot be told to be
/// right or wrong, and where an expression is, what it stands in.
tl::expected<Scenario, DamagedScenario> readScenarioFile(
    const std::filesystem::path& path, Expressions expressions = Expressions::Checked, const ScenarioCheck& check = {});
/// The same. Errors (Usage): DamagedScenario::error().
Result<Scenario> readScenario(const std::filesystem::path& path);
/// The same from text; `name` stands for the file in messages. "knobValues" in the document (a recording has it) are
/// taken over.
Result<Scenario> parseScenario(const std::string& text, const std::string& name);

/// Sets a knob. Errors (Usage): unknown knob (the message lists those there are), value not of its type or out of
/// range. Whether a text is a table of jobs is known to who reads the workload, and not here.
Result<void> setKnob(Scenario& scenario, const std::string& id, const std::string& value);
std::string knobValue(const Scenario& scenario, const std::string& id);

/// A copy in which every knob expression is replaced by its value, wherever it stands (workloads, titles, notes,
/// predictions, verdict...): a string "=EXPR" becomes a number, "{EXPR}" inside another string its text
/// (core/scenario/expression.h). `cores`: how many cores the run may use. What parseScenario() gives is not resolved:
/// its texts still hold their braces; its numbers are those of the knobs' initial values on a machine of two cores.
/// Errors (Usage): the place, the expression and what is wrong in it.
Result<Scenario> resolve(const Scenario& scenario, int cores);

} // namespace timeslice
