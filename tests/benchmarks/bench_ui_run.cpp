// A run in the real window: from Run to the first live pixels, what the window itself costs meanwhile, and what the
// workload notices of being watched. Budgets: 150 ms; 5 % of a core; the workload's CPU time with the live window,
// recorded without a window, and not recorded at all within 2 % of each other.
#include "core/session/scenario_run.h"
#include "tests/benchmarks/budget.h"
#include "tests/benchmarks/course.h"
#include "ui/plot/timeline_view.h"
#include "ui/window/main_window.h"

#include <QAction>
#include <QApplication>
#include <algorithm>
#include <array>
#include <benchmark/benchmark.h>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <poll.h>
#include <qcustomplot.h>
#include <sys/resource.h>
#include <utility>
#include <vector>

namespace timeslice {
namespace {

constexpr const char* kScenario = "time-slicing"; ///< two, then four threads that compute on two cores
constexpr int kCores = 2;

Catalogue catalogueWithLongWork()
{
    Catalogue catalogue = shippedCourse();
    for (Scenario& scenario : catalogue.scenarios) {
        if (scenario.id == kScenario) {
            if (const auto set = setKnob(scenario, "work", "500ms"); !set) {
                giveUp(set.error().message);
            }
        }
    }
    return catalogue;
}

Nanos ownCpuTime()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto nanos = [](const timeval& t) { return Nanos{t.tv_sec} * kSecond + Nanos{t.tv_usec} * kMicrosecond; };
    return nanos(usage.ru_utime) + nanos(usage.ru_stime);
}

struct Measured {
    Nanos workload = 0; ///< CPU time of the work, by the kernel's accounts
    Nanos own = 0; ///< of this process: the window, the collector, the timeline
    Nanos wall = 0;
    Nanos toFirstPixels = 0;
};

/// The real window, shown, with the scenario in it.
class WindowRuns {
public:
    WindowRuns()
        : m_window(options())
    {
        m_window.selectScenario(kScenario);
        m_window.show();
        m_plot = m_window.findChild<TimelineView*>()->findChild<QCustomPlot*>();
        QObject::connect(m_plot, &QCustomPlot::afterReplot, m_plot, [this] { m_drawn = m_drawn || hasSlices(); });
        QApplication::processEvents();
    }

    Measured run()
    {
        Measured measured;
        FirstPaint painted(*this);
        m_drawn = false;
        const Nanos ownBefore = ownCpuTime();
        const Nanos begin = monotonicNow();
        m_window.actions().runStop->trigger();
        while (m_window.controller().running()) {
            QApplication::processEvents(QEventLoop::WaitForMoreEvents);
        }
        measured.wall = monotonicNow() - begin;
        measured.own = ownCpuTime() - ownBefore;
        const RunModel* model = m_window.controller().model();
        if (model == nullptr || model->error() || !painted.at) {
            giveUp(model != nullptr && model->error() ? model->error()->message : "the run was not drawn");
        }
        measured.toFirstPixels = *painted.at - begin;
        for (const VariantModel& variant : model->variants()) {
            measured.workload += variant.facts.cpu;
        }
        return measured;
    }

private:
    /// When the picture was first put on the screen with slices in it.
    struct FirstPaint : QObject {
        explicit FirstPaint(WindowRuns& owner)
            : runs(owner)
        {
            runs.m_plot->installEventFilter(this);
        }
        bool eventFilter(QObject*, QEvent* event) override
        {
            if (event->type() == QEvent::Paint && runs.m_drawn && !at) {
                at = monotonicNow();
            }
            return false;
        }
        WindowRuns& runs;
        std::optional<Nanos> at;
    };

    static MainWindowOptions options()
    {
        MainWindowOptions options;
        options.lessons = LessonBook(catalogueWithLongWork(), machineFacts().cores);
        if (const auto resources = findResources()) {
            options.iconFolder = QString::fromStdString((*resources / "icons").string());
        }
        options.settingsFile = "/dev/null";
        return options;
    }
    bool hasSlices() const
    {
        const RunModel* model = m_window.controller().model();
        return model != nullptr
            && std::any_of(model->variants().begin(), model->variants().end(), [](const VariantModel& variant) {
                   return variant.recording != nullptr && variant.recording->timeline.sliceCount() > 0;
               });
    }

