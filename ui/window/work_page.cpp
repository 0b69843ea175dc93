#include "ui/window/work_page.h"

#include "ui/course/desk.h"
#include "ui/course/interpreter_finder.h"
#include "ui/course/interpreter_needs.h"
#include "ui/graph/wait_graph_view.h"
#include "ui/plot/timeline_geometry.h"
#include "ui/plot/timeline_view.h"
#include "ui/result/loss_scope.h"
#include "ui/result/picture_of.h"
#include "ui/result/result_panel.h"
#include "ui/result/trust.h"
#include "ui/script/output_panel.h"
#include "ui/text/free_text.h"
#include "ui/widgets/fitting_scroll_area.h"
#include "ui/widgets/message_banner.h"
#include "ui/window/knob_bar.h"
#include "ui/window/mistake_page.h"
#include "ui/window/python_chooser.h"
#include "ui/window/run_stage.h"
#include "ui/window/scenario_header.h"
#include "ui/window/scenario_list.h"
#include "ui/window/status_bar.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QFileInfo>
#include <QResizeEvent>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>

namespace timeslice {

namespace {

constexpr double kViewPoints = 10;

QWidget* separator(QWidget* parent)
{
    auto* line = new QWidget(parent);
    line->setProperty("role", "separator");
    line->setAttribute(Qt::WA_StyledBackground);
    line->setFixedWidth(1);
    return line;
}

QVBoxLayout* column(QWidget* parent)
{
    auto* layout = new QVBoxLayout(parent);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    return layout;
}

} // namespace

WorkPage::WorkPage(Desk& desk, InterpreterFinder& finder, QWidget* top, QWidget* parent)
    : QWidget(parent)
    , m_desk(desk)
    , m_finder(finder)
{
    m_list = new ScenarioList(desk.lessons(), this);
    m_pages = new QStackedWidget(this);
    m_lessonPage = new QWidget(m_pages);
    m_panel = new ResultPanel(m_lessonPage);
    auto* lesson = new QHBoxLayout(m_lessonPage);
    lesson->setContentsMargins(0, 0, 0, 0);
    lesson->setSpacing(0);
    lesson->addWidget(buildCentre(), 1);
    lesson->addWidget(separator(m_lessonPage));
    lesson->addWidget(m_panel);
    m_mistake = new MistakePage(m_pages);
    m_pages->addWidget(m_lessonPage);
    m_pages->addWidget(m_mistake);
    m_status = new StatusBar(this);
    auto* middle = new QHBoxLayout;
    middle->setContentsMargins(0, 0, 0, 0);
    middle->setSpacing(0);
    middle->addWidget(m_list);
    middle->addWidget(separator(this));
    middle->addWidget(m_pages, 1);
    auto* layout = column(this);
    layout->addWidget(top);
    layout->addLayout(middle, 1);
    layout->addWidget(m_status);
    m_stage->observe(desk.exploration());
    m_panel->waits().setExploration(desk.exploration());
    connectDesk();
    connectParts();
}

QWidget* WorkPage::buildCentre()
{
    auto* centre = new QWidget(m_lessonPage);
    auto* asked = new QWidget(centre);
    m_header = new ScenarioHeader(asked);
    m_knobs = new KnobBar(asked);
    auto* askedLayout = column(asked);
    askedLayout->addWidget(m_header);
    askedLayout->addWidget(m_knobs);
    m_asked = new FittingScrollArea(asked, centre);
    m_asked->setObjectName("asked");
    m_banner = new MessageBanner(centre);
    m_centre = new QSplitter(Qt::Vertical, centre);
    m_centre->setChildrenCollapsible(false);
    m_centre->setHandleWidth(1);
    m_stageSlot = new QWidget(m_centre);
    m_stage = new RunStage(m_stageSlot);
    m_stage->setFontPoints(kViewPoints);
    column(m_stageSlot)->addWidget(m_stage);
    m_output = new OutputPanel(m_centre);
    m_centre->setStretchFactor(0, 1);
    m_centre->setStretchFactor(1, 0);
    auto* layout = column(centre);
    layout->addWidget(m_asked);
    m_bannerRow = new QVBoxLayout;
    m_bannerRow->addWidget(m_banner);
    layout->addLayout(m_bannerRow);
    layout->addWidget(m_centre, 1);
    return centre;
}

void WorkPage::connectDesk()
{
    const auto tell = [this](MessageBanner::Kind kind) {
        return [this, kind](const QString& message) { m_banner->show(kind, message); };
    };
    connect(&m_desk, &Desk::warned, this, tell(MessageBanner::Kind::Warning));
    connect(&m_desk, &Desk::failed, this, tell(MessageBanner::Kind::Error));
    connect(&m_desk, &Desk::lessonShown, this, &WorkPage::showLesson);
    connect(&m_desk, &Desk::recordingShown, this, &WorkPage::showRecording);
    connect(&m_desk, &Desk::mistakeShown, this, &WorkPage::showMistake);
    connect(&m_desk, &Desk::bookChanged, m_list, &ScenarioList::bookChanged);
    connect(&m_desk, &Desk::textsChanged, this, &WorkPage::showTexts);
    connect(&m_desk, &Desk::stayed, this, [this] { m_list->setCurrent(m_desk.current()); });
    connect(&m_desk, &Desk::modelReplaced, this, &WorkPage::showModel);
    connect(&m_desk, &Desk::predictionChanged, this,
        [this] { m_header->setPrediction(m_desk.prediction(), m_desk.lesson()->locked); });
    connect(&m_desk, &Desk::starting, m_banner, &MessageBanner::dismiss);
    connect(&m_desk, &Desk::started, this, [this] {
        showModel();
        m_stage->focusPicture();
    });
    connect(&m_desk, &Desk::ended, this, &WorkPage::onEnded);
    connect(&m_desk.exploration(), &Exploration::rangeChanged, this, &WorkPage::showSigns);
    connect(&m_desk.exploration(), &Exploration::lossChanged, this, [this] {
        m_stage->modelChanged();
        showLoss();
    });
    connect(&m_desk, &Desk::scriptAdded, this, [this] { m_list->bookChanged(); });
    const RunController& controller = m_desk.controller();
    connect(&controller, &RunController::aboutToReplaceModel, this, [this] {
        m_stage->setModel(nullptr);
        m_panel->waits().setRun(RunPicture());
        m_panel->showSelection(nullptr, std::nullopt);
        m_panel->showLoss(nullptr, std::nullopt);
        m_panel->forgetRun();
        m_output->showModel(nullptr, false);
    });
    connect(&controller, &RunController::timelinesReplaced, this, [this] {
        m_panel->showSelection(nullptr, std::nullopt);
        m_stage->timelinesReplaced();
        showWaits();
    });
    connect(&controller, &RunController::printed, m_output, &OutputPanel::append);
    connect(&controller, &RunController::modelChanged, m_stage, &RunStage::modelChanged);
    connect(&controller, &RunController::modelChanged, this, [this] {
        if (m_desk.model() != nullptr) {
            m_panel->waits().grow(pictureOf(*m_desk.model()));
        }
    });
}

void WorkPage::connectParts()
{
    connect(m_list, &ScenarioList::chosen, &m_desk, &Desk::show);
    connect(m_list, &ScenarioList::damagedChosen, this,
        [this](std::size_t damaged) { m_desk.showMistake(m_desk.lessons().damaged()[damaged].file); });
    connect(m_list, &ScenarioList::searchLeft, this, [this] { m_stage->focusPicture(); });
    connect(m_stage, &RunStage::pictureChosen, &m_desk, &Desk::setPicture);
    connect(m_header, &ScenarioHeader::predicted, &m_desk, &Desk::predict);
    connect(m_header, &ScenarioHeader::foldToggled, this, [this] {
        m_unfolded = !m_unfolded;
        fold();
    });
    connect(m_header, &ScenarioHeader::runClicked, &m_desk, &Desk::runOrStop);
    connect(m_panel, &ResultPanel::predictionReset, &m_desk, &Desk::predictAgain);
    connect(m_panel, &ResultPanel::runWanted, &m_desk, &Desk::runOrStop);
    m_panel->setLessonTitles([this](const QString& id) {
        const auto index = m_desk.lessons().indexOf(id.toStdString());
        return index ? QString::fromStdString(m_desk.lessons().at(*index).scenario.title) : QString();
    });
    connect(m_panel, &ResultPanel::lessonChosen, this, [this](const QString& id) {
        if (const auto index = m_desk.lessons().indexOf(id.toStdString())) {
            m_desk.show(*index);
        }
    });
    connect(m_panel, &ResultPanel::findingChosen, &timeline(), &TimelineView::zoomTo);
    connect(m_panel, &ResultPanel::lossWanted, this, &WorkPage::stepLoss);
    connect(m_knobs, &KnobBar::changed, &m_desk, &Desk::setKnob);
    connect(&m_stage->jobs(), &JobsPage::edited, m_knobs, &KnobBar::set);
    connect(&m_stage->jobs(), &JobsPage::mistakeChanged, this, &WorkPage::showObstacle);
    connect(m_knobs, &KnobBar::refused, this,
        [this](const QString& message) { m_banner->show(MessageBanner::Kind::Warning, message); });
    connect(m_knobs, &KnobBar::left, &timeline(), qOverload<>(&QWidget::setFocus));
    connect(&timeline(), &TimelineView::selected, this,
        [this](const std::optional<SliceRef>& selection) { m_panel->showSelection(m_desk.model(), selection); });
    connect(m_output, &OutputPanel::heightChanged, this, &WorkPage::sizeOutput);
    connect(m_output, &OutputPanel::typed, &m_desk.controller(), &RunController::type);
    connect(m_output, &OutputPanel::inputEnded, &m_desk.controller(), &RunController::endInput);
    connect(m_output, &OutputPanel::inputLeft, &timeline(), qOverload<>(&QWidget::setFocus));
    connect(&m_finder, &InterpreterFinder::found, this, &WorkPage::showEmptyText);
    connect(&m_finder, &InterpreterFinder::found, this,
        [this] { m_knobs->python().setInterpreters(m_finder.interpreters()); });
}

TimelineView& WorkPage::timeline()
{
    return m_stage->timeline();
}

PythonChooser& WorkPage::python()
{
    return m_knobs->python();
}

void WorkPage::setTheme(const Theme& theme)
{
    m_list->setTheme(theme);
    m_stage->setTheme(theme);
    m_panel->setTheme(theme);
    m_mistake->setTheme(theme);
    m_output->setTheme(theme);
}

void WorkPage::setTextScale(double scale)
{
    m_textScale = scale;
    if (!m_lent) {
        m_stage->setFontPoints(kViewPoints * scale);
    }
    sizeSides();
}

void WorkPage::takeStage()
{
    m_lent = false;
    m_stageSlot->layout()->addWidget(m_stage);
    m_stage->setFontPoints(kViewPoints * m_textScale);
    showEmptyText();
}

void WorkPage::lendStage()
{
    m_lent = true;
    showEmptyText();
}

// --- What lies on the desk

void WorkPage::showLesson()
{
    if (m_desk.isScript()) {
        m_banner->dismiss();
    }
    m_unfolded = false;
    m_pages->setCurrentWidget(m_lessonPage);
    m_list->setCurrent(m_desk.current());
    m_header->showLesson(*m_desk.lesson());
    m_knobs->showScenario(m_desk.lesson()->scenario);
    showTexts();
    showEmptyText();
}

void WorkPage::showTexts()
{
    const Scenario& shown = m_desk.lesson()->shown;
    m_header->showTexts(text(shown.title), text(shown.question), text(shown.defines));
    m_stage->setScenario(&shown);
    m_panel->showScenario(&shown);
    showObstacle();
}

void WorkPage::showObstacle()
{
    const QString why = m_stage->jobs().mistake();
    if (why.isEmpty() && !m_desk.obstacle().isEmpty() && m_banner->message() == m_desk.obstacle()) {
        m_banner->dismiss(); // it said so, and is mended
    }
    m_header->setObstacle(why);
    m_desk.setObstacle(why);
}

void WorkPage::showRecording(const QString& warning)
{
    const Scenario* scenario = m_desk.scenario();
    const QString file = QFileInfo(m_desk.recordingPath()).fileName();
    const auto date = QDateTime::fromString(text(m_desk.model()->recording().created), Qt::ISODate);
    const QString created = date.isValid() ? date.toString(QStringLiteral("yyyy-MM-dd HH:mm")) : QString();
    m_pages->setCurrentWidget(m_lessonPage);
    m_list->setCurrent(std::nullopt);
    m_header->showRecording(scenario != nullptr ? text(scenario->title) : file,
        scenario != nullptr ? questionOf(*scenario) : QString(),
        created.isEmpty() ? tr("recording %1").arg(file) : tr("recording %1, made %2").arg(file, created));
    m_knobs->showScenario(Scenario());
    m_panel->showScenario(scenario);
    m_banner->dismiss();
    if (!warning.isEmpty()) {
        m_banner->show(MessageBanner::Kind::Warning, warning);
    }
}

void WorkPage::showMistake()
{
    const std::vector<DamagedScenario>& damaged = m_desk.lessons().damaged();
    m_list->setCurrentDamaged(static_cast<std::size_t>(m_desk.mistake() - damaged.data()));
    m_banner->dismiss();
    m_mistake->showMistakes(*m_desk.mistake());
    m_pages->setCurrentWidget(m_mistake);
}

void WorkPage::showModel()
{
    const RunModel* model = m_desk.model();
    const Scenario* scenario = m_desk.scenario();
    m_stage->setScenario(scenario);
    m_stage->setModel(model);
    m_stage->runBegan(model != nullptr && scenario != nullptr && scenario->series);
    if (model != nullptr && model->finished()) {
        m_stage->runEnded();
        if (m_desk.lesson() != nullptr && m_desk.lesson()->picture) {
            m_stage->showPicture(*m_desk.lesson()->picture);
        }
    }
    m_panel->showSelection(nullptr, std::nullopt);
    showWaits();
    showOutput();
    if (m_desk.lesson() == nullptr) {
        zoomToLoss();
    }
    showFigures();
}

void WorkPage::showWaits()
{
    m_panel->waits().setRun(m_desk.model() != nullptr ? pictureOf(*m_desk.model()) : RunPicture());
}

void WorkPage::onEnded()
{
    if (m_desk.current()) {
        m_list->lessonChanged(*m_desk.current());
    }
    m_stage->modelChanged();
    m_panel->waits().grow(pictureOf(*m_desk.model()));
    m_stage->runEnded();
    zoomToLoss();
    showFigures();
}

void WorkPage::zoomToLoss()
{
    const RunModel* model = m_desk.model();
    if (model == nullptr || !model->scenario() || !traitsOf(model->scenario()->view).zoomsToLoss) {
        return;
    }
    if (const auto loss = currentLoss()) {
        m_desk.exploration().turnTo(loss->variant);
        timeline().zoomTo(lossFocus(*model, *loss));
        return;
    }
    for (std::size_t i = 0; i < model->variants().size(); ++i) {
        if (const auto range = lossRange(model->variants()[i])) {
            m_desk.exploration().turnTo(i);
            timeline().zoomTo(*range);
            return;
        }
    }
}

std::optional<LossRef> WorkPage::currentLoss() const
{
    const RunModel* model = m_desk.model();
    if (model == nullptr) {
        return std::nullopt;
    }
    const std::optional<LossRef>& looked = m_desk.exploration().loss();
    return looked && isLoss(*model, *looked) ? looked : firstLoss(*model);
}

void WorkPage::stepLoss(int direction)
{
    const auto loss = currentLoss();
    if (!loss) {
        return;
    }
    const RunModel& model = *m_desk.model();
    const LossRef next = direction == 0 ? lossAtStart(*loss) : lossBeside(model, *loss, direction);
    m_stage->showTimeline();
    m_desk.exploration().lookAt(next);
    m_desk.exploration().turnTo(next.variant);
    timeline().zoomTo(lossFocus(model, next));
}

void WorkPage::showLoss()
{
    m_panel->showLoss(m_desk.model(), currentLoss());
}

void WorkPage::showFigures()
{
    const RunModel* model = m_desk.model();
    if (m_panel->showRun(model, m_desk.prediction())) {
        showSigns();
    }
    showLoss();
    m_panel->setCanPredictAgain(m_desk.current() && model != nullptr && !m_desk.running());
    m_output->refresh();
    m_output->setInput(m_desk.controller().input());
    m_stage->refresh();
    m_status->setSource(model != nullptr ? describeSource(*model) : SourceText());
    m_status->setMachine(!m_desk.current() && model != nullptr ? model->report().machine : m_machine);
    showState();
    // What has come or gone moves what is beside it, one parent further up at each turn of the event loop. It is moved
    // now, else it is painted at each of them.
    constexpr int kParents = 8; // from a line of the panel to the window
    for (int i = 0; i < kParents; ++i) {
        QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest);
    }
}

