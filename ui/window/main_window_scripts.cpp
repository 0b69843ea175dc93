// MainWindow and the viewer's own scripts: their pages, their runs, and what this machine cannot run.
#include "ui/window/knob_bar.h"
#include "ui/window/main_window.h"
#include "ui/window/output_panel.h"
#include "ui/window/scenario_header.h"
#include "ui/window/scenario_list.h"

#include <QFileInfo>
#include <algorithm>

namespace timeslice {

namespace {

/// What a variant asks for that another interpreter than the usual one might be needed for; empty: nothing special.
std::string specialNeed(const VariantSpec& variant)
{
    if (!isPython(variant.engine)) {
        return {};
    }
    const std::string& need = variant.python.interpreter;
    return need.empty() || need == "cpython" ? std::string() : need;
}

} // namespace

void MainWindow::connectScripts()
{
    connect(&m_scripts, &ScriptOpener::message, m_banner, &MessageBanner::show);
    connect(&m_scripts, &ScriptOpener::allowed, this, [this](const Script& script, const ScriptConsent& consent) {
        leaveScript([this, script, consent] { whenStopped([this, script, consent] { runScript(script, consent); }); });
    });
    connect(m_output, &OutputPanel::typed, &m_controller, &RunController::type);
    connect(m_output, &OutputPanel::inputEnded, &m_controller, &RunController::endInput);
    connect(m_output, &OutputPanel::inputLeft, m_view, qOverload<>(&QWidget::setFocus));
    connect(m_header, &ScenarioHeader::changeClicked, this, [this] {
        if (m_current && m_lessons.at(*m_current).script) {
            m_scripts.confirm(*m_lessons.at(*m_current).script, {});
        }
    });
    connect(&m_finder, &InterpreterFinder::found, this, &MainWindow::showEmptyText);
}

void MainWindow::runScript(const Script& script, const ScriptConsent& consent)
{
    m_settings.addScript(script);
    const std::size_t index = m_lessons.addScript(script);
    m_lessons.at(index).consent = consent;
    m_list->bookChanged();
    present(false);
    if (m_current == index) {
        showLesson(index);
    } else {
        select(index);
    }
    startRun();
}

Result<bool> MainWindow::startScript(Lesson& lesson, RunOptions options)
{
    const Script& script = *lesson.script;
    const auto text = readScript(script.path);
    if (!text) {
        return tl::unexpected(text.error());
    }
    if (!lesson.consent || lesson.consent->digest != text->digest) {
        m_scripts.confirm(script, lesson.consent ? tr("The script has changed since you looked at it.") : QString());
        return false;
    }
    // Python opens the file by its path, so that the script finds itself there: what it read is known to be what was
    // shown only if nobody has written to it until the end (scriptMayHaveChanged()).
    lesson.started = text->file;
    const QString title = joinCommand(QStringList{QFileInfo(script.path).fileName()} + script.arguments);
    const auto started =
        m_controller.start(pythonCommand(script, lesson.consent->interpreter), title.toStdString(), std::move(options));
    if (!started) {
        lesson.consent.reset(); // perhaps another interpreter, or another folder
        return tl::unexpected(started.error());
    }
    return true;
}

bool MainWindow::scriptMayHaveChanged() const
{
    const Lesson& lesson = m_lessons.at(*m_current);
    return lesson.script && lesson.started && fileState(lesson.script->path) != lesson.started;
}

void MainWindow::lookForInterpreters(const Scenario& scenario)
{
    if (std::any_of(scenario.variants.begin(), scenario.variants.end(),
            [](const VariantSpec& variant) { return !specialNeed(variant).empty(); })) {
        m_finder.find(m_settings.addedInterpreters());
    }
}

QStringList MainWindow::cannotRun(const Scenario& scenario) const
{
    QStringList lines;
    if (!m_finder.ready()) {
        return lines;
    }
    for (const VariantSpec& variant : scenario.variants) {
        const std::string need = specialNeed(variant);
        if (!need.empty() && !chooseInterpreter(m_finder.interpreters(), need)) {
            lines << tr("Not run here – %1: %2")
                         .arg(QString::fromStdString(variant.title),
                             QString::fromStdString(whyNoInterpreter(m_finder.interpreters(), need)));
        }
    }
    return lines;
}

} // namespace timeslice
