// Numbers as the window writes them: always with a unit, never with more digits than mean something. Times are in
// ui/plot/format_time.h.
#pragma once

#include <QString>
#include <cstdint>

namespace timeslice {

/// A share of 1 as "99.7 %"; at or below 0.05 % as "0 %" only if it is 0, else "< 0.1 %".
QString percentText(double share);
/// "1.00 core", "1.93 cores".
QString coresText(double cores);
/// Groups of three: "1,204,332".
QString countText(std::int64_t count);
/// "1 event", "2 events", for regular English nouns.
QString pluralText(std::int64_t count, const QString& noun);

} // namespace timeslice
