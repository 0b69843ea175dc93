// A painted frame at 10^4 to 10^8 slices, and a large PNG of 10^7. Budgets: docs of the design, "Budgets":
// one frame of 1920x1080 in 8 ms at 10^7 slices and at 10^8 at most 1.5 times that of 10^4; PNG 3840x2160 in 300 ms.
#include "tests/benchmarks/budget.h"
#include "tests/ui/sample_runs.h"
#include "ui/export/figure.h"
#include "ui/plot/timeline_view.h"
#include "ui/result/picture_of.h"

#include <QApplication>
#include <QTemporaryDir>
#include <algorithm>
#include <benchmark/benchmark.h>
#include <memory>
#include <qcustomplot.h>
#include <time.h>
#include <unistd.h>
#include <vector>

namespace timeslice {
namespace {

constexpr int kTracks = 4; // threads, and as many cores

std::unique_ptr<RunModel> makeModel(std::int64_t slices)
{
    constexpr std::int64_t kBytesPerSlice = 20;
    const std::int64_t available =
        static_cast<std::int64_t>(sysconf(_SC_AVPHYS_PAGES)) * static_cast<std::int64_t>(sysconf(_SC_PAGESIZE));
    if (slices * kBytesPerSlice > available) {
        return nullptr;
    }
    return samples::modelWith(
        "1.00×", samples::denseVariant(static_cast<std::size_t>(slices / (2 * kTracks)), kTracks, 10 * kSecond));
}

/// The last model that was made; `slices` counts those of all tracks. Nothing if the memory does not suffice.
const RunModel* modelOfSlices(std::int64_t slices)
{
    static std::int64_t made = 0;
    static std::unique_ptr<RunModel> model;
    if (made != slices) {
        model.reset(); // two large ones may be too much
        model = makeModel(slices);
        made = model != nullptr ? slices : 0;
    }
    return model.get();
}

/// A shown view, and the frames that it draws of a model.
class ShownView {
public:
    explicit ShownView(const RunModel& model)
    {
        m_view.resize(1920, 1080);
        m_view.setRun(pictureOf(model));
        m_view.show();
        QCoreApplication::processEvents();
        m_plot = m_view.findChild<QCustomPlot*>();
    }
    void drawFrame() { m_plot->replot(); } // rows, bars, axis, and the widget's own repaint

    /// Milliseconds of CPU time: a frame waits for nothing, and others' turns on the core are not its cost.
    double timeFrame()
    {
        const auto now = [] {
            timespec ts{};
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
            return static_cast<double>(ts.tv_sec) * 1e3 + static_cast<double>(ts.tv_nsec) * 1e-6;
        };
        const double begin = now();
        drawFrame();
        return now() - begin;
    }

private:
    TimelineView m_view;
    QCustomPlot* m_plot = nullptr;
};

double median(std::vector<double> values)
{
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

void frame(benchmark::State& state)
{
    const RunModel* model = modelOfSlices(state.range(0));
    if (model == nullptr) {
        state.SkipWithError("not enough memory for that many slices");
        return;
    }
    ShownView view(*model);
    std::vector<double> frames;
    for (auto _ : state) {
        frames.push_back(view.timeFrame());
    }
    const Timeline& timeline = model->variants()[0].recording->timeline;
    state.counters["slices"] = static_cast<double>(timeline.sliceCount());
    const double bytes = static_cast<double>(timeline.memoryBytes()) / static_cast<double>(timeline.sliceCount());
    Budgets()
        .atMost("a frame's CPU time", median(frames), 8, " ms")
        .atMost("memory", bytes, 24, " bytes/slice")
        .say(state);
}

/// A frame of 10^8 slices and one of 10^4, in turns.
void frameOfManySlices(benchmark::State& state)
{
    const std::unique_ptr<RunModel> few = makeModel(10'000);
    const RunModel* many = modelOfSlices(state.range(0));
    if (many == nullptr) {
        state.SkipWithError("not enough memory for that many slices");
        return;
    }
    ShownView fewView(*few);
    ShownView manyView(*many);
    std::vector<double> ofFew;
    std::vector<double> ofMany;
    for (auto _ : state) {
        ofFew.push_back(fewView.timeFrame());
        ofMany.push_back(manyView.timeFrame());
    }
    state.counters["few_ms"] = median(ofFew);
    state.counters["many_ms"] = median(ofMany);
    Budgets().atMost("of the frame of 10 thousand slices", median(ofMany) / median(ofFew), 1.5, " x").say(state);
}

void png(benchmark::State& state)
{
    const RunModel* model = modelOfSlices(state.range(0));
    if (model == nullptr) {
        state.SkipWithError("not enough memory for that many slices");
        return;
    }
    QTemporaryDir folder;
    FigureOptions options;
    options.size = QSize(3840, 2160);
    std::vector<double> times;
    for (auto _ : state) {
        const Nanos begin = monotonicNow();
        if (!exportPng(*model, options, folder.filePath("figure.png").toStdString())) {
            state.SkipWithError("the picture could not be written");
            break;
        }
        times.push_back(toMillis(monotonicNow() - begin));
    }
    if (!times.empty()) {
        Budgets().atMost("PNG 3840 x 2160", median(times), 300, " ms").say(state);
    }
}

BENCHMARK(frame)->RangeMultiplier(10)->Range(10'000, 100'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(frameOfManySlices)->Arg(100'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(png)->Arg(10'000'000)->Unit(benchmark::kMillisecond);

} // namespace
} // namespace timeslice

int main(int argc, char** argv)
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
