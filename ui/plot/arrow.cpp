#include "ui/plot/arrow.h"

#include <QPainterPath>
#include <algorithm>
#include <cmath>

namespace timeslice {

void paintArrow(const Canvas& canvas, QPoint start, QPoint end, const ArrowStyle& style)
{
    QPainter& painter = *canvas.painter;
    const QPointF from = start;
    const QPointF to = end;
    const QPointF way = to - from;
    const double length = std::max(1.0, std::hypot(way.x(), way.y()));
    const QPointF along = way / length;
    const QPointF across(-along.y(), along.x());
    const double head = std::min(style.headEm * canvas.em, length * 0.6);
    const QPointF neck = to - along * head;
    QPainterPath tip(to);
    tip.lineTo(neck + across * head * 0.5);
    tip.lineTo(neck - across * head * 0.5);
    tip.closeSubpath();
    const double dot = style.shaft * 1.6 * canvas.unit;

    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, true);
    for (const bool halo : {true, false}) {
        const QColor color = halo ? canvas.theme->window : style.color;
        const double width = (style.shaft + (halo ? 2 * style.halo : 0)) * canvas.unit;
        painter.setPen(QPen(color, width, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin));
        painter.drawLine(from, neck);
        painter.setPen(halo ? QPen(color, 2 * style.halo * canvas.unit) : QPen(Qt::NoPen));
        painter.setBrush(color);
        painter.drawPath(tip);
        painter.drawEllipse(from, dot, dot);
    }
    painter.restore();
}

std::optional<QRect> laneOf(const TimelineScene& scene, std::size_t variant, std::uint32_t thread)
{
    const Row* found = nullptr;
    for (const Row& row : scene.layout->rows) {
        if (row.content.variant != variant) {
            continue;
        }
        const auto& threads = row.content.threads;
        if (row.content.kind == RowKind::Thread && row.content.track == thread) {
            found = &row;
            break;
        }
        if (row.content.kind == RowKind::Process
            && std::find(threads.begin(), threads.end(), thread) != threads.end()) {
            found = &row;
        }
    }
    if (found == nullptr) {
        return std::nullopt;
    }
    const QRect lane = laneRect(scene, *found);
    const int y = lane.center().y();
    return y >= scene.origin.y() && y < axisTop(scene) ? std::optional(lane) : std::nullopt;
}

} // namespace timeslice
