// ResultPanel: the right side: what happened, in large type; why; and the figures behind it.
#pragma once

#include "core/base/time.h"
#include "ui/course/exploration.h"
#include "ui/course/lesson_book.h"
#include "ui/plot/state_signs.h"
#include "ui/result/lock_facts.h"
#include "ui/result/result_facts.h"
#include "ui/theme/theme.h"

#include <QScrollArea>
#include <functional>

class QFrame;
class QLabel;
class QPushButton;
class QVBoxLayout;

namespace timeslice {

class ChartPicture;
class CodeView;
class FactTable;
class HeadlineLabel;
class LossSection;
class PanelSection;
class StateLegend;
class WaitGraphView;

class ResultPanel : public QScrollArea {
    Q_OBJECT
public:
    explicit ResultPanel(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    /// Text that does not depend on a run: why, code. Null: none.
    void showScenario(const Scenario* scenario);
    /// Everything measured; while a run goes on, what lies below the variants every two seconds. Cheap enough to call a
    /// few times a second. `model` may be null. Whether all of it was shown.
    bool showRun(const RunModel* model, std::optional<std::size_t> prediction);
    /// The model that is shown is about to go; what it said stays until the next showRun().
    void forgetRun() { m_model = nullptr; }
    /// What of the signs is in the picture.
    void showSigns(const SignContents& contents);
    /// Who waits for whom; comes into sight when there is something in it.
    WaitGraphView& waits() { return *m_waits; }
    /// The lost update that is looked at; nothing: there is none.
    void showLoss(const RunModel* model, const std::optional<LossRef>& loss);
    void showSelection(const RunModel* model, const std::optional<SliceRef>& selection);
    /// Whether what is shown is a lesson's, and over: offers to unlock the prediction, and where the run was disturbed,
    /// to make it again.
    void setCanPredictAgain(bool can);
    QSize sizeHint() const override;

    /// What a lesson is called, by its id, for texts that point to it; empty: there is none. Before showScenario().
    void setLessonTitles(std::function<QString(const QString& id)> titles) { m_lessonTitle = std::move(titles); }

signals:
    /// The viewer wants the first lost update (0), the next (1) or the one before (-1).
    void lossWanted(int direction);
    /// The viewer follows a text to another lesson.
    void lessonChosen(const QString& id);
    /// The viewer wants to predict anew.
    void predictionReset();
    /// The run was disturbed, and the viewer wants another.
    void runWanted();
    /// The viewer wants to see where that was; since the start of work.
    void findingChosen(timeslice::TimeRange where);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void buildOutcome();
    void showDetails(); ///< all below the variants
    void showLocks();
    void chooseLock(std::size_t table, std::size_t row);
    void showFindings(const RunModel* model);
    void showExplanation();
    /// Makes `section` a list of `moments`; those that lie somewhere are links.
    void showMoments(PanelSection* section, QLabel* text, const std::vector<Finding>& moments);
    QLabel* addMoments(PanelSection* section, const std::vector<Finding>& moments);
    void fitCode(); ///< all snippets in one size
    FactTable* addTable(PanelSection* section, int spaceAbove = 0);
    /// `slot`: where it goes; null = below everything so far.
    PanelSection* addSection(const QString& title, QVBoxLayout* slot = nullptr);
    using TableSection = std::pair<PanelSection*, FactTable*>;
    /// Makes as many sections as there are contents and hides the rest.
    void showTables(std::vector<TableSection>& tables, QVBoxLayout* slot, const std::vector<FactSection>& contents,
        const QString& name);

    QWidget* m_content;
    QVBoxLayout* m_layout;
    PanelSection* m_selection = nullptr;
    QLabel* m_selectionTitle = nullptr;
    QLabel* m_selectionLines = nullptr;
    PanelSection* m_outcome = nullptr;
    HeadlineLabel* m_headline = nullptr;
    QLabel* m_caption = nullptr;
    QLabel* m_sentence = nullptr;
    QFrame* m_card = nullptr;
    QLabel* m_said = nullptr;
    QLabel* m_answer = nullptr;
    QPushButton* m_again = nullptr;
    QPushButton* m_rerun = nullptr;
    bool m_canRun = false; ///< what is shown is a lesson's, and over
    bool m_disturbed = false;
    PanelSection* m_variants = nullptr;
    FactTable* m_variantTable = nullptr;
    PanelSection* m_waitSection = nullptr;
    WaitGraphView* m_waits = nullptr;
    LossSection* m_losses = nullptr;
    PanelSection* m_findings = nullptr;
    QLabel* m_findingText = nullptr;
    std::vector<Finding> m_found;
    PanelSection* m_marks = nullptr;
    QLabel* m_markText = nullptr;
    std::vector<Finding> m_marked;
    PanelSection* m_counters = nullptr;
    FactTable* m_counterTable = nullptr;
    PanelSection* m_why = nullptr;
    QLabel* m_whyText = nullptr;
    QLabel* m_sources = nullptr;
    PanelSection* m_latency = nullptr;
    FactTable* m_latencyTable = nullptr;
    QVBoxLayout* m_jobSlot = nullptr;
    QVBoxLayout* m_lockSlot = nullptr;
    QVBoxLayout* m_threadSlot = nullptr;
    std::vector<TableSection> m_jobs;
    std::vector<TableSection> m_locks;
    PanelSection* m_lockTimes = nullptr;
    FactTable* m_lockTimeTable = nullptr;
    ChartPicture* m_lockChart = nullptr;
    std::vector<LockTable> m_lockTables; ///< as shown
    std::optional<LockRef> m_lock; ///< whose times the viewer has chosen
    const RunModel* m_model = nullptr; ///< that is shown
    Nanos m_detailsAt = 0; ///< when showDetails() was last called
    std::vector<TableSection> m_threads;
    PanelSection* m_code = nullptr;
    std::vector<std::pair<QLabel*, CodeView*>> m_snippets;
    PanelSection* m_states = nullptr;
    StateLegend* m_legend = nullptr;
    std::vector<FactTable*> m_tables;
    const Theme* m_theme = &Theme::light();
    std::function<QString(const QString&)> m_lessonTitle;
    QString m_explanation; ///< as it is written in the scenario
    bool m_hasWhy = false;
    bool m_hasPredictions = false;
};

} // namespace timeslice
