#include "ui/window/scenario_list_model.h"

#include "ui/text/free_text.h"

#include <QFileInfo>
#include <algorithm>

namespace timeslice {

namespace {

/// "/long/path/ab-ba.json:3:7: expected ..." without the folders, which no list has room for.
QString withoutFolders(const QString& message)
{
    const qsizetype colon = message.indexOf(':');
    const QString path = message.left(colon);
    return colon > 0 && path.contains('/') ? QFileInfo(path).fileName() + message.mid(colon) : message;
}

/// A title with what its mark says.
QString spoken(const QString& title, RunMark mark)
{
    switch (mark) {
    case RunMark::None:
        return title;
    case RunMark::Done:
        return ScenarioListModel::tr("%1, already run").arg(title);
    case RunMark::Failed:
        return ScenarioListModel::tr("%1, failed").arg(title);
    case RunMark::Stopped:
        return ScenarioListModel::tr("%1, stopped").arg(title);
    }
    return title;
}

} // namespace

ScenarioListModel::ScenarioListModel(const LessonBook& book, QObject* parent)
    : QAbstractListModel(parent)
    , m_book(book)
{
    rebuild();
}

void ScenarioListModel::setFilter(const QString& filter)
{
    const QStringList words = filter.split(' ', Qt::SkipEmptyParts);
    if (words == m_words) {
        return;
    }
    m_words = words;
    beginResetModel();
    rebuild();
    endResetModel();
}

bool ScenarioListModel::matches(const Lesson& lesson) const
{
    const Scenario& scenario = lesson.shown;
    QString all = text(scenario.title) + '\n' + text(scenario.id) + '\n' + text(scenario.question) + '\n'
        + text(scenario.verdict.text) + '\n' + text(LessonBook::chapterTitle(scenario.chapter));
    for (const std::string& claim : scenario.claims) {
        all += '\n' + text(claim);
    }
    return std::all_of(
        m_words.begin(), m_words.end(), [&](const QString& word) { return all.contains(word, Qt::CaseInsensitive); });
}

void ScenarioListModel::rebuild()
{
    m_rows.clear();
    std::string chapter;
    for (std::size_t i = 0; i < m_book.size(); ++i) {
        const Lesson& lesson = m_book.at(i);
        if (!matches(lesson)) {
            continue;
        }
        if (m_rows.empty() || lesson.scenario.chapter != chapter) {
            chapter = lesson.scenario.chapter;
            m_rows.push_back({RowKind::Chapter, i, text(LessonBook::chapterTitle(chapter)).toUpper()});
        }
        m_rows.push_back({RowKind::Scenario, i, text(lesson.shown.title)});
    }
    if (m_words.isEmpty() && !m_book.damaged().empty()) {
        m_rows.push_back({RowKind::Chapter, 0, tr("CANNOT BE READ")});
        for (std::size_t i = 0; i < m_book.damaged().size(); ++i) {
            m_rows.push_back({RowKind::Damaged, i, withoutFolders(text(m_book.damaged()[i].message))});
        }
    }
}

void ScenarioListModel::bookChanged()
{
    beginResetModel();
    rebuild();
    endResetModel();
}

void ScenarioListModel::lessonChanged(std::size_t lesson)
{
    const QModelIndex index = indexOfLesson(lesson);
    if (index.isValid()) {
        emit dataChanged(index, index);
    }
}

int ScenarioListModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant ScenarioListModel::data(const QModelIndex& index, int role) const
{
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    const bool scenario = row.kind == RowKind::Scenario;
    switch (role) {
    case Qt::DisplayRole:
        return row.text;
    case Qt::ToolTipRole:
        return scenario                    ? text(m_book.at(row.lesson).shown.question)
            : row.kind == RowKind::Damaged ? text(m_book.damaged()[row.lesson].message)
                                           : QString();
    case Qt::AccessibleTextRole:
        return scenario ? spoken(row.text, m_book.at(row.lesson).mark) : row.text;
    case KindRole:
        return static_cast<int>(row.kind);
    case LessonRole:
        return scenario || row.kind == RowKind::Damaged ? QVariant::fromValue(row.lesson) : QVariant();
    case MarkRole:
        return static_cast<int>(scenario ? m_book.at(row.lesson).mark : RunMark::None);
    default:
        return {};
    }
}

Qt::ItemFlags ScenarioListModel::flags(const QModelIndex& index) const
{
    switch (m_rows[static_cast<std::size_t>(index.row())].kind) {
    case RowKind::Chapter:
        return Qt::NoItemFlags;
    case RowKind::Scenario:
        return Qt::ItemIsEnabled | Qt::ItemIsSelectable;
    case RowKind::Damaged:
        return Qt::ItemIsEnabled;
    }
    return Qt::NoItemFlags;
}

QModelIndex ScenarioListModel::indexOfLesson(std::size_t lesson) const
{
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        if (m_rows[i].kind == RowKind::Scenario && m_rows[i].lesson == lesson) {
            return index(static_cast<int>(i));
        }
    }
    return {};
}

std::optional<std::size_t> ScenarioListModel::firstLesson() const
{
    return neighbour(std::nullopt, 1);
}

std::optional<std::size_t> ScenarioListModel::neighbour(std::optional<std::size_t> lesson, int step) const
{
    std::optional<std::size_t> before;
    for (const Row& row : m_rows) {
        if (row.kind != RowKind::Scenario) {
            continue;
        }
        if (step > 0 && (!lesson || row.lesson > *lesson)) {
            return row.lesson;
        }
        if (step < 0 && lesson && row.lesson < *lesson) {
            before = row.lesson;
        }
    }
    return before;
}

} // namespace timeslice
