#include "ui/stepper/stepper_page.h"

#include "ui/stepper/step_lane.h"
#include "ui/text/free_text.h"
#include "ui/text/number_text.h"
#include "ui/theme/role.h"
#include "ui/widgets/choice_pill.h"
#include "ui/widgets/named_button.h"
#include "ui/widgets/wrapped_label.h"

#include <QFontMetrics>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <algorithm>
#include <cstdlib>

namespace timeslice {

namespace {

QString word(StepKind kind)
{
    const std::string_view view = wordOf(kind);
    return QString::fromLatin1(view.data(), static_cast<qsizetype>(view.size()));
}

/// The longest that a cell of these programs shows.
QString widestWord(const SteppedSpec& spec)
{
    QString widest = QStringLiteral("r = 00");
    for (const StepProgram& program : spec.job.programs) {
        for (const StepKind kind : program) {
            widest = word(kind).size() > widest.size() ? word(kind) : widest;
        }
    }
    const std::int64_t most = std::max(std::abs(spec.job.initial), std::abs(spec.job.right()));
    const QString number = QStringLiteral("%1 = %2").arg(text(spec.variable)).arg(most);
    return number.size() > widest.size() ? number : widest;
}

/// A step as the cell of its thread shows it.
StepLane::Cell cellOf(const StepTaken& taken, const QString& variable)
{
    const auto is = [](const QString& name, std::int64_t value) {
        return QStringLiteral("%1 = %2").arg(name).arg(value);
    };
    QString below;
    switch (taken.kind) {
    case StepKind::Load:
    case StepKind::Add:
        below = is(QStringLiteral("r"), taken.after.registerValue);
        break;
    case StepKind::Store:
        below = is(variable, taken.after.value);
        break;
    case StepKind::Lock:
    case StepKind::Unlock:
        break;
    }
    return {StepLane::Cell::Kind::Step, word(taken.kind), below};
}

} // namespace

StepperPage::StepperPage(QWidget* parent)
    : QWidget(parent)
    , m_top(new QBoxLayout(QBoxLayout::LeftToRight))
    , m_choices(new QHBoxLayout)
    , m_actions(new QHBoxLayout)
    , m_message(new WrappedLabel(this))
    , m_outcomes(new QGridLayout)
    , m_layout(new QVBoxLayout(this))
{
    setObjectName("stepper");
    setAccessibleName(tr("Stepper"));
    setFocusPolicy(Qt::StrongFocus);
    m_message->setObjectName("stepperMessage");
    buildActions();
    m_choices->addStretch(1);
    m_top->addLayout(m_choices, 1);
    m_top->addLayout(m_actions);
    m_layout->addLayout(m_top);
    m_layout->addWidget(m_message);
    m_layout->addLayout(m_outcomes);
    m_layout->addStretch(1);
    connect(&m_stepper, &Stepper::waysChanged, this, &StepperPage::build);
    connect(&m_stepper, &Stepper::changed, this, [this] {
        m_noLoss = false;
        refresh();
    });
    applyStyle();
}

void StepperPage::buildActions()
{
    m_back = namedButton("stepBack", tr("Undo"), tr("A step back (← or Backspace)"), this);
    m_restart = namedButton("stepRestart", tr("From the start"), tr("Nobody has taken a step (Home)"), this);
    m_find = namedButton("stepFind", tr("Find a lost update"), tr("An order that loses one, to go along (L)"), this);
    m_all = namedButton("stepAll", tr("All outcomes"), tr("Runs every order on the threads, and counts (A)"), this);
    for (QPushButton* button : {m_back, m_restart, m_find, m_all}) {
        m_actions->addWidget(button);
    }
    m_actions->addStretch();
    connect(m_back, &QPushButton::clicked, this, [this] {
        m_stepper.back();
        setFocus();
    });
    connect(m_restart, &QPushButton::clicked, this, [this] {
        m_stepper.restart();
        setFocus();
    });
    connect(m_find, &QPushButton::clicked, this, [this] {
        m_noLoss = !m_stepper.findLoss();
        refresh();
        setFocus();
    });
    connect(m_all, &QPushButton::clicked, this, [this] {
        m_stepper.runAll();
        setFocus();
    });
}

/// For another lesson, or another number of threads.
void StepperPage::build()
{
    for (QPushButton* way : m_ways) {
        delete way;
    }
    m_ways.clear();
    m_outcomesShown = {};
    delete m_table;
    m_table = nullptr;
    m_rows.clear();
    m_headings.clear();
    const std::vector<Stepper::Way>& ways = m_stepper.ways();
    if (ways.empty()) {
        return;
    }
    for (std::size_t i = 0; i < ways.size(); ++i) {
        auto* way = new ChoicePill(ways[i].title, this);
        way->setObjectName("stepWay" + QString::number(i + 1));
        way->setAccessibleName(ways[i].title);
        way->setToolTip(tr("Step these threads"));
        way->setFocusPolicy(Qt::TabFocus);
        connect(way, &QPushButton::clicked, this, [this, i] {
            m_stepper.chooseWay(i);
            refresh(); // the pill that was checked stays so
            setFocus();
        });
        m_choices->insertWidget(static_cast<int>(i), way);
        m_ways.push_back(way);
    }
    m_table = new QWidget(this);
    m_grid = new QGridLayout(m_table);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setColumnStretch(2, 1);
    int column = 0;
    for (const QString& heading : {tr("next step"), tr("register r"), tr("the steps, in their order")}) {
        auto* label = new QLabel(heading, m_table);
        setRole(label, "muted");
        m_grid->addWidget(label, 0, column, column == 1 ? Qt::AlignHCenter : Qt::AlignLeft);
        ++column;
        m_headings.push_back(label);
    }
    const SteppedSpec& spec = m_stepper.spec();
    for (std::size_t thread = 0; thread < spec.names.size(); ++thread) {
        buildRow(static_cast<int>(thread) + 1, text(spec.names[thread]), true);
        connect(m_rows.back().choose, &QPushButton::clicked, this, [this, thread] {
            m_stepper.take(thread);
            setFocus();
        });
    }
    buildRow(static_cast<int>(spec.names.size()) + 1, text(spec.variable), false);
    m_layout->insertWidget(1, m_table, 4);
    applyStyle();
    refresh();
}

void StepperPage::buildRow(int row, const QString& name, bool thread)
{
    Row made;
    if (thread) {
        made.choose = new QPushButton(m_table);
        made.choose->setObjectName("stepThread" + QString::number(row));
        made.choose->setToolTip(tr("Takes its next step (%1)").arg(row));
        made.choose->setFocusPolicy(Qt::TabFocus);
        made.choose->setAutoDefault(true);
        made.choose->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Expanding);
        made.choose->setCursor(Qt::PointingHandCursor);
        m_grid->addWidget(made.choose, row, 0);
    } else {
        made.name = new QLabel(name, m_table);
        m_grid->addWidget(made.name, row, 0, Qt::AlignRight | Qt::AlignVCenter);
    }
    made.value = new QLabel(m_table);
    made.value->setObjectName(thread ? "stepRegister" + QString::number(row) : QStringLiteral("stepVariable"));
    made.value->setAlignment(Qt::AlignCenter);
    m_grid->addWidget(made.value, row, 1);
    made.lane = new StepLane(m_table);
    made.lane->setObjectName("stepLane" + QString::number(row));
    m_grid->addWidget(made.lane, row, 2);
    m_grid->setRowStretch(row, 1);
    m_rows.push_back(made);
}

