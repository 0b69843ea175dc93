#include "ui/export/figure_layout.h"

#include "core/trace/unobserved_text.h"
#include "ui/chart/paint_chart.h"
#include "ui/course/lesson_book.h"
#include "ui/plot/one_line.h"
#include "ui/plot/row_names.h"
#include "ui/plot/thread_colors.h"
#include "ui/result/picture_of.h"

#include <QDateTime>
#include <QFontMetrics>
#include <algorithm>
#include <set>

namespace timeslice {

namespace {

constexpr double kTitleEm = 1.9;
constexpr double kQuestionEm = 1.15;
constexpr double kHeadlineEm = 3.2;
constexpr double kCaptionEm = 1.25;
constexpr double kLegendEm = 0.95;
constexpr double kFooterEm = 0.9;
constexpr double kLeastLogicalEm = 9; // below, letters are no longer letters
constexpr double kHeightsPerEm[] = {38, 42, 46, 50, 54, 58, 62};
constexpr std::size_t kThreadCounts[] = {64, 48, 32, 24, 16, 12, 8}; ///< so many stay before parts go
constexpr std::size_t kFewThreads[] = {8, 4, 2, 1};
constexpr std::size_t kMostOwners = 8; // in the legend

/// What is left out, in this order; but of more than eight threads those that ran least go first.
enum Part {
    kNothing,
    kThreadLegend,
    kCpuRows,
    kLens,
    kConclusion,
    kCoreRows, ///< unless they are what proves the point
    kDistribution,
    kStateLegend,
    kQuestion,
    kVerdict,
    kTitle,
    kParts
};

struct Plan {
    int dropped = kNothing; ///< this one and all before it
    std::size_t maxOfAKind = SIZE_MAX; ///< threads, locks, counters of a variant
    std::size_t maxVariants = SIZE_MAX;

    bool has(Part part) const { return dropped < part; }
};

QString counted(std::size_t count, const QString& noun)
{
    return QStringLiteral("%1 %2%3").arg(count).arg(noun, count == 1 ? QString() : QStringLiteral("s"));
}

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

std::vector<LegendItem> legendItems(std::span<const VariantPicture> variants, bool threads, bool cpu)
{
    SignContents contents = signContents(variants);
    contents.cpu = cpu;
    std::vector<LegendItem> items;
    for (const StateSign sign : signsOf(contents)) {
        items.push_back({sign, signText(sign, contents), 0});
    }
    std::vector<LegendItem> owners;
    std::set<std::pair<QString, std::uint8_t>> seen;
    const std::vector<ThreadColors> colors = threadColors(variants);
    for (std::size_t v = 0; v < variants.size(); ++v) {
        const Timeline& timeline = variants[v].recording->timeline;
        const RowNames names(timeline);
        for (std::size_t i = 0; i < timeline.threads.size(); ++i) {
            const std::uint8_t color = colors[v].of(timeline, i);
            if (!timeline.threads[i].auxiliary && seen.emplace(names.thread(i), color).second) {
                owners.push_back({StateSign::Running, names.thread(i), color});
            }
        }
    }
    if (threads && owners.size() <= kMostOwners) {
        items.insert(items.end(), owners.begin(), owners.end());
    }
    return items;
}

/// Places the items in lines of `width`; returns the height, 0 if they take more than `maxLines`.
int placeLegend(const Canvas& canvas, std::vector<LegendItem>& items, int width, int maxLines)
{
    const int height = lineHeight(canvas, kLegendEm) + canvas.px(0.3);
    const int sign = canvas.px(2);
    const int gap = canvas.px(1.7);
    int x = 0;
    int line = 0;
    for (LegendItem& item : items) {
        const int wide = sign + textWidth(canvas, kLegendEm, false, item.text) + 1;
        if (wide > width) {
            return 0;
        }
        if (x > 0 && x + wide > width) {
            x = 0;
            ++line;
        }
        item.rect = QRect(x, line * height, wide, height);
        x += wide + gap;
    }
    return line < maxLines ? (line + 1) * height : 0;
}

class Composer {
public:
    Composer(const RunModel& model, const FigureTexts& texts, const QSize& size, const Canvas& canvas,
        const std::optional<TimeRange>& section)
        : m_run(pictureOf(model))
        , m_texts(texts)
        , m_size(size)
        , m_base(canvas)
        , m_section(section)
        , m_distribution(distributionOf(model))
        , m_lens(lensFor(m_run, size.width() * 3 / 4))
    {
        if (auto chart = model.scenario() ? chartOf(*model.scenario(), model.report()) : std::nullopt) {
            m_chart = std::move(*chart);
        }
        m_least = kLeastLogicalEm * canvas.unit;
    }

