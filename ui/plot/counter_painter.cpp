#include "ui/plot/counter_painter.h"

#include "ui/plot/format_time.h"
#include "ui/plot/row_plan.h"
#include "ui/text/number_text.h"

#include <QFontMetrics>
#include <QPolygonF>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <vector>

namespace timeslice {

namespace {

constexpr std::size_t kMostMarks = 600; // above, marks would only be noise
constexpr double kLossTint = 0.12; // of the stretch in which the update was lost
constexpr double kMarkSpacing = 5; // logical pixels per access below which columns are drawn
constexpr double kLevelSpacing =
    60; // the same of a level: there the course is what matters, and each mark has its value

/// A counter that is counted up, as against a level that is set or goes up and down: each store is by one more than
/// what its thread has loaded before. The first accesses tell.
bool isCountedUp(const CounterInfo& counter)
{
    constexpr std::size_t kEnough = 64;
    std::map<std::uint32_t, std::int64_t> loaded;
    for (std::size_t i = 0; i < std::min(kEnough, counter.accesses.size()); ++i) {
        const CounterAccess& access = counter.accesses[i];
        if (!access.store) {
            loaded[access.thread] = access.value;
        } else if (const auto own = loaded.find(access.thread);
                   own == loaded.end() || access.value != own->second + 1) {
            return false;
        }
    }
    return true;
}

/// The first accesses tell.
bool isOnlySet(const CounterInfo& counter)
{
    constexpr std::size_t kEnough = 64;
    const auto end = counter.accesses.begin() + static_cast<std::ptrdiff_t>(std::min(kEnough, counter.accesses.size()));
    return !counter.accesses.empty()
        && std::none_of(counter.accesses.begin(), end, [](const CounterAccess& access) { return !access.store; });
}

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
        , m_origin(originOf(timeline))
        , m_lanes(std::max(1, lanes))
        , m_countedUp(isCountedUp(counter))
        , m_onlySet(isOnlySet(counter))
    {
        for (const std::uint32_t thread : counterThreads(counter)) {
            m_laneOf.emplace(thread, static_cast<int>(m_laneOf.size()));
        }
        findEnds();
    }

    void paint(const LostUpdate* loss)
    {
        m_painter->fillRect(m_lane, m_canvas.theme->lane);
        const auto [first, last] = visible();
        if (first == last && !m_onlySet) {
            paintLossFromAfar(loss);
        } else if (isCurve()) {
            paintValue();
            paintLossFromAfar(loss);
        } else {
            paintLoss(loss);
            paintMarks(first, last, loss);
            if (loss != nullptr && x(loss->overwrite.time) > m_scale.left && x(loss->overwrite.time) <= m_scale.right) {
                paintBefore(*loss);
            }
        }
    }

    /// There are too many loads and stores in sight to be told apart; or nothing is loaded, and it is the level that
    /// counts, such as that of a queue.
    bool isCurve() const
    {
        if (m_onlySet) {
            return true;
        }
        const auto [first, last] = visible();
        const std::size_t count = last - first;
        return count > kMostMarks
            || (count > 0
                && static_cast<double>(m_lane.width()) / static_cast<double>(count)
                    < (m_countedUp ? kMarkSpacing : kLevelSpacing) * m_canvas.unit);
    }

    /// The value at the lane's upper edge: what there would be if each update counted.
    double top() const { return m_top; }

    /// The value at the lane's lower edge: 0, or what is below.
    double bottom() const { return m_bottom; }

    /// At the right end, in the corner that the lines, which rise, leave free.
    void paintValueLabels() const
    {
        const std::size_t seen = indexFrom(columnTime(m_scale, m_origin, m_scale.right));
        const QFont font = scaledFont(m_canvas, 0.82);
        const QFontMetrics metrics(font);
        QString text = QStringLiteral("%1 = %2").arg(
            QString::fromStdString(m_counter.name), countText(std::llround(valueBefore(seen, 0, first()))));
        if (m_countedUp) {
            text += QStringLiteral("; if each update counted (dashed): %1")
                        .arg(countText(std::llround(first() + updates(seen))));
        }
        const int width = metrics.horizontalAdvance(text) + 1;
        if (metrics.height() < m_lane.height() && width < m_lane.width() / 2) {
            const QRect box(m_lane.right() - width - m_canvas.px(0.4), m_lane.bottom() + 1 - metrics.height(), width,
                metrics.height());
            if (!m_countedUp) { // a level may be anywhere
                m_painter->fillRect(box.adjusted(-m_canvas.px(0.3), 0, m_canvas.px(0.3), 0), m_canvas.theme->lane);
            }
            paintText(m_canvas, box, Qt::AlignRight | Qt::AlignVCenter, text, font, m_canvas.theme->text);
        }
    }

private:
    double updates(std::size_t accesses) const // load and store
    {
        return m_countedUp ? static_cast<double>(accesses) / 2 : 0;
    }
    void findEnds()
    {
        if (m_counter.accesses.empty()) {
            return;
        }
        double most = static_cast<double>(m_counter.accesses.back().value);
        if (!m_countedUp) {
            const auto [low, high] = std::minmax_element(m_counter.accesses.begin(), m_counter.accesses.end(),
                [](const CounterAccess& a, const CounterAccess& b) { return a.value < b.value; });
            m_bottom = std::min(0.0, static_cast<double>(low->value));
            most = static_cast<double>(high->value);
        }
        m_top = std::max({1.0, first() + updates(m_counter.accesses.size()), most});
    }
    double first() const { return static_cast<double>(m_counter.accesses.front().value); }

