#include "ui/plot/state_signs.h"

#include "ui/plot/arrow.h"
#include "ui/plot/axis_break.h"
#include "ui/plot/core_others.h"
#include "ui/plot/false_alarm_painter.h"
#include "ui/plot/mark_painter.h"
#include "ui/plot/process_painter.h"
#include "ui/plot/wakeup_arrows.h"

#include <algorithm>

namespace timeslice {

namespace {

constexpr double kNotchHeight = 0.3; // of the lane
constexpr double kVeiled = 0.4; // of a colour that is left where it fades
constexpr int kColorsShown = 3;
constexpr std::size_t kManyAlarms = 40; // whose line is long enough to be seen in a small picture

/// Side by side, `color` of the first threads.
template <class Color> void paintColors(QPainter& painter, const QRect& rect, Color color)
{
    for (int i = 0; i < kColorsShown; ++i) {
        const int left = rect.left() + rect.width() * i / kColorsShown;
        const int right = rect.left() + rect.width() * (i + 1) / kColorsShown;
        painter.fillRect(left, rect.top(), right - left, rect.height(), color(static_cast<std::uint8_t>(i + 1)));
    }
}

} // namespace

std::vector<StateSign> signsOf(const SignContents& contents)
{
    std::vector<StateSign> signs;
    const auto addIf = [&](bool there, StateSign sign) {
        if (there) {
            signs.push_back(sign);
        }
    };
    addIf(contents.running && !contents.colors, StateSign::Running);
    addIf(contents.colors, StateSign::Colors);
    addIf(!contents.lock.isEmpty(), StateSign::WaitingForLock);
    addIf(contents.deadlock, StateSign::Deadlock);
    addIf(contents.runnable, StateSign::Runnable);
    addIf(contents.blocked, StateSign::Blocked);
    addIf(contents.offCore, StateSign::OffCore);
    addIf(contents.folded, StateSign::Folded);
    addIf(contents.foldedWaits, StateSign::FoldedWait);
    addIf(contents.dropRequests, StateSign::DropRequest);
    addIf(contents.medians, StateSign::MedianHold);
    addIf(contents.falseAlarms, StateSign::FalseAlarm);
    addIf(contents.lostUpdate, StateSign::LostUpdate);
    addIf(contents.ifCounted, StateSign::IfCounted);
    addIf(contents.cpu, StateSign::OwnCpu);
    addIf(contents.others, StateSign::Others);
    addIf(contents.stolen, StateSign::Stolen);
    addIf(contents.outside, StateSign::Outside);
    addIf(contents.unseen, StateSign::Unseen);
    addIf(contents.memory, StateSign::Memory);
    addIf(contents.marks, StateSign::Mark);
    addIf(contents.wakeUps, StateSign::WakeUp);
    addIf(contents.born, StateSign::Born);
    addIf(contents.execs, StateSign::Exec);
    addIf(contents.killed, StateSign::Killed);
    addIf(contents.reaped, StateSign::Reaped);
    addIf(contents.foldedRows, StateSign::FoldedRows);
    addIf(contents.openRows, StateSign::OpenRows);
    addIf(contents.startUp, StateSign::AxisBreak);
    return signs;
}

QString signText(StateSign sign, const SignContents& contents)
{
    const auto withHolder = [&contents](const QString& text) {
        return contents.holder.isEmpty() ? text
                                         : text + QStringLiteral("; in the row of %1: who has it").arg(contents.holder);
    };
    switch (sign) {
    case StateSign::Running:
        return withHolder(QStringLiteral("running"));
    case StateSign::WaitingForLock:
        return QStringLiteral("waiting for %1").arg(contents.lock);
    case StateSign::Runnable:
        return contents.severalCores ? QStringLiteral("waiting for a core (its own core’s queue)")
                                     : QStringLiteral("waiting for a core");
    case StateSign::Blocked:
        return QStringLiteral("blocked: needs no core");
    case StateSign::OffCore:
        return QStringLiteral("blocked, or waiting for an unseen GIL");
    case StateSign::Folded:
        return QStringLiteral("half as high: half of the time");
    case StateSign::FoldedWait:
        return QStringLiteral("up to the line: waiting for a core");
    case StateSign::DropRequest:
        return QStringLiteral("asked for the GIL (as far as there is room)");
    case StateSign::MedianHold:
        return QStringLiteral("median hold: half of the holds are shorter");
    case StateSign::IfCounted:
        return QStringLiteral("if each update counted");
    case StateSign::LostUpdate:
        return QStringLiteral("a lost update");
    case StateSign::FalseAlarm:
        return QStringLiteral("false alarm: woken, and the GIL is taken");
    case StateSign::OwnCpu:
        return contents.coreLines ? QStringLiteral("cores busy with this program (dashed: each core)")
                                  : QStringLiteral("cores busy with this program");
    case StateSign::Others:
        return !contents.othersMeasured   ? QStringLiteral("other programs (sampled)")
            : contents.programs.isEmpty() ? QStringLiteral("other programs")
                                          : QStringLiteral("other programs: %1").arg(contents.programs);
    case StateSign::Stolen:
        return QStringLiteral("taken by the host");
    case StateSign::Deadlock:
        return QStringLiteral("waiting for ever");
    case StateSign::Outside:
        return QStringLiteral("pale: not part of the work");
    case StateSign::Colors:
        return withHolder(QStringLiteral("running, each thread in its colour"));
    case StateSign::Unseen:
        return QStringLiteral("not seen: another program or the host");
    case StateSign::Memory:
        return QStringLiteral("memory: its own, its share of shared (PSS), line: RSS");
    case StateSign::Mark:
        return QStringLiteral("a moment that the program marked, named where there is room");
    case StateSign::WakeUp:
        return QStringLiteral("one thread wakes another");
    case StateSign::Born:
        return QStringLiteral("a process is born");
    case StateSign::Exec:
        return QStringLiteral("it becomes another program");
    case StateSign::Killed:
        return QStringLiteral("killed by a signal");
    case StateSign::Reaped:
        return QStringLiteral("it has ended; at the square its parent learns of it");
    case StateSign::FoldedRows:
        return QStringLiteral("several threads in one row");
    case StateSign::OpenRows:
        return QStringLiteral("a process whose parts are below");
    case StateSign::AxisBreak:
        return QStringLiteral("start-up is left out");
    }
    return {};
}

QString signLook(StateSign sign)
{
    switch (sign) {
    case StateSign::Running:
        return QStringLiteral("Filled");
    case StateSign::WaitingForLock:
        return QStringLiteral("Hatched");
    case StateSign::Runnable:
        return QStringLiteral("Outlined");
    case StateSign::Blocked:
        return QStringLiteral("Thin line");
    case StateSign::OffCore:
        return QStringLiteral("Dashed line");
    case StateSign::Folded:
        return QStringLiteral("Filled in part");
    case StateSign::FoldedWait:
        return QStringLiteral("A thin line above a fill");
    case StateSign::DropRequest:
        return QStringLiteral("Notch");
    case StateSign::MedianHold:
        return QStringLiteral("Words beside a lock's name");
    case StateSign::IfCounted:
        return QStringLiteral("Dashed line in a counter's row");
    case StateSign::LostUpdate:
        return QStringLiteral("Upright line in a counter's row");
    case StateSign::FalseAlarm:
        return QStringLiteral("Thin line from the upper edge");
    case StateSign::OwnCpu:
        return QStringLiteral("A line with the area below it");
    case StateSign::Others:
        return QStringLiteral("Pale grey");
    case StateSign::Stolen:
        return QStringLiteral("Hatched in a core's row");
    case StateSign::Deadlock:
        return QStringLiteral("Framed");
    case StateSign::Outside:
        return QStringLiteral("Faded");
    case StateSign::Colors:
        return QStringLiteral("Several colours");
    case StateSign::Unseen:
        return QStringLiteral("Hatched and outlined in a core's row");
    case StateSign::Memory:
        return QStringLiteral("A dark area, a pale one on it, a line above");
    case StateSign::Mark:
        return QStringLiteral("A flag");
    case StateSign::WakeUp:
        return QStringLiteral("An arrow from row to row");
    case StateSign::Born:
        return QStringLiteral("A circle");
    case StateSign::Exec:
        return QStringLiteral("A diamond");
    case StateSign::Killed:
        return QStringLiteral("A cross");
    case StateSign::Reaped:
        return QStringLiteral("Dashes and a square");
    case StateSign::FoldedRows:
        return QStringLiteral("A triangle before a name");
    case StateSign::OpenRows:
        return QStringLiteral("A triangle before a name, pointing down");
    case StateSign::AxisBreak:
        return QStringLiteral("Two strokes through the axis");
    }
    return {};
}

void paintNotch(const Canvas& canvas, const QRect& lane, int x)
{
    const int width = canvas.line(1.5);
    const int height = std::max(canvas.line(3), static_cast<int>(lane.height() * kNotchHeight));
    const QRect notch(x - width / 2, lane.top(), width, height);
    const int rim = canvas.line(1);
    canvas.painter->fillRect(notch.adjusted(-rim, 0, rim, rim), canvas.theme->lane);
    canvas.painter->fillRect(notch, canvas.theme->text);
}

void paintSign(const Canvas& canvas, const QRect& rect, StateSign sign, std::uint8_t color)
{
    const Theme& theme = *canvas.theme;
    QPainter& painter = *canvas.painter;
    switch (sign) {
    case StateSign::Running:
    case StateSign::DropRequest:
        if (color == 0) { // nobody's: grey is what other programs are
            paintColors(painter, rect, [&](std::uint8_t i) { return theme.threadColor(i); });
        } else {
            painter.fillRect(rect, theme.threadColor(color));
            paintFrame(painter, rect, canvas.line(1), theme.threadOutline(color));
        }
        if (sign == StateSign::DropRequest) {
            paintNotch(canvas, rect, rect.center().x());
        }
        break;
    case StateSign::Folded: {
        const int tall = rect.height() / 2;
        painter.fillRect(rect, theme.lane);
        paintColors(painter, QRect(rect.left(), rect.bottom() + 1 - tall, rect.width(), tall),
            [&](std::uint8_t i) { return theme.threadColor(i); });
        break;
    }
    case StateSign::FoldedWait: {
        const int tall = rect.height() / 3;
        painter.fillRect(rect, theme.lane);
        painter.fillRect(QRect(rect.left(), rect.bottom() + 1 - tall, rect.width(), tall), theme.threadColor(1));
        painter.fillRect(
            rect.left(), rect.top() + rect.height() / 4, rect.width(), canvas.line(1), theme.threadOutline(1));
        break;
    }
    case StateSign::MedianHold: { // of three holds the middle one
        const int tall = std::max(1, rect.height() / 4);
        for (int i = 0; i < 3; ++i) {
            const int top = rect.top() + (rect.height() - tall) * i / 2;
            painter.fillRect(rect.left(), top, rect.width() * (i + 2) / 4, tall,
                i == 1 ? theme.text : mix(theme.window, theme.mutedText, kVeiled));
        }
        break;
    }
    case StateSign::IfCounted:
        painter.fillRect(rect, theme.lane);
        paintDashes(canvas, rect, theme.mutedText);
        break;
    case StateSign::LostUpdate:
        painter.fillRect(rect, theme.lane);
        painter.fillRect(rect.center().x(), rect.top(), canvas.line(2), rect.height(), theme.bad);
        break;
    case StateSign::Runnable:
        paintFrame(painter, rect, canvas.line(1.4), theme.threadOutline(color));
        break;
    case StateSign::WaitingForLock:
        paintHatch(canvas, rect, theme.hatch);
        paintFrame(painter, rect, canvas.line(1), theme.hatch);
        break;
    case StateSign::Blocked:
        painter.fillRect(rect.left(), rect.center().y(), rect.width(), canvas.line(1.2), theme.hatch);
        break;
    case StateSign::OffCore:
        paintDashes(canvas, rect, theme.hatch);
        break;
    case StateSign::OwnCpu:
        painter.fillRect(rect, theme.lane);
        painter.fillRect(rect.adjusted(0, rect.height() / 3, 0, 0), mix(theme.lane, theme.accent, 0.3));
        painter.fillRect(rect.left(), rect.top() + rect.height() / 3, rect.width(), canvas.line(1.6), theme.accent);
        break;
    case StateSign::Born:
        paintProcessSign(canvas, rect.center(), ProcessSign::Born);
        break;
    case StateSign::Exec:
        paintProcessSign(canvas, rect.center(), ProcessSign::Exec);
        break;
    case StateSign::Killed:
        paintProcessSign(canvas, rect.center(), ProcessSign::Killed);
        break;
    case StateSign::Reaped:
        paintDashes(canvas, rect, theme.mutedText);
        paintProcessSign(canvas, {rect.right() - rect.height() / 3.0, rect.center().y() + 0.5}, ProcessSign::Reaped);
        break;
    case StateSign::AxisBreak:
        paintAxisStrokes(canvas, rect);
        break;
    case StateSign::FoldedRows:
        paintFoldTriangle(canvas, rect.center(), Fold::Folded);
        break;
    case StateSign::OpenRows:
        paintFoldTriangle(canvas, rect.center(), Fold::Unfolded);
        break;
    case StateSign::Others:
        painter.fillRect(rect, othersColor(theme));
        break;
    case StateSign::Stolen:
        paintHatch(canvas, rect, theme.warning);
        break;
    case StateSign::FalseAlarm:
        paintHatch(canvas, rect, theme.hatch);
        paintFalseAlarms(canvas, rect, {{rect.center().x(), kManyAlarms}});
        break;
    case StateSign::Deadlock:
        paintHatch(canvas, rect, theme.hatch);
        paintFrame(painter, rect, canvas.line(1.8), theme.bad);
        break;
    case StateSign::Outside:
        paintColors(painter, rect.adjusted(0, 0, -rect.width() / (kColorsShown + 1), 0),
            [&](std::uint8_t i) { return mix(theme.window, theme.threadColor(i), kVeiled); });
        painter.fillRect(rect.adjusted(rect.width() - rect.width() / (kColorsShown + 1), 0, 0, 0),
            mix(theme.window, othersColor(theme), kVeiled));
        break;
    case StateSign::Colors:
        paintColors(painter, rect, [&](std::uint8_t i) { return theme.threadColor(i); });
        break;
    case StateSign::Unseen:
        paintUnseen(canvas, rect);
        break;
    case StateSign::Mark:
        painter.fillRect(rect, theme.lane);
        paintFlag(canvas, QRect(rect.left() + rect.width() / 3, rect.top(), canvas.line(1.5), rect.height()));
        break;
    case StateSign::WakeUp: {
        const int x = rect.center().x();
        paintArrow(canvas, {x, rect.top()}, {x, rect.bottom() + 1}, wakeupStyle(theme));
        break;
    }
    case StateSign::Memory:
        painter.fillRect(rect, theme.lane);
        painter.fillRect(rect.adjusted(0, rect.height() / 3, 0, 0), mix(theme.lane, theme.accent, 0.25));
        painter.fillRect(rect.adjusted(0, rect.height() * 2 / 3, 0, 0), mix(theme.lane, theme.accent, 0.6));
        painter.fillRect(rect.left(), rect.top(), rect.width(), canvas.line(1.6), theme.mutedText);
        break;
    }
}

} // namespace timeslice