void WorkPage::showSigns()
{
    m_panel->showSigns(signsInSight(m_desk.model(), m_desk.exploration()));
}

void WorkPage::showState()
{
    const bool running = m_desk.running();
    m_knobs->setLocked(running);
    m_stage->jobs().setLocked(running || !m_desk.current());
    m_header->setRunState(m_desk.controller().stopping() ? RunState::Stopping
            : m_desk.controller().deadlocked()           ? RunState::Deadlocked
            : running                                    ? RunState::Running
            : m_desk.model() != nullptr                  ? RunState::Done
                                                         : RunState::Ready);
    fold();
}

/// On a small screen what was asked before the run gives way to what the run showed.
void WorkPage::fold()
{
    constexpr int kSmall = 800; // px
    const bool canFold = height() < kSmall && m_desk.model() != nullptr && !m_desk.running() && m_desk.current();
    const bool folded = canFold && !m_unfolded;
    m_header->setRoomy(height() >= kSmall);
    m_header->setFolded(folded, canFold);
    m_knobs->setVisible(!folded && m_knobs->hasSomething());
    const int margin = m_header->layout()->contentsMargins().left();
    const int air = folded ? 6 : 14;
    if (m_header->layout()->contentsMargins().top() != air) { // the layout is made anew, whatever is set
        m_header->layout()->setContentsMargins(margin, air, margin, air);
    }
}

