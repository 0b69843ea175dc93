#include "ui/chart/chart_view.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <utility>

namespace timeslice {

ChartView::ChartView(QWidget* parent)
    : QWidget(parent)
{
    setObjectName("chart");
    setAccessibleName(tr("Result"));
    setMinimumSize(240, 120);
    setFocusPolicy(Qt::StrongFocus);
}

void ChartView::setModel(const RunModel* model)
{
    m_model = model;
    m_chart.reset();
    m_stale = true;
    m_final = false;
    update();
}

std::size_t ChartView::points() const
{
    const RunReport& report = m_model->report();
    return report.series ? report.series->points.size() : report.variants.size();
}

void ChartView::refresh()
{
    if (m_model != nullptr && (points() != m_known || m_model->finished() != m_final)) {
        m_stale = true;
        update();
    }
}

const std::optional<Chart>& ChartView::chart()
{
    if (std::exchange(m_stale, false)) {
        m_chart.reset();
        if (m_model != nullptr && m_model->scenario()) {
            m_known = points();
            m_final = m_model->finished();
            m_chart = chartOf(*m_model->scenario(), m_model->report());
            setAccessibleDescription(m_chart ? chartText(*m_chart) : QString());
        }
    }
    return m_chart;
}

void ChartView::setTheme(const Theme& theme)
{
    m_theme = &Theme::of(theme.kind);
    update();
}

void ChartView::setFontPoints(double points)
{
    m_points = points;
    update();
}

Canvas ChartView::canvas(QPainter* painter) const
{
    Canvas canvas;
    canvas.painter = painter;
    canvas.theme = m_theme;
    canvas.font = font();
    canvas.unit = devicePixelRatioF();
    canvas.em = m_points * 96 / 72 * canvas.unit;
    canvas.font.setPixelSize(std::max(1, canvas.px(1)));
    return canvas;
}

QRect ChartView::room(const Canvas& canvas) const
{
    const QRect all(0, 0, static_cast<int>(width() * canvas.unit), static_cast<int>(height() * canvas.unit));
    const int side = std::clamp(all.width() * 26 / 1000, canvas.px(0.6), canvas.px(2.5));
    QRect room = all.adjusted(side, canvas.px(0.8), -side, -canvas.px(0.8));
    if (m_chart && !m_chart->empty()) { // as large as it is worth, at the top
        room.setHeight(std::min(room.height(), canvas.px(2.2 * chartEms(*m_chart))));
    }
    return room;
}

bool ChartView::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip || !chart()) {
        return QWidget::event(event);
    }
    const auto* help = static_cast<QHelpEvent*>(event);
    QImage nowhere(1, 1, QImage::Format_RGB32); // texts are measured, none is drawn
    QPainter painter(&nowhere);
    const Canvas canvas = this->canvas(&painter);
    const QString words = chartTextAt(canvas, room(canvas), *m_chart, (QPointF(help->pos()) * canvas.unit).toPoint());
    if (words.isEmpty()) {
        QToolTip::hideText();
    } else {
        QToolTip::showText(help->globalPos(), words.toHtmlEscaped(), this);
    }
    return true;
}

void ChartView::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme->window);
    painter.scale(1 / devicePixelRatioF(), 1 / devicePixelRatioF());
    const bool none = !chart() || m_chart->empty();
    const Canvas canvas = this->canvas(&painter);
    const QRect room = this->room(canvas);
    if (none) {
        painter.setFont(scaledFont(canvas, 1.1));
        painter.setPen(m_theme->mutedText);
        painter.drawText(room, Qt::AlignCenter | Qt::TextWordWrap,
            m_model == nullptr ? tr("Run it first: then its numbers stand here.") : tr("No number yet."));
        return;
    }
    paintChart(canvas, room, *m_chart);
}

} // namespace timeslice
