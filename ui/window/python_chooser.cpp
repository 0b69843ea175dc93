#include "ui/window/python_chooser.h"

#include "ui/text/free_text.h"

#include <QAction>
#include <QMenu>
#include <utility>

namespace timeslice {

PythonChooser::PythonChooser(QWidget* parent)
    : QPushButton(parent)
    , m_menu(new QMenu(this))
{
    setObjectName("pythonChooser");
    setAutoDefault(true);
    setMenu(m_menu);
    setToolTip(tr("Which Python the scripts of this lesson run under"));
    choose({}, tr("Python: usual"));
    fill();
    connect(m_menu, &QMenu::aboutToShow, this, [this] {
        if (!std::exchange(m_asked, true)) {
            emit wanted();
        }
    });
}

void PythonChooser::setInterpreters(const std::vector<Interpreter>& found)
{
    m_asked = true;
    m_found = found;
    fill();
}

void PythonChooser::fill()
{
    m_menu->clear();
    const auto add = [this](const QString& text, const std::filesystem::path& path, const QString& name) {
        QAction* action = m_menu->addAction(text);
        action->setCheckable(true);
        action->setChecked(path == m_chosen);
        connect(action, &QAction::triggered, this, [this, path, name] {
            choose(path, name);
            fill();
        });
    };
    add(tr("The usual one: python3, or the newest"), {}, tr("Python: usual"));
    bool any = false;
    for (const Interpreter& interpreter : m_found) {
        if (interpreter.kind == InterpreterKind::CPython && ageNote(interpreter).empty()) {
            add(tr("%1, %2").arg(timeslice::text(describe(interpreter)), timeslice::text(interpreter.path.string())),
                interpreter.path, timeslice::text(describe(interpreter)));
            any = true;
        }
    }
    if (!any) {
        m_menu->addAction(m_found.empty() ? tr("looking for others…") : tr("no other is installed"))->setEnabled(false);
    }
}

void PythonChooser::choose(const std::filesystem::path& path, const QString& name)
{
    m_chosen = path;
    setText(name);
    setAccessibleName(tr("Python for this lesson: %1").arg(name));
}

} // namespace timeslice
