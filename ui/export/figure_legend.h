// The legend of a figure: every sign and colour that can be seen in it, and no other.
#pragma once

#include "ui/export/figure_signs.h"
#include "ui/plot/canvas.h"

#include <QRect>
#include <QString>
#include <span>
#include <vector>

namespace timeslice {

struct LegendItem {
    StateSign sign = StateSign::Running; ///< a thread's: Running in its colour
    QString text;
    std::uint8_t color = 1; ///< for Theme::threadColor()
    QRect rect = {}; ///< sign and text
};

/// `least`: see FigureSigns::contents(). `names`: the threads by name, where they are few; else what their colours are.
/// `startUp`: it is left out.
std::vector<LegendItem> legendItems(
    std::span<const VariantPicture> variants, const FigureSigns& signs, double least, bool names, bool startUp);
inline constexpr std::size_t kMostOwners = 8; ///< in the legend

/// Places the items in lines of `width`; returns the height, 0 if they take more than `maxLines`.
int placeLegend(const Canvas& canvas, std::vector<LegendItem>& items, int width, int maxLines);
inline constexpr double kLegendEm = 0.95;

void paintLegendItem(const Canvas& canvas, const LegendItem& item);

} // namespace timeslice
