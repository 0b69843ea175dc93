// From exec to the first painted window, whole processes, in turns: Timeslice's, an empty Qt window, and one that says
// a word. The last loads fontconfig's tables and one font, which the empty one never needs; what is beyond it is ours.
// Budget: 200 ms or less warm, and at most twice the empty window.
#include "core/scenario/catalogue.h"
#include "ui/window/main_window.h"

#include <QApplication>
#include <QEvent>
#include <QLabel>
#include <QTimer>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cstdlib>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace {

constexpr const char* kRole = "TIMESLICE_BENCH_START";

/// Leaves the process once a window was painted and shown.
class LeaveAfterFirstPaint : public QObject {
protected:
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        if (event->type() == QEvent::Paint && watched->isWidgetType() && !m_seen) {
            m_seen = true;
            QTimer::singleShot(0, [] { std::_Exit(0); }); // after the backing store was flushed
        }
        return QObject::eventFilter(watched, event);
    }

private:
    bool m_seen = false;
};

int showAndLeave(int argc, char** argv, const std::string& role)
{
    QApplication application(argc, argv);
    QApplication::setStyle("Fusion");
    LeaveAfterFirstPaint leave;
    application.installEventFilter(&leave);
    if (role != "window") {
        QMainWindow window;
        if (role == "word") {
            window.setCentralWidget(new QLabel("Timeslice"));
        }
        window.resize(1440, 860);
        window.show();
        return QApplication::exec();
    }
    const auto resources = timeslice::findResources();
    auto catalogue = resources ? timeslice::readCatalogue(*resources / "scenarios")
                               : timeslice::Result<timeslice::Catalogue>(tl::unexpected(resources.error()));
    if (!catalogue) {
        std::fprintf(stderr, "%s\n", catalogue.error().message.c_str());
        return 1;
    }
    timeslice::MainWindowOptions options;
    options.catalogue = std::move(*catalogue);
    options.iconFolder = QString::fromStdString((*resources / "icons").string());
    options.settingsFile = "/dev/null";
    timeslice::MainWindow window(std::move(options));
    window.show();
    return QApplication::exec();
}

/// Milliseconds from spawn to exit; negative if the process failed.
double timeOf(const char* role)
{
    ::setenv(kRole, role, 1);
    char self[] = "/proc/self/exe";
    char* arguments[] = {self, nullptr};
    const auto begin = std::chrono::steady_clock::now();
    pid_t pid = 0;
    int status = 1;
    if (::posix_spawn(&pid, self, nullptr, nullptr, arguments, environ) != 0 || ::waitpid(pid, &status, 0) != pid
        || status != 0) {
        return -1;
    }
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

void startToFirstPaint(benchmark::State& state)
{
    double empty = 0;
    double word = 0;
    double window = 0;
    timeOf("empty"); // warms the page cache
    timeOf("window");
    for (auto _ : state) {
        const double first = timeOf("empty");
        const double second = timeOf("word");
        const double third = timeOf("window");
        if (first < 0 || second < 0 || third < 0) {
            state.SkipWithError("a window could not be shown");
            return;
        }
        empty += first;
        word += second;
        window += third;
        state.SetIterationTime(third * 1e-3);
    }
    const auto runs = static_cast<double>(state.iterations());
    state.counters["empty_ms"] = empty / runs;
    state.counters["window_ms"] = window / runs;
    state.counters["word_ms"] = word / runs;
    state.counters["ratio"] = window / empty;
    state.counters["ratio_to_word"] = window / word;
}
BENCHMARK(startToFirstPaint)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(10);

} // namespace

int main(int argc, char** argv)
{
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) {
        ::setenv("QT_QPA_PLATFORM", "offscreen", 1);
    }
    if (const char* role = std::getenv(kRole)) {
        return showAndLeave(argc, argv, role);
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 1;
    }
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
