// LossSection: the lost update that is looked at, step by step, and the way to the others.
#pragma once

#include "ui/result/loss_scope.h"
#include "ui/widgets/panel_section.h"

class QLabel;
class QPushButton;

namespace timeslice {

class LossSection : public PanelSection {
    Q_OBJECT
public:
    explicit LossSection(QWidget* parent = nullptr);

    void showLoss(const LossText& text);
    FactTable* steps() const { return m_steps; }

signals:
    void firstWanted();
    void previousWanted();
    void nextWanted();

private:
    QPushButton* addButton(const QString& text, const char* name, const QString& tip);

    QLabel* m_place;
    QPushButton* m_first;
    QPushButton* m_previous;
    QPushButton* m_next;
    QLabel* m_sentence;
    FactTable* m_steps;
    QLabel* m_line;
    QLabel* m_account;
};

} // namespace timeslice
