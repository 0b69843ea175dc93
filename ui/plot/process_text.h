// What a process, its memory and a mark are, in plain words.
#pragma once

#include "core/trace/process_lives.h"
#include "ui/plot/slice_text.h"

#include <QString>

namespace timeslice {

/// Number and threads; whose child it is, when it was born, what it began to run, how it ended, when it was reaped.
SliceText describeProcess(const Timeline& timeline, const ProcessLife& life);
/// At a moment; without title if nothing is known of it then.
SliceText describeMemory(const Timeline& timeline, const ProcessLife& life, Nanos time);
/// "Mark “all reaped” at 501.4 ms".
QString describeMark(const Timeline& timeline, const MarkPoint& mark);

} // namespace timeslice
