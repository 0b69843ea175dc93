#include "ui/plot/core_others.h"

#include "core/trace/core_others.h"
#include "ui/plot/others_text.h"
#include "ui/plot/row_list.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace timeslice {

namespace {

constexpr double kLeast = 0.02; // of a core: less than the accounts can tell
constexpr double kTone = 0.4;
constexpr double kNarrowBar = 3; // logical pixels from which a slice is a bar of its own
constexpr double kLeastName = 2.2; // em
constexpr Nanos kLegendParts = 500; // of what is shown: what is narrower the legend need not explain

/// How much of each pixel's column is the run's, as its bars and columns are drawn.
std::vector<float> ownShares(const RowPlan& own, const TimeScale& scale)
{
    std::vector<float> shares(static_cast<std::size_t>(scale.right - scale.left), 0);
    for (const Bar& bar : own.bars) {
        if (bar.value.state() == SliceState::Running) {
            std::fill(shares.begin() + (bar.x0 - scale.left), shares.begin() + (bar.x1 - scale.left), 1.0F);
        }
    }
    for (const Column& column : own.columns) {
        const Nanos sum = std::accumulate(column.shares.begin() + 1, column.shares.end(), Nanos{0});
        if (column.length > 0) {
            shares[static_cast<std::size_t>(column.x - scale.left)] =
                static_cast<float>(sum) / static_cast<float>(column.length);
        }
    }
    return shares;
}

/// Shares of single pixels' columns, on top of the run's; neighbours of one height together.
void paintOtherColumns(const Canvas& canvas, const QRect& lane, const RowPlan& plan, const std::vector<float>& own,
    int left, const QColor& color)
{
    QRect rest;
    const auto flush = [&] {
        if (!rest.isEmpty()) {
            canvas.painter->fillRect(rest, color);
        }
        rest = QRect();
    };
    for (const Column& column : plan.columns) {
        const Nanos others = column.shares[kOtherPrograms];
        if (others == 0 || column.length == 0) {
            continue;
        }
        const auto pixels = [&](double share) {
            return static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * lane.height()));
        };
        const double below = own[static_cast<std::size_t>(column.x - left)];
        const int from = pixels(below);
        const int to = pixels(below + static_cast<double>(others) / static_cast<double>(column.length));
        const QRect rect(column.x, lane.bottom() + 1 - to, 1, to - from);
        if (!rest.isEmpty() && rest.right() + 1 == rect.left() && rest.top() == rect.top()
            && rest.height() == rect.height()) {
            rest.setRight(rect.right());
            continue;
        }
        flush();
        rest = rect;
    }
    flush();
}

void paintOtherBars(
    const Canvas& canvas, const QRect& lane, const RowPlan& plan, const Timeline& timeline, const QColor& color)
{
    const QFont font = scaledFont(canvas, 0.85);
    for (std::size_t i = 0; i < plan.bars.size(); ++i) {
        const Bar& bar = plan.bars[i];
        if (bar.value.state() != SliceState::Running) {
            continue;
        }
        const bool touches = i + 1 < plan.bars.size() && plan.bars[i + 1].x0 == bar.x1
            && plan.bars[i + 1].value.subject() != bar.value.subject();
        const int gap = touches && bar.x1 - bar.x0 > 2 * canvas.line(1) ? canvas.line(1) : 0;
        const QRect box(bar.x0, lane.top(), bar.x1 - bar.x0 - gap, lane.height());
        canvas.painter->fillRect(box, color);
        const QRect room = box.adjusted(canvas.px(0.3), 0, -canvas.px(0.3), 0);
        const QString name = programLabel(timeline.programs[bar.value.subject()]);
        if (room.width() >= canvas.px(kLeastName) && textWidth(canvas, font, name) <= room.width()) {
            paintText(canvas, room, Qt::AlignHCenter | Qt::AlignVCenter, name, font, canvas.theme->text);
        }
    }
}

} // namespace

