#include "ui/window/scenario_list_model.h"

#include "ui/text/free_text.h"

#include <algorithm>

namespace timeslice {

namespace {

/// "ab-ba.json, line 3", or how many mistakes there are: what is wrong has a page of its own.
QString briefly(const DamagedScenario& damaged)
{
    const QString file = text(damaged.file.filename().string());
    if (damaged.mistakes.size() > 1) {
        return ScenarioListModel::tr("%1, %2 mistakes").arg(file).arg(damaged.mistakes.size());
    }
    const std::size_t line = damaged.mistakes.front().line;
    return line == 0 ? file : ScenarioListModel::tr("%1, line %2").arg(file).arg(line);
}

/// All of them, as far as they fit on a screen.
QString tip(const DamagedScenario& damaged)
{
    constexpr std::size_t kMost = 12;
    const std::vector<std::string> lines = damaged.lines();
    QStringList shown;
    for (std::size_t i = 0; i < std::min(lines.size(), kMost); ++i) {
        shown << text(lines[i]);
    }
    if (lines.size() > kMost) {
        shown << ScenarioListModel::tr("and %1 more").arg(lines.size() - kMost);
    }
    return shown.join(u'\n');
}

/// The question, and for one of the viewer's own where it is and whom it has pushed aside.
QString tip(const Scenario& scenario)
{
    QString tip = text(scenario.question);
    if (scenario.own) {
        tip += u'\n' + ScenarioListModel::tr("Yours: %1").arg(text(scenario.sourcePath));
    }
    if (!scenario.replaces.empty()) {
        tip += u'\n' + ScenarioListModel::tr("In place of %1, which has the same id").arg(text(scenario.replaces));
    }
    return tip;
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
            m_rows.push_back({RowKind::Damaged, i, briefly(m_book.damaged()[i])});
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
        return scenario                    ? tip(m_book.at(row.lesson).shown)
            : row.kind == RowKind::Damaged ? tip(m_book.damaged()[row.lesson])
                                           : QString();
    case Qt::AccessibleTextRole:
        return scenario ? spoken(m_book.at(row.lesson).scenario.own ? tr("%1, yours").arg(row.text) : row.text,
                   m_book.at(row.lesson).mark)
                        : row.text;
    case KindRole:
        return static_cast<int>(row.kind);
    case LessonRole:
        return scenario || row.kind == RowKind::Damaged ? QVariant::fromValue(row.lesson) : QVariant();
    case MarkRole:
        return static_cast<int>(scenario ? m_book.at(row.lesson).mark : RunMark::None);
    case OwnRole:
        return scenario && m_book.at(row.lesson).scenario.own;
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
    case RowKind::Damaged:
        return Qt::ItemIsEnabled | Qt::ItemIsSelectable;
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

QModelIndex ScenarioListModel::indexOfDamaged(std::size_t damaged) const
{
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        if (m_rows[i].kind == RowKind::Damaged && m_rows[i].lesson == damaged) {
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
