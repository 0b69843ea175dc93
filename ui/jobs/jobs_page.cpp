#include "ui/jobs/jobs_page.h"

#include "core/dispatch/job_text.h"
#include "ui/jobs/job_cell.h"
#include "ui/jobs/job_table_model.h"
#include "ui/text/free_text.h"
#include "ui/text/number_text.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/named_button.h"
#include "ui/widgets/wrapped_label.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QPushButton>
#include <QScrollBar>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>

namespace timeslice {

namespace {

constexpr int kPageSide = 20; // px: where the tabs above begin
constexpr double kRowEms = 2.1;
constexpr int kLeastRows = 4; // in sight, the head with them

} // namespace

JobsPage::JobsPage(QWidget* parent)
    : QWidget(parent)
    , m_model(new JobTableModel(this))
    , m_title(new QLabel(this))
    , m_reset(namedButton("resetJobs", tr("Reset"), tr("Back to the jobs that the scenario comes with"), this))
    , m_add(namedButton("addJob", tr("Add a job"), tr("Below the one that is chosen"), this))
    , m_remove(namedButton("removeJob", tr("Remove"), tr("The job that is chosen"), this))
    , m_table(new QTableView(this))
    , m_callout(new QLabel(m_table->viewport()))
    , m_message(new WrappedLabel(this))
{
    setObjectName("jobsPage");
    m_title->setObjectName("jobsTitle");
    m_title->setTextFormat(Qt::PlainText);
    m_message->setObjectName("jobsMessage");
    m_callout->setObjectName("jobMistake");
    m_callout->setTextFormat(Qt::PlainText);
    m_callout->setAttribute(Qt::WA_TransparentForMouseEvents); // what lies under it can be chosen all the same
    m_callout->hide();
    auto* top = new FlowLayout(nullptr, 10, 6);
    for (QWidget* part : std::initializer_list<QWidget*>{m_title, m_add, m_remove, m_reset}) {
        top->addWidget(part);
    }
    m_table->setObjectName("jobTable");
    m_table->setAccessibleName(tr("Jobs"));
    m_table->setModel(m_model);
    m_table->setItemDelegate(new JobCell(m_table));
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setSelectionBehavior(QAbstractItemView::SelectItems);
    m_table->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::SelectedClicked
        | QAbstractItemView::EditKeyPressed | QAbstractItemView::AnyKeyPressed);
    m_table->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->setWordWrap(false);
    m_table->verticalHeader()->hide();
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setSectionsClickable(false);
    m_table->installEventFilter(this);
    setFocusProxy(m_table);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(kPageSide, 10, kPageSide, 12);
    layout->setSpacing(8);
    layout->addLayout(top);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_message);
    connect(m_model, &JobTableModel::edited, this, &JobsPage::onEdited);
    connect(m_add, &QPushButton::clicked, this, &JobsPage::addJob);
    connect(m_remove, &QPushButton::clicked, this, &JobsPage::removeJob);
    connect(m_reset, &QPushButton::clicked, this, &JobsPage::reset);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentChanged, this, &JobsPage::placeCallout);
    connect(m_table->verticalScrollBar(), &QScrollBar::valueChanged, this, &JobsPage::placeCallout);
    connect(m_table->horizontalScrollBar(), &QScrollBar::valueChanged, this, &JobsPage::placeCallout);
    refresh();
}

void JobsPage::setScenario(const Scenario* scenario)
{
    std::optional<ScenarioJobs> jobs = scenario != nullptr ? jobsOf(*scenario) : std::nullopt;
    if (!jobs && !m_shown) {
        return; // as nearly every lesson: a page that nobody sees is not made anew at each run
    }
    const QString id = scenario != nullptr ? text(scenario->id) : QString();
    const bool same = jobs && m_shown && id == m_scenario && jobs->knob == m_shown->knob;
    const bool keep = same && jobs->value == m_shown->value && m_model->isWrong(); // the knob has what was right before
    if (jobs && (!same || jobs->named)) {
        m_named = jobs->named ? jobs->value : jobs->initial;
    }
    const bool reads = jobs && !keep && (!same || jobs->jobs != m_model->jobs() || m_model->isWrong());
    m_shown = std::move(jobs);
    m_scenario = id;
    if (!m_shown) {
        m_model->setJobs({}, 1);
    } else if (reads) {
        m_model->setJobs(m_shown->jobs, m_shown->most);
    }
    refresh();
}

