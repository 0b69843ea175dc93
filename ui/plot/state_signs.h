// StateSign: what fills, patterns and marks in a picture mean; the window's legend and the figures' are made of these.
#pragma once

#include "ui/plot/canvas.h"

#include <QRect>
#include <QString>
#include <vector>

namespace timeslice {

enum class StateSign : unsigned char {
    Running,
    WaitingForLock,
    Runnable,
    Blocked,
    OffCore, ///< SliceState::OffCore
    Folded, ///< slices that share a pixel
    FoldedWait, ///< of these, what waits for a core: a thin line above the fill
    DropRequest, ///< the notch on a GIL's row
    MedianHold, ///< what the words beside a lock's name mean
    IfCounted, ///< the dashed line in a counter's row
    LostUpdate, ///< the upright line there
    FalseAlarm, ///< the thin line on a thread's row
    OwnCpu, ///< in the CPU row
    Others, ///< in core rows and the CPU row
    Unseen, ///< in core rows: a thread waits for the core, and nothing accounts for it
    Stolen, ///< the same
    Deadlock, ///< the frame around a wait without an end
    Outside, ///< faded: before or after the work
    Colors, ///< what the threads' colours are, where they are not named one by one
    Memory, ///< of a process
    Mark, ///< a flag: a moment that the program named
    WakeUp, ///< an arrow from the thread that woke another
    Born, ///< a circle: a process came into being
    Exec, ///< a diamond: it became another program
    Killed, ///< a cross: a signal ended it
    Reaped, ///< a square: its parent has learnt that it is over
    FoldedRows, ///< a triangle: several threads or processes in one row
    OpenRows, ///< a triangle that points down: what is in it has rows of its own
    AxisBreak, ///< two strokes through the axis: the start-up is left out
};

/// What of all that a picture contains: see ui/plot/sign_contents.h for a window's, FigureSigns for a figure's.
struct SignContents {
    bool running = true;
    bool runnable = true;
    bool blocked = true;
    QString lock; ///< what a waiting thread waits for: "the GIL", "a lock"; empty = the run has none
    bool offCore = false; ///< some thread may wait for a GIL that is not recorded
    QString holder = {}; ///< whose rows have their holder's colour: "the GIL", "a lock"; empty = there is none
    bool severalCores = false; ///< who waits for one may see another idle
    bool folded = false; ///< some bars are lower than their row
    bool foldedWaits = false; ///< and above some a part is waiting for a core
    bool medians = false; ///< of holds, beside the names of locks
    bool ifCounted = false; ///< a counter's row has a dashed line
    bool lostUpdate = false; ///< and a line at the moment of a loss
    bool dropRequests = false;
    bool falseAlarms = false;
    bool cpu = true; ///< there is a CPU row
    bool others = false;
    bool stolen = false;
    bool deadlock = false;
    bool outside = false;
    bool colors = false;
    bool othersMeasured = false; ///< by name, in the core rows
    bool unseen = false;
    bool memory = false;
    bool marks = false;
    bool wakeUps = false; ///< arrows
    bool born = false;
    bool execs = false;
    bool killed = false;
    bool reaped = false; ///< a while after the end
    bool foldedRows = false;
    bool openRows = false;
    bool coreLines = false; ///< in the CPU row a dashed line at each core
    bool startUp = false; ///< left out, at the axis
    QString programs =
        {}; ///< the other programs by name, those that ran most; empty: it is not known, or there are many

    friend bool operator==(const SignContents&, const SignContents&) = default;
};

/// In the order of a legend.
std::vector<StateSign> signsOf(const SignContents& contents);
/// "waiting for the GIL"
QString signText(StateSign sign, const SignContents& contents);
/// How it looks, for those who do not see it: "Hatched".
QString signLook(StateSign sign);

/// As the rows show it, within `rect`. `color`: of the thread, for Theme::threadColor(); 0 is nobody's: what a state
/// looks like, whoever is in it.
void paintSign(const Canvas& canvas, const QRect& rect, StateSign sign, std::uint8_t color = 0);

/// A drop request's notch at `x` on a lane.
void paintNotch(const Canvas& canvas, const QRect& lane, int x);

} // namespace timeslice
