// What a place in the picture means, in plain words.
#pragma once

#include "ui/course/exploration.h"
#include "ui/plot/run_picture.h"

#include <QString>
#include <QStringList>

namespace timeslice {

/// Title and sentences about a slice: what it is, for how long, from when, why it ended. For tooltips and the panel.
struct SliceText {
    QString title;
    QStringList lines;
};
/// Moments count from the variant's start of work.
SliceText describeSlice(const VariantPicture& variant, const SliceRef& ref);
/// Nothing of a variant that the run has not.
SliceText describeSlice(const RunPicture& run, const SliceRef& ref);

/// A stretch in which many slices share a pixel: the shares, and how many slices. `ref.slice` is any of them.
SliceText describeShares(const VariantPicture& variant, const SliceRef& ref, TimeRange range);

/// The CPU row over `range`: this run, others, the host.
SliceText describeUsage(const VariantPicture& variant, TimeRange range);

/// One load or store of a counter.
SliceText describeAccess(const VariantPicture& variant, const CounterInfo& counter, std::size_t access);

} // namespace timeslice
