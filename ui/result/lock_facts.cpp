#include "ui/result/lock_facts.h"

#include "core/base/duration_text.h"
#include "ui/plot/format_time.h"
#include "ui/plot/one_line.h"
#include "ui/result/variant_words.h"
#include "ui/text/free_text.h"
#include "ui/text/number_text.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace timeslice {

namespace {

constexpr std::size_t kBinsThatFit = 50; // in the panel's width; of more, two are one

/// The switch interval that the variant's workload gives its modelled GIL, as text; empty if it has none.
QString switchInterval(const RunModel& model, std::size_t variant)
{
    if (!model.scenario() || variant >= model.scenario()->variants.size()) {
        return {};
    }
    const nlohmann::json& workload = model.scenario()->variants[variant].workload;
    const auto resources = workload.find("resources");
    if (resources == workload.end() || !resources->is_object()) {
        return {};
    }
    for (const auto& [name, resource] : resources->items()) {
        if (!resource.is_object() || resource.value("type", nlohmann::json()) != "gil") {
            continue;
        }
        const auto interval = resource.find("interval");
        if (interval != resource.end() && interval->is_string()) {
            const auto duration = parseDurationText(interval->get<std::string>());
            return duration ? text(toDurationText(*duration, " ")) : QString();
        }
        if (interval != resource.end() && interval->is_number()) {
            return formatDuration(static_cast<Nanos>(std::llround(interval->get<double>() * kMicrosecond)));
        }
    }
    return {};
}

QString numberText(std::uint64_t n)
{
    return countText(static_cast<std::int64_t>(n));
}

/// "99.7 %"; of several locks "98.1 % … 99.7 %".
QString heldText(const std::vector<const LockReport*>& locks)
{
    double least = 1;
    double most = 0;
    for (const LockReport* lock : locks) {
        least = std::min(least, lock->heldShare);
        most = std::max(most, lock->heldShare);
    }
    const QString low = percentText(least);
    const QString high = percentText(most);
    return low == high ? high : low + QStringLiteral(" … ") + high;
}

/// Why a hold ended as it did, three reasons; of all GILs of a variant together.
void addHandoffs(const std::vector<const LockReport*>& gils, const QString& interval, std::vector<FactRow>& rows)
{
    using Tone = FactRow::Tone;
    std::uint64_t asked = 0;
    std::uint64_t given = 0;
    std::uint64_t ended = 0;
    std::optional<std::uint64_t> inVain;
    Nanos median = 0;
    for (const LockReport* gil : gils) {
        asked += gil->handoffsTimeout;
        given += gil->handoffsVoluntary;
        ended += gil->handoffsExit;
        inVain = gil->falseAlarms ? inVain.value_or(0) + *gil->falseAlarms : inVain;
        median = std::max(
            median, static_cast<Nanos>(std::llround(gil->timeoutHoldMillis.p50 * static_cast<double>(kMillisecond))));
    }
    rows.push_back({tr("hand-offs"), {numberText(asked + given + ended)}, Tone::Plain,
        tr("Times that another thread took it over")});
    const QString after = interval.isEmpty() && gils.size() == 1 && median > 0 ? formatDuration(median) : interval;
    rows.push_back({after.isEmpty() ? tr("asked for") : tr("asked for after %1").arg(after), {numberText(asked)},
        Tone::Muted,
        tr("A waiter's switch interval ran out and it asked")
            + (median > 0 ? '\n' + tr("Such holds lasted %1, in the median").arg(formatDuration(median)) : QString())});
    rows.push_back({tr("given up freely"), {numberText(given)}, Tone::Muted,
        tr("The holder went to sleep, to read or write, or into C code")});
    if (ended > 0) {
        rows.push_back({tr("at a thread's end"), {numberText(ended)}, Tone::Muted, {}});
    }
    if (inVain) {
        rows.push_back({tr("false alarms"), {numberText(*inVain)}, Tone::Plain,
            tr("Times that a thread was woken for it, and another had it already")});
    }
}

/// How many of those who asked for it had to wait.
void addWaits(const std::vector<const LockReport*>& locks, std::vector<FactRow>& rows)
{
    LockReport sum;
    for (const LockReport* lock : locks) {
        if (!lock->waits) {
            return;
        }
        sum.holds += lock->holds;
        sum.waits = sum.waits.value_or(0) + *lock->waits;
        sum.waitsInVain += lock->waitsInVain;
    }
    rows.push_back({tr("had to wait"),
        {QStringLiteral("%1 (%2)").arg(numberText(sum.waits.value_or(0)), percentText(sum.contention()))},
        FactRow::Tone::Plain,
        tr("Contention: the share of those who asked for it that had to wait")
            + (sum.waitsInVain > 0 ? '\n' + tr("%1 of them never got it").arg(numberText(sum.waitsInVain))
                                   : QString())});
}

/// One lock, or all GILs of a variant.
std::vector<FactRow> lockRows(
    const std::vector<const LockReport*>& locks, const QString& interval, const std::string& interpreter)
{
    using Tone = FactRow::Tone;
    std::vector<FactRow> rows;
    const bool gil = locks.front()->kind == "gil";
    if (gil && !interpreter.empty()) {
        const QString whole = text(interpreter);
        rows.push_back({whole.section(',', 0, 0), {}, Tone::Muted, whole}); // no value: it would make all labels narrow
    }
    rows.push_back({tr("held"), {heldText(locks)}, Tone::Plain, tr("Share of the work's time")});
    Nanos wait = 0;
    Nanos longest = 0;
    std::uint32_t holders = 0;
    for (const LockReport* lock : locks) {
        wait += lock->wait;
        longest = std::max(longest, lock->longestWait);
        holders = std::max(holders, lock->maxConcurrentHolders);
    }
    if (gil) {
        addHandoffs(locks, interval, rows);
    } else {
        rows.push_back({tr("taken"), {numberText(locks.front()->holds) + tr("×")}, Tone::Plain, {}});
        rows.push_back({tr("handed over"), {numberText(locks.front()->handoffs()) + tr("×")}, Tone::Muted,
            tr("Times that another thread took it than the one before")});
    }
    addWaits(locks, rows);
    rows.push_back({tr("waited for it"), {formatDuration(wait)}, Tone::Plain, tr("All threads together")});
    rows.push_back({tr("longest wait"), {formatDuration(longest)}, Tone::Plain, {}});
    const bool once = holders <= 1;
    rows.push_back({locks.size() > 1 ? tr("two in one of them") : tr("both at once"),
        {once ? tr("never") : tr("up to %1").arg(holders)}, once ? Tone::Plain : Tone::Bad,
        tr("Threads that held one lock at the same time")});
    return rows;
}

/// "FORK 1", "LOCK A", "3 GILS".
QString lockTitle(const LockReport& lock)
{
    const QString name = oneLineText(lock.name).toUpper();
    return name.size() == 1 ? tr("LOCK %1").arg(name) : name.isEmpty() ? tr("A LOCK") : name;
}

/// With the variant where others have locks, too.
QString titleIn(const RunModel& model, std::size_t variant, const QString& title)
{
    const auto with = std::count_if(model.variants().begin(), model.variants().end(),
        [](const VariantModel& other) { return begun(other) && !other.report.locks.empty(); });
    return with > 1 ? title + QStringLiteral(" · ") + variantTitle(model.variants()[variant]).toUpper() : title;
}

bool wasUsed(const LockReport& lock)
{
    return lock.holds > 0 || lock.wait > 0;
}

/// Short, for a column of them: "34 %".
QString wholePercent(double share)
{
    const auto percent = std::lround(share * 100);
    return percent == 0 && share > 0 ? QStringLiteral("<1 %") : QStringLiteral("%1 %").arg(percent);
}

/// Several locks, a row for each.
LockTable tableOf(
    const RunModel& model, std::size_t variant, std::vector<std::size_t> locks, const std::optional<LockRef>& chosen)
{
    const std::vector<LockReport>& all = model.variants()[variant].report.locks;
    std::stable_sort(locks.begin(), locks.end(), [&](std::size_t a, std::size_t b) {
        const auto key = [&](std::size_t i) { return std::pair(all[i].waits.value_or(0), all[i].wait); };
        return key(a) > key(b);
    });
    LockTable table;
    table.title = titleIn(model, variant, tr("%1 LOCKS").arg(locks.size()));
    table.rows.push_back({QString(), {tr("taken"), tr("waited"), tr("longest")}, FactRow::Tone::Heading,
        tr("Waited: the share of those who asked for it that had to wait. Longest: of these waits")});
    table.locks.emplace_back();
    const std::size_t shown = locks.size() > kMostLocks ? kMostLocks : locks.size();
    for (std::size_t i = 0; i < shown; ++i) {
        const LockReport& lock = all[locks[i]];
        const LockRef ref{variant, locks[i]};
        FactRow row{oneLineText(lock.name),
            {numberText(lock.holds), lock.waits ? wholePercent(lock.contention()) : QStringLiteral("–"),
                lock.longestWait > 0 ? formatDuration(lock.longestWait) : QStringLiteral("–")},
            FactRow::Tone::Plain,
            tr("Held %1 of the time, handed over %2×").arg(percentText(lock.heldShare), numberText(lock.handoffs()))
                + '\n'
                + (lock.waits ? tr("%1 waits for it, %2 in all").arg(numberText(*lock.waits), formatDuration(lock.wait))
                              : tr("Waited for it: %1 in all").arg(formatDuration(lock.wait)))};
        row.chosen = ref == chosen;
        table.rows.push_back(std::move(row));
        table.locks.emplace_back(ref);
    }
    if (locks.size() > shown) {
        table.rows.push_back({tr("and %1 more").arg(locks.size() - shown), {}, FactRow::Tone::Muted,
            tr("Those that were waited for less often; the report has the figures of every lock")});
        table.locks.emplace_back();
    }
    return table;
}

/// A lock, or all GILs of a variant, in full.
LockTable detailsOf(const RunModel& model, std::size_t variant, const std::vector<std::size_t>& locks)
{
    const VariantReport& report = model.variants()[variant].report;
    std::vector<const LockReport*> together;
    std::size_t first = locks.front();
    for (const std::size_t lock : locks) {
        together.push_back(&report.locks[lock]);
        first = report.locks[lock].wait > report.locks[first].wait ? lock : first;
    }
    LockTable table;
    table.title =
        titleIn(model, variant, locks.size() > 1 ? tr("%1 GILS").arg(locks.size()) : lockTitle(*together.front()));
    table.rows = lockRows(together, switchInterval(model, variant), report.interpreter);
    table.locks.assign(table.rows.size(), LockRef{variant, first});
    return table;
}

QString timeText(double millis)
{
    return formatDuration(static_cast<Nanos>(std::llround(millis * static_cast<double>(kMillisecond))));
}

/// Both on one axis, from a power of ten to a power of ten.
std::optional<Chart> timesChart(const LockReport& lock)
{
    const TimeHistogram* const rows[] = {&lock.holdTimes, &lock.waitTimes};
    constexpr int kDecade = TimeHistogram::kPerDecade;
    int low = TimeHistogram::kLast;
    int high = TimeHistogram::kFirst;
    Chart chart;
    for (const TimeHistogram* row : rows) {
        if (!row->empty()) {
            low = std::min(low, row->first());
            high = std::max(high, row->first() + static_cast<int>(row->counts().size()) - 1);
            chart.names.push_back(row == rows[0] ? "holds" : "waits");
            chart.runs += row->total();
        }
    }
    if (chart.names.empty()) {
        return std::nullopt;
    }
    const auto decadeOf = [](int bin) {
        return static_cast<int>(std::floor(static_cast<double>(bin) / kDecade)) * kDecade;
    };
    low = decadeOf(low);
    high = decadeOf(high) + kDecade;
    const int step = static_cast<std::size_t>(high - low) > kBinsThatFit ? 2 : 1;
    for (int bin = low; bin < high; bin += step) {
        ChartBin& shown = chart.bins.emplace_back();
        shown.low = TimeHistogram::lowOf(bin);
        shown.high = TimeHistogram::lowOf(bin + step);
        for (const TimeHistogram* row : rows) {
            if (row->empty()) {
                continue;
            }
            std::uint64_t sum = 0;
            for (int i = bin; i < bin + step; ++i) {
                const auto index = static_cast<std::size_t>(i - row->first());
                sum += i >= row->first() && index < row->counts().size() ? row->counts()[index] : 0;
            }
            shown.counts.push_back(sum);
        }
    }
    chart.kind = ChartSpec::Kind::Histogram;
    chart.title = "How long each lasted";
    chart.upward = chart.names.size() > 1 ? "holds and waits" : chart.names.front();
    chart.across = "time";
    chart.unit = "ms";
    chart.logarithmic = true;
    chart.durations = true;
    return chart;
}

} // namespace

