#include "ui/window/projector.h"

#include "ui/course/desk.h"
#include "ui/plot/timeline_view.h"
#include "ui/result/picture_of.h"
#include "ui/text/free_text.h"
#include "ui/window/keys_overlay.h"
#include "ui/window/presentation_page.h"
#include "ui/window/run_stage.h"
#include "ui/window/work_page.h"

#include <QMainWindow>
#include <QStackedWidget>

namespace timeslice {

Projector::Projector(
    QMainWindow& window, QStackedWidget& pages, WorkPage& work, Desk& desk, const MachineFacts& machine)
    : m_window(window)
    , m_pages(pages)
    , m_work(work)
    , m_desk(desk)
    , m_machine(machine)
{
    connect(&desk, &Desk::modelReplaced, this, [this] {
        showScenario();
        showRun();
    });
    connect(&desk, &Desk::started, this, [this] {
        showScenario();
        showRun();
    });
    connect(&desk, &Desk::predictionChanged, this, &Projector::showRun);
    connect(&desk, &Desk::turned, this, &Projector::showRun);
    connect(&desk, &Desk::ended, this, &Projector::showRun);
    connect(&desk.controller(), &RunController::figuresChanged, this, &Projector::showRun);
    connect(&desk.exploration(), &Exploration::rangeChanged, this, &Projector::showSigns);
    connect(&work.stage(), &RunStage::tabChanged, this, &Projector::showSigns);
}

bool Projector::presenting() const
{
    return m_page != nullptr && m_pages.currentWidget() == m_page;
}

void Projector::present(bool on)
{
    if (on == presenting()) {
        return;
    }
    setBlank(false);
    RunStage& stage = m_work.stage();
    if (on) {
        if (m_page == nullptr) {
            m_page = new PresentationPage;
            m_page->setTheme(*m_theme);
            connect(m_page, &PresentationPage::fontPointsChanged, this, [this](double points) {
                if (presenting()) {
                    m_work.stage().setFontPoints(points);
                }
            });
            connect(m_page, &PresentationPage::chosen, &m_desk, &Desk::predict);
            connect(m_page, &PresentationPage::handsChanged, &m_desk, &Desk::setHands);
            m_pages.addWidget(m_page);
        }
        m_stateBefore = m_window.windowState();
        m_work.lendStage();
        m_page->setTimeline(&stage);
        m_pages.setCurrentWidget(m_page);
        m_window.setWindowState(m_window.windowState() | Qt::WindowFullScreen);
        stage.setFontPoints(m_page->fontPoints());
        stage.timeline().setShowCpu(false); // few thick rows
        stage.timeline().setSqueeze(true);
        stage.setWaitsBeside(true);
        stage.focusPicture();
    } else {
        stage.show();
        m_work.takeStage();
        stage.timeline().setShowCpu(true);
        stage.timeline().setSqueeze(false);
        stage.setWaitsBeside(false);
        m_pages.setCurrentWidget(&m_work);
        stage.focusPicture();
        m_window.setWindowState(m_stateBefore);
    }
    showScenario();
    m_work.showFigures();
    showRun();
    if (on && !stage.isVisible()) { // the class is asked first
        m_page->setFocus(Qt::OtherFocusReason);
    }
    emit changed();
}

void Projector::setTheme(const Theme& theme)
{
    m_theme = &theme;
    if (m_page != nullptr) {
        m_page->setTheme(theme);
    }
}

void Projector::showScenario()
{
    if (m_page == nullptr) {
        return;
    }
    const Scenario* scenario = m_desk.scenario();
    QStringList choices;
    if (m_desk.lesson() != nullptr) {
        for (const Prediction& prediction : scenario->predictions) {
            choices << text(prediction.text);
        }
    }
    m_page->showScenario(scenario != nullptr ? text(scenario->title) : m_desk.baseName(),
        scenario != nullptr ? text(scenario->question) : QString(),
        scenario != nullptr ? text(scenario->defines) : QString(),
        m_desk.current() ? text(m_desk.lessons().place(*m_desk.current())) : tr("recording"), choices);
}

void Projector::showRun()
{
    if (presenting()) {
        const bool asked = !m_work.stage().isVisible();
        m_page->showRun(m_desk.model(), m_desk.lesson(), m_machine, asking());
        if (asked && m_work.stage().isVisible()) {
            m_work.stage().focusPicture(); // the keys are the picture's now
        } else if (!asked && asking()) {
            m_page->setFocus(Qt::OtherFocusReason);
        }
        showSigns();
    }
}

bool Projector::asking() const
{
    const Lesson* lesson = m_desk.lesson();
    return lesson != nullptr && !lesson->scenario.predictions.empty() && !lesson->answering;
}

bool Projector::hasAnswer() const
{
    return m_desk.model() != nullptr || traitsOf(m_desk.lesson()->scenario.view).stepsThreads;
}

bool Projector::turn(int direction)
{
    if (!presenting() || m_desk.lesson() == nullptr) {
        return presenting() && m_work.stage().turn(direction);
    }
    if (asking()) {
        const bool on = direction > 0 && hasAnswer();
        m_desk.setAnswering(on);
        return on;
    }
    if (m_work.stage().turn(direction)) {
        return true;
    }
    if (direction < 0) {
        m_desk.setAnswering(false);
    }
    return asking();
}

void Projector::leaveQuestion()
{
    if (presenting() && asking() && m_desk.model() != nullptr) {
        m_desk.setAnswering(true);
    }
}

void Projector::showSigns()
{
    if (presenting()) {
        const bool timeline = m_desk.model() != nullptr && m_work.stage().showsTimeline() && !asking();
        m_page->showSigns(timeline ? std::optional(signsInSight(m_desk.model(), m_desk.exploration())) : std::nullopt);
    }
}

void Projector::setBlank(bool on)
{
    if (on == blank()) {
        return;
    }
    if (!on) {
        m_blank->deleteLater();
        m_blank = nullptr;
        return;
    }
    m_blank = new QWidget(&m_window);
    m_blank->setObjectName("blank");
    m_blank->setAccessibleName(tr("Blank screen"));
    m_blank->setStyleSheet("background: black;");
    m_blank->setAttribute(Qt::WA_StyledBackground);
    m_blank->setCursor(Qt::BlankCursor);
    m_blank->resize(m_window.size());
    m_blank->show();
    m_blank->raise();
}

void Projector::windowResized()
{
    if (m_blank != nullptr) {
        m_blank->resize(m_window.size());
    }
}

void Projector::toggleKeys()
{
    if (m_keys) {
        m_keys->deleteLater();
        m_keys.clear();
    } else {
        m_keys = new KeysOverlay(*m_theme, &m_window);
    }
}

bool Projector::escape()
{
    if (m_keys) {
        toggleKeys();
    } else if (blank()) {
        setBlank(false);
    } else if (presenting()) {
        present(false);
    } else {
        return false;
    }
    return true;
}

} // namespace timeslice
