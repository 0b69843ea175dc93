#include "ui/stepper/step_lane.h"

#include <QFontMetrics>
#include <QPainter>
#include <QPen>
#include <algorithm>

namespace timeslice {

StepLane::StepLane(QWidget* parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void StepLane::setCells(std::vector<Cell> cells)
{
    if (cells != m_cells) {
        m_cells = std::move(cells);
        update();
    }
}

void StepLane::setWidest(const QString& text)
{
    m_widest = text;
    update();
}

void StepLane::setTone(const ThreadTone& tone)
{
    m_tone = tone;
    update();
}

void StepLane::setTheme(const Theme& theme)
{
    m_theme = &theme;
    update();
}

void StepLane::setPixelSize(int pixels)
{
    m_pixels = pixels;
    updateGeometry();
    update();
}

QSize StepLane::sizeHint() const
{
    return {static_cast<int>(m_cells.size()) * m_pixels * 5, m_pixels * 3};
}

QSize StepLane::minimumSizeHint() const
{
    return {static_cast<int>(m_cells.size()) * m_pixels * 2, m_pixels * 5 / 2};
}

QRect StepLane::place(std::size_t cell) const
{
    const auto count = static_cast<int>(std::max<std::size_t>(1, m_cells.size()));
    const auto index = static_cast<int>(cell);
    const int left = width() * index / count;
    return {left, 0, width() * (index + 1) / count - left, height()};
}

/// Narrow cells make the text smaller, down to where it can no longer be read.
int StepLane::fittingPixels(int width) const
{
    constexpr int kLeast = 9;
    QFont bold = font();
    bold.setBold(true);
    int pixels = m_pixels;
    for (; pixels > kLeast; --pixels) {
        bold.setPixelSize(pixels);
        if (QFontMetrics(bold).horizontalAdvance(m_widest) <= width) {
            break;
        }
    }
    return pixels;
}

void StepLane::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing, true);
    const int gap = std::max(1, m_pixels / 7);
    const double radius = m_pixels / 4.0;
    QFont plain = font();
    plain.setPixelSize(fittingPixels(place(0).width() - 4 * gap));
    QFont bold = plain;
    bold.setBold(true);
    for (std::size_t i = 0; i < m_cells.size(); ++i) {
        const Cell& cell = m_cells[i];
        const QRect box = place(i).adjusted(gap, gap, -gap, -gap);
        const bool step = cell.kind == Cell::Kind::Step;
        const bool lost = cell.kind == Cell::Kind::Lost;
        painter.setPen(step ? QPen(m_tone.edge, 1)
                : lost      ? QPen(m_theme->bad, std::max(2, m_pixels / 7))
                            : QPen(Qt::NoPen));
        painter.setBrush(step ? m_tone.fill : m_theme->lane);
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
        if (cell.kind == Cell::Kind::Empty) {
            continue;
        }
        painter.setPen(step ? m_tone.text : lost ? m_theme->bad : m_theme->text);
        if (cell.below.isEmpty()) {
            painter.setFont(bold);
            painter.drawText(box, Qt::AlignCenter, cell.above);
            continue;
        }
        const QRect upper(box.left(), box.top(), box.width(), box.height() / 2);
        const QRect lower(box.left(), upper.bottom() + 1, box.width(), box.height() - upper.height());
        painter.setFont(bold);
        painter.drawText(upper, Qt::AlignHCenter | Qt::AlignBottom, cell.above);
        painter.setFont(plain);
        painter.drawText(lower, Qt::AlignHCenter | Qt::AlignTop, cell.below);
    }
}

} // namespace timeslice
