#include "ui/window/scenario_list.h"

#include "ui/widgets/wrapped_label.h"
#include "ui/window/scenario_delegate.h"
#include "ui/window/scenario_list_model.h"

#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QVBoxLayout>

namespace timeslice {

ScenarioList::ScenarioList(const LessonBook& book, QWidget* parent)
    : QWidget(parent)
    , m_model(new ScenarioListModel(book, this))
    , m_delegate(new ScenarioDelegate(this))
    , m_search(new QLineEdit(this))
    , m_view(new QListView(this))
    , m_noHit(new WrappedLabel(this))
{
    setObjectName("scenarioList");
    setProperty("role", "sidebar");
    setAttribute(Qt::WA_StyledBackground);

    m_search->setObjectName("search");
    m_search->setProperty("role", "search");
    m_search->setPlaceholderText(tr("Find a scenario"));
    m_search->setAccessibleName(tr("Find a scenario"));
    m_search->setToolTip(tr("Words from a title, a question or a claim (Ctrl+F)"));
    m_search->setClearButtonEnabled(true);
    m_search->installEventFilter(this);

    m_view->setObjectName("scenarios");
    m_view->setAccessibleName(tr("Scenarios"));
    m_view->setModel(m_model);
    m_view->setItemDelegate(m_delegate);
    m_view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setMouseTracking(true);
    m_view->installEventFilter(this);

    m_noHit->setObjectName("noHit");
    m_noHit->setProperty("role", "muted");
    m_noHit->setContentsMargins(16, 8, 16, 8);
    m_noHit->hide();

    auto* searchRow = new QVBoxLayout;
    searchRow->setContentsMargins(12, 12, 12, 4);
    searchRow->addWidget(m_search);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 8);
    layout->setSpacing(0);
    layout->addLayout(searchRow);
    layout->addWidget(m_noHit);
    layout->addWidget(m_view, 1);

    connect(m_search, &QLineEdit::textChanged, this, &ScenarioList::onFilterEdited);
    connect(m_view, &QListView::clicked, this, [this](const QModelIndex& index) {
        const auto kind = static_cast<ScenarioListModel::RowKind>(index.data(ScenarioListModel::KindRole).toInt());
        if (kind == ScenarioListModel::RowKind::Damaged) {
            emit damagedChosen(index.data(ScenarioListModel::LessonRole).value<std::size_t>());
        } else if (kind == ScenarioListModel::RowKind::Scenario) {
            emit chosen(index.data(ScenarioListModel::LessonRole).value<std::size_t>());
        }
        select();
    });
    m_view->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_view, &QListView::customContextMenuRequested, this, [this](const QPoint& at) {
        const QModelIndex index = m_view->indexAt(at);
        const auto kind = static_cast<ScenarioListModel::RowKind>(index.data(ScenarioListModel::KindRole).toInt());
        if (index.isValid() && kind == ScenarioListModel::RowKind::Scenario) {
            emit menuWanted(
                index.data(ScenarioListModel::LessonRole).value<std::size_t>(), m_view->viewport()->mapToGlobal(at));
        }
    });
}

void ScenarioList::setTheme(const Theme& theme)
{
    m_delegate->setTheme(theme);
    m_view->viewport()->update();
}

void ScenarioList::setCurrent(std::optional<std::size_t> lesson)
{
    m_current = lesson;
    m_damaged.reset();
    select();
}

void ScenarioList::setCurrentDamaged(std::size_t damaged)
{
    m_current.reset();
    m_damaged = damaged;
    select();
}

void ScenarioList::select()
{
    const QModelIndex index = m_damaged ? m_model->indexOfDamaged(*m_damaged)
        : m_current                     ? m_model->indexOfLesson(*m_current)
                                        : QModelIndex();
    m_view->selectionModel()->setCurrentIndex(index, QItemSelectionModel::ClearAndSelect);
    if (index.isValid()) {
        m_view->scrollTo(index);
    }
}

void ScenarioList::bookChanged()
{
    m_model->bookChanged();
    select();
}

void ScenarioList::lessonChanged(std::size_t lesson)
{
    m_model->lessonChanged(lesson);
}

std::optional<std::size_t> ScenarioList::neighbour(int step) const
{
    return m_model->neighbour(m_damaged && step < 0 ? static_cast<std::size_t>(-1) : m_current, step);
}

/// The damaged files stand below the lessons.
bool ScenarioList::stepToDamaged(int step)
{
    std::optional<std::size_t> to;
    if (m_damaged && (step > 0 || *m_damaged > 0)) {
        to = *m_damaged + static_cast<std::size_t>(step);
    } else if (!m_damaged && step > 0 && m_current && !neighbour(1)) {
        to = 0;
    }
    if (to && m_model->indexOfDamaged(*to).isValid()) {
        emit damagedChosen(*to);
        return true;
    }
    return m_damaged && step > 0; // the last row
}

void ScenarioList::focusList()
{
    m_view->setFocus(Qt::OtherFocusReason);
}

void ScenarioList::focusSearch()
{
    m_search->setFocus(Qt::ShortcutFocusReason);
    m_search->selectAll();
}

bool ScenarioList::clearSearch()
{
    if (m_search->text().isEmpty()) {
        return false;
    }
    m_search->clear();
    return true;
}

void ScenarioList::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    select(); // in sight in the new height, too; before the first there was none
}

void ScenarioList::onFilterEdited(const QString& text)
{
    m_model->setFilter(text);
    const bool none = m_model->rowCount() == 0;
    m_noHit->setText(tr("No scenario is about “%1”.").arg(text));
    m_noHit->setVisible(none);
    select();
}

bool ScenarioList::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() != QEvent::KeyPress) {
        return QWidget::eventFilter(watched, event);
    }
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (watched == m_search) {
        if (key == Qt::Key_Return || key == Qt::Key_Enter || key == Qt::Key_Down) {
            const bool currentShown = m_current && m_model->indexOfLesson(*m_current).isValid();
            const auto first = m_model->firstLesson();
            if (first) {
                m_view->setFocus(Qt::OtherFocusReason);
            }
            if (first && first != m_current && !(key == Qt::Key_Down && currentShown)) {
                emit chosen(*first);
            }
            return true;
        }
        if (key == Qt::Key_Escape && m_search->isVisible()) {
            clearSearch();
            emit searchLeft();
            return true;
        }
    } else if (key == Qt::Key_Up || key == Qt::Key_Down) {
        // Chapters are no stops, and a step opens the scenario.
        if (stepToDamaged(key == Qt::Key_Up ? -1 : 1)) {
            return true;
        }
        if (const auto next = neighbour(key == Qt::Key_Up ? -1 : 1)) {
            emit chosen(*next);
        }
        return true;
    } else if (key == Qt::Key_Home || key == Qt::Key_End) {
        const auto end = key == Qt::Key_Home ? m_model->neighbour(std::nullopt, 1)
                                             : m_model->neighbour(static_cast<std::size_t>(-1), -1);
        if (end && end != m_current) {
            emit chosen(*end);
        }
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace timeslice
