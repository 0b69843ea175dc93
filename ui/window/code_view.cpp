#include "ui/window/code_view.h"

#include <QFontDatabase>
#include <QTextBlock>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

namespace timeslice {

namespace {

constexpr int kMargin = 6;
constexpr int kFrame = 6; // of the style sheet, above and below: border and padding
constexpr int kLargestPixels = 12;
constexpr int kSmallestPixels = 10;

} // namespace

CodeView::CodeView(QWidget* parent)
    : QPlainTextEdit(parent)
{
    setObjectName("code");
    setAccessibleName(tr("Code of the job"));
    setReadOnly(true);
    setTabChangesFocus(true);
    setFocusPolicy(Qt::ClickFocus);
    setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFrameShape(NoFrame);
    document()->setDocumentMargin(kMargin);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void CodeView::setCode(const QString& code)
{
    if (code != toPlainText()) {
        setPlainText(code);
    }
}

int CodeView::fittingPixels() const
{
    // Measured at one size only: each further one is a font to load.
    QFont mono = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    mono.setPixelSize(kLargestPixels);
    const QFontMetricsF metrics(mono);
    qreal widest = 1;
    for (QTextBlock block = document()->begin(); block.isValid(); block = block.next()) {
        widest = std::max(widest, metrics.horizontalAdvance(block.text()));
    }
    const int room = viewport()->width() - 2 * kMargin;
    return std::clamp(static_cast<int>(kLargestPixels * room / widest), kSmallestPixels, kLargestPixels);
}

void CodeView::setTypePixels(int pixels)
{
    QFont mono = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    mono.setPixelSize(pixels);
    if (document()->defaultFont() != mono) {
        document()->setDefaultFont(mono);
    }
    fitHeight();
}

void CodeView::fitHeight()
{
    qreal height = 0;
    for (QTextBlock block = document()->begin(); block.isValid(); block = block.next()) {
        height += blockBoundingRect(block).height();
    }
    const int wanted = static_cast<int>(std::ceil(height)) + 2 * kMargin + kFrame;
    if (wanted != this->height()) {
        setFixedHeight(wanted);
    }
}

void CodeView::resizeEvent(QResizeEvent* event)
{
    QPlainTextEdit::resizeEvent(event);
    if (event->oldSize().width() != event->size().width()) {
        emit widthChanged();
    }
}

void CodeView::wheelEvent(QWheelEvent* event)
{
    event->ignore(); // all of it is visible: turning the wheel over it scrolls the panel
}

} // namespace timeslice
