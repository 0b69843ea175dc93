#include "ui/script/output_panel.h"

#include "ui/plot/one_line.h"
#include "ui/text/number_text.h"
#include "ui/widgets/elided_label.h"

#include <QAbstractSpinBox>
#include <QApplication>
#include <QComboBox>
#include <QFontDatabase>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QTextBlock>
#include <QToolButton>
#include <QVBoxLayout>

namespace timeslice {

namespace {

constexpr int kPixels = 12;
constexpr int kChoiceWidth = 340; ///< pixels at most
constexpr int kChoiceFrame = 44; ///< what a box has around its text, the arrow included
/// Of one piece, so that a program that prints without end does not stop the window; the model keeps more.
constexpr std::size_t kMostAtOnce = std::size_t{1} << 18;

QString titleOf(const VariantModel& variant)
{
    return oneLineText(variant.recording != nullptr ? variant.recording->title : variant.report.name);
}

} // namespace

QString endText(const Exit& exit)
{
    if (exit.kind == Exit::Kind::Exited) {
        return OutputPanel::tr("exit status %1").arg(exit.code);
    }
    return QString::fromStdString(exit.text);
}

OutputPanel::OutputPanel(QWidget* parent)
    : QWidget(parent)
    , m_toggle(new QToolButton(this))
    , m_choice(new QComboBox(this))
    , m_status(new ElidedLabel(this))
    , m_lines(new QPlainTextEdit(this))
{
    setObjectName("outputPanel");
    setAccessibleName(tr("Output"));
    setAttribute(Qt::WA_StyledBackground);
    m_toggle->setObjectName("outputToggle");
    m_toggle->setCheckable(true);
    m_toggle->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_toggle->setCursor(Qt::PointingHandCursor);
    m_toggle->setFocusPolicy(Qt::TabFocus);
    m_choice->setObjectName("outputVariant");
    m_choice->setAccessibleName(tr("Whose output"));
    m_choice->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_choice->setMaximumWidth(kChoiceWidth);
    m_status->setObjectName("outputStatus");
    m_status->setProperty("role", "muted");
    m_status->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_lines->setObjectName("outputText");
    m_lines->setAccessibleName(tr("What the program printed"));
    m_lines->setReadOnly(true);
    m_lines->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_lines->setUndoRedoEnabled(false);
    m_lines->setMaximumBlockCount(kOutputLines);
    m_lines->setWordWrapMode(QTextOption::WrapAnywhere);
    m_lines->setFrameShape(QFrame::NoFrame);
    m_lines->setTabChangesFocus(true);
    QFont mono = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    mono.setPixelSize(kPixels);
    m_lines->document()->setDefaultFont(mono);
    m_lines->setMinimumHeight(3 * QFontMetrics(mono).lineSpacing());

    auto* strip = new QHBoxLayout;
    strip->setContentsMargins(16, 2, 20, 2);
    strip->setSpacing(10);
    strip->addWidget(m_toggle);
    strip->addWidget(m_choice);
    strip->addWidget(m_status, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 1, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(strip);
    layout->addWidget(m_lines, 1);
    m_inputRow = buildInput();
    layout->addWidget(m_inputRow);

    connect(m_toggle, &QToolButton::clicked, this, &OutputPanel::setOpen);
    connect(m_choice, &QComboBox::activated, this, [this](int index) {
        m_chosen = true;
        choose(m_choice->itemData(index).value<std::size_t>());
    });
    setOpen(false);
    hide();
}

QWidget* OutputPanel::buildInput()
{
    auto* row = new QWidget(this);
    row->setObjectName("inputRow");
    auto* name = new QLabel(tr("Input"), row);
    name->setProperty("role", "muted");
    m_input = new QLineEdit(row);
    m_input->setObjectName("programInput");
    m_input->setAccessibleName(tr("Input of the program"));
    m_input->setFont(m_lines->document()->defaultFont());
    m_input->installEventFilter(this);
    name->setBuddy(m_input);
    m_endInput = new QToolButton(row);
    m_endInput->setObjectName("endInput");
    m_endInput->setText(tr("End"));
    m_endInput->setAccessibleName(tr("End of input"));
    m_endInput->setToolTip(tr("Nothing more will be typed: the program finds the end of its input (Ctrl+D)"));
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(22, 2, 20, 6);
    layout->setSpacing(10);
    layout->addWidget(name);
    layout->addWidget(m_input, 1);
    layout->addWidget(m_endInput);
    connect(m_input, &QLineEdit::returnPressed, this, [this] {
        const QString line = m_input->text();
        m_input->clear();
        m_lines->verticalScrollBar()->setValue(m_lines->verticalScrollBar()->maximum()); // whoever types, reads on
        emit typed(line);
    });
    connect(m_endInput, &QToolButton::clicked, this, &OutputPanel::inputEnded);
    row->hide();
    return row;
}

void OutputPanel::setInput(RunController::Input input)
{
    using Input = RunController::Input;
    if (input == m_inputState) {
        return;
    }
    m_inputState = input;
    const bool typing = m_input->hasFocus() || m_endInput->hasFocus();
    m_input->clear();
    m_input->setPlaceholderText(
        input == Input::Ended ? tr("has ended") : tr("what the program reads: type a line, then Return"));
    m_input->setEnabled(input == Input::Open);
    m_endInput->setEnabled(input == Input::Open);
    m_inputRow->setVisible(input != Input::None && isOpen());
    if (typing && input != Input::Open) {
        emit inputLeft();
    }
}

bool OutputPanel::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_input && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        // As on a terminal: after a part of a line it does nothing.
        if (key->key() == Qt::Key_D && key->modifiers() == Qt::ControlModifier) {
            if (m_input->text().isEmpty()) {
                emit inputEnded();
            }
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void OutputPanel::setTheme(const Theme& theme)
{
    m_theme = &theme;
    if (m_ended && m_shown) {
        choose(*m_shown); // the last line has a colour of its own
    }
}

QString OutputPanel::text() const
{
    return m_lines->toPlainText();
}

bool OutputPanel::isOpen() const
{
    return m_toggle->isChecked();
}

void OutputPanel::showModel(const RunModel* model, bool own)
{
    m_model = model;
    m_shown.reset();
    m_chosen = false;
    m_lines->clear();
    setVisible(false);
    if (model == nullptr) {
        return;
    }
    for (std::size_t i = model->variants().size(); i-- > 0;) {
        if (!model->variants()[i].output.empty()) {
            choose(i);
            break;
        }
    }
    const bool tried = !model->finished() || model->variants().front().phase != VariantModel::Phase::Waiting;
    // A lesson that has printed will print again: its strip is there from the beginning, else the picture above it is
    // drawn anew in another size in the middle of the run.
    const bool expected = m_printed && model->scenario() && model->scenario()->id == *m_printed;
    if ((own || expected) && !m_shown && tried) {
        choose(0);
    }
    setOpen(own && !silent());
    setVisible(m_shown.has_value());
}

void OutputPanel::append(std::size_t variant, const std::string& bytes)
{
    if (m_model == nullptr || variant >= m_model->variants().size() || bytes.empty()) {
        return;
    }
    if (m_shown != variant) {
        if (m_chosen && m_shown) {
            listVariants();
            return;
        }
        choose(variant); // with these bytes, which the model has
        setVisible(true);
        emit heightChanged();
    } else {
        write(bytes);
        updateStrip();
    }
    if (asks(bytes)) {
        m_input->setFocus(Qt::OtherFocusReason);
    }
}

void OutputPanel::choose(std::size_t variant)
{
    m_shown = variant;
    if (m_model->scenario() && !m_model->variants()[variant].output.empty()) {
        m_printed = m_model->scenario()->id;
    }
    m_terminal = {};
    m_partial = 0;
    m_ended = false;
    m_lines->clear();
    write(m_model->variants()[variant].output);
    writeEnd();
    listVariants();
    updateStrip();
}

void OutputPanel::write(std::string_view bytes)
{
    if (bytes.size() > kMostAtOnce) {
        bytes.remove_prefix(bytes.size() - kMostAtOnce);
        // Not from the middle of a line, or of a character.
        const std::size_t line = bytes.find('\n');
        bytes.remove_prefix(line == std::string_view::npos ? 0 : line + 1);
    }
    m_terminal.feed(bytes);
    insertLines();
}

void OutputPanel::insertLines()
{
    QScrollBar* bar = m_lines->verticalScrollBar();
    const bool follows = bar->value() >= bar->maximum() - 1;
    const int before = bar->value();
    QStringList lines = m_terminal.takeLines();
    if (lines.size() > kOutputLines) {
        lines.erase(lines.begin(), lines.end() - kOutputLines);
    }
    lines << m_terminal.current();

    QTextCursor cursor(m_lines->document());
    cursor.movePosition(QTextCursor::End);
    cursor.movePosition(QTextCursor::PreviousCharacter, QTextCursor::KeepAnchor, static_cast<int>(m_partial));
    cursor.insertText(lines.join(u'\n'), QTextCharFormat());
    m_partial = m_terminal.current().size();
    bar->setValue(follows ? bar->maximum() : before);
}

/// Whether the line that is still open is a question to whoever reads it, whose keys are then the answer's and no
/// shortcuts. A progress bar, which begins its line anew, is none, and a text being typed elsewhere is not torn apart.
bool OutputPanel::asks(std::string_view bytes) const
{
    const QString& line = m_terminal.current();
    const QWidget* focus = QApplication::focusWidget();
    const bool typing =
        qobject_cast<const QLineEdit*>(focus) != nullptr || qobject_cast<const QAbstractSpinBox*>(focus) != nullptr;
    return m_inputState == RunController::Input::Open && isOpen() && !typing && !line.isEmpty()
        && QStringView(u" :?>").contains(line.back()) && bytes.find('\r') == std::string_view::npos;
}

/// Whether what is shown ended well without a word.
bool OutputPanel::silent() const
{
    if (!m_shown) {
        return false;
    }
    const VariantModel& variant = m_model->variants()[*m_shown];
    return variant.phase == VariantModel::Phase::Ended && variant.output.empty() && variant.report.exit.ok();
}

void OutputPanel::writeEnd()
{
    const VariantModel& variant = m_model->variants()[*m_shown];
    if (m_ended || variant.phase != VariantModel::Phase::Ended) {
        return;
    }
    m_ended = true;
    QScrollBar* bar = m_lines->verticalScrollBar();
    const bool follows = bar->value() >= bar->maximum() - 1;
    QTextCharFormat format;
    format.setForeground(variant.report.exit.ok() ? m_theme->mutedText : m_theme->bad);
    QTextCursor cursor(m_lines->document());
    cursor.movePosition(QTextCursor::End);
    cursor.insertText((m_partial > 0 ? QStringLiteral("\n") : QString()) + endText(variant.report.exit), format);
    if (follows) {
        bar->setValue(bar->maximum());
    }
    if (silent()) {
        setOpen(false); // nobody needs to see more of nothing than its exit status
    }
}

void OutputPanel::refresh()
{
    if (m_model != nullptr && m_shown) {
        writeEnd();
        updateStrip();
    }
}

void OutputPanel::listVariants()
{
    m_choice->clear();
    for (std::size_t i = 0; i < m_model->variants().size(); ++i) {
        const VariantModel& variant = m_model->variants()[i];
        if (!variant.output.empty()) {
            // A box cuts what is too long for it in the middle of a letter.
            const QString title = titleOf(variant);
            m_choice->addItem(m_choice->fontMetrics().elidedText(title, Qt::ElideRight, kChoiceWidth - kChoiceFrame),
                QVariant::fromValue(i));
            m_choice->setItemData(m_choice->count() - 1, title, Qt::ToolTipRole);
            if (m_shown == i) {
                m_choice->setCurrentIndex(m_choice->count() - 1);
            }
        }
    }
    m_choice->setVisible(m_choice->count() > 1);
}

void OutputPanel::setOpen(bool open)
{
    const bool changed = m_lines->isHidden() == open;
    m_toggle->setChecked(open);
    m_toggle->setText((open ? QStringLiteral("▾  ") : QStringLiteral("▸  ")) + tr("OUTPUT"));
    m_toggle->setAccessibleName(tr("Output"));
    m_toggle->setToolTip(open ? tr("Hide what the program prints") : tr("Show what the program prints"));
    m_lines->setVisible(open);
    m_inputRow->setVisible(open && m_inputState != RunController::Input::None);
    fitStrip();
    if (changed) {
        emit heightChanged();
    }
}

void OutputPanel::fitStrip()
{
    const int most = isOpen() ? QWIDGETSIZE_MAX : layout()->minimumSize().height();
    if (most != maximumHeight()) {
        setMaximumHeight(most);
        emit heightChanged();
    }
}

bool OutputPanel::event(QEvent* event)
{
    const bool handled = QWidget::event(event);
    if (event->type() == QEvent::LayoutRequest || event->type() == QEvent::Show) {
        fitStrip(); // the strip's own height depends on the style, which comes late
    }
    return handled;
}

void OutputPanel::updateStrip()
{
    const VariantModel& variant = m_model->variants()[*m_shown];
    const bool ended = variant.phase == VariantModel::Phase::Ended;
    int lines = m_lines->blockCount() - (m_ended ? 1 : 0);
    lines -= !m_ended && m_partial == 0 ? 1 : 0;
    QStringList parts;
    if (!ended && !isOpen() && !m_terminal.current().isEmpty()) {
        parts << m_terminal.current();
    }
    parts << (lines >= kOutputLines - 1 ? tr("the last %1 lines").arg(countText(kOutputLines))
                                        : pluralText(lines, tr("line")));
    if (ended) {
        parts << endText(variant.report.exit);
    }
    m_status->setText(parts.join(QStringLiteral(" · ")));
}

} // namespace timeslice
