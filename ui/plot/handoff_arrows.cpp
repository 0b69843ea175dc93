#include "ui/plot/handoff_arrows.h"

#include "ui/plot/arrow.h"
#include "ui/plot/format_time.h"
#include "ui/plot/handoff_text.h"

#include <QFontMetrics>
#include <algorithm>
#include <cmath>

namespace timeslice {

namespace {

std::optional<HandoffArrow> place(
    const TimelineScene& scene, std::size_t variant, std::uint32_t lock, const Handoff& handoff)
{
    const Timeline& timeline = scene.variants[variant].recording->timeline;
    const Nanos origin = originOf(timeline);
    const auto x = [&](Nanos time) {
        const double pixel = timeToPixel(scene.scale, static_cast<double>(time - origin));
        return static_cast<int>(std::lround(std::clamp(pixel, scene.scale.left - 1.0, scene.scale.right + 1.0)));
    };
    HandoffArrow arrow;
    arrow.handoff = handoff;
    const auto from = laneOf(scene, variant, handoff.from);
    const auto to = laneOf(scene, variant, handoff.to);
    arrow.from.setX(x(handoff.released));
    arrow.to.setX(x(handoff.acquired));
    if (!from || !to || arrow.to.x() < scene.scale.left || arrow.from.x() > scene.scale.right) {
        return std::nullopt;
    }
    arrow.from.setY(from->center().y());
    arrow.to.setY(to->center().y());
    const Track& track = timeline.locks[lock].track;
    // The hold that ended: the slice that lasted until the release.
    const std::size_t hold = track.indexAt(handoff.released - 1);
    const QString why = hold < track.size() ? reasonLabel(timeline, lock, hold) : QString();
    const Nanos gap = handoff.acquired - handoff.released;
    const QString taken =
        gap > 0 ? QStringLiteral("taken %1 later").arg(formatDuration(gap)) : QStringLiteral("taken at once");
    arrow.label = why.isEmpty() ? taken : why + QStringLiteral(", ") + taken;
    return arrow;
}

class LabelPainter {
public:
    LabelPainter(const Canvas& canvas, const TimelineScene& scene)
        : m_canvas(canvas)
        , m_painter(*canvas.painter)
        , m_theme(*canvas.theme)
        , m_scene(scene)
    {
    }

    /// `taken`: the labels painted before, which this one must leave legible.
    QRect paint(const HandoffArrow& arrow, const std::vector<QRect>& taken) const
    {
        const QFont font = scaledFont(m_canvas, 0.92);
        const QFontMetrics metrics(font);
        const int margin = m_canvas.px(0.6);
        const int width = metrics.horizontalAdvance(arrow.label) + 2 * margin;
        const int height = metrics.height() + m_canvas.px(0.35);
        const int gap = m_canvas.px(0.7);
        const int right = std::max(arrow.from.x(), arrow.to.x()) + gap;
        const int left = std::min(arrow.from.x(), arrow.to.x()) - gap - width;
        const bool roomLeft = left >= m_scene.scale.left;
        const bool roomRight = right + width <= m_scene.scale.right;
        const bool leftSide = arrow.labelLeft ? roomLeft || !roomRight : !roomRight && roomLeft;
        const int x = std::clamp(
            leftSide ? left : right, m_scene.scale.left, std::max(m_scene.scale.left, m_scene.scale.right - width));
        const int y = (arrow.from.y() + arrow.to.y() - height) / 2;
        QRect plate(x, y, width, height);
        for (const QRect& other : taken) {
            if (plate.intersects(other)) {
                plate.moveBottom(other.top() - m_canvas.px(0.2));
            }
        }
        m_painter.save();
        m_painter.setRenderHint(QPainter::Antialiasing, true);
        m_painter.setPen(QPen(m_theme.border, m_canvas.line(1)));
        m_painter.setBrush(m_theme.card);
        m_painter.drawRoundedRect(plate, m_canvas.px(0.35), m_canvas.px(0.35));
        m_painter.restore();
        paintText(m_canvas, plate.adjusted(margin, 0, -margin + 1, 0), Qt::AlignLeft | Qt::AlignVCenter, arrow.label,
            font, m_theme.text);
        return plate;
    }

private:
    const Canvas& m_canvas;
    QPainter& m_painter;
    const Theme& m_theme;
    const TimelineScene& m_scene;
};

} // namespace

std::vector<HandoffArrow> planHandoffs(const TimelineScene& scene, const SliceRef& ref)
{
    std::vector<HandoffArrow> arrows;
    if (ref.row != SliceRef::Row::Lock || ref.variant >= scene.variants.size()) {
        return arrows;
    }
    const Timeline& timeline = scene.variants[ref.variant].recording->timeline;
    if (ref.track >= timeline.locks.size()) {
        return arrows;
    }
    const auto lock = static_cast<std::uint32_t>(ref.track);
    const Track& track = timeline.locks[lock].track;
    const std::size_t index = track.indexAt(ref.slice.begin);
    if (index >= track.size()) {
        return arrows;
    }
    const auto add = [&](const std::optional<Handoff>& handoff, bool labelLeft) {
        if (!handoff) {
            return;
        }
        if (auto arrow = place(scene, ref.variant, lock, *handoff)) {
            arrow->labelLeft = labelLeft;
            arrows.push_back(std::move(*arrow));
        }
    };
    if (track.value(index).state() == SliceState::Running) {
        add(handoffBefore(timeline, lock, index), true);
    }
    add(handoffAfter(timeline, lock, index), false);
    return arrows;
}

QRect paintHandoffs(const Canvas& canvas, const TimelineScene& scene, const std::vector<HandoffArrow>& arrows)
{
    const LabelPainter painter(canvas, scene);
    ArrowStyle style;
    style.color = canvas.theme->text;
    QRect covered;
    for (const HandoffArrow& arrow : arrows) {
        paintArrow(canvas, arrow.from, arrow.to, style);
        covered |= QRect(arrow.from, arrow.to).normalized();
    }
    // The later one first: it is about the end of what is hovered and keeps its place beside its arrow.
    std::vector<QRect> taken;
    for (auto arrow = arrows.rbegin(); arrow != arrows.rend(); ++arrow) {
        taken.push_back(painter.paint(*arrow, taken));
        covered |= taken.back();
    }
    return covered;
}

} // namespace timeslice
