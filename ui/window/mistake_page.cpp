#include "ui/window/mistake_page.h"

#include "ui/text/free_text.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/wrapped_label.h"

#include <QFile>
#include <QFontDatabase>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QTextBlock>
#include <QVBoxLayout>
#include <algorithm>

namespace timeslice {

namespace {

constexpr qint64 kShown = qint64{1} << 20; ///< of the file, in bytes

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
    layout->addWidget(m_place);
    layout->addWidget(m_what);
    layout->addWidget(m_text, 1);
    layout->addLayout(row);
    connect(m_edit, &QPushButton::clicked, this, &MistakePage::editClicked);
}

void MistakePage::setTheme(const Theme& theme)
{
    m_theme = &theme;
    markLine();
}

void MistakePage::showMistake(const ScenarioMistake& mistake)
{
    m_mistake = mistake;
    const QString file = text(mistake.file.filename().string());
    m_title->setText(tr("%1 cannot be read").arg(file));
    m_path->setText(text(mistake.file.string()));
    m_place->setText(tr("Line %1, column %2").arg(mistake.line).arg(mistake.column));
    m_place->setVisible(mistake.line > 0);
    m_what->setText(text(mistake.what));
    showText();
}

/// With the numbers of its lines, which the message speaks of.
void MistakePage::showText()
{
    QFile file(text(m_mistake.file.string()));
    m_text->setVisible(m_mistake.line > 0 && file.open(QIODevice::ReadOnly));
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
    markLine();
    const int above = 6;
    m_text->verticalScrollBar()->setValue(std::max(0, static_cast<int>(m_mistake.line) - 1 - above));
}

void MistakePage::markLine()
{
    const QTextBlock block = m_text->document()->findBlockByNumber(static_cast<int>(m_mistake.line) - 1);
    QTextEdit::ExtraSelection line;
    line.cursor = QTextCursor(block);
    line.format.setBackground(mix(m_theme->card, m_theme->warning, 0.28));
    line.format.setProperty(QTextFormat::FullWidthSelection, true);
    m_text->setExtraSelections(block.isValid() ? QList{line} : QList<QTextEdit::ExtraSelection>());
}

} // namespace timeslice
