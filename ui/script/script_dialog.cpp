#include "ui/script/script_dialog.h"

#include "ui/widgets/code_view.h"
#include "ui/widgets/elided_label.h"

#include <QComboBox>
#include <QDir>
#include <QFileInfo>
#include <QFontDatabase>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProcess>
#include <QPushButton>
#include <QScreen>
#include <QStyle>
#include <QVBoxLayout>
#include <algorithm>

namespace timeslice {

namespace {

constexpr QSize kDialogSize(820, 640);
constexpr int kDialogMargin = 22;

QLabel* label(const QString& text, const char* role, QWidget* parent)
{
    auto* made = new QLabel(text, parent);
    made->setProperty("role", role);
    made->setTextFormat(Qt::PlainText);
    return made;
}

QPushButton* dialogButton(const QString& text, const char* name, QWidget* parent)
{
    auto* made = new QPushButton(text, parent);
    made->setObjectName(name);
    made->setAutoDefault(false); // Return is Cancel, wherever the focus is
    return made;
}

QString nameOf(const Interpreter& interpreter)
{
    return QStringLiteral("%1  ·  %2")
        .arg(QString::fromStdString(describe(interpreter)), QString::fromStdString(interpreter.path.string()));
}

} // namespace

ScriptDialog::ScriptDialog(const Script& script, const ScriptText& text, const QString& reason, const Theme& theme,
    InterpreterFinder& finder, const FileChooser& chooser, QWidget* parent)
    : QDialog(parent)
    , m_finder(finder)
    , m_chooser(chooser)
    , m_path(script.path)
    , m_wanted(script.interpreter)
    , m_digest(text.digest)
    , m_interpreter(new QComboBox(this))
    , m_add(dialogButton(tr("Add…"), "addInterpreter", this))
    , m_arguments(new QLineEdit(this))
    , m_directory(new QLineEdit(this))
    , m_command(label({}, "muted", this))
    , m_message(label({}, "muted", this))
    , m_code(new CodeView(this))
{
    setObjectName("scriptDialog");
    setWindowTitle(tr("Run a script"));
    setModal(true);
    m_code->setTheme(theme);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(kDialogMargin, 18, kDialogMargin, 18);
    layout->setSpacing(10);
    auto* title = new ElidedLabel(this);
    title->setProperty("role", "title");
    title->setText(tr("Run %1?").arg(QFileInfo(script.path).fileName()));
    layout->addWidget(title);
    auto* warning = label((reason.isEmpty() ? QString() : reason + u' ')
            + tr("It runs with your own rights: it can read, change and delete whatever you can. "
                 "Run it only if you trust it."),
        "", this);
    warning->setObjectName("scriptWarning");
    warning->setWordWrap(true);
    layout->addWidget(warning);
    buildFields(script, text);
    buildButtons();

    connect(m_interpreter, &QComboBox::activated, this, [this](int index) {
        m_wanted = m_interpreter->itemData(index).toString();
        refresh();
    });
    connect(m_add, &QPushButton::clicked, this, &ScriptDialog::addInterpreter);
    connect(m_arguments, &QLineEdit::textChanged, this, &ScriptDialog::refresh);
    connect(m_directory, &QLineEdit::textChanged, this, &ScriptDialog::refresh);
    connect(&m_finder, &InterpreterFinder::found, this, &ScriptDialog::listInterpreters);
    connect(&m_finder, &InterpreterFinder::added, this, [this](const QString& path) {
        m_asking.clear();
        m_refused.clear();
        m_wanted = path;
        listInterpreters();
        emit interpreterAdded(path);
    });
    connect(&m_finder, &InterpreterFinder::refused, this, [this](const QString& message) {
        m_asking.clear();
        m_refused = message;
        refresh();
    });
    listInterpreters();
    const QSize room = parent != nullptr ? parent->size() - QSize(40, 40) : kDialogSize;
    resize(kDialogSize.boundedTo(room));
}

void ScriptDialog::buildFields(const Script& script, const ScriptText& text)
{
    m_interpreter->setObjectName("scriptInterpreter");
    m_interpreter->setAccessibleName(tr("Interpreter"));
    m_interpreter->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    m_add->setToolTip(tr("Another Python of yours"));
    auto* file = new ElidedLabel(this);
    file->setObjectName("scriptPath");
    file->setText(QDir::toNativeSeparators(script.path));
    m_arguments->setObjectName("scriptArguments");
    m_arguments->setAccessibleName(tr("Arguments"));
    m_arguments->setPlaceholderText(tr("none; “two words” in quotes"));
    m_arguments->setText(joinCommand(script.arguments));
    m_directory->setObjectName("scriptDirectory");
    m_directory->setAccessibleName(tr("Working directory"));
    m_directory->setText(QDir::toNativeSeparators(
        script.directory.isEmpty() ? QFileInfo(script.path).absolutePath() : script.directory));
    auto* browse = dialogButton(tr("Choose…"), "chooseDirectory", this);
    connect(browse, &QPushButton::clicked, this, &ScriptDialog::chooseDirectory);

    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(12);
    grid->setVerticalSpacing(8);
    grid->setColumnStretch(1, 1);
    const auto row = [&](int at, const QString& name, QWidget* field, QWidget* extra) {
        QLabel* words = label(name, "muted", this);
        words->setBuddy(field);
        grid->addWidget(words, at, 0);
        grid->addWidget(field, at, 1, 1, extra != nullptr ? 1 : 2);
        if (extra != nullptr) {
            grid->addWidget(extra, at, 2);
        }
    };
    row(0, tr("Script"), file, nullptr);
    row(1, tr("Interpreter"), m_interpreter, m_add);
    row(2, tr("Arguments"), m_arguments, nullptr);
    row(3, tr("Runs in"), m_directory, browse);

    m_command->setObjectName("scriptCommand");
    m_command->setWordWrap(true);
    m_command->setTextInteractionFlags(Qt::TextSelectableByMouse);
    QFont mono = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    mono.setPixelSize(12);
    m_command->setFont(mono);
    grid->addWidget(label(tr("Command"), "muted", this), 4, 0, Qt::AlignTop);
    grid->addWidget(m_command, 4, 1, 1, 2);

    m_code->setObjectName("scriptText");
    m_code->setAccessibleName(tr("The script's text"));
    m_code->setMostLines(0);
    m_code->setMinimumHeight(120);
    m_code->setCode(text.text);
    auto* layout = static_cast<QVBoxLayout*>(this->layout());
    layout->addLayout(grid);
    layout->addWidget(m_code, 1);
    if (!text.whole) {
        layout->addWidget(label(tr("The script is longer: this is its beginning."), "muted", this));
    }
    m_message->setObjectName("scriptMessage");
    m_message->setWordWrap(true);
    layout->addWidget(m_message);
}

void ScriptDialog::buildButtons()
{
    m_cancel = dialogButton(tr("Cancel"), "cancelScript", this);
    m_cancel->setDefault(true);
    m_run = dialogButton(tr("▶  Run"), "runScript", this);
    m_run->setAccessibleName(tr("Run"));
    m_run->setProperty("role", "primary");
    connect(m_cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_run, &QPushButton::clicked, this, &QDialog::accept);
    auto* row = new QHBoxLayout;
    row->addStretch(1);
    row->addWidget(m_cancel);
    row->addWidget(m_run);
    static_cast<QVBoxLayout*>(layout())->addLayout(row);
    QWidget* before = m_interpreter;
    for (QWidget* next : std::initializer_list<QWidget*>{m_add, m_arguments, m_directory, m_cancel, m_run}) {
        setTabOrder(before, next);
        before = next;
    }
    m_cancel->setFocus();
}

void ScriptDialog::listInterpreters()
{
    m_interpreter->clear();
    int chosen = 0;
    for (const Interpreter& each : m_finder.interpreters()) {
        const QString path = QString::fromStdString(each.path.string());
        if (path == m_wanted) {
            chosen = m_interpreter->count();
        }
        m_interpreter->addItem(nameOf(each), path);
    }
    m_interpreter->setCurrentIndex(m_interpreter->count() > 0 ? chosen : -1);
    m_interpreter->setEnabled(m_interpreter->count() > 0);
    refresh();
}

void ScriptDialog::addInterpreter()
{
    const QString path = m_chooser.open(this, tr("Choose a Python"), QStringLiteral("/usr/bin"), QString());
    if (!path.isEmpty()) {
        m_asking = path;
        m_refused.clear();
        m_finder.add(path.toStdString());
        refresh();
    }
}

void ScriptDialog::chooseDirectory()
{
    const QString path = m_chooser.folder(this, tr("Choose the working directory"), m_directory->text(), QString());
    if (!path.isEmpty()) {
        m_directory->setText(QDir::toNativeSeparators(path));
    }
}

Script ScriptDialog::script() const
{
    Script script;
    script.path = m_path;
    script.arguments = QProcess::splitCommand(m_arguments->text());
    script.directory = QDir::cleanPath(QDir::fromNativeSeparators(m_directory->text().trimmed()));
    script.interpreter = m_interpreter->currentData().toString();
    return script;
}

std::optional<Interpreter> ScriptDialog::interpreter() const
{
    const std::string path = m_interpreter->currentData().toString().toStdString();
    for (const Interpreter& each : m_finder.interpreters()) {
        if (each.path == path) {
            return each;
        }
    }
    return std::nullopt;
}

void ScriptDialog::say(const QString& message, bool bad)
{
    m_message->setText(message);
    m_message->setVisible(!message.isEmpty());
    m_message->setProperty("role", bad ? "bad" : "muted");
    m_message->style()->unpolish(m_message);
    m_message->style()->polish(m_message);
}

void ScriptDialog::refresh()
{
    const Script now = script();
    const auto chosen = interpreter();
    m_command->setText(joinCommand(commandOf(now, chosen ? now.interpreter : QStringLiteral("python3"))));
    const bool directory = QFileInfo(now.directory).isDir();
    m_run->setEnabled(chosen.has_value() && directory);
    if (!directory) {
        say(tr("There is no folder “%1” to run it in.").arg(QDir::toNativeSeparators(now.directory)), true);
    } else if (!m_refused.isEmpty()) {
        say(m_refused, true);
    } else if (!m_asking.isEmpty()) {
        say(tr("Asking %1 what it is…").arg(m_asking), false);
    } else if (!m_finder.ready()) {
        say(tr("Looking for Pythons on this machine…"), false);
    } else if (!chosen) {
        say(tr("No Python was found on this machine. Install python3, or add yours."), true);
    } else {
        say(QString::fromStdString(gilNote(*chosen)), false);
    }
}

} // namespace timeslice
