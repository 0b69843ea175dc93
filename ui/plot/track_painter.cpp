#include "ui/plot/track_painter.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace timeslice {

struct TrackPainter::Tone {
    QRgb fill = 0;
    QRgb edge = 0;
};

namespace {

constexpr double kLoneTick = 5; ///< logical pixels: how tall a short run between two long waits is at least

int shareOf(Nanos part, Nanos whole, int height)
{
    return whole > 0 ? static_cast<int>((static_cast<double>(part) / static_cast<double>(whole)) * height + 0.5) : 0;
}

/// Source over an opaque pixel; `over` is premultiplied.
QRgb blend(QRgb under, QRgb over)
{
    const int rest = 255 - qAlpha(over);
    return qRgb(qRed(over) + qRed(under) * rest / 255, qGreen(over) + qGreen(under) * rest / 255,
        qBlue(over) + qBlue(under) * rest / 255);
}

bool isSame(const Bar& a, const Bar& b)
{
    return a.value.state() == b.value.state() && a.value.category() == b.value.category()
        && a.value.subject() == b.value.subject();
}

/// Somebody else's filled bar follows at once: a gap keeps them apart. Beside anything else a bar has its whole width.
bool touchesNext(const RowPlan& plan, std::size_t bar)
{
    return bar + 1 < plan.bars.size() && plan.bars[bar + 1].x0 == plan.bars[bar].x1
        && plan.bars[bar + 1].value.state() == SliceState::Running && !isSame(plan.bars[bar], plan.bars[bar + 1]);
}

/// In the pixel at `x`, which is a column, what the bar shows goes on for the most part.
bool goesOnAt(const RowPlan& plan, const Bar& bar, int x)
{
    const auto column = std::lower_bound(
        plan.columns.begin(), plan.columns.end(), x, [](const Column& one, int at) { return one.x < at; });
    return column != plan.columns.end() && column->x == x && 2 * column->shares[bar.value.category()] > column->length;
}

bool beginsHere(const RowPlan& plan, std::size_t index)
{
    const Bar& bar = plan.bars[index];
    const bool follows = index > 0 && plan.bars[index - 1].x1 == bar.x0 && isSame(plan.bars[index - 1], bar);
    return !follows && !goesOnAt(plan, bar, bar.x0 - 1);
}

bool endsHere(const RowPlan& plan, std::size_t index)
{
    const Bar& bar = plan.bars[index];
    const bool goesOn =
        index + 1 < plan.bars.size() && plan.bars[index + 1].x0 == bar.x1 && isSame(bar, plan.bars[index + 1]);
    return !goesOn && !goesOnAt(plan, bar, bar.x1);
}

QImage& threadsStrip()
{
    thread_local QImage strip;
    return strip;
}

Nanos of(const Column& column, SliceState state)
{
    return column.shares[static_cast<std::size_t>(state)];
}

} // namespace

TrackPainter::TrackPainter(const Canvas& canvas)
    : m_canvas(canvas)
    , m_strip(threadsStrip())
{
}

void TrackPainter::paintLane(const QRect& lane) const
{
    m_canvas.painter->fillRect(lane, m_canvas.theme->lane);
}

/// Calls paintColumn(column, x in the strip, stands it alone) for each column and puts the runs of neighbouring ones on
/// the canvas.
template <class PaintColumn>
void TrackPainter::paintColumns(const QRect& lane, const RowPlan& plan, PaintColumn paintColumn)
{
    if (plan.columns.empty()) {
        return;
    }
    const QSize size(lane.width(), lane.height());
    if (m_strip.size() != size) {
        m_strip = QImage(size, QImage::Format_RGB32);
    }
    const QRgb empty = m_canvas.theme->lane.rgb();
    for (std::size_t first = 0; first < plan.columns.size();) {
        std::size_t last = first;
        while (last + 1 < plan.columns.size() && plan.columns[last + 1].x == plan.columns[last].x + 1) {
            ++last;
        }
        const int x0 = plan.columns[first].x - lane.left();
        const int count = static_cast<int>(last - first) + 1;
        for (int y = 0; y < size.height(); ++y) {
            auto* line = reinterpret_cast<QRgb*>(m_strip.scanLine(y)) + x0;
            std::fill(line, line + count, empty);
        }
        for (std::size_t i = first; i <= last; ++i) {
            paintColumn(plan.columns[i], plan.columns[i].x - lane.left(), last - first < 2);
        }
        const QRect source(x0, 0, count, size.height());
        const QPoint target(plan.columns[first].x, lane.top());
        if (m_canvas.vector && last - first < 2) {
            paintShapes(source, target);
        } else if (m_canvas.vector) {
            m_canvas.painter->drawImage(target, m_strip.copy(source)); // QSvgGenerator ignores a source rectangle
        } else {
            m_canvas.painter->drawImage(target, m_strip, source);
        }
        first = last + 1;
    }
}

