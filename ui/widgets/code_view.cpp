#include "ui/widgets/code_view.h"

#include <QEvent>
#include <QFontDatabase>
#include <QScrollBar>
#include <QTimer>
#include <QVBoxLayout>
#include <QWheelEvent>
#include <Qsci/qscilexerpython.h>
#include <Qsci/qsciscintilla.h>
#include <algorithm>
#include <cmath>

namespace timeslice {

namespace {

constexpr int kTextMargin = 8; // left and right of the text
constexpr int kTextPadding = 7; // above and below
constexpr int kLargestPixels = 12;
constexpr int kSmallestCodePixels = 10;
constexpr int kMostLines = 24;
constexpr int kMarker = 1; // Scintilla's number of the marker
constexpr double kMarkTint = 0.16; // of the marked line

QFont codeFont(int pixels)
{
    QFont mono = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    mono.setPixelSize(pixels);
    return mono;
}

/// QScintilla gives Scintilla a font by its points, in hundredths; ours are pixels.
QFont inPoints(const QFont& font, int dpi)
{
    QFont result = font;
    result.setPointSizeF(font.pixelSize() * 72.0 / dpi);
    return result;
}

} // namespace

CodeView::CodeView(QWidget* parent)
    : QFrame(parent)
    , m_mostLines(kMostLines)
    , m_pixels(kLargestPixels)
{
    setObjectName("code");
    setProperty("role", "card");
    setAccessibleName(tr("Code of the job"));
    setFocusPolicy(Qt::ClickFocus);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(2, kTextPadding, 2, kTextPadding);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void CodeView::setCode(const QString& code)
{
    if (code == m_code) {
        return;
    }
    m_code = code;
    m_marked = -1;
    if (m_editor != nullptr) {
        m_editor->setText(m_code);
        mark();
    }
    setAccessibleDescription(m_code);
    fitHeight();
}

void CodeView::setTheme(const Theme& theme)
{
    m_theme = &theme;
    applyTheme();
}

void CodeView::setMarkedLine(int line)
{
    if (line != m_marked) {
        m_marked = line;
        mark();
    }
}

void CodeView::mark()
{
    if (m_editor == nullptr) {
        return;
    }
    m_editor->markerDeleteAll(kMarker);
    if (m_marked >= 0) {
        m_editor->markerAdd(m_marked, kMarker);
    }
}

void CodeView::setMostLines(int lines)
{
    m_mostLines = lines;
    setSizePolicy(QSizePolicy::Preferred, lines > 0 ? QSizePolicy::Fixed : QSizePolicy::Expanding);
    fitHeight();
}

int CodeView::fittingPixels() const
{
    // Measured at one size only: each further one is a font to load.
    const QFontMetricsF metrics(codeFont(kLargestPixels));
    qsizetype longest = 1;
    for (const QStringView line : QStringView(m_code).split(u'\n')) {
        longest = std::max(longest, line.size());
    }
    const int room = contentsRect().width() - 2 * kTextMargin - 4;
    const double widest = metrics.horizontalAdvance(u'm') * static_cast<double>(longest);
    return std::clamp(static_cast<int>(kLargestPixels * room / widest), kSmallestCodePixels, kLargestPixels);
}

void CodeView::setTypePixels(int pixels)
{
    if (pixels != m_pixels) {
        m_pixels = pixels;
        applyTheme();
    }
    fitHeight();
}

QsciScintilla& CodeView::editor()
{
    if (m_editor == nullptr) {
        make();
    }
    return *m_editor;
}

void CodeView::make()
{
    m_editor = new QsciScintilla(this);
    m_editor->setObjectName("codeEditor");
    m_editor->setAccessibleName(accessibleName());
    m_editor->setUtf8(true);
    m_editor->setFrameShape(QFrame::NoFrame);
    m_editor->setFocusPolicy(Qt::ClickFocus);
    m_editor->setAcceptDrops(false);
    m_editor->setTabWidth(4);
    for (int margin = 0; margin < 3; ++margin) {
        m_editor->setMarginWidth(margin, 0);
    }
    m_editor->SendScintilla(QsciScintilla::SCI_SETMARGINLEFT, 0UL, static_cast<long>(kTextMargin));
    m_editor->SendScintilla(QsciScintilla::SCI_SETMARGINRIGHT, 0UL, static_cast<long>(kTextMargin));
    m_editor->SendScintilla(QsciScintilla::SCI_SETCARETSTYLE, static_cast<unsigned long>(0)); // nothing to write
    m_editor->setWrapMode(QsciScintilla::WrapWord);
    m_editor->setWrapIndentMode(QsciScintilla::WrapIndentIndented);
    m_editor->SendScintilla(QsciScintilla::SCI_SETHSCROLLBAR, static_cast<unsigned long>(0));
    // It is moved while a run goes on, and painted where it comes to lie.
    m_editor->SendScintilla(
        QsciScintilla::SCI_SETLAYOUTCACHE, static_cast<unsigned long>(QsciScintilla::SC_CACHE_DOCUMENT));
    auto* lexer = new QsciLexerPython(m_editor);
    lexer->setFoldComments(false);
    m_editor->setLexer(lexer);
    m_editor->setText(m_code);
    m_editor->setReadOnly(true);
    m_editor->markerDefine(QsciScintilla::Background, kMarker);
    mark();
    layout()->addWidget(m_editor);
    setFocusProxy(m_editor);
    m_editor->viewport()->installEventFilter(this);
    applyTheme();
    m_editor->show();
    fitHeight();
}

void CodeView::applyTheme()
{
    if (m_editor == nullptr) {
        return;
    }
    const QFont plain = inPoints(codeFont(m_pixels), logicalDpiY());
    QFont strong = plain;
    strong.setBold(true);
    auto* lexer = static_cast<QsciLexerPython*>(m_editor->lexer());
    lexer->setDefaultPaper(m_theme->card);
    lexer->setDefaultColor(m_theme->text);
    lexer->setDefaultFont(plain);
    lexer->setPaper(m_theme->card);
    lexer->setColor(m_theme->text);
    lexer->setFont(plain);
    const auto style = [&](std::initializer_list<int> styles, const QColor& color, const QFont& font) {
        for (const int each : styles) {
            lexer->setColor(color, each);
            lexer->setFont(font, each);
        }
    };
    using Python = QsciLexerPython;
    style({Python::Keyword}, m_theme->accent, strong);
    style({Python::Comment, Python::CommentBlock}, m_theme->mutedText, plain);
    style({Python::DoubleQuotedString, Python::SingleQuotedString, Python::TripleSingleQuotedString,
              Python::TripleDoubleQuotedString, Python::UnclosedString, Python::DoubleQuotedFString,
              Python::SingleQuotedFString, Python::TripleSingleQuotedFString, Python::TripleDoubleQuotedFString},
        m_theme->good, plain);
    style({Python::Number, Python::Decorator}, m_theme->warning, plain);
    style({Python::ClassName, Python::FunctionMethodName}, m_theme->text, strong);
    m_editor->setPaper(m_theme->card);
    m_editor->setColor(m_theme->text);
    m_editor->setMarkerBackgroundColor(mix(m_theme->card, m_theme->bad, kMarkTint), kMarker);
    m_editor->setSelectionBackgroundColor(m_theme->accent);
    m_editor->setSelectionForegroundColor(m_theme->accentText);
}

int CodeView::shownLines() const
{
    if (m_editor != nullptr && m_editor->isVisible()) {
        int lines = 0;
        for (int line = 0; line < m_editor->lines() && (m_mostLines == 0 || lines < m_mostLines); ++line) {
            lines += static_cast<int>(
                m_editor->SendScintilla(QsciScintilla::SCI_WRAPCOUNT, static_cast<unsigned long>(line)));
        }
        return lines;
    }
    // As it will wrap, nearly.
    const double advance = QFontMetricsF(codeFont(m_pixels)).horizontalAdvance(u'm');
    const auto columns =
        std::max<qsizetype>(8, static_cast<qsizetype>((contentsRect().width() - 2 * kTextMargin - 4) / advance));
    qsizetype lines = 0;
    for (const QStringView line : QStringView(m_code).split(u'\n')) {
        lines += std::max<qsizetype>(1, (line.size() + columns - 1) / columns);
    }
    return static_cast<int>(std::min<qsizetype>(lines, 1 << 16));
}

void CodeView::fitHeight()
{
    if (m_mostLines == 0) {
        return;
    }
    const int line = m_editor != nullptr ? static_cast<int>(m_editor->SendScintilla(QsciScintilla::SCI_TEXTHEIGHT, 0UL))
                                         : static_cast<int>(std::ceil(QFontMetricsF(codeFont(m_pixels)).height()));
    const int lines = shownLines();
    const int wanted = std::min(lines, m_mostLines) * line + 2 * kTextPadding + 2 * frameWidth();
    if (m_editor != nullptr) {
        m_editor->setVerticalScrollBarPolicy(lines >= m_mostLines ? Qt::ScrollBarAsNeeded : Qt::ScrollBarAlwaysOff);
    }
    if (wanted != height()) {
        setFixedHeight(wanted);
    }
}

bool CodeView::event(QEvent* event)
{
    if (event->type() == QEvent::Paint && m_editor == nullptr && !m_asked) {
        m_asked = true;
        QTimer::singleShot(0, this, [this] { editor(); });
    }
    return QFrame::event(event);
}

void CodeView::resizeEvent(QResizeEvent* event)
{
    QFrame::resizeEvent(event);
    if (event->oldSize().width() != event->size().width()) {
        emit widthChanged();
    }
}

bool CodeView::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Wheel && m_mostLines > 0) {
        // What it cannot scroll itself scrolls the panel around it.
        const QScrollBar* bar = m_editor->verticalScrollBar();
        const int turn = static_cast<QWheelEvent*>(event)->angleDelta().y();
        if ((turn > 0 && bar->value() <= bar->minimum()) || (turn < 0 && bar->value() >= bar->maximum())) {
            event->ignore();
            return true;
        }
    } else if (event->type() == QEvent::Resize) {
        QTimer::singleShot(0, this, &CodeView::fitHeight); // lines wrap anew
    }
    return QFrame::eventFilter(watched, event);
}

} // namespace timeslice
