// JobsPage: the jobs of a lesson in a table that is edited in place. What is wrong is said at its cell; only a table
// that can run leaves the page.
//
//   a click, the arrows    choose a cell          a letter, a number, F2, Return, a double click    edit it
//   Delete                 empties the cell       Return, Tab, another cell                         done;   Esc    not
//   so
#pragma once

#include "ui/jobs/scenario_jobs.h"
#include "ui/theme/theme.h"

#include <QWidget>

class QLabel;
class QPushButton;
class QTableView;

namespace timeslice {

class JobTableModel;

class JobsPage : public QWidget {
    Q_OBJECT
public:
    explicit JobsPage(QWidget* parent = nullptr);

    /// Shows the jobs of the scenario, which is resolved, if it is one that lets them be edited; null: none. Again
    /// where its knobs have changed: what is being edited stays where it is of the same table.
    void setScenario(const Scenario* scenario);
    bool hasJobs() const noexcept { return m_shown.has_value(); }
    void setLocked(bool locked); ///< a run, or a recording: only to be looked at
    void setTheme(const Theme& theme);
    void setFontPoints(double points);
    /// Why they cannot run as they are; empty: they can.
    QString mistake() const;
    /// Small: it is a page among others.
    QSize minimumSizeHint() const override { return {320, 160}; }

signals:
    /// A table that can run, as the knob takes it.
    void edited(const std::string& knob, const std::string& value);
    void mistakeChanged();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void onEdited();
    void addJob();
    void removeJob();
    void reset();
    void refresh();
    void fitColumns();
    void applySizes();
    void placeCallout();

    std::optional<ScenarioJobs> m_shown;
    QString m_scenario; ///< its id
    std::string m_named; ///< the table that was last chosen by its name
    bool m_locked = false;
    const Theme* m_theme = &Theme::light();
    double m_points = 10;
    JobTableModel* m_model;
    QLabel* m_title;
    QPushButton* m_reset;
    QPushButton* m_add;
    QPushButton* m_remove;
    QTableView* m_table;
    QLabel* m_callout; ///< at the cell that is wrong
    QLabel* m_message; ///< below the table
};

} // namespace timeslice
