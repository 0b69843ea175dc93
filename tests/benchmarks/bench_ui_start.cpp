// From exec to the first painted window, whole processes, in turns: Timeslice's, an empty Qt window, and one that says
// a word. The last loads fontconfig's tables and one font, which the empty one never needs.
// Timeslice's window is on the screen before its lessons are read, so there are two figures of it: the first picture,
// and the one with the lesson in it, for which a viewer waits.
// Budget: the first picture in at most one and a half times the empty window's time, the lesson in 200 ms, warm.
#include "tests/benchmarks/budget.h"
#include "ui/window/application.h"

#include <QApplication>
#include <QEvent>
#include <QLabel>
#include <QMainWindow>
#include <QTemporaryDir>
#include <algorithm>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cstdlib>
#include <spawn.h>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

extern char** environ;

namespace {

constexpr const char* kRole = "TIMESLICE_BENCH_START";

/// Leaves the process once a window was painted and shown, for the role "lesson" with its timeline.
class LeaveAfterFirstPaint : public QObject {
protected:
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        if (event->type() == QEvent::Paint && !m_seen
            && (m_lesson ? watched->inherits("timeslice::TimelinePlot") : watched->isWidgetType())) {
            m_seen = true; // to leave as the next thing, when this picture has gone to the screen
            QCoreApplication::postEvent(this, new QEvent(QEvent::User), Qt::HighEventPriority);
        }
        return QObject::eventFilter(watched, event);
    }
    void customEvent(QEvent*) override { std::_Exit(0); }

private:
    bool m_lesson = std::string_view(std::getenv(kRole)) == "lesson";
    bool m_seen = false;
};

/// Called by Qt once there is an application, whoever makes it.
void leaveAfterFirstPaint()
{
    if (std::getenv(kRole) != nullptr) {
        static LeaveAfterFirstPaint leave;
        QCoreApplication::instance()->installEventFilter(&leave);
    }
}
Q_COREAPP_STARTUP_FUNCTION(leaveAfterFirstPaint)

int showAndLeave(int argc, char** argv, const std::string& role)
{
    if (role == "window" || role == "lesson") {
        return timeslice::runWindow(argc, argv, {}); // all that the program does
    }
    QApplication application(argc, argv);
    QApplication::setStyle("Fusion");
    QMainWindow window;
    if (role == "word") {
        window.setCentralWidget(new QLabel("Timeslice"));
    }
    window.resize(1440, 860);
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

double median(std::vector<double> values)
{
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

void startToFirstPaint(benchmark::State& state)
{
    std::vector<double> empty;
    std::vector<double> word;
    std::vector<double> window;
    std::vector<double> lesson;
    const QTemporaryDir settings; // the viewer's own would be another window
    ::setenv("XDG_CONFIG_HOME", settings.path().toLocal8Bit().constData(), 1);
    ::setenv("XDG_RUNTIME_DIR", settings.path().toLocal8Bit().constData(), 1); // else Qt writes a line at each start
    timeOf("empty"); // warms the page cache
    timeOf("window");
    for (auto _ : state) {
        const double first = timeOf("empty");
        const double second = timeOf("word");
        const double third = timeOf("window");
        const double fourth = timeOf("lesson");
        if (first < 0 || second < 0 || third < 0 || fourth < 0) {
            state.SkipWithError("a window could not be shown");
            return;
        }
        empty.push_back(first);
        word.push_back(second);
        window.push_back(third);
        lesson.push_back(fourth);
        state.SetIterationTime(fourth * 1e-3);
    }
    // A host that takes the core away for a while meets one of them; the median does not see it.
    const double emptyMs = median(empty);
    const double wordMs = median(word);
    const double windowMs = median(window);
    const double lessonMs = median(lesson);
    state.counters["empty_ms"] = emptyMs;
    state.counters["word_ms"] = wordMs;
    state.counters["window_ms"] = windowMs;
    state.counters["lesson_ms"] = lessonMs;
    timeslice::Budgets()
        .atMost("first painted window, of an empty Qt window's time", windowMs / emptyMs, 1.5, " x")
        .atMost("window with its lesson", lessonMs, 200, " ms")
        .say(state);
}
BENCHMARK(startToFirstPaint)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(21);

} // namespace

int main(int argc, char** argv)
{
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) {
        ::setenv("QT_QPA_PLATFORM", "offscreen", 1);
    }
    if (const char* role = std::getenv(kRole)) {
        ::alarm(20); // s; a window that never shows what is waited for fails
        return showAndLeave(argc, argv, role);
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 1;
    }
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
