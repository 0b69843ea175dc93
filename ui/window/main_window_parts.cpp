// MainWindow, its making: which parts there are and who listens to whom; and the modes that change the whole window.
#include "ui/plot/timeline_geometry.h"
#include "ui/window/keys_overlay.h"
#include "ui/window/knob_bar.h"
#include "ui/window/main_window.h"
#include "ui/window/output_panel.h"
#include "ui/window/presentation_page.h"
#include "ui/window/result_panel.h"
#include "ui/window/run_stage.h"
#include "ui/window/scenario_header.h"
#include "ui/window/scenario_list.h"
#include "ui/window/status_bar.h"
#include "ui/window/top_bar.h"

#include <QKeyEvent>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

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

QWidget* MainWindow::buildWorkPage()
{
    auto* page = new QWidget;
    auto* top = new TopBar(m_actions, m_settings.pictureSize(), page);
    connect(top, &TopBar::pictureSizeChosen, this, [this](QSize size) { m_settings.setPictureSize(size); });
    m_list = new ScenarioList(m_lessons, page);
    m_header = new ScenarioHeader(page);
    m_knobs = new KnobBar(page);
    m_banner = new MessageBanner(page);
    m_centre = new QSplitter(Qt::Vertical, page);
    m_centre->setChildrenCollapsible(false);
    m_centre->setHandleWidth(1);
    m_viewSlot = new QWidget(m_centre);
    m_stage = new RunStage(m_viewSlot);
    m_stage->setFontPoints(kViewPoints);
    m_view = &m_stage->timeline();
    column(m_viewSlot)->addWidget(m_stage);
    m_output = new OutputPanel(m_centre);
    m_centre->setStretchFactor(0, 1);
    m_centre->setStretchFactor(1, 0);
    m_panel = new ResultPanel(page);
    m_status = new StatusBar(page);

    auto* centre = new QWidget(page);
    auto* centreLayout = column(centre);
    centreLayout->addWidget(m_header);
    centreLayout->addWidget(m_knobs);
    m_bannerRow = new QVBoxLayout;
    m_bannerRow->addWidget(m_banner);
    centreLayout->addLayout(m_bannerRow);
    centreLayout->addWidget(m_centre, 1);

    auto* middle = new QHBoxLayout;
    middle->setContentsMargins(0, 0, 0, 0);
    middle->setSpacing(0);
    middle->addWidget(m_list);
    middle->addWidget(separator(page));
    middle->addWidget(centre, 1);
    middle->addWidget(separator(page));
    middle->addWidget(m_panel);
    auto* layout = column(page);
    layout->addWidget(top);
    layout->addLayout(middle, 1);
    layout->addWidget(m_status);
    return page;
}

void MainWindow::connectActions()
{
    const auto on = [this](QAction* action, auto&& function) {
        connect(action, &QAction::triggered, this, std::forward<decltype(function)>(function));
    };
    on(m_actions.openScript, [this] { m_scripts.askAndOpen(); });
    on(m_actions.openRecording, [this] { m_files.askAndOpen(); });
    on(m_actions.exportPng, [this] { exportAs(FileFormat::Png); });
    on(m_actions.exportSvg, [this] { exportAs(FileFormat::Svg); });
    on(m_actions.exportCsv, [this] { exportAs(FileFormat::Csv); });
    on(m_actions.exportTrace, [this] { exportAs(FileFormat::Trace); });
    on(m_actions.exportReport, [this] { exportAs(FileFormat::Report); });
    on(m_actions.saveRecording, [this] { exportAs(FileFormat::Recording); });
    on(m_actions.copyPicture, [this] {
        if (m_controller.model() != nullptr && !m_controller.running()) {
            m_files.copyPicture(m_controller.finishedModel(), figure());
        }
    });
    on(m_actions.present, [this] { present(!presenting()); });
    on(m_actions.blank, [this] { setBlank(m_blank == nullptr); });
    on(m_actions.blankDot, [this] { setBlank(m_blank == nullptr); });
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
        m_view->setShowAuxiliary(show);
    });
    on(m_actions.keys, [this] { toggleKeys(); });
    on(m_actions.runStop, [this] { runOrStop(); });
    on(m_actions.fit, [this] { m_view->fit(); });
    on(m_actions.switchView, [this] { m_stage->switchTab(); });
    on(m_actions.next, [this] { step(1); });
    on(m_actions.previous, [this] { step(-1); });
    on(m_actions.find, [this] {
        present(false);
        m_list->focusSearch();
    });
    for (std::size_t i = 0; i < m_actions.predictions.size(); ++i) {
        on(m_actions.predictions[i], [this, i] { predict(i); });
    }
}

