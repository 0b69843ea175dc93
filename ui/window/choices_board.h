// ChoicesBoard: what a class may predict, large and in the middle, and how many hands each choice had.
#pragma once

#include "ui/theme/theme.h"

#include <QStringList>
#include <QWidget>
#include <optional>
#include <vector>

class QGridLayout;
class QLabel;
class QPushButton;
class QSpinBox;

namespace timeslice {

class ChoicesBoard : public QWidget {
    Q_OBJECT
public:
    static constexpr int kMostHands = 9999;

    explicit ChoicesBoard(QWidget* parent = nullptr);

    void setChoices(const QStringList& choices);
    void setChosen(std::optional<std::size_t> choice);
    /// By choice; missing ones are zero.
    void setHands(const std::vector<int>& hands);
    void setTheme(const Theme& theme);
    /// Type is set in parts of it.
    void setPageHeight(int height);

signals:
    void chosen(std::size_t choice);
    void handsChanged(std::size_t choice, int hands);

private:
    void applyStyle();

    QGridLayout* m_grid;
    QLabel* m_heading;
    QLabel* m_handsHeading;
    std::vector<QPushButton*> m_choices;
    std::vector<QSpinBox*> m_hands;
    const Theme* m_theme = &Theme::light();
    int m_pageHeight = 720;
};

} // namespace timeslice
