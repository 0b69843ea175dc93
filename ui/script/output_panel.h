// OutputPanel: what the program prints, as it prints it, under the timeline.
//
// A strip that opens and closes a field of lines, and below them, while a program of the viewer's runs, a line to type
// into. Of a lesson it is there only if something was printed.
#pragma once

#include "core/model/run_model.h"
#include "ui/course/run_controller.h"
#include "ui/script/terminal_text.h"
#include "ui/theme/theme.h"

#include <QWidget>
#include <optional>

class QComboBox;
class QLineEdit;
class QPlainTextEdit;
class QToolButton;

namespace timeslice {

class ElidedLabel;

/// How many lines are kept; more scroll out at the top, as in a terminal.
inline constexpr int kOutputLines = 5000;

/// Belongs to the UI thread. The model must outlive it or the next showModel().
class OutputPanel : public QWidget {
    Q_OBJECT
public:
    explicit OutputPanel(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    /// Everything that a run has printed so far; null: nothing. `own`: it is a program of the viewer's, so its lines
    /// are shown, also while there are none; else the strip alone at first. Follows the variant that runs.
    void showModel(const RunModel* model, bool own);
    /// Whether there is a line to type into.
    void setInput(RunController::Input input);
    /// More of what one variant prints, which the model has already.
    void append(std::size_t variant, const std::string& bytes);
    /// A variant may have ended: its exit status goes below the lines.
    void refresh();

    /// For tests.
    QString text() const;
    bool isOpen() const;

signals:
    /// Opened or closed: the height that it wants is another.
    void heightChanged();
    /// A line for the program, without its end.
    void typed(const QString& line);
    /// The program shall find the end of its input.
    void inputEnded();
    /// The line that had the focus takes no more.
    void inputLeft();

protected:
    bool event(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* buildInput();
    void fitStrip();
    void choose(std::size_t variant);
    void write(std::string_view bytes);
    void insertLines();
    bool asks(std::string_view bytes) const;
    bool silent() const;
    void writeEnd();
    void setOpen(bool open);
    void updateStrip();
    void listVariants();

    const RunModel* m_model = nullptr;
    const Theme* m_theme = &Theme::light();
    QToolButton* m_toggle;
    QComboBox* m_choice;
    ElidedLabel* m_status;
    QPlainTextEdit* m_lines;
    QLineEdit* m_input = nullptr;
    QToolButton* m_endInput = nullptr;
    QWidget* m_inputRow = nullptr;
    RunController::Input m_inputState = RunController::Input::None;
    std::optional<std::size_t> m_shown; ///< the variant whose output it is
    std::optional<std::string> m_printed; ///< the scenario that has printed last
    bool m_chosen = false; ///< by the viewer: do not follow the run
    TerminalText m_terminal;
    qsizetype m_partial = 0; ///< characters at the end that may still change
    bool m_ended = false; ///< the exit status stands there
};

/// "exit status 0", "killed by signal 9": how the program ended, as the last line says it.
QString endText(const Exit& exit);

} // namespace timeslice
