#include "ui/course/run_controller.h"

#include "core/base/cpu_time.h"

#include <QElapsedTimer>
#include <QSocketNotifier>
#include <algorithm>
#include <cassert>
#include <utility>

namespace timeslice {

namespace {

/// The longest that updates wait to be applied: what a very busy run tells meanwhile has room in the session.
constexpr Nanos kLongestWait = 100 * kMillisecond;
/// While all stand still for ever, the picture changes by the length of its rows.
constexpr Nanos kStandingPeriod = 500 * kMillisecond;
/// Numbers that change more often than this cannot be read.
constexpr Nanos kFiguresPeriod = 500 * kMillisecond;
/// The end of one variant, what was computed of it and the beginning of the next are one frame.
constexpr Nanos kTurnWait = 100 * kMillisecond;
/// A stopped workload is killed after 300 ms (ScenarioRun::stop()); a run that is not over after this hangs.
constexpr int kStopMillis = 3000;
/// How long updates are applied until the window gets its turn again, and how many events are applied between two looks
/// at the clock (a millisecond or two).
constexpr qint64 kTurnMillis = 10;
constexpr std::size_t kPortion = 8192;

/// Rounded up: a timer that fires too soon only fires twice.
int millisOf(Nanos time)
{
    return static_cast<int>((time + kMillisecond - 1) / kMillisecond);
}

} // namespace

RunController::RunController(QObject* parent)
    : QObject(parent)
{
    m_frameTimer.setSingleShot(true);
    m_frameTimer.setTimerType(Qt::PreciseTimer);
    connect(&m_frameTimer, &QTimer::timeout, this, [this] {
        pump();
        if (m_notifier && !m_frameTimer.isActive()) {
            m_notifier->setEnabled(true);
        }
    });
    m_patience.setSingleShot(true);
    m_patience.setInterval(kStopMillis);
    connect(&m_patience, &QTimer::timeout, this, &RunController::giveUp);
}

RunController::~RunController()
{
    m_notifier.reset();
}

Result<void> RunController::start(Scenario scenario, RunOptions options)
{
    assert(!running());
    auto run = ScenarioRun::start(scenario, std::move(options));
    if (!run) {
        return tl::unexpected(run.error());
    }
    follow(std::make_unique<ScenarioSource>(std::move(*run)), std::make_unique<RunModel>(std::move(scenario)));
    return {};
}

Result<void> RunController::start(PythonCommand command, std::string title, RunOptions options)
{
    assert(!running());
    std::unique_ptr<ProgramInput> input;
    if (command.captureOutput) {
        auto opened = ProgramInput::open();
        if (!opened) {
            return tl::unexpected(opened.error());
        }
        input = std::move(*opened);
        command.input = input->readFd();
    }
    auto run = ScenarioRun::start(std::move(command), std::move(options));
    if (!run) {
        return tl::unexpected(run.error());
    }
    m_input = std::move(input);
    follow(std::make_unique<ScenarioSource>(std::move(*run)), std::make_unique<RunModel>(std::move(title)));
    return {};
}

RunController::Input RunController::input() const noexcept
{
    return !m_input ? Input::None : m_input->ended() ? Input::Ended : Input::Open;
}

void RunController::type(const QString& line)
{
    if (input() != Input::Open) {
        return;
    }
    const QByteArray bytes = line.toUtf8() + '\n';
    const VariantOutput echo{0, bytes.toStdString()};
    m_model->apply({RunUpdate(echo)});
    emit printed(echo.variant, echo.text);
    m_input->send(bytes);
}

void RunController::endInput()
{
    if (m_input) {
        m_input->end();
        emit figuresChanged();
    }
}

void RunController::follow(std::unique_ptr<RunSource> source, std::unique_ptr<RunModel> model)
{
    assert(!running());
    emit aboutToReplaceModel();
    m_model = std::move(model);
    m_model->analyseElsewhere([this](Analysis analysis) { analyse(std::move(analysis)); });
    m_replacements = m_model->replacements();
    m_run = std::move(source);
    m_running = true;
    m_stopping = false;
    m_waiting = UpdatePortions();
    m_notifier = std::make_unique<QSocketNotifier>(m_run->updateFd(), QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, &RunController::onReadable);
    m_pace.begin(monotonicNow(), processCpuTime());
    m_nextPump = 0;
    m_unshown = false;
    m_turnAt.reset();
    m_figuresAt = 0;
    emit started();
}

void RunController::analyse(Analysis analysis)
{
    m_analyses.run([this, analysis = std::move(analysis)]() -> Background::Done {
        AnalysisResult result = analysis();
        // The run goes on until the last of them is in, so this is still its model.
        return [this, result = std::move(result)] {
            m_model->take(result);
            tellOfReplacements();
            noteTurn();
            endIfFinished();
        };
    });
}

void RunController::stop()
{
    if (m_running && !m_stopping) {
        m_stopping = true;
        if (m_run) {
            m_run->stop();
            m_patience.start();
        }
        emit figuresChanged();
    }
}

bool RunController::deadlocked() const
{
    return m_running && !m_stopping
        && std::any_of(m_model->variants().begin(), m_model->variants().end(),
            [](const VariantModel& variant) { return !variant.standing.empty(); });
}

void RunController::endDeadlock()
{
    if (m_run && deadlocked()) {
        m_run->endDeadlock();
    }
}

/// The run was told to stop and does not end. It is left to end by itself; what was recorded until now is all.
void RunController::giveUp()
{
    if (!m_run) {
        return;
    }
    stopWatching();
    if (m_input) {
        m_abandoned.push_back(std::move(m_input));
    }
    m_parting.run([run = std::shared_ptr<RunSource>(std::move(m_run))]() mutable -> Background::Done {
        run.reset(); // waits for it
        return {};
    });
    std::vector<RunUpdate> updates;
    for (std::size_t i = 0; i < m_model->variants().size(); ++i) {
        const VariantModel& variant = m_model->variants()[i];
        if (variant.phase == VariantModel::Phase::Running) {
            VariantEnded ended;
            ended.variant = i;
            ended.end = variant.recording->timeline.end;
            ended.facts = variant.facts;
            ended.facts.exit = {Exit::Kind::StoppedByUser, 0, "stopped; it has not ended yet"};
            updates.emplace_back(std::move(ended));
        }
    }
    updates.emplace_back(RunEnded{std::nullopt, true});
    m_waiting = UpdatePortions();
    m_waiting.push(std::move(updates));
    applyTurn();
    showTurn();
    endIfFinished();
}

std::shared_ptr<const RunModel> RunController::finishedModel() const
{
    assert(!running());
    return m_model;
}

std::shared_ptr<RunModel> RunController::takeModel()
{
    assert(!running());
    emit aboutToReplaceModel();
    return std::exchange(m_model, nullptr);
}

void RunController::setModel(std::shared_ptr<RunModel> model)
{
    assert(!running());
    emit aboutToReplaceModel();
    m_model = std::move(model);
}

void RunController::onReadable()
{
    const Nanos wait = m_nextPump - monotonicNow();
    if (wait <= 0) {
        pump();
    } else if (!m_frameTimer.isActive()) {
        m_notifier->setEnabled(false);
        m_frameTimer.start(millisOf(wait));
    }
}

void RunController::pump()
{
    if (!m_run) {
        return;
    }
    if (m_waiting.empty()) { // else the rest stays where it is bounded
        m_waiting.push(m_run->poll());
    }
    if (!m_waiting.empty()) {
        applyTurn();
        m_unshown = true;
    }
    const bool more = !m_waiting.empty();
    if (m_unshown && (!m_notifier || frameWait() == 0)) { // at the end nothing else comes to wait for
        showTurn();
    }
    // Nothing is taken sooner than it could be shown.
    const Nanos pause = more ? 0 : std::min(frameWait(), kLongestWait);
    m_nextPump = monotonicNow() + pause;
    if (m_notifier && (more || m_unshown)) {
        m_notifier->setEnabled(false);
        m_frameTimer.start(millisOf(pause)); // after whatever else the window has to do
    }
    endIfFinished();
}

/// How long what is applied must wait to be shown.
Nanos RunController::frameWait()
{
    const Nanos now = monotonicNow();
    const Nanos standing = deadlocked() ? m_shownAt + kStandingPeriod - now : 0;
    const Nanos paced = std::max(standing, m_pace.wait(now, processCpuTime()));
    return m_turnAt ? std::max<Nanos>(0, *m_turnAt + kTurnWait - now) : paced;
}

/// More has changed than that timelines have grown; it is shown soon.
void RunController::noteTurn()
{
    m_turnAt = m_turnAt.value_or(monotonicNow());
    m_unshown = true;
    if (m_notifier && !m_frameTimer.isActive()) {
        m_notifier->setEnabled(false);
        m_frameTimer.start(millisOf(kTurnWait));
    }
}

/// Applies what waits, for a few milliseconds.
void RunController::applyTurn()
{
    QElapsedTimer busy;
    busy.start();
    do {
        std::vector<RunUpdate> updates = m_waiting.take(kPortion);
        for (const RunUpdate& update : updates) {
            if (!std::holds_alternative<VariantBatches>(update) && !std::holds_alternative<VariantOutput>(update)) {
                m_turnAt = m_turnAt.value_or(monotonicNow());
            }
            if (std::holds_alternative<RunEnded>(update)) {
                stopWatching();
            }
            if (const auto* output = std::get_if<VariantOutput>(&update)) {
                if (!m_prints.empty() && m_prints.back().variant == output->variant) {
                    m_prints.back().text += output->text;
                } else {
                    m_prints.push_back(*output);
                }
            }
        }
        m_model->apply(std::move(updates));
        tellOfReplacements();
    } while (!m_waiting.empty() && busy.elapsed() < kTurnMillis);
}

void RunController::tellOfReplacements()
{
    if (std::exchange(m_replacements, m_model->replacements()) != m_model->replacements()) {
        emit timelinesReplaced();
    }
}

/// Tells the window what the last turns have changed.
void RunController::showTurn()
{
    const Nanos now = monotonicNow();
    m_unshown = false;
    m_shownAt = now;
    m_pace.drawn(now);
    for (const VariantOutput& output : std::exchange(m_prints, {})) {
        emit printed(output.variant, output.text); // before what is drawn, as it may leave the picture another size
    }
    emit modelChanged();
    if ((std::exchange(m_turnAt, std::nullopt) || now - m_figuresAt >= kFiguresPeriod) && !m_model->finished()) {
        m_figuresAt = now;
        m_model->refreshLive();
        emit figuresChanged();
    }
}

/// No update follows. May be called by the notifier itself, so it must outlive this call; but not watch any more.
void RunController::stopWatching()
{
    m_patience.stop();
    m_frameTimer.stop();
    if (m_notifier) {
        m_notifier->setEnabled(false);
        m_notifier.release()->deleteLater();
    }
}

void RunController::endIfFinished()
{
    if (!m_running || !m_model->finished()) {
        return;
    }
    m_run.reset(); // it is over: nothing to wait for
    m_input.reset();
    m_running = false;
    m_stopping = false;
    emit ended();
}

} // namespace timeslice
