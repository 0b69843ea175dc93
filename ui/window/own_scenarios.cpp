#include "ui/window/own_scenarios.h"

#include "core/base/json_out.h"
#include "core/scenario/copy_scenario.h"
#include "ui/course/desk.h"
#include "ui/course/own_folders.h"
#include "ui/course/settings.h"
#include "ui/script/consent_dialog.h"
#include "ui/text/free_text.h"
#include "ui/window/window_actions.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QMenu>
#include <algorithm>
#include <utility>

namespace timeslice {

namespace {

using Kind = MessageBanner::Kind;

/// Whether its scripts' files are what was read with the scenario: it is the files that Python opens.
bool scriptsAreAsRead(const Scenario& scenario)
{
    return std::all_of(scenario.variants.begin(), scenario.variants.end(), [](const VariantSpec& variant) {
        if (!isPython(variant.engine)) {
            return true;
        }
        QFile file(text(variant.python.script.string()));
        return file.open(QIODevice::ReadOnly) && file.readAll().toStdString() == variant.code;
    });
}

} // namespace

QByteArray runDigest(const Scenario& scenario)
{
    const nlohmann::json& document = scenario.document;
    nlohmann::json runs{{"knobs", document.value("knobs", nlohmann::json())},
        {"series", document.value("series", nlohmann::json())}, {"limits", document.value("limits", nlohmann::json())},
        {"variants", nlohmann::json::array()}};
    for (const VariantSpec& variant : scenario.variants) {
        nlohmann::json run{{"engine", static_cast<int>(variant.engine)}};
        if (isPython(variant.engine)) {
            run["arguments"] = variant.python.arguments;
            run["interpreter"] = variant.python.interpreter;
            run["script"] = variant.code;
        } else {
            run["workload"] = variant.workload;
        }
        runs["variants"].push_back(std::move(run));
    }
    return QCryptographicHash::hash(QByteArray::fromStdString(jsonText(runs)), QCryptographicHash::Sha256);
}

OwnScenarios::OwnScenarios(ScenarioLibrary::Folders folders, std::filesystem::path named, OpenFile openFile,
    FileChooser chooser, WindowSettings& settings, Desk& desk, const WindowActions& actions, QWidget* window)
    : QObject(window)
    , m_library(std::move(folders))
    , m_named(std::move(named))
    , m_openFile(std::move(openFile))
    , m_chooser(std::move(chooser))
    , m_settings(settings)
    , m_desk(desk)
    , m_actions(actions)
    , m_window(window)
{
    connect(&m_library, &ScenarioLibrary::changed, this, &OwnScenarios::reload);
    m_desk.setOwnQuestion(
        [this](const Lesson& lesson, std::function<void()> then) { return mayRun(lesson, std::move(then)); });
    connect(&m_desk, &Desk::lessonShown, this, [this] {
        if (const Scenario& shown = m_desk.lesson()->scenario; !shown.replaces.empty()) {
            emit message(Kind::Warning,
                tr("This is %1. It takes the place of %2, which has the same id.")
                    .arg(text(shown.sourcePath), text(shown.replaces)));
        }
    });
    connect(m_actions.copyLesson, &QAction::triggered, this, [this] {
        if (m_desk.current()) {
            copy(*m_desk.current());
        }
    });
    connect(m_actions.editLesson, &QAction::triggered, this, &OwnScenarios::editShown);
    connect(m_actions.scenarioFolder, &QAction::triggered, this, &OwnScenarios::chooseFolder);
    for (const auto signal : {&Desk::modelReplaced, &Desk::started, &Desk::ended}) {
        connect(&m_desk, signal, this, &OwnScenarios::updateActions);
    }
    // After whoever waits for the run's end: that may begin another.
    connect(
        &m_desk, &Desk::ended, this,
        [this] {
            if (std::exchange(m_outdated, false)) {
                reload();
            }
        },
        Qt::QueuedConnection);
}

void OwnScenarios::updateActions()
{
    const Lesson* lesson = m_desk.lesson();
    const bool idle = !m_desk.running();
    m_actions.copyLesson->setEnabled(idle && lesson != nullptr && !lesson->script && !m_library.folders().own.empty());
    m_actions.editLesson->setEnabled(m_desk.mistake() != nullptr || (lesson != nullptr && lesson->scenario.own));
    m_actions.scenarioFolder->setEnabled(idle);
}

void OwnScenarios::reload()
{
    if (m_desk.running()) {
        m_outdated = true;
        return;
    }
    Result<Catalogue> catalogue = m_library.read();
    if (!catalogue) {
        emit message(Kind::Error, text(catalogue.error().message));
        return;
    }
    m_desk.replaceCatalogue(std::move(*catalogue));
}

void OwnScenarios::showMenu(std::size_t lesson, const QPoint& global)
{
    const Lesson& chosen = m_desk.lessons().at(lesson);
    if (chosen.script) {
        return;
    }
    auto* menu = new QMenu(m_window);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setObjectName("lessonMenu");
    QAction* make = menu->addAction(m_actions.copyLesson->text(), this, [this, lesson] { copy(lesson); });
    make->setEnabled(!m_desk.running());
    if (chosen.scenario.own) {
        menu->addAction(m_actions.editLesson->text(), this,
            [this, file = std::filesystem::path(chosen.scenario.sourcePath)] { edit(file); });
    }
    menu->popup(global);
}

void OwnScenarios::copy(std::size_t lesson)
{
    if (m_desk.running() || m_library.folders().own.empty()) {
        return;
    }
    Catalogue taken;
    for (std::size_t i = 0; i < m_desk.lessons().size(); ++i) {
        taken.scenarios.push_back(m_desk.lessons().at(i).scenario);
    }
    std::error_code ignored;
    const std::filesystem::path schema =
        std::filesystem::weakly_canonical(m_library.folders().shipped / "../schema/scenario.schema.json", ignored);
    const auto made = copyScenario(m_desk.lessons().at(lesson).scenario, m_library.folders().own.back(), taken, schema);
    if (!made) {
        emit message(Kind::Error, text(made.error().message));
        return;
    }
    reload();
    m_library.setOwn(m_library.folders().own); // the folder may be new
    if (const auto index = m_desk.lessons().indexOf(made->id)) {
        m_desk.show(*index);
    }
    const QString where = QDir::toNativeSeparators(text(made->file.string()));
    bool opened = m_openFile(text(made->file.string()));
    for (const std::filesystem::path& script : made->scripts) {
        opened = m_openFile(text(script.string())) && opened;
    }
    emit message(opened ? Kind::Success : Kind::Warning,
        opened
            ? tr("Your copy is %1. What you save there is shown here at once.").arg(where)
            : tr("Your copy is %1. This desktop has no editor for it: open it with one of yours. What you save there "
                 "is shown here at once.")
                  .arg(where));
}

void OwnScenarios::editShown()
{
    if (const DamagedScenario* mistake = m_desk.mistake()) {
        edit(mistake->file);
    } else if (m_desk.lesson() != nullptr && m_desk.lesson()->scenario.own) {
        edit(m_desk.lesson()->scenario.sourcePath);
    }
}

void OwnScenarios::edit(const std::filesystem::path& file)
{
    if (!m_openFile(text(file.string()))) {
        emit message(Kind::Warning,
            tr("This desktop has no editor for %1: open it with one of yours. It is read again when it is saved.")
                .arg(QDir::toNativeSeparators(text(file.string()))));
    }
}

void OwnScenarios::chooseFolder()
{
    const auto& own = m_library.folders().own;
    const QString now = own.empty() ? QDir::homePath() : text(own.back().string());
    const QString folder = m_chooser.folder(m_window, tr("Folder of your scenarios"), now, QString());
    if (folder.isEmpty()) {
        return;
    }
    m_settings.setScenarioFolder(folder.toStdString());
    m_library.setOwn(ownScenarioFolders(m_settings, m_named));
    reload();
    emit message(Kind::Success, tr("Scenarios are read from %1, too.").arg(QDir::toNativeSeparators(folder)));
}

/// What runs nothing but what a shipped lesson runs is known, too.
bool OwnScenarios::isKnown(const QByteArray& digest) const
{
    if (m_settings.allowed(digest)) {
        return true;
    }
    const LessonBook& lessons = m_desk.lessons();
    for (std::size_t i = 0; i < lessons.size(); ++i) {
        const Lesson& lesson = lessons.at(i);
        if (!lesson.script && !lesson.scenario.own && runDigest(lesson.scenario) == digest) {
            return true;
        }
    }
    return false;
}

bool OwnScenarios::mayRun(const Lesson& lesson, std::function<void()> then)
{
    if (!scriptsAreAsRead(lesson.scenario)) {
        emit message(Kind::Warning, tr("A script of this lesson has just changed and is read anew. Run it again."));
        QMetaObject::invokeMethod(this, &OwnScenarios::reload, Qt::QueuedConnection); // not under whoever asks
        return false;
    }
    const QByteArray digest = runDigest(lesson.scenario);
    if (isKnown(digest)) {
        return true;
    }
    if (m_question) {
        m_question->reject();
    }
    m_question = new ConsentDialog(lesson.shown, Theme::of(m_theme), m_window);
    m_question->setAttribute(Qt::WA_DeleteOnClose);
    connect(m_question, &QDialog::accepted, this, [this, digest, then = std::move(then)] {
        m_settings.allow(digest);
        if (m_desk.lesson() != nullptr && !m_desk.running()) {
            then(); // asks again if it is another lesson by now
        }
    });
    m_question->open();
    return false;
}

} // namespace timeslice
