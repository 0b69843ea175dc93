#include "ui/graph/wait_painter.h"

#include "core/analysis/names.h"
#include "ui/plot/format_time.h"
#include "ui/plot/one_line.h"
#include "ui/plot/row_list.h"

#include <QFontMetrics>
#include <QPolygonF>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace timeslice {

namespace {

constexpr double kNodeTextEms[] = {0.95, 0.8, 0.68}; // the largest that leaves room for the arrows
constexpr double kNodeAir = 0.53; // beside a label in its box, of its text's size
constexpr double kNodeTall = 1.84; // its height, the same
constexpr double kLeastArrowEm = 1.4; // of an arrow that is seen to be one, and dashed or not
constexpr double kDashEm = 0.32;
constexpr double kDashesAtLeast = 2.5; // on the shortest arrow

QString nameOf(const Timeline& timeline, const WaitNode& node)
{
    return oneLineText(
        node.kind == WaitNode::Kind::Thread ? threadName(timeline, node.index) : lockName(timeline, node.index));
}

bool overlap(const std::vector<WaitBox>& boxes, double air)
{
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        const QRectF grown = boxes[i].rect.adjusted(-air, -air, air, air);
        for (std::size_t k = i + 1; k < boxes.size(); ++k) {
            if (grown.intersects(boxes[k].rect)) {
                return true;
            }
        }
    }
    return false;
}

/// Boxes keep clear of the room's edges, and their middles are spread over what is left.
void place(std::vector<WaitBox>& boxes, const WaitPicture& picture, const QRectF& room)
{
    double width = 0;
    double height = 0;
    for (const WaitBox& box : boxes) {
        width = std::max(width, box.rect.width());
        height = std::max(height, box.rect.height());
    }
    const QRectF middles = room.adjusted(width / 2, height / 2, -width / 2, -height / 2);
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        const GraphPlace& at = picture.places()[i];
        boxes[i].rect.moveCenter(
            QPointF(middles.left() + at.x * middles.width(), middles.top() + at.y * middles.height()));
    }
}

/// Where the line from the middle of `box` towards `target` leaves it.
QPointF leaves(const QRectF& box, const QPointF& target)
{
    const QPointF middle = box.center();
    const QPointF way = target - middle;
    const double across = std::abs(way.x()) > 0 ? box.width() / 2 / std::abs(way.x()) : 1e9;
    const double along = std::abs(way.y()) > 0 ? box.height() / 2 / std::abs(way.y()) : 1e9;
    return middle + way * std::min({across, along, 0.5});
}

/// From the edge of a thread's box to that of a lock's; arrows join no others.
double shortestWay(const std::vector<WaitBox>& boxes)
{
    double least = std::numeric_limits<double>::max();
    for (const WaitBox& thread : boxes) {
        for (const WaitBox& lock : boxes) {
            if (thread.node.kind == WaitNode::Kind::Thread && lock.node.kind == WaitNode::Kind::Lock) {
                least = std::min(least, arrowBetween(thread.rect, lock.rect, 0).length());
            }
        }
    }
    return least;
}

void paintArrow(const Canvas& canvas, const QLineF& line, const QColor& color, double width, bool dashed)
{
    QPainter& painter = *canvas.painter;
    const double head = canvas.em * 0.32 + width * 1.5;
    if (line.length() < head) {
        return;
    }
    const QPointF along = (line.p2() - line.p1()) / line.length();
    const QPointF across(-along.y(), along.x());
    QPen pen(color, width);
    pen.setCapStyle(Qt::FlatCap);
    if (dashed) {
        constexpr double kGap = 0.75; // of a dash
        const double most = (line.length() - head) / (kDashesAtLeast * (1 + kGap));
        const double dash = std::max(1.0, std::min(canvas.em * kDashEm, most) / width);
        pen.setDashPattern({dash, dash * kGap});
    }
    painter.setPen(pen);
    painter.drawLine(QLineF(line.p1(), line.p2() - along * head));
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawPolygon(QPolygonF({line.p2(), line.p2() - along * head * 1.15 + across * head * 0.5,
        line.p2() - along * head * 1.15 - across * head * 0.5}));
}

void paintWaitArrow(const Canvas& canvas, const QLineF& line, bool waits, bool inCycle)
{
    const QColor color = inCycle ? canvas.theme->bad : canvas.theme->text;
    paintArrow(canvas, line, color, canvas.line(inCycle ? 2.5 : 1.5), waits);
}

