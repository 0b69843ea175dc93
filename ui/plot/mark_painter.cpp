#include "ui/plot/mark_painter.h"

#include "core/trace/mark_text.h"
#include "ui/plot/one_line.h"

#include <QFontMetrics>
#include <QPolygonF>
#include <algorithm>

namespace timeslice {

namespace {

constexpr double kFlagEm = 0.55;
constexpr std::size_t kMostMarkLooks = 50'000; // per row and frame

auto firstMarkFrom(const Timeline& timeline, Nanos time)
{
    return std::lower_bound(timeline.marks.begin(), timeline.marks.end(), time,
        [](const MarkPoint& mark, Nanos t) { return mark.time < t; });
}

/// Whether a good part of all that its thread ran would lie under flag and name.
bool hidesTheBars(const Timeline& timeline, std::uint32_t thread, const MarkFlag& flag, const TimeScale& scale)
{
    constexpr double kGoodPart = 0.25;
    const Track& track = timeline.threads[thread].track;
    const Nanos origin = originOf(timeline);
    const auto timeAt = [&](int x) { return origin + static_cast<Nanos>(pixelToTime(scale, x)); };
    const auto ran = [&](TimeRange range) {
        return static_cast<double>(track.shares(range)[static_cast<std::size_t>(SliceState::Running)]);
    };
    const TimeRange under{
        timeAt(std::min(flag.x, flag.label.left())), timeAt(std::max(flag.x, flag.label.right()) + 1)};
    return !track.empty() && ran(under) > kGoodPart * ran({track.begin(), track.end()});
}

} // namespace

QString markName(const Timeline& timeline, const MarkPoint& mark)
{
    const auto name = timeline.markNames.find(mark.object);
    if (name == timeline.markNames.end()) {
        return QStringLiteral("mark");
    }
    return oneLineText(markText(name->second, mark.value).text);
}

std::vector<MarkFlag> planMarks(const Canvas& canvas, const QRect& lane, const Timeline& timeline,
    std::span<const std::uint32_t> threads, const TimeScale& scale)
{
    std::vector<MarkFlag> flags;
    const Nanos origin = originOf(timeline);
    const auto from = firstMarkFrom(timeline, origin + static_cast<Nanos>(scale.begin));
    const auto to = firstMarkFrom(timeline, origin + static_cast<Nanos>(scale.end) + 1);
    const auto stride = static_cast<std::size_t>(to - from) / kMostMarkLooks + 1;
    const int apart = canvas.line(3);
    for (auto i = static_cast<std::size_t>(from - timeline.marks.begin());
         i < static_cast<std::size_t>(to - timeline.marks.begin()); i += stride) {
        const MarkPoint& mark = timeline.marks[i];
        if (std::find(threads.begin(), threads.end(), mark.thread) == threads.end()) {
            continue;
        }
        const auto x = static_cast<int>(timeToPixel(scale, static_cast<double>(mark.time - origin)));
        if (!flags.empty() && x - flags.back().x < apart) {
            ++flags.back().count;
        } else {
            flags.push_back({x, i, 1, {}, {}});
        }
    }
    const QFont font = scaledFont(canvas, 0.8);
    const QFontMetrics metrics(font);
    const int left = canvas.px(kFlagEm) + canvas.px(0.25);
    const auto clearFrom = [&](const MarkFlag& flag) {
        return std::max(flag.x + left, flag.text.isEmpty() ? 0 : flag.label.right() + 1);
    };
    for (std::size_t i = 0; i < flags.size(); ++i) {
        const int end = i + 1 < flags.size() ? flags[i + 1].x : lane.right() + 1;
        const QString text = markName(timeline, timeline.marks[flags[i].mark]);
        const int width = textWidth(canvas, font, text) + canvas.px(0.5);
        if (flags[i].count > 1 || lane.height() < metrics.height()) {
            continue;
        }
        // Behind the pole, as its flag is; before it at the lane's end, where no other flag can claim the name.
        const int begin = i == 0 ? lane.left() : clearFrom(flags[i - 1]);
        if (flags[i].x + left + width <= end) {
            flags[i].label = QRect(flags[i].x + left, lane.top(), width, metrics.height());
        } else if (i + 1 == flags.size() && begin + width + canvas.line(2) <= flags[i].x) {
            flags[i].label = QRect(flags[i].x - canvas.line(2) - width, lane.top(), width, metrics.height());
        } else {
            continue;
        }
        if (!hidesTheBars(timeline, timeline.marks[flags[i].mark].thread, flags[i], scale)) {
            flags[i].text = text;
        }
    }
    return flags;
}

void paintFlag(const Canvas& canvas, const QRect& pole)
{
    QPainter& painter = *canvas.painter;
    const double size = kFlagEm * canvas.em;
    painter.fillRect(pole, canvas.theme->text);
    const QPointF top(pole.right() + 1, pole.top());
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, true);
    painter.setPen(Qt::NoPen);
    painter.setBrush(canvas.theme->text);
    painter.drawPolygon(QPolygonF({top, top + QPointF(size, size * 0.5), top + QPointF(0, size)}));
    painter.restore();
}

void paintMarks(const Canvas& canvas, const QRect& lane, const std::vector<MarkFlag>& flags)
{
    for (const MarkFlag& flag : flags) {
        paintFlag(canvas, QRect(flag.x, lane.top(), canvas.line(1.5), lane.height()));
    }
}

void paintMarkNames(const Canvas& canvas, const std::vector<MarkFlag>& flags)
{
    const QFont font = scaledFont(canvas, 0.8);
    for (const MarkFlag& flag : flags) {
        if (!flag.text.isEmpty()) {
            canvas.painter->fillRect(flag.label, canvas.theme->lane);
            paintText(canvas, flag.label, Qt::AlignCenter, flag.text, font, canvas.theme->text);
        }
    }
}

QRect clearOfMarks(const Canvas& canvas, QRect text, std::span<const MarkFlag> flags)
{
    const int air = canvas.px(0.3);
    for (const MarkFlag& flag : flags) {
        const int right = std::max(flag.x + canvas.px(kFlagEm), flag.text.isEmpty() ? 0 : flag.label.right() + 1);
        const int left = flag.text.isEmpty() ? flag.x : std::min(flag.x, flag.label.left());
        if (text.left() < right + air && text.right() + air >= left) {
            text.moveLeft(right + air);
        }
    }
    return text;
}

bool marksWithin(const Timeline& timeline, std::span<const std::uint32_t> threads, TimeRange range)
{
    std::size_t looks = 0;
    for (auto at = firstMarkFrom(timeline, range.begin);
         at != timeline.marks.end() && at->time <= range.end && looks < kMostMarkLooks; ++at, ++looks) {
        if (std::find(threads.begin(), threads.end(), at->thread) != threads.end()) {
            return true;
        }
    }
    return false;
}

std::optional<std::size_t> markNear(const Timeline& timeline, std::uint32_t thread, Nanos time, Nanos reach)
{
    std::optional<std::size_t> nearest;
    std::size_t looks = 0;
    for (auto at = firstMarkFrom(timeline, time - reach);
         at != timeline.marks.end() && at->time <= time + reach && looks < kMostMarkLooks; ++at, ++looks) {
        if (at->thread == thread) {
            nearest = static_cast<std::size_t>(at - timeline.marks.begin());
        }
    }
    return nearest;
}

} // namespace timeslice
