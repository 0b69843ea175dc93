#include "ui/widgets/fact_table.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPaintEvent>
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
    const std::vector<int> columns = m_columns;
    std::swap(m_rows, rows);
    measure();
    QStringList spoken;
    for (const FactRow& row : m_rows) {
        spoken << row.label + ' ' + row.values.join(", ");
    }
    setAccessibleDescription(spoken.join(". "));
    if (heightForWidth(width()) != before) {
        updateGeometry();
        update();
        return;
    }
    if (columns != m_columns || rows.size() != m_rows.size()) {
        update();
        return;
    }
    for (std::size_t row = 0, y = 0; row < m_rows.size(); ++row) {
        const auto height = static_cast<std::size_t>(heightOf(row, width()));
        if (m_rows[row] != rows[row]) {
            update(0, static_cast<int>(y), width(), static_cast<int>(height));
        }
        y += height;
    }
}

void FactTable::setTones(const ToneColors& tones)
{
    m_tones = tones;
    update();
}

void FactTable::setChoosable(bool choosable)
{
    m_choosable = choosable;
    setCursor(choosable ? Qt::PointingHandCursor : Qt::ArrowCursor);
    setFocusPolicy(choosable ? Qt::TabFocus : Qt::NoFocus);
}

std::optional<std::size_t> FactTable::rowAt(int y) const
{
    int bottom = 0;
    for (std::size_t row = 0; row < m_rows.size(); ++row) {
        bottom += heightOf(row, width());
        if (y < bottom) {
            return row;
        }
    }
    return std::nullopt;
}

void FactTable::mousePressEvent(QMouseEvent* event)
{
    if (!m_choosable || event->button() != Qt::LeftButton) {
        QWidget::mousePressEvent(event); // else it is taken, and what follows it comes here, too
    }
}

void FactTable::mouseReleaseEvent(QMouseEvent* event)
{
    const auto row = rect().contains(event->pos()) ? rowAt(event->pos().y()) : std::nullopt;
    if (m_choosable && event->button() == Qt::LeftButton && row) {
        emit rowChosen(*row);
        return;
    }
    QWidget::mouseReleaseEvent(event);
}

void FactTable::keyPressEvent(QKeyEvent* event)
{
    const int step = event->key() == Qt::Key_Down ? 1 : event->key() == Qt::Key_Up ? -1 : 0;
    const auto chosen = std::find_if(m_rows.begin(), m_rows.end(), [](const FactRow& row) { return row.chosen; });
    if (!m_choosable || step == 0 || m_rows.empty()) {
        QWidget::keyPressEvent(event);
        return;
    }
    const auto at = chosen != m_rows.end() ? chosen - m_rows.begin() + step : 0;
    const auto row = std::clamp<std::ptrdiff_t>(at, 0, static_cast<std::ptrdiff_t>(m_rows.size()) - 1);
    emit rowChosen(static_cast<std::size_t>(row));
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
    int height = 0;
    for (std::size_t row = 0; row < m_rows.size(); ++row) {
        height += heightOf(row, width);
    }
    return height;
}

bool FactTable::stacked(std::size_t row, int width) const
{
    const auto values = static_cast<std::size_t>(m_rows[row].values.size());
    if (values == 0) {
        return false;
    }
    int used = 0;
    for (std::size_t i = m_columns.size() - values; i < m_columns.size(); ++i) {
        used += m_columns[i] + kColumnGap;
    }
    return m_labels[row] > width - used;
}

int FactTable::heightOf(std::size_t row, int width) const
{
    return stacked(row, width) ? 2 * rowHeight() - kStackedOverlap : rowHeight();
}

void FactTable::measure()
{
    m_labels.clear();
    m_columns.clear();
    const QFontMetrics labels = fontMetrics();
    const QFontMetrics headings(valueFont(font(), FactRow::Tone::Heading));
    const QFontMetrics figures(valueFont(font(), FactRow::Tone::Plain));
    for (const FactRow& row : m_rows) {
        m_labels.push_back(labels.horizontalAdvance(row.label));
        const QFontMetrics& metrics = row.tone == FactRow::Tone::Heading ? headings : figures;
        const auto columns = static_cast<std::size_t>(row.values.size());
        if (columns > m_columns.size()) {
            m_columns.insert(m_columns.begin(), columns - m_columns.size(), 0);
        }
        for (std::size_t i = 0; i < columns; ++i) {
            // Counted from the right edge, so that rows with fewer values line up with the last columns.
            int& width = m_columns[m_columns.size() - columns + i];
            width = std::max(width, metrics.horizontalAdvance(row.values[static_cast<qsizetype>(i)]));
        }
    }
}

void FactTable::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) {
        measure();
    }
    QWidget::changeEvent(event);
}

void FactTable::paintEvent(QPaintEvent* event)
{
    QPainter painter(this);
    const int height = rowHeight();
    int y = 0;
    for (std::size_t r = 0; r < m_rows.size(); ++r) {
        const FactRow& row = m_rows[r];
        if (const QRect box(0, y, width(), heightOf(r, width())); !event->region().intersects(box)) {
            y += box.height();
            continue;
        }
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
        if (row.chosen) { // on a pale ground as wide as the panel's margin allows
            QColor ground = palette().color(QPalette::Highlight);
            ground.setAlphaF(0.18F);
            painter.fillRect(QRect(0, y, width(), heightOf(r, width())), ground);
        }
        const bool above = stacked(r, width());
        const int valueTop = above ? y + height - kStackedOverlap : y;
        int right = width();
        painter.setFont(valueFont(font(), row.tone));
        painter.setPen(color);
        for (qsizetype i = row.values.size() - 1; i >= 0; --i) {
            const int column = m_columns[m_columns.size() - static_cast<std::size_t>(row.values.size() - i)];
            const QRect box(right - column, valueTop, column, height);
            painter.drawText(box, Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine, row.values[i]);
            right -= column + kColumnGap;
        }
        painter.setFont(font());
        painter.setPen(labelColor);
        const QRect labelBox(0, y, std::max(0, above || row.values.isEmpty() ? width() : right), height);
        painter.drawText(labelBox, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
            fontMetrics().elidedText(row.label, Qt::ElideRight, labelBox.width()));
        y += heightOf(r, width());
    }
}

bool FactTable::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        QString text;
        if (const auto index = rowAt(help->pos().y())) {
            const FactRow& row = m_rows[*index];
            text = fontMetrics().horizontalAdvance(row.label) > width() ? row.label : QString();
            text += (text.isEmpty() || row.explanation.isEmpty() ? "" : "\n") + row.explanation;
        }
        QToolTip::showText(help->globalPos(), text, this);
        return true;
    }
    return QWidget::event(event);
}

} // namespace timeslice
