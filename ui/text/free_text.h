// Text in functions that are no members of a QObject.
#pragma once

#include <QCoreApplication>
#include <QString>
#include <string>

namespace timeslice {

/// For translators, one context for all of them.
inline QString tr(const char* text)
{
    return QCoreApplication::translate("Timeslice", text);
}

inline QString text(const std::string& utf8)
{
    return QString::fromStdString(utf8);
}

} // namespace timeslice
