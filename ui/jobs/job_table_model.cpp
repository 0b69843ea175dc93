#include "ui/jobs/job_table_model.h"

#include "core/dispatch/job_text.h"
#include "ui/text/free_text.h"

#include <algorithm>

namespace timeslice {

namespace {

constexpr Nanos kUsualLength = 10 * kMillisecond;

JobField jobFieldOf(const QModelIndex& index)
{
    return static_cast<JobField>(index.column());
}

QString asSentence(const std::string& what)
{
    const QString words = text(what);
    return words.left(1).toUpper() + words.mid(1) + (words.endsWith(u'.') ? QString() : QStringLiteral("."));
}

struct JobHeading {
    const char* title;
    const char* explanation;
};

const JobHeading& headingOf(int section)
{
    static const JobHeading kHeadings[kJobFields] = {
        {QT_TRANSLATE_NOOP("JobTableModel", "job"), QT_TRANSLATE_NOOP("JobTableModel", "Its thread is called by it")},
        {QT_TRANSLATE_NOOP("JobTableModel", "arrives at"),
            QT_TRANSLATE_NOOP("JobTableModel", "Since the start: 0, or a time with its unit, such as 10 ms")},
        {QT_TRANSLATE_NOOP("JobTableModel", "length"),
            QT_TRANSLATE_NOOP(
                "JobTableModel", "How long it computes, all in all: a time with its unit, such as 20 ms")},
        {QT_TRANSLATE_NOOP("JobTableModel", "priority"),
            QT_TRANSLATE_NOOP("JobTableModel", "The smaller, the more urgent (priority)")},
        {QT_TRANSLATE_NOOP("JobTableModel", "tickets"),
            QT_TRANSLATE_NOOP("JobTableModel", "Its share: of the draws (lottery), of the strides (stride)")},
        {QT_TRANSLATE_NOOP("JobTableModel", "nice"),
            QT_TRANSLATE_NOOP("JobTableModel", "-20 to 19, the greater, the less it gets (fair, and the kernel)")},
        {QT_TRANSLATE_NOOP("JobTableModel", "I/O after"),
            QT_TRANSLATE_NOOP("JobTableModel", "It blocks each time that it has computed for so long; empty: never")},
        {QT_TRANSLATE_NOOP("JobTableModel", "I/O for"),
            QT_TRANSLATE_NOOP("JobTableModel", "So long it is blocked, each time; empty without I/O")}};
    return kHeadings[section];
}

} // namespace

void JobTableModel::setJobs(std::vector<Job> jobs, std::size_t most)
{
    beginResetModel();
    m_jobs = std::move(jobs);
    m_most = most;
    m_unread.clear();
    find();
    endResetModel();
}

void JobTableModel::setLocked(bool locked)
{
    m_locked = locked;
}

void JobTableModel::find()
{
    m_mistakes.clear();
    for (const JobMistake& mistake : JobTable::mistakesIn(m_jobs)) {
        m_mistakes.emplace(Cell(mistake.job, mistake.field), asSentence(mistake.what));
    }
    for (const auto& [cell, typed] : m_unread) {
        Job trial = m_jobs[cell.first];
        if (const auto set = setField(trial, cell.second, typed.toStdString()); !set) {
            m_mistakes[cell] = asSentence(set.error().message);
        }
    }
}

QModelIndex JobTableModel::firstMistake() const
{
    return m_mistakes.empty()
        ? QModelIndex()
        : index(static_cast<int>(m_mistakes.begin()->first.first), static_cast<int>(m_mistakes.begin()->first.second));
}

int JobTableModel::addJob(int behind)
{
    Job job;
    job.length = kUsualLength;
    const auto taken = [this](const std::string& name) {
        return std::any_of(m_jobs.begin(), m_jobs.end(), [&](const Job& one) { return one.name == name; });
    };
    for (std::size_t number = m_jobs.size() + 1; job.name.empty() || taken(job.name); ++number) {
        job.name = "Job " + std::to_string(number);
    }
    const int row = std::clamp(behind + 1, 0, rowCount());
    beginInsertRows({}, row, row);
    m_jobs.insert(m_jobs.begin() + row, std::move(job));
    std::map<Cell, QString> moved;
    for (auto& [cell, typed] : m_unread) {
        const bool below = cell.first >= static_cast<std::size_t>(row);
        moved.emplace(Cell(cell.first + (below ? 1 : 0), cell.second), std::move(typed));
    }
    m_unread = std::move(moved);
    find();
    endInsertRows();
    emit edited();
    return row;
}

void JobTableModel::removeJob(int row)
{
    if (!canRemove() || row < 0 || row >= rowCount()) {
        return;
    }
    beginRemoveRows({}, row, row);
    m_jobs.erase(m_jobs.begin() + row);
    std::map<Cell, QString> moved;
    const auto gone = static_cast<std::size_t>(row);
    for (auto& [cell, typed] : m_unread) {
        if (cell.first != gone) {
            moved.emplace(Cell(cell.first - (cell.first > gone ? 1 : 0), cell.second), std::move(typed));
        }
    }
    m_unread = std::move(moved);
    find();
    endRemoveRows();
    emit dataChanged(index(0, 0), index(rowCount() - 1, kJobFields - 1)); // a name may be the only one now
    emit edited();
}

int JobTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_jobs.size());
}

int JobTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : kJobFields;
}

QString JobTableModel::textAt(const Cell& cell) const
{
    const auto typed = m_unread.find(cell);
    return typed != m_unread.end() ? typed->second : text(fieldText(m_jobs[cell.first], cell.second, " "));
}

QVariant JobTableModel::data(const QModelIndex& index, int role) const
{
    const Cell cell(static_cast<std::size_t>(index.row()), jobFieldOf(index));
    const auto mistake = m_mistakes.find(cell);
    const QString wrong = mistake != m_mistakes.end() ? mistake->second : QString();
    switch (role) {
    case Qt::DisplayRole:
    case Qt::EditRole:
        return textAt(cell);
    case Qt::ToolTipRole:
        return wrong.isEmpty() ? tr(headingOf(index.column()).explanation) : wrong;
    case Qt::AccessibleTextRole:
        return tr("%1 of %2: %3").arg(tr(headingOf(index.column()).title), text(m_jobs[cell.first].name), textAt(cell));
    case Qt::AccessibleDescriptionRole:
    case kMistakeRole:
        return wrong;
    case Qt::TextAlignmentRole:
        return QVariant::fromValue((cell.second == JobField::Name ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    default:
        return {};
    }
}

QVariant JobTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal) {
        return {};
    }
    switch (role) {
    case Qt::DisplayRole:
        return tr(headingOf(section).title);
    case Qt::ToolTipRole:
        return tr(headingOf(section).explanation);
    case Qt::TextAlignmentRole:
        return QVariant::fromValue((section == 0 ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    default:
        return {};
    }
}

Qt::ItemFlags JobTableModel::flags(const QModelIndex& index) const
{
    const Qt::ItemFlags usual = Qt::ItemIsEnabled | Qt::ItemIsSelectable;
    return index.isValid() && !m_locked ? usual | Qt::ItemIsEditable : usual;
}

bool JobTableModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (role != Qt::EditRole || !index.isValid() || m_locked) {
        return false;
    }
    const Cell cell(static_cast<std::size_t>(index.row()), jobFieldOf(index));
    const QString typed = value.toString().trimmed();
    if (typed == textAt(cell)) {
        return true;
    }
    const std::string plain = QString(typed).replace(QChar(0xA0), u' ').toStdString();
    if (setField(m_jobs[cell.first], cell.second, plain)) {
        m_unread.erase(cell);
    } else {
        m_unread[cell] = typed;
    }
    find();
    emit dataChanged(this->index(0, 0), this->index(rowCount() - 1, kJobFields - 1)); // also of another's name
    emit edited();
    return true;
}

} // namespace timeslice
