#include "ui/plot/timeline_picture.h"

#include "ui/plot/memory_painter.h"

#include <algorithm>
#include <cstring>

namespace timeslice {

bool TimelinePicture::Surface::resize(const QSize& size)
{
    const QSize wanted = size.expandedTo({1, 1});
    if (image.size() == wanted) {
        return false;
    }
    if (wanted.width() > m_memory.width() || wanted.height() > m_memory.height()) {
        image = QImage();
        m_memory = QImage(wanted.expandedTo(m_memory.size()), QImage::Format_RGB32);
    }
    image = QImage(m_memory.bits(), wanted.width(), wanted.height(), m_memory.bytesPerLine(), QImage::Format_RGB32);
    return true;
}

QImage& TimelinePicture::clear(const QSize& size, const QColor& ground)
{
    m_picture.resize(size);
    m_picture.image.fill(ground);
    m_shown.reset();
    return m_picture.image;
}

void TimelinePicture::paint(const Canvas& canvas, const TimelineScene& scene, const QSize& size)
{
    QPainter painter(&clear(size, canvas.theme->window));
    Canvas here = canvas;
    here.painter = &painter;
    paintTimeline(here, scene);
    m_shown = Shown{*scene.layout, scene.scale, scene.axisBreak, scene.scroll, size, canvas.theme->kind};
    m_progress = progressOf(canvas, scene);
}

TimelinePicture::Progress TimelinePicture::progressOf(const Canvas& canvas, const TimelineScene& scene)
{
    Progress progress;
    for (const VariantPicture& variant : scene.variants) {
        progress.phases.push_back(variant.phase);
        progress.deadlocks.push_back(variant.deadlock.has_value());
    }
    progress.marks = planWorkMarks(canvas, scene);
    progress.memoryScale = memoryScale(scene.variants);
    return progress;
}

TimelinePicture::Change TimelinePicture::update(
    const Canvas& canvas, const TimelineScene& scene, const QSize& size, bool grown)
{
    m_beside.resize(size);
    if (m_picture.image.size() != m_beside.image.size()) {
        paint(canvas, scene, size);
        return {QRegion(m_picture.image.rect()), true};
    }
    Change change;
    std::vector<QRect> painted;
    Shown shown{*scene.layout, scene.scale, scene.axisBreak, scene.scroll, size, canvas.theme->kind};
    Progress progress = progressOf(canvas, scene);
    change.whole = m_shown != shown;
    if (grown && !change.whole && m_progress.phases.size() == progress.phases.size()) {
        painted = paintGrowth(canvas, scene, progress);
    } else {
        m_beside.image.fill(canvas.theme->window);
        QPainter painter(&m_beside.image);
        Canvas here = canvas;
        here.painter = &painter;
        paintTimeline(here, scene);
        painted = {m_picture.image.rect()};
    }
    m_shown = std::move(shown);
    m_progress = std::move(progress);
    for (const QRect& rect : painted) {
        // In strips: one row may have changed elsewhere than the next.
        const int height = std::max(1, scene.layout->rowHeight / 2);
        for (int y = rect.top(); y <= rect.bottom(); y += height) {
            takeOver(QRect(rect.left(), y, rect.width(), height).intersected(rect), change.pixels);
        }
    }
    return change;
}

/// What may have changed, painted beside the picture; where.
std::vector<QRect> TimelinePicture::paintGrowth(
    const Canvas& canvas, const TimelineScene& scene, const Progress& progress)
{
    const VariantPart part = progress == m_progress ? VariantPart::Lanes : VariantPart::Band;
    std::vector<QRect> painted;
    QPainter painter(&m_beside.image);
    Canvas here = canvas;
    here.painter = &painter;
    for (std::size_t variant = 0; variant < scene.variants.size(); ++variant) {
        using Phase = VariantPicture::Phase;
        const Phase now = progress.phases[variant];
        if (now == m_progress.phases[variant] && (now == Phase::Waiting || now == Phase::Ended)) {
            continue; // nothing of it changes
        }
        const QRect rect = variantRect(scene, variant, part).intersected(m_picture.image.rect());
        if (!rect.isEmpty()) {
            paintVariant(here, scene, variant, part);
            painted.push_back(rect);
        }
    }
    return painted;
}

void TimelinePicture::takeOver(const QRect& rect, QRegion& changed)
{
    QRect different;
    for (int y = rect.top(); y <= rect.bottom(); ++y) {
        const auto* from = reinterpret_cast<const QRgb*>(m_beside.image.constScanLine(y)) + rect.left();
        auto* to = reinterpret_cast<QRgb*>(m_picture.image.scanLine(y)) + rect.left();
        const auto count = static_cast<std::size_t>(rect.width());
        if (std::memcmp(from, to, count * sizeof(QRgb)) == 0) {
            continue;
        }
        const auto first = static_cast<std::size_t>(std::mismatch(from, from + count, to).first - from);
        std::size_t end = count;
        while (from[end - 1] == to[end - 1]) {
            --end;
        }
        std::memcpy(to + first, from + first, (end - first) * sizeof(QRgb));
        different |= QRect(rect.left() + static_cast<int>(first), y, static_cast<int>(end - first), 1);
    }
    if (!different.isEmpty()) {
        changed |= different;
    }
}

} // namespace timeslice
