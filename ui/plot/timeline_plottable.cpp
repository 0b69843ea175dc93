#include "ui/plot/timeline_plottable.h"

#include "ui/plot/format_time.h"
#include "ui/plot/handoff_arrows.h"
#include "ui/plot/time_axis.h"
#include "ui/plot/wakeup_arrows.h"

#include <QFontMetrics>
#include <QTimer>
#include <algorithm>
#include <utility>

namespace timeslice {

namespace {

/// From QCustomPlot's logical pixels to device pixels, for as long as it lives.
class DevicePixels {
public:
    explicit DevicePixels(QPainter* painter, double pixelRatio)
        : m_painter(painter)
    {
        m_painter->save();
        m_painter->scale(1 / pixelRatio, 1 / pixelRatio);
    }
    ~DevicePixels() { m_painter->restore(); }
    DevicePixels(const DevicePixels&) = delete;
    DevicePixels& operator=(const DevicePixels&) = delete;

private:
    QPainter* m_painter;
};

} // namespace

WholePicture PlotState::whole() const
{
    return wholePicture(run.variants, run.live, exploration->startUpFolded());
}

bool PlotState::empty() const
{
    return fullLength(run.variants) <= 0;
}

double PlotState::em() const
{
    constexpr double kPixelsPerPoint = 96.0 / 72.0; // Qt's logical pixel; a screen's own scale is in pixelRatio
    return (fontPoints > 0 ? fontPoints : 10.5) * kPixelsPerPoint * pixelRatio;
}

Canvas PlotState::canvas(QPainter* painter) const
{
    Canvas canvas;
    canvas.painter = painter;
    canvas.theme = theme;
    canvas.font = font;
    canvas.em = em();
    canvas.unit = pixelRatio;
    canvas.font.setPixelSize(std::max(1, static_cast<int>(std::lround(canvas.em))));
    return canvas;
}

TimelinePlottable::TimelinePlottable(QCPAxis* keyAxis, QCPAxis* valueAxis, const PlotState& state)
    : QCPAbstractPlottable(keyAxis, valueAxis)
    , m_state(state)
{
}

TimelineScene TimelinePlottable::scene() const
{
    TimelineScene scene;
    scene.variants = m_state.run.variants;
    if (!m_state.exploration->range()) {
        scene.axisBreak = m_state.whole().axisBreak;
    }
    if (scene.axisBreak) {
        scene.axisBreak->offered = true;
    }
    scene.layout = &m_state.layout;
    const QCPRange range = mKeyAxis->range();
    scene.scale = {range.lower, range.upper, m_state.layout.laneLeft, m_state.layout.laneRight};
    scene.scroll = m_state.scroll;
    scene.height = m_state.size.height();
    return scene;
}

double TimelinePlottable::selectTest(const QPointF&, bool, QVariant*) const
{
    return -1; // the view selects, by slice
}

QCPRange TimelinePlottable::getKeyRange(bool& foundRange, QCP::SignDomain) const
{
    foundRange = !m_state.empty();
    return foundRange ? QCPRange(0, static_cast<double>(fullLength(m_state.run.variants))) : QCPRange();
}

QCPRange TimelinePlottable::getValueRange(bool& foundRange, QCP::SignDomain, const QCPRange&) const
{
    foundRange = false;
    return {};
}

QRect TimelinePlottable::clipRect() const
{
    return mParentPlot->viewport();
}

void TimelinePlottable::draw(QCPPainter*)
{
    if (!m_state.empty()) {
        m_picture.paint(m_state.canvas(nullptr), scene(), m_state.size);
        return;
    }
    QPainter painter(&m_picture.clear(m_state.size, m_state.theme->window));
    const Canvas canvas = m_state.canvas(&painter);
    const int margin = canvas.px(3);
    const QRect room = QRect(QPoint(), m_state.size).adjusted(margin, 0, -margin, 0);
    painter.setFont(scaledFont(canvas, 1.1));
    painter.setPen(m_state.theme->mutedText);
    painter.drawText(room, Qt::AlignCenter | Qt::TextWordWrap, m_state.emptyText);
}

TimelinePicture::Change TimelinePlottable::update(bool grown)
{
    if (!m_state.empty()) {
        return m_picture.update(m_state.canvas(nullptr), scene(), m_state.size, grown);
    }
    if (grown) {
        return {}; // there is nothing to be seen yet
    }
    draw(nullptr);
    return {QRegion(m_picture.image().rect()), true};
}

void TimelinePlottable::drawLegendIcon(QCPPainter*, const QRectF&) const { }

void TimelineOverlay::paint(QPainter& painter, const TimelineScene& scene) const
{
    const Canvas canvas = m_state.canvas(&painter);
    const int bottom = axisTop(scene);

    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setClipRect(scene.scale.left - canvas.line(3), 0, scene.scale.right - scene.scale.left + canvas.line(6),
        bottom + canvas.line(3));
    const auto frame = [&](const QRect& rect, int width, const QColor& color) {
        paintFrame(painter, rect.adjusted(-width, -width, width, width), width, color);
    };
    if (m_state.hover && m_state.hover->outline.isValid() && m_state.hover->outline.top() < bottom) {
        frame(m_state.hover->outline, canvas.line(1.5), m_state.theme->text);
    }
    const auto& pointed = m_state.exploration->pointed();
    if (pointed && pointed->track && !m_state.cursor) { // from another view
        const QRect lane = trackRect(scene, pointed->variant, *pointed->track);
        if (lane.isValid() && lane.top() < bottom) {
            frame(lane, canvas.line(2), m_state.theme->text);
        }
    }
    if (const auto& selection = m_state.exploration->selection()) {
        const QRect rect = sliceRect(scene, *selection);
        if (rect.isValid() && rect.top() < bottom) {
            frame(rect, canvas.line(2), m_state.theme->accent);
        }
    }
    painter.restore();
    QRect arrows;
    if (m_state.hover && m_state.hover->ref && !m_state.hover->crowded) {
        arrows = paintHandoffs(canvas, scene, planHandoffs(scene, *m_state.hover->ref))
            | paintPickedWakeups(canvas, planWakeup(scene, *m_state.hover->ref));
    }
    if (m_state.cursor) {
        drawCursor(canvas, scene);
        drawCard(canvas, arrows);
    }
}

void TimelineOverlay::drawCursor(const Canvas& canvas, const TimelineScene& scene) const
{
    const int x = m_state.cursor->x();
    if (x < scene.scale.left || x > scene.scale.right || m_state.layout.rows.empty()) {
        return;
    }
    QPainter& painter = *canvas.painter;
    const int top = std::max(0, scene.layout->rows.front().bottom() - scene.scroll);
    const int bottom = axisTop(scene) + canvas.px(0.75);
    painter.fillRect(x, top, canvas.line(1), bottom - top, mix(m_state.theme->lane, m_state.theme->text, 0.55));

    // The moment under the cursor, on the axis, over the tick labels there.
    const double perPixel = scene.scale.nanosPerPixel();
    const auto time = static_cast<Nanos>(std::llround(pixelToTime(scene.scale, x)));
    const QString text = formatInstant(time, std::max<Nanos>(1, static_cast<Nanos>(perPixel)));
    const QFont font = scaledFont(canvas, 0.92, true);
    const QFontMetrics metrics(font);
    const int width = metrics.horizontalAdvance(text) + canvas.px(0.9);
    const int height = metrics.height() + canvas.px(0.2);
    const int left = std::clamp(x - width / 2, 0, std::max(0, m_state.size.width() - width));
    const QRect plate(left, bottom + canvas.px(0.3), width, height);
    for (const AxisLabel& label : planAxis(canvas, scene).labels) {
        const int air = canvas.px(0.3);
        if (label.rect.adjusted(-air, 0, air, 0).intersects(plate)) { // half a number would be a wrong number
            painter.fillRect(label.rect, m_state.theme->window);
        }
    }
    painter.setRenderHint(QPainter::Antialiasing, true);
    painter.setPen(Qt::NoPen);
    painter.setBrush(m_state.theme->text);
    painter.drawRoundedRect(plate, canvas.px(0.3), canvas.px(0.3));
    painter.setRenderHint(QPainter::Antialiasing, false);
    paintText(canvas, plate, Qt::AlignCenter, text, font, m_state.theme->window);
}

void TimelineOverlay::drawCard(const Canvas& canvas, const QRect& arrows) const
{
    if (!m_state.hover || m_state.hover->text.title.isEmpty()) {
        return;
    }
    const SliceText& text = m_state.hover->text;
    const QFont titleFont = scaledFont(canvas, 1, true);
    const QFont lineFont = scaledFont(canvas, 0.95);
    const QFontMetrics titleMetrics(titleFont);
    const QFontMetrics lineMetrics(lineFont);
    const int margin = canvas.px(1);
    const int titleHeight = titleMetrics.height() + canvas.px(0.35);
    const int lineHeight = lineMetrics.height() + canvas.px(0.35);
    int width = titleMetrics.horizontalAdvance(text.title);
    for (const QString& line : text.lines) {
        width = std::max(width, lineMetrics.horizontalAdvance(line));
    }
    const int most = std::max(1, m_state.size.width() - 2 * margin - canvas.px(1));
    width = std::min(width, most);
    const QSize size(width + 2 * margin,
        titleHeight + lineHeight * static_cast<int>(text.lines.size()) + 2 * margin - canvas.px(0.5));
    const int distance = canvas.px(1.1);
    QRect card = cardPlace(size, *m_state.cursor, QRect(QPoint(), m_state.size), distance);
    if (card.intersects(arrows) && arrows.top() - distance - card.height() >= 0) {
        card.moveBottom(arrows.top() - distance); // they say more together
    }

    QPainter& painter = *canvas.painter;
    painter.setRenderHint(QPainter::Antialiasing, true);
    // A soft shadow keeps the card apart from the bars under it.
    for (int i = 3; i >= 1; --i) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(QColor(0, 0, 0, m_state.theme->kind == ThemeKind::Dark ? 40 : 12));
        const int grow = canvas.line(i);
        painter.drawRoundedRect(card.adjusted(-grow, -grow + canvas.line(1), grow, grow + canvas.line(1)),
            canvas.px(0.6) + grow, canvas.px(0.6) + grow);
    }
    painter.setPen(QPen(m_state.theme->border, canvas.line(1)));
    painter.setBrush(m_state.theme->card);
    painter.drawRoundedRect(card, canvas.px(0.6), canvas.px(0.6));
    painter.setRenderHint(QPainter::Antialiasing, false);