// --- What is shown

void StepperPage::refresh()
{
    if (m_rows.empty()) {
        return;
    }
    for (std::size_t i = 0; i < m_ways.size(); ++i) {
        m_ways[i]->setChecked(i == m_stepper.way());
        m_ways[i]->updateGeometry(); // another style may want another size
    }
    if (m_stepper.spec().names.size() + 1 != m_rows.size()) {
        build(); // the ways have not the same threads
        return;
    }
    if (fitting() != m_fit) { // a script's steps take more room
        applyStyle();
    }
    for (const Row& row : m_rows) {
        row.lane->setWidest(widestWord(m_stepper.spec()));
    }
    const StepState now = m_stepper.state();
    for (std::size_t thread = 0; thread + 1 < m_rows.size(); ++thread) {
        refreshThread(thread, now);
    }
    refreshVariable();
    m_back->setEnabled(m_stepper.canGoBack());
    m_restart->setEnabled(m_stepper.canGoBack() || m_stepper.followsAnOrder());
    m_all->setEnabled(!m_stepper.progress());
    refreshMessage(now);
    refreshOutcomes();
}

void StepperPage::refreshThread(std::size_t thread, const StepState& now)
{
    const Row& row = m_rows[thread];
    const QString variable = text(m_stepper.spec().variable);
    std::vector<StepLane::Cell> cells(m_stepper.spec().job.steps());
    std::optional<std::int64_t> value;
    for (std::size_t i = 0; i < m_stepper.history().size() && i < cells.size(); ++i) {
        const StepTaken& taken = m_stepper.history()[i];
        if (taken.thread == thread) {
            cells[i] = cellOf(taken, variable);
            value = taken.kind == StepKind::Lock && !value ? value : std::optional(taken.after.registerValue);
        }
    }
    row.lane->setCells(std::move(cells));
    row.value->setText(value ? QString::number(*value) : QStringLiteral("–"));
    const auto next = now.next(thread);
    const StepText* said = next ? m_stepper.nextText(thread) : nullptr;
    const QString what = !next ? tr("has done all")
        : now.waits(thread)    ? tr("waits for the lock")
                               : tr("next: %1").arg(said != nullptr ? text(said->instruction) : word(*next));
    const QString where =
        said != nullptr && said->line > 0 ? tr("line %1: %2").arg(said->line).arg(text(said->source)) : QString();
    const QString lock = now.holder() == thread ? tr(" · has the lock") : QString();
    QFont font = row.choose->font();
    font.setPixelSize(std::max(1, pixels(1)));
    const QString name = QFontMetrics(font).elidedText(text(m_stepper.spec().names[thread]), Qt::ElideRight,
        pixels(kChooseWidth - 3) - QFontMetrics(font).horizontalAdvance(lock));
    const auto line = [&](const QString& words) {
        return QFontMetrics(font).elidedText(words, Qt::ElideRight, pixels(kChooseWidth - 2));
    };
    QString shown = QStringLiteral("%1  %2%3\n%4").arg(thread + 1).arg(name, lock, line(what));
    QString spoken = text(m_stepper.spec().names[thread]) + lock + QStringLiteral(", ") + what;
    if (!where.isEmpty()) {
        shown += u'\n' + line(where);
        spoken += QStringLiteral(", ") + where;
    }
    row.choose->setText(shown);
    row.choose->setAccessibleName(spoken);
    row.choose->setEnabled(now.mayStep(thread));
    const bool chosen = m_stepper.chosen() == thread;
    if (row.choose->property("chosen").toBool() != chosen) {
        row.choose->setProperty("chosen", chosen);
        row.choose->setStyleSheet(row.choose->styleSheet()); // it depends on the property
    }
}