std::vector<LockTable> lockTables(const RunModel& model, const std::optional<LockRef>& chosen)
{
    std::vector<LockTable> tables;
    for (std::size_t i = 0; i < model.variants().size(); ++i) {
        const VariantModel& variant = model.variants()[i];
        std::vector<std::size_t> gils;
        std::vector<std::size_t> others;
        for (std::size_t lock = 0; begun(variant) && lock < variant.report.locks.size(); ++lock) {
            if (wasUsed(variant.report.locks[lock])) {
                (variant.report.locks[lock].kind == "gil" ? gils : others).push_back(lock);
            }
        }
        if (!gils.empty()) {
            tables.push_back(detailsOf(model, i, gils));
        }
        if (others.size() == 1) {
            tables.push_back(detailsOf(model, i, others));
        } else if (!others.empty()) {
            tables.push_back(tableOf(model, i, std::move(others), chosen));
        }
    }
    return tables;
}

std::optional<LockRef> mostWaitedFor(const RunModel& model)
{
    std::optional<LockRef> most;
    Nanos longest = 0;
    for (std::size_t i = 0; i < model.variants().size(); ++i) {
        const VariantModel& variant = model.variants()[i];
        for (std::size_t lock = 0; begun(variant) && lock < variant.report.locks.size(); ++lock) {
            if (variant.report.locks[lock].wait > longest) {
                longest = variant.report.locks[lock].wait;
                most = LockRef{i, lock};
            }
        }
    }
    return most;
}

