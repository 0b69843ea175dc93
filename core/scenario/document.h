// The steps between a scenario's document and its Scenario; shared by the files of this module only.
#pragma once

#include "core/base/json_place.h"
#include "core/scenario/expression.h"
#include "core/scenario/scenario.h"

#include <filesystem>
#include <string>
#include <vector>

namespace timeslice::scenario {

/// What is known of a document's knobs.
enum class KnobsRead : unsigned char {
    Wrong,
    Named, ///< all their names: those in expressions can be told to be right or wrong
    Right, ///< and their values
};

/// What came of a document. The scenario is one only where there are no complaints.
struct DocumentReading {
    Scenario scenario;
    std::vector<JsonComplaint> complaints;
    KnobsRead knobs = KnobsRead::Right;
};

/// `directory`: of the document's file, where its scripts stand; empty = not from a file.
DocumentReading readDocument(const nlohmann::json& document, const std::filesystem::path& directory);

/// Reads "knobs" and "knobValues" into the scenario.
KnobsRead readKnobs(const JsonPlace& top, Scenario& scenario);

/// Reads "claims" into the scenario. Those of a file must be of the course (core/scenario/claims.h); a document that is
/// in a recording keeps its own.
void readClaims(const JsonPlace& top, bool fromFile, Scenario& scenario);

/// Reads "series" and "chart" into the scenario, whose knobs and variants are read.
void readSeries(const JsonPlace& top, bool knobsKnown, Scenario& scenario);
void readChart(const JsonPlace& top, Scenario& scenario);
/// Reads "verdict" into the scenario, whose variants and series are read.
void readVerdict(const JsonPlace& top, Scenario& scenario);
/// A path into a variant's report: "/counters/x/lost".
std::string readReportPath(const JsonPlace& place);
/// The words of Summary.
Summary readSummary(const JsonPlace& place);

/// Reads "python" (and "code", where the document carries the script's text) into the variant. `need` is what the
/// engine asks of the interpreter.
void readPython(const JsonPlace& variantPlace, const std::filesystem::path& directory, const std::string& need,
    VariantSpec& variant);

/// What each knob's name stands for in expressions at the scenario's present knob values, and `cores`.
KnobTexts knobTexts(const Scenario& scenario, int cores);

/// For "variant": one that the scenario has. Complains of no other where some could not be read.
std::string readVariantId(const JsonPlace& place, const Scenario& scenario);

/// Every expression becomes its value, at the knobs' values as they are set. What has none stays as it is.
DocumentReading resolveDocument(const Scenario& scenario, int cores);
/// What is wrong with the document's expressions whatever the knobs' values are, which must have names.
std::vector<JsonComplaint> wrongNames(const Scenario& scenario);
/// The scenario at each value of its series' knob; none without one.
std::vector<DocumentReading> resolveSteps(const Scenario& scenario, const Scenario& resolved, int cores);

} // namespace timeslice::scenario
