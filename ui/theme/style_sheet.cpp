// The window's style sheet, in the theme's colours.
#include "ui/theme/theme.h"

#include <QHash>

namespace timeslice {

namespace {

// @name@ stands for a colour of the theme. Sizes in px are logical. Text without a colour of its own here has the
// palette's: a colour for all widgets, or for fields, would make placeholders a pale tone of it, less legible than the
// palette's.
constexpr const char* kSheet = R"(
QMainWindow, QDialog, QStackedWidget { background: @window@; }
QWidget[role="sidebar"] { background: @sidebar@; }
QWidget[role="header"] { background: @sidebar@; border: none; border-bottom: 1px solid @border@; }
QWidget[role="strip"] { background: @window@; border: none; border-bottom: 1px solid @border@; }
QFrame[role="card"] { background: @card@; border: 1px solid @border@; border-radius: 8px; }
QFrame[role="line"] { background: @border@; border: none; max-height: 1px; min-height: 1px; }

QLabel { background: transparent; border: none; }
QLabel[role="title"] { font-size: 22pt; font-weight: 700; }
QLabel[role="question"] { font-size: 12.5pt; color: @mutedText@; }
QLabel[role="section"] { font-size: 8.5pt; font-weight: 700; color: @mutedText@; }
QLabel[role="headline"] { font-size: 42pt; font-weight: 700; }
QLabel[role="muted"] { color: @mutedText@; }
QLabel[role="strong"] { font-weight: 700; }
QLabel[role="good"] { color: @good@; font-weight: 700; }
QLabel[role="warning"] { color: @warning@; font-weight: 700; }
QLabel[role="bad"] { color: @bad@; font-weight: 700; }
QLabel:disabled { color: @disabled@; }

QPushButton {
    background: @card@; color: @text@; border: 1px solid @border@; border-radius: 6px; padding: 6px 18px;
}
QPushButton:hover { background: @hover@; }
QPushButton:pressed { background: @pressed@; }
QPushButton:focus { border: 1px solid @accent@; }
QPushButton:disabled { color: @disabled@; }
QPushButton[role="primary"] {
    background: @accent@; color: @accentText@; border: 1px solid @accent@; border-radius: 17px;
    min-height: 32px; max-height: 32px; padding: 0px 18px; font-weight: 700;
}
QPushButton[role="primary"]:hover { background: @accentHover@; border-color: @accentHover@; }
QPushButton[role="primary"]:focus { border: 2px solid @text@; }
QPushButton[role="primary"]:disabled { background: @border@; border-color: @border@; color: @mutedText@; }
QPushButton[role="choice"] {
    background: @card@; border: 1px solid @border@; border-radius: 18px;
    min-height: 34px; max-height: 34px; padding: 0px 22px;
}
QPushButton[role="choice"]:hover { background: @hover@; }
QPushButton[role="choice"]:checked { border: 2px solid @accent@; color: @accentStrong@; font-weight: 700; }
QPushButton[role="choice"]:focus { border: 2px solid @accent@; }
QPushButton[role="plain"] { background: transparent; border: 1px solid transparent; color: @mutedText@; }
QPushButton[role="plain"]:hover { color: @text@; }
QPushButton[role="plain"]:focus { border: 1px solid @accent@; }
QPushButton::menu-indicator { width: 0px; }

QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit, QTextEdit {
    background: @card@; border: 1px solid @border@; border-radius: 6px; padding: 4px 8px;
    selection-background-color: @accent@; selection-color: @accentText@;
}
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus { border: 1px solid @accent@; }
QLineEdit[role="search"] { padding: 8px 14px; }
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled { color: @disabled@; }
QComboBox::drop-down { border: none; width: 18px; }
QComboBox QAbstractItemView {
    background: @card@; color: @text@; border: 1px solid @border@; outline: none; padding: 4px;
    selection-background-color: @accent@; selection-color: @accentText@;
}
QCheckBox { spacing: 8px; background: transparent; }

QAbstractItemView { background: @sidebar@; border: none; outline: none; }
QListView::item, QTreeView::item { padding: 7px 14px; border-radius: 6px; border: none; }
QListView::item:hover, QTreeView::item:hover { background: @hover@; }
QListView::item:selected, QTreeView::item:selected {
    background: @accent@; color: @accentText@; font-weight: 700;
}
QListView::item:disabled { color: @mutedText@; background: transparent; }

QToolTip { background: @card@; color: @text@; border: 1px solid @border@; padding: 6px 8px; }
QMenu { background: @card@; border: 1px solid @border@; padding: 6px; }
QMenu::item { padding: 6px 22px; border-radius: 4px; }
QMenu::item:selected { background: @accent@; color: @accentText@; }
QMenu::item:disabled { color: @disabled@; }
QMenu::separator { height: 1px; background: @border@; margin: 5px 8px; }

QScrollArea { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0px; border: none; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0px; border: none; }
QScrollBar::handle { background: @handle@; border-radius: 3px; margin: 2px; }
QScrollBar::handle:hover { background: @mutedText@; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0px; height: 0px; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSplitter::handle { background: @border@; }
QStatusBar { background: @sidebar@; border-top: 1px solid @border@; }
QStatusBar::item { border: none; }
)";

} // namespace

QString Theme::styleSheet() const
{
    const QColor strong = kind == ThemeKind::Light ? mix(accent, QColor(Qt::black), 0.1) : accent;
    const QHash<QString, QColor> colors{
        {"window", window},
        {"sidebar", sidebar},
        {"card", card},
        {"border", border},
        {"text", text},
        {"mutedText", mutedText},
        {"accent", accent},
        {"accentText", accentText},
        {"accentStrong", strong},
        {"accentHover", mix(accent, text, 0.12)},
        {"good", good},
        {"warning", warning},
        {"bad", bad},
        {"hover", mix(card, text, 0.05)},
        {"pressed", mix(card, text, 0.1)},
        {"handle", mix(sidebar, mutedText, 0.75)},
        {"disabled", palette().color(QPalette::Disabled, QPalette::Text)},
    };
    QString sheet;
    const QStringList parts = QString::fromUtf8(kSheet).split(QLatin1Char('@'));
    for (qsizetype i = 0; i < parts.size(); ++i) {
        sheet += i % 2 == 0 ? parts[i] : colors.value(parts[i]).name();
    }
    return sheet;
}

} // namespace timeslice