std::vector<OthersStretch> planOthers(const CoreInfo& core, const TimeScale& scale, Nanos origin)
{
    std::vector<OthersStretch> stretches;
    const Nanos from = columnTime(scale, origin, scale.left);
    const Nanos to = columnTime(scale, origin, scale.right);
    const auto pixel = [&](Nanos t) {
        const double x = timeToPixel(scale, static_cast<double>(t - origin));
        return static_cast<int>(std::lround(std::clamp<double>(x, scale.left, scale.right)));
    };
    auto it = std::partition_point(
        core.usage.begin(), core.usage.end(), [from](const UsageSample& sample) { return sample.end <= from; });
    for (; it != core.usage.end() && it->begin < to; ++it) {
        if (it->end <= it->begin) {
            continue;
        }
        const Shares shares = core.track.shares({it->begin, it->end});
        const Nanos owned = std::accumulate(shares.begin() + 1, shares.end(), Nanos{0});
        const double own = static_cast<double>(owned) / static_cast<double>(it->end - it->begin);
        const bool measured = 2 * othersIn(core, {it->begin, it->end}).known > it->end - it->begin;
        const double others = measured ? 0.0 : std::max(0.0, static_cast<double>(it->busy) - own);
        const double stolen = std::max(0.0, static_cast<double>(it->stolen));
        const double free = 1 - own;
        if ((others < kLeast && stolen < kLeast) || free < kLeast) {
            continue;
        }
        OthersStretch stretch{pixel(it->begin), pixel(it->end), std::min(1.0, others / free), 0};
        stretch.stolen = std::min(1 - stretch.others, stolen / free);
        if (stretch.x1 > stretch.x0) {
            stretches.push_back(stretch);
        }
    }
    return stretches;
}

QColor othersColor(const Theme& theme)
{
    return mix(theme.lane, theme.mutedText, kTone);
}

void paintOthers(const Canvas& canvas, const QRect& lane, const std::vector<OthersStretch>& stretches)
{
    const Theme& theme = *canvas.theme;
    const QColor grey = othersColor(theme);
    for (const OthersStretch& stretch : stretches) {
        const int width = stretch.x1 - stretch.x0;
        const int tall = static_cast<int>(std::lround(stretch.others * lane.height()));
        const int taken = static_cast<int>(std::lround(stretch.stolen * lane.height()));
        const int bottom = lane.bottom() + 1;
        canvas.painter->fillRect(stretch.x0, bottom - tall, width, tall, grey);
        if (taken > 0) {
            paintHatch(canvas, QRect(stretch.x0, bottom - tall - taken, width, taken), theme.warning);
        }
    }
}

void paintUnseen(const Canvas& canvas, const QRect& rect)
{
    const QColor& color = canvas.theme->mutedText;
    paintHatch(canvas, rect, mix(canvas.theme->lane, color, kTone));
    paintFrame(*canvas.painter, rect, canvas.line(1), color);
}

void paintMeasuredOthers(const Canvas& canvas, const QRect& lane, const Timeline& timeline, std::size_t core,
    const TimeScale& scale, const RowPlan& own)
{
    const Nanos origin = originOf(timeline);
    RowPlan plan;
    planRow(timeline.cores[core].others, scale, origin, kNarrowBar * canvas.unit, plan);
    const QColor color = othersColor(*canvas.theme);
    if (!plan.columns.empty()) {
        paintOtherColumns(canvas, lane, plan, ownShares(own, scale), scale.left, color);
    }
    paintOtherBars(canvas, lane, plan, timeline, color);

    const auto least = static_cast<Nanos>(kNarrowBar * canvas.unit * scale.nanosPerPixel());
    const TimeRange sight{columnTime(scale, origin, scale.left), columnTime(scale, origin, scale.right)};
    for (const UnseenGap& gap : unseenGaps(timeline, core, sight, least)) {
        const auto pixel = [&](Nanos t) {
            const double x = timeToPixel(scale, static_cast<double>(t - origin));
            return static_cast<int>(std::lround(std::clamp<double>(x, scale.left, scale.right)));
        };
        const int x0 = pixel(gap.range.begin);
        const QRect box(x0, lane.top(), pixel(gap.range.end) - x0, lane.height());
        if (box.isEmpty()) {
            continue;
        }
        if (gap.host) {
            paintHatch(canvas, box, canvas.theme->warning);
        } else {
            paintUnseen(canvas, box);
        }
    }
}

OthersShown othersShown(const Timeline& timeline, TimeRange range)
{
    OthersShown shown;
    for (std::size_t i = 0; i < timeline.cores.size(); ++i) {
        shown.measured = shown.measured || othersIn(timeline.cores[i], range).others > 0;
        for (const UnseenGap& gap : unseenGaps(timeline, i, range, range.length() / kLegendParts)) {
            (gap.host ? shown.host : shown.unseen) = true;
        }
    }
    return shown;
}

} // namespace timeslice
