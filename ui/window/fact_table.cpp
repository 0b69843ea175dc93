#include "ui/window/fact_table.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <numeric>

namespace timeslice {

namespace {

constexpr int kColumnGap = 12;

QFont valueFont(const QFont& base, FactRow::Tone tone)
{
    QFont font = base;
    font.setBold(tone != FactRow::Tone::Heading);
    return font;
}

} // namespace

FactTable::FactTable(QWidget* parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void FactTable::setRows(std::vector<FactRow> rows)
{
    if (rows == m_rows) {
        return;
    }
    const bool taller = rows.size() != m_rows.size();
    m_rows = std::move(rows);
    QStringList spoken;
    for (const FactRow& row : m_rows) {
        spoken << row.label + ' ' + row.values.join(", ");
    }
    setAccessibleDescription(spoken.join(". "));
    if (taller) {
        updateGeometry();
    }
    update();
}

void FactTable::setTones(const ToneColors& tones)
{
    m_tones = tones;
    update();
}

int FactTable::rowHeight() const
{
    return fontMetrics().height() + 8;
}

QSize FactTable::sizeHint() const
{
    return {200, rowHeight() * static_cast<int>(m_rows.size())};
}

QSize FactTable::minimumSizeHint() const
{
    return {60, sizeHint().height()};
}

std::vector<int> FactTable::columnWidths() const
{
    std::vector<int> widths;
    for (const FactRow& row : m_rows) {
        const QFontMetrics metrics(valueFont(font(), row.tone));
        const auto columns = static_cast<std::size_t>(row.values.size());
        widths.resize(std::max(widths.size(), columns), 0);
        for (std::size_t i = 0; i < columns; ++i) {
            // Counted from the right edge, so that rows with fewer values line up with the last columns.
            int& width = widths[widths.size() - columns + i];
            width = std::max(width, metrics.horizontalAdvance(row.values[static_cast<qsizetype>(i)]));
        }
    }
    return widths;
}

void FactTable::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const std::vector<int> widths = columnWidths();
    const int height = rowHeight();
    int y = 0;
    for (const FactRow& row : m_rows) {
        QColor color = palette().color(QPalette::WindowText);
        QColor labelColor = color;
        switch (row.tone) {
        case FactRow::Tone::Plain:
            break;
        case FactRow::Tone::Muted:
        case FactRow::Tone::Heading:
            labelColor = m_tones.muted;
            color = row.tone == FactRow::Tone::Heading ? m_tones.muted : color;
            break;
        case FactRow::Tone::Good:
            color = m_tones.good;
            break;
        case FactRow::Tone::Warning:
            color = m_tones.warning;
            break;
        case FactRow::Tone::Bad:
            color = m_tones.bad;
            break;
        }
        int right = width();
        painter.setFont(valueFont(font(), row.tone));
        painter.setPen(color);
        for (qsizetype i = row.values.size() - 1; i >= 0; --i) {
            const int column = widths[widths.size() - static_cast<std::size_t>(row.values.size() - i)];
            const QRect box(right - column, y, column, height);
            painter.drawText(box, Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine, row.values[i]);
            right -= column + kColumnGap;
        }
        painter.setFont(font());
        painter.setPen(labelColor);
        const QRect labelBox(0, y, std::max(0, row.values.isEmpty() ? width() : right), height);
        painter.drawText(labelBox, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
            fontMetrics().elidedText(row.label, Qt::ElideRight, labelBox.width()));
        y += height;
    }
}

bool FactTable::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const auto index = static_cast<std::size_t>(std::max(0, help->pos().y() / rowHeight()));
        QString text;
        if (index < m_rows.size()) {
            const FactRow& row = m_rows[index];
            const std::vector<int> widths = columnWidths();
            const int used =
                std::accumulate(widths.begin(), widths.end(), 0) + kColumnGap * static_cast<int>(widths.size());
            if (fontMetrics().horizontalAdvance(row.label) > width() - used) {
                text = row.label;
            }
            if (!row.explanation.isEmpty()) {
                text += (text.isEmpty() ? "" : "\n") + row.explanation;
            }
        }
        QToolTip::showText(help->globalPos(), text, this);
        return true;
    }
    return QWidget::event(event);
}

} // namespace timeslice
