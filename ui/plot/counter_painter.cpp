#include "ui/plot/counter_painter.h"

#include "ui/plot/counter_curve.h"
#include "ui/plot/format_time.h"

#include <QFontMetrics>
#include <QPolygonF>
#include <QStringList>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <vector>

namespace timeslice {

namespace {

constexpr double kLossTint = 0.12; // of the stretch in which the update was lost

class CounterPainter {
public:
    CounterPainter(const Canvas& canvas, const QRect& lane, const Timeline& timeline, const CounterInfo& counter,
        const ThreadColors& colors, int lanes, const TimeScale& scale)
        : m_canvas(canvas)
        , m_painter(canvas.painter)
        , m_lane(lane)
        , m_timeline(timeline)
        , m_counter(counter)
        , m_colors(colors)
        , m_scale(scale)
        , m_lanes(std::max(1, lanes))
        , m_curve(canvas, lane, timeline, counter, scale)
    {
        for (const std::uint32_t thread : counterThreads(counter)) {
            m_laneOf.emplace(thread, static_cast<int>(m_laneOf.size()));
        }
    }

    void paint(const LostUpdate* loss)
    {
        m_painter->fillRect(m_lane, m_canvas.theme->lane);
        const auto [first, last] = m_curve.visible();
        if (isFar()) {
            if (m_curve.isCurve()) {
                m_curve.paint();
            }
        } else {
            paintLoss(loss);
            paintMarks(first, last, loss);
            if (loss != nullptr && m_curve.x(loss->overwrite.time) > m_scale.left
                && m_curve.x(loss->overwrite.time) <= m_scale.right) {
                paintBefore(*loss);
            }
        }
    }

    void paintAbove(const LostUpdate* loss)
    {
        if (isFar()) {
            paintLossFromAfar(loss);
        }
        m_curve.paintEnd();
    }

private:
    /// Single loads and stores are not told apart, or there are none.
    bool isFar() const
    {
        const auto [first, last] = m_curve.visible();
        return (first == last && !m_curve.onlySet()) || m_curve.isCurve();
    }
    int laneHeight() const { return m_lane.height() / m_lanes; }
    double y(std::uint32_t thread) const
    {
        const auto found = m_laneOf.find(thread);
        const int at = found == m_laneOf.end() ? m_lanes - 1 : found->second;
        return m_lane.top() + (at + 0.5) * laneHeight();
    }
    std::uint8_t color(std::uint32_t thread) const { return m_colors.of(m_timeline, thread); }

    /// The corners beside the mark; low in the lane only where the value's label is not.
    std::optional<QRect> clearBeside(double at, const QSize& size) const
    {
        const int air = m_canvas.px(0.3);
        const int right = static_cast<int>(at) + air;
        const int left = static_cast<int>(at) - air - size.width();
        const int high = m_lane.top() + m_canvas.line(1);
        const int low = m_lane.bottom() + 1 - size.height();
        for (const QPoint corner : {QPoint(right, high), QPoint(left, high), QPoint(right, low), QPoint(left, low)}) {
            const QRect box(corner, size);
            const bool inside = box.left() >= m_scale.left && box.right() < m_scale.right
                && (corner.y() == high || box.right() < m_lane.center().x());
            if (inside && m_curve.isClear(box)) {
                return box;
            }
        }
        return std::nullopt;
    }

    /// A mark at the moment of the loss, so that it can be found.
    void paintLossFromAfar(const LostUpdate* loss)
    {
        if (loss == nullptr) {
            return;
        }
        const double at = m_curve.x(loss->overwrite.time);
        if (at < m_scale.left || at > m_scale.right) {
            return;
        }
        const QColor bad = m_canvas.theme->bad;
        const int width = m_canvas.line(2);
        m_painter->fillRect(static_cast<int>(at) - width / 2, m_lane.top(), width, m_lane.height(), bad);
        const QString text = QStringLiteral("a lost update");
        for (const double ems : {0.8, 0.68}) {
            const QFont font = scaledFont(m_canvas, ems, true);
            const QFontMetrics metrics(font);
            const QSize size(metrics.horizontalAdvance(text) + 2, metrics.capHeight() + m_canvas.line(1));
            if (const auto box = clearBeside(at, size)) {
                paintLine(m_canvas, box->left(), box->bottom(), text, font, bad);
                return;
            }
        }
    }