void MainWindow::connectParts()
{
    connect(m_list, &ScenarioList::chosen, this, &MainWindow::select);
    connect(m_list, &ScenarioList::damagedChosen, this,
        [this](const QString& message) { m_banner->show(MessageBanner::Kind::Warning, message); });
    connect(m_header, &ScenarioHeader::predicted, this, &MainWindow::predict);
    connect(m_panel, &ResultPanel::predictionReset, this, &MainWindow::resetPrediction);
    connect(m_header, &ScenarioHeader::runClicked, this, &MainWindow::runOrStop);
    connect(m_header, &ScenarioHeader::recordingClosed, this, [this] {
        if (m_lessons.size() > 0) {
            select(m_lessons.indexOf(kDefaultScenario).value_or(0));
        }
    });
    connect(m_knobs, &KnobBar::changed, this, [this](const std::string& id, const std::string& value) {
        if (m_current) {
            m_lessons.setKnob(*m_current, id, value);
            showTexts();
        }
    });
    connect(m_knobs, &KnobBar::refused, this,
        [this](const QString& message) { m_banner->show(MessageBanner::Kind::Warning, message); });
    connect(m_knobs, &KnobBar::left, m_view, qOverload<>(&QWidget::setFocus));
    connect(m_view, &TimelineView::selected, this,
        [this](const std::optional<SliceRef>& selection) { m_panel->showSelection(m_controller.model(), selection); });
    // Pictures show what is looked at, until the viewer says otherwise; panning on does not overrule that.
    connect(m_view, &TimelineView::visibleRangeChanged, this, [this, wasZoomed = false]() mutable {
        const RunModel* model = m_controller.model();
        const TimeRange range = m_view->visibleRange();
        const bool zoomed = model != nullptr && (range.begin > 0 || range.end < fullLength(model->variants()));
        if (zoomed != wasZoomed) {
            m_actions.visibleOnly->setChecked(zoomed);
        }
        wasZoomed = zoomed;
    });
    connect(&m_files, &RunFiles::message, m_banner, &MessageBanner::show);
    connect(&m_files, &RunFiles::opened, this, &MainWindow::showOpened);
    connect(&m_controller, &RunController::aboutToReplaceModel, this, [this] {
        m_stage->setModel(nullptr);
        m_panel->showSelection(nullptr, std::nullopt);
        m_output->showModel(nullptr, false);
    });
    connect(&m_controller, &RunController::printed, m_output, &OutputPanel::append);
    connect(m_output, &OutputPanel::heightChanged, this, &MainWindow::sizeOutput);
    connect(&m_controller, &RunController::modelChanged, m_view, &TimelineView::modelChanged);
    connect(&m_controller, &RunController::figuresChanged, this, &MainWindow::showFigures);
    connect(&m_controller, &RunController::ended, this, &MainWindow::onEnded);
}

bool MainWindow::presenting() const
{
    return m_presentation != nullptr && m_pages->currentWidget() == m_presentation;
}

