// The graph of waiting as it is drawn: threads are round and have their colour, locks are square; an arrow from a lock
// leads to who holds it, a dashed one from a thread to what it waits for. The window and the figures share it.
//
// Geometry is planned without a painter, so that it is tested without a window. All lengths are device pixels.
#pragma once

#include "ui/graph/wait_picture.h"
#include "ui/plot/canvas.h"
#include "ui/plot/thread_colors.h"

#include <QLineF>
#include <QRectF>
#include <QString>
#include <QStringList>
#include <cstddef>
#include <optional>
#include <vector>

namespace timeslice {

struct WaitBox {
    WaitNode node;
    QString name; ///< whole
    QString label; ///< as it has room: the name, or its initials
    QRectF rect;
    double ems = 1; ///< size of its text
};

/// A box for each node within `room`, by their places. Where the names would lie on each other, or leave too little of
/// the arrows between them to be seen, those of the threads get shorter, or of the locks, or all; then the text
/// smaller.
std::vector<WaitBox> planWaitBoxes(
    const Canvas& canvas, const WaitPicture& picture, const Timeline& timeline, const QRectF& room);

/// "P1" of "Philosopher 1"; of a long name that is one word, its first letters.
QString initialsOf(const QString& name);

/// From the edge of one box to the edge of another; `aside`: how far beside the straight way.
QLineF arrowBetween(const QRectF& from, const QRectF& to, double aside);

struct WaitScene {
    const std::vector<WaitBox>& boxes;
    const WaitGraph& graph;
    const Timeline& timeline;
    const ThreadColors& colors;
    std::optional<WaitNode> pointed; ///< is lifted out
};
/// What the two kinds of arrows mean, on one line of text of that size.
void paintWaitKey(const Canvas& canvas, const QRect& line, double ems);
void paintWaitGraph(const Canvas& canvas, const WaitScene& scene);

/// "Thread 1 holds A, waits for B since 3.2 ms", for each thread that waits, those of the circle first. Moments count
/// from the start of work, as on the axis.
struct WaitSentence {
    QString text;
    bool inCycle = false;
};
std::vector<WaitSentence> waitSentences(const WaitGraph& graph, const Timeline& timeline);

} // namespace timeslice
