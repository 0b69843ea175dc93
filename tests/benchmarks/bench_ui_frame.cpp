// A painted frame at 10^4 to 10^8 slices, and a large PNG of 10^7. Budgets: docs of the design, "Budgets":
// one frame of 1920x1080 in 8 ms at 10^7 slices and at 10^8 at most 1.5 times that of 10^4; PNG 3840x2160 in 300 ms.
#include "tests/ui/sample_runs.h"
#include "ui/export/figure.h"
#include "ui/plot/timeline_view.h"

#include <QApplication>
#include <QTemporaryDir>
#include <benchmark/benchmark.h>
#include <map>
#include <unistd.h>

namespace timeslice {
namespace {

constexpr int kTracks = 4; // threads, and as many cores

/// Models are made once; `slices` counts those of all tracks.
const RunModel* modelOfSlices(std::int64_t slices)
{
    static std::map<std::int64_t, std::unique_ptr<RunModel>> models;
    const auto found = models.find(slices);
    if (found != models.end()) {
        return found->second.get();
    }
    constexpr std::int64_t kBytesPerSlice = 20;
    const std::int64_t available =
        static_cast<std::int64_t>(sysconf(_SC_AVPHYS_PAGES)) * static_cast<std::int64_t>(sysconf(_SC_PAGESIZE));
    if (slices * kBytesPerSlice > available) {
        return nullptr;
    }
    models.clear();
    auto model = samples::modelWith(
        "1.00×", samples::denseVariant(static_cast<std::size_t>(slices / (2 * kTracks)), kTracks, 10 * kSecond));
    return (models[slices] = std::move(model)).get();
}

void frame(benchmark::State& state)
{
    const RunModel* model = modelOfSlices(state.range(0));
    if (model == nullptr) {
        state.SkipWithError("not enough memory for that many slices");
        return;
    }
    TimelineView view;
    view.resize(1920, 1080);
    view.setModel(model);
    view.show();
    QCoreApplication::processEvents();
    QWidget* plot = nullptr;
    for (QWidget* child : view.findChildren<QWidget*>()) {
        if (child->inherits("QCustomPlot")) {
            plot = child;
        }
    }
    for (auto _ : state) {
        QMetaObject::invokeMethod(plot, "replot"); // rows, bars, axis, and the widget's own repaint
    }
    state.counters["slices"] = static_cast<double>(model->variants()[0].recording->timeline.sliceCount());
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
    for (auto _ : state) {
        if (!exportPng(*model, options, folder.filePath("figure.png").toStdString())) {
            state.SkipWithError("the picture could not be written");
            break;
        }
    }
}

BENCHMARK(frame)->RangeMultiplier(10)->Range(10'000, 100'000'000)->Unit(benchmark::kMillisecond);
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
