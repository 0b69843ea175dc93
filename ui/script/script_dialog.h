// ScriptDialog: what will be run, word by word, before anything of it is: a script from elsewhere may do whatever the
// viewer may.
#pragma once

#include "ui/course/interpreter_finder.h"
#include "ui/course/script.h"
#include "ui/theme/theme.h"
#include "ui/widgets/file_chooser.h"

#include <QDialog>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace timeslice {

class CodeView;
class ElidedLabel;

/// Cancel is what Return and Esc do. `finder` must outlive it.
class ScriptDialog : public QDialog {
    Q_OBJECT
public:
    /// `text` is what was read from the script. `reason`: why it is asked again; may be empty.
    ScriptDialog(const Script& script, const ScriptText& text, const QString& reason, const Theme& theme,
        InterpreterFinder& finder, const FileChooser& chooser, QWidget* parent);

    /// As it stands in the fields.
    Script script() const;
    const QByteArray& digest() const noexcept { return m_digest; }
    /// The interpreter that is chosen; nullopt: none was found (yet).
    std::optional<Interpreter> interpreter() const;

signals:
    /// The viewer added an interpreter that works.
    void interpreterAdded(const QString& path);

private:
    void buildFields(const Script& script, const ScriptText& text);
    void buildButtons();
    void listInterpreters();
    void addInterpreter();
    void chooseDirectory();
    void refresh();
    void say(const QString& message, bool bad);

    InterpreterFinder& m_finder;
    const FileChooser& m_chooser;
    QString m_path;
    QString m_wanted; ///< interpreter
    QByteArray m_digest;
    QComboBox* m_interpreter;
    QPushButton* m_add;
    QLineEdit* m_arguments;
    QLineEdit* m_directory;
    QLabel* m_command;
    QLabel* m_message;
    CodeView* m_code;
    QPushButton* m_cancel = nullptr;
    QPushButton* m_run = nullptr;
    QString m_asking; ///< an interpreter that is being asked
    QString m_refused; ///< why the last one was not taken
};

} // namespace timeslice
