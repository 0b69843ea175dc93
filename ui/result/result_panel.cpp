#include "ui/result/result_panel.h"

#include "ui/chart/chart_picture.h"
#include "ui/graph/wait_graph_view.h"
#include "ui/plot/slice_text.h"
#include "ui/result/job_figures.h"
#include "ui/result/lesson_links.h"
#include "ui/result/loss_section.h"
#include "ui/result/outcome.h"
#include "ui/result/picture_of.h"
#include "ui/result/result_facts.h"
#include "ui/result/state_legend.h"
#include "ui/theme/role.h"
#include "ui/widgets/code_view.h"
#include "ui/widgets/fact_table.h"
#include "ui/widgets/headline_label.h"
#include "ui/widgets/panel_section.h"
#include "ui/widgets/wrapped_label.h"

#include <QFrame>
#include <QLabel>
#include <QPushButton>
#include <QScrollBar>
#include <QStyle>
#include <QVBoxLayout>
#include <algorithm>
#include <climits>

namespace timeslice {

namespace {

constexpr int kPanelMargin = 16;
constexpr std::size_t kThreadTables = 4; ///< variants whose threads are listed
/// Of what lies below the variants, while a run goes on: to make its tables and move all that is below costs the cores
/// that are shown more than anybody reads meanwhile.
constexpr Nanos kDetailsPeriod = 2 * kSecond;

void setOptionalText(QLabel* label, const QString& text)
{
    label->setText(text);
    label->setVisible(!text.isEmpty());
}

} // namespace

ResultPanel::ResultPanel(QWidget* parent)
    : QScrollArea(parent)
    , m_content(new QWidget)
    , m_layout(new QVBoxLayout(m_content))
{
    setObjectName("resultPanel");
    setAccessibleName(tr("What happened"));
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    // Headline and code are set smaller where there is less width, and so are less tall: a bar that came and went could
    // make the panel too tall without it, and not with it.
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn);
    setFocusPolicy(Qt::TabFocus);
    m_content->setObjectName("panelContent");
    m_content->setProperty("role", "sidebar");
    m_content->setAttribute(Qt::WA_StyledBackground);
    m_layout->setContentsMargins(kPanelMargin, 18, kPanelMargin, 18);
    m_layout->setSpacing(0);

    buildOutcome(); // first, so that nothing pushes the answer down
    m_waitSection = addSection(tr("WHO WAITS FOR WHOM"));
    m_waitSection->setObjectName("waits");
    m_waits = new WaitGraphView(m_waitSection);
    m_waitSection->add(m_waits);
    m_waitSection->hide();
    connect(
        m_waits, &WaitGraphView::contentChanged, this, [this] { m_waitSection->setVisible(m_waits->hasSomething()); });
    m_selection = addSection(tr("SELECTED"));
    m_selectionTitle = m_selection->addText("strong");
    m_selectionTitle->setObjectName("selectionTitle");
    m_selectionLines = m_selection->addText("muted", 2);
    m_selection->hide();

