#include "ui/plot/distribution_view.h"

#include "ui/plot/format_time.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <cmath>
#include <utility>

namespace timeslice {

DistributionView::DistributionView(QWidget* parent)
    : QWidget(parent)
{
    setObjectName("distribution");
    setAccessibleName(tr("Distribution"));
    setMinimumSize(240, 120);
    setFocusPolicy(Qt::StrongFocus);
}

void DistributionView::setDistribution(std::optional<Distribution> distribution)
{
    m_hasRun = distribution.has_value();
    m_distribution = std::move(distribution).value_or(Distribution());
    setAccessibleDescription(m_distribution.difference);
    update();
}

void DistributionView::setTheme(const Theme& theme)
{
    m_theme = &Theme::of(theme.kind);
    update();
}

void DistributionView::setFontPoints(double points)
{
    m_points = points;
    update();
}

Canvas DistributionView::canvas(QPainter* painter) const
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

QRect DistributionView::room() const
{
    const Canvas unpainted = canvas(nullptr);
    const QRect all(0, 0, static_cast<int>(width() * unpainted.unit), static_cast<int>(height() * unpainted.unit));
    const int side = std::clamp(all.width() * 26 / 1000, unpainted.px(0.6), unpainted.px(2.5));
    QRect rect = all.adjusted(side, unpainted.px(0.8), -side, -unpainted.px(0.8));
    // As large as it is worth, at the top.
    const int most = m_distribution.empty() ? rect.height() : unpainted.px(2.4 * distributionEms(m_distribution));
    rect.setHeight(std::min(rect.height(), most));
    return rect;
}

void DistributionView::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme->window);
    painter.scale(1 / devicePixelRatioF(), 1 / devicePixelRatioF());
    const Canvas drawn = canvas(&painter);
    if (m_distribution.empty()) {
        painter.setFont(scaledFont(drawn, 1.1));
        painter.setPen(m_theme->mutedText);
        painter.drawText(room(), Qt::AlignCenter | Qt::TextWordWrap,
            m_hasRun ? tr("There is nothing to count yet.") : tr("Run it first: then its times stand here."));
        return;
    }
    paintDistribution(drawn, room(), m_distribution);
}

QString DistributionView::tipAt(const QPoint& position) const
{
    if (m_distribution.empty()) {
        return {};
    }
    const QPoint at = position * devicePixelRatioF();
    const DistributionLayout layout = layOutDistribution(canvas(nullptr), room(), m_distribution);
    const double millis = pixelToMillis(m_distribution, layout, at.x() + 0.5);
    QStringList lines;
    for (const DistributionLayout::Lane& lane : layout.lanes) {
        if (!lane.plot.contains(at)) {
            continue;
        }
        for (const std::size_t index : lane.series) {
            const DistributionSeries& series = m_distribution.series[index];
            for (const HistogramBin& bin : series.bins) {
                if (millis >= bin.low && millis < bin.high && bin.count > 0) {
                    const auto time = [](double ms) { return formatDuration(std::llround(ms * 1e6)); };
                    lines << tr("%1: %2 of %3 %4s took %5 to %6")
                                 .arg(series.title, QString::number(bin.count), QString::number(series.count),
                                     m_distribution.noun, time(bin.low), time(bin.high));
                }
            }
        }
    }
    return lines.join(u'\n');
}

bool DistributionView::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        auto* help = static_cast<QHelpEvent*>(event);
        QToolTip::showText(help->globalPos(), tipAt(help->pos()), this);
        return true;
    }
    return QWidget::event(event);
}

} // namespace timeslice
