#include "ui/window/main_window.h"

#include "ui/plot/timeline_geometry.h"
#include "ui/text/free_text.h"
#include "ui/window/knob_bar.h"
#include "ui/window/output_panel.h"
#include "ui/window/presentation_page.h"
#include "ui/window/result_panel.h"
#include "ui/window/run_stage.h"
#include "ui/window/scenario_header.h"
#include "ui/window/scenario_list.h"
#include "ui/window/status_bar.h"
#include "ui/window/window_style.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDateTime>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileInfo>
#include <QKeyEvent>
#include <QMimeData>
#include <QScreen>
#include <QStackedWidget>
#include <QUrl>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

namespace timeslice {

namespace {

constexpr QSize kPreferredWindowSize(1440, 860);
constexpr QSize kLeastSize(960, 600);
/// What a desktop puts around a window; known only once the window is there, and this is enough on the usual ones.
constexpr QSize kFrame(4, 40);

/// The wanted size, or what a screen has room for with a frame around it.
QSize sizeWithin(const QSize& available, const QSize& wanted)
{
    return wanted.boundedTo(available - kFrame).expandedTo(kLeastSize);
}

} // namespace

MainWindow::MainWindow(MainWindowOptions options)
    : m_settings(options.settingsFile)
    , m_machine(machineFacts())
    , m_lessons(std::move(options.catalogue), m_machine.cores)
    , m_actions(this)
    , m_files(options.chooser, m_settings, this)
    , m_finder(std::move(options.python))
    , m_scripts(std::move(options.chooser), m_settings, m_finder, this)
    , m_iconFolder(std::move(options.iconFolder))
{
    setObjectName("mainWindow");
    setAcceptDrops(true);
    setMinimumSize(kLeastSize);
    for (const std::vector<Script> recent = m_settings.scripts(); const Script& script : recent) {
        m_lessons.addScript(script);
    }
    m_pages = new QStackedWidget(this);
    m_work = buildWorkPage();
    m_pages->addWidget(m_work);
    setCentralWidget(m_pages);

    m_actions.forceInferred->setChecked(options.forceInferred);
    m_actions.showAuxiliary->setChecked(m_settings.showAuxiliary());
    m_view->setShowAuxiliary(m_settings.showAuxiliary());
    m_status->setMachine(m_machine);
    applyTheme(options.theme.value_or(m_settings.theme()));
    connectActions();
    connectParts();
    connectScripts();

    if (!restoreGeometry(m_settings.geometry())) {
        resize(kPreferredWindowSize);
    }
    if (!isMaximized() && !isFullScreen()) {
        resize(sizeWithin(screen()->availableSize(), size()));
    }
    if (m_lessons.size() > 0) {
        const auto first = m_lessons.indexOf(kDefaultScenario);
        select(first.value_or(0));
        m_list->focusList();
    } else {
        m_banner->show(MessageBanner::Kind::Error, tr("No scenario could be read."));
        updateState();
    }
}

MainWindow::~MainWindow()
{
    // Parts that look at the model go before the controller that owns it, and which ends what still runs.
    m_controller.disconnect(this);
    m_stage->setModel(nullptr);
}

bool MainWindow::selectScenario(const std::string& id)
{
    const auto index = m_lessons.indexOf(id);
    if (!index) {
        m_banner->show(MessageBanner::Kind::Error, tr("There is no scenario “%1”.").arg(text(id)));
        return false;
    }
    select(*index);
    return true;
}

void MainWindow::whenStopped(std::function<void()> next)
{
    if (!m_controller.running()) {
        next();
        return;
    }
    m_next = std::move(next);
    m_controller.stop();
}

void MainWindow::leaveModel()
{
    if (m_current) {
        m_lessons.at(*m_current).run = m_controller.takeModel();
    } else {
        m_controller.setModel(nullptr);
    }
}

void MainWindow::select(std::size_t lesson)
{
    if (m_current == lesson) {
        m_next = nullptr; // the viewer stays after all
        m_list->setCurrent(lesson);
        return;
    }
    leaveScript([this, lesson] { whenStopped([this, lesson] { goTo(lesson); }); });
}

void MainWindow::goTo(std::size_t lesson)
{
    leaveModel();
    m_current = lesson;
    m_recordingPath.clear();
    m_controller.setModel(std::move(m_lessons.at(lesson).run));
    showLesson(lesson);
    showModel();
}

void MainWindow::showLesson(std::size_t lesson)
{
    Lesson& chosen = m_lessons.at(lesson);
    if (chosen.script) {
        m_banner->dismiss();
        if (const auto read = m_lessons.readScriptText(lesson); !read) {
            m_banner->show(MessageBanner::Kind::Warning, text(read.error().message));
        }
    }
    m_list->setCurrent(lesson);
    m_header->showLesson(chosen);
    m_knobs->showScenario(chosen.scenario);
    lookForInterpreters(chosen.scenario);
    showTexts();
    showEmptyText();
}

void MainWindow::showTexts()
{
    const Scenario& shown = m_lessons.at(*m_current).shown;
    m_header->showTexts(text(shown.title), text(shown.question));
    m_panel->showScenario(&shown);
}

void MainWindow::step(int direction)
{
    if (const auto next = m_list->neighbour(direction)) {
        select(*next);
    }
}

void MainWindow::openRecording(const QString& path)
{
    m_files.open(path);
}

void MainWindow::openScript(const QString& path)
{
    m_scripts.open(path);
}

void MainWindow::showOpened(const QString& path, const QString& warning)
{
    leaveScript([this, path, warning] { whenStopped([this, path, warning] { showRecording(path, warning); }); });
}

void MainWindow::showRecording(const QString& path, const QString& warning)
{
    leaveModel();
    m_current.reset();
    m_recordingPath = path;
    m_controller.setModel(m_files.takeOpened());
    const RunModel& model = *m_controller.model();
    const Scenario* scenario = model.scenario() ? &*model.scenario() : nullptr;
    const QString file = QFileInfo(path).fileName();
    const auto date = QDateTime::fromString(text(model.recording().created), Qt::ISODate);
    const QString created = date.isValid() ? date.toString(QStringLiteral("yyyy-MM-dd HH:mm")) : QString();
    m_list->setCurrent(std::nullopt);
    m_header->showRecording(scenario != nullptr ? text(scenario->title) : file,
        scenario != nullptr ? text(scenario->question) : QString(),
        created.isEmpty() ? tr("recording %1").arg(file) : tr("recording %1, made %2").arg(file, created));
    m_knobs->showScenario(Scenario());
    m_panel->showScenario(scenario);
    m_banner->dismiss();
    if (!warning.isEmpty()) {
        m_banner->show(MessageBanner::Kind::Warning, warning);
    }
    showModel();
    zoomToLoss();
}

std::optional<std::size_t> MainWindow::prediction() const
{
    return m_current ? m_lessons.at(*m_current).prediction : std::nullopt;
}

void MainWindow::predict(std::size_t prediction)
{
    if (!m_current) {
        return;
    }
    Lesson& lesson = m_lessons.at(*m_current);
    if (prediction < lesson.scenario.predictions.size()) {
        if (lesson.locked) {
            resetPrediction(); // not while it runs
        }
        if (!lesson.locked) {
            lesson.prediction = prediction;
        }
    }
    m_header->setPrediction(lesson.prediction, lesson.locked);
    if (presenting()) {
        m_presentation->showRun(m_controller.model(), lesson.prediction, m_machine);
    }
}

void MainWindow::resetPrediction()
{
    if (!m_current || m_controller.running()) {
        return;
    }
    Lesson& lesson = m_lessons.at(*m_current);
    lesson.prediction.reset();
    lesson.locked = false;
    m_controller.setModel(nullptr);
    m_header->setPrediction(lesson.prediction, lesson.locked);
    showModel();
}

void MainWindow::runOrStop()
{
    if (m_controller.running()) {
        m_controller.stop();
    } else if (m_current) {
        startRun();
    }
}

void MainWindow::startRun()
{
    Lesson& lesson = m_lessons.at(*m_current);
    m_banner->dismiss();
    RunOptions options;
    options.forceInferred = m_actions.forceInferred->isChecked();
    options.addedInterpreters = m_settings.addedInterpreters();
    Result<bool> started = true;
    if (lesson.script) {
        started = startScript(lesson, std::move(options));
    } else {
        auto scenario = resolve(lesson.scenario, m_machine.cores);
        const auto begun = scenario ? m_controller.start(std::move(*scenario), std::move(options))
                                    : Result<void>(tl::unexpected(scenario.error()));
        started = begun ? Result<bool>(true) : tl::unexpected(begun.error());
    }
    if (!started) {
        m_banner->show(MessageBanner::Kind::Error, text(started.error().message));
        return;
    }
    if (*started) {
        showStarted();
    }
}

void MainWindow::follow(std::unique_ptr<RunSource> source)
{
    auto scenario = resolve(m_lessons.at(m_current.value()).scenario, m_machine.cores);
    if (scenario) {
        m_controller.follow(std::move(source), std::make_unique<RunModel>(std::move(*scenario)));
        showStarted();
    }
}

void MainWindow::showStarted()
{
    Lesson& lesson = m_lessons.at(*m_current);
    lesson.locked = true;
    m_header->setPrediction(lesson.prediction, lesson.locked);
    showModel();
    m_view->setFocus(Qt::OtherFocusReason);
}

void MainWindow::onEnded()
{
    const RunModel& model = *m_controller.model();
    if (m_current) {
        m_lessons.at(*m_current).mark = markOf(model);
        m_list->lessonChanged(*m_current);
        if (scriptMayHaveChanged()) {
            m_banner->show(MessageBanner::Kind::Warning,
                tr("The script's file has changed since it was started: what ran may not be the text that you saw."));
        }
    }
    if (model.error()) {
        m_banner->show(MessageBanner::Kind::Error, text(model.error()->message));
    }
    m_view->modelChanged();
    m_stage->runEnded();
    zoomToLoss();
    showFigures();
    if (const auto next = std::exchange(m_next, nullptr)) {
        next();
    }
}

void MainWindow::zoomToLoss()
{
    const RunModel* model = m_controller.model();
    if (model == nullptr || !model->scenario() || model->scenario()->view != "race") {
        return;
    }
    for (const VariantModel& variant : model->variants()) {
        if (!variant.loss || variant.recording == nullptr) {
            continue;
        }
        const Nanos start = originOf(variant.recording->timeline);
        const TimeRange window = variant.loss->window;
        // A loss within nanoseconds still needs a readable axis.
        const Nanos margin = std::max<Nanos>(window.length() / 4, kMicrosecond);
        m_view->zoomTo({window.begin - start - margin, window.end - start + margin});
        return;
    }
}

void MainWindow::showModel()
{
    const RunModel* model = m_controller.model();
    const Scenario* scenario = m_current        ? &m_lessons.at(*m_current).scenario
        : model != nullptr && model->scenario() ? &*model->scenario()
                                                : nullptr;
    m_stage->setHasDistribution(scenario != nullptr && hasDistribution(*scenario));
    m_stage->setModel(model);
    m_stage->runBegan();
    if (model != nullptr && model->finished()) {
        m_stage->runEnded();
    }
    m_panel->showSelection(nullptr, std::nullopt);
    showOutput();
    showPresented();
    showFigures();
}

void MainWindow::showFigures()
{
    const RunModel* model = m_controller.model();
    m_panel->showRun(model, prediction());
    m_panel->setCanPredictAgain(m_current && model != nullptr && !m_controller.running());
    m_output->refresh();
    m_output->setInput(m_controller.input());
    m_stage->distribution().refresh();
    m_status->setSource(model != nullptr ? describeSource(*model) : SourceText());
    m_status->setMachine(!m_current && model != nullptr ? model->report().machine : m_machine);
    if (presenting()) {
        m_presentation->showRun(model, prediction(), m_machine);
    }
    updateState();
}

void MainWindow::updateState()
{
    const RunModel* model = m_controller.model();
    const bool running = m_controller.running();
    const bool recorded = model != nullptr && !running
        && std::any_of(model->variants().begin(), model->variants().end(),
            [](const VariantModel& variant) { return variant.phase != VariantModel::Phase::Waiting; });
    for (QAction* action : m_actions.exports()) {
        action->setEnabled(recorded);
    }
    m_knobs->setLocked(running);
    m_header->setRunState(m_controller.stopping() ? RunState::Stopping
            : running                             ? RunState::Running
            : model != nullptr                    ? RunState::Done
                                                  : RunState::Ready);
    m_actions.blank->setEnabled(presenting());
    m_actions.blankDot->setEnabled(presenting());

    QStringList title{QStringLiteral("Timeslice")};
    if (m_current) {
        title << text(m_lessons.at(*m_current).shown.title);
    } else if (!m_recordingPath.isEmpty()) {
        title << QFileInfo(m_recordingPath).fileName();
    }
    if (m_current && (running || model != nullptr)) {
        const RunMark mark = running ? RunMark::None : markOf(*model);
        title << (running                  ? tr("running")
                : mark == RunMark::Stopped ? tr("stopped")
                : mark == RunMark::Failed  ? tr("failed")
                                           : tr("done"));
    }
    setWindowTitle(title.join(QStringLiteral(" – ")));
}

void MainWindow::applyTheme(ThemeKind kind)
{
    m_theme = kind;
    const Theme& theme = Theme::of(kind);
    QApplication::setPalette(theme.palette());
    setStyleSheet(theme.styleSheet() + windowStyleSheet(theme, m_iconFolder));
    m_list->setTheme(theme);
    m_stage->setTheme(theme);
    m_panel->setTheme(theme);
    m_output->setTheme(theme);
    m_scripts.setTheme(kind);
    if (m_presentation != nullptr) {
        m_presentation->setTheme(theme);
    }
    (kind == ThemeKind::Dark ? m_actions.themeDark : m_actions.themeLight)->setChecked(true);
}

QString MainWindow::baseName() const
{
    if (m_current) {
        const Lesson& lesson = m_lessons.at(*m_current);
        return lesson.script ? QFileInfo(lesson.script->path).completeBaseName() : text(lesson.scenario.id);
    }
    return m_recordingPath.isEmpty() ? QStringLiteral("timeslice") : QFileInfo(m_recordingPath).completeBaseName();
}

FigureOptions MainWindow::figure() const
{
    FigureOptions options = figureOptions(m_settings.pictureSize(), m_theme);
    if (m_actions.visibleOnly->isChecked()) {
        const TimeRange visible = m_view->visibleRange();
        options.from = visible.begin;
        options.to = visible.end;
    }
    return options;
}

void MainWindow::exportAs(FileFormat format)
{
    if (m_controller.model() != nullptr && !m_controller.running()) {
        m_files.exportRun(m_controller.finishedModel(), format, figure(), baseName());
    }
}

void MainWindow::resizeEvent(QResizeEvent* event)
{
    QMainWindow::resizeEvent(event);
    // 1280 × 720 leaves the timeline all it can get; a larger screen lets the sides breathe.
    const int extra = (width() - 1280) * 106 / 1000;
    m_list->setFixedWidth(std::clamp(220 + extra, 190, 300));
    m_panel->setFixedWidth(std::clamp(264 + extra, 240, 340));
    // The header's text begins where the timeline's headings begin.
    const int centre = width() - m_list->width() - m_panel->width() - 2;
    const int margin = std::clamp(centre * 26 / 1000, 12, 36);
    m_header->layout()->setContentsMargins(margin, 14, margin, 14);
    m_knobs->layout()->setContentsMargins(margin, 8, margin, 8);
    m_bannerRow->setContentsMargins(margin, 8, margin, 0);
    if (m_blank != nullptr) {
        m_blank->resize(size());
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

} // namespace timeslice
