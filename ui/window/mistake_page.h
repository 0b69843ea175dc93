// MistakePage: all that is wrong with a scenario's file, and where in its text.
#pragma once

#include "core/scenario/scenario.h"
#include "ui/theme/theme.h"

#include <QWidget>

class QLabel;
class QListWidget;
class QPlainTextEdit;
class QPushButton;

namespace timeslice {

class ElidedLabel;

class MistakePage : public QWidget {
    Q_OBJECT
public:
    explicit MistakePage(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    void showMistakes(const DamagedScenario& damaged);

signals:
    void editClicked();

private:
    void listMistakes();
    void showMistake(std::size_t mistake);
    void showText();
    void markLines();

    ElidedLabel* m_title;
    ElidedLabel* m_path;
    QLabel* m_count;
    QListWidget* m_list; ///< where there are several
    QLabel* m_place;
    QLabel* m_what;
    QPlainTextEdit* m_text;
    QPushButton* m_edit;
    const Theme* m_theme = &Theme::light();
    DamagedScenario m_damaged;
    std::size_t m_shown = 0; ///< which of its mistakes
};

} // namespace timeslice
