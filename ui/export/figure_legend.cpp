#include "ui/export/figure_legend.h"

#include "ui/plot/row_names.h"
#include "ui/plot/thread_colors.h"

#include <QFontMetrics>
#include <set>

namespace timeslice {

namespace {

std::vector<LegendItem> ownersOf(std::span<const VariantPicture> variants, const FigureSigns& signs)
{
    std::vector<LegendItem> owners;
    std::set<std::pair<QString, std::uint8_t>> named;
    const std::vector<ThreadColors> colors = threadColors(variants);
    for (std::size_t v = 0; v < variants.size(); ++v) {
        const Timeline& timeline = variants[v].recording->timeline;
        const RowNames names(timeline);
        for (std::size_t i = 0; i < timeline.threads.size(); ++i) {
            const std::uint8_t color = colors[v].of(timeline, i);
            if (signs.owners().contains({v, static_cast<std::uint32_t>(i)})
                && named.emplace(names.thread(i), color).second) {
                owners.push_back({StateSign::Running, names.thread(i), color});
            }
        }
    }
    return owners;
}

} // namespace

std::vector<LegendItem> legendItems(
    std::span<const VariantPicture> variants, const FigureSigns& signs, double least, bool names, bool startUp)
{
    const std::vector<LegendItem> owners = ownersOf(variants, signs);
    SignContents contents = signs.contents(least);
    contents.startUp = startUp;
    const bool byName = names && owners.size() <= kMostOwners;
    contents.colors = !byName && owners.size() > 1;
    std::vector<LegendItem> items;
    for (const StateSign sign : signsOf(contents)) {
        items.push_back({sign, signText(sign, contents), 0});
    }
    if (byName) {
        items.insert(items.end(), owners.begin(), owners.end());
    }
    return items;
}

int placeLegend(const Canvas& canvas, std::vector<LegendItem>& items, int width, int maxLines)
{
    const QFontMetrics metrics(scaledFont(canvas, kLegendEm));
    const int height = metrics.height() + canvas.px(0.3);
    const int sign = canvas.px(2);
    const int gap = canvas.px(1.7);
    int x = 0;
    int line = 0;
    for (LegendItem& item : items) {
        const int wide = sign + metrics.horizontalAdvance(item.text) + 1;
        if (wide > width) {
            return 0;
        }
        if (x > 0 && x + wide > width) {
            x = 0;
            ++line;
        }
        item.rect = QRect(x, line * height, wide, height);
        x += wide + gap;
    }
    return line < maxLines ? (line + 1) * height : 0;
}

void paintLegendItem(const Canvas& canvas, const LegendItem& item)
{
    const int tall = canvas.px(0.9);
    const QRect sign(item.rect.left(), item.rect.center().y() - tall / 2 + 1, canvas.px(1.4), tall);
    paintSign(canvas, sign, item.sign, item.color);
    paintText(canvas, item.rect.adjusted(canvas.px(2), 0, canvas.px(1), 0), Qt::AlignLeft | Qt::AlignVCenter, item.text,
        scaledFont(canvas, kLegendEm), canvas.theme->text);
}

} // namespace timeslice
