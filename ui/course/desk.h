// Desk: what lies before the viewer, a lesson of the book, a recording, or what is wrong with a lesson's file; and a
// lesson's way from prediction to answer.
//
//   lesson:  predicting ── run ──▶ running, locked ── ended ──▶ answered ── predictAgain() ──▶ predicting
//                 ▲                    │ show another: asked before, then stopped
//                 └────────────────────┘
//
// No widgets: the window shows what lies here and passes on what the viewer does.
#pragma once

#include "ui/course/lesson_book.h"
#include "ui/course/run_controller.h"

#include <QObject>
#include <functional>
#include <optional>

namespace timeslice {

/// Belongs to the UI thread.
class Desk : public QObject {
    Q_OBJECT
public:
    /// `options`: how to run, asked at each run. `cores`: how many a run may use.
    Desk(LessonBook lessons, int cores, std::function<RunOptions()> options, QObject* parent = nullptr);

    /// Before a run is ended by going on to something else. `ask` does what it is given, or not.
    void setLeaveQuestion(std::function<void(std::function<void()> leave)> ask) { m_ask = std::move(ask); }

    /// Before a scenario of the viewer's own runs. False: not now; whoever says so tells the viewer why, and calls
    /// `then` if he is asked and agrees.
    using OwnQuestion = std::function<bool(const Lesson&, std::function<void()> then)>;
    void setOwnQuestion(OwnQuestion mayRun) { m_mayRun = std::move(mayRun); }

    LessonBook& lessons() noexcept { return m_lessons; }
    const LessonBook& lessons() const noexcept { return m_lessons; }
    RunController& controller() noexcept { return m_controller; }
    const RunController& controller() const noexcept { return m_controller; }

    /// Of the run that lies here; comes back with its lesson.
    Exploration& exploration() noexcept { return m_exploration; }
    const Exploration& exploration() const noexcept { return m_exploration; }

    std::optional<std::size_t> current() const noexcept { return m_current; } ///< nothing: something else
    const Lesson* lesson() const { return m_current ? &m_lessons.at(*m_current) : nullptr; }
    bool isScript() const { return lesson() != nullptr && lesson()->script.has_value(); }
    /// What is wrong with the file that is shown in place of a lesson; null: none is.
    const DamagedScenario* mistake() const;
    const QString& recordingPath() const noexcept { return m_recordingPath; }
    /// Its texts with the knobs' values; null: a recording of no scenario.
    const Scenario* scenario() const;
    std::optional<std::size_t> prediction() const { return lesson() != nullptr ? lesson()->prediction : std::nullopt; }
    const RunModel* model() const { return m_controller.model(); }
    bool running() const { return m_controller.running(); }
    /// For names of files.
    QString baseName() const;

    void show(std::size_t lesson);
    void showRecording(std::shared_ptr<RunModel> model, const QString& path, const QString& warning);
    void showMistake(const std::filesystem::path& file);
    /// Scenarios have been read anew; no run may go on. What lies here stays, as it is now.
    void replaceCatalogue(Catalogue catalogue);
    void setKnob(const std::string& id, const std::string& value);
    /// Why the lesson cannot run as the viewer has it; empty: it can.
    void setObstacle(const QString& why) { m_obstacle = why; }
    const QString& obstacle() const noexcept { return m_obstacle; }
    /// Where the answer is known already, it is forgotten first; not while it runs.
    void predict(std::size_t prediction);
    /// How many of a class are for it.
    void setHands(std::size_t prediction, int hands);
    void predictAgain();
    /// Presented: on from the question, or back to it.
    void setAnswering(bool answering);
    /// Which picture of the run the viewer has chosen; it comes back with the lesson.
    void setPicture(int picture);
    /// Where what runs stands in a deadlock, ends that; the rest of the run goes on.
    void runOrStop();
    /// For what runs a script of the lesson besides: how. Nothing: not now, as the own question has it.
    std::optional<RunOptions> optionsBesides(std::function<void()> then) const;
    /// Takes the script into the book, shows it and runs it.
    void runScript(const Script& script, const ScriptConsent& consent);
    /// Runs the lesson, a scenario, from what `source` tells.
    void follow(std::unique_ptr<RunSource> source);

signals:
    void lessonShown(); ///< another one, or anew
    void textsChanged(); ///< by a knob
    void recordingShown(const QString& warning);
    void mistakeShown(); ///< another one, or anew
    void bookChanged(); ///< lessons have other indices
    void stayed(); ///< what was to be shown lies here already
    void modelReplaced();
    void predictionChanged();
    void turned(); ///< on from the question, or back to it
    void starting();
    void started();
    void ended();
    void scriptAdded(const timeslice::Script& script); ///< to the book, or what has changed of it
    /// To run the script the viewer has to allow it; `why` he is asked anew, or nothing.
    void consentNeeded(const timeslice::Script& script, const QString& why);
    void warned(const QString& message);
    void failed(const QString& message);

private:
    /// Does it when no run goes on; the one that does is stopped for it, if the viewer agrees where he is asked. Of
    /// several that wait for that, the last.
    void leave(std::function<void()> next);
    void leaveModel(); ///< puts the model where it belongs
    void put(std::size_t lesson);
    void putMistake(const std::filesystem::path& file);
    bool isDamaged(const std::filesystem::path& file) const;
    void showLesson();
    void start();
    /// False: the viewer is asked first.
    Result<bool> startScript(Lesson& lesson, RunOptions options);
    void begun();
    void onEnded();
    bool scriptMayHaveChanged() const; ///< since it was last started

    LessonBook m_lessons;
    Exploration m_exploration;
    RunController m_controller;
    std::function<RunOptions()> m_options;
    std::function<void(std::function<void()>)> m_ask = [](const std::function<void()>& leave) { leave(); };
    OwnQuestion m_mayRun = [](const Lesson&, const std::function<void()>&) { return true; };
    int m_cores;
    std::optional<std::size_t> m_current;
    QString m_recordingPath;
    QString m_obstacle;
    std::optional<std::filesystem::path> m_mistake; ///< its file
    std::function<void()> m_next; ///< what waits for the run to end
};

} // namespace timeslice
