// Theme: every colour and font size that the program draws with.
//
// Threads take the Okabe-Ito colours (Okabe & Ito, Color Universal Design, 2008), which stay apart for colour-blind
// viewers; states differ by fill and pattern, never by hue alone.
#pragma once

#include "core/trace/timeline.h"

#include <QColor>
#include <QPalette>
#include <QString>

namespace timeslice {

enum class ThemeKind : unsigned char { Light, Dark };

struct Theme {
    ThemeKind kind = ThemeKind::Light;

    QColor window; ///< behind the plot and the header
    QColor sidebar; ///< scenario list, right panel, bars at top and bottom
    QColor card; ///< raised boxes and input fields
    QColor border;
    QColor text;
    QColor mutedText; ///< contrast to `window` and `sidebar` at least 4.5:1
    QColor accent; ///< selection, the Run button, chosen prediction
    QColor accentText;
    QColor good; ///< "measured", passed
    QColor warning; ///< "inferred", lost events
    QColor bad; ///< failed, deadlock
    QColor lane; ///< a track's empty background
    QColor barOutline;
    QColor barText; ///< labels inside bars
    QColor hatch; ///< waiting for a lock
    QColor grid;

    static const Theme& light();
    static const Theme& dark();
    static const Theme& of(ThemeKind kind) { return kind == ThemeKind::Light ? light() : dark(); }

    /// A thread's colour by ThreadInfo::colorSlot.
    QColor threadColor(std::uint8_t slot) const;
    QPalette palette() const;
    QString styleSheet() const; ///< for the whole window
};

} // namespace timeslice
