// MistakePage: what is wrong with a scenario's file, and where in its text.
#pragma once

#include "core/scenario/scenario.h"
#include "ui/theme/theme.h"

#include <QWidget>

class QLabel;
class QPlainTextEdit;
class QPushButton;

namespace timeslice {

class ElidedLabel;

class MistakePage : public QWidget {
    Q_OBJECT
public:
    explicit MistakePage(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    void showMistake(const ScenarioMistake& mistake);

signals:
    void editClicked();

private:
    void showText();
    void markLine();

    ElidedLabel* m_title;
    ElidedLabel* m_path;
    QLabel* m_place;
    QLabel* m_what;
    QPlainTextEdit* m_text;
    QPushButton* m_edit;
    const Theme* m_theme = &Theme::light();
    ScenarioMistake m_mistake;
};

} // namespace timeslice
