#include "ui/export/figure_layout.h"

#include "ui/chart/paint_chart.h"
#include "ui/export/figure_plan.h"
#include "ui/plot/axis_break.h"
#include "ui/result/job_figures.h"
#include "ui/result/picture_of.h"

#include <QFontMetrics>
#include <algorithm>
#include <climits>

namespace timeslice {

namespace {

constexpr double kTitleEm = 1.9;
constexpr double kQuestionEm = 1.15;
constexpr double kHeadlineEm = 3.2;
constexpr double kCaptionEm = 1.25;
constexpr double kFooterEm = 0.9;
constexpr double kLeastLogicalEm = 9; // below, letters are no longer letters
constexpr double kHeightsPerEm[] = {38, 42, 46, 50, 54, 58, 62, 66, 70};
constexpr double kSeenEm = 0.6; // of a sign in the whole picture; less is not in the legend
constexpr double kLaneShare = 0.8; // of the width, about
constexpr double kLeastSpacing = 0.78; // a heading keeps clear of the label below it
constexpr double kLeastRowEm = 1.25;
constexpr int kMostQuestionLines = 3;
constexpr int kMostLegendLines = 3;

Canvas sized(const Canvas& canvas, double em)
{
    Canvas result = canvas;
    result.em = em;
    return result;
}

int lineHeight(const Canvas& canvas, double ems, bool bold = false)
{
    return QFontMetrics(scaledFont(canvas, ems, bold)).height();
}

int textWidth(const Canvas& canvas, double ems, bool bold, const QString& text)
{
    return QFontMetrics(scaledFont(canvas, ems, bold)).horizontalAdvance(text);
}

class Composer {
public:
    Composer(const RunModel& model, const FigureTexts& texts, const QSize& size, const Canvas& canvas,
        const std::optional<TimeRange>& section, bool foldStartUp, const std::optional<LossRef>& loss)
        : m_run(pictureOf(model, loss))
        , m_texts(texts)
        , m_size(size)
        , m_base(canvas)
        , m_section(section)
        , m_foldStartUp(foldStartUp)
        , m_order(variantOrder(model))
        , m_distribution(distributionOf(model))
        , m_lens(section ? std::nullopt : lossLens(m_run, orderFor(loss)))
        , m_lossLens(m_lens.has_value())
        , m_signs(m_run.variants, kMinBarWidth * canvas.unit)
    {
        if (!m_lens && !section) {
            m_lens = lensFor(m_run, m_order.variants, size.width() * 3 / 4);
        }
        if (auto chart = model.scenario() ? chartOf(*model.scenario(), model.report()) : std::nullopt) {
            m_chart = std::move(*chart);
        }
        m_jobs = jobChart(model);
        if (!texts.headline.isEmpty()) {
            m_distribution.difference.clear(); // the answer compares them
        }
        m_least = kLeastLogicalEm * canvas.unit;
    }

    FigureLayout compose()
    {
        const std::vector<FigurePlan> plans = figurePlans(facts());
        if (auto layout = withEachJob(plans)) {
            return *layout;
        }
        for (const FigurePlan& plan : plans) {
            if (auto layout = anySize(plan)) {
                return *layout;
            }
        }
        m_force = true; // a picture that small shows what it can
        FigurePlan plan;
        plan.threadNames = plan.cpu = plan.locks = plan.reasons = plan.lens = plan.cores = plan.chart =
            plan.conclusion = false;
        plan.definition = plan.legend = plan.question = plan.verdict = plan.title = false;
        plan.maxVariants = 1;
        plan.maxOfAKind = 1;
        return *attempt(plan, std::max(m_least * 0.7, m_size.height() / 26.0));
    }

private:
    /// Where the viewer looks at a loss, its variant is the first.
    std::vector<std::size_t> orderFor(const std::optional<LossRef>& loss) const
    {
        std::vector<std::size_t> order = m_order.variants;
        if (loss) {
            std::stable_partition(
                order.begin(), order.end(), [&loss](std::size_t variant) { return variant == loss->variant; });
        }
        return order;
    }

