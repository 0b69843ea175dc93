#include "ui/plot/counter_curve.h"

#include "ui/plot/row_plan.h"
#include "ui/text/number_text.h"

#include <QFontMetrics>
#include <QPolygonF>
#include <algorithm>
#include <iterator>
#include <map>
#include <vector>

namespace timeslice {

namespace {

constexpr std::size_t kMostMarks = 600; // above, marks would only be noise
constexpr double kMarkSpacing = 5; // logical pixels per access below which columns are drawn
constexpr double kLevelSpacing =
    60; // the same of a level: there the course is what matters, and each mark has its value
constexpr std::size_t kBlurred = 4; // accesses in a column of pixels from which a level's line would fill it
constexpr double kBetweenTone = 0.3; // of the area that stands for that line
constexpr double kEndAir = 0.4; // em: between the lane and the value at its end, and between that one's two lines
constexpr double kEndRoom = 4.25; // em: of the margin behind the lanes
constexpr double kEndEms[] = {0.75, 0.65, 0.55};

/// The first accesses tell.
bool isOnlySet(const CounterInfo& counter)
{
    constexpr std::size_t kEnough = 64;
    const auto end = counter.accesses.begin() + static_cast<std::ptrdiff_t>(std::min(kEnough, counter.accesses.size()));
    return !counter.accesses.empty()
        && std::none_of(counter.accesses.begin(), end, [](const CounterAccess& access) { return !access.store; });
}

} // namespace

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

CounterCurve::CounterCurve(const Canvas& canvas, const QRect& lane, const Timeline& timeline,
    const CounterInfo& counter, const TimeScale& scale)
    : m_canvas(canvas)
    , m_lane(lane)
    , m_timeline(timeline)
    , m_counter(counter)
    , m_scale(scale)
    , m_origin(originOf(timeline))
    , m_countedUp(isCountedUp(counter))
    , m_onlySet(isOnlySet(counter))
{
    findEnds();
}

bool CounterCurve::isCurve() const
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

bool CounterCurve::showsIfCounted() const
{
    if (!m_countedUp || !isCurve()) {
        return false;
    }
    const std::size_t seen = visible().second;
    return height(valueBefore(seen, 0, first())) - height(first() + updates(seen)) >= m_canvas.line(3);
}

void CounterCurve::paintEnd() const
{
    if (m_counter.accesses.empty()) {
        return;
    }
    const std::size_t seen = indexFrom(columnTime(m_scale, m_origin, m_scale.right) + 1);
    const QString value = countText(std::llround(valueBefore(seen, 0, first())));
    const int left = m_lane.right() + 1 + m_canvas.px(kEndAir);
    const int room = m_canvas.px(kEndRoom);
    const auto fitting = [&](const QString& text) { // the largest that shows all of it
        const auto found = std::find_if(std::begin(kEndEms), std::end(kEndEms),
            [&](double ems) { return textWidth(m_canvas, scaledFont(m_canvas, ems), text) <= room; });
        return scaledFont(m_canvas, found != std::end(kEndEms) ? *found : *std::rbegin(kEndEms));
    };
    if (m_timeline.finished && seen == m_counter.accesses.size()) { // nothing is stored behind the picture's edge
        const QString words = QStringLiteral("ends at");
        const QFont font = scaledFont(m_canvas, kEndEms[0]);
        const QFontMetrics metrics(font);
        if (2 * metrics.capHeight() + m_canvas.px(kEndAir) <= m_lane.height()) {
            const int middle = m_lane.center().y() + 1;
            const int apart = m_canvas.px(kEndAir / 2);
            paintWithin(m_canvas, left, middle - apart, room, words, font, m_canvas.theme->mutedText);
            paintWithin(m_canvas, left, middle + apart + metrics.capHeight(), room, value, fitting(value),
                m_canvas.theme->text);
            return;
        }
    }
    const QString text = QStringLiteral("= ") + value;
    paintText(m_canvas, QRect(left, m_lane.top(), room, m_lane.height()), Qt::AlignLeft | Qt::AlignVCenter, text,
        fitting(text), m_canvas.theme->text);
}

double CounterCurve::updates(std::size_t accesses) const // load and store
{
    return m_countedUp ? static_cast<double>(accesses) / 2 : 0;
}
void CounterCurve::findEnds()
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

double CounterCurve::valueBefore(std::size_t to, std::size_t from, double otherwise) const
{
    for (std::size_t i = to; i > from; --i) {
        if (m_counter.accesses[i - 1].store) {
            return static_cast<double>(m_counter.accesses[i - 1].value);
        }
    }
    return otherwise;
}

std::size_t CounterCurve::indexFrom(Nanos t) const
{
    const auto found = std::lower_bound(m_counter.accesses.begin(), m_counter.accesses.end(), t,
        [](const CounterAccess& access, Nanos at) { return access.time < at; });
    return static_cast<std::size_t>(found - m_counter.accesses.begin());
}
std::pair<std::size_t, std::size_t> CounterCurve::visible() const
{
    return {indexFrom(columnTime(m_scale, m_origin, m_scale.left)),
        indexFrom(columnTime(m_scale, m_origin, m_scale.right) + 1)};
}

template <class Visit> void CounterCurve::forColumns(Visit visit) const
{
    std::size_t before = indexFrom(columnTime(m_scale, m_origin, m_scale.left));
    double now = valueBefore(before, 0, first());
    for (int column = m_scale.left; column < m_scale.right; ++column) {
        if (columnTime(m_scale, m_origin, column) > m_timeline.end) {
            return; // nobody counts any more
        }
        const std::size_t to = indexFrom(columnTime(m_scale, m_origin, column + 1));
        now = valueBefore(to, before, now);
        visit(column, before, to, now);
        before = std::max(before, to);
    }
}

void CounterCurve::paint() const
{
    struct Step {
        double at; ///< its middle
        double value; ///< y at its end
        std::optional<std::pair<double, double>> peaks; ///< y of the lowest and of the highest within it
        bool blurred = false;
    };
    QPolygonF made;
    std::vector<Step> steps;
    forColumns([&](int column, std::size_t before, std::size_t to, double now) {
        Step step{column + 0.5, height(now), std::nullopt};
        made.push_back({step.at, height(first() + updates(to))});
        if (const auto peaks = m_countedUp ? std::nullopt : peaksOf(before, to)) {
            step.peaks.emplace(height(static_cast<double>(peaks->first)), height(static_cast<double>(peaks->second)));
            step.blurred = to - before >= kBlurred && step.peaks->first - step.peaks->second > m_canvas.line(2);
        }
        steps.push_back(step);
    });
    if (made.isEmpty()) {
        return;
    }
    std::vector<QPolygonF> values(1);
    const QColor between = mix(m_canvas.theme->lane, m_canvas.theme->text, kBetweenTone);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const Step& step = steps[i];
        const bool beside = (i > 0 && steps[i - 1].blurred) || (i + 1 < steps.size() && steps[i + 1].blurred);
        if (step.blurred && beside) { // a single such moment is a line as any other
            const auto [low, high] = *step.peaks;
            m_canvas.painter->fillRect(QRectF(step.at - 0.5, high, 1, low - high), between);
            values.emplace_back();
            continue;
        }
        if (step.peaks) {
            values.back().push_back({step.at, step.peaks->first});
            values.back().push_back({step.at, step.peaks->second});
        }
        values.back().push_back({step.at, step.value});
    }
    m_canvas.painter->setRenderHint(QPainter::Antialiasing, true);
    m_canvas.painter->setBrush(Qt::NoBrush);
    QPen dashed(m_canvas.theme->mutedText, 1.4 * m_canvas.unit);
    dashed.setDashPattern({4, 3});
    m_canvas.painter->setPen(dashed);
    if (m_countedUp) {
        m_canvas.painter->drawPolyline(made);
    }
    m_canvas.painter->setPen(QPen(m_canvas.theme->text, 2 * m_canvas.unit));
    for (const QPolygonF& value : values) {
        m_canvas.painter->drawPolyline(value);
    }
    m_canvas.painter->setRenderHint(QPainter::Antialiasing, false);
}

std::optional<std::pair<std::int64_t, std::int64_t>> CounterCurve::peaksOf(std::size_t from, std::size_t to) const
{
    std::optional<std::pair<std::int64_t, std::int64_t>> ends;
    for (std::size_t i = from; i < to; ++i) {
        if (const CounterAccess& access = m_counter.accesses[i]; access.store) {
            ends = ends ? std::pair(std::min(ends->first, access.value), std::max(ends->second, access.value))
                        : std::pair(access.value, access.value);
        }
    }
    return ends && ends->first < ends->second ? ends : std::nullopt;
}

double CounterCurve::height(double value) const
{
    const double share = std::clamp((value - m_bottom) / (m_top - m_bottom), 0.0, 1.0);
    return m_lane.bottom() - share * (m_lane.height() - m_canvas.line(4));
}

bool CounterCurve::isClear(const QRect& box) const
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

} // namespace timeslice
