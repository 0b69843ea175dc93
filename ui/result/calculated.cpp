#include "ui/result/calculated.h"

#include "ui/plot/one_line.h"
#include "ui/text/free_text.h"

namespace timeslice {

QString CalculatedVariants::text() const
{
    if (count == 0 || others == 0) {
        return {};
    }
    return count == 1 ? tr("calculated: “%1”").arg(only) : tr("calculated: %1 variants").arg(count);
}

CalculatedVariants calculatedIn(const RunModel& model)
{
    CalculatedVariants found;
    for (const VariantModel& variant : model.variants()) {
        if (variant.phase == VariantModel::Phase::Waiting || variant.recording == nullptr
            || (variant.phase == VariantModel::Phase::Ended && variant.report.exit.kind == Exit::Kind::NotRun)) {
            continue;
        }
        if (variant.recording->timeline.source == Source::Calculated) {
            ++found.count;
            found.only = oneLineText(variant.recording->title);
        } else {
            ++found.others;
        }
    }
    return found;
}

} // namespace timeslice
