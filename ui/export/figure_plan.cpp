#include "ui/export/figure_plan.h"

#include <algorithm>

namespace timeslice {

namespace {

constexpr std::size_t kThreadCounts[] = {64, 48, 32, 24, 16, 12, 8, 6, 5}; ///< so many stay before parts go

class Plans {
public:
    explicit Plans(const PlanFacts& facts)
        : m_facts(facts)
    {
    }

    std::vector<FigurePlan> make()
    {
        add();
        give(&FigurePlan::threadNames);
        give(&FigurePlan::cpu);
        if (m_facts.locksIdle) {
            give(&FigurePlan::locks);
        }
        give(&FigurePlan::reasons);
        if (m_facts.chart) {
            give(&FigurePlan::tallChart);
        }
        if (!m_facts.lensProves) {
            give(&FigurePlan::lens);
        }
        if (!m_facts.coresProve) {
            give(&FigurePlan::cores);
        }
        if (m_facts.groups) {
            give(&FigurePlan::unfold);
        }
        fewThreads({4, 3}, false);
        give(&FigurePlan::notRun);
        if (m_facts.lensProves) {
            fewThreads({4, 3, 2}, true);
            give(&FigurePlan::lens);
        }
        fewThreads({4, 3, 2}, m_facts.chart);
        give(&FigurePlan::conclusion);
        fewThreads({4, 3, 2, 1}, true);
        give(&FigurePlan::definition);
        fewThreads({2, 1}, true);
        if (m_facts.chart) {
            // The chart compares them all: the others' room is that of the words.
            m_plan.conclusion = m_plan.definition = true;
            oneVariant();
            m_plan.definition = false;
            oneVariant();
            m_plan.conclusion = false;
            oneVariant();
            give(&FigurePlan::chart);
            fewThreads({4, 2, 1}, true);
        }
        m_plan.cores = false;
        fewThreads({2, 1}, true);
        for (bool FigurePlan::*part :
            {&FigurePlan::legend, &FigurePlan::question, &FigurePlan::verdict, &FigurePlan::title}) {
            m_plan.*part = false;
            fewThreads({2, 1}, true);
            oneVariant();
        }
        return std::move(m_plans);
    }

private:
    void add() { m_plans.push_back(m_plan); }

    /// One part less, with as many threads as there is room for.
    void give(bool FigurePlan::*part)
    {
        m_plan.*part = false;
        add();
        for (const std::size_t threads : kThreadCounts) {
            if (threads < m_facts.mostOfAKind) {
                m_plan.maxOfAKind = threads;
                add();
            }
        }
        m_plan.maxOfAKind = SIZE_MAX;
    }

    void fewThreads(std::initializer_list<std::size_t> counts, bool variantsMayGo)
    {
        const bool someGo = variantsMayGo && m_facts.asked < m_facts.variants;
        // That two have it at once is seen of two: rather fewer variants than one row of each kind.
        for (const bool several : {true, false}) {
            for (const std::size_t variants : {std::size_t{SIZE_MAX}, std::max<std::size_t>(m_facts.asked, 1)}) {
                if (variants != SIZE_MAX && !someGo) {
                    break;
                }
                m_plan.maxVariants = variants;
                if (variants != SIZE_MAX && several) { // their room may be enough for all
                    for (const std::size_t threads : {std::size_t{SIZE_MAX}, std::size_t{8}, std::size_t{6}}) {
                        m_plan.maxOfAKind = threads;
                        add();
                    }
                }
                for (const std::size_t threads : counts) {
                    if ((threads > 1) == several) {
                        m_plan.maxOfAKind = threads;
                        add();
                        m_plan.oneMore = false;
                        add();
                        m_plan.oneMore = true;
                    }
                }
            }
        }
        m_plan.maxVariants = SIZE_MAX;
        m_plan.maxOfAKind = SIZE_MAX;
    }

    /// One, with as many threads as there is room for.
    void oneVariant()
    {
        m_plan.maxVariants = 1;
        for (const std::size_t threads : {6, 4, 3, 2, 1}) {
            m_plan.maxOfAKind = threads;
            add();
        }
        m_plan.maxVariants = SIZE_MAX;
        m_plan.maxOfAKind = SIZE_MAX;
    }

    const PlanFacts& m_facts;
    FigurePlan m_plan;
    std::vector<FigurePlan> m_plans;
};

} // namespace

std::vector<FigurePlan> figurePlans(const PlanFacts& facts)
{
    return Plans(facts).make();
}

VariantOrder variantOrder(const RunModel& model)
{
    VariantOrder order;
    const std::vector<VariantModel>& variants = model.variants();
    const auto put = [&](std::size_t variant) {
        if (std::find(order.variants.begin(), order.variants.end(), variant) == order.variants.end()) {
            order.variants.push_back(variant);
        }
    };
    const auto putId = [&](const std::string& id) {
        for (std::size_t v = 0; v < variants.size(); ++v) {
            if (variants[v].recording->id == id) {
                put(v);
            }
        }
    };
    if (model.scenario()) {
        const VerdictSpec& verdict = model.scenario()->verdict;
        putId(verdict.metric.term.variant);
        if (verdict.metric.over) {
            putId(verdict.metric.over->variant);
        }
        if (verdict.headline) {
            for (const TextNumber& number : verdict.headline->numbers) {
                putId(number.term.variant);
            }
        }
    }
    order.asked = order.variants.size();
    for (std::size_t v = 0; v < variants.size(); ++v) {
        put(v);
    }
    return order;
}

std::vector<std::size_t> shownVariants(const RunPicture& run, const FigurePlan& plan, const VariantOrder& order)
{
    std::vector<std::size_t> shown = order.variants;
    const auto wasNotRun = [&](std::size_t v) { return !notRunReason(run.variants[v]).isEmpty(); };
    if (!plan.notRun && !std::all_of(shown.begin(), shown.end(), wasNotRun)) {
        shown.erase(std::remove_if(shown.begin(), shown.end(), wasNotRun), shown.end());
    }
    shown.resize(std::min(plan.maxVariants, shown.size()));
    std::sort(shown.begin(), shown.end());
    return shown;
}

std::vector<RowContent> figureRows(const RunPicture& run, const FigurePlan& plan,
    const std::vector<std::size_t>& variants, const std::optional<TimeRange>& section)
{
    RowOptions options;
    options.cpu = plan.cpu;
    options.cores = plan.cores;
    options.locks = plan.locks;
    options.groups = run.groups;
    options.unfold = plan.unfold;
    options.named = run.evidenceThreads;
    options.maxOfAKind = plan.maxOfAKind;
    options.oneMore = plan.oneMore;
    options.section = section;
    std::vector<RowContent> rows = describeRows(run.variants, options);
    const auto isHidden = [&](const RowContent& row) {
        const bool reason = row.kind == RowKind::Note && !notRunReason(run.variants[row.variant]).isEmpty();
        return !std::binary_search(variants.begin(), variants.end(), row.variant) || (reason && !plan.reasons);
    };
    rows.erase(std::remove_if(rows.begin(), rows.end(), isHidden), rows.end());
    return rows;
}

} // namespace timeslice
