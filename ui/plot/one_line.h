// oneLineText: what others wrote, such as a command that was recorded, as a single line of a picture or a window.
#pragma once

#include <QString>
#include <string>

namespace timeslice {

/// Line breaks and other control characters, and runs of spaces, become one space each.
inline QString oneLineText(const std::string& utf8)
{
    QString line = QString::fromStdString(utf8);
    for (QChar& c : line) {
        if (c.category() == QChar::Other_Control) {
            c = QLatin1Char(' ');
        }
    }
    return line.simplified();
}

} // namespace timeslice