const WaitBox* boxOf(const std::vector<WaitBox>& boxes, const WaitNode& node)
{
    const auto found = std::find_if(boxes.begin(), boxes.end(), [&](const WaitBox& box) { return box.node == node; });
    return found != boxes.end() ? &*found : nullptr;
}

void paintEdge(const Canvas& canvas, const WaitScene& scene, const WaitGraph::Edge& edge, bool waits)
{
    const WaitBox* thread = boxOf(scene.boxes, {WaitNode::Kind::Thread, edge.use.thread});
    const WaitBox* lock = boxOf(scene.boxes, {WaitNode::Kind::Lock, edge.use.lock});
    if (thread == nullptr || lock == nullptr) {
        return;
    }
    // A thread that waits for what it holds has both arrows between the same two.
    const WaitGraph::Edge* its = scene.graph.waitOf(edge.use.thread);
    const bool both = its != nullptr && its->use == edge.use
        && std::any_of(scene.graph.holds.begin(), scene.graph.holds.end(),
            [&](const WaitGraph::Edge& hold) { return hold.use == edge.use; });
    const double aside = both ? canvas.em * 0.45 : 0;
    const QLineF line =
        waits ? arrowBetween(thread->rect, lock->rect, aside) : arrowBetween(lock->rect, thread->rect, aside);
    paintWaitArrow(canvas, line, waits, edge.inCycle);
}

void paintBox(const Canvas& canvas, const WaitScene& scene, const WaitBox& box)
{
    const Theme& theme = *canvas.theme;
    const bool isThread = box.node.kind == WaitNode::Kind::Thread;
    const auto inCycle = [&](const WaitGraph::Edge& edge) {
        return edge.inCycle && (isThread ? edge.use.thread : edge.use.lock) == box.node.index;
    };
    const bool trouble = std::any_of(scene.graph.waits.begin(), scene.graph.waits.end(), inCycle)
        || std::any_of(scene.graph.holds.begin(), scene.graph.holds.end(), inCycle);
    const std::uint8_t slot = isThread ? scene.colors.of(scene.timeline, box.node.index) : 0;
    QPainter& painter = *canvas.painter;
    const QColor edge = trouble ? theme.bad : isThread ? theme.threadOutline(slot) : theme.barOutline;
    painter.setBrush(isThread ? theme.threadColor(slot) : theme.card);
    painter.setPen(QPen(edge, canvas.line(trouble ? 2.5 : 1.5)));
    const double radius = isThread ? box.rect.height() / 2 : canvas.px(0.15);
    painter.drawRoundedRect(box.rect, radius, radius);
    if (scene.pointed == box.node) {
        const double gap = canvas.line(3);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(theme.text, canvas.line(2)));
        painter.drawRoundedRect(box.rect.adjusted(-gap, -gap, gap, gap), radius + gap, radius + gap);
    }
    paintText(canvas, box.rect.toAlignedRect(), Qt::AlignCenter, box.label, scaledFont(canvas, box.ems),
        isThread ? theme.threadText(slot) : theme.text);
}

} // namespace

QString initialsOf(const QString& name)
{
    constexpr int kShort = 6;
    constexpr int kLetters = 4;
    QString initials;
    for (const QString& word : name.split(u' ', Qt::SkipEmptyParts)) {
        bool isNumber = false;
        word.toUInt(&isNumber);
        initials += isNumber ? word : word.left(1);
    }
    return initials.size() > 1 ? initials : name.size() > kShort ? name.left(kLetters) + QStringLiteral("…") : name;
}

