#include "ui/window/scenario_header.h"

#include "ui/widgets/choice_pill.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/wrapped_label.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>

namespace timeslice {

namespace {

QPushButton* pill(const QString& name, const char* role, QWidget* parent)
{
    auto* button = new QPushButton(parent);
    button->setObjectName(name);
    button->setProperty("role", role);
    // Space starts and stops the run wherever the focus is, so Return is what presses a button here.
    button->setAutoDefault(true);
    button->setCursor(Qt::PointingHandCursor);
    return button;
}

} // namespace

ScenarioHeader::ScenarioHeader(QWidget* parent)
    : QWidget(parent)
    , m_title(new ElidedLabel(this))
    , m_line(new ElidedLabel(this))
    , m_fold(pill("foldHeader", "plain", this))
    , m_question(new WrappedLabel(this))
    , m_choiceArea(new QWidget(this))
    , m_hint(new QLabel)
    , m_run(pill("run", "primary", this))
    , m_close(pill("closeRecording", "", this))
    , m_change(pill("changeScript", "", this))
{
    setObjectName("scenarioHeader");
    setProperty("role", "strip");
    setAttribute(Qt::WA_StyledBackground);
    m_title->setObjectName("scenarioTitle");
    m_title->setProperty("role", "title");
    m_question->setObjectName("scenarioQuestion");
    m_question->setProperty("role", "question");
    m_hint->setProperty("role", "muted");
    m_hint->setObjectName("predictionHint");
    m_hint->setTextFormat(Qt::PlainText);

    auto* flow = new FlowLayout(m_choiceArea, 8, 6);
    flow->addWidget(m_hint);
    flow->setOptional(m_hint);
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    m_choiceArea->setSizePolicy(policy);

    m_close->setText(tr("Close recording"));
    m_close->setToolTip(tr("Back to the scenarios"));
    m_close->setAccessibleName(m_close->text());
    m_close->hide();
    m_change->hide();

    m_line->setObjectName("foldedTitle");
    m_line->setProperty("role", "strong");
    m_line->hide();
    m_fold->hide();

    auto* row = new QHBoxLayout;
    row->setSpacing(12);
    row->addWidget(m_line, 1, Qt::AlignVCenter);
    row->addWidget(m_choiceArea, 1);
    row->addWidget(m_change, 0, Qt::AlignTop);
    row->addWidget(m_run, 0, Qt::AlignTop);
    row->addWidget(m_close, 0, Qt::AlignTop);
    row->addWidget(m_fold, 0, Qt::AlignTop);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(24, 14, 24, 14);
    layout->setSpacing(7);
    layout->addWidget(m_title);
    layout->addWidget(m_question);
    layout->addLayout(row);

    connect(m_run, &QPushButton::clicked, this, &ScenarioHeader::runClicked);
    connect(m_fold, &QPushButton::clicked, this, &ScenarioHeader::foldToggled);
    connect(m_change, &QPushButton::clicked, this, &ScenarioHeader::changeClicked);
    connect(m_close, &QPushButton::clicked, this, &ScenarioHeader::recordingClosed);
    setRunState(RunState::Ready);
}

void ScenarioHeader::showLesson(const Lesson& lesson)
{
    m_recording = false;
    m_change->setVisible(lesson.script || lesson.scenario.own);
    m_change->setText(lesson.script ? tr("Change…") : tr("Edit…"));
    m_change->setToolTip(lesson.script ? tr("Other arguments, another interpreter or folder")
                                       : tr("Open this lesson of yours in your editor"));
    m_change->setAccessibleName(lesson.script ? tr("Change how the script is run") : tr("Edit the lesson"));
    showTexts(QString::fromStdString(lesson.shown.title), QString::fromStdString(lesson.shown.question),
        QString::fromStdString(lesson.shown.defines));
    for (QPushButton* choice : m_choices) {
        choice->setParent(nullptr);
        choice->deleteLater();
    }
    m_choices.clear();
    auto* flow = m_choiceArea->layout();
    QLayoutItem* hint = flow->takeAt(0);
    for (std::size_t i = 0; i < lesson.shown.predictions.size(); ++i) {
        const QString text = QString::fromStdString(lesson.shown.predictions[i].text);
        auto* choice = new ChoicePill(text, m_choiceArea);
        choice->setObjectName("prediction" + QString::number(i + 1));
        choice->setAccessibleName(tr("Prediction: %1").arg(text));
        choice->setToolTip(tr("Your prediction: %1 (key %2)").arg(text).arg(i + 1));
        connect(choice, &QPushButton::clicked, this, [this, i] { emit predicted(i); });
        flow->addWidget(choice);
        choice->show();
        m_choices.push_back(choice);
    }
    flow->addItem(hint);
    flow->invalidate();
    m_choiceArea->updateGeometry();
    QWidget* previous = m_choiceArea;
    for (QPushButton* choice : m_choices) {
        setTabOrder(previous, choice);
        previous = choice;
    }
    setTabOrder(previous, m_run);
    m_run->show();
    m_close->hide();
    setPrediction(lesson.prediction, lesson.locked);
}

void ScenarioHeader::setRoomy(bool roomy)
{
    m_roomy = roomy;
    m_question->setText(m_roomy && !m_definition.isEmpty() ? m_asked + QStringLiteral("\n") + m_definition : m_asked);
}

void ScenarioHeader::showTexts(const QString& title, const QString& question, const QString& definition)
{
    m_title->setText(title);
    m_asked = question;
    m_definition = definition;
    m_question->setToolTip(definition);
    setRoomy(m_roomy);
    m_question->setVisible(!question.isEmpty() && !m_folded);
    updateHint();
}

void ScenarioHeader::showRecording(const QString& title, const QString& question, const QString& origin)
{
    Lesson nothing;
    nothing.shown.title = title.toStdString();
    nothing.shown.question = question.toStdString();
    showLesson(nothing);
    m_recording = true;
    m_origin = origin;
    m_run->hide();
    m_close->show();
    updateHint();
}

void ScenarioHeader::setFolded(bool folded, bool canFold)
{
    if (folded == m_folded && canFold == m_canFold && !m_fold->text().isEmpty()) {
        return; // asked for with each figure of a live run
    }
    m_folded = folded;
    m_canFold = canFold;
    m_title->setVisible(!folded);
    m_question->setVisible(!folded && !m_question->text().isEmpty());
    m_choiceArea->setVisible(!folded);
    m_line->setVisible(folded);
    m_fold->setVisible(canFold);
    m_fold->setText(folded ? QStringLiteral("▾") : QStringLiteral("▴"));
    m_fold->setToolTip(folded ? tr("Show question, predictions and settings") : tr("Leave the room to the timeline"));
    m_fold->setAccessibleName(m_fold->toolTip());
    updateHint();
}

void ScenarioHeader::setRunState(RunState state)
{
    m_state = state;
    switch (state) {
    case RunState::Ready:
        m_run->setText(tr("▶  Run"));
        m_run->setToolTip(tr("Start the real workload (Space)"));
        break;
    case RunState::Running:
        m_run->setText(tr("■  Stop"));
        m_run->setToolTip(tr("End the workload; what was recorded stays (Space)"));
        break;
    case RunState::Deadlocked:
        m_run->setText(tr("■  End the deadlock"));
        m_run->setToolTip(tr("It stands for as long as you like; what comes after it goes on (Space)"));
        break;
    case RunState::Stopping:
        m_run->setText(tr("Stopping…"));
        m_run->setToolTip(tr("The workload is being ended"));
        break;
    case RunState::Done:
        m_run->setText(tr("▶  Run again"));
        m_run->setToolTip(tr("Start the same workload anew (Space)"));
        break;
    }
    m_run->setAccessibleName(m_run->text().section("  ", -1));
    const bool starts = state == RunState::Ready || state == RunState::Done;
    m_run->setEnabled(state != RunState::Stopping && (!starts || m_obstacle.isEmpty()));
    if (starts && !m_obstacle.isEmpty()) {
        m_run->setToolTip(m_obstacle);
    }
    updateChoices();
    updateHint();
}

void ScenarioHeader::setObstacle(const QString& why)
{
    if (why != m_obstacle) {
        m_obstacle = why;
        setRunState(m_state);
    }
}

void ScenarioHeader::setPrediction(std::optional<std::size_t> prediction, bool locked)
{
    m_prediction = prediction;
    m_locked = locked;
    updateChoices();
    updateHint();
}

void ScenarioHeader::updateChoices()
{
    // After a run, choosing is what begins the next one; under it nothing changes.
    const bool open = !m_locked || (m_state == RunState::Ready || m_state == RunState::Done);
    for (std::size_t i = 0; i < m_choices.size(); ++i) {
        const QSignalBlocker blocker(m_choices[i]);
        m_choices[i]->setChecked(m_prediction == i);
        m_choices[i]->setEnabled(open);
        m_choices[i]->setCursor(open ? Qt::PointingHandCursor : Qt::ArrowCursor);
    }
}

void ScenarioHeader::updateHint()
{
    QString text;
    if (m_recording) {
        text = m_origin;
    } else if (m_choices.empty()) {
        text = QString();
    } else if (m_locked) {
        text = m_prediction ? tr("your prediction, locked in") : tr("no prediction was made");
    } else {
        text = m_prediction ? tr("your prediction") : tr("What do you predict?");
    }
    const bool said = m_prediction && *m_prediction < m_choices.size();
    m_line->setText(!said ? m_title->text()
                          : tr("%1  ·  you said “%2”")
                                .arg(m_title->text(), m_choices[*m_prediction]->accessibleName().section(": ", 1)));
    if (text == m_hint->text() && m_hint->isVisibleTo(m_choiceArea) != text.isEmpty()) {
        return; // several times a second while a run goes on
    }
    m_hint->setText(text);
    m_hint->setVisible(!text.isEmpty());
    m_choiceArea->layout()->invalidate();
    m_choiceArea->updateGeometry();
}

} // namespace timeslice
