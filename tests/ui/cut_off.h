// What of a window's parts has not the room that it needs.
#pragma once

#include <QAbstractButton>
#include <QComboBox>
#include <QLabel>
#include <QScrollArea>
#include <QWidget>
#include <string>
#include <vector>

namespace timeslice::test {

/// The visible parts of `window` that are cut off now, by class, name and size. `scrolled`: may be scrolled out of
/// sight.
inline std::vector<std::string> cutOff(const QWidget& window, const QScrollArea& scrolled)
{
    std::vector<std::string> found;
    for (const QWidget* widget : window.findChildren<QWidget*>()) {
        if (!widget->isVisible() || widget->parentWidget() == nullptr) {
            continue;
        }
        bool whole = true;
        if (qobject_cast<const QAbstractButton*>(widget) != nullptr
            || qobject_cast<const QComboBox*>(widget) != nullptr) {
            const QSize least = widget->minimumSizeHint();
            const QRect inWindow(widget->mapTo(&window, QPoint()), widget->size());
            whole = widget->width() >= least.width() && widget->height() >= least.height()
                && (scrolled.isAncestorOf(widget) || window.rect().contains(inWindow));
        } else if (const auto* label = qobject_cast<const QLabel*>(widget); label != nullptr && label->wordWrap()) {
            whole = label->height() >= label->heightForWidth(label->width());
        } else if (const auto* area = qobject_cast<const QScrollArea*>(widget)) {
            whole = area->widget()->width() <= area->viewport()->width();
        }
        if (!whole) {
            const auto size = [](QSize s) { return std::to_string(s.width()) + 'x' + std::to_string(s.height()); };
            found.push_back(std::string(widget->metaObject()->className()) + ' ' + widget->objectName().toStdString()
                + ' ' + widget->accessibleName().toStdString() + ' ' + size(widget->size()) + " of "
                + size(widget->minimumSizeHint()));
        }
    }
    return found;
}

} // namespace timeslice::test
