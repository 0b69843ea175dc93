// Outcome: the one thing that the panel and the projector say in large type about a run.
#pragma once

#include "core/model/run_model.h"

#include <QString>
#include <optional>

namespace timeslice {

struct Outcome {
    enum class Kind : unsigned char {
        NotRun,
        Running,
        Measured,
        NotVisible, ///< there is no answer: the heading says whether a variant was not run or the machine cannot show
                    ///< it
        Stopped,
        Failed,
    };
    Kind kind = Kind::NotRun;
    QString heading; ///< "WHAT HAPPENED"
    QString headline; ///< the number, or empty
    QString caption; ///< what the number is
    QString sentence; ///< what it says about the claim, or why there is nothing to say
    QString inBrief; ///< the same without the names of those who disturbed; empty: there are none in it
    std::optional<bool> holds; ///< of the claim
    bool disturbed = false; ///< another try may answer
};

/// Null: nothing was run.
Outcome outcomeOf(const RunModel* model);

/// What became of a prediction.
struct PredictionResult {
    QString said; ///< "You said “half the time”."
    QString answer; ///< "It was “the same time”: 1.00×."
    std::optional<bool> right; ///< nullopt: there is no measured answer
};

/// Nothing if the viewer made no prediction or the run is not over. `who`: "You" or "The class".
std::optional<PredictionResult> scorePrediction(
    const RunModel& model, std::optional<std::size_t> prediction, const QString& who);

/// "The class was right: 41 of 60." Empty: nobody raised a hand, or there is no measured answer. `hands`: by
/// prediction.
QString scoreHands(const RunModel& model, const std::vector<int>& hands);

} // namespace timeslice