    /// Each job's figures in the place of their means, where no variant, thread or sentence has to go for it.
    std::optional<FigureLayout> withEachJob(const std::vector<FigurePlan>& plans)
    {
        if (!m_jobs) {
            return std::nullopt;
        }
        std::swap(m_chart, *m_jobs);
        m_wideColumns = true;
        for (const FigurePlan& plan : plans) {
            const bool whole = plan.maxOfAKind == SIZE_MAX && plan.maxVariants == SIZE_MAX && plan.conclusion;
            if (auto layout = plan.chart && whole ? anySize(plan) : std::nullopt) {
                return layout;
            }
        }
        m_wideColumns = false;
        std::swap(m_chart, *m_jobs);
        return std::nullopt;
    }

    PlanFacts facts() const
    {
        PlanFacts facts;
        for (const VariantPicture& variant : m_run.variants) {
            const Timeline& timeline = variant.recording->timeline;
            facts.mostOfAKind = std::max({facts.mostOfAKind, shownThreads(timeline, {}).size(),
                shownLocks(timeline, {}).size(), shownCounters(timeline, {}).size()});
        }
        facts.variants = m_run.variants.size();
        facts.asked = m_order.asked;
        facts.chart = !m_distribution.empty() || !m_chart.empty();
        facts.groups = m_run.groups;
        const auto proves = [this](Evidence kind) {
            return std::find(m_run.evidence.begin(), m_run.evidence.end(), kind) != m_run.evidence.end();
        };
        facts.lensProves = m_lossLens;
        facts.coresProve = proves(Evidence::Cores);
        facts.locksIdle = !m_run.evidence.empty() && !proves(Evidence::Locks);
        return facts;
    }

    std::optional<FigureLayout> anySize(const FigurePlan& plan)
    {
        double last = 0;
        for (const double heights : kHeightsPerEm) {
            const double em = std::max(m_least, std::min(m_size.height() / heights, m_size.width() / 56.0));
            if (em == last) {
                continue;
            }
            last = em;
            if (auto layout = attempt(plan, em)) {
                return layout;
            }
        }
        return std::nullopt;
    }

    /// What the rows show of each variant.
    void placeRange(FigureLayout& layout) const
    {
        if (m_section) {
            layout.range = *m_section;
            return;
        }
        std::vector<VariantPicture> shown;
        for (const std::size_t variant : layout.variants) {
            shown.push_back(m_run.variants[variant]);
        }
        const WholePicture whole = wholePicture(shown, false, m_foldStartUp);
        layout.range = {static_cast<Nanos>(whole.shown.begin), static_cast<Nanos>(whole.shown.end)};
        layout.axisBreak = whole.axisBreak;
    }

    /// The layout with that plan at that size of text; nullopt if it does not fit.
    std::optional<FigureLayout> attempt(const FigurePlan& plan, double em)
    {
        const Canvas canvas = sized(m_base, em);
        FigureLayout layout;
        layout.em = em;
        layout.variants = shownVariants(m_run, plan, m_order);
        placeRange(layout);
        layout.margin = std::min(canvas.px(2), m_size.width() / 24);
        const int left = layout.margin;
        const int width = m_size.width() - 2 * layout.margin;
        int top = std::min(canvas.px(1.3), m_size.height() / 24);
        int bottom = m_size.height() - std::min(canvas.px(1.0), m_size.height() / 24);

        const auto fromTop = [&](QRect& rect, double ems, bool bold, const QString& text, double after) {
            if (text.isEmpty()) {
                return true;
            }
            if (!m_force && textWidth(canvas, ems, bold, text) > width) {
                return false;
            }
            rect = QRect(left, top, width, lineHeight(canvas, ems, bold));
            top = rect.bottom() + 1 + canvas.px(after);
            return true;
        };
        if (plan.title && !fromTop(layout.title, kTitleEm, true, m_texts.title, 0.1)) {
            return std::nullopt;
        }
        if (plan.question && !placeQuestion(canvas, plan, left, width, top, layout)) {
            return std::nullopt;
        }

        layout.footer = QRect(left, bottom - lineHeight(canvas, kFooterEm), width, lineHeight(canvas, kFooterEm));
        bottom = layout.footer.top() - canvas.px(0.7);
        std::vector<RowContent> rows = figureRows(m_run, plan, layout.variants, m_section);
        if (plan.legend && !placeSigns(canvas, plan, rows, left, width, bottom, layout)) {
            return std::nullopt;
        }
        if (plan.verdict && !m_texts.headline.isEmpty()) {
            if (!placeVerdict(canvas, plan, left, width, bottom, layout)) {
                return std::nullopt;
            }
            bottom = layout.headline.top() - canvas.px(0.5);
        }
        constexpr double kNamesEm = 8;
        constexpr double kColumnEm = 8; // "turnaround,", and air
        if (m_wideColumns && width < canvas.px(kNamesEm + kColumnEm * static_cast<double>(m_chart.names.size()))) {
            return std::nullopt;
        }
        if (plan.chart && !m_chart.empty()) {
            const int height = canvas.px(plan.tallChart ? chartEms(m_chart) : lowChartEms(m_chart));
            layout.chart = QRect(left, bottom - height, width, height);
            layout.numbers = m_chart;
            bottom = layout.chart.top() - canvas.px(0.5);
        }
        if (plan.chart && !m_distribution.empty()) {
            const int height = canvas.px(distributionEms(m_distribution));
            layout.distribution = QRect(left, bottom - height, width, height);
            layout.counted = m_distribution;
            bottom = layout.distribution.top() - canvas.px(0.5);
        }
        if (plan.lens && !placeLens(canvas, bottom, layout)) {
            return std::nullopt;
        }
        layout.timeline = QRect(0, top, m_size.width(), bottom - top);
        if (!placeRows(canvas, plan, std::move(rows), layout)) {
            return std::nullopt;
        }
        return layout;
    }