    FigureLayout compose()
    {
        Plan plan;
        const std::size_t most = mostOfAKind();
        for (plan.dropped = kNothing; plan.dropped < kParts; ++plan.dropped) {
            plan.maxOfAKind = SIZE_MAX;
            if (auto layout = anySize(plan)) {
                return *layout;
            }
            if (plan.dropped < kThreadLegend) {
                continue;
            }
            for (const std::size_t threads : kThreadCounts) {
                plan.maxOfAKind = threads;
                if (threads >= most) {
                    continue;
                }
                if (auto layout = anySize(plan)) {
                    return *layout;
                }
            }
            // Where the scenario is about a distribution, rather fewer rows than none of it; and whatever it is about,
            // rather fewer threads than no legend, no question or no answer.
            const bool beforeDistribution =
                plan.dropped + 1 == kDistribution && (!m_distribution.empty() || !m_chart.empty());
            if (beforeDistribution || plan.dropped + 1 == kStateLegend || plan.dropped + 1 == kVerdict) {
                if (auto layout = fewerRows(plan, beforeDistribution)) {
                    return *layout;
                }
            }
        }
        plan.dropped = kParts;
        if (auto layout = fewerRows(plan, true)) {
            return *layout;
        }
        m_force = true; // a picture that small shows what it can
        plan.maxVariants = 1;
        plan.maxOfAKind = 1;
        return *attempt(plan, std::max(m_least * 0.7, m_size.height() / 26.0));
    }

private:
    /// Fewer threads of each variant, and at last, if they may go, fewer variants.
    std::optional<FigureLayout> fewerRows(Plan plan, bool variantsMayGo)
    {
        for (const std::size_t variants : {std::size_t{SIZE_MAX}, std::size_t{2}, std::size_t{1}}) {
            if (variants != SIZE_MAX && !variantsMayGo) {
                break;
            }
            plan.maxVariants = variants;
            for (const std::size_t threads : kFewThreads) {
                plan.maxOfAKind = threads;
                if (auto layout = anySize(plan)) {
                    return layout;
                }
            }
        }
        return std::nullopt;
    }

    std::span<const VariantPicture> variants(const Plan& plan) const
    {
        return std::span(m_run.variants).first(std::min(plan.maxVariants, m_run.variants.size()));
    }

    std::size_t mostOfAKind() const
    {
        std::size_t most = 0;
        for (const VariantPicture& variant : m_run.variants) {
            const Timeline& timeline = variant.recording->timeline;
            most = std::max({most, shownThreads(timeline, {}).size(), shownLocks(timeline, {}).size(),
                shownCounters(timeline, {}).size()});
        }
        return most;
    }

    std::optional<FigureLayout> anySize(const Plan& plan)
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

