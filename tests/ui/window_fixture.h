// A real MainWindow with the real course, settings of its own and a file dialog that answers by itself.
#pragma once

#include "tests/places/places.h"
#include "ui/window/main_window.h"

#include <QApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTemporaryDir>
#include <QTest>
#include <gtest/gtest.h>

namespace timeslice {

class WindowTest : public testing::Test {
protected:
    /// How often a test looks, 10 ms apart, for what must come on a machine however loaded.
    static constexpr int kPatience = 6000;

    static Catalogue course()
    {
        auto catalogue = readCatalogue(test::resourceFolder() / "scenarios");
        EXPECT_TRUE(catalogue) << catalogue.error().message;
        return catalogue ? std::move(*catalogue) : Catalogue();
    }

    MainWindowOptions options(Catalogue catalogue)
    {
        MainWindowOptions made;
        made.lessons = LessonBook(std::move(catalogue), machineFacts().cores);
        made.iconFolder = QString::fromStdString((test::resourceFolder() / "icons").string());
        made.settingsFile = path("settings.ini");
        made.fillSmallScreens = false;
        made.repeatDisturbed = false; // a busy machine makes each run but longer
        made.standInDeadlock = false; // nobody is there to end them
        const auto answer = [this](QWidget*, const QString&, const QString& suggested, const QString&) {
            asked << suggested;
            return answerPath;
        };
        made.chooser.save = answer;
        made.chooser.open = answer;
        made.chooser.folder = answer;
        // The one that every machine of ours has; what else is installed is no matter of the window's.
        made.python.find = [](const auto&) {
            std::vector<Interpreter> found;
            if (auto python = askInterpreter("/usr/bin/python3")) {
                found.push_back(std::move(*python));
            }
            return found;
        };
        return made;
    }

    MainWindow& open(Catalogue catalogue) { return open(options(std::move(catalogue))); }
    MainWindow& open(MainWindowOptions made)
    {
        m_window = std::make_unique<MainWindow>(std::move(made));
        m_window->resize(1280, 720);
        m_window->show();
        // The offscreen platform tells of the window before it only later, which takes the focus from this one again.
        for (int i = 0; i < kPatience && !m_window->isActiveWindow(); ++i) {
            m_window->activateWindow();
            QTest::qWait(10);
        }
        EXPECT_TRUE(m_window->isActiveWindow());
        return *m_window;
    }
    MainWindow& open() { return open(course()); }
    MainWindow& window() { return *m_window; }
    void close() { m_window.reset(); }

    QString path(const QString& name) const { return m_folder.filePath(name); }

    template <class Widget> Widget* part(const char* name)
    {
        auto* found = m_window->findChild<Widget*>(name);
        EXPECT_NE(found, nullptr) << name;
        return found;
    }
    QString textOf(const char* label) { return part<QLabel>(label)->text(); }
    void press(int key, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
    {
        QWidget* target = QApplication::focusWidget() != nullptr ? QApplication::focusWidget() : m_window.get();
        QTest::keyClick(target, static_cast<Qt::Key>(key), modifiers);
    }
    void click(const char* button) { QTest::mouseClick(part<QPushButton>(button), Qt::LeftButton); }

    const Lesson& lesson() { return m_window->lessons().at(m_window->currentLesson().value()); }
    QString currentId() { return QString::fromStdString(lesson().scenario.id); }
    bool running() { return m_window->controller().running(); }
    const RunModel* model() { return m_window->controller().model(); }

    ::testing::AssertionResult runsToItsEnd()
    {
        if (!running()) {
            return ::testing::AssertionFailure() << "no run was started: " << banner();
        }
        // As long as every variant may take.
        const qint64 limit = 60000
            + lesson().scenario.limits.time / kMillisecond * static_cast<qint64>(lesson().scenario.variants.size());
        QElapsedTimer waited;
        waited.start();
        while (running() && waited.elapsed() < limit) {
            QTest::qWait(20);
        }
        if (running()) {
            return ::testing::AssertionFailure() << "still running after " << waited.elapsed() << " ms";
        }
        return ::testing::AssertionSuccess();
    }
    /// Waits for what is done on other threads: a run that was told to stop, files that are read or written.
    ::testing::AssertionResult settles()
    {
        for (int i = 0; i < kPatience && ((running() && m_window->controller().stopping()) || m_window->busy()); ++i) {
            QTest::qWait(10);
        }
        if (running() && m_window->controller().stopping()) {
            return ::testing::AssertionFailure() << "the run does not stop";
        }
        return m_window->busy() ? ::testing::AssertionFailure() << "files are still at work"
                                : ::testing::AssertionSuccess();
    }
    /// The message in the window, as text for a failure.
    std::string banner()
    {
        auto* shown = m_window->findChild<MessageBanner*>();
        return shown != nullptr && shown->isVisible() ? shown->message().toStdString() : std::string();
    }

    QString answerPath; ///< what the file dialog returns next; empty = cancelled
    QStringList asked; ///< what it was given as its suggestion

private:
    QTemporaryDir m_folder;
    std::unique_ptr<MainWindow> m_window;
};

} // namespace timeslice
