#include "ui/script/script_opener.h"

#include <QFileInfo>
#include <QWidget>
#include <algorithm>

namespace timeslice {

ScriptOpener::ScriptOpener(FileChooser chooser, WindowSettings& settings, InterpreterFinder& finder, QWidget* window)
    : QObject(window)
    , m_chooser(std::move(chooser))
    , m_settings(settings)
    , m_finder(finder)
    , m_window(window)
{
}

void ScriptOpener::askAndOpen()
{
    const QString path = m_chooser.open(
        m_window, tr("Open a Python script"), m_settings.folder(), QStringLiteral("Python (*.py *.pyw);;(*)"));
    if (!path.isEmpty()) {
        m_settings.setFolder(QFileInfo(path).absolutePath());
        open(path);
    }
}

void ScriptOpener::open(const QString& path)
{
    const QString absolute = QFileInfo(path).absoluteFilePath();
    const std::vector<Script> recent = m_settings.scripts();
    const auto known =
        std::find_if(recent.begin(), recent.end(), [&](const Script& script) { return script.path == absolute; });
    confirm(known != recent.end() ? *known : Script{absolute, {}, QFileInfo(absolute).absolutePath(), {}}, {});
}

void ScriptOpener::confirm(const Script& script, const QString& reason)
{
    if (m_dialog) {
        m_dialog->reject();
    }
    const auto text = readScript(script.path);
    if (!text) {
        emit message(MessageBanner::Kind::Error, QString::fromStdString(text.error().message));
        return;
    }
    m_finder.find(m_settings.addedInterpreters());
    m_dialog = new ScriptDialog(script, *text, reason, Theme::of(m_theme), m_finder, m_chooser, m_window);
    m_dialog->setAttribute(Qt::WA_DeleteOnClose);
    ScriptDialog* dialog = m_dialog;
    connect(dialog, &ScriptDialog::interpreterAdded, this,
        [this](const QString& path) { m_settings.addInterpreter(path.toStdString()); });
    connect(dialog, &QDialog::accepted, this, [this, dialog] {
        if (const auto interpreter = dialog->interpreter()) {
            emit allowed(dialog->script(), {*interpreter, dialog->digest()});
        }
    });
    dialog->open();
}

} // namespace timeslice
