#include "ui/window/code_view.h"

#include <QFontDatabase>
#include <QScrollBar>
#include <QTextBlock>
#include <QWheelEvent>
#include <algorithm>

namespace timeslice {

namespace {
constexpr int kMargin = 8;
}

CodeView::CodeView(QWidget* parent)
    : QPlainTextEdit(parent)
{
    setObjectName("code");
    setAccessibleName(tr("Code of the job"));
    setReadOnly(true);
    setTabChangesFocus(true);
    setFocusPolicy(Qt::ClickFocus);
    setLineWrapMode(NoWrap);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFrameShape(NoFrame);
    document()->setDocumentMargin(kMargin);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void CodeView::setCode(const QString& code)
{
    if (code != toPlainText()) {
        setPlainText(code);
        fitHeight();
    }
}

void CodeView::fitHeight()
{
    const int lines = std::max(1, document()->blockCount());
    int widest = 0;
    for (QTextBlock block = document()->begin(); block.isValid(); block = block.next()) {
        widest = std::max(widest, fontMetrics().horizontalAdvance(block.text()));
    }
    const int inner = width() - 2 * kMargin - (width() - viewport()->width());
    const int bar = widest > inner ? horizontalScrollBar()->sizeHint().height() : 0;
    const int frame = height() > 0 ? 2 * frameWidth() : 0;
    const int padding = 10; // of the style sheet: border and padding above and below
    setFixedHeight(lines * fontMetrics().lineSpacing() + 2 * kMargin + frame + bar + padding);
}

void CodeView::resizeEvent(QResizeEvent* event)
{
    QPlainTextEdit::resizeEvent(event);
    fitHeight();
}

void CodeView::changeEvent(QEvent* event)
{
    QPlainTextEdit::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) {
        fitHeight();
    }
}

void CodeView::wheelEvent(QWheelEvent* event)
{
    // All of it is visible: turning the wheel over it scrolls the panel.
    if (event->angleDelta().x() == 0) {
        event->ignore();
    } else {
        QPlainTextEdit::wheelEvent(event);
    }
}

} // namespace timeslice