    m_losses = new LossSection(m_content);
    m_losses->layout()->setContentsMargins(0, 0, 0, 24);
    m_layout->addWidget(m_losses);
    m_losses->steps()->setTones({m_theme->mutedText, m_theme->good, m_theme->warning, m_theme->bad});
    m_tables.push_back(m_losses->steps());
    connect(m_losses, &LossSection::firstWanted, this, [this] { emit lossWanted(0); });
    connect(m_losses, &LossSection::nextWanted, this, [this] { emit lossWanted(1); });
    connect(m_losses, &LossSection::previousWanted, this, [this] { emit lossWanted(-1); });
    m_losses->hide();
    m_findings = addSection(tr("FOUND"));
    m_findingText = addMoments(m_findings, m_found);
    m_findings->setObjectName("findings");
    m_variants = addSection(tr("VARIANTS"));
    m_variantTable = addTable(m_variants);
    m_variantTable->setObjectName("variantTable");
    m_jobSlot = new QVBoxLayout;
    m_layout->addLayout(m_jobSlot);
    m_counters = addSection(tr("COUNTER"));
    m_counterTable = addTable(m_counters);
    m_counterTable->setObjectName("counterTable");
    m_marks = addSection(tr("MARKS"));
    m_marks->setObjectName("marks");
    m_markText = addMoments(m_marks, m_marked);
    m_why = addSection(tr("WHY"));
    m_whyText = m_why->addText();
    m_whyText->setObjectName("why");
    m_whyText->setTextFormat(Qt::RichText);
    m_whyText->setTextInteractionFlags(Qt::TextBrowserInteraction);
    m_whyText->setOpenExternalLinks(false);
    connect(m_whyText, &QLabel::linkActivated, this, &ResultPanel::lessonChosen);
    m_sources = m_why->addText("muted", 10);
    m_sources->setObjectName("sources");
    m_latency = addSection(tr("WAKE-UPS CAME LATE BY"));
    m_latencyTable = addTable(m_latency);
    // Their tables are made when there is something to put in: most windows show few of them.
    m_lockSlot = new QVBoxLayout;
    m_layout->addLayout(m_lockSlot);
    m_lockTimes = addSection(QString());
    m_lockTimes->setObjectName("lockTimes");
    m_lockTimeTable = addTable(m_lockTimes);
    m_lockChart = new ChartPicture(m_lockTimes);
    m_lockChart->setObjectName("lockChart");
    m_lockTimes->add(m_lockChart, 8);
    m_threadSlot = new QVBoxLayout;
    m_layout->addLayout(m_threadSlot);
    m_code = addSection(tr("CODE"));
    m_states = addSection(tr("STATES"));
    m_legend = new StateLegend(m_states);
    m_states->add(m_legend);
    m_layout->addStretch(1);
    setWidget(m_content);
    showScenario(nullptr);
    showRun(nullptr, std::nullopt);
    setCanPredictAgain(false);
}

void ResultPanel::buildOutcome()
{
    m_outcome = addSection(QString());
    m_outcome->setObjectName("outcome");
    m_headline = new HeadlineLabel(m_outcome);
    m_headline->setObjectName("headline");
    m_outcome->add(m_headline, 4);
    m_caption = m_outcome->addText("muted", 8);
    m_caption->setObjectName("caption");
    m_sentence = m_outcome->addText(nullptr, 8);
    m_sentence->setObjectName("sentence");
    m_card = new QFrame(m_outcome);
    m_card->setObjectName("predictionCard");
    m_card->setProperty("role", "card");
    auto* layout = new QVBoxLayout(m_card);
    layout->setContentsMargins(14, 10, 14, 10);
    layout->setSpacing(3);
    m_said = new WrappedLabel(m_card);
    m_said->setProperty("role", "strong");
    m_answer = new WrappedLabel(m_card);
    m_answer->setObjectName("predictionAnswer");
    for (QLabel* label : {m_said, m_answer}) {
        layout->addWidget(label);
    }
    m_outcome->add(m_card, 14);
    auto* row = new QHBoxLayout;
    m_again = new QPushButton(tr("Predict again"), m_outcome);
    m_again->setObjectName("predictAgain");
    m_again->setProperty("role", "plain");
    m_again->setAutoDefault(true);
    m_again->setCursor(Qt::PointingHandCursor);
    m_again->setToolTip(tr("Unlock the prediction; this result goes away"));
    m_again->setAccessibleName(m_again->text());
    connect(m_again, &QPushButton::clicked, this, &ResultPanel::predictionReset);
    m_rerun = new QPushButton(tr("Run again"), m_outcome);
    m_rerun->setObjectName("runAgain");
    m_rerun->setAutoDefault(true);
    m_rerun->setCursor(Qt::PointingHandCursor);
    m_rerun->setToolTip(tr("Others had the cores; another try may answer"));
    m_rerun->setAccessibleName(m_rerun->text());
    connect(m_rerun, &QPushButton::clicked, this, &ResultPanel::runWanted);
    row->setSpacing(12);
    row->setContentsMargins(0, 10, 0, 0);
    row->addWidget(m_rerun);
    row->addWidget(m_again);
    row->addStretch(1);
    static_cast<QVBoxLayout*>(m_outcome->layout())->addLayout(row);
}