    /// A question may take two lines, with what a beginner cannot know behind it.
    bool placeQuestion(
        const Canvas& canvas, const FigurePlan& plan, int left, int width, int& top, FigureLayout& layout) const
    {
        layout.questionText = m_texts.question;
        if (plan.definition && !m_texts.definition.isEmpty()) {
            layout.questionText += QLatin1Char('\n') + m_texts.definition;
        }
        if (layout.questionText.isEmpty()) {
            return true;
        }
        const QFontMetrics metrics(scaledFont(canvas, kQuestionEm));
        const QRect bounds = metrics.boundingRect(QRect(0, 0, width, 1 << 20), Qt::TextWordWrap, layout.questionText);
        const int lines = (bounds.height() + metrics.lineSpacing() / 2) / metrics.lineSpacing();
        if (!m_force && (bounds.width() > width || lines > kMostQuestionLines)) {
            return false;
        }
        const int tall = lines > kMostQuestionLines ? kMostQuestionLines * metrics.lineSpacing() : bounds.height();
        layout.question = QRect(left, top, width, tall);
        top = layout.question.bottom() + 1 + canvas.px(0.45);
        return true;
    }

    bool placeVerdict(
        const Canvas& canvas, const FigurePlan& plan, int left, int width, int bottom, FigureLayout& layout) const
    {
        constexpr double kMostOfWidth = 0.42;
        const int whole = textWidth(canvas, kHeadlineEm, true, m_texts.headline) + 1;
        layout.headlineEms = kHeadlineEm * std::min(1.0, std::max(0.45, kMostOfWidth * width / whole));
        const int height = lineHeight(canvas, layout.headlineEms, true);
        const int headlineWidth = textWidth(canvas, layout.headlineEms, true, m_texts.headline) + 1;
        layout.headline = QRect(left, bottom - height, headlineWidth, height);
        const int textLeft = left + headlineWidth + canvas.px(1.5);
        const int room = left + width - textLeft;
        // Why a number does not count is never left out while the number stands there.
        const bool conclusion = (plan.conclusion || !m_texts.visible) && !m_texts.conclusion.isEmpty();
        const int captionHeight = m_texts.caption.isEmpty() ? 0 : lineHeight(canvas, kCaptionEm, true);
        const int lineTall = lineHeight(canvas, 1);
        int sentence = 0; // its height
        if (conclusion) {
            // A sentence may take two lines beside the large number.
            const QFontMetrics metrics(scaledFont(canvas, 1));
            const QRect bounds =
                metrics.boundingRect(QRect(0, 0, std::max(room, 1), 1 << 20), Qt::TextWordWrap, m_texts.conclusion);
            const int lines = (bounds.height() + metrics.lineSpacing() / 2) / metrics.lineSpacing();
            if (bounds.width() > room || lines > 2) {
                return false;
            }
            sentence = std::max(lines * lineTall, bounds.height() + 1); // with what hangs below its last line
        }
        if (textWidth(canvas, kCaptionEm, true, m_texts.caption) > room) {
            return false;
        }
        const int tall = captionHeight + sentence;
        if (tall > height) {
            layout.headline.moveTop(bottom - tall + (tall - height) / 2);
        }
        const int first = bottom - std::max(tall, height) + (std::max(tall, height) - tall) / 2;
        layout.caption = QRect(textLeft, first, room, captionHeight);
        if (conclusion) {
            layout.conclusion = QRect(textLeft, first + captionHeight, room, sentence);
        }
        if (tall > height) {
            layout.headline.setTop(bottom - tall);
            layout.headline.setBottom(bottom - 1);
        }
        return true;
    }

