#include "ui/widgets/fitting_scroll_area.h"

#include <QEvent>
#include <QScrollBar>
#include <algorithm>

namespace timeslice {

FittingScrollArea::FittingScrollArea(QWidget* content, QWidget* parent)
    : QScrollArea(parent)
{
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::NoFocus); // the keys are of what is in it
    setWidgetResizable(true);
    setWidget(content);
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void FittingScrollArea::setMostHeight(int height)
{
    if (height != m_most) {
        m_most = height;
        updateGeometry();
    }
}

int FittingScrollArea::contentHeight(int width) const
{
    const int wanted = widget()->heightForWidth(width);
    // QScrollArea makes it no lower than its least size, for whatever width that is.
    return std::max(wanted >= 0 ? wanted : widget()->sizeHint().height(), widget()->minimumSizeHint().height());
}

int FittingScrollArea::heightForWidth(int width) const
{
    return std::min(contentHeight(width), m_most);
}

QSize FittingScrollArea::sizeHint() const
{
    return {widget()->sizeHint().width(), heightForWidth(width())};
}

QSize FittingScrollArea::minimumSizeHint() const
{
    return {widget()->minimumSizeHint().width(), 0};
}

/// A bar makes the content narrower and so higher, and must not come for that alone.
void FittingScrollArea::showBarIfNeeded(QSize room)
{
    const bool fits = contentHeight(room.width()) <= room.height();
    setVerticalScrollBarPolicy(fits ? Qt::ScrollBarAlwaysOff : Qt::ScrollBarAlwaysOn);
}

bool FittingScrollArea::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == widget() && event->type() == QEvent::LayoutRequest) {
        updateGeometry();
        showBarIfNeeded(size());
    }
    return QScrollArea::eventFilter(watched, event);
}

void FittingScrollArea::resizeEvent(QResizeEvent* event)
{
    showBarIfNeeded(size());
    QScrollArea::resizeEvent(event);
}

} // namespace timeslice