void MainWindow::present(bool on)
{
    if (on == presenting()) {
        return;
    }
    setBlank(false);
    if (on) {
        if (m_presentation == nullptr) {
            m_presentation = new PresentationPage;
            m_presentation->setTheme(Theme::of(m_theme));
            connect(m_presentation, &PresentationPage::fontPointsChanged, this, [this](double points) {
                if (presenting()) {
                    m_stage->setFontPoints(points);
                }
            });
            m_pages->addWidget(m_presentation);
        }
        m_stateBefore = windowState();
        m_presentation->setTimeline(m_stage);
        m_pages->setCurrentWidget(m_presentation);
        setWindowState(windowState() | Qt::WindowFullScreen);
        m_stage->setFontPoints(m_presentation->fontPoints());
        m_view->setShowCpu(false); // few thick rows
        m_view->setSqueeze(true);
        m_stage->focusPicture();
    } else {
        m_viewSlot->layout()->addWidget(m_stage);
        m_stage->setFontPoints(kViewPoints);
        m_view->setShowCpu(true);
        m_view->setSqueeze(false);
        m_pages->setCurrentWidget(m_work);
        setWindowState(m_stateBefore);
    }
    showEmptyText();
    showPresented();
    showFigures();
}

void MainWindow::showEmptyText()
{
    if (presenting()) {
        m_view->setEmptyText(QString()); // the page itself asks for predictions
    } else if (m_current) {
        const Lesson& lesson = m_lessons.at(*m_current);
        QStringList lines{lesson.script && !lesson.consent ? tr("Press Run, or Space. First you see what will be run.")
                : lesson.scenario.predictions.empty()      ? tr("Press Run, or Space.")
                                                           : tr("Predict first. Then press Run, or Space.")};
        const QStringList missing = cannotRun(lesson.shown);
        if (!missing.isEmpty()) {
            lines << QString() << missing;
        }
        m_view->setEmptyText(lines.join(u'\n'));
    }
}

void MainWindow::showOutput()
{
    const bool script = m_current && m_lessons.at(*m_current).script;
    m_output->showModel(m_controller.model(), script);
    sizeOutput();
}

void MainWindow::sizeOutput()
{
    constexpr double kShare = 0.24;
    const int height = m_centre->height();
    const int output = m_output->isOpen() ? static_cast<int>(height * kShare) : m_output->maximumHeight();
    m_centre->setSizes({std::max(1, height - output), output});
}

void MainWindow::showPresented()
{
    if (m_presentation == nullptr) {
        return;
    }
    const RunModel* model = m_controller.model();
    const Scenario* scenario = m_current        ? &m_lessons.at(*m_current).shown
        : model != nullptr && model->scenario() ? &*model->scenario()
                                                : nullptr;
    QStringList choices;
    if (m_current) {
        for (const Prediction& prediction : scenario->predictions) {
            choices << QString::fromStdString(prediction.text);
        }
    }
    m_presentation->showScenario(scenario != nullptr ? QString::fromStdString(scenario->title) : baseName(),
        scenario != nullptr ? QString::fromStdString(scenario->question) : QString(),
        m_current ? QString::fromStdString(m_lessons.place(*m_current)) : tr("recording"), choices);
}

void MainWindow::setBlank(bool on)
{
    if (on == (m_blank != nullptr)) {
        return;
    }
    if (!on) {
        m_blank->deleteLater();
        m_blank = nullptr;
        return;
    }
    m_blank = new QWidget(this);
    m_blank->setObjectName("blank");
    m_blank->setAccessibleName(tr("Blank screen"));
    m_blank->setStyleSheet("background: black;");
    m_blank->setAttribute(Qt::WA_StyledBackground);
    m_blank->setCursor(Qt::BlankCursor);
    m_blank->resize(size());
    m_blank->show();
    m_blank->raise();
}

void MainWindow::toggleKeys()
{
    if (m_keys) {
        m_keys->deleteLater();
        m_keys.clear();
    } else {
        m_keys = new KeysOverlay(Theme::of(m_theme), this);
    }
}

bool MainWindow::escape()
{
    if (m_keys) {
        toggleKeys();
    } else if (m_blank != nullptr) {
        setBlank(false);
    } else if (presenting()) {
        present(false);
    } else if (m_banner->isVisible()) {
        m_banner->dismiss();
    } else {
        return m_list->clearSearch();
    }
    return true;
}

void MainWindow::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape && escape()) {
        event->accept();
        return;
    }
    QMainWindow::keyPressEvent(event);
}

} // namespace timeslice
