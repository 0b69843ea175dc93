#include "ui/plot/format_time.h"

#include <algorithm>
#include <cmath>

namespace timeslice {

namespace {

QString trimmed(double value, int decimals)
{
    QString text = QString::number(value, 'f', std::clamp(decimals, 0, 9));
    if (text.contains(QLatin1Char('.'))) {
        while (text.endsWith(QLatin1Char('0'))) {
            text.chop(1);
        }
        if (text.endsWith(QLatin1Char('.'))) {
            text.chop(1);
        }
    }
    return text == QLatin1String("-0") ? QStringLiteral("0") : text;
}

int decimalsFor(double value)
{
    return std::abs(value) < 9.995 ? 2 : 1;
}

double niceStep(double atLeast)
{
    const double decade = std::pow(10.0, std::floor(std::log10(atLeast)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (factor * decade >= atLeast * (1 - 1e-9)) {
            return factor * decade;
        }
    }
    return 10 * decade;
}

} // namespace

Nanos nanosPer(TimeUnit unit)
{
    switch (unit) {
    case TimeUnit::Nanoseconds:
        return 1;
    case TimeUnit::Microseconds:
        return kMicrosecond;
    case TimeUnit::Milliseconds:
        return kMillisecond;
    case TimeUnit::Seconds:
        break;
    }
    return kSecond;
}

QString unitName(TimeUnit unit)
{
    switch (unit) {
    case TimeUnit::Nanoseconds:
        return QStringLiteral("ns");
    case TimeUnit::Microseconds:
        return QStringLiteral("µs");
    case TimeUnit::Milliseconds:
        return QStringLiteral("ms");
    case TimeUnit::Seconds:
        break;
    }
    return QStringLiteral("s");
}

TimeUnit unitFor(Nanos length)
{
    // A value that would round up to 1000 of a unit reads as 1 of the next.
    const double size = std::abs(static_cast<double>(length));
    if (size < 999.5) {
        return TimeUnit::Nanoseconds;
    }
    if (size < 999.95e3) {
        return TimeUnit::Microseconds;
    }
    return size < 999.95e6 ? TimeUnit::Milliseconds : TimeUnit::Seconds;
}

QString formatNumber(Nanos length, TimeUnit unit)
{
    const double value = static_cast<double>(length) / static_cast<double>(nanosPer(unit));
    return trimmed(value, decimalsFor(value));
}

QString formatDuration(Nanos length)
{
    const TimeUnit unit = unitFor(length);
    return formatNumber(length, unit) + QLatin1Char(' ') + unitName(unit);
}

QString formatInstant(Nanos time, Nanos resolution)
{
    const TimeUnit unit = unitFor(time);
    const double fine = static_cast<double>(std::max<Nanos>(resolution, 1)) / static_cast<double>(nanosPer(unit));
    const int decimals = static_cast<int>(std::ceil(-std::log10(fine) - 1e-9));
    const double value = static_cast<double>(time) / static_cast<double>(nanosPer(unit));
    return trimmed(value, std::max(decimals, 0)) + QLatin1Char(' ') + unitName(unit);
}

TimeTicks timeTicks(double begin, double end, int maxTicks)
{
    TimeTicks result;
    const double span = end - begin;
    if (!(span > 0)) {
        return result;
    }
    result.step = std::max(1.0, niceStep(span / std::max(maxTicks - 1, 1)));
    // The unit follows the whole range, so that a second reads as 0 to 1000 ms and ten as 0 to 10 s.
    result.unit = span > 2e9 ? TimeUnit::Seconds
        : span > 2e6         ? TimeUnit::Milliseconds
        : span > 2e3         ? TimeUnit::Microseconds
                             : TimeUnit::Nanoseconds;
    // Far from 0 a larger unit reads better, as long as it needs no more than three decimals: 300.1 µs, not 300100 ns.
    const double farthest = std::max(std::abs(begin), std::abs(end));
    while (result.unit != TimeUnit::Seconds && farthest >= 1e4 * static_cast<double>(nanosPer(result.unit))
        && result.step >= static_cast<double>(nanosPer(result.unit)) * 0.999) {
        result.unit = static_cast<TimeUnit>(static_cast<int>(result.unit) + 1);
    }
    const auto perUnit = static_cast<double>(nanosPer(result.unit));
    const double first = std::ceil(begin / result.step - 1e-6) * result.step;

    double base = 0;
    if (farthest >= 1e5 * result.step) {
        const double grain = 100 * result.step;
        base = std::floor(begin / grain) * grain;
        result.base =
            formatInstant(static_cast<Nanos>(std::llround(base)), static_cast<Nanos>(grain)) + QStringLiteral(" +");
    }
    const int decimals = static_cast<int>(std::max(0.0, std::ceil(-std::log10(result.step / perUnit) - 1e-9)));
    for (int i = 0;; ++i) {
        const double time = first + i * result.step;
        if (time > end + result.step * 1e-6) {
            break;
        }
        const double value = (time - base) / perUnit;
        result.ticks.push_back({time, QString::number(std::abs(value) < 1e-12 ? 0.0 : value, 'f', decimals)});
    }
    return result;
}

QString medianText(double millis, TimeUnit unit)
{
    const double value = millis * static_cast<double>(kMillisecond) / static_cast<double>(nanosPer(unit));
    const QString number = unit == TimeUnit::Milliseconds ? QString::number(value, 'f', value < 1 ? 2 : 1)
                                                          : trimmed(value, decimalsFor(value));
    return QStringLiteral("median hold %1 %2").arg(number, unitName(unit));
}

TimeUnit unitBeside(double millis, double greatest)
{
    constexpr double kFewMillis = 0.1; // below, there are no two digits of it left
    return millis >= 1 || (millis >= kFewMillis && greatest >= 1) ? TimeUnit::Milliseconds : TimeUnit::Microseconds;
}

} // namespace timeslice
