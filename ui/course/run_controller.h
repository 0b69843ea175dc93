// RunController: one run at a time, from its start to its end, and the model that it fills.
//
//   idle ── start() ──▶ running ── stop() ──▶ stopping ── RunEnded ──▶ analysing ──▶ idle
//                          └───────────── RunEnded ────────────────────────▲
//
// The run's eventfd wakes the UI thread; updates are applied in turns of some milliseconds, at most once a frame, so
// that a workload that floods us with events costs a bounded share of the UI thread (the rest waits in the session, by
// whose bound it is held back), and nothing at all wakes up while no run is going on. How often a frame is drawn is a
// matter of what frames cost (FramePace): the window must not disturb what it shows. What has to be computed when a
// variant or the run has ended is computed on a thread of its own.
#pragma once

#include "core/model/run_model.h"
#include "core/session/scenario_run.h"
#include "core/session/update_portions.h"
#include "ui/course/background.h"
#include "ui/course/frame_pace.h"
#include "ui/course/program_input.h"
#include "ui/course/run_source.h"

#include <QObject>
#include <QTimer>
#include <memory>
#include <optional>
#include <vector>

class QSocketNotifier;

namespace timeslice {

/// Belongs to the UI thread.
class RunController : public QObject {
    Q_OBJECT
public:
    explicit RunController(QObject* parent = nullptr);
    /// Stops a run that is still going on; nothing of it stays behind.
    ~RunController() override;

    /// `scenario` must be resolved and no run be going on. The model is replaced: let go of it in aboutToReplaceModel.
    Result<void> start(Scenario scenario, RunOptions options);
    /// The same for a script; `title` stands for it in the picture. Where its output is captured, its standard input is
    /// what type() gives it.
    Result<void> start(PythonCommand command, std::string title, RunOptions options);
    /// The same for whatever a source tells.
    void follow(std::unique_ptr<RunSource> source, std::unique_ptr<RunModel> model);
    /// Asks the run to end; ended() follows, whatever the run does. Never waits.
    void stop();

    /// Whether what runs stands in a deadlock that waits to be ended.
    bool deadlocked() const;
    /// Ends it; the run goes on with what comes after.
    void endDeadlock();

    enum class Input : unsigned char { None, Open, Ended };
    /// Whether what runs takes a line from type().
    Input input() const noexcept;
    /// A line for what runs. It stands in its output, as on a terminal.
    void type(const QString& line);
    /// What runs finds the end of its input after the lines typed so far.
    void endInput();

    /// From start() to ended().
    bool running() const noexcept { return m_running; }
    bool stopping() const noexcept { return m_stopping; }
    const RunModel* model() const noexcept { return m_model.get(); }
    /// For whoever reads it on another thread; only while no run is going on: then it does not change any more.
    std::shared_ptr<const RunModel> finishedModel() const;
    /// Hands the model over; only while no run is going on.
    std::shared_ptr<RunModel> takeModel();
    void setModel(std::shared_ptr<RunModel> model);

signals:
    /// model() is about to go away: forget every pointer into it.
    void aboutToReplaceModel();
    void started();
    /// Variants show other timelines than before: forget what was taken from them.
    void timelinesReplaced();
    /// The timelines have grown; at most once a frame, and soon after a variant or the run has begun or ended.
    void modelChanged();
    /// A variant has printed more; the model has it already.
    void printed(std::size_t variant, const std::string& bytes);
    /// Reports, phases or deadlocks may have changed; a few times a second at most, with modelChanged().
    void figuresChanged();
    /// And whatever else has changed with it.
    void ended();

private:
    void onReadable();
    void pump();
    void applyTurn();
    Nanos frameWait();
    void noteTurn();
    void showTurn();
    void analyse(Analysis analysis);
    void giveUp();
    void tellOfReplacements();
    void endIfFinished();
    void stopWatching();

    std::shared_ptr<RunModel> m_model;
    std::vector<std::unique_ptr<ProgramInput>> m_abandoned; ///< inputs of runs that were given up
    Background m_analyses;
    Background m_parting; ///< where runs that were given up end
    std::unique_ptr<ProgramInput> m_input; ///< outlives the run
    std::unique_ptr<RunSource> m_run;
    std::unique_ptr<QSocketNotifier> m_notifier;
    UpdatePortions m_waiting; ///< came from the run and are not applied yet
    QTimer m_frameTimer;
    QTimer m_patience; ///< with a run that was told to stop
    FramePace m_pace;
    Nanos m_nextPump = 0; ///< not before
    Nanos m_shownAt = 0; ///< when the last frame was
    Nanos m_figuresAt = 0; ///< when they were told of last
    bool m_unshown = false; ///< something is applied and not told of yet
    std::vector<VariantOutput> m_prints; ///< applied, and to be told of
    std::optional<Nanos> m_turnAt; ///< since when a phase has changed, and is not told of yet
    std::size_t m_replacements = 0; ///< of the model, that were told
    bool m_running = false;
    bool m_stopping = false;
};

} // namespace timeslice