void TrackPainter::paintShapes(const QRect& source, const QPoint& target) const
{
    const QRgb empty = m_canvas.theme->lane.rgb();
    for (int x = 0; x < source.width(); ++x) {
        const auto at = [&](int y) { return m_strip.pixel(source.left() + x, y); };
        for (int y = 0; y < source.height();) {
            int end = y + 1;
            while (end < source.height() && at(end) == at(y)) {
                ++end;
            }
            if (at(y) != empty) {
                m_canvas.painter->fillRect(target.x() + x, target.y() + y, 1, end - y, QColor::fromRgb(at(y)));
            }
            y = end;
        }
    }
}

void TrackPainter::paintThreadColumn(const QRect& lane, const Column& column, int x, const Tone& tone, bool alone)
{
    const int height = lane.height();
    const auto stride = m_strip.bytesPerLine() / static_cast<qsizetype>(sizeof(QRgb));
    auto* bottom = reinterpret_cast<QRgb*>(m_strip.scanLine(height - 1)) + x;
    const auto pixel = [&](int up) -> QRgb& { return *(bottom - up * stride); };

    const Nanos running = of(column, SliceState::Running);
    const Nanos runnable = of(column, SliceState::Runnable);
    const Nanos waiting = of(column, SliceState::WaitingForLock);
    // Whatever ran is seen, if only as a tick.
    const int tick = std::min(height, m_canvas.line(alone ? kLoneTick : 1));
    const int runningTop = std::max(shareOf(running, column.length, height), running > 0 ? tick : 0);
    const int runnableTop = std::max(runningTop, shareOf(running + runnable, column.length, height));
    const int waitingTop = std::max(runnableTop, shareOf(running + runnable + waiting, column.length, height));
    for (int up = 0; up < runningTop; ++up) {
        pixel(up) = tone.fill;
    }
    if (runningTop > 0 && runningTop <= height) {
        pixel(runningTop - 1) = tone.edge;
    }
    // Waiting for a core is an outline without a fill, here as in a bar.
    for (int up = runningTop; up < runnableTop; ++up) {
        pixel(up) = up + 1 == runnableTop ? tone.edge : m_canvas.theme->lane.rgb();
    }
    if (waitingTop > runnableTop) {
        const QImage& tile = hatchTile(m_canvas.theme->hatch, m_canvas.unit);
        const int period = tile.width();
        for (int up = runnableTop; up < waitingTop; ++up) {
            const auto* line = reinterpret_cast<const QRgb*>(tile.constScanLine((lane.bottom() - up) % period));
            pixel(up) = blend(m_canvas.theme->lane.rgb(), line[column.x % period]);
        }
    }
    const int line = m_canvas.line(1.2);
    const int above = height - (height / 2 - line / 2); // where a bar's line begins, counted from below
    const int period = m_canvas.line(kDashPeriod);
    const bool dash = of(column, SliceState::OffCore) > 0 && column.x % period < period / 2;
    if ((dash || of(column, SliceState::Blocked) > 0) && waitingTop <= above - line) {
        for (int up = above - line; up < above; ++up) {
            pixel(up) = m_canvas.theme->hatch.rgb();
        }
    }
}

void TrackPainter::paintThread(const QRect& lane, const RowPlan& plan, std::uint8_t color)
{
    const Theme& theme = *m_canvas.theme;
    QPainter& painter = *m_canvas.painter;
    const QColor fill = theme.threadColor(color);
    const QColor edge = theme.threadOutline(color);
    const Tone tone{fill.rgb(), edge.rgb()};
    paintColumns(
        lane, plan, [&](const Column& column, int x, bool alone) { paintThreadColumn(lane, column, x, tone, alone); });
    for (std::size_t i = 0; i < plan.bars.size(); ++i) {
        const Bar& bar = plan.bars[i];
        const QRect box(bar.x0, lane.top(), bar.x1 - bar.x0, lane.height());
        switch (bar.value.state()) {
        case SliceState::Running:
            paintFilled(lane, plan, i, color);
            break;
        case SliceState::Runnable:
            paintFrame(painter, box.adjusted(0, 0, -m_canvas.line(1), 0), m_canvas.line(1.4), edge);
            break;
        case SliceState::WaitingForLock:
            paintHatch(m_canvas, box, theme.hatch);
            paintFrame(painter, box.adjusted(0, 0, -m_canvas.line(1), 0), m_canvas.line(1), theme.hatch);
            break;
        case SliceState::Blocked: {
            const int width = m_canvas.line(1.2);
            painter.fillRect(box.left(), lane.top() + lane.height() / 2 - width / 2, box.width(), width, theme.hatch);
            break;
        }
        case SliceState::OffCore:
            paintDashes(m_canvas, box, theme.hatch);
            break;
        case SliceState::Absent:
            break;
        }
    }
}