    /// The lens's rows are as low as rows may be; `bottom` rises above it. False: there is no room for it.
    bool placeLens(const Canvas& canvas, int& bottom, FigureLayout& layout) const
    {
        constexpr double kRowEm = 1.25;
        constexpr double kBesidesEm = 5; // heading, axis, air
        constexpr double kMostOfHeight = 0.34;
        if (!m_lens) {
            return true;
        }
        double rows = 0;
        for (const RowContent& row : m_lens->rows) {
            rows += row.kind == RowKind::Heading ? 0 : row.kind == RowKind::Counter ? row.lanes : 1;
        }
        const int tall = canvas.px(rows * (kRowEm + 0.45) + kBesidesEm);
        if (tall > m_size.height() * kMostOfHeight) {
            return false;
        }
        LayoutRequest request = rowRequest(canvas, QSize(m_size.width(), tall), layout.margin);
        request.minRowEm = 1;
        request.maxRowEm = kRowEm;
        layout.lens = QRect(0, bottom - tall, m_size.width(), tall);
        layout.lensRows = layoutRows(m_lens->rows, request);
        indentRows(layout.lensRows, layout.margin);
        layout.enlarged = m_lens;
        bottom = layout.lens.top() - canvas.px(0.3);
        return layout.lensRows.fits(tall);
    }

    static LayoutRequest rowRequest(const Canvas& canvas, const QSize& size, int margin)
    {
        LayoutRequest request;
        request.size = size;
        request.em = canvas.em;
        request.marginEm = margin / canvas.em;
        request.maxRowEm = 3;
        request.minSpacing = kLeastSpacing;
        const QFontMetrics regular(scaledFont(canvas, 1));
        const QFontMetrics bold(scaledFont(canvas, 1, true));
        request.textWidth = [regular, bold](const QString& text, bool strong) {
            return (strong ? bold : regular).horizontalAdvance(text);
        };
        return request;
    }

    /// The rows begin where the title does.
    static void indentRows(TimelineLayout& rows, int margin)
    {
        const int indent = margin - rows.headingLeft;
        rows.headingLeft += indent;
        rows.labelRight += indent;
        rows.laneLeft += indent;
    }

    bool placeRows(
        const Canvas& canvas, const FigurePlan& plan, std::vector<RowContent> rows, FigureLayout& layout) const
    {
        layout.omitted = omitted(plan, layout.variants);
        if (placeWaits(canvas, rows, layout)) {
            return true;
        }
        layout.rows = layoutRows(std::move(rows), rowRequest(canvas, layout.timeline.size(), layout.margin));
        indentRows(layout.rows, layout.margin);
        return m_force || layout.rows.fits(layout.timeline.height());
    }

    /// Beside the rows of the first variant that ends in a deadlock, if the picture is wide enough for both.
    bool placeWaits(const Canvas& canvas, const std::vector<RowContent>& rows, FigureLayout& layout) const
    {
        constexpr double kWidthEm = 15;
        constexpr double kHeightEm = 15;
        constexpr double kLeastHeightEm = 9;
        constexpr double kNodeHeightEm = 1.6; // of a thread or a lock in a ring
        constexpr double kRowsEm = 48;
        const auto found = std::find_if(layout.variants.begin(), layout.variants.end(),
            [this](std::size_t variant) { return m_run.variants[variant].deadlock.has_value(); });
        const int width = canvas.px(kWidthEm);
        if (m_force || m_section || found == layout.variants.end()
            || layout.timeline.width() - width < canvas.px(kRowsEm)) {
            return false;
        }
        QRect narrow = layout.timeline;
        narrow.setWidth(narrow.width() - width - layout.margin);
        TimelineLayout beside = layoutRows(rows, rowRequest(canvas, narrow.size(), layout.margin));
        indentRows(beside, layout.margin);
        int top = INT_MAX;
        int bottom = 0;
        for (const Row& row : beside.rows) {
            if (row.content.variant == *found) {
                top = std::min(top, row.top);
                bottom = std::max(bottom, row.bottom());
            }
        }
        // A ring of many needs room for its arrows.
        const double ringEm = kNodeHeightEm * 2 * static_cast<double>(m_run.variants[*found].deadlock->edges.size());
        const int height = std::min({canvas.px(kHeightEm), narrow.height(),
            std::max({bottom - top, canvas.px(kLeastHeightEm), canvas.px(ringEm)})});
        if (!beside.fits(narrow.height()) || height < canvas.px(kLeastHeightEm)) {
            return false;
        }
        const int first = std::clamp((top + bottom - height) / 2, 0, narrow.height() - height);
        layout.waits = QRect(narrow.right() + 1, narrow.top() + first, width, height);
        layout.deadlocked = *found;
        layout.timeline = narrow;
        layout.rows = std::move(beside);
        return true;
    }