    QRect line(card.left() + margin, card.top() + margin - canvas.px(0.25), width, titleMetrics.height());
    paintText(canvas, line, Qt::AlignLeft | Qt::AlignVCenter, text.title, titleFont, m_state.theme->text);
    line.translate(0, titleHeight);
    line.setHeight(lineMetrics.height());
    for (const QString& sentence : text.lines) {
        paintText(canvas, line, Qt::AlignLeft | Qt::AlignVCenter, sentence, lineFont, m_state.theme->mutedText);
        line.translate(0, lineHeight);
    }
}

TimelinePlot::TimelinePlot(QWidget* parent, const PlotState& state)
    : QCustomPlot(parent)
    , m_state(state)
    , m_timeline(new TimelinePlottable(xAxis, yAxis, state))
    , m_overlay(state)
{
    // QCustomPlot has asked for a replot of its own: it would draw what the first paint event draws anyway.
    mReplotting = true;
    QTimer::singleShot(0, this, [this] { mReplotting = false; });
}

void TimelinePlot::redrawSoon()
{
    m_due = true;
    if (!std::exchange(m_queued, true)) {
        const auto now = [this] {
            m_queued = false;
            if (m_due) {
                update(redraw(false));
            }
        };
        QMetaObject::invokeMethod(this, now, Qt::QueuedConnection);
    }
}

