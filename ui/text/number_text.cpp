#include "ui/text/number_text.h"

#include <QLocale>

namespace timeslice {

namespace {

constexpr QChar kNoBreakSpace{0xA0};

} // namespace

QString percentText(double share)
{
    const double percent = share * 100;
    if (percent > 0 && percent < 0.05) {
        return QStringLiteral("< 0.1") + kNoBreakSpace + '%';
    }
    const bool whole = percent == 0 || percent >= 99.95;
    return QString::number(percent, 'f', whole ? 0 : 1) + kNoBreakSpace + '%';
}

QString coresText(double cores)
{
    const QString number = QString::number(cores, 'f', 2);
    return number + kNoBreakSpace + (number == "1.00" ? "core" : "cores");
}

QString countText(std::int64_t count)
{
    return QLocale(QLocale::English, QLocale::UnitedStates).toString(static_cast<qlonglong>(count));
}

QString pluralText(std::int64_t count, const QString& noun)
{
    return countText(count) + kNoBreakSpace + noun + (count == 1 ? "" : "s");
}

} // namespace timeslice