    /// The legend, of what these rows and the lens will show.
    bool placeSigns(const Canvas& canvas, const FigurePlan& plan, const std::vector<RowContent>& rows, int left,
        int width, int& bottom, FigureLayout& layout)
    {
        const auto scaleOf = [this](TimeRange range) {
            const int lanes = std::max(2, static_cast<int>(m_size.width() * kLaneShare));
            return TimeScale{static_cast<double>(range.begin),
                std::max(static_cast<double>(range.end), static_cast<double>(range.begin) + kMinVisible), 0, lanes};
        };
        m_signs.forget();
        m_signs.look(canvas, rows, scaleOf(layout.range), canvas.px(kLeastRowEm));
        if (plan.lens && m_lens) {
            m_signs.look(canvas, m_lens->rows, scaleOf(m_lens->range), canvas.px(kLeastRowEm));
        }
        layout.items = legendItems(m_run.variants, m_signs, canvas.px(kSeenEm), plan.threadNames,
            layout.axisBreak && layout.axisBreak->folded);
        if (layout.items.empty()) {
            return true;
        }
        const int height = placeLegend(canvas, layout.items, width, kMostLegendLines);
        if (height == 0) {
            return false;
        }
        layout.legend = QRect(left, bottom - height, width, height);
        for (LegendItem& item : layout.items) {
            item.rect.translate(layout.legend.topLeft());
        }
        bottom = layout.legend.top() - canvas.px(0.7);
        return true;
    }

    /// How many are left out because of that.
    std::size_t notRun(const FigurePlan& plan) const
    {
        FigurePlan all = plan;
        all.maxVariants = SIZE_MAX;
        return m_order.variants.size() - shownVariants(m_run, all, m_order).size();
    }

    QString omitted(const FigurePlan& plan, const std::vector<std::size_t>& variants) const
    {
        QStringList parts;
        if (const std::size_t count = m_run.variants.size() - variants.size() - notRun(plan); count > 0) {
            parts << (count == 1 ? QStringLiteral("timeline of ") : QStringLiteral("timelines of "))
                    + counted(count, QStringLiteral("more variant")) + QStringLiteral(" not shown");
        }
        if (const std::size_t count = notRun(plan); count > 0) {
            parts << counted(count, QStringLiteral("variant")) + QStringLiteral(" not run");
        }
        return parts.join(QStringLiteral("; "));
    }

    RunPicture m_run;
    const FigureTexts& m_texts;
    QSize m_size;
    Canvas m_base;
    std::optional<TimeRange> m_section;
    bool m_foldStartUp;
    VariantOrder m_order;
    Distribution m_distribution;
    std::optional<Lens> m_lens; ///< what is worth to be enlarged
    bool m_lossLens; ///< that is how an update was lost
    FigureSigns m_signs;
    Chart m_chart;
    std::optional<Chart> m_jobs; ///< each of them
    bool m_wideColumns = false; ///< the chart's heads must have room
    double m_least = 0;
    bool m_force = false;
};

} // namespace

FigureLayout layOutFigure(const RunModel& model, const FigureTexts& texts, const QSize& size, const Canvas& canvas,
    const std::optional<TimeRange>& section, bool foldStartUp, const std::optional<LossRef>& loss)
{
    return Composer(model, texts, size, canvas, section, foldStartUp, loss).compose();
}

} // namespace timeslice