    MainWindow m_window;
    QCustomPlot* m_plot = nullptr;
    bool m_drawn = false; ///< what the plot holds has slices
};

/// The same workload without a window.
Nanos workloadAlone(const Scenario& scenario, bool record)
{
    RunOptions options;
    options.record = record;
    options.repeatDisturbed = false;
    auto run = ScenarioRun::start(scenario, options);
    if (!run) {
        giveUp(run.error().message);
    }
    Nanos cpu = 0;
    for (bool ended = false; !ended;) {
        pollfd readable{(*run)->updateFd(), POLLIN, 0};
        ::poll(&readable, 1, -1);
        for (const RunUpdate& update : (*run)->poll()) {
            if (const auto* variant = std::get_if<VariantEnded>(&update)) {
                cpu += variant->facts.cpu;
            } else if (const auto* over = std::get_if<RunEnded>(&update)) {
                if (over->error) {
                    giveUp(over->error->message);
                }
                ended = true;
            }
        }
    }
    return cpu;
}

Scenario resolvedScenario()
{
    const auto scenario = findScenario(catalogueWithLongWork(), kScenario);
    auto resolved = scenario ? resolve(*scenario, kCores) : scenario;
    if (!resolved) {
        giveUp(resolved.error().message);
    }
    return std::move(*resolved);
}

double median(std::vector<double> values)
{
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

void runInTheWindow(benchmark::State& state)
{
    WindowRuns runs;
    runs.run(); // finds the worker's files, measures the machine's speed
    std::vector<double> firstPixels;
    std::vector<double> share;
    for (auto _ : state) {
        const Measured measured = runs.run();
        firstPixels.push_back(toMillis(measured.toFirstPixels));
        share.push_back(100 * static_cast<double>(measured.own) / static_cast<double>(measured.wall));
    }
    state.counters["first_pixels_ms"] = median(firstPixels);
    state.counters["own_cpu_percent"] = median(share);
    Budgets()
        .atMost("Run to first live pixels", median(firstPixels), 150, " ms")
        .atMost("the window's own CPU", median(share), 5, " % of a core")
        .say(state);
}
BENCHMARK(runInTheWindow)->Iterations(7)->Unit(benchmark::kMillisecond)->UseRealTime();

/// The three ways in turns, another first each time, so that whatever else the machine does meets them alike; the
/// medians of the ratios within a turn.
void observerEffect(benchmark::State& state)
{
    WindowRuns runs;
    const Scenario scenario = resolvedScenario();
    runs.run();
    std::array<std::vector<double>, 2> ratios;
    int turn = 0;
    for (auto _ : state) {
        std::array<double, 3> cpu{};
        for (int i = 0; i < 3; ++i) {
            const int way = (turn + i) % 3;
            cpu[static_cast<std::size_t>(way)] = static_cast<double>(way == 0 ? workloadAlone(scenario, false)
                    : way == 1                                                ? workloadAlone(scenario, true)
                                                                              : runs.run().workload);
        }
        ++turn;
        ratios[0].push_back(cpu[1] / cpu[0]);
        ratios[1].push_back(cpu[2] / cpu[0]);
    }
    const double headless = median(ratios[0]);
    const double window = median(ratios[1]);
    state.counters["headless_ratio"] = headless;
    state.counters["window_ratio"] = window;
    const auto [least, most] = std::minmax({1.0, headless, window});
    Budgets().atMost("CPU time apart by", 100 * (most / least - 1), 2, " %").say(state);
}
BENCHMARK(observerEffect)->Iterations(9)->Unit(benchmark::kMillisecond)->UseRealTime();

} // namespace
} // namespace timeslice

int main(int argc, char** argv)
{
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) {
        qputenv("QT_QPA_PLATFORM", "offscreen");
    }
    QApplication application(argc, argv);
    QApplication::setStyle("Fusion");
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
