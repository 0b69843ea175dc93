#include "ui/plot/end_label.h"

#include <QFontMetrics>

namespace timeslice {

namespace {

constexpr double kEndLabelEm = 0.85;
constexpr double kEndAirEm = 0.45; // between a bar's end and the word

} // namespace

std::optional<EndLabel> planEndLabel(const Canvas& canvas, const QRect& lane, const VariantPicture& variant,
    const ThreadInfo& thread, const TimeScale& scale)
{
    const Timeline& timeline = variant.recording->timeline;
    if (thread.exited == 0) {
        return std::nullopt;
    }
    const double x = timeToPixel(scale, static_cast<double>(thread.exited - originOf(timeline)));
    if (x < lane.left() || x > lane.right() + 1) {
        return std::nullopt;
    }
    // A run that was ended from outside did not get its work done.
    const bool whole = !variant.deadlock && variant.exit.kind == Exit::Kind::Exited;
    EndLabel label;
    const auto unfinished = variant.unfinished.find(thread.name);
    label.starved = unfinished != variant.unfinished.end() && unfinished->second == Unfinished::Starved;
    label.text = label.starved                   ? QStringLiteral("starved")
        : unfinished != variant.unfinished.end() ? QStringLiteral("cut off")
        : whole                                  ? QStringLiteral("done")
                                                 : QStringLiteral("stopped");
    const int width = QFontMetrics(scaledFont(canvas, kEndLabelEm)).horizontalAdvance(label.text) + 1;
    label.rect = QRect(static_cast<int>(x) + canvas.px(kEndAirEm), lane.top(), width, lane.height());
    label.withinWork = thread.exited <= timeline.workRange().end;
    return label;
}

void paintEndLabel(const Canvas& canvas, const QRect& lane, const EndLabel& label)
{
    const Theme& theme = *canvas.theme;
    if (label.withinWork) { // the dashed line makes way
        const int air = canvas.line(2);
        const QRect plate = label.rect.adjusted(-air, 0, air, 0);
        canvas.painter->fillRect(plate, theme.window);
        canvas.painter->fillRect(plate.intersected(lane), theme.lane);
    }
    paintText(canvas, label.rect, Qt::AlignLeft | Qt::AlignVCenter, label.text, scaledFont(canvas, kEndLabelEm),
        label.starved ? theme.bad : theme.mutedText);
}

} // namespace timeslice
