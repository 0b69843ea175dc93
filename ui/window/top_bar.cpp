#include "ui/window/top_bar.h"

#include "ui/window/window_actions.h"

#include <QActionGroup>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>

namespace timeslice {

namespace {

constexpr QSize kPictureSizes[] = {{1280, 720}, {1920, 1080}, {2560, 1440}, {3840, 2160}};

QPushButton* barButton(const QString& text, const char* name, const QString& tip, QWidget* parent)
{
    auto* made = new QPushButton(text, parent);
    made->setObjectName(name);
    made->setToolTip(tip);
    made->setAccessibleName(text);
    made->setAutoDefault(true);
    return made;
}

QPushButton* actionButton(QAction* action, const QString& text, const char* name, QWidget* parent)
{
    QPushButton* made = barButton(text, name, action->toolTip(), parent);
    QObject::connect(made, &QPushButton::clicked, action, &QAction::trigger);
    return made;
}

QPushButton* menuButton(const QString& text, const char* name, const QString& tip, QWidget* parent)
{
    QPushButton* made = barButton(text, name, tip, parent);
    auto* menu = new QMenu(made);
    menu->setToolTipsVisible(true);
    made->setMenu(menu);
    return made;
}

} // namespace

TopBar::TopBar(const WindowActions& actions, QSize pictureSize, QWidget* parent)
    : QWidget(parent)
    , m_wordmark(new QLabel(QStringLiteral("Timeslice"), this))
{
    setObjectName("topBar");
    setProperty("role", "header");
    setAttribute(Qt::WA_StyledBackground);

    m_wordmark->setObjectName("wordmark");
    QPushButton* script = actionButton(actions.openScript, actions.openScript->text(), "openScriptButton", this);
    script->setProperty("role", "plain");
    QPushButton* open = actionButton(actions.openRecording, actions.openRecording->text(), "openButton", this);
    open->setProperty("role", "plain");

    QPushButton* exports = menuButton(tr("Export"), "exportButton", tr("Pictures and data of this run"), this);
    QMenu* menu = exports->menu();
    menu->addActions({actions.exportPng, actions.exportSvg, actions.copyPicture});
    QMenu* sizes = menu->addMenu(tr("Size of pictures"));
    auto* group = new QActionGroup(this);
    for (const QSize size : kPictureSizes) {
        QAction* choice = sizes->addAction(QStringLiteral("%1 × %2").arg(size.width()).arg(size.height()));
        choice->setCheckable(true);
        choice->setChecked(size == pictureSize);
        group->addAction(choice);
        connect(choice, &QAction::triggered, this, [this, size] { emit pictureSizeChosen(size); });
    }
    menu->addAction(actions.visibleOnly);
    menu->addSeparator();
    menu->addActions({actions.exportCsv, actions.exportTrace, actions.exportReport});
    menu->addSeparator();
    menu->addAction(actions.saveRecording);

    QPushButton* present = actionButton(actions.present, tr("Present  F5"), "presentButton", this);
    QPushButton* settings = menuButton(tr("Settings"), "settingsButton", tr("Theme and recording"), this);
    settings->menu()->addActions({actions.themeLight, actions.themeDark});
    settings->menu()->addSeparator();
    settings->menu()->addActions({actions.showAuxiliary, actions.memory, actions.forceInferred});
    settings->menu()->addSeparator();
    settings->menu()->addActions({actions.copyLesson, actions.editLesson, actions.scenarioFolder});
    settings->menu()->addSeparator();
    settings->menu()->addAction(actions.keys);

    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(24, 7, 16, 7);
    layout->setSpacing(10);
    layout->addWidget(m_wordmark);
    layout->addSpacing(12);
    layout->addWidget(script);
    layout->addWidget(open);
    layout->addStretch(1);
    layout->addWidget(exports);
    layout->addWidget(present);
    layout->addWidget(settings);
}

bool TopBar::event(QEvent* event)
{
    const bool handled = QWidget::event(event);
    if (event->type() == QEvent::Resize || event->type() == QEvent::LayoutRequest) {
        fit();
    }
    return handled;
}

void TopBar::fit()
{
    const int name = m_wordmark->sizeHint().width() + layout()->spacing();
    const int others = layout()->minimumSize().width() - (m_wordmark->isHidden() ? 0 : name);
    m_wordmark->setVisible(others + name <= width());
}

} // namespace timeslice