void TrackPainter::paintFilled(const QRect& lane, const RowPlan& plan, std::size_t index, std::uint8_t color) const
{
    const Theme& theme = *m_canvas.theme;
    const Bar& bar = plan.bars[index];
    const int gap = touchesNext(plan, index) && bar.x1 - bar.x0 > 2 * m_canvas.line(1) ? m_canvas.line(1) : 0;
    const QRect box(bar.x0, lane.top(), bar.x1 - bar.x0 - gap, lane.height());
    const QColor fill = theme.threadColor(color);
    const QColor edge = theme.threadOutline(color);
    m_canvas.painter->fillRect(box, fill);
    if (edge == fill) {
        return;
    }
    const int width = m_canvas.line(1);
    m_canvas.painter->fillRect(box.left(), box.top(), box.width(), width, edge);
    m_canvas.painter->fillRect(box.left(), box.bottom() + 1 - width, box.width(), width, edge);
    if (box.width() < 6 * width) {
        return; // too narrow for sides
    }
    if (beginsHere(plan, index)) {
        m_canvas.painter->fillRect(box.left(), box.top(), width, box.height(), edge);
    }
    if (endsHere(plan, index)) {
        m_canvas.painter->fillRect(box.right() + 1 - width, box.top(), width, box.height(), edge);
    }
}

int TrackPainter::paintStackedColumn(const Column& column, int height, int x, const std::vector<Tone>& tones)
{
    const auto stride = m_strip.bytesPerLine() / static_cast<qsizetype>(sizeof(QRgb));
    auto* bottom = reinterpret_cast<QRgb*>(m_strip.scanLine(height - 1)) + x;
    if (column.mean) {
        const Nanos held = std::accumulate(column.shares.begin() + 1, column.shares.end(), Nanos{0});
        const int to = held > 0 ? std::max(1, shareOf(held, column.length, height)) : 0;
        const Tone& tone = tones[column.owner];
        for (int up = 0; up < to; ++up) {
            *(bottom - up * stride) = up + 1 == to ? tone.edge : tone.fill;
        }
        return to;
    }
    Nanos sum = 0;
    int from = 0;
    std::size_t highest = 0;
    for (std::size_t category = 1; category < column.shares.size(); ++category) {
        if (column.shares[category] == 0) {
            continue;
        }
        sum += column.shares[category];
        int to = shareOf(sum, column.length, height);
        if (from == 0 && to == 0) {
            to = 1;
        }
        for (int up = from; up < to; ++up) {
            *(bottom - up * stride) = tones[category].fill;
        }
        if (to > from) {
            highest = category;
        }
        from = std::max(from, to);
    }
    if (from > 0) {
        *(bottom - (from - 1) * stride) = tones[highest].edge;
    }
    return from;
}

void TrackPainter::paintOthersAbove(int own, int height, int x, const OthersStretch& others)
{
    const auto stride = m_strip.bytesPerLine() / static_cast<qsizetype>(sizeof(QRgb));
    auto* bottom = reinterpret_cast<QRgb*>(m_strip.scanLine(height - 1)) + x;
    const int grey = own + static_cast<int>(others.others * (height - own) + 0.5);
    const int top = std::min(height, grey + static_cast<int>(others.stolen * (height - own) + 0.5));
    const QRgb color = othersColor(*m_canvas.theme).rgb();
    for (int up = own; up < grey; ++up) {
        *(bottom - up * stride) = color;
    }
    const QImage& tile = hatchTile(m_canvas.theme->warning, m_canvas.unit);
    for (int up = grey; up < top; ++up) {
        const auto* line = reinterpret_cast<const QRgb*>(tile.constScanLine((height - 1 - up) % tile.height()));
        QRgb& pixel = *(bottom - up * stride);
        pixel = blend(pixel, line[x % tile.width()]);
    }
}

void TrackPainter::paintOwners(const QRect& lane, const RowPlan& plan, const Timeline& timeline,
    const ThreadColors& colors, std::span<const OthersStretch> others)
{
    const Theme& theme = *m_canvas.theme;
    if (!plan.columns.empty()) {
        std::vector<Tone> tones(kCategories);
        for (std::size_t slot = 1; slot < tones.size(); ++slot) {
            tones[slot].fill = theme.threadColor(colors.ofSlot[slot]).rgb();
            tones[slot].edge = theme.threadOutline(colors.ofSlot[slot]).rgb();
        }
        paintColumns(lane, plan, [&](const Column& column, int x, bool) {
            const int own = paintStackedColumn(column, lane.height(), x, tones);
            while (!others.empty() && others.front().x1 <= column.x) {
                others = others.subspan(1);
            }
            if (!others.empty() && others.front().x0 <= column.x) {
                paintOthersAbove(own, lane.height(), x, others.front());
            }
        });
    }
    for (std::size_t i = 0; i < plan.bars.size(); ++i) {
        const Bar& bar = plan.bars[i];
        if (bar.value.state() == SliceState::Running) {
            paintFilled(lane, plan, i, colors.of(timeline, bar.value.subject()));
        }
    }
}

} // namespace timeslice
