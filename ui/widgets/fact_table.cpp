#include "ui/widgets/fact_table.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>

namespace timeslice {

namespace {

constexpr int kColumnGap = 12;
constexpr int kStackedOverlap = 7; // a label and its values below stand closer than two rows

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
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void FactTable::setRows(std::vector<FactRow> rows)
{
    if (rows == m_rows) {
        return;
    }
    const int before = heightForWidth(width());
    m_rows = std::move(rows);
    QStringList spoken;
    for (const FactRow& row : m_rows) {
        spoken << row.label + ' ' + row.values.join(", ");
    }
    setAccessibleDescription(spoken.join(". "));
    if (heightForWidth(width()) != before) {
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
    return {200, heightForWidth(200)};
}

QSize FactTable::minimumSizeHint() const
{
    return {60, rowHeight()};
}

int FactTable::heightForWidth(int width) const
{
    const std::vector<int> widths = columnWidths();
    int height = 0;
    for (const FactRow& row : m_rows) {
        height += heightOf(row, widths, width);
    }
    return height;
}

bool FactTable::stacked(const FactRow& row, const std::vector<int>& widths, int width) const
{
    if (row.values.isEmpty()) {
        return false;
    }
    int used = 0;
    for (std::size_t i = widths.size() - static_cast<std::size_t>(row.values.size()); i < widths.size(); ++i) {
        used += widths[i] + kColumnGap;
    }
    return fontMetrics().horizontalAdvance(row.label) > width - used;
}

int FactTable::heightOf(const FactRow& row, const std::vector<int>& widths, int width) const
{
    return stacked(row, widths, width) ? 2 * rowHeight() - kStackedOverlap : rowHeight();
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
        const bool above = stacked(row, widths, width());
        const int valueTop = above ? y + height - kStackedOverlap : y;
        int right = width();
        painter.setFont(valueFont(font(), row.tone));
        painter.setPen(color);
        for (qsizetype i = row.values.size() - 1; i >= 0; --i) {
            const int column = widths[widths.size() - static_cast<std::size_t>(row.values.size() - i)];
            const QRect box(right - column, valueTop, column, height);
            painter.drawText(box, Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine, row.values[i]);
            right -= column + kColumnGap;
        }
        painter.setFont(font());
        painter.setPen(labelColor);
        const QRect labelBox(0, y, std::max(0, above || row.values.isEmpty() ? width() : right), height);
        painter.drawText(labelBox, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
            fontMetrics().elidedText(row.label, Qt::ElideRight, labelBox.width()));
        y += heightOf(row, widths, width());
    }
}

bool FactTable::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const std::vector<int> widths = columnWidths();
        QString text;
        int bottom = 0;
        for (const FactRow& row : m_rows) {
            bottom += heightOf(row, widths, width());
            if (help->pos().y() < bottom) {
                text = fontMetrics().horizontalAdvance(row.label) > width() ? row.label : QString();
                text += (text.isEmpty() || row.explanation.isEmpty() ? "" : "\n") + row.explanation;
                break;
            }
        }
        QToolTip::showText(help->globalPos(), text, this);
        return true;
    }
    return QWidget::event(event);
}

} // namespace timeslice
