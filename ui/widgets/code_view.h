// CodeView: the job as code in a card, coloured as Python is (the course's pseudo-code reads as Python, too).
//
// QScintilla does the colouring. Its editor is made when the card is first on the screen, after that has been painted:
// the window opens without waiting for it.
#pragma once

#include "ui/theme/theme.h"

#include <QFrame>

class QsciScintilla;

namespace timeslice {

/// Read-only. As tall as its lines up to `mostLines`, then it scrolls.
class CodeView : public QFrame {
    Q_OBJECT
public:
    explicit CodeView(QWidget* parent = nullptr);

    void setCode(const QString& code);
    const QString& code() const noexcept { return m_code; }
    void setTheme(const Theme& theme);
    /// 0: as tall as the layout makes it.
    void setMostLines(int lines);
    /// A line that stands out, from 0; -1: none.
    void setMarkedLine(int line);
    int markedLine() const noexcept { return m_marked; }
    /// The size at which every line fits, as far as bounds allow; a line that is longer still is wrapped.
    int fittingPixels() const;
    void setTypePixels(int pixels);
    /// The editor, made if need be. For tests.
    QsciScintilla& editor();

signals:
    void widthChanged();

protected:
    bool event(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void make();
    void applyTheme();
    void mark();
    void fitHeight();
    int shownLines() const;

    QString m_code;
    const Theme* m_theme = &Theme::light();
    QsciScintilla* m_editor = nullptr;
    int m_mostLines;
    int m_pixels;
    int m_marked = -1;
    bool m_asked = false; ///< for the editor
};

} // namespace timeslice
