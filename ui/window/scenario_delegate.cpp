#include "ui/window/scenario_delegate.h"

#include "ui/window/scenario_list_model.h"

#include <QAbstractItemView>
#include <QHelpEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

namespace timeslice {

namespace {

using ListRow = ScenarioListModel::RowKind;

constexpr int kSideMargin = 8;
constexpr int kTextIndent = 16;
constexpr int kMarkWidth = 26;
constexpr int kPencilWidth = 16;

ListRow kindOf(const QModelIndex& index)
{
    return static_cast<ListRow>(index.data(ScenarioListModel::KindRole).toInt());
}

QFont chapterFont(const QFont& base)
{
    QFont font = base;
    font.setBold(true);
    font.setPointSizeF(base.pointSizeF() * 0.85);
    return font;
}

/// A check, a cross or a square: told apart by shape, as not everybody sees the hues.
void drawMark(QPainter& painter, RunMark mark, const QPointF& centre, const QColor& color)
{
    QPainterPath path;
    if (mark == RunMark::Done) {
        const QRectF box(centre.x() - 4.5, centre.y() - 3.5, 9, 7.5);
        path.moveTo(box.left(), box.center().y());
        path.lineTo(box.left() + box.width() * 0.36, box.bottom());
        path.lineTo(box.right(), box.top());
    } else if (mark == RunMark::Failed) {
        const QRectF box(centre.x() - 3.5, centre.y() - 3.5, 7, 7);
        path.moveTo(box.topLeft());
        path.lineTo(box.bottomRight());
        path.moveTo(box.topRight());
        path.lineTo(box.bottomLeft());
    } else {
        path.addRect(centre.x() - 3.5, centre.y() - 3.5, 7, 7);
    }
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(color, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(path);
}

/// A pencil: one of the viewer's own, which can be changed.
void drawPencil(QPainter& painter, const QPointF& centre, const QColor& color)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(centre);
    painter.rotate(45);
    painter.setPen(QPen(color, 1.2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    painter.drawPolygon(QPolygonF({{-2, -6}, {2, -6}, {2, 3}, {0, 6.5}, {-2, 3}}));
    painter.drawLine(QPointF(-2, 3), QPointF(2, 3));
    painter.restore();
}

} // namespace

ScenarioDelegate::ScenarioDelegate(QObject* parent)
    : QStyledItemDelegate(parent)
{
}

void ScenarioDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    painter->save();
    const ListRow kind = kindOf(index);
    const QString text = index.data().toString();
    const QRect row = option.rect.adjusted(kSideMargin, 1, -kSideMargin, -1);
    QRect box = row.adjusted(kTextIndent - kSideMargin, 0, -10, 0);
    QFont font = option.font;
    QColor color = m_theme->text;
    if (kind == ListRow::Chapter) {
        font = chapterFont(option.font);
        color = m_theme->mutedText;
        box = option.rect.adjusted(kTextIndent - 2, 0, -kSideMargin, -3);
    } else {
        const bool selected = (option.state & QStyle::State_Selected) != 0;
        const bool hover = (option.state & QStyle::State_MouseOver) != 0;
        painter->setRenderHint(QPainter::Antialiasing);
        if (selected || hover) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(selected ? m_theme->accent : mix(m_theme->sidebar, m_theme->text, 0.07));
            painter->drawRoundedRect(row, 6, 6);
        }
        color = selected ? m_theme->accentText : kind == ListRow::Damaged ? m_theme->warning : color;
        // As buttons do on most desktops: the ring is for those who walk by keyboard.
        const bool byKeyboard = (option.state & QStyle::State_KeyboardFocusChange) != 0;
        if (selected && byKeyboard && (option.state & QStyle::State_HasFocus) != 0) {
            painter->setBrush(Qt::NoBrush);
            painter->setPen(QPen(m_theme->text, 1.5));
            painter->drawRoundedRect(QRectF(row).adjusted(0.75, 0.75, -0.75, -0.75), 6, 6);
        }
        const auto mark = static_cast<RunMark>(index.data(ScenarioListModel::MarkRole).toInt());
        if (mark != RunMark::None) {
            const QColor hue = mark == RunMark::Done ? m_theme->good
                : mark == RunMark::Failed            ? m_theme->bad
                                                     : m_theme->mutedText;
            drawMark(*painter, mark, QPointF(row.right() - 15.5, row.center().y() + 0.5),
                selected ? m_theme->accentText : hue);
            box.setRight(row.right() - kMarkWidth);
        }
        if (index.data(ScenarioListModel::OwnRole).toBool()) {
            drawPencil(*painter, QPointF(box.right() - 4, row.center().y() + 0.5),
                selected ? m_theme->accentText : m_theme->mutedText);
            box.setRight(box.right() - kPencilWidth);
        }
        if (selected) {
            // Bold where there is room for it: a title is worth more whole.
            QFont bold = font;
            bold.setBold(true);
            font = QFontMetrics(bold).horizontalAdvance(text) <= box.width() ? bold : font;
        }
    }
    painter->setFont(font);
    painter->setPen(color);
    const int vertical = kind == ListRow::Chapter ? Qt::AlignBottom : Qt::AlignVCenter;
    painter->drawText(box, Qt::AlignLeft | vertical | Qt::TextSingleLine,
        QFontMetrics(font).elidedText(text, Qt::ElideRight, box.width()));
    painter->restore();
}

QSize ScenarioDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const int text = QFontMetrics(option.font).height();
    if (kindOf(index) == ListRow::Chapter) {
        return {60, text + (index.row() == 0 ? 8 : 16)};
    }
    return {60, text + 14};
}

bool ScenarioDelegate::helpEvent(
    QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem& option, const QModelIndex& index)
{
    if (event->type() != QEvent::ToolTip || !index.isValid()) {
        return QStyledItemDelegate::helpEvent(event, view, option, index);
    }
    QStringList lines;
    if (kindOf(index) == ListRow::Scenario) {
        lines << index.data(Qt::AccessibleTextRole).toString();
    }
    lines << index.data(Qt::ToolTipRole).toString();
    lines.removeAll(QString());
    QToolTip::showText(event->globalPos(), lines.join('\n'), view);
    return true;
}

} // namespace timeslice