void ResultPanel::setCanPredictAgain(bool can)
{
    m_canRun = can;
    m_again->setVisible(can && m_hasPredictions);
    m_rerun->setVisible(can && m_disturbed);
}

PanelSection* ResultPanel::addSection(const QString& title, QVBoxLayout* slot)
{
    auto* section = new PanelSection(title, m_content);
    section->layout()->setContentsMargins(0, 0, 0, 24);
    (slot != nullptr ? slot : m_layout)->addWidget(section);
    return section;
}

FactTable* ResultPanel::addTable(PanelSection* section, int spaceAbove)
{
    auto* table = new FactTable(section);
    section->add(table, spaceAbove);
    table->setTones({m_theme->mutedText, m_theme->good, m_theme->warning, m_theme->bad});
    m_tables.push_back(table);
    return table;
}

void ResultPanel::setTheme(const Theme& theme)
{
    m_theme = &theme;
    for (FactTable* table : m_tables) {
        table->setTones({theme.mutedText, theme.good, theme.warning, theme.bad});
    }
    for (const auto& [title, code] : m_snippets) {
        code->setTheme(theme);
    }
    m_waits->setTheme(theme);
    m_legend->setTheme(theme);
    m_lockChart->setTheme(theme);
    showExplanation(); // its links have the theme's colour
}

void ResultPanel::showScenario(const Scenario* scenario)
{
    QString why;
    if (scenario != nullptr) {
        why = QString::fromStdString(scenario->why).trimmed();
        for (const std::string& sentence : scenario->lookFor) {
            why += QStringLiteral("\n\n→ ") + QString::fromStdString(sentence);
        }
    }
    m_hasPredictions = scenario != nullptr && !scenario->predictions.empty();
    m_hasWhy = !why.trimmed().isEmpty();
    m_explanation = why.trimmed();
    showExplanation();
    QStringList sources;
    if (scenario != nullptr) {
        for (const std::string& source : scenario->sources) {
            sources << QString::fromStdString(source);
        }
    }
    setOptionalText(
        m_sources, sources.isEmpty() ? QString() : tr("Sources: %1").arg(sources.join(QStringLiteral("; "))));

    // Variants that run the same code share one snippet.
    std::vector<std::pair<QString, QString>> snippets;
    if (scenario != nullptr) {
        for (const VariantSpec& variant : scenario->variants) {
            const QString code = QString::fromStdString(variant.code).trimmed();
            const QString title = QString::fromStdString(variant.title);
            const auto same = std::find_if(
                snippets.begin(), snippets.end(), [&](const auto& snippet) { return snippet.second == code; });
            if (code.isEmpty()) {
                continue;
            }
            if (same == snippets.end()) {
                snippets.emplace_back(title, code);
            }
        }
    }
    while (m_snippets.size() < snippets.size()) {
        QLabel* title = m_code->addText("muted", m_snippets.empty() ? 0 : 8);
        auto* code = new CodeView(m_code);
        code->setTheme(*m_theme);
        m_code->add(code, 4);
        connect(code, &CodeView::widthChanged, this, &ResultPanel::fitCode);
        m_snippets.emplace_back(title, code);
    }
    for (std::size_t i = 0; i < m_snippets.size(); ++i) {
        const auto& [title, code] = m_snippets[i];
        const bool used = i < snippets.size();
        title->setVisible(used && snippets.size() > 1);
        code->setVisible(used);
        if (used) {
            title->setText(snippets[i].first);
            code->setCode(snippets[i].second);
        }
    }
    m_code->setVisible(!snippets.empty());
    fitCode();
    verticalScrollBar()->setValue(0);
}

void ResultPanel::showExplanation()
{
    m_whyText->setText(withLessonLinks(m_explanation, m_lessonTitle, m_theme->accent));
}

void ResultPanel::fitCode()
{
    int pixels = INT_MAX;
    for (const auto& [title, code] : m_snippets) {
        if (!code->isHidden()) {
            pixels = std::min(pixels, code->fittingPixels());
        }
    }
    for (const auto& [title, code] : m_snippets) {
        if (!code->isHidden()) {
            code->setTypePixels(pixels);
        }
    }
}

