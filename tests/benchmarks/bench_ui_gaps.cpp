// How long the window stands still while a run brings ten million events at once, and while their recording is opened.
// Budget: never for more than 50 ms.
//
// Twice measured: what a turn of the event loop computes, in CPU time, which nothing else on the machine changes; and
// how far apart the ticks of a timer are, by the clock, beyond those of a loop that has nothing else to do.
#include "core/recording/recording.h"
#include "tests/benchmarks/budget.h"
#include "tests/benchmarks/course.h"
#include "tests/benchmarks/median.h"
#include "tests/ui/busy_run.h"
#include "ui/window/main_window.h"

#include <QApplication>
#include <QTemporaryDir>
#include <QTimer>
#include <algorithm>
#include <benchmark/benchmark.h>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace timeslice {
namespace {

constexpr std::size_t kEvents = 10'000'000;
constexpr std::size_t kBatches = 500;
constexpr Nanos kIdle = 2 * kSecond;
constexpr double kBudget = 50; ///< ms

MainWindowOptions options()
{
    MainWindowOptions options;
    options.lessons = LessonBook(shippedCourse(), machineFacts().cores);
    options.iconFolder = QString::fromStdString((*findResources() / "icons").string());
    options.settingsFile = "/dev/null";
    return options;
}

/// The longest time between two ticks of a timer that ticks every millisecond.
class LongestGap {
public:
    LongestGap()
        : m_last(monotonicNow())
    {
        m_timer.setTimerType(Qt::PreciseTimer);
        QObject::connect(&m_timer, &QTimer::timeout, [this] {
            const Nanos now = monotonicNow();
            m_longest = std::max(m_longest, now - m_last);
            m_last = now;
        });
        m_timer.start(1);
    }
    double millis() const { return toMillis(m_longest); }

private:
    QTimer m_timer;
    Nanos m_last;
    Nanos m_longest = 0;
};

struct Stillness {
    double turn = 0; ///< ms of CPU time
    double gap = 0; ///< ms
};

/// Until `busy` no longer holds, and for a moment more: what is drawn then counts, too.
template <class Busy> Stillness watchWhile(Busy busy)
{
    constexpr Nanos kMore = 300 * kMillisecond;
    const LongestGap gap;
    const samples::LongestTurn turn;
    for (Nanos last = monotonicNow(); monotonicNow() - last < kMore;) {
        QApplication::processEvents(QEventLoop::WaitForMoreEvents);
        last = busy() ? monotonicNow() : last;
    }
    return {toMillis(turn.longest()), gap.millis()};
}

void tenMillionEvents(benchmark::State& state)
{
    const QTemporaryDir folder;
    const std::string path = folder.filePath("run.timeslice").toStdString();
    std::vector<double> gaps;
    std::vector<double> turns;
    double idleGap = 0;
    MainWindow window(options());
    window.resize(1280, 720);
    window.show();
    for (auto _ : state) {
        window.selectScenario("gil-hog"); // which has a distribution
        const Stillness nothing = watchWhile([until = monotonicNow() + kIdle] { return monotonicNow() < until; });
        window.follow(std::make_unique<samples::MadeSource>(samples::busyRun(kEvents, kBatches)));
        const Stillness run = watchWhile([&] { return window.controller().running(); });
        const RunModel* model = window.controller().model();
        if (model == nullptr || !saveRecording(model->recording(), path)) {
            giveUp("the run cannot be saved");
        }
        window.openRecording(QString::fromStdString(path));
        const Stillness opening = watchWhile([&] { return window.busy(); });
        turns.push_back(std::max(run.turn, opening.turn));
        idleGap = std::max(idleGap, nothing.gap);
        gaps.push_back(std::max(run.gap, opening.gap) - nothing.gap);
    }
    state.counters["idle_gap_ms"] = idleGap;
    Budgets()
        .atMost("the longest turn's CPU time, median", medianOf(turns).value, kBudget, " ms")
        .atMost("the longest gap, beyond an idle loop's, median", medianOf(gaps).value, kBudget, " ms")
        .say(state);
}
BENCHMARK(tenMillionEvents)->Iterations(5)->Unit(benchmark::kSecond)->UseRealTime();

} // namespace
} // namespace timeslice

int main(int argc, char** argv)
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    QApplication::setStyle("Fusion");
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
