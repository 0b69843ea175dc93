// Theme: every colour and font size that the program draws with.
//
// Threads take the Okabe-Ito colours (Okabe & Ito, Color Universal Design, 2008), which stay apart for colour-blind
// viewers; states differ by fill and pattern, never by hue alone.
#pragma once

#include "core/trace/timeline.h"

#include <QColor>
#include <QPalette>
#include <QString>
#include <array>

namespace timeslice {

enum class ThemeKind : unsigned char { Light, Dark };

/// One thread's colours. Painters ask for them bar by bar, so they are computed once for a theme.
struct ThreadTone {
    QColor fill;
    QColor edge;
    QColor text;
};

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
    QColor falseAlarm; ///< on bars of every colour: no thread has it, and nothing else
    QColor grid;
    std::array<ThreadTone, kColorSlots + 1> threads; ///< by slot; the first is everybody's without a colour

    static const Theme& light();
    static const Theme& dark();
    static const Theme& of(ThemeKind kind) { return kind == ThemeKind::Light ? light() : dark(); }

    /// A thread's colour by ThreadInfo::colorSlot. 8 to 14 repeat the hues of 1 to 7, much lighter or darker.
    const QColor& threadColor(std::uint8_t slot) const { return tone(slot).fill; }
    /// The edge of a bar in that colour: the fill itself where it stands out from `lane` by 3:1, else a darker (light
    /// theme) or lighter (dark theme) tone of it that does.
    const QColor& threadOutline(std::uint8_t slot) const { return tone(slot).edge; }
    /// barText or its opposite, whichever reads better on the fill; at least 4.5:1 on every thread colour.
    const QColor& threadText(std::uint8_t slot) const { return tone(slot).text; }
    QPalette palette() const;
    /// For the whole window. Plain widgets are covered by their class. The dynamic property "role" asks for more:
    ///   QWidget  "sidebar" "header" "strip"   areas, with a line towards their neighbour
    ///   QFrame   "card" "line"                raised box, thin separator
    ///   QPushButton "primary" "choice" "plain"  filled pill, checkable pill, text without a frame
    ///   QLabel   "title" "question" "section" "headline" "muted" "strong" "good" "warning" "bad"
    QString styleSheet() const;

private:
    const ThreadTone& tone(std::uint8_t slot) const { return threads[slot <= kColorSlots ? slot : 0]; }
};

/// Contrast ratio of two opaque colours, 1..21. WCAG 2.1, "relative luminance" and "contrast ratio".
double contrastRatio(const QColor& a, const QColor& b);
/// `over` at `share` (0..1) mixed into `under`; opaque.
QColor mix(const QColor& under, const QColor& over, double share);
/// The same for the pixels of an image, to the next 256th.
QRgb mixPixels(QRgb under, QRgb over, double share);

} // namespace timeslice
