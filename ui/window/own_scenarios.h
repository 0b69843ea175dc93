// OwnScenarios: what the window does for scenarios of the viewer's own: reads them anew when they change, makes copies
// to edit, and asks before the first run of one.
#pragma once

#include "ui/course/scenario_library.h"
#include "ui/theme/theme.h"
#include "ui/widgets/file_chooser.h"
#include "ui/widgets/message_banner.h"

#include <QObject>
#include <QPointer>
#include <functional>

class QWidget;

namespace timeslice {

class ConsentDialog;
class Desk;
class WindowSettings;
struct Lesson;
struct WindowActions;

/// A digest of what a lesson runs: programs, knobs, limits; not of what it says about them.
QByteArray runDigest(const Scenario& scenario);

/// Belongs to the UI thread; what it is given must outlive it.
class OwnScenarios : public QObject {
    Q_OBJECT
public:
    /// Opens a file as the desktop does; false: nothing is there that does.
    using OpenFile = std::function<bool(const QString& path)>;

    OwnScenarios(ScenarioLibrary::Folders folders, std::filesystem::path named, OpenFile openFile, FileChooser chooser,
        WindowSettings& settings, Desk& desk, const WindowActions& actions, QWidget* window);

    void setTheme(ThemeKind theme) { m_theme = theme; }
    /// Of a lesson in the list.
    void showMenu(std::size_t lesson, const QPoint& global);
    /// The file that is shown: a lesson's, or one with a mistake.
    void editShown();

signals:
    void message(timeslice::MessageBanner::Kind kind, const QString& text);

private:
    void copy(std::size_t lesson);
    void edit(const std::filesystem::path& file);
    void chooseFolder();
    void reload();
    void updateActions();
    bool mayRun(const Lesson& lesson, std::function<void()> then);
    bool isKnown(const QByteArray& digest) const;

    ScenarioLibrary m_library;
    std::filesystem::path m_named; ///< on the command line; or empty
    OpenFile m_openFile;
    FileChooser m_chooser;
    WindowSettings& m_settings;
    Desk& m_desk;
    const WindowActions& m_actions;
    QWidget* m_window;
    ThemeKind m_theme = ThemeKind::Light;
    QPointer<ConsentDialog> m_question;
    bool m_outdated = false; ///< files changed while a run went on
};

} // namespace timeslice
