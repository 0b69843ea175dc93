#include "ui/window/application.h"

#include "core/analysis/report.h"
#include "core/scenario/catalogue.h"
#include "ui/course/own_folders.h"
#include "ui/window/main_window.h"
#include "ui/window/quit_signals.h"

#include <QApplication>
#include <QFontMetrics>
#include <QIcon>
#include <QMessageBox>
#include <QTimer>
#include <chrono>
#include <future>

namespace timeslice {

namespace {

int sayAndRefuse(const Error& error)
{
    QMessageBox box(QMessageBox::Critical, QStringLiteral("Timeslice"), QString::fromStdString(error.message));
    box.exec();
    return error.kind == ErrorKind::Unsupported ? 3 : error.kind == ErrorKind::Usage ? 2 : 1;
}

Result<LessonBook> readLessons(const ScenarioLibrary::Folders& folders)
{
    Result<Catalogue> catalogue = ScenarioLibrary::read(folders);
    if (!catalogue) {
        return tl::unexpected(catalogue.error());
    }
    return LessonBook(std::move(*catalogue), machineFacts().cores);
}

/// Smaller text than the desktop's is not what anybody asked for; much larger does not fit 1280 × 720.
void setWindowFont()
{
    QFont font = QApplication::font();
    font.setPointSizeF(std::clamp(font.pointSizeF(), 10.0, 12.0));
    QApplication::setFont(font);
}

/// Until it is closed, by the viewer or by a signal. It is on the screen before the lessons are read: the screen needs
/// as long for a window as reading does.
int showWindow(MainWindowOptions options, std::future<Result<LessonBook>> reading, const WindowRequest& request)
{
    MainWindow window(std::move(options));
    const QuitSignals quit;
    QObject::connect(&quit, &QuitSignals::arrived, &window, [&window] {
        window.closeAtOnce();
        QApplication::exit(); // also out of a dialog
    });
    const auto furnish = [&window, &reading, &request] {
        if (window.furnished() || !reading.valid()) {
            return;
        }
        (void)QFontMetrics(QApplication::font()).height(); // the fonts' tables are read while the lessons are
        auto lessons = reading.get();
        if (!lessons) {
            window.hide();
            QApplication::exit(sayAndRefuse(lessons.error()));
            return;
        }
        window.furnish(std::move(*lessons));
        if (request.scenario) {
            window.selectScenario(*request.scenario);
        }
        if (request.recording) {
            window.openRecording(QString::fromStdString(*request.recording));
        }
    };
    constexpr std::chrono::milliseconds kUnseen(200); // on another desktop, or as an icon, a window is not painted
    QObject::connect(&window, &MainWindow::painted, &window, furnish);
    QTimer::singleShot(kUnseen, &window, furnish);
    window.show();
    return QApplication::exec();
}

} // namespace

int runWindow(int& argc, char** argv, const WindowRequest& request)
{
    const auto resources = findResources();
    std::future<Result<LessonBook>> reading; // while Qt looks for a screen and for fonts, which takes as long
    ScenarioLibrary::Folders folders;
    if (resources) {
        folders = {*resources / "scenarios", ownScenarioFolders(WindowSettings(), request.scenarios)};
        reading = std::async(std::launch::async, [folders] { return readLessons(folders); });
    }
    QApplication application(argc, argv);
    QApplication::setApplicationName("timeslice");
    QApplication::setDesktopFileName("timeslice");
    QApplication::setStyle("Fusion");
    setWindowFont();
    if (!resources) {
        return sayAndRefuse(resources.error());
    }
    const QString icons = QString::fromStdString((*resources / "icons").string());
    QApplication::setWindowIcon(QIcon(icons + "/timeslice.svg"));

    MainWindowOptions options;
    options.folders = std::move(folders);
    options.namedFolder = request.scenarios;
    options.iconFolder = icons;
    options.forceInferred = request.forceInferred;
    if (request.theme) {
        options.theme = *request.theme == "dark" ? ThemeKind::Dark : ThemeKind::Light;
    }
    const int status = showWindow(std::move(options), std::move(reading), request);
    if (const int signal = QuitSignals::arrivedSignal(); signal != 0) {
        endBySignal(signal);
    }
    return status;
}

} // namespace timeslice