std::optional<LockTimes> lockTimes(const RunModel& model, const LockRef& ref)
{
    if (ref.variant >= model.variants().size()) {
        return std::nullopt;
    }
    const VariantModel& variant = model.variants()[ref.variant];
    if (!begun(variant) || ref.lock >= variant.report.locks.size() || !variant.report.locks[ref.lock].waits) {
        return std::nullopt;
    }
    const LockReport& lock = variant.report.locks[ref.lock];
    LockTimes times;
    times.title = titleIn(model, ref.variant, tr("TIMES OF %1").arg(lockTitle(lock)));
    times.rows.push_back({QString(), {tr("holds"), tr("waits")}, FactRow::Tone::Heading, {}});
    const auto add = [&](const QString& label, double Quantiles::*which) {
        const auto shown = [&](const Quantiles& quantiles) {
            return quantiles.count > 0 ? timeText(quantiles.*which) : QStringLiteral("–");
        };
        times.rows.push_back({label, {shown(lock.holdMillis), shown(lock.waitMillis)}, FactRow::Tone::Plain, {}});
    };
    times.rows.push_back({tr("number"), {numberText(lock.holdMillis.count), numberText(lock.waitMillis.count)},
        FactRow::Tone::Plain, tr("Holds that ended, and all waits")});
    add(tr("median"), &Quantiles::p50);
    add(tr("95 of 100"), &Quantiles::p95);
    add(tr("longest"), &Quantiles::max);
    times.chart = timesChart(lock);
    return times;
}

