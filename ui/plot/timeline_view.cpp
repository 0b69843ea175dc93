#include "ui/plot/timeline_view.h"

#include "ui/plot/timeline_menu.h"
#include "ui/plot/timeline_plottable.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QScrollBar>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <utility>

namespace timeslice {

namespace {

constexpr double kWheelFactor = 0.8; // per notch of a wheel
constexpr double kKeyZoom = 0.7;
constexpr double kKeyPan = 0.12; // of the visible width
constexpr int kNotch = 120; // QWheelEvent::angleDelta of one
constexpr double kSliceAir = 0.2; // beside a slice that is zoomed to, of its length

} // namespace

struct TimelineView::Impl {
    explicit Impl(TimelineView* owner)
        : view(owner)
        , plot(new TimelinePlot(owner, state))
        , scrollBar(new QScrollBar(Qt::Vertical, owner))
    {
        state.exploration = exploration;
        plot->setAttribute(Qt::WA_TransparentForMouseEvents); // the view handles input
        plot->setFocusPolicy(Qt::NoFocus);
        plot->plotLayout()->setMargins(QMargins());
        plot->axisRect()->setAutoMargins(QCP::msNone);
        plot->axisRect()->setMargins(QMargins());
        for (QCPAxis* axis : plot->axisRect()->axes()) {
            axis->setVisible(false);
            axis->grid()->setVisible(false);
        }
        QObject::connect(plot, &QCustomPlot::beforeReplot, view, [this] { prepare(); });
        scrollBar->hide();
        QObject::connect(scrollBar, &QScrollBar::valueChanged, view, [this](int value) {
            state.scroll = value;
            refreshHover();
            repaint();
        });
    }

    bool running() const { return state.run.live; }

    void repaint() { plot->redrawSoon(); }
    void repaintOverlay() { plot->update(); }

    /// The run has grown. Of a live run only what is new is drawn; out of sight, nothing.
    void repaintGrowth()
    {
        if (running()) {
            plot->drawGrowth();
        } else {
            repaint();
        }
    }

    /// Before each replot: rows, their places, the scale.
    void prepare()
    {
        const double ratio = view->devicePixelRatioF();
        if (!qFuzzyCompare(plot->bufferDevicePixelRatio(), ratio)) {
            plot->setBufferDevicePixelRatio(ratio); // QCustomPlot 2.1.0 does not notice a new screen
        }
        state.pixelRatio = ratio;
        state.font = view->font();
        state.size = QSize(static_cast<int>(std::lround(plot->width() * ratio)),
            static_cast<int>(std::lround(plot->height() * ratio)));
        layOut();
        const int overflow = std::max(0, state.layout.contentHeight + state.layout.axisHeight - state.size.height());
        scrollBar->setRange(0, overflow);
        scrollBar->setPageStep(state.size.height());
        scrollBar->setSingleStep(std::max(1, state.layout.rowHeight));
        scrollBar->setVisible(overflow > 0);
        state.scroll = std::min(state.scroll, overflow);
        placeScrollBar();

        if (!exploration->range()) {
            showFull();
        }
        const double left = state.layout.laneLeft / ratio;
        const double right = (state.size.width() - state.layout.laneRight) / ratio;
        plot->axisRect()->setMargins(QMargins(static_cast<int>(std::lround(left)), 0,
            static_cast<int>(std::lround(right)), static_cast<int>(state.layout.axisHeight / ratio)));
    }