    /// Of the last store before access `to`, but not before `from`; else `otherwise`.
    double valueBefore(std::size_t to, std::size_t from, double otherwise) const
    {
        for (std::size_t i = to; i > from; --i) {
            if (m_counter.accesses[i - 1].store) {
                return static_cast<double>(m_counter.accesses[i - 1].value);
            }
        }
        return otherwise;
    }

    double x(Nanos t) const { return timeToPixel(m_scale, static_cast<double>(t - m_origin)); }
    int laneHeight() const { return m_lane.height() / m_lanes; }
    double y(std::uint32_t thread) const
    {
        const auto found = m_laneOf.find(thread);
        const int at = found == m_laneOf.end() ? m_lanes - 1 : found->second;
        return m_lane.top() + (at + 0.5) * laneHeight();
    }
    std::uint8_t color(std::uint32_t thread) const { return m_colors.of(m_timeline, thread); }

    std::size_t indexFrom(Nanos t) const
    {
        const auto found = std::lower_bound(m_counter.accesses.begin(), m_counter.accesses.end(), t,
            [](const CounterAccess& access, Nanos at) { return access.time < at; });
        return static_cast<std::size_t>(found - m_counter.accesses.begin());
    }
    std::pair<std::size_t, std::size_t> visible() const
    {
        return {indexFrom(columnTime(m_scale, m_origin, m_scale.left)),
            indexFrom(columnTime(m_scale, m_origin, m_scale.right) + 1)};
    }

    /// Its value over time, beside what it would be if each update had counted.
    void paintValue()
    {
        const double begin = first();
        QPolygonF made;
        QPolygonF value;
        std::size_t before = 0;
        double now = begin;
        for (int column = m_scale.left; column < m_scale.right; ++column) {
            if (columnTime(m_scale, m_origin, column) > m_timeline.end) {
                break; // nobody counts any more
            }
            const std::size_t to = indexFrom(columnTime(m_scale, m_origin, column + 1));
            const double at = column + 0.5;
            if (!m_countedUp) {
                addPeaks(before, to, at, value);
            }
            now = valueBefore(to, before, now);
            before = std::max(before, to);
            made.push_back({at, height(begin + updates(to))});
            value.push_back({at, height(now)});
        }
        if (value.isEmpty()) {
            return;
        }
        m_painter->setRenderHint(QPainter::Antialiasing, true);
        m_painter->setBrush(Qt::NoBrush);
        QPen dashed(m_canvas.theme->mutedText, 1.4 * m_canvas.unit);
        dashed.setDashPattern({4, 3});
        m_painter->setPen(dashed);
        if (m_countedUp) {
            m_painter->drawPolyline(made);
        }
        m_painter->setPen(QPen(m_canvas.theme->text, 2 * m_canvas.unit));
        m_painter->drawPolyline(value);
        m_painter->setRenderHint(QPainter::Antialiasing, false);
    }

    /// The least and the greatest of what was stored by accesses [from, to).
    void addPeaks(std::size_t from, std::size_t to, double at, QPolygonF& line) const
    {
        std::optional<std::pair<std::int64_t, std::int64_t>> ends;
        for (std::size_t i = from; i < to; ++i) {
            if (const CounterAccess& access = m_counter.accesses[i]; access.store) {
                ends = ends ? std::pair(std::min(ends->first, access.value), std::max(ends->second, access.value))
                            : std::pair(access.value, access.value);
            }
        }
        if (ends && ends->first < ends->second) {
            line.push_back({at, height(static_cast<double>(ends->first))});
            line.push_back({at, height(static_cast<double>(ends->second))});
        }
    }

    double height(double value) const
    {
        const double share = std::clamp((value - m_bottom) / (m_top - m_bottom), 0.0, 1.0);
        return m_lane.bottom() - share * (m_lane.height() - m_canvas.line(4));
    }

    /// Whether neither of the two lines passes through.
    bool isClear(const QRect& box) const
    {
        const QRect wide = box.adjusted(0, -m_canvas.line(2), 0, m_canvas.line(2));
        for (int column = std::max(box.left(), m_scale.left); column <= box.right(); ++column) {
            const Nanos t = columnTime(m_scale, m_origin, column);
            if (t > m_timeline.end) {
                break;
            }
            const std::size_t to = indexFrom(t);
            for (const double value : {first() + updates(to), valueBefore(to, 0, first())}) {
                if (const double y = height(value); y >= wide.top() && y <= wide.bottom()) {
                    return false;
                }
            }
        }
        return true;
    }

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
            if (inside && isClear(box)) {
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
        const double at = x(loss->overwrite.time);
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
        const double x0 = std::max<double>(x(std::min(loss->staleLoad.time, loss->window.begin)), m_scale.left);
        const double x1 = std::min<double>(x(loss->overwrite.time), m_scale.right);
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
            const double room = x(loss.overwrite.time) - m_scale.left - m_canvas.px(1);
            if (x(access.time) >= m_scale.left || laneHeight() < metrics.ascent()
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
            const QPointF center(x(access.time), y(access.thread));
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
    Nanos m_origin;
    int m_lanes;
    bool m_countedUp;
    bool m_onlySet; ///< there are accesses, and none is a load
    double m_bottom = 0;
    double m_top = 1;
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
    const CounterPainter painter(canvas, lane, timeline, counter, ThreadColors(), 1, scale);
    return painter.isCurve() ? std::optional(std::pair(painter.bottom(), painter.top())) : std::nullopt;
}

void paintCounterValue(const Canvas& canvas, const QRect& lane, const Timeline& timeline, const CounterInfo& counter,
    const TimeScale& scale)
{
    CounterPainter(canvas, lane, timeline, counter, ThreadColors(), 1, scale).paintValueLabels();
}

} // namespace timeslice
