// ScenarioDelegate: paints a row of the scenario list: calm chapters, one clear selection, a check mark for what is
// done.
#pragma once

#include "ui/theme/theme.h"

#include <QStyledItemDelegate>

namespace timeslice {

class ScenarioDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    explicit ScenarioDelegate(QObject* parent = nullptr);
    void setTheme(const Theme& theme) { m_theme = &theme; }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    bool helpEvent(QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem& option,
        const QModelIndex& index) override;

private:
    const Theme* m_theme = &Theme::light();
};

} // namespace timeslice
