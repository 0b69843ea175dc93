// OutputPanel: what the program prints, as it prints it, under the timeline.
//
// A strip that opens and closes a field of lines. It is there only if something was printed.
#pragma once

#include "core/session/run_model.h"
#include "ui/theme/theme.h"
#include "ui/window/terminal_text.h"

#include <QWidget>
#include <optional>

class QComboBox;
class QLabel;
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
    /// Everything that a run has printed so far; null: nothing. `open`: whether its lines are shown at first, or the
    /// strip alone. Follows the variant that runs.
    void showModel(const RunModel* model, bool open);
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

protected:
    bool event(QEvent* event) override;

private:
    void fitStrip();
    void choose(std::size_t variant);
    void write(std::string_view bytes);
    void insertLines();
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
    std::optional<std::size_t> m_shown; ///< the variant whose output it is
    bool m_chosen = false; ///< by the viewer: do not follow the run
    TerminalText m_terminal;
    qsizetype m_partial = 0; ///< characters at the end that may still change
    bool m_ended = false; ///< the exit status stands there
};

/// "exit status 0", "killed by signal 9": how the program ended, as the last line says it.
QString endText(const Exit& exit);

} // namespace timeslice
