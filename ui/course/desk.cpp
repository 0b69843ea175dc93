#include "ui/course/desk.h"

#include "ui/text/free_text.h"

#include <QFileInfo>
#include <algorithm>
#include <cassert>
#include <utility>

namespace timeslice {

Desk::Desk(LessonBook lessons, int cores, std::function<RunOptions()> options, QObject* parent)
    : QObject(parent)
    , m_lessons(std::move(lessons))
    , m_options(std::move(options))
    , m_cores(cores)
{
    connect(&m_controller, &RunController::ended, this, &Desk::onEnded);
}

const Scenario* Desk::scenario() const
{
    if (lesson() != nullptr) {
        return &lesson()->shown;
    }
    return model() != nullptr && model()->scenario() ? &*model()->scenario() : nullptr;
}

QString Desk::baseName() const
{
    if (lesson() != nullptr) {
        return isScript() ? QFileInfo(lesson()->script->path).completeBaseName() : text(lesson()->scenario.id);
    }
    return m_recordingPath.isEmpty() ? QStringLiteral("timeslice") : QFileInfo(m_recordingPath).completeBaseName();
}

// --- What lies here

void Desk::leave(std::function<void()> next)
{
    const auto stop = [this, next = std::move(next)] {
        if (!running()) {
            next();
            return;
        }
        m_next = next;
        m_controller.stop();
    };
    if (running()) {
        m_ask(stop);
    } else {
        stop();
    }
}

void Desk::leaveModel()
{
    if (m_current) {
        m_lessons.at(*m_current).explored = m_exploration.state();
        m_lessons.at(*m_current).run = m_controller.takeModel();
    } else {
        m_controller.setModel(nullptr);
    }
}

void Desk::show(std::size_t lesson)
{
    if (m_current == lesson) {
        m_next = nullptr; // the viewer stays after all
        emit stayed();
        return;
    }
    leave([this, lesson] { put(lesson); });
}

void Desk::put(std::size_t lesson)
{
    leaveModel();
    m_current = lesson;
    m_mistake.reset();
    m_recordingPath.clear();
    m_controller.setModel(std::move(m_lessons.at(lesson).run));
    showLesson();
    emit modelReplaced();
    // Last, as who shows another model begins with the whole of it.
    m_exploration.restore(model() != nullptr ? std::move(m_lessons.at(lesson).explored) : Exploration::State());
}

void Desk::showLesson()
{
    const Result<void> read = isScript() ? m_lessons.readScriptText(*m_current) : Result<void>();
    emit lessonShown();
    if (!read) {
        emit warned(text(read.error().message));
    }
}

void Desk::showRecording(std::shared_ptr<RunModel> model, const QString& path, const QString& warning)
{
    leave([this, model = std::move(model), path, warning] {
        leaveModel();
        m_current.reset();
        m_mistake.reset();
        m_recordingPath = path;
        m_controller.setModel(model);
        emit recordingShown(warning);
        emit modelReplaced();
    });
}

const DamagedScenario* Desk::mistake() const
{
    for (const DamagedScenario& damaged : m_lessons.damaged()) {
        if (damaged.file == m_mistake) {
            return &damaged;
        }
    }
    return nullptr;
}

bool Desk::isDamaged(const std::filesystem::path& file) const
{
    const auto& damaged = m_lessons.damaged();
    return std::any_of(
        damaged.begin(), damaged.end(), [&](const DamagedScenario& mistake) { return mistake.file == file; });
}

void Desk::showMistake(const std::filesystem::path& file)
{
    leave([this, file] { putMistake(file); });
}

void Desk::putMistake(const std::filesystem::path& file)
{
    leaveModel();
    m_current.reset();
    m_recordingPath.clear();
    m_mistake = file;
    emit mistakeShown();
    emit modelReplaced();
}

void Desk::replaceCatalogue(Catalogue catalogue)
{
    assert(!running());
    if (!m_current && !m_mistake) { // a recording, or nothing
        m_lessons.replaceCatalogue(std::move(catalogue));
        emit bookChanged();
        return;
    }
    const std::string id = m_current ? lesson()->scenario.id : std::string();
    const std::string title = m_current ? lesson()->shown.title : m_mistake->filename().string();
    const std::filesystem::path file = m_current ? std::filesystem::path(lesson()->scenario.sourcePath) : *m_mistake;
    leaveModel();
    m_current.reset();
    m_mistake.reset();
    m_lessons.replaceCatalogue(std::move(catalogue));
    emit bookChanged();
    const auto byFile = file.empty() ? std::nullopt : m_lessons.indexOfFile(file.string());
    if (isDamaged(file)) {
        putMistake(file);
    } else if (const auto index = byFile ? byFile : m_lessons.indexOf(id)) {
        put(*index);
    } else if (m_lessons.size() > 0) {
        put(m_lessons.indexOf(kDefaultScenario).value_or(0));
        emit warned(tr("“%1” is not there any more.").arg(text(title)));
    } else {
        emit modelReplaced();
    }
}

void Desk::setKnob(const std::string& id, const std::string& value)
{
    if (m_current) {
        m_lessons.setKnob(*m_current, id, value);
        emit textsChanged();
    }
}

// --- Prediction

void Desk::predict(std::size_t prediction)
{
    if (!m_current) {
        return;
    }
    Lesson& lesson = m_lessons.at(*m_current);
    if (prediction < lesson.scenario.predictions.size()) {
        if (lesson.locked) {
            predictAgain();
        }
        if (!lesson.locked) {
            lesson.prediction = prediction;
            lesson.answering = traitsOf(lesson.scenario.view).stepsThreads; // there is something to do before any run
        }
    }
    emit predictionChanged();
}

void Desk::setHands(std::size_t prediction, int hands)
{
    if (!m_current || prediction >= lesson()->scenario.predictions.size()) {
        return;
    }
    std::vector<int>& all = m_lessons.at(*m_current).hands;
    all.resize(lesson()->scenario.predictions.size());
    all[prediction] = hands;
}

void Desk::predictAgain()
{
    if (!m_current || running()) {
        return;
    }
    Lesson& lesson = m_lessons.at(*m_current);
    lesson.prediction.reset();
    lesson.hands.clear();
    lesson.locked = false;
    lesson.answering = false;
    lesson.picture.reset();
    m_controller.setModel(nullptr);
    emit predictionChanged();
    emit modelReplaced();
}

void Desk::setAnswering(bool answering)
{
    if (m_current && lesson()->answering != answering) {
        m_lessons.at(*m_current).answering = answering;
        emit turned();
    }
}

void Desk::setPicture(int picture)
{
    if (m_current) {
        m_lessons.at(*m_current).picture = picture;
    }
}

// --- Run

void Desk::runOrStop()
{
    if (m_controller.deadlocked()) {
        m_controller.endDeadlock();
    } else if (running()) {
        m_controller.stop();
    } else if (m_current) {
        start();
    }
}

void Desk::start()
{
    Lesson& lesson = m_lessons.at(*m_current);
    if (!m_obstacle.isEmpty()) {
        emit warned(m_obstacle);
        return;
    }
    emit starting();
    if (lesson.scenario.own && !m_mayRun(lesson, [this] { runOrStop(); })) {
        return;
    }
    RunOptions options = m_options();
    Result<bool> started = true;
    if (lesson.script) {
        started = startScript(lesson, std::move(options));
    } else {
        auto scenario = resolve(lesson.scenario, m_cores);
        const auto begun = scenario ? m_controller.start(std::move(*scenario), std::move(options))
                                    : Result<void>(tl::unexpected(scenario.error()));
        started = begun ? Result<bool>(true) : tl::unexpected(begun.error());
    }
    if (!started) {
        emit failed(text(started.error().message));
    } else if (*started) {
        begun();
    }
}

std::optional<RunOptions> Desk::optionsBesides(std::function<void()> then) const
{
    if (lesson() != nullptr && lesson()->scenario.own && !m_mayRun(*lesson(), std::move(then))) {
        return std::nullopt;
    }
    return m_options();
}

Result<bool> Desk::startScript(Lesson& lesson, RunOptions options)
{
    const Script& script = *lesson.script;
    const auto text = readScript(script.path);
    if (!text) {
        return tl::unexpected(text.error());
    }
    if (!lesson.consent || lesson.consent->digest != text->digest) {
        emit consentNeeded(script, lesson.consent ? tr("The script has changed since you looked at it.") : QString());
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

void Desk::runScript(const Script& script, const ScriptConsent& consent)
{
    leave([this, script, consent] {
        const std::size_t index = m_lessons.addScript(script);
        m_lessons.at(index).consent = consent;
        emit scriptAdded(script);
        if (m_current == index) {
            showLesson();
        } else {
            put(index);
        }
        start();
    });
}

void Desk::follow(std::unique_ptr<RunSource> source)
{
    auto scenario = resolve(m_lessons.at(m_current.value()).scenario, m_cores);
    if (scenario) {
        m_controller.follow(std::move(source), std::make_unique<RunModel>(std::move(*scenario)));
        begun();
    }
}

void Desk::begun()
{
    Lesson& lesson = m_lessons.at(*m_current);
    lesson.locked = true;
    lesson.answering = true;
    lesson.picture.reset();
    emit predictionChanged();
    emit started();
}

bool Desk::scriptMayHaveChanged() const
{
    return isScript() && lesson()->started && fileState(lesson()->script->path) != lesson()->started;
}

void Desk::onEnded()
{
    if (m_current) {
        m_lessons.at(*m_current).mark = markOf(*model());
    }
    emit ended();
    if (scriptMayHaveChanged()) {
        emit warned(
            tr("The script's file has changed since it was started: what ran may not be the text that you saw."));
    }
    if (model()->error()) {
        emit failed(text(model()->error()->message));
    }
    if (const auto next = std::exchange(m_next, nullptr)) {
        next();
    }
}

} // namespace timeslice