void StepperPage::refreshVariable()
{
    const Row& row = m_rows.back();
    const SteppedSpec& spec = m_stepper.spec();
    std::vector<StepLane::Cell> cells(spec.job.steps());
    std::int64_t value = spec.job.initial;
    for (std::size_t i = 0; i < m_stepper.history().size() && i < cells.size(); ++i) {
        const StepTaken& taken = m_stepper.history()[i];
        // Each thread adds: a store that does not raise the value has overwritten what another thread had stored.
        const bool lost = taken.kind == StepKind::Store && taken.after.value <= value;
        value = taken.after.value;
        cells[i] = {lost ? StepLane::Cell::Kind::Lost : StepLane::Cell::Kind::Value, QString::number(value),
            lost ? tr("lost") : QString()};
    }
    row.lane->setCells(std::move(cells));
    row.value->setText(QString::number(value));
}

void StepperPage::refreshMessage(const StepState& now)
{
    const QString variable = text(m_stepper.spec().variable);
    const std::int64_t right = m_stepper.spec().job.right();
    QString message = tr("Who takes the next step? Click a thread, or press its number.");
    const char* tone = "muted";
    if (!m_stepper.problem().isEmpty()) {
        message = m_stepper.problem() + u' ' + tr("The next step starts them anew.");
        tone = "bad";
    } else if (const auto progress = m_stepper.progress()) {
        message = tr("Each order is run on the threads: %1 of %2.")
                      .arg(countText(static_cast<std::int64_t>(progress->run)),
                          countText(static_cast<std::int64_t>(progress->planned)));
    } else if (now.over() && m_stepper.history().size() == m_stepper.wanted().size()) {
        const std::int64_t value = m_stepper.history().back().after.value;
        message = value == right ? tr("%1 = %2: right.").arg(variable).arg(value)
                                 : tr("%1 = %2, and not %3: an update is lost.").arg(variable).arg(value).arg(right);
        tone = value == right ? "good" : "bad";
    } else if (m_stepper.followsAnOrder()) {
        message = tr("Ahead: thread %1, with → (presented: Page Down). Or choose another.")
                      .arg(m_stepper.chosen().value_or(0) + 1);
    } else if (m_noLoss) {
        message = tr("No order loses an update: who has the lock keeps the others out.");
        tone = "good";
    }
    m_message->setText(message);
    setRole(m_message, tone);
}

