// What a figure says besides its timeline.
#pragma once

#include "core/model/run_model.h"

#include <QString>
#include <cstdint>
#include <vector>

namespace timeslice {

struct FigureTexts {
    QString title;
    QString question;
    QString definition; ///< what a beginner cannot know: the second part of the question
    QString headline; ///< large number; empty = no verdict
    QString caption; ///< what the number is
    QString conclusion; ///< the sentence below it
    bool visible = true; ///< false: there is no answer; the conclusion says why
    bool measured = true; ///< else inferred
    bool calculated = false; ///< all of it: nothing ran
    QString exception; ///< of which variants that is not true: "calculated: “srtf, calculated”"; mostly empty
    QString lost; ///< "12 events lost"; empty = none
    QString unobserved; ///< "GIL not recorded: python3.11 (4242)"; empty = none
    QString machine;
    QString date;
    /// By variant, in place of its note: which run of the series its timeline is. Empty where there is no series.
    std::vector<QString> runs;
};
FigureTexts figureTexts(const RunModel& model);

/// "1 event", "2 events"
QString counted(std::uint64_t count, const QString& noun);

/// Which run of a series it is whose timeline is shown: "the median of 3 runs: x = 21,204,332". Empty: the only one at
/// that value of the knob.
QString seriesRunText(const SeriesReport& series, const VariantReport& shown);

} // namespace timeslice