bool ResultPanel::showRun(const RunModel* model, std::optional<std::size_t> prediction)
{
    const Outcome outcome = outcomeOf(model);
    m_outcome->setTitle(outcome.heading);
    m_disturbed = outcome.disturbed;
    setCanPredictAgain(m_canRun);
    m_headline->setVisible(!outcome.headline.isEmpty());
    m_headline->setText(outcome.headline);
    // A number that proves nothing stands back.
    m_headline->setColor(outcome.kind == Outcome::Kind::NotVisible ? m_theme->mutedText : QColor());
    setOptionalText(m_caption, outcome.caption);
    setOptionalText(m_sentence, outcome.sentence);
    setRole(m_sentence, outcome.kind == Outcome::Kind::Failed ? "bad" : "body");

    const auto score = model != nullptr ? scorePrediction(*model, prediction, tr("You")) : std::nullopt;
    m_card->setVisible(score.has_value());
    if (score) {
        m_said->setText(score->said);
        m_answer->setText(score->answer);
        setRole(m_answer, score->right.value_or(false) ? "good" : "muted");
    }

    showFindings(model);

    m_variants->setVisible(model != nullptr && !model->variants().empty());
    m_variantTable->setRows(model != nullptr ? variantRows(*model) : std::vector<FactRow>());
    const bool another = model != m_model;
    const Nanos now = monotonicNow();
    if (!another && model != nullptr && !model->finished() && now - m_detailsAt < kDetailsPeriod) {
        return false;
    }
    m_detailsAt = now;
    if (another) {
        m_lock.reset(); // it was another run's
    }
    m_model = model;
    showDetails();
    return true;
}

void ResultPanel::showDetails()
{
    const RunModel* model = m_model;
    showTables(
        m_jobs, m_jobSlot, model != nullptr ? jobSections(*model) : std::vector<FactSection>(), QStringLiteral("jobs"));
    auto counters = model != nullptr ? counterRows(*model) : std::vector<FactRow>();
    m_counters->setVisible(!counters.empty());
    m_counterTable->setRows(std::move(counters));
    auto latencies = model != nullptr ? latencyRows(*model) : std::vector<FactRow>();
    m_latency->setVisible(!latencies.empty());
    m_latencyTable->setRows(std::move(latencies));
    // The explanation would give the answer away.
    m_why->setVisible(m_hasWhy && model != nullptr && model->finished());
    showLocks();
    auto threads = model != nullptr && model->finished() ? threadSections(*model) : std::vector<FactSection>();
    threads.resize(std::min(threads.size(), kThreadTables));
    showTables(m_threads, m_threadSlot, threads, QStringLiteral("threads"));
}

void ResultPanel::showTables(
    std::vector<TableSection>& tables, QVBoxLayout* slot, const std::vector<FactSection>& contents, const QString& name)
{
    while (tables.size() < contents.size()) {
        PanelSection* section = addSection(QString(), slot);
        section->setObjectName(name + QString::number(tables.size() + 1));
        tables.emplace_back(section, addTable(section));
    }
    for (std::size_t i = 0; i < tables.size(); ++i) {
        const auto& [section, table] = tables[i];
        section->setVisible(i < contents.size());
        if (i < contents.size()) {
            section->setTitle(contents[i].title.toUpper());
            table->setRows(contents[i].rows);
        }
    }
}

