// StepperPage: the class is the scheduler. A row for each thread with its next step, its register and the steps it
// took, one for the variable, in one order from left to right; below, how all orders end.
//
//   1, 2, 3 or a click    that thread takes its step         →, Page Down (presented)   a step further
//   ↑, ↓                  who is next                        ←, Page Up, Backspace      a step back
//   L                     an order that loses an update      Home                       from the start
//   A                     all orders
#pragma once

#include "ui/course/stepper.h"
#include "ui/theme/theme.h"

#include <QWidget>
#include <vector>

class QBoxLayout;
class QGridLayout;
class QHBoxLayout;
class QLabel;
class QPushButton;
class QVBoxLayout;

namespace timeslice {

class StepLane;
class WrappedLabel;

class StepperPage : public QWidget {
    Q_OBJECT
public:
    explicit StepperPage(QWidget* parent = nullptr);

    Stepper& stepper() noexcept { return m_stepper; }
    /// Shows the scenario's threads, if it is one whose threads can be stepped.
    void setScenario(const Scenario* scenario) { m_stepper.show(scenario); }
    void setTheme(const Theme& theme);
    void setFontPoints(double points);
    /// A step further (1) or back (-1). False: there is none.
    bool turn(int direction);
    /// At its width. What there is less room for is made smaller, but not so small that nobody who asked for a size
    /// could read it: then it has to be scrolled.
    QSize minimumSizeHint() const override;

protected:
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Row {
        QPushButton* choose = nullptr; ///< null: the variable's
        QLabel* name = nullptr; ///< the variable's
        QLabel* value = nullptr;
        StepLane* lane = nullptr;
    };
    static constexpr double kChooseWidth = 14.5; ///< of the threads' buttons, in ems of the page's text

    bool handle(const QKeyEvent& event, bool really);
    void buildActions();
    void build();
    void buildRow(int row, const QString& name, bool thread);
    void refresh();
    void refreshThread(std::size_t thread, const StepState& now);
    void refreshVariable();
    void refreshMessage(const StepState& now);
    void refreshOutcomes();
    void applyStyle();
    /// Lines of buttons, and the size of the text that fits with them.
    struct Fit {
        int lines = 1;
        double em = 0;
        friend bool operator==(const Fit&, const Fit&) = default;
    };
    Fit fitting() const;
    double askedEm() const; ///< pixels, as the next
    double leastEm() const;
    double heightInEms(int lines) const; ///< of all that stands below each other; `lines` of buttons
    double rowHeight() const; ///< in ems
    int pixels(double ems) const;

    Stepper m_stepper;
    const Theme* m_theme = &Theme::light();
    double m_points = 10;
    Fit m_fit{1, 13};
    bool m_noLoss = false; ///< one was looked for, and there is none
    QBoxLayout* m_top; ///< the next two: beside each other, or where that is too narrow, below
    QHBoxLayout* m_choices;
    QHBoxLayout* m_actions;
    std::vector<QPushButton*> m_ways;
    QPushButton* m_back;
    QPushButton* m_restart;
    QPushButton* m_find;
    QPushButton* m_all;
    QWidget* m_table = nullptr; ///< built anew for each lesson
    QGridLayout* m_grid = nullptr;
    std::vector<QLabel*> m_headings;
    std::vector<Row> m_rows; ///< the threads', and last the variable's
    QLabel* m_message;
    QGridLayout* m_outcomes;
    std::vector<QWidget*> m_outcomeWidgets;
    /// What they were made for.
    struct OutcomesShown {
        const Theme* theme = nullptr;
        int pixels = 0;
        std::vector<bool> complete; ///< by way
        friend bool operator==(const OutcomesShown&, const OutcomesShown&) = default;
    };
    OutcomesShown m_outcomesShown;
    QVBoxLayout* m_layout;
};

} // namespace timeslice
