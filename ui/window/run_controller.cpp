#include "ui/window/run_controller.h"

#include <QSocketNotifier>
#include <algorithm>
#include <cassert>
#include <poll.h>

namespace timeslice {

namespace {

/// As seldom as an event may be on the screen within 33 ms (drained within 4, drawn within 5): each frame takes its
/// time from the cores that the workload is watched on.
constexpr int kFrameMillis = 24;
constexpr int kFiguresMillis = 200;
/// A stopped workload is killed after 300 ms (ScenarioRun::stop()); a run that is not over after this hangs.
constexpr int kStopMillis = 3000;

} // namespace

RunController::RunController(QObject* parent)
    : QObject(parent)
{
    m_frameTimer.setSingleShot(true);
    m_frameTimer.setTimerType(Qt::PreciseTimer);
    connect(&m_frameTimer, &QTimer::timeout, this, [this] {
        pump();
        if (m_notifier) {
            m_notifier->setEnabled(true);
        }
    });
    m_figuresTimer.setInterval(kFiguresMillis);
    connect(&m_figuresTimer, &QTimer::timeout, this, [this] {
        m_model->refreshLive();
        emit figuresChanged();
    });
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
    begin(std::move(*run), std::make_unique<RunModel>(std::move(scenario)));
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
    begin(std::move(*run), std::make_unique<RunModel>(std::move(title)));
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

void RunController::begin(std::unique_ptr<ScenarioRun> run, std::unique_ptr<RunModel> model)
{
    emit aboutToReplaceModel();
    m_model = std::move(model);
    m_run = std::move(run);
    m_stopping = false;
    m_notifier = std::make_unique<QSocketNotifier>(m_run->updateFd(), QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, &RunController::onReadable);
    m_sinceFrame.start();
    m_figuresTimer.start();
    emit started();
}

void RunController::stop()
{
    if (m_run && !m_stopping) {
        m_stopping = true;
        m_run->stop();
        emit figuresChanged();
    }
}

void RunController::stopAndWait()
{
    if (!m_run) {
        return;
    }
    stop();
    QElapsedTimer waited;
    waited.start();
    while (m_run && waited.elapsed() < kStopMillis) {
        pollfd descriptor{m_run->updateFd(), POLLIN, 0};
        ::poll(&descriptor, 1, kFrameMillis);
        pump();
    }
    if (m_run) {
        finish();
    }
}

std::unique_ptr<RunModel> RunController::takeModel()
{
    assert(!running());
    emit aboutToReplaceModel();
    return std::move(m_model);
}

void RunController::setModel(std::unique_ptr<RunModel> model)
{
    assert(!running());
    emit aboutToReplaceModel();
    m_model = std::move(model);
}

void RunController::onReadable()
{
    const qint64 elapsed = m_sinceFrame.elapsed();
    if (elapsed >= kFrameMillis) {
        pump();
    } else if (!m_frameTimer.isActive()) {
        m_notifier->setEnabled(false);
        m_frameTimer.start(static_cast<int>(kFrameMillis - elapsed));
    }
}

void RunController::pump()
{
    if (!m_run) {
        return;
    }
    m_sinceFrame.restart();
    std::vector<RunUpdate> updates = m_run->poll();
    if (updates.empty()) {
        return;
    }
    const bool turn = std::any_of(updates.begin(), updates.end(), [](const RunUpdate& update) {
        return !std::holds_alternative<VariantBatches>(update) && !std::holds_alternative<VariantOutput>(update);
    });
    std::vector<VariantOutput> prints;
    for (RunUpdate& update : updates) {
        if (auto* output = std::get_if<VariantOutput>(&update)) {
            if (!prints.empty() && prints.back().variant == output->variant) {
                prints.back().text += output->text;
            } else {
                prints.push_back(*output);
            }
        }
    }
    m_model->apply(std::move(updates));
    emit modelChanged();
    for (const VariantOutput& output : prints) {
        emit printed(output.variant, output.text);
    }
    if (m_model->finished()) {
        finish();
    } else if (turn) {
        m_model->refreshLive();
        emit figuresChanged();
    }
}

void RunController::finish()
{
    m_frameTimer.stop();
    m_figuresTimer.stop();
    // May be called by the notifier itself, so it must outlive this call; but not watch a closed descriptor.
    m_notifier->setEnabled(false);
    m_notifier.release()->deleteLater();
    m_run.reset();
    m_input.reset();
    m_stopping = false;
    emit figuresChanged();
    emit ended();
}

} // namespace timeslice
