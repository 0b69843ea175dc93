#include "ui/plot/timeline_view.h"

#include "ui/plot/timeline_view_impl.h"

namespace timeslice {

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
    m_impl->exploration->select(std::nullopt);
    m_impl->exploration->turnTo(static_cast<std::size_t>(next));
    return true;
}

void TimelineView::turnToEnd(int direction)
{
    if (!m_impl->variants().empty()) {
        m_impl->exploration->turnTo(direction < 0 ? 0 : m_impl->variants().size() - 1);
    }
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

} // namespace timeslice
