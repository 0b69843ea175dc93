// ScenarioHeader: what is asked: title, question, the viewer's prediction, and the button that answers.
#pragma once

#include "ui/course/lesson_book.h"

#include <QWidget>

class QLabel;
class QPushButton;

namespace timeslice {

class ElidedLabel;

enum class RunState : unsigned char { Ready, Running, Deadlocked, Stopping, Done };

class ScenarioHeader : public QWidget {
    Q_OBJECT
public:
    explicit ScenarioHeader(QWidget* parent = nullptr);

    void showLesson(const Lesson& lesson);
    /// A knob changed what they say. `definition`: what a beginner cannot know; may be empty.
    void showTexts(const QString& title, const QString& question, const QString& definition);
    /// Whether there is room for the definition below the question; else it is a tool tip.
    void setRoomy(bool roomy);
    /// A recording has a title and a place where it comes from, but nothing to predict or run.
    void showRecording(const QString& title, const QString& question, const QString& origin);
    void setRunState(RunState state);
    /// Why it cannot run as it is set; empty: it can.
    void setObstacle(const QString& why);
    /// One line: the title and what was predicted. `canFold`: a button folds and unfolds.
    void setFolded(bool folded, bool canFold);
    /// The prediction or its lock changed.
    void setPrediction(std::optional<std::size_t> prediction, bool locked);

signals:
    void predicted(std::size_t prediction);
    void runClicked();
    void foldToggled();
    void recordingClosed();
    /// A script is to be run otherwise; a lesson of the viewer's own is to be edited.
    void changeClicked();

private:
    void updateChoices();
    void updateHint();

    ElidedLabel* m_title;
    ElidedLabel* m_line; ///< the title, and the prediction, when folded
    QPushButton* m_fold;
    bool m_folded = false;
    bool m_canFold = false;
    bool m_roomy = false;
    QString m_asked;
    QString m_definition;
    QLabel* m_question;
    QWidget* m_choiceArea;
    std::vector<QPushButton*> m_choices;
    QLabel* m_hint;
    QPushButton* m_run;
    QPushButton* m_close;
    QPushButton* m_change;
    std::optional<std::size_t> m_prediction;
    bool m_locked = false;
    RunState m_state = RunState::Ready;
    QString m_obstacle;
    bool m_recording = false;
    QString m_origin;
};

} // namespace timeslice