    /// The layout with that plan at that size of text; nullopt if it does not fit.
    std::optional<FigureLayout> attempt(const Plan& plan, double em)
    {
        const Canvas canvas = sized(m_base, em);
        FigureLayout layout;
        layout.em = em;
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
        if (plan.has(kTitle) && !fromTop(layout.title, kTitleEm, true, m_texts.title, 0.1)) {
            return std::nullopt;
        }
        if (plan.has(kQuestion) && !placeQuestion(canvas, left, width, top, layout)) {
            return std::nullopt;
        }

        layout.footer = QRect(left, bottom - lineHeight(canvas, kFooterEm), width, lineHeight(canvas, kFooterEm));
        bottom = layout.footer.top() - canvas.px(0.7);
        if (plan.has(kStateLegend)) {
            layout.items = legendItems(variants(plan), plan.has(kThreadLegend), plan.has(kCpuRows));
            const int height = placeLegend(canvas, layout.items, width, plan.has(kThreadLegend) ? 2 : 1);
            if (height == 0) {
                return std::nullopt;
            }
            layout.legend = QRect(left, bottom - height, width, height);
            for (LegendItem& item : layout.items) {
                item.rect.translate(layout.legend.topLeft());
            }
            bottom = layout.legend.top() - canvas.px(0.7);
        }
        if (plan.has(kVerdict) && !m_texts.headline.isEmpty()) {
            if (!placeVerdict(canvas, plan, left, width, bottom, layout)) {
                return std::nullopt;
            }
            bottom = layout.headline.top() - canvas.px(0.5);
        }
        if (plan.has(kDistribution) && !m_chart.empty()) {
            const int height = canvas.px(chartEms(m_chart));
            layout.chart = QRect(left, bottom - height, width, height);
            layout.numbers = m_chart;
            bottom = layout.chart.top() - canvas.px(0.5);
        }
        if (plan.has(kDistribution) && !m_distribution.empty()) {
            const int height = canvas.px(distributionEms(m_distribution));
            layout.distribution = QRect(left, bottom - height, width, height);
            layout.counted = m_distribution;
            bottom = layout.distribution.top() - canvas.px(0.5);
        }
        if (plan.has(kLens) && !placeLens(canvas, bottom, layout)) {
            return std::nullopt;
        }
        layout.timeline = QRect(0, top, m_size.width(), bottom - top);
        if (!placeRows(canvas, plan, layout)) {
            return std::nullopt;
        }
        return layout;
    }

    /// A question may take two lines, with what a beginner cannot know behind it.
    bool placeQuestion(const Canvas& canvas, int left, int width, int& top, FigureLayout& layout) const
    {
        if (m_texts.question.isEmpty()) {
            return true;
        }
        const QFontMetrics metrics(scaledFont(canvas, kQuestionEm));
        const QRect bounds = metrics.boundingRect(QRect(0, 0, width, 1 << 20), Qt::TextWordWrap, m_texts.question);
        const int lines = (bounds.height() + metrics.lineSpacing() / 2) / metrics.lineSpacing();
        if (!m_force && (bounds.width() > width || lines > 3)) {
            return false;
        }
        layout.question = QRect(left, top, width, std::min(lines, 3) * metrics.lineSpacing());
        top = layout.question.bottom() + 1 + canvas.px(0.2);
        return true;
    }