    void paintLoss(const LostUpdate* loss)
    {
        if (loss == nullptr) {
            return;
        }
        // Of a load that was stamped late, from before it was made.
        const double x0 = std::max<double>(m_curve.x(std::min(loss->staleLoad.time, loss->window.begin)), m_scale.left);
        const double x1 = std::min<double>(m_curve.x(loss->overwrite.time), m_scale.right);
        if (x1 <= x0) {
            return;
        }
        const QColor bad = m_canvas.theme->bad;
        const QRect span(static_cast<int>(x0), m_lane.top(), static_cast<int>(x1 - x0) + 1, m_lane.height());
        m_painter->fillRect(span, mix(m_canvas.theme->lane, bad, kLossTint));
        // From the stale load along its lane to the store that overwrote: this thread did not look in between.
        const double at = y(loss->staleLoad.thread);
        m_painter->setRenderHint(QPainter::Antialiasing, true);
        m_painter->setPen(QPen(bad, 1.6 * m_canvas.unit));
        m_painter->drawLine(QPointF(x0, at), QPointF(x1, at));
        const double head = 5 * m_canvas.unit;
        const double tip = x1 - markRadius();
        m_painter->setBrush(bad);
        m_painter->setPen(Qt::NoPen);
        m_painter->drawPolygon(
            QPolygonF({QPointF(tip, at), QPointF(tip - head, at - head * 0.6), QPointF(tip - head, at + head * 0.6)}));
        m_painter->setRenderHint(QPainter::Antialiasing, false);
    }

    /// What of the loss lies before the stretch in sight, each at the beginning of its thread's lane.
    void paintBefore(const LostUpdate& loss)
    {
        const QFont font = scaledFont(m_canvas, 0.82);
        const QFontMetrics metrics(font);
        const auto put = [&](const CounterAccess& access, Nanos made, const QString& what, const QColor& color) {
            const QString text =
                what.arg(access.value).arg(formatDuration(std::max<Nanos>(0, loss.overwrite.time - made)));
            const double room = m_curve.x(loss.overwrite.time) - m_scale.left - m_canvas.px(1);
            if (m_curve.x(access.time) >= m_scale.left || laneHeight() < metrics.ascent()
                || metrics.horizontalAdvance(text) > room) {
                return;
            }
            const double at = y(access.thread);
            const double left = m_scale.left + m_canvas.px(0.4);
            m_painter->fillRect(QRectF(left - m_canvas.unit, at - metrics.height() / 2.0,
                                    metrics.horizontalAdvance(text) + 3 * m_canvas.unit, metrics.height()),
                mix(m_canvas.theme->lane, m_canvas.theme->bad, kLossTint));
            m_painter->setFont(font);
            m_painter->setPen(color);
            m_painter->drawText(QPointF(left, at + metrics.capHeight() / 2.0), text);
        };
        // A load that was stamped late was made before the first of the stores that vanished.
        const bool late = loss.loadMade.end != loss.staleLoad.time;
        put(loss.staleLoad, late ? loss.loadMade.end : loss.staleLoad.time,
            late ? QStringLiteral("load %1, over %2 before") : QStringLiteral("load %1, %2 before"),
            m_canvas.theme->text);
        put(loss.overwritten, loss.overwritten.time, QStringLiteral("store %1, lost, %2 before"), m_canvas.theme->bad);
    }

    double markRadius() const { return std::min(4.5 * m_canvas.unit, laneHeight() * 0.3); }

    /// The step between a load and its store, which happens in the thread's hand.
    void paintAddition(
        const CounterAccess& load, const CounterAccess& store, double left, double right, const QFont& font)
    {
        if (load.store || !store.store || load.thread != store.thread
            || store.value == std::numeric_limits<std::int64_t>::min() || load.value != store.value - 1) {
            return;
        }
        const QFontMetrics metrics(font);
        const QString text = QStringLiteral("+ 1");
        const double width = metrics.horizontalAdvance(text);
        const double air = 4 * m_canvas.unit;
        if (right - left < width + 4 * air) {
            return;
        }
        const QPointF center((left + right) / 2, y(load.thread));
        const QRectF box(center.x() - width / 2 - air, center.y() - metrics.height() / 2.0, width + 2 * air,
            static_cast<double>(metrics.height()));
        m_painter->setPen(Qt::NoPen);
        m_painter->setBrush(m_canvas.theme->lane); // an arrow may pass behind it
        m_painter->drawRoundedRect(box, air, air);
        m_painter->setPen(m_canvas.theme->mutedText);
        m_painter->drawText(QPointF(center.x() - width / 2, center.y() + metrics.capHeight() / 2.0), text);
    }