void StepperPage::refreshOutcomes()
{
    OutcomesShown now{m_theme, pixels(1), {}};
    for (const Stepper::Way& way : m_stepper.ways()) {
        now.complete.push_back(way.outcomes.has_value());
    }
    if (now == m_outcomesShown) {
        return;
    }
    m_outcomesShown = std::move(now);
    for (QWidget* old : std::exchange(m_outcomeWidgets, {})) {
        for (QPushButton* button : old->findChildren<QPushButton*>()) {
            button->setObjectName(QString());
        }
        old->hide();
        old->deleteLater(); // it may be the one that was clicked
    }
    int line = 0;
    for (std::size_t way = 0; way < m_stepper.ways().size(); ++way) {
        const Stepper::Way& shown = m_stepper.ways()[way];
        if (!shown.outcomes) {
            continue;
        }
        auto* title = new QLabel(
            tr("%1, %2:").arg(shown.title, pluralText(static_cast<std::int64_t>(shown.outcomes->planned), tr("order"))),
            this);
        m_outcomes->addWidget(title, line, 0, Qt::AlignLeft | Qt::AlignVCenter);
        m_outcomeWidgets.push_back(title);
        auto* ends = new QWidget(this);
        auto* row = new QHBoxLayout(ends);
        row->setContentsMargins(0, 0, 0, 0);
        row->setSpacing(pixels(0.6));
        for (const auto& [value, orders] : shown.outcomes->ends) {
            const bool right = value == shown.spec.job.right();
            auto* end = new QPushButton((right ? QStringLiteral("✓ ") : QStringLiteral("✗ "))
                    + tr("%1 = %2 in %3")
                          .arg(text(shown.spec.variable))
                          .arg(value)
                          .arg(countText(static_cast<std::int64_t>(orders.size()))),
                ends);
            end->setObjectName(QStringLiteral("stepOutcome%1_%2").arg(way + 1).arg(value));
            end->setAccessibleName(end->text());
            end->setToolTip(tr("Go along one of them, step by step; again: the next one"));
            end->setFocusPolicy(Qt::TabFocus);
            end->setAutoDefault(true);
            end->setStyleSheet(QStringLiteral("font-size: %1px; font-weight: 700; color: %2; padding: %3px %4px;")
                                   .arg(pixels(1))
                                   .arg((right ? m_theme->good : m_theme->bad).name())
                                   .arg(pixels(0.15))
                                   .arg(pixels(0.8)));
            connect(end, &QPushButton::clicked, this, [this, way, value = value] {
                m_stepper.replay(way, value);
                setFocus();
            });
            row->addWidget(end);
        }
        row->addStretch(1);
        title->setStyleSheet(QStringLiteral("font-size: %1px;").arg(pixels(1)));
        m_outcomes->addWidget(ends, line, 1);
        m_outcomeWidgets.push_back(ends);
        title->show();
        ends->show();
        ++line;
    }
    m_outcomes->setColumnStretch(1, 1);
}

} // namespace timeslice
