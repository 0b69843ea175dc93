#include "ui/window/mistake_page.h"

#include "ui/text/free_text.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/wrapped_label.h"

#include <QFile>
#include <QFontDatabase>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QTextBlock>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

namespace timeslice {

namespace {

constexpr qint64 kShown = qint64{1} << 20; ///< of the file, in bytes
constexpr int kRowsAtOnce = 6; ///< of the list; the text below it needs the room

QLabel* label(const char* name, const char* role, QWidget* parent)
{
    auto* made = new WrappedLabel(parent);
    made->setObjectName(name);
    made->setProperty("role", role);
    made->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return made;
}

} // namespace

MistakePage::MistakePage(QWidget* parent)
    : QWidget(parent)
    , m_title(new ElidedLabel(this))
    , m_path(new ElidedLabel(this))
    , m_count(label("mistakeCount", "muted", this))
    , m_list(new QListWidget(this))
    , m_place(label("mistakePlace", "strong", this))
    , m_what(label("mistakeWhat", "", this))
    , m_text(new QPlainTextEdit(this))
    , m_edit(new QPushButton(tr("Open in the editor"), this))
{
    setObjectName("mistakePage");
    m_title->setObjectName("mistakeTitle");
    m_title->setProperty("role", "title");
    m_path->setObjectName("mistakePath");
    m_path->setProperty("role", "muted");
    m_list->setObjectName("mistakeList");
    m_list->setAccessibleName(tr("The mistakes"));
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setTextElideMode(Qt::ElideRight);
    m_list->setUniformItemSizes(true);
    m_text->setObjectName("mistakeText");
    m_text->setAccessibleName(tr("The file's text"));
    m_text->setReadOnly(true);
    m_text->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_text->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_edit->setObjectName("mistakeEdit");
    m_edit->setProperty("role", "primary");
    m_edit->setAutoDefault(true);
    m_edit->setAccessibleName(m_edit->text());
    m_edit->setToolTip(tr("Opens this file in the desktop's editor"));
    auto* hint = label("mistakeHint", "muted", this);
    hint->setText(tr("It is read again as soon as it is saved. The other lessons are not affected."));

    auto* row = new QHBoxLayout;
    row->setSpacing(14);
    row->addWidget(hint, 1);
    row->addWidget(m_edit);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(24, 14, 24, 18);
    layout->setSpacing(8);
    layout->addWidget(m_title);
    layout->addWidget(m_path);
    layout->addSpacing(6);
    layout->addWidget(m_count);
    layout->addWidget(m_list);
    layout->addWidget(m_place);
    layout->addWidget(m_what);
    layout->addWidget(m_text, 1);
    layout->addLayout(row);
    connect(m_edit, &QPushButton::clicked, this, &MistakePage::editClicked);
    connect(m_list, &QListWidget::currentRowChanged, this, [this](int mistake) {
        if (mistake >= 0) {
            showMistake(static_cast<std::size_t>(mistake));
        }
    });
}

void MistakePage::setTheme(const Theme& theme)
{
    m_theme = &theme;
    markLines();
}

void MistakePage::showMistakes(const DamagedScenario& damaged)
{
    m_damaged = damaged;
    m_title->setText(tr("%1 cannot be read").arg(text(damaged.file.filename().string())));
    m_path->setText(text(damaged.file.string()));
    showText();
    listMistakes();
    showMistake(0);
}

/// Of a single mistake all is said below.
void MistakePage::listMistakes()
{
    const QSignalBlocker quiet(m_list);
    m_list->clear();
    for (const ScenarioMistake& mistake : m_damaged.mistakes) {
        const QString what = text(mistake.what);
        auto* item =
            new QListWidgetItem(mistake.line == 0 ? what : tr("Line %1:  %2").arg(mistake.line).arg(what), m_list);
        item->setToolTip(what);
    }
    const bool several = m_damaged.mistakes.size() > 1;
    m_count->setText(tr("%1 mistakes").arg(m_damaged.mistakes.size()));
    m_count->setVisible(several);
    m_list->setVisible(several);
    m_list->setCurrentRow(0);
    const int rows = std::min(m_list->count(), kRowsAtOnce);
    m_list->setFixedHeight(rows * m_list->sizeHintForRow(0) + 2 * m_list->frameWidth());
}

void MistakePage::showMistake(std::size_t mistake)
{
    m_shown = mistake;
    const ScenarioMistake& shown = m_damaged.mistakes[mistake];
    m_place->setText(tr("Line %1, column %2").arg(shown.line).arg(shown.column));
    m_place->setVisible(shown.line > 0);
    m_what->setText(text(shown.what));
    markLines();
    const int above = 6;
    m_text->verticalScrollBar()->setValue(std::max(0, static_cast<int>(shown.line) - 1 - above));
}

/// With the numbers of its lines, which the messages speak of.
void MistakePage::showText()
{
    const bool placed = std::any_of(m_damaged.mistakes.begin(), m_damaged.mistakes.end(),
        [](const ScenarioMistake& mistake) { return mistake.line > 0; });
    QFile file(text(m_damaged.file.string()));
    m_text->setVisible(placed && file.open(QIODevice::ReadOnly));
    if (!m_text->isVisibleTo(this)) {
        return;
    }
    const QStringList lines = QString::fromUtf8(file.read(kShown)).split(u'\n');
    const auto width = static_cast<int>(QString::number(lines.size()).size());
    QStringList numbered;
    for (qsizetype i = 0; i < lines.size(); ++i) {
        numbered << QStringLiteral("%1  %2").arg(i + 1, width).arg(lines[i]);
    }
    m_text->setPlainText(numbered.join(u'\n'));
}

/// All lines with a mistake, that of the one that is shown more than the others.
void MistakePage::markLines()
{
    constexpr double kOther = 0.1;
    constexpr double kThis = 0.28;
    QList<QTextEdit::ExtraSelection> selections;
    const std::size_t shownLine = m_damaged.mistakes.empty() ? 0 : m_damaged.mistakes[m_shown].line;
    std::size_t last = 0; // they are in order
    for (const ScenarioMistake& mistake : m_damaged.mistakes) {
        const QTextBlock block = m_text->document()->findBlockByNumber(static_cast<int>(mistake.line) - 1);
        if (mistake.line == std::exchange(last, mistake.line) || !block.isValid()) {
            continue;
        }
        QTextEdit::ExtraSelection line;
        line.cursor = QTextCursor(block);
        line.format.setBackground(mix(m_theme->card, m_theme->warning, mistake.line == shownLine ? kThis : kOther));
        line.format.setProperty(QTextFormat::FullWidthSelection, true);
        selections << line;
    }
    m_text->setExtraSelections(selections);
}

} // namespace timeslice