    void layOut()
    {
        // Frame by frame it is the same as before; to measure every name anew costs as much as to draw a row.
        state.rows.groups = state.run.groups;
        state.rows.folds = exploration->folds();
        LaidOut wanted{describeRows(variants(), state.rows), state.rows.squeeze, state.size, state.em(), state.font,
            state.rows.squeeze && !variants().empty() ? variantToShow() : 0};
        if (wanted == laidOut) {
            return;
        }
        laidOut = std::move(wanted);
        LayoutRequest request;
        request.size = state.size;
        request.em = state.em();
        const Canvas canvas = state.canvas(nullptr);
        const QFontMetrics regular(scaledFont(canvas, 1));
        const QFontMetrics bold(scaledFont(canvas, 1, true));
        request.textWidth = [&](const QString& text, bool strong) {
            return (strong ? bold : regular).horizontalAdvance(text);
        };
        if (!state.rows.squeeze) {
            paged = false;
            // On a small screen rather lower rows, and at last no CPU rows, than rows out of sight.
            constexpr double kLow = 1;
            constexpr double kLowest = 0.74; // the names just keep clear of each other
            RowOptions fewer = state.rows;
            LayoutRequest low = request;
            low.minRowEm = kLow;
            LayoutRequest lowest = request;
            lowest.minRowEm = kLowest;
            fewer.cpu = false;
            if (!take(state.rows, request) && !take(state.rows, low) && !take(fewer, low) && !take(fewer, lowest)) {
                take(state.rows, request);
            }
        } else {
            squeeze(request);
        }
    }

    std::span<const VariantPicture> variants() const { return state.run.variants; }

    /// Whether all of it fits with these rows; `alone`: without the headings of variants that have no rows.
    bool take(const RowOptions& options, const LayoutRequest& request, bool alone = false)
    {
        std::vector<RowContent> rows = describeRows(variants(), options);
        if (alone && options.onlyVariant) {
            std::erase_if(rows, [&](const RowContent& row) { return row.variant != *options.onlyVariant; });
        }
        state.layout = layoutRows(std::move(rows), request);
        return state.layout.fits(state.size.height());
    }

    void squeeze(LayoutRequest request)
    {
        constexpr double kSeenFromAfar = 1.29; // of a font of a 36th of the height: a 28th
        constexpr double kSqueezedEm[] = {1.05, 0.9};
        const std::vector<RowOptions> choices = withFewerKinds(state.rows, state.run.evidence);
        request.minRowEm = kSeenFromAfar;
        for (const bool one : {false, true}) {
            paged = one;
            if (one && variants().size() < 2) {
                break;
            }
            request.maxRowEm = one ? 3.5 : request.maxRowEm;
            for (RowOptions options : choices) {
                options.onlyVariant = one ? std::optional(variantToShow()) : std::nullopt;
                if (take(options, request)) {
                    return;
                }
            }
        }
        RowOptions options = choices.back();
        options.onlyVariant = paged ? std::optional(variantToShow()) : std::nullopt;
        for (const bool alone : {false, true}) {
            for (const double least : kSqueezedEm) {
                request.minRowEm = least;
                if (take(options, request, alone)) {
                    return;
                }
            }
        }
    }

    /// Of several, one of which is shown: the one that runs; then the one that the viewer turned to, at first that
    /// which the question is about.
    std::size_t variantToShow() const
    {
        for (std::size_t i = 0; i < variants().size(); ++i) {
            if (variants()[i].phase == VariantPicture::Phase::Running) {
                return i;
            }
        }
        return std::min(turnedTo.value_or(state.run.asked), variants().size() - 1);
    }

    void placeScrollBar()
    {
        const int width = scrollBar->sizeHint().width();
        const int axis = static_cast<int>(state.layout.axisHeight / state.pixelRatio);
        scrollBar->setGeometry(view->width() - width, 0, width, std::max(0, view->height() - axis));
    }

    void showFull()
    {
        const WholeRange shown = state.whole().shown;
        setRange(shown.begin, shown.end);
    }

    void setRange(double begin, double end)
    {
        const QCPRange old = plot->xAxis->range();
        if (old.lower != begin || old.upper != end) {
            plot->xAxis->setRange(begin, end);
        }
    }

    void show(const TimeScale& scale) { exploration->move({scale.begin, scale.end}); }

