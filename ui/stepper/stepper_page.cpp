#include "ui/stepper/stepper_page.h"

#include "ui/stepper/step_lane.h"
#include "ui/text/free_text.h"
#include "ui/text/number_text.h"
#include "ui/theme/role.h"
#include "ui/widgets/choice_pill.h"
#include "ui/widgets/wrapped_label.h"

#include <QFontMetrics>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <algorithm>
#include <cstdlib>

namespace timeslice {

namespace {

// In ems of the page's text.
constexpr double kChooseWidth = 14.5;
constexpr double kValueWidth = 4.5;
constexpr double kValueSize = 2; ///< for the last row of the hall
constexpr int kSide = 20; // px: where the tabs above begin

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

QPushButton* action(const char* name, const QString& label, const QString& tip, QWidget* parent)
{
    auto* button = new QPushButton(label, parent);
    button->setObjectName(name);
    button->setAccessibleName(label);
    button->setToolTip(tip);
    button->setFocusPolicy(Qt::TabFocus);
    button->setAutoDefault(true);
    return button;
}

} // namespace

StepperPage::StepperPage(QWidget* parent)
    : QWidget(parent)
    , m_top(new QHBoxLayout)
    , m_message(new WrappedLabel(this))
    , m_outcomes(new QGridLayout)
    , m_layout(new QVBoxLayout(this))
{
    setObjectName("stepper");
    setAccessibleName(tr("Stepper"));
    setFocusPolicy(Qt::StrongFocus);
    m_message->setObjectName("stepperMessage");
    buildActions();
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
    m_back = action("stepBack", tr("Undo"), tr("A step back (← or Backspace)"), this);
    m_restart = action("stepRestart", tr("From the start"), tr("Nobody has taken a step (Home)"), this);
    m_find = action("stepFind", tr("Find a lost update"), tr("An order that loses one, to go along (L)"), this);
    m_all = action("stepAll", tr("All outcomes"), tr("Runs every order on the threads, and counts (A)"), this);
    m_top->addStretch(1);
    for (QPushButton* button : {m_back, m_restart, m_find, m_all}) {
        m_top->addWidget(button);
    }
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
        m_top->insertWidget(static_cast<int>(i), way);
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
    const QString what = !next ? tr("has done all")
        : now.waits(thread)    ? tr("waits for the lock")
                               : tr("next: %1").arg(word(*next));
    const QString lock = now.holder() == thread ? tr(" · has the lock") : QString();
    QFont font = row.choose->font();
    font.setPixelSize(std::max(1, pixels(1)));
    const QString name = QFontMetrics(font).elidedText(text(m_stepper.spec().names[thread]), Qt::ElideRight,
        pixels(kChooseWidth - 3) - QFontMetrics(font).horizontalAdvance(lock));
    row.choose->setText(QStringLiteral("%1  %2%3\n%4").arg(thread + 1).arg(name, lock, what));
    row.choose->setAccessibleName(text(m_stepper.spec().names[thread]) + lock + QStringLiteral(", ") + what);
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

// --- How it looks

/// What it is made of stands below each other, two rows of outcomes included: everything is as large as there is room,
/// about the size that was asked for.
double StepperPage::fittingEm() const
{
    constexpr double kRow = 3.3;
    constexpr double kRest = 11.5;
    constexpr double kWide = 54; // the line of buttons, in two ways
    constexpr double kSmallest = 0.7; // of what was asked for
    constexpr double kLargest = 1.35;
    const double asked = m_points * logicalDpiY() / 72;
    const double rows = static_cast<double>(std::max<std::size_t>(3, m_rows.size()));
    const double room = std::min(height() / (rows * kRow + kRest), width() / kWide);
    return std::clamp(room, kSmallest * asked, kLargest * asked);
}

int StepperPage::pixels(double ems) const
{
    return static_cast<int>(m_em * ems);
}

void StepperPage::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    if (fittingEm() != m_em) {
        applyStyle();
        refresh();
    }
}

void StepperPage::setTheme(const Theme& theme)
{
    m_theme = &theme;
    applyStyle();
    refresh();
}

void StepperPage::setFontPoints(double points)
{
    m_points = points;
    applyStyle();
    refresh();
}

void StepperPage::applyStyle()
{
    m_em = fittingEm();
    m_layout->setContentsMargins(kSide, pixels(0.8), kSide, pixels(0.8));
    m_layout->setSpacing(pixels(0.7));
    m_top->setSpacing(pixels(0.6));
    m_outcomes->setHorizontalSpacing(pixels(1));
    m_outcomes->setVerticalSpacing(pixels(0.4));
    const QString size = QStringLiteral("font-size: %1px;").arg(pixels(1));
    for (QPushButton* button : {m_back, m_restart, m_find, m_all}) {
        button->setStyleSheet(size + QStringLiteral("padding: %1px %2px;").arg(pixels(0.35)).arg(pixels(0.9)));
    }
    for (QPushButton* way : m_ways) {
        const int height = pixels(2);
        way->setStyleSheet(size
            + QStringLiteral("min-height: %1px; max-height: 1000px; border-width: 2px; border-radius: %2px;")
                  .arg(height)
                  .arg(height / 2));
    }
    m_message->setStyleSheet(QStringLiteral("font-size: %1px;").arg(pixels(1.15)));
    for (QLabel* heading : m_headings) {
        heading->setStyleSheet(QStringLiteral("font-size: %1px;").arg(pixels(0.85)));
    }
    if (m_grid != nullptr && m_table != nullptr) {
        m_grid->setHorizontalSpacing(pixels(0.8));
        m_grid->setVerticalSpacing(pixels(0.35));
        m_grid->setColumnMinimumWidth(1, pixels(kValueWidth));
    }
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        const Row& row = m_rows[i];
        row.value->setStyleSheet(QStringLiteral("font-size: %1px; font-weight: 700; color: %2;")
                                     .arg(pixels(kValueSize))
                                     .arg(m_theme->text.name()));
        row.lane->setTheme(*m_theme);
        row.lane->setPixelSize(pixels(1));
        if (row.choose == nullptr) {
            row.name->setStyleSheet(QStringLiteral("font-size: %1px; font-weight: 700;").arg(pixels(kValueSize)));
            continue;
        }
        const auto slot = static_cast<std::uint8_t>(i + 1);
        const ThreadTone tone{m_theme->threadColor(slot), m_theme->threadOutline(slot), m_theme->threadText(slot)};
        row.lane->setTone(tone);
        row.choose->setFixedWidth(pixels(kChooseWidth));
        row.choose->setMinimumHeight(pixels(2.9));
        row.choose->setStyleSheet(
            QStringLiteral(
                "QPushButton { font-size: %1px; text-align: left; color: %2; background: %3; border: %4px solid "
                "%5; border-left: %6px solid %7; border-radius: %8px; "
                "border-top-left-radius: 0px; border-bottom-left-radius: 0px; padding: %9px; }")
                .arg(pixels(1))
                .arg(m_theme->text.name(), m_theme->card.name())
                .arg(std::max(1, pixels(0.1)))
                .arg(m_theme->border.name())
                .arg(pixels(0.6))
                .arg(tone.edge.name())
                .arg(pixels(0.4))
                .arg(pixels(0.3))
            + QStringLiteral("QPushButton[chosen=\"true\"] { border-color: %1; border-left-color: %2; background: %3; }"
                             "QPushButton:hover { background: %4; }"
                             "QPushButton:disabled { color: %5; background: transparent; }")
                  .arg(m_theme->accent.name(), tone.edge.name(), mix(m_theme->card, m_theme->accent, 0.12).name(),
                      mix(m_theme->card, m_theme->text, 0.06).name(), m_theme->mutedText.name()));
    }
}