    void paintMarks(std::size_t first, std::size_t last, const LostUpdate* loss)
    {
        const QFont font = scaledFont(m_canvas, 0.82);
        const QFontMetrics metrics(font);
        const double radius = markRadius();
        // A label needs room up to the next mark of its lane.
        std::map<int, double> nextOnLane;
        std::map<int, const CounterAccess*> followsOnLane;
        m_painter->setRenderHint(QPainter::Antialiasing, true);
        for (std::size_t i = last; i-- > first;) {
            const CounterAccess& access = m_counter.accesses[i];
            const QColor fill = m_canvas.theme->threadColor(color(access.thread));
            const QColor edge = m_canvas.theme->threadOutline(color(access.thread));
            const QPointF center(m_curve.x(access.time), y(access.thread));
            m_painter->setPen(QPen(edge, 1.5 * m_canvas.unit));
            m_painter->setBrush(access.store ? fill : m_canvas.theme->lane);
            m_painter->drawEllipse(center, radius, radius);

            const bool lost = loss != nullptr && access.store && access.time == loss->overwritten.time
                && access.thread == loss->overwritten.thread;
            if (lost) { // crossed out
                m_painter->setPen(QPen(m_canvas.theme->bad, 2 * m_canvas.unit));
                const double arm = radius * 1.5;
                m_painter->drawLine(center - QPointF(arm, arm), center + QPointF(arm, arm));
                m_painter->drawLine(center - QPointF(arm, -arm), center + QPointF(arm, -arm));
            }
            QString text = (access.store ? QStringLiteral("store %1") : QStringLiteral("load %1")).arg(access.value);
            const auto lane = m_laneOf.find(access.thread);
            const int key = lane == m_laneOf.end() ? -1 : lane->second;
            const auto next = nextOnLane.find(key);
            const double limit = next == nextOnLane.end() ? m_scale.right : next->second;
            const double left = center.x() + radius * 1.6;
            const double room = limit - radius * 1.6 - left;
            if (lost && metrics.horizontalAdvance(text + QStringLiteral(", lost")) <= room) {
                text += QStringLiteral(", lost");
            }
            if (metrics.horizontalAdvance(text) > room) {
                text = QString::number(access.value);
            }
            if (metrics.horizontalAdvance(text) <= room && laneHeight() >= metrics.ascent()) {
                const bool stale = loss != nullptr && !access.store && access.time == loss->staleLoad.time
                    && access.thread == loss->staleLoad.thread;
                if (stale) { // the arrow passes behind the label
                    m_painter->fillRect(QRectF(left - m_canvas.unit, center.y() - metrics.height() / 2.0,
                                            metrics.horizontalAdvance(text) + 4 * m_canvas.unit, metrics.height()),
                        mix(m_canvas.theme->lane, m_canvas.theme->bad, kLossTint));
                }
                m_painter->setFont(font);
                m_painter->setPen(lost ? m_canvas.theme->bad : m_canvas.theme->text);
                m_painter->drawText(QPointF(left, center.y() + metrics.capHeight() / 2.0), text);
                if (const auto follows = followsOnLane.find(key); follows != followsOnLane.end()) {
                    paintAddition(
                        access, *follows->second, left + metrics.horizontalAdvance(text), limit - radius * 1.6, font);
                }
            }
            nextOnLane[key] = center.x();
            followsOnLane[key] = &access;
        }
        m_painter->setRenderHint(QPainter::Antialiasing, false);
    }

    const Canvas& m_canvas;
    QPainter* m_painter; ///< none where only the scale is asked for
    QRect m_lane;
    const Timeline& m_timeline;
    const CounterInfo& m_counter;
    ThreadColors m_colors;
    const TimeScale& m_scale;
    int m_lanes;
    CounterCurve m_curve;
    std::map<std::uint32_t, int> m_laneOf;
};

} // namespace

void paintCounter(const Canvas& canvas, const QRect& lane, const Timeline& timeline, const CounterInfo& counter,
    const ThreadColors& colors, const LostUpdate* loss, int lanes, const TimeScale& scale)
{
    CounterPainter(canvas, lane, timeline, counter, colors, lanes, scale).paint(loss);
}

std::optional<std::pair<double, double>> counterEnds(const Canvas& canvas, const QRect& lane, const Timeline& timeline,
    const CounterInfo& counter, const TimeScale& scale)
{
    const CounterCurve curve(canvas, lane, timeline, counter, scale);
    return curve.isCurve() ? std::optional(std::pair(curve.bottom(), curve.top())) : std::nullopt;
}

void paintAboveCounter(const Canvas& canvas, const QRect& lane, const Timeline& timeline, const CounterInfo& counter,
    const ThreadColors& colors, const LostUpdate* loss, int lanes, const TimeScale& scale)
{
    CounterPainter(canvas, lane, timeline, counter, colors, lanes, scale).paintAbove(loss);
}

} // namespace timeslice