    void explore(Exploration& other)
    {
        exploration->disconnect(view);
        exploration = &other;
        state.exploration = exploration;
        QObject::connect(exploration, &Exploration::rangeChanged, view, [this] { showExplored(); });
        QObject::connect(exploration, &Exploration::foldsChanged, view, [this] {
            prepare();
            refreshHover();
            repaint();
        });
        QObject::connect(exploration, &Exploration::selectionChanged, view, [this] {
            repaintOverlay();
            emit view->selected(exploration->selection());
        });
        showExplored();
    }

    void showExplored()
    {
        if (const Exploration::Range& range = exploration->range()) {
            setRange(range->begin, range->end);
        } else {
            showFull();
        }
        refreshHover();
        repaint();
    }

    /// The scale's outer bound while it is explored: what is recorded, or what is shown of a run that still grows.
    WholeRange bound() const
    {
        const WholeRange shown = state.whole().shown;
        return {std::min(shown.begin, 0.0), shown.end};
    }

    QPoint toDevice(const QPointF& position) const
    {
        return QPoint(static_cast<int>(std::floor(position.x() * state.pixelRatio)),
            static_cast<int>(std::floor(position.y() * state.pixelRatio)));
    }

    void hoverAt(const QPointF& position)
    {
        state.cursor = toDevice(position);
        refreshHover();
        repaintOverlay();
    }

    void refreshHover()
    {
        const bool had = state.hover && state.hover->ref;
        state.hover.reset();
        if (state.cursor && !state.empty() && !dragging) {
            state.hover = pick(plot->timeline().scene(), *state.cursor, state.pixelRatio);
        }
        if (state.hover && state.hover->ref) {
            emit view->hovered(state.hover->ref);
        } else if (had) {
            emit view->hovered(std::nullopt);
        }
        if (!dragging) {
            view->setCursor(overAxisBreak() || foldUnderCursor() ? Qt::PointingHandCursor : Qt::ArrowCursor);
        }
    }

    bool overAxisBreak() const
    {
        return state.cursor && axisBreakTarget(plot->timeline().scene()).contains(*state.cursor);
    }

    bool canFold() const { return !running() && state.whole().axisBreak.has_value(); }
    void toggleStartUp() { exploration->foldStartUp(!exploration->startUpFolded()); }

    void zoomAt(double pixel, double factor)
    {
        if (state.empty()) {
            return;
        }
        const TimeScale scale = plot->timeline().scene().scale;
        show(zoomed(scale, factor, pixelToTime(scale, pixel), bound()));
    }

    void pan(double pixels)
    {
        if (!state.empty()) {
            show(panned(plot->timeline().scene().scale, pixels, bound()));
        }
    }

    /// Where keys zoom: at the cursor if it is over the lanes, else in the middle.
    double keyPixel() const
    {
        const TimelineLayout& layout = state.layout;
        if (state.cursor && state.cursor->x() >= layout.laneLeft && state.cursor->x() < layout.laneRight) {
            return state.cursor->x();
        }
        return (layout.laneLeft + layout.laneRight) / 2.0;
    }

    std::optional<PickedFold> foldUnderCursor() const
    {
        return state.cursor && !state.empty() ? pickFold(plot->timeline().scene(), *state.cursor) : std::nullopt;
    }
    /// Left and Right fold and unfold the process whose name the cursor is on. False: it is on none.
    bool foldByKey(bool unfold)
    {
        const auto fold = foldUnderCursor();
        if (fold) {
            exploration->setUnfolded(fold->process, unfold);
        }
        return fold.has_value();
    }

    void scrollBy(int devicePixels) { scrollBar->setValue(scrollBar->value() + devicePixels); }

