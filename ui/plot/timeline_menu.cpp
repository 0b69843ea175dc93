#include "ui/plot/timeline_menu.h"

#include "ui/plot/slice_text.h"
#include "ui/text/free_text.h"

#include <QApplication>
#include <QClipboard>
#include <QMenu>
#include <utility>

namespace timeslice {

void showTimelineMenu(QWidget* owner, const QPoint& place, const RunPicture& run, const std::optional<SliceRef>& ref,
    TimelineMenuActions actions)
{
    auto* menu = new QMenu(owner);
    menu->setObjectName("timelineMenu");
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto add = [menu](const QString& text, std::function<void()> action) {
        if (action) {
            QObject::connect(menu->addAction(text), &QAction::triggered, menu, std::move(action));
        }
    };
    if (ref) {
        const SliceText text = describeSlice(run, *ref);
        menu->addAction(text.title)->setEnabled(false);
        menu->addSeparator();
        add(tr("Zoom to this slice"), std::move(actions.zoomToSlice));
        add(tr("Copy what it is"), [words = (QStringList{text.title} + text.lines).join(u'\n')] {
            QApplication::clipboard()->setText(words);
        });
        menu->addSeparator();
    }
    add(tr("Show the whole run"), std::move(actions.showAll));
    add(actions.startUpFolded ? tr("Show the start-up") : tr("Fold the start-up"), std::move(actions.toggleStartUp));
    add(tr("Zoom back"), std::move(actions.back));
    menu->popup(place);
}

} // namespace timeslice
