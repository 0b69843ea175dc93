// The viewer's hands on a TimelineView: pointer, wheel and keys.
#include "ui/plot/timeline_menu.h"
#include "ui/plot/timeline_view_impl.h"

#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QWheelEvent>

namespace timeslice {

namespace {

constexpr double kWheelFactor = 0.8; // per notch of a wheel
constexpr double kKeyZoom = 0.7;
constexpr double kKeyPan = 0.12; // of the visible width
constexpr int kNotch = 120; // QWheelEvent::angleDelta of one
constexpr double kSliceAir = 0.2; // beside a slice that is zoomed to, of its length

} // namespace

bool TimelineView::event(QEvent* event)
{
    switch (event->type()) {
    case QEvent::ScreenChangeInternal:
    case QEvent::FontChange:
    case QEvent::Show:
        m_impl->repaint();
        break;
    default:
        break;
    }
    return QWidget::event(event);
}

void TimelineView::resizeEvent(QResizeEvent*)
{
    m_impl->plot->setGeometry(rect()); // which draws itself anew
    m_impl->prepare();
    m_impl->state.cursor.reset(); // something else lies below the pointer: what, is known when it moves
    m_impl->refreshHover();
}

void TimelineView::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton || event->button() == Qt::MiddleButton) {
        m_impl->pressed = true;
        m_impl->dragging = false;
        m_impl->pressedAt = m_impl->draggedTo = event->position();
    }
}

void TimelineView::mouseMoveEvent(QMouseEvent* event)
{
    const QPointF position = event->position();
    if (m_impl->pressed) {
        if (!m_impl->dragging
            && (position - m_impl->pressedAt).manhattanLength() >= QApplication::startDragDistance()) {
            m_impl->dragging = true;
            setCursor(Qt::ClosedHandCursor);
        }
        if (m_impl->dragging) {
            const QPointF moved = (position - m_impl->draggedTo) * m_impl->state.pixelRatio;
            m_impl->draggedTo = position;
            m_impl->state.cursor.reset();
            m_impl->scrollBy(static_cast<int>(-moved.y()));
            m_impl->pan(-moved.x());
            return;
        }
    }
    m_impl->hoverAt(position);
}

void TimelineView::mouseReleaseEvent(QMouseEvent* event)
{
    if (!m_impl->pressed) {
        return;
    }
    const bool click = !m_impl->dragging && event->button() == Qt::LeftButton;
    m_impl->pressed = false;
    m_impl->dragging = false;
    m_impl->hoverAt(event->position());
    if (click && m_impl->overAxisBreak()) {
        m_impl->toggleStartUp();
    } else if (const auto fold = click ? m_impl->foldUnderCursor() : std::nullopt) {
        m_impl->exploration->setUnfolded(fold->process, !fold->unfolded);
    } else if (click) {
        const auto& hover = m_impl->state.hover;
        m_impl->exploration->select(hover ? hover->ref : std::nullopt);
    }
}

void TimelineView::mouseDoubleClickEvent(QMouseEvent* event)
{
    m_impl->hoverAt(event->position());
    if (m_impl->overAxisBreak()) { // the second of two clicks
        m_impl->toggleStartUp();
        return;
    }
    if (const auto fold = m_impl->foldUnderCursor()) {
        m_impl->exploration->setUnfolded(fold->process, !fold->unfolded);
        return;
    }
    const auto& hover = m_impl->state.hover;
    if (!hover || !hover->ref) {
        fit();
        return;
    }
    zoomToSlice(*hover->ref);
}

void TimelineView::contextMenuEvent(QContextMenuEvent* event)
{
    if (m_impl->state.empty()) {
        return;
    }
    m_impl->hoverAt(event->pos());
    const auto& hover = m_impl->state.hover;
    const std::optional<SliceRef> ref = hover ? hover->ref : std::nullopt;
    TimelineMenuActions actions;
    if (ref) {
        actions.zoomToSlice = [this, ref] { zoomToSlice(*ref); };
    }
    actions.showAll = [this] { fit(); };
    if (m_impl->exploration->canUndo()) {
        actions.back = [this] { m_impl->exploration->undo(); };
    }
    if (m_impl->canFold()) {
        actions.startUpFolded = m_impl->exploration->startUpFolded();
        actions.toggleStartUp = [this] { toggleStartUp(); };
    }
    showTimelineMenu(this, event->globalPos(), m_impl->state.run, ref, std::move(actions));
}

void TimelineView::zoomToSlice(const SliceRef& ref)
{
    if (ref.variant >= m_impl->variants().size()) {
        return; // another run, meanwhile
    }
    const Nanos origin = originOf(m_impl->variants()[ref.variant].recording->timeline);
    const auto air = static_cast<Nanos>(kSliceAir * static_cast<double>(ref.slice.length()));
    zoomTo({ref.slice.begin - origin - air, ref.slice.end - origin + air});
}

void TimelineView::leaveEvent(QEvent*)
{
    m_impl->state.cursor.reset();
    m_impl->refreshHover();
    m_impl->repaintOverlay();
}

void TimelineView::wheelEvent(QWheelEvent* event)
{
    const QPoint angle = event->angleDelta();
    const double notches = static_cast<double>(angle.y()) / kNotch;
    const int row = m_impl->state.layout.rowHeight;
    if (event->modifiers().testFlag(Qt::ShiftModifier)) {
        // Some platforms turn a wheel with Shift sideways themselves.
        const double turns = static_cast<double>(angle.y() != 0 ? angle.y() : angle.x()) / kNotch;
        m_impl->scrollBy(static_cast<int>(std::lround(-turns * 2 * row)));
    } else if (std::abs(angle.x()) > std::abs(angle.y())) {
        m_impl->pan(-static_cast<double>(angle.x()) / kNotch * kKeyPan * m_impl->state.layout.laneWidth());
    } else if (notches != 0) {
        const double x = event->position().x() * m_impl->state.pixelRatio;
        m_impl->zoomAt(std::clamp<double>(x, m_impl->state.layout.laneLeft, m_impl->state.layout.laneRight),
            std::pow(kWheelFactor, notches));
    }
    event->accept();
}

void TimelineView::keyPressEvent(QKeyEvent* event)
{
    const double step = kKeyPan * m_impl->state.layout.laneWidth();
    switch (event->key()) {
    case Qt::Key_W:
    case Qt::Key_Plus:
        m_impl->zoomAt(m_impl->keyPixel(), kKeyZoom);
        return;
    case Qt::Key_S:
    case Qt::Key_Minus:
        m_impl->zoomAt(m_impl->keyPixel(), 1 / kKeyZoom);
        return;
    case Qt::Key_Left:
        if (m_impl->foldByKey(false)) {
            return;
        }
        [[fallthrough]];
    case Qt::Key_A:
        m_impl->pan(-step);
        return;
    case Qt::Key_Right:
        if (m_impl->foldByKey(true)) {
            return;
        }
        [[fallthrough]];
    case Qt::Key_D:
        m_impl->pan(step);
        return;
    case Qt::Key_Up:
        m_impl->scrollBy(-m_impl->state.layout.rowHeight);
        return;
    case Qt::Key_Down:
        m_impl->scrollBy(m_impl->state.layout.rowHeight);
        return;
    case Qt::Key_F:
    case Qt::Key_Home:
        if (event->modifiers() == Qt::NoModifier) {
            fit();
            return;
        }
        break;
    default:
        break;
    }
    QWidget::keyPressEvent(event);
}

} // namespace timeslice