    TimelineView* view;
    PlotState state;
    /// What the layout was made of.
    struct LaidOut {
        std::vector<RowContent> rows;
        bool squeeze = false;
        QSize size;
        double em = 0;
        QFont font;
        std::size_t variant = 0; ///< shown, where it is one at a time
        friend bool operator==(const LaidOut&, const LaidOut&) = default;
    };
    LaidOut laidOut;
    TimelinePlot* plot; // child of the view
    QScrollBar* scrollBar; // child of the view
    Exploration own;
    Exploration* exploration = &own; ///< without a range the scale follows the run
    bool paged = false; ///< one variant is shown at a time
    std::optional<std::size_t> turnedTo;
    bool pressed = false;
    bool dragging = false;
    QPointF pressedAt;
    QPointF draggedTo;
};

TimelineView::TimelineView(QWidget* parent)
    : QWidget(parent)
    , m_impl(std::make_unique<Impl>(this))
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("Timeline"));
    setTheme(Theme::light());
    m_impl->explore(m_impl->own);
}

TimelineView::~TimelineView() = default;

void TimelineView::setRun(RunPicture run)
{
    PlotState& state = m_impl->state;
    state.run = std::move(run);
    state.scroll = 0;
    state.hover.reset();
    state.cursor.reset(); // until the mouse is moved: what it lies over is another picture now
    m_impl->turnedTo.reset();
    m_impl->exploration->reset();
    m_impl->prepare();
    m_impl->refreshHover();
    m_impl->repaint();
}

void TimelineView::setExploration(Exploration& exploration)
{
    m_impl->explore(exploration);
}

Exploration& TimelineView::exploration()
{
    return *m_impl->exploration;
}

void TimelineView::setEmptyText(const QString& text)
{
    m_impl->state.emptyText = text;
    m_impl->repaint();
}

void TimelineView::setTheme(const Theme& theme)
{
    m_impl->state.theme = &Theme::of(theme.kind);
    m_impl->plot->setBackground(theme.window);
    m_impl->repaint();
}

void TimelineView::setFontPoints(double points)
{
    m_impl->state.fontPoints = points;
    m_impl->repaint();
}

void TimelineView::setShowAuxiliary(bool show)
{
    m_impl->state.rows.auxiliary = show;
    m_impl->repaint();
}

void TimelineView::setShowCpu(bool show)
{
    m_impl->state.rows.cpu = show;
    m_impl->repaint();
}

void TimelineView::setSqueeze(bool squeeze)
{
    m_impl->state.rows.squeeze = squeeze;
    m_impl->repaint();
}

bool TimelineView::turnVariant(int direction)
{
    if (!m_impl->paged || m_impl->variants().empty()) {
        return false;
    }
    const auto next = static_cast<std::ptrdiff_t>(m_impl->variantToShow()) + direction;
    if (next < 0 || next >= static_cast<std::ptrdiff_t>(m_impl->variants().size())) {
        return false;
    }
    m_impl->turnedTo = static_cast<std::size_t>(next);
    m_impl->state.scroll = 0;
    m_impl->exploration->select(std::nullopt);
    m_impl->prepare();
    m_impl->refreshHover();
    m_impl->repaint();
    return true;
}

void TimelineView::grow(RunPicture run)
{
    m_impl->state.run = std::move(run);
    m_impl->repaintGrowth();
}

void TimelineView::fit()
{
    m_impl->exploration->show(std::nullopt);
}

void TimelineView::toggleStartUp()
{
    if (m_impl->canFold()) {
        m_impl->toggleStartUp();
    }
}

void TimelineView::zoomTo(TimeRange range)
{
    auto begin = static_cast<double>(range.begin);
    auto end = static_cast<double>(range.end);
    clampRange(begin, end, m_impl->bound());
    m_impl->exploration->show(ViewRange{begin, end});
}

TimeRange TimelineView::visibleRange() const
{
    const QCPRange range = m_impl->plot->xAxis->range();
    return {static_cast<Nanos>(std::floor(range.lower)), static_cast<Nanos>(std::ceil(range.upper))};
}

std::optional<SliceRef> TimelineView::selection() const
{
    return m_impl->exploration->selection();
}

QSize TimelineView::minimumSizeHint() const
{
    return {240, 120};
}

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