std::vector<WaitBox> planWaitBoxes(
    const Canvas& canvas, const WaitPicture& picture, const Timeline& timeline, const QRectF& room)
{
    const double most = room.width() * 0.45;
    std::vector<WaitBox> boxes;
    std::vector<WaitBox> close; // they can all be read, if not their arrows
    constexpr std::pair<bool, bool> kBrief[] = {{false, false}, {true, false}, {false, true}, {true, true}};
    for (const double ems : kNodeTextEms) {
        const QFontMetrics metrics(scaledFont(canvas, ems));
        const double em = ems * canvas.em;
        for (const auto& [threads, locks] : kBrief) {
            boxes.clear();
            for (const WaitNode& node : picture.nodes()) {
                WaitBox box{node, nameOf(timeline, node), {}, {}, ems};
                const bool brief = node.kind == WaitNode::Kind::Thread ? threads : locks;
                box.label = brief ? initialsOf(box.name) : box.name;
                const double width = metrics.horizontalAdvance(box.label) + 2 * kNodeAir * em;
                box.rect = QRectF(0, 0, std::min(std::max(width, kNodeTall * em), most), kNodeTall * em);
                boxes.push_back(std::move(box));
            }
            place(boxes, picture, room);
            const bool fits = std::all_of(boxes.begin(), boxes.end(),
                [&](const WaitBox& box) { return metrics.horizontalAdvance(box.label) <= box.rect.width(); });
            if (!fits || overlap(boxes, canvas.em * 0.5)) {
                continue;
            }
            if (shortestWay(boxes) >= kLeastArrowEm * canvas.em) {
                return boxes;
            }
            close = close.empty() ? boxes : close;
        }
    }
    return close.empty() ? boxes : close;
}

QLineF arrowBetween(const QRectF& from, const QRectF& to, double aside)
{
    const QLineF middles(from.center(), to.center());
    const double length = std::max(1.0, middles.length());
    const QPointF across(-(middles.dy()) / length * aside, middles.dx() / length * aside);
    return {
        leaves(from.translated(across), to.center() + across), leaves(to.translated(across), from.center() + across)};
}

void paintWaitKey(const Canvas& canvas, const QRect& line, double ems)
{
    const QFont font = scaledFont(canvas, ems);
    const QFontMetrics metrics(font);
    const int arrow = canvas.px(1.9);
    int x = line.left();
    for (const bool waits : {true, false}) {
        canvas.painter->setRenderHint(QPainter::Antialiasing, true);
        const double y = line.center().y();
        paintWaitArrow(canvas, QLineF(x, y, x + arrow, y), waits, false);
        canvas.painter->setRenderHint(QPainter::Antialiasing, false);
        x += arrow + canvas.px(0.35);
        const QString text = waits ? QStringLiteral("waits for") : QStringLiteral("is held by");
        paintText(canvas, QRect(x, line.top(), std::max(0, line.right() - x), line.height()),
            Qt::AlignLeft | Qt::AlignVCenter, text, font, canvas.theme->mutedText);
        x += metrics.horizontalAdvance(text) + canvas.px(1);
    }
}

void paintWaitGraph(const Canvas& canvas, const WaitScene& scene)
{
    QPainter& painter = *canvas.painter;
    painter.setRenderHint(QPainter::Antialiasing, true);
    for (const bool trouble : {false, true}) { // the circle lies over all else
        for (const WaitGraph::Edge& hold : scene.graph.holds) {
            if (hold.inCycle == trouble) {
                paintEdge(canvas, scene, hold, false);
            }
        }
        for (const WaitGraph::Edge& wait : scene.graph.waits) {
            if (wait.inCycle == trouble) {
                paintEdge(canvas, scene, wait, true);
            }
        }
    }
    for (const WaitBox& box : scene.boxes) {
        paintBox(canvas, scene, box);
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
}

std::vector<WaitSentence> waitSentences(const WaitGraph& graph, const Timeline& timeline)
{
    std::vector<WaitSentence> sentences;
    for (const bool inCycle : {true, false}) {
        for (const WaitGraph::Edge& wait : graph.waits) {
            if (wait.inCycle != inCycle) {
                continue;
            }
            QStringList held;
            for (const WaitGraph::Edge& hold : graph.holds) {
                if (hold.use.thread == wait.use.thread) {
                    held << nameOf(timeline, {WaitNode::Kind::Lock, hold.use.lock});
                }
            }
            const QString since = formatInstant(wait.since - originOf(timeline), 100 * kMicrosecond);
            const QString thread = nameOf(timeline, {WaitNode::Kind::Thread, wait.use.thread});
            const QString lock = nameOf(timeline, {WaitNode::Kind::Lock, wait.use.lock});
            sentences.push_back({held.isEmpty() ? QStringLiteral("%1 waits for %2 from %3 on").arg(thread, lock, since)
                                                : QStringLiteral("%1 holds %2, waits for %3 from %4 on")
                                                      .arg(thread, held.join(QStringLiteral(" and ")), lock, since),
                inCycle});
        }
    }
    return sentences;
}

} // namespace timeslice
