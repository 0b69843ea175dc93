#include "ui/window/window_style.h"

namespace timeslice {

namespace {

// @name@ stands for a colour, @icons@ for a folder.
constexpr const char* kWindowSheet = R"(
QLabel#wordmark { font-size: 14pt; font-weight: 700; }
QWidget[role="separator"] { background: @border@; }
QWidget[role="footer"] { background: @sidebar@; border: none; border-top: 1px solid @border@; }
QScrollArea#resultPanel { background: @sidebar@; }
QScrollArea#resultPanel:focus { border: 1px solid @accent@; }
QWidget#topBar QPushButton { padding: 5px 16px; }

QPushButton[role="choice"] { padding: 0px 10px; min-height: 30px; max-height: 30px; border-radius: 16px; }
QPushButton[role="choice"]:disabled { color: @mutedText@; background: transparent; }
QPushButton[role="choice"]:checked:disabled { color: @accent@; border: 2px solid @accent@; }
QPushButton[role="primary"] { min-height: 30px; max-height: 30px; border-radius: 16px; min-width: 84px; }
QPushButton#resetKnobs, QPushButton#predictAgain { padding: 3px 8px; color: @accent@; }
QPushButton#predictAgain { padding: 3px 0px; margin-top: 4px; }

QWidget#knobBar QSpinBox, QWidget#knobBar QComboBox { padding: 3px 4px 3px 8px; min-height: 18px; }
QSpinBox::up-button, QSpinBox::down-button { border: none; background: transparent; width: 16px; }
QSpinBox::up-arrow { image: url(@icons@/chevron-up.svg); width: 9px; height: 9px; }
QSpinBox::down-arrow, QComboBox::down-arrow { image: url(@icons@/chevron-down.svg); width: 9px; height: 9px; }
QSpinBox::up-arrow:disabled, QSpinBox::up-arrow:off, QSpinBox::down-arrow:disabled, QSpinBox::down-arrow:off,
QComboBox::down-arrow:disabled { image: none; }
QComboBox QLineEdit { border: none; background: transparent; padding: 0px; }
QMenu::indicator { width: 14px; height: 14px; margin-left: 6px; }
QMenu::indicator:checked { image: url(@icons@/check.svg); }
QMenu::section { color: @mutedText@; }

QTabBar#stageTabs { background: transparent; }
QTabBar#stageTabs::tab {
    background: transparent; color: @mutedText@; border: none; border-bottom: 2px solid transparent;
    padding: 4px 2px; margin-right: 18px;
}
QTabBar#stageTabs::tab:first { margin-left: 20px; }
QTabBar#stageTabs::tab:hover { color: @text@; }
QTabBar#stageTabs::tab:selected { color: @text@; border-bottom: 2px solid @accent@; }
QTabBar#stageTabs:focus { border: 1px solid @accent@; }

QsciScintilla#codeEditor { border: none; background: @card@; }
QWidget#outputPanel { background: @window@; border: none; border-top: 1px solid @border@; }
QToolButton#outputToggle {
    border: 1px solid transparent; border-radius: 4px; padding: 3px 6px; color: @mutedText@;
    font-size: 8.5pt; font-weight: 700; background: transparent;
}
QToolButton#outputToggle:hover { color: @text@; }
QToolButton#outputToggle:focus { border-color: @accent@; }
QComboBox#outputVariant { padding: 1px 4px 1px 8px; }
QPlainTextEdit#outputText { border: none; border-radius: 0px; padding: 0px 16px; background: @window@; }

QLineEdit#programInput { padding: 2px 8px; border-radius: 4px; }
QToolButton#endInput { border: 1px solid @border@; border-radius: 4px; padding: 2px 8px; color: @text@; }
QToolButton#endInput:hover, QToolButton#endInput:focus { border-color: @accent@; }
QToolButton#endInput:disabled { color: @mutedText@; }

QFrame#messageBanner { background: @card@; border: 1px solid @border@; border-radius: 6px; }
QFrame#messageBanner[kind="error"] { border-left: 4px solid @bad@; }
QFrame#messageBanner[kind="warning"] { border-left: 4px solid @warning@; }
QFrame#messageBanner[kind="success"] { border-left: 4px solid @good@; }
QToolButton#dismissMessage { border: 1px solid transparent; border-radius: 4px; padding: 2px 5px; color: @mutedText@; }
QToolButton#dismissMessage:hover, QToolButton#dismissMessage:focus { color: @text@; border-color: @border@; }

QFrame#keysCard { background: @card@; border: 1px solid @border@; border-radius: 10px; }
QWidget#presentation { background: @window@; }
)";

} // namespace

QString windowStyleSheet(const Theme& theme, const QString& icons)
{
    QString sheet = QString::fromUtf8(kWindowSheet);
    const std::pair<const char*, QColor> colors[] = {
        {"@border@", theme.border},
        {"@sidebar@", theme.sidebar},
        {"@accent@", theme.accent},
        {"@mutedText@", theme.mutedText},
        {"@card@", theme.card},
        {"@bad@", theme.bad},
        {"@warning@", theme.warning},
        {"@good@", theme.good},
        {"@text@", theme.text},
        {"@window@", theme.window},
    };
    for (const auto& [name, color] : colors) {
        sheet.replace(QLatin1String(name), color.name());
    }
    return sheet.replace("@icons@", icons);
}

} // namespace timeslice