void TimelinePlot::drawGrowth()
{
    if (!m_due && isVisible()) {
        update(redraw(true));
    }
}

/// What is different now, in logical pixels.
QRegion TimelinePlot::redraw(bool grown)
{
    emit beforeReplot();
    if (!isVisible()) {
        return {}; // it is drawn when it is painted first
    }
    m_due = false;
    const TimelinePicture::Change change = m_timeline->update(grown);
    const double ratio = m_state.pixelRatio;
    QRegion logical;
    for (const QRect& part : change.pixels) {
        logical |= QRectF(part.left() / ratio, part.top() / ratio, part.width() / ratio, part.height() / ratio)
                       .toAlignedRect();
    }
    emit afterReplot();
    return change.whole && !m_state.nothingOver() ? QRegion(rect()) : logical;
}

void TimelinePlot::resizeEvent(QResizeEvent*)
{
    setViewport(rect());
    m_due = true; // and drawn by the paint event that follows, once for however many sizes
}

void TimelinePlot::paintEvent(QPaintEvent* event)
{
    if (m_due) {
        update(redraw(false) - event->region());
    }
    QCPPainter painter(this); // clipped to what is asked for
    draw(&painter);
}

void TimelinePlot::draw(QCPPainter* painter)
{
    if (m_timeline->picture().isNull()) { // before it was first drawn
        painter->fillRect(rect(), m_state.theme->window);
        return;
    }
    const DevicePixels devicePixels(painter, m_state.pixelRatio);
    painter->drawImage(QPoint(), m_timeline->picture());
    if (!m_state.empty() && !m_state.nothingOver()) {
        m_overlay.paint(*painter, m_timeline->scene());
    }
}

QRect cardPlace(const QSize& size, const QPoint& cursor, const QRect& bounds, int distance)
{
    int x = cursor.x() + distance;
    if (x + size.width() > bounds.right()) {
        x = cursor.x() - distance - size.width();
    }
    int y = cursor.y() + distance;
    if (y + size.height() > bounds.bottom()) {
        y = cursor.y() - distance - size.height();
    }
    x = std::max(bounds.left() + 1, std::min(x, bounds.right() - size.width()));
    y = std::max(bounds.top() + 1, std::min(y, bounds.bottom() - size.height()));
    return {QPoint(x, y), size};
}

} // namespace timeslice
