#include "ui/chart/chart_picture.h"

#include "ui/chart/paint_chart.h"

#include <QFontInfo>
#include <QPainter>
#include <cmath>
#include <utility>

namespace timeslice {

ChartPicture::ChartPicture(QWidget* parent)
    : QWidget(parent)
{
    setAccessibleName(tr("Chart"));
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void ChartPicture::setChart(std::optional<Chart> chart)
{
    const QSize before = sizeHint();
    m_chart = std::move(chart);
    setAccessibleDescription(m_chart ? chartText(*m_chart) : QString());
    if (sizeHint() != before) {
        updateGeometry();
    }
    update();
}

void ChartPicture::setTheme(const Theme& theme)
{
    m_theme = &Theme::of(theme.kind);
    update();
}

QSize ChartPicture::sizeHint() const
{
    constexpr double kCompact = 0.85; // of the height that a figure gives it
    const double ems = m_chart && !m_chart->empty() ? kCompact * chartEms(*m_chart) : 0;
    return {120, static_cast<int>(std::lround(ems * QFontInfo(font()).pixelSize()))};
}

void ChartPicture::paintEvent(QPaintEvent*)
{
    if (!m_chart || m_chart->empty()) {
        return;
    }
    QPainter painter(this);
    const double ratio = devicePixelRatioF();
    painter.scale(1 / ratio, 1 / ratio); // the plot's painters work in device pixels
    Canvas canvas;
    canvas.painter = &painter;
    canvas.theme = m_theme;
    canvas.font = font();
    canvas.unit = ratio;
    canvas.em = QFontInfo(font()).pixelSize() * ratio;
    canvas.font.setPixelSize(std::max(1, canvas.px(1)));
    paintChart(canvas, QRect(0, 0, static_cast<int>(width() * ratio), static_cast<int>(height() * ratio)), *m_chart);
}

} // namespace timeslice