void JobsPage::setLocked(bool locked)
{
    if (locked != m_locked) {
        m_locked = locked;
        m_model->setLocked(locked);
        refresh();
    }
}

QString JobsPage::mistake() const
{
    if (!m_model->isWrong()) {
        return {};
    }
    const QModelIndex first = m_model->firstMistake();
    return tr("Job %1: %2").arg(first.row() + 1).arg(first.data(JobTableModel::kMistakeRole).toString());
}

void JobsPage::onEdited()
{
    refresh();
    const bool asNamed = m_shown->named && m_model->jobs() == m_shown->jobs; // a mistake, and mended
    if (!m_model->isWrong() && !asNamed) {
        const std::string value = jobsText(m_model->jobs());
        m_shown->value = value; // what comes back of it is this table
        m_shown->named = false;
        emit edited(m_shown->knob, value);
    }
    emit mistakeChanged();
}

void JobsPage::addJob()
{
    if (!m_model->canAdd()) {
        return;
    }
    const int row =
        m_model->addJob(m_table->currentIndex().isValid() ? m_table->currentIndex().row() : m_model->rowCount() - 1);
    m_table->setFocus(Qt::OtherFocusReason);
    m_table->setCurrentIndex(m_model->index(row, 0));
    placeCallout();
}

void JobsPage::removeJob()
{
    m_model->removeJob(m_table->currentIndex().isValid() ? m_table->currentIndex().row() : m_model->rowCount() - 1);
    m_table->setFocus(Qt::OtherFocusReason);
}

void JobsPage::reset()
{
    if (m_shown && !m_locked) {
        const std::string knob = m_shown->knob;
        m_model->setJobs(m_shown->jobs, m_shown->most); // whatever was wrong; the named table comes with the knob
        emit edited(knob, m_named);
        emit mistakeChanged();
        refresh();
    }
}

void JobsPage::refresh()
{
    const bool edited = m_shown && (!m_shown->named || m_model->isWrong());
    m_title->setText(edited ? tr("“%1”, edited").arg(text(m_named)) : tr("“%1”").arg(text(m_named)));
    m_reset->setText(tr("Reset to “%1”").arg(text(m_named)));
    m_reset->setAccessibleName(m_reset->text());
    m_reset->setVisible(edited && !m_locked);
    m_add->setVisible(!m_locked);
    m_remove->setVisible(!m_locked);
    m_add->setEnabled(m_model->canAdd());
    m_add->setToolTip(m_model->canAdd() ? tr("Below the one that is chosen")
                                        : tr("%1 are the most that a run may have, a thread each")
                                              .arg(pluralText(static_cast<std::int64_t>(m_model->most()), tr("job"))));
    m_remove->setEnabled(m_model->canRemove());
    m_remove->setToolTip(m_model->canRemove() ? tr("The job that is chosen") : tr("A table has at least one job"));
    const auto wrong = static_cast<std::int64_t>(m_model->mistakes());
    m_message->setText(wrong == 0
            ? (m_locked ? tr("All variants run these jobs.")
                        : tr("Times have a unit: 5 ms. Empty I/O: it never blocks. All variants run these jobs."))
            : tr("%1 wrong: nothing runs until it is mended.")
                  .arg(wrong == 1 ? tr("1 cell is") : tr("%1 cells are").arg(wrong)));
    m_message->setStyleSheet(QStringLiteral("color: %1;").arg((wrong == 0 ? m_theme->mutedText : m_theme->bad).name()));
    fitColumns();
    placeCallout();
}

void JobsPage::placeCallout()
{
    // Of the cell that is looked at, else of the first.
    const QModelIndex current = m_table->currentIndex();
    const bool own = current.isValid() && !current.data(JobTableModel::kMistakeRole).toString().isEmpty();
    const QModelIndex at = own ? current : m_model->firstMistake();
    m_callout->setVisible(at.isValid());
    if (!at.isValid()) {
        return;
    }
    m_callout->setText(at.data(JobTableModel::kMistakeRole).toString());
    const QRect cell = m_table->visualRect(at);
    const QRect room = m_table->viewport()->rect();
    m_callout->setWordWrap(false);
    QSize size = m_callout->sizeHint();
    if (size.width() > room.width()) {
        m_callout->setWordWrap(true);
        size = {room.width(), m_callout->heightForWidth(room.width())};
    }
    const int x = std::clamp(cell.left(), 0, std::max(0, room.width() - size.width()));
    const QRect below(QPoint(x, cell.bottom() + 1), size);
    const QRect above(QPoint(x, cell.top() - size.height()), size);
    const QRect looked = own ? QRect() : m_table->visualRect(current); // must not lie under it
    const auto fits = [&](const QRect& place) { return room.contains(place) && !place.intersects(looked); };
    m_callout->setVisible(fits(below) || fits(above));
    m_callout->setGeometry(fits(below) ? below : above);
    m_callout->raise();
}

