// JobTableModel: a table of jobs while it is edited, cell by cell, with what is wrong in it: a cell that cannot be a
// job's keeps what was typed, and says why.
#pragma once

#include "core/dispatch/job_table.h"

#include <QAbstractTableModel>
#include <QString>
#include <map>
#include <utility>
#include <vector>

namespace timeslice {

/// Columns are JobField's. Belongs to the UI thread.
class JobTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    static constexpr int kMistakeRole = Qt::UserRole; ///< what is wrong with the cell, in words; or an empty text

    using QAbstractTableModel::QAbstractTableModel;

    /// Another table, of which nothing has been edited.
    void setJobs(std::vector<Job> jobs, std::size_t most);
    void setLocked(bool locked);
    /// Those that can be read; a table only where nothing isWrong().
    const std::vector<Job>& jobs() const noexcept { return m_jobs; }

    bool isWrong() const noexcept { return !m_mistakes.empty(); }
    std::size_t mistakes() const noexcept { return m_mistakes.size(); }
    /// The first cell that is wrong; an invalid index: none is.
    QModelIndex firstMistake() const;

    bool canAdd() const noexcept { return !m_locked && m_jobs.size() < m_most; }
    bool canRemove() const noexcept { return !m_locked && m_jobs.size() > 1; } ///< a table has a job
    std::size_t most() const noexcept { return m_most; }
    /// A job with a name of its own behind that row. Gives its row.
    int addJob(int behind);
    void removeJob(int row);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;

signals:
    void edited(); ///< by the viewer

private:
    using Cell = std::pair<std::size_t, JobField>;
    void find(); ///< what is wrong
    QString textAt(const Cell& cell) const;

    std::vector<Job> m_jobs;
    std::size_t m_most = 1;
    bool m_locked = false;
    std::map<Cell, QString> m_unread; ///< what was typed where, and is no value
    std::map<Cell, QString> m_mistakes; ///< in words
};

} // namespace timeslice