void WorkPage::showEmptyText()
{
    if (m_lent) {
        timeline().setEmptyText(QString());
    } else if (const Lesson* lesson = m_desk.lesson()) {
        QStringList lines{lesson->script && !lesson->consent
                ? tr("Press Run, or Space. First you see what will be run.")
                : lesson->scenario.predictions.empty() ? tr("Press Run, or Space.")
                                                       : tr("Predict first. Then press Run, or Space.")};
        const QStringList missing =
            m_finder.ready() ? cannotRun(lesson->shown, m_finder.interpreters()) : QStringList();
        if (!missing.isEmpty()) {
            lines << QString() << missing;
        }
        timeline().setEmptyText(lines.join(u'\n'));
    }
}

void WorkPage::showOutput()
{
    m_output->showModel(m_desk.model(), m_desk.isScript());
    sizeOutput();
}

// --- Sizes

void WorkPage::sizeOutput()
{
    constexpr double kShare = 0.24;
    const int height = m_centre->height();
    const int output = m_output->isOpen() ? static_cast<int>(height * kShare) : m_output->maximumHeight();
    m_centre->setSizes({std::max(1, height - output), output});
}

void WorkPage::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    sizeSides();
}

void WorkPage::sizeSides()
{
    // 1280 × 720 leaves the timeline all it can get; a larger screen lets the sides breathe.
    const int extra = (width() - 1280) * 106 / 1000;
    const auto scaled = [this](int pixels) { return static_cast<int>(pixels * std::max(1.0, m_textScale)); };
    m_list->setFixedWidth(std::min(scaled(std::clamp(220 + extra, 190, 300)), width() / 4));
    m_panel->setFixedWidth(std::min(scaled(std::clamp(264 + extra, 240, 340)), width() * 3 / 10));
    // The header's text begins where the timeline's headings begin.
    const int centre = width() - m_list->width() - m_panel->width() - 2;
    const int margin = std::clamp(centre * 26 / 1000, 12, 36);
    m_header->layout()->setContentsMargins(margin, 14, margin, 14);
    fold();
    m_knobs->layout()->setContentsMargins(margin, 8, margin, 8);
    m_bannerRow->setContentsMargins(margin, 8, margin, 0);
    constexpr int kLeastPicture = 180; // px, with what is printed below it: however large the text is
    const int bars = layout()->itemAt(0)->sizeHint().height() + m_status->sizeHint().height();
    m_asked->setMostHeight(std::max(height() - bars - kLeastPicture, height() / 3));
}

} // namespace timeslice
