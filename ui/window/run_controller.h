// RunController: one run at a time, from its start to its end, and the model that it fills.
//
//   idle ── start() ──▶ running ── stop() ──▶ stopping ── RunEnded ──▶ idle
//                          └───────────── RunEnded ────────────────────▲
//
// The run's eventfd wakes the UI thread; updates are applied at most once a frame, so that a workload that floods us
// with events costs a bounded share of the UI thread, and nothing at all wakes up while no run is going on.
#pragma once

#include "core/session/run_model.h"
#include "core/session/scenario_run.h"
#include "ui/window/program_input.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>
#include <memory>

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
    /// Asks the run to end; ended() follows.
    void stop();
    /// Stops the run and returns when it is over, with what it recorded in the model.
    void stopAndWait();

    enum class Input : unsigned char { None, Open, Ended };
    /// Whether what runs takes a line from type().
    Input input() const noexcept;
    /// A line for what runs. It stands in its output, as on a terminal.
    void type(const QString& line);
    /// What runs finds the end of its input after the lines typed so far.
    void endInput();

    bool running() const noexcept { return m_run != nullptr; }
    bool stopping() const noexcept { return m_stopping; }
    const RunModel* model() const noexcept { return m_model.get(); }
    /// Hands the model over; only while no run is going on.
    std::unique_ptr<RunModel> takeModel();
    void setModel(std::unique_ptr<RunModel> model);

signals:
    /// model() is about to go away: forget every pointer into it.
    void aboutToReplaceModel();
    void started();
    /// The timelines have grown; at most once a frame.
    void modelChanged();
    /// A variant has printed more; the model has it already.
    void printed(std::size_t variant, const std::string& bytes);
    /// Reports, phases or deadlocks may have changed; a few times a second.
    void figuresChanged();
    void ended();

private:
    void begin(std::unique_ptr<ScenarioRun> run, std::unique_ptr<RunModel> model);
    void onReadable();
    void pump();
    void finish();

    std::unique_ptr<RunModel> m_model;
    std::unique_ptr<ProgramInput> m_input; ///< outlives the run
    std::unique_ptr<ScenarioRun> m_run;
    std::unique_ptr<QSocketNotifier> m_notifier;
    QTimer m_frameTimer;
    QTimer m_figuresTimer;
    QElapsedTimer m_sinceFrame;
    bool m_stopping = false;
};

} // namespace timeslice