void ResultPanel::showLocks()
{
    const auto shown = m_model == nullptr ? std::nullopt : m_lock ? m_lock : mostWaitedFor(*m_model);
    m_lockTables = m_model != nullptr ? lockTables(*m_model, shown) : std::vector<LockTable>();
    std::vector<FactSection> sections;
    for (const LockTable& table : m_lockTables) {
        sections.push_back({table.title, table.rows});
    }
    const std::size_t before = m_locks.size();
    showTables(m_locks, m_lockSlot, sections, QStringLiteral("lock"));
    for (std::size_t i = before; i < m_locks.size(); ++i) {
        FactTable* table = m_locks[i].second;
        table->setChoosable(true);
        connect(table, &FactTable::rowChosen, this, [this, i](std::size_t row) { chooseLock(i, row); });
    }
    auto times = m_model != nullptr && shown ? lockTimes(*m_model, *shown) : std::nullopt;
    m_lockTimes->setVisible(times && times->chart);
    if (times) {
        m_lockTimes->setTitle(times->title);
        m_lockTimeTable->setRows(std::move(times->rows));
        m_lockChart->setChart(std::move(times->chart));
    }
}

void ResultPanel::chooseLock(std::size_t table, std::size_t row)
{
    if (table < m_lockTables.size() && row < m_lockTables[table].locks.size() && m_lockTables[table].locks[row]) {
        m_lock = m_lockTables[table].locks[row];
        showLocks();
    }
}

void ResultPanel::showSigns(const SignContents& contents)
{
    m_legend->setContents(contents);
}

QLabel* ResultPanel::addMoments(PanelSection* section, const std::vector<Finding>& moments)
{
    QLabel* text = section->addText();
    text->setTextFormat(Qt::RichText);
    text->setTextInteractionFlags(Qt::TextBrowserInteraction);
    text->setOpenExternalLinks(false);
    connect(text, &QLabel::linkActivated, this, [this, &moments](const QString& index) {
        if (const std::size_t i = index.toUInt(); i < moments.size() && moments[i].where) {
            emit findingChosen(*moments[i].where);
        }
    });
    return text;
}

void ResultPanel::showMoments(PanelSection* section, QLabel* text, const std::vector<Finding>& moments)
{
    section->setVisible(!moments.empty());
    QStringList lines;
    for (std::size_t i = 0; i < moments.size(); ++i) {
        const QString sentence = moments[i].text.toHtmlEscaped();
        lines << (moments[i].where ? QStringLiteral("<a href=\"%1\" style=\"color:%2;text-decoration:none\">%3</a>")
                                         .arg(i)
                                         .arg(m_theme->accent.name(), sentence)
                                   : sentence);
    }
    text->setText(lines.join(QStringLiteral("<br>")));
}

void ResultPanel::showFindings(const RunModel* model)
{
    m_found = model != nullptr ? findings(*model) : std::vector<Finding>();
    if (model != nullptr) {
        const std::vector<Finding> ends = processEnds(*model);
        m_found.insert(m_found.end(), ends.begin(), ends.end());
    }
    showMoments(m_findings, m_findingText, m_found);
    m_marked = model != nullptr ? markList(*model) : std::vector<Finding>();
    showMoments(m_marks, m_markText, m_marked);
}

void ResultPanel::showLoss(const RunModel* model, const std::optional<LossRef>& loss)
{
    m_losses->setVisible(model != nullptr && loss.has_value());
    const LossText text = model != nullptr && loss ? lossText(*model, *loss) : LossText();
    if (model != nullptr && loss) {
        m_losses->showLoss(text);
    }
    for (const auto& [title, code] : m_snippets) {
        code->setMarkedLine(code->code() == text.code ? text.codeLine : -1);
    }
}

void ResultPanel::showSelection(const RunModel* model, const std::optional<SliceRef>& selection)
{
    m_selection->setVisible(model != nullptr && selection.has_value());
    if (model != nullptr && selection) {
        const SliceText text = describeSlice(pictureOf(*model), *selection);
        m_selectionTitle->setText(text.title);
        m_selectionLines->setText(text.lines.join('\n'));
        if (selection->row == SliceRef::Row::Lock) {
            m_lock = LockRef{selection->variant, selection->track};
            showLocks();
        }
        m_content->layout()->activate();
        ensureWidgetVisible(m_selection, 0, 0);
    }
}

QSize ResultPanel::sizeHint() const
{
    return {270, 400};
}

void ResultPanel::resizeEvent(QResizeEvent* event)
{
    QScrollArea::resizeEvent(event);
    m_headline->setPixelSize(std::clamp(width() / 6, 36, 56));
}

} // namespace timeslice
