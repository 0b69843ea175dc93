// ScenarioListModel: the course as rows: a chapter's title, its scenarios, and at the end the files that are damaged.
#pragma once

#include "ui/course/lesson_book.h"

#include <QAbstractListModel>
#include <vector>

namespace timeslice {

/// Shows what a filter lets through. Belongs to the UI thread; the book must outlive it.
class ScenarioListModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum class RowKind : unsigned char { Chapter, Scenario, Damaged };
    enum Role { KindRole = Qt::UserRole, LessonRole, MarkRole, OwnRole };

    explicit ScenarioListModel(const LessonBook& book, QObject* parent = nullptr);

    /// Keeps the scenarios that hold every word of `text` in their title, id, question, claims or chapter.
    void setFilter(const QString& text);
    /// The book has another lesson, or one has another title.
    void bookChanged();
    /// The mark of a lesson may have changed.
    void lessonChanged(std::size_t lesson);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

    /// Row of a lesson; an invalid index if the filter hides it.
    QModelIndex indexOfLesson(std::size_t lesson) const;
    /// Row of a damaged file.
    QModelIndex indexOfDamaged(std::size_t damaged) const;
    /// The first lesson that the filter lets through.
    std::optional<std::size_t> firstLesson() const;
    /// The lesson `step` places further among the visible ones, from `lesson` (which may be hidden itself).
    std::optional<std::size_t> neighbour(std::optional<std::size_t> lesson, int step) const;

private:
    struct Row {
        RowKind kind = RowKind::Chapter;
        std::size_t lesson = 0; ///< index into the book, or into its damaged files
        QString text;
    };
    void rebuild();
    bool matches(const Lesson& lesson) const;

    const LessonBook& m_book;
    QStringList m_words;
    std::vector<Row> m_rows;
};

} // namespace timeslice
