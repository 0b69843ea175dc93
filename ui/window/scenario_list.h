// ScenarioList: the left side: a search field over the course.
#pragma once

#include "ui/course/lesson_book.h"
#include "ui/theme/theme.h"

#include <QWidget>

class QLabel;
class QLineEdit;
class QListView;

namespace timeslice {

class ScenarioDelegate;
class ScenarioListModel;

/// The book must outlive it.
class ScenarioList : public QWidget {
    Q_OBJECT
public:
    explicit ScenarioList(const LessonBook& book, QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    /// Shows a lesson as the current one, or none; emits nothing.
    void setCurrent(std::optional<std::size_t> lesson);
    /// Shows a damaged file as the current one.
    void setCurrentDamaged(std::size_t damaged);
    void lessonChanged(std::size_t lesson);
    /// The book has another lesson.
    void bookChanged();
    /// The lesson before (-1) or after (+1) the current one, as far as the search shows any.
    std::optional<std::size_t> neighbour(int step) const;
    void focusList();
    void focusSearch();
    /// Empties the search field; false if it was empty.
    bool clearSearch();

signals:
    void chosen(std::size_t lesson);
    /// The keyboard is wanted elsewhere.
    void searchLeft();
    /// A damaged file.
    void damagedChosen(std::size_t damaged);
    /// For a lesson.
    void menuWanted(std::size_t lesson, const QPoint& global);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void onFilterEdited(const QString& text);
    void select();
    bool stepToDamaged(int step);

    ScenarioListModel* m_model;
    ScenarioDelegate* m_delegate;
    QLineEdit* m_search;
    QListView* m_view;
    QLabel* m_noHit;
    std::optional<std::size_t> m_current;
    std::optional<std::size_t> m_damaged; ///< in place of a lesson
};

} // namespace timeslice