void JobsPage::setTheme(const Theme& theme)
{
    m_theme = &theme;
    static_cast<JobCell*>(m_table->itemDelegate())->setTheme(theme);
    applySizes();
    refresh();
}

void JobsPage::setFontPoints(double points)
{
    m_points = points;
    applySizes();
}

void JobsPage::applySizes()
{
    QFont font = this->font();
    font.setPointSizeF(m_points);
    const int em = QFontInfo(font).pixelSize();
    const QString type = QStringLiteral("font-size: %1px;").arg(em);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_title, m_reset, m_add, m_remove}) {
        widget->setStyleSheet(widget == m_title ? type + QStringLiteral("font-weight: 700;") : type);
    }
    m_table->setFont(font);
    m_table->horizontalHeader()->setFont(font);
    m_message->setFont(font);
    m_table->verticalHeader()->setDefaultSectionSize(static_cast<int>(em * kRowEms));
    m_table->horizontalHeader()->setMinimumHeight(static_cast<int>(em * kRowEms));
    m_table->setMinimumHeight(static_cast<int>(em * kRowEms * kLeastRows));
    m_table->setStyleSheet(QStringLiteral("QTableView { background: %1; gridline-color: %2; border: 1px solid %2; "
                                          "border-radius: 6px; font-size: %5px; }"
                                          "QHeaderView { background: transparent; border: none; }"
                                          "QHeaderView::section { background: %3; color: %4; border: none; "
                                          "border-bottom: 1px solid %2; padding: 0px 8px; font-size: %5px; }"
                                          "QLineEdit { border: 2px solid %6; border-radius: 0px; padding: 0px 5px; "
                                          "font-size: %5px; }"
                                          "QLabel { background: %7; color: %8; border: 1px solid %8; "
                                          "border-radius: 4px; padding: 3px 8px; font-size: %5px; }")
                               .arg(m_theme->card.name(), m_theme->border.name(), m_theme->sidebar.name(),
                                   m_theme->mutedText.name(), QString::number(em), m_theme->accent.name(),
                                   mix(m_theme->card, m_theme->bad, 0.08).name(), m_theme->bad.name()));
    fitColumns();
    placeCallout();
}

bool JobsPage::eventFilter(QObject* watched, QEvent* event)
{
    const bool asks = event->type() == QEvent::ShortcutOverride;
    const bool editing = !m_table->hasFocus(); // its field has the keys
    if (watched == m_table && !m_locked && !editing && (asks || event->type() == QEvent::KeyPress)) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool plain = (key->modifiers() & ~(Qt::ShiftModifier | Qt::KeypadModifier)) == Qt::NoModifier;
        const QString typed = key->text();
        const bool types = plain && !typed.isEmpty() && typed[0].isPrint() && typed[0] != u' ';
        const bool edits = plain && (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter);
        const bool empties = plain && (key->key() == Qt::Key_Delete || key->key() == Qt::Key_Backspace);
        if (m_table->currentIndex().isValid() && (types || edits || empties)) {
            if (asks) { // elsewhere a number is a prediction, and a letter a key of the timeline
                event->accept();
                return true;
            }
            if (empties) {
                m_model->setData(m_table->currentIndex(), QString(), Qt::EditRole);
                return true;
            }
            if (edits) {
                m_table->edit(m_table->currentIndex());
                return true;
            }
        }
    }
    return QWidget::eventFilter(watched, event);
}

/// All columns are in sight where they fit, else what is in them is.
void JobsPage::fitColumns()
{
    QHeaderView* header = m_table->horizontalHeader();
    const QAbstractItemView* cells = m_table;
    int needed = 0;
    for (int column = 0; column < header->count(); ++column) {
        needed += std::max(header->sectionSizeHint(column), cells->sizeHintForColumn(column));
    }
    const bool fit = needed <= m_table->viewport()->width();
    header->setSectionResizeMode(fit ? QHeaderView::Stretch : QHeaderView::ResizeToContents);
}

void JobsPage::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    fitColumns();
    placeCallout();
}

} // namespace timeslice
