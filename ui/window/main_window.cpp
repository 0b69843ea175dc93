#include "ui/window/main_window.h"

#include "ui/course/interpreter_needs.h"
#include "ui/plot/timeline_geometry.h"
#include "ui/plot/timeline_view.h"
#include "ui/result/picture_of.h"
#include "ui/text/free_text.h"
#include "ui/widgets/message_banner.h"
#include "ui/window/mistake_page.h"
#include "ui/window/projector.h"
#include "ui/window/python_chooser.h"
#include "ui/window/run_stage.h"
#include "ui/window/scenario_header.h"
#include "ui/window/scenario_list.h"
#include "ui/window/top_bar.h"
#include "ui/window/window_size.h"
#include "ui/window/window_style.h"
#include "ui/window/work_page.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDesktopServices>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileInfo>
#include <QKeyEvent>
#include <QMimeData>
#include <QStackedWidget>
#include <QTimer>
#include <QUrl>
#include <algorithm>
#include <utility>

namespace timeslice {

namespace {

bool openOnDesktop(const QString& path)
{
    return QDesktopServices::openUrl(QUrl::fromLocalFile(path));
}

} // namespace

MainWindow::MainWindow(MainWindowOptions options)
    : m_settings(options.settingsFile)
    , m_textSize(m_settings)
    , m_machine(machineFacts())
    , m_desk(LessonBook(), m_machine.cores, [this] { return runOptions(); })
    , m_actions(this)
    , m_files(options.chooser, m_settings, this)
    , m_finder(std::move(options.python))
    , m_scripts(options.chooser, m_settings, m_finder, this)
    , m_own(std::move(options.folders), std::move(options.namedFolder),
          options.openFile ? std::move(options.openFile) : openOnDesktop, std::move(options.chooser), m_settings,
          m_desk, m_actions, this)
    , m_question(m_desk, *this)
    , m_iconFolder(std::move(options.iconFolder))
    , m_forceInferred(options.forceInferred)
    , m_repeatDisturbed(options.repeatDisturbed)
    , m_standInDeadlock(options.standInDeadlock)
    , m_theme(options.theme.value_or(m_settings.theme()))
{
    setObjectName("mainWindow");
    setWindowTitle(QStringLiteral("Timeslice"));
    setMinimumSize(kLeastWindowWidth, kLeastWindowHeight);
    QApplication::setPalette(Theme::of(m_theme).palette());
    openAtSize(*this, m_settings.geometry(), options.fillSmallScreens);
    if (options.lessons) {
        furnish(std::move(*options.lessons));
    }
}

MainWindow::~MainWindow()
{
    delete takeCentralWidget(); // what looks at the model goes before the desk that owns it, and ends what still runs
}

void MainWindow::furnish(LessonBook lessons)
{
    m_desk.lessons() = std::move(lessons);
    for (const std::vector<Script> recent = m_settings.scripts(); const Script& script : recent) {
        m_desk.lessons().addScript(script);
    }
    auto* pages = new QStackedWidget;
    auto* top = new TopBar(m_actions, m_settings.pictureSize());
    connect(top, &TopBar::pictureSizeChosen, this, [this](QSize size) { m_settings.setPictureSize(size); });
    m_work = new WorkPage(m_desk, m_finder, top);
    m_work->setMachine(m_machine);
    pages->addWidget(m_work);
    m_projector = new Projector(*this, *pages, *m_work, m_desk, m_machine);
    m_projector->setParent(pages);

    m_actions.forceInferred->setChecked(m_forceInferred);
    m_actions.showAuxiliary->setChecked(m_settings.showAuxiliary());
    m_work->timeline().setShowAuxiliary(m_settings.showAuxiliary());
    applyTheme(m_theme);
    connectFileActions();
    connectActions();
    connectDesk();
    connectFiles();
    setCentralWidget(pages);
    pages->show(); // in a window that is shown already
    showFirst();
    setAcceptDrops(true);
}

void MainWindow::showFirst()
{
    if (m_desk.lessons().size() > 0) {
        const auto last = m_desk.lessons().indexOf(m_settings.lesson().toStdString());
        m_desk.show(last.value_or(m_desk.lessons().indexOf(kDefaultScenario).value_or(0)));
        m_work->list().focusList();
    } else {
        m_work->banner().show(MessageBanner::Kind::Error, tr("No scenario could be read."));
        m_work->showFigures();
        updateState();
    }
}

bool MainWindow::selectScenario(const std::string& id)
{
    const auto index = m_desk.lessons().indexOf(id);
    for (const DamagedScenario& damaged : m_desk.lessons().damaged()) {
        if (!index && damaged.isCalled(id)) {
            m_desk.showMistake(damaged.file);
            return false;
        }
    }
    if (!index) {
        m_work->banner().show(MessageBanner::Kind::Error, tr("There is no scenario “%1”.").arg(text(id)));
        return false;
    }
    m_desk.show(*index);
    return true;
}

void MainWindow::openRecording(const QString& path)
{
    m_files.open(path);
}

void MainWindow::openScript(const QString& path)
{
    m_scripts.open(path);
}

bool MainWindow::presenting() const
{
    return m_projector->presenting();
}

RunOptions MainWindow::runOptions() const
{
    RunOptions options;
    options.forceInferred = m_actions.forceInferred->isChecked();
    options.memory = m_actions.memory->isChecked();
    options.addedInterpreters = m_settings.addedInterpreters();
    options.repeatDisturbed = m_repeatDisturbed;
    options.atDeadlock = m_standInDeadlock ? RunOptions::AtDeadlock::Stand : RunOptions::AtDeadlock::End;
    options.interpreter = m_work->python().chosen();
    return options;
}

// --- Who listens to whom

void MainWindow::connectFileActions()
{
    const std::pair<QAction*, OutputFormat> exports[] = {{m_actions.exportPng, OutputFormat::Png},
        {m_actions.exportSvg, OutputFormat::Svg}, {m_actions.exportCsv, OutputFormat::Csv},
        {m_actions.exportTrace, OutputFormat::Trace}, {m_actions.exportReport, OutputFormat::Report},
        {m_actions.saveRecording, OutputFormat::Recording}};
    for (const auto& [action, format] : exports) {
        connect(action, &QAction::triggered, this, [this, format] { exportAs(format); });
    }
    connect(m_actions.copyPicture, &QAction::triggered, this, [this] {
        if (m_desk.model() != nullptr && !m_desk.running()) {
            m_files.copyPicture(m_desk.controller().finishedModel(), figure());
        }
    });
    connect(m_actions.openScript, &QAction::triggered, this, [this] { m_scripts.askAndOpen(); });
    connect(m_actions.openRecording, &QAction::triggered, this, [this] { m_files.askAndOpen(); });
}

void MainWindow::connectActions()
{
    const auto on = [this](QAction* action, auto&& function) {
        connect(action, &QAction::triggered, this, std::forward<decltype(function)>(function));
    };
    on(m_actions.present, [this] { m_projector->present(!presenting()); });
    on(m_actions.blank, [this] { m_projector->setBlank(!m_projector->blank()); });
    on(m_actions.blankDot, [this] { m_projector->setBlank(!m_projector->blank()); });
    on(m_actions.themeLight, [this] {
        m_settings.setTheme(ThemeKind::Light);
        applyTheme(ThemeKind::Light);
    });
    on(m_actions.themeDark, [this] {
        m_settings.setTheme(ThemeKind::Dark);
        applyTheme(ThemeKind::Dark);
    });
    on(m_actions.showAuxiliary, [this](bool show) {
        m_settings.setShowAuxiliary(show);
        m_work->timeline().setShowAuxiliary(show);
    });
    on(m_actions.textLarger, [this] { m_textSize.step(1); });
    on(m_actions.textSmaller, [this] { m_textSize.step(-1); });
    on(m_actions.textUsual, [this] { m_textSize.step(0); });
    connect(&m_textSize, &TextSize::changed, this, [this] { applyTheme(m_theme); });
    on(m_actions.keys, [this] { m_projector->toggleKeys(); });
    on(m_actions.runStop, [this] { m_desk.runOrStop(); });
    on(m_actions.fit, [this] { m_work->timeline().fit(); });
    on(m_actions.startUp, [this] { m_work->timeline().toggleStartUp(); });
    on(m_actions.undoZoom, [this] { m_desk.exploration().undo(); });
    on(m_actions.switchView, [this] {
        m_projector->leaveQuestion();
        m_work->stage().switchTab();
    });
    for (const auto& [action, direction] : {std::pair(m_actions.nextLoss, 1), std::pair(m_actions.previousLoss, -1)}) {
        on(action, [this, direction = direction] {
            m_projector->leaveQuestion();
            m_work->stepLoss(direction);
        });
    }
    on(m_actions.next, [this] { step(1); });
    on(m_actions.previous, [this] { step(-1); });
    on(m_actions.find, [this] {
        m_projector->present(false);
        m_work->list().focusSearch();
    });
    for (std::size_t i = 0; i < m_actions.predictions.size(); ++i) {
        // A slip on the keyboard takes no answer away: to predict again is a click, or a key at the projected question.
        on(m_actions.predictions[i], [this, i] {
            const Lesson* lesson = m_desk.lesson();
            if (lesson != nullptr && (!lesson->locked || (presenting() && !lesson->answering))) {
                m_desk.predict(i);
            }
        });
    }
    // Pictures show what is looked at, until the viewer says otherwise; panning on does not overrule that.
    connect(&m_desk.exploration(), &Exploration::rangeChanged, this, [this, wasZoomed = false]() mutable {
        const RunModel* model = m_desk.model();
        const Exploration::Range& range = m_desk.exploration().range();
        const bool zoomed = model != nullptr && range
            && (range->begin > 0 || range->end < static_cast<double>(fullLength(pictureOf(*model).variants)));
        if (zoomed != wasZoomed) {
            m_actions.visibleOnly->setChecked(zoomed);
        }
        wasZoomed = zoomed;
    });
    connect(m_projector, &Projector::changed, this, &MainWindow::updateState);
}

void MainWindow::connectDesk()
{
    m_desk.setLeaveQuestion([this](std::function<void()> leave) {
        m_question.ask(tr("Going on from here stops it. What was recorded until then stays on its page."),
            tr("Stop and go on"), std::move(leave));
    });
    connect(&m_work->python(), &PythonChooser::wanted, this, [this] { m_finder.find(m_settings.addedInterpreters()); });
    connect(&m_desk, &Desk::lessonShown, this, [this] {
        if (needsInterpreters(m_desk.lesson()->scenario)) {
            m_finder.find(m_settings.addedInterpreters());
        }
    });
    connect(&m_desk, &Desk::scriptAdded, this, [this](const Script& script) {
        m_settings.addScript(script);
        m_projector->present(false);
    });
    m_work->stage().stepper().setMayRun(
        [this](std::function<void()> then) { return m_desk.optionsBesides(std::move(then)); });
    connect(&m_desk, &Desk::consentNeeded, &m_scripts, &ScriptOpener::confirm);
    connect(&m_desk, &Desk::modelReplaced, this, &MainWindow::updateState);
    connect(&m_desk, &Desk::started, this, &MainWindow::updateState);
    connect(&m_desk, &Desk::ended, this, &MainWindow::updateState);
    connect(&m_desk.controller(), &RunController::figuresChanged, m_work, &WorkPage::showFigures);
    connect(&m_desk.controller(), &RunController::figuresChanged, this, &MainWindow::updateState);
    connect(&m_work->header(), &ScenarioHeader::changeClicked, this, [this] {
        if (m_desk.isScript()) {
            m_scripts.confirm(*m_desk.lesson()->script, {});
        } else {
            m_own.editShown();
        }
    });
    connect(&m_work->header(), &ScenarioHeader::recordingClosed, this, [this] {
        if (m_desk.lessons().size() > 0) {
            m_desk.show(m_desk.lessons().indexOf(kDefaultScenario).value_or(0));
        }
    });
}

void MainWindow::connectFiles()
{
    MessageBanner* banner = &m_work->banner();
    connect(&m_files, &RunFiles::message, banner, &MessageBanner::show);
    connect(&m_files, &RunFiles::opened, this, [this](const QString& path, const QString& warning) {
        m_desk.showRecording(m_files.takeOpened(), path, warning);
    });
    connect(&m_own, &OwnScenarios::message, banner, &MessageBanner::show);
    connect(&m_work->list(), &ScenarioList::menuWanted, &m_own, &OwnScenarios::showMenu);
    connect(&m_work->mistakePage(), &MistakePage::editClicked, &m_own, &OwnScenarios::editShown);
    connect(&m_desk, &Desk::mistakeShown, this, [this] { m_projector->present(false); });
    connect(&m_scripts, &ScriptOpener::message, banner, &MessageBanner::show);
    connect(&m_scripts, &ScriptOpener::allowed, &m_desk, &Desk::runScript);
}

void MainWindow::step(int direction)
{
    if (m_projector->turn(direction)) {
        return;
    }
    if (const auto next = m_work->list().neighbour(direction)) {
        m_desk.show(*next);
    }
}

// --- The window as a whole

void MainWindow::updateState()
{
    const RunModel* model = m_desk.model();
    const bool running = m_desk.running();
    const bool recorded = model != nullptr && !running
        && std::any_of(model->variants().begin(), model->variants().end(),
            [](const VariantModel& variant) { return variant.phase != VariantModel::Phase::Waiting; });
    for (QAction* action : m_actions.exports()) {
        action->setEnabled(recorded);
    }
    m_actions.blank->setEnabled(presenting());
    m_actions.blankDot->setEnabled(presenting());

    QStringList title{QStringLiteral("Timeslice")};
    if (m_desk.lesson() != nullptr) {
        title << text(m_desk.lesson()->shown.title);
    } else if (m_desk.mistake() != nullptr) {
        title << text(m_desk.mistake()->file.filename().string());
    } else if (!m_desk.recordingPath().isEmpty()) {
        title << QFileInfo(m_desk.recordingPath()).fileName();
    }
    if (m_desk.lesson() != nullptr && (running || model != nullptr)) {
        const RunMark mark = running ? RunMark::None : markOf(*model);
        title << (m_desk.controller().deadlocked() ? tr("deadlocked")
                : running                          ? tr("running")
                : mark == RunMark::Stopped         ? tr("stopped")
                : mark == RunMark::Failed          ? tr("failed")
                                                   : tr("done"));
    }
    setWindowTitle(title.join(QStringLiteral(" – ")));
}

void MainWindow::applyTheme(ThemeKind kind)
{
    m_theme = kind;
    const Theme& theme = Theme::of(kind);
    QApplication::setPalette(theme.palette());
    setStyleSheet(m_textSize.scaled(theme.styleSheet() + windowStyleSheet(theme, m_iconFolder)));
    m_work->setTextScale(m_textSize.scale());
    m_work->setTheme(theme);
    m_scripts.setTheme(kind);
    m_own.setTheme(kind);
    m_projector->setTheme(theme);
    (kind == ThemeKind::Dark ? m_actions.themeDark : m_actions.themeLight)->setChecked(true);
}

FigureOptions MainWindow::figure() const
{
    FigureOptions options = figureOptions(m_settings.pictureSize(), m_theme);
    options.loss = m_desk.exploration().loss();
    if (m_actions.visibleOnly->isChecked() && m_desk.model() != nullptr) {
        const TimeRange visible = shownRange(pictureOf(*m_desk.model()), m_desk.exploration());
        options.from = visible.begin;
        options.to = visible.end;
    }
    options.foldStartUp = m_desk.exploration().startUpFolded();
    return options;
}

void MainWindow::exportAs(OutputFormat format)
{
    if (m_desk.model() != nullptr && !m_desk.running()) {
        m_files.exportRun(m_desk.controller().finishedModel(), format, figure(), m_desk.baseName());
    }
}

bool MainWindow::escape()
{
    if (m_projector->escape()) {
        return true;
    }
    if (m_work->banner().isVisible()) {
        m_work->banner().dismiss();
        return true;
    }
    return m_work->list().clearSearch();
}

void MainWindow::paintEvent(QPaintEvent* event)
{
    QMainWindow::paintEvent(event);
    if (!m_painted) {
        m_painted = true;
        QTimer::singleShot(0, this, &MainWindow::painted); // when this picture has gone to the screen
    }
}

void MainWindow::keyPressEvent(QKeyEvent* event)
{
    if (furnished() && event->key() == Qt::Key_Escape && escape()) {
        event->accept();
        return;
    }
    QMainWindow::keyPressEvent(event);
}

void MainWindow::resizeEvent(QResizeEvent* event)
{
    QMainWindow::resizeEvent(event);
    if (furnished()) {
        m_projector->windowResized();
    }
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    const QList<QUrl> urls = event->mimeData()->urls();
    if (urls.size() == 1 && urls.first().isLocalFile()) {
        event->acceptProposedAction();
    }
}

void MainWindow::dropEvent(QDropEvent* event)
{
    event->acceptProposedAction();
    const QString path = event->mimeData()->urls().first().toLocalFile();
    const QString suffix = QFileInfo(path).suffix().toLower();
    if (suffix == "py" || suffix == "pyw") {
        openScript(path);
    } else {
        openRecording(path);
    }
}

void MainWindow::closeAtOnce()
{
    m_closing = true;
    close();
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    if (!furnished()) {
        event->accept();
        return;
    }
    if (m_desk.running() && !m_closing) {
        event->ignore();
        m_question.ask(tr("Closing the window stops it, and what was recorded is lost."), tr("Stop and close"),
            [this] { closeAtOnce(); });
        return;
    }
    m_projector->present(false);
    m_settings.setGeometry(saveGeometry());
    m_settings.setLesson(
        m_desk.lesson() != nullptr && !m_desk.isScript() ? text(m_desk.lesson()->scenario.id) : QString());
    m_desk.controller().stop(); // who destroys the window waits for its end, out of sight
    event->accept();
}

} // namespace timeslice