// --- Keys

bool StepperPage::turn(int direction)
{
    return direction > 0 ? m_stepper.next() : m_stepper.back();
}

/// Whether the key says something here; `really`: does it.
bool StepperPage::handle(const QKeyEvent& event, bool really)
{
    if (m_rows.empty()) {
        return false;
    }
    const Qt::KeyboardModifiers modifiers = event.modifiers() & ~Qt::KeypadModifier;
    const auto act = [really](auto&& what) {
        if (really) {
            what();
        }
        return true;
    };
    if (event.matches(QKeySequence::Undo)) {
        return act([this] { m_stepper.back(); });
    }
    if (modifiers != Qt::NoModifier) {
        return false;
    }
    if (const int thread = event.key() - Qt::Key_1; thread >= 0 && thread < static_cast<int>(StepJob::kMostThreads)) {
        return act([this, thread] { m_stepper.take(static_cast<std::size_t>(thread)); });
    }
    switch (event.key()) {
    case Qt::Key_Right:
    case Qt::Key_Return:
    case Qt::Key_Enter:
        return act([this] { m_stepper.next(); });
    case Qt::Key_Left:
    case Qt::Key_Backspace:
        return act([this] { m_stepper.back(); });
    case Qt::Key_Down:
        return act([this] { m_stepper.choose(1); });
    case Qt::Key_Up:
        return act([this] { m_stepper.choose(-1); });
    case Qt::Key_Home:
        return act([this] { m_stepper.restart(); });
    case Qt::Key_L:
        return act([this] { m_find->click(); });
    case Qt::Key_A:
        return act([this] { m_all->click(); });
    default:
        return false;
    }
}

bool StepperPage::event(QEvent* event)
{
    if (event->type() == QEvent::ShortcutOverride && handle(*static_cast<QKeyEvent*>(event), false)) {
        event->accept(); // before the window's own keys: 1 is a thread here and no prediction
        return true;
    }
    return QWidget::event(event);
}

void StepperPage::keyPressEvent(QKeyEvent* event)
{
    if (!handle(*event, true)) {
        QWidget::keyPressEvent(event);
    }
}

void StepperPage::mousePressEvent(QMouseEvent* event)
{
    setFocus(Qt::MouseFocusReason);
    QWidget::mousePressEvent(event);
}

} // namespace timeslice
