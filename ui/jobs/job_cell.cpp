#include "ui/jobs/job_cell.h"

#include "ui/jobs/job_table_model.h"

#include <QLineEdit>
#include <QPainter>

namespace timeslice {

namespace {

constexpr int kCellSide = 8; // px: between the cell's edge and its text

} // namespace

void JobCell::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const bool wrong = !index.data(JobTableModel::kMistakeRole).toString().isEmpty();
    const bool current = option.state.testFlag(QStyle::State_HasFocus);
    const bool chosen = current || option.state.testFlag(QStyle::State_Selected);
    painter->save();
    painter->fillRect(option.rect, wrong ? mix(m_theme->card, m_theme->bad, 0.12) : m_theme->card);
    const QRect frame = option.rect.adjusted(0, 0, -1, -1);
    if (wrong || chosen) {
        painter->setPen(QPen(wrong ? m_theme->bad : m_theme->accent, current ? 2 : 1));
        painter->drawRect(current ? frame.adjusted(1, 1, 0, 0) : frame);
    }
    painter->setFont(option.font);
    painter->setPen(wrong ? m_theme->bad : m_theme->text);
    const auto alignment = index.data(Qt::TextAlignmentRole).value<Qt::Alignment>();
    const QRect room = option.rect.adjusted(kCellSide, 0, -kCellSide, 0);
    painter->drawText(room, static_cast<int>(alignment) | Qt::TextSingleLine,
        option.fontMetrics.elidedText(index.data().toString(), Qt::ElideRight, room.width()));
    painter->restore();
}

QWidget* JobCell::createEditor(QWidget* parent, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    auto* field = new QLineEdit(parent);
    field->setObjectName(QStringLiteral("jobCell"));
    field->setFont(option.font);
    field->setAlignment(index.data(Qt::TextAlignmentRole).value<Qt::Alignment>());
    field->setAccessibleName(index.data(Qt::AccessibleTextRole).toString());
    return field;
}

void JobCell::updateEditorGeometry(
    QWidget* editor, const QStyleOptionViewItem& option, const QModelIndex& /*index*/) const
{
    editor->setGeometry(option.rect);
}

} // namespace timeslice