QString gilLine(const RunReport& report)
{
    std::vector<const LockReport*> busiest;
    std::uint64_t most = 0;
    std::uint64_t asked = 0;
    std::uint64_t inVain = 0;
    QString where;
    int variantsWithGil = 0;
    for (const VariantReport& variant : report.variants) {
        std::vector<const LockReport*> gils;
        std::uint64_t handoffs = 0;
        std::uint64_t timeouts = 0;
        std::uint64_t alarms = 0;
        for (const LockReport& lock : variant.locks) {
            if (lock.kind == "gil" && lock.holds > 0) {
                gils.push_back(&lock);
                handoffs += lock.handoffsTimeout + lock.handoffsVoluntary + lock.handoffsExit;
                timeouts += lock.handoffsTimeout;
                alarms += lock.falseAlarms.value_or(0);
            }
        }
        variantsWithGil += gils.empty() ? 0 : 1;
        if (handoffs > most) {
            busiest = std::move(gils);
            most = handoffs;
            asked = timeouts;
            inVain = alarms;
            where = oneLineText(variant.name);
        }
    }
    if (busiest.empty()) {
        return {};
    }
    const QString gil = busiest.size() > 1 ? tr("%1 GILs").arg(busiest.size()) : tr("GIL");
    QString facts = tr("%1 held %2 · %3 of %4 hand-offs asked for")
                        .arg(gil, heldText(busiest), numberText(asked), numberText(most));
    if (inVain > 0) {
        facts += QStringLiteral(" · ") + pluralText(static_cast<std::int64_t>(inVain), tr("false alarm"));
    }
    return variantsWithGil > 1 ? where + QStringLiteral(": ") + facts : facts;
}

} // namespace timeslice