    bool placeVerdict(
        const Canvas& canvas, const Plan& plan, int left, int width, int bottom, FigureLayout& layout) const
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
        const bool conclusion = (plan.has(kConclusion) || !m_texts.visible) && !m_texts.conclusion.isEmpty();
        const int captionHeight = m_texts.caption.isEmpty() ? 0 : lineHeight(canvas, kCaptionEm, true);
        const int lineTall = lineHeight(canvas, 1);
        int lines = 0;
        if (conclusion) {
            // A sentence may take two lines beside the large number.
            const QFontMetrics metrics(scaledFont(canvas, 1));
            const QRect bounds =
                metrics.boundingRect(QRect(0, 0, std::max(room, 1), 1 << 20), Qt::TextWordWrap, m_texts.conclusion);
            lines = (bounds.height() + metrics.lineSpacing() / 2) / metrics.lineSpacing();
            if (bounds.width() > room || lines > 2) {
                return false;
            }
        }
        if (textWidth(canvas, kCaptionEm, true, m_texts.caption) > room) {
            return false;
        }
        const int tall = captionHeight + lines * lineTall;
        if (tall > height) {
            layout.headline.moveTop(bottom - tall + (tall - height) / 2);
        }
        const int first = bottom - std::max(tall, height) + (std::max(tall, height) - tall) / 2;
        layout.caption = QRect(textLeft, first, room, captionHeight);
        if (conclusion) {
            layout.conclusion = QRect(textLeft, first + captionHeight, room, lines * lineTall);
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
        const int tall = canvas.px(static_cast<double>(m_lens->rows.size() - 1) * (kRowEm + 0.45) + kBesidesEm);
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

    bool placeRows(const Canvas& canvas, const Plan& plan, FigureLayout& layout) const
    {
        RowOptions options;
        options.cpu = plan.has(kCpuRows);
        const bool coresProve =
            std::find(m_run.evidence.begin(), m_run.evidence.end(), Evidence::Cores) != m_run.evidence.end();
        options.cores = plan.has(kCoreRows) || (coresProve && plan.has(kVerdict));
        options.maxOfAKind = plan.maxOfAKind;
        options.section = m_section;
        std::vector<RowContent> contents = describeRows(variants(plan), options);
        layout.variants = variants(plan).size();
        layout.omitted = omitted(plan);

        layout.rows = layoutRows(std::move(contents), rowRequest(canvas, layout.timeline.size(), layout.margin));
        indentRows(layout.rows, layout.margin);
        return m_force || layout.rows.fits(layout.timeline.height());
    }

    QString omitted(const Plan& plan) const
    {
        std::size_t threads = 0;
        std::size_t locks = 0;
        std::size_t counters = 0;
        const auto hidden = [&](const std::vector<std::size_t>& all) {
            return all.size() > plan.maxOfAKind ? all.size() - plan.maxOfAKind : 0;
        };
        for (const VariantPicture& variant : variants(plan)) {
            const Timeline& timeline = variant.recording->timeline;
            threads += hidden(shownThreads(timeline, {}));
            locks += hidden(shownLocks(timeline, {}));
            counters += hidden(shownCounters(timeline, {}));
        }
        QStringList parts;
        for (const auto& [count, noun] : {std::pair(threads, QStringLiteral("more thread")),
                 std::pair(locks, QStringLiteral("more lock")), std::pair(counters, QStringLiteral("more counter"))}) {
            if (count > 0) {
                parts << counted(count, noun);
            }
        }
        if (m_run.variants.size() > plan.maxVariants) {
            parts << counted(m_run.variants.size() - plan.maxVariants, QStringLiteral("more variant"));
        }
        return parts.isEmpty() ? QString() : parts.join(QStringLiteral(", ")) + QStringLiteral(" not shown");
    }

    RunPicture m_run;
    const FigureTexts& m_texts;
    QSize m_size;
    Canvas m_base;
    std::optional<TimeRange> m_section;
    Distribution m_distribution;
    std::optional<Lens> m_lens; ///< what is worth to be enlarged
    Chart m_chart;
    double m_least = 0;
    bool m_force = false;
};

} // namespace

FigureTexts figureTexts(const RunModel& model)
{
    FigureTexts texts;
    if (model.scenario()) {
        texts.title = oneLineText(model.scenario()->title);
        texts.question = questionOf(*model.scenario());
    } else if (!model.recording().variants.empty()) {
        texts.title = oneLineText(model.recording().variants.front()->title);
    }
    const RunReport& report = model.report();
    if (report.verdict) {
        const Verdict& verdict = *report.verdict;
        texts.headline = QString::fromStdString(verdict.headline);
        texts.caption = QString::fromStdString(verdict.caption);
        texts.conclusion = QString::fromStdString(verdict.why).simplified();
        texts.visible = verdict.holds.has_value();
    }
    std::uint64_t lost = 0;
    for (const VariantModel& variant : model.variants()) {
        lost += variant.recording->timeline.lost.total();
        texts.measured = texts.measured && variant.recording->timeline.source == Source::Measured;
    }
    if (lost > 0) {
        texts.lost = counted(lost, QStringLiteral("event")) + QStringLiteral(" lost");
    }
    std::vector<UnobservedProcess> unobserved;
    for (const VariantModel& variant : model.variants()) {
        const auto& own = variant.recording->timeline.unobserved;
        unobserved.insert(unobserved.end(), own.begin(), own.end());
    }
    texts.unobserved = oneLineText(unobservedNote(unobserved));
    QStringList machine;
    if (!report.machine.cpu.empty()) {
        machine << QString::fromStdString(report.machine.cpu);
    }
    if (report.machine.cores > 0) {
        machine << counted(static_cast<std::size_t>(report.machine.cores), QStringLiteral("core"));
    }
    if (!report.machine.kernel.empty()) {
        machine << QString::fromStdString(report.machine.kernel);
    }
    texts.machine = machine.join(QStringLiteral(" · "));
    const auto created = QDateTime::fromString(QString::fromStdString(model.recording().created), Qt::ISODate);
    texts.date = created.isValid() ? created.toString(QStringLiteral("yyyy-MM-dd HH:mm")) : QString();
    return texts;
}

FigureLayout layOutFigure(const RunModel& model, const FigureTexts& texts, const QSize& size, const Canvas& canvas,
    const std::optional<TimeRange>& section)
{
    return Composer(model, texts, size, canvas, section).compose();
}

} // namespace timeslice
