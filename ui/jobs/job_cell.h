// JobCell: paints a cell of the table of jobs, framed where it is wrong, and edits it.
#pragma once

#include "ui/theme/theme.h"

#include <QStyledItemDelegate>

namespace timeslice {

class JobCell : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void setTheme(const Theme& theme) { m_theme = &theme; }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QWidget* createEditor(QWidget* parent, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    void updateEditorGeometry(
        QWidget* editor, const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    const Theme* m_theme = &Theme::light();
};

} // namespace timeslice
