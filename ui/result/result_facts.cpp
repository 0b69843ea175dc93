#include "ui/result/result_facts.h"

#include "core/base/duration_text.h"
#include "core/trace/unobserved_text.h"
#include "ui/plot/format_time.h"
#include "ui/plot/one_line.h"
#include "ui/plot/row_list.h"
#include "ui/text/free_text.h"
#include "ui/text/number_text.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <optional>

namespace timeslice {

namespace {

constexpr std::size_t kMostUnobserved = 4; ///< sentences
constexpr std::size_t kMostThreads = 8; ///< rows of a thread table that still read at a glance

bool begun(const VariantModel& variant)
{
    return variant.phase != VariantModel::Phase::Waiting;
}

QString variantTitle(const VariantModel& variant)
{
    return oneLineText(variant.recording != nullptr ? variant.recording->title : variant.report.name);
}

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

QString count(std::uint64_t n)
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
    Nanos median = 0;
    for (const LockReport* gil : gils) {
        asked += gil->handoffsTimeout;
        given += gil->handoffsVoluntary;
        ended += gil->handoffsExit;
        median = std::max(
            median, static_cast<Nanos>(std::llround(gil->timeoutHoldMillis.p50 * static_cast<double>(kMillisecond))));
    }
    rows.push_back(
        {tr("hand-offs"), {count(asked + given + ended)}, Tone::Plain, tr("Times that another thread took it over")});
    const QString after = interval.isEmpty() && gils.size() == 1 && median > 0 ? formatDuration(median) : interval;
    rows.push_back({after.isEmpty() ? tr("asked for") : tr("asked for after %1").arg(after), {count(asked)},
        Tone::Muted,
        tr("A waiter's switch interval ran out and it asked")
            + (median > 0 ? '\n' + tr("Such holds lasted %1, in the median").arg(formatDuration(median)) : QString())});
    rows.push_back({tr("given up freely"), {count(given)}, Tone::Muted,
        tr("The holder went to sleep, to read or write, or into C code")});
    if (ended > 0) {
        rows.push_back({tr("at a thread's end"), {count(ended)}, Tone::Muted, {}});
    }
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
        rows.push_back({tr("taken"), {count(locks.front()->holds) + tr("×")}, Tone::Plain, {}});
    }
    rows.push_back({tr("waited for it"), {formatDuration(wait)}, Tone::Plain, tr("All threads together")});
    rows.push_back({tr("longest wait"), {formatDuration(longest)}, Tone::Plain, {}});
    const bool once = holders <= 1;
    rows.push_back({locks.size() > 1 ? tr("two in one of them") : tr("both at once"),
        {once ? tr("never") : tr("up to %1").arg(holders)}, once ? Tone::Plain : Tone::Bad,
        tr("Threads that held one lock at the same time")});
    return rows;
}

/// Around the moment when the circle closed.
std::optional<TimeRange> deadlockRange(const VariantModel& variant)
{
    constexpr Nanos kBeforeAndAfter = 5 * kMillisecond;
    const Nanos closed = variant.deadlock->since - originOf(variant.recording->timeline);
    return TimeRange{closed - kBeforeAndAfter, closed + kBeforeAndAfter};
}

} // namespace

std::vector<FactRow> variantRows(const RunModel& model)
{
    std::vector<FactRow> rows;
    rows.push_back({QString(), {tr("time"), tr("cores")}, FactRow::Tone::Heading, {}});
    for (const VariantModel& variant : model.variants()) {
        const VariantReport& report = variant.report;
        FactRow row;
        row.label = variantTitle(variant);
        if (variant.phase == VariantModel::Phase::Ended && report.exit.kind == Exit::Kind::NotRun) {
            row.values = {tr("not run"), QStringLiteral("–")};
            row.explanation = text(report.exit.text);
            row.tone = FactRow::Tone::Muted;
        } else if (variant.phase == VariantModel::Phase::Ended) {
            row.values = {formatDuration(report.wall), QString::number(report.parallelism, 'f', 2)};
            row.explanation = tr("%1 of CPU time in %2").arg(formatDuration(report.cpu), formatDuration(report.wall))
                + '\n'
                + tr("Switches: %1 preempted, %2 given up; %3 from core to core")
                      .arg(countText(static_cast<std::int64_t>(report.preempted)),
                          countText(static_cast<std::int64_t>(report.voluntary)),
                          countText(static_cast<std::int64_t>(report.migrations)));
            for (const std::string& line : {report.interpreter, report.gilNote}) {
                row.explanation += line.empty() ? QString() : '\n' + text(line);
            }
            if (!report.exit.ok()) {
                row.tone = FactRow::Tone::Warning;
                row.explanation += '\n' + text(report.exit.text);
            }
        } else if (begun(variant)) {
            const TimeRange range = variant.recording->timeline.workRange();
            row.values = {formatDuration(std::max<Nanos>(0, range.length())),
                report.parallelism > 0 ? QString::number(report.parallelism, 'f', 2) : QStringLiteral("…")};
        } else {
            row.values = {QStringLiteral("…"), QStringLiteral("…")};
            row.tone = FactRow::Tone::Muted;
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<FactRow> counterRows(const RunModel& model)
{
    std::vector<FactRow> rows;
    std::size_t with = 0;
    for (const VariantModel& variant : model.variants()) {
        with += variant.report.counters.empty() ? 0U : 1U;
    }
    for (const VariantModel& variant : model.variants()) {
        const auto& counters = variant.report.counters;
        if (counters.empty()) {
            continue;
        }
        if (with > 1) {
            rows.push_back({variantTitle(variant), {}, FactRow::Tone::Heading, {}});
        }
        for (const CounterResult& counter : counters) {
            const QString prefix = counters.size() > 1 ? text(counter.name) + ' ' : QString();
            rows.push_back({prefix + tr("expected"), {countText(counter.expected)}, FactRow::Tone::Plain, {}});
            rows.push_back({prefix + tr("actual"), {countText(counter.actual)}, FactRow::Tone::Plain, {}});
            const std::int64_t lost = counter.lost();
            FactRow row{prefix + tr("lost"), {countText(lost)}, FactRow::Tone::Good, {}};
            if (lost != 0) {
                row.tone = FactRow::Tone::Bad;
                if (counter.expected != 0) {
                    row.values[0] += QStringLiteral("  (%1)").arg(
                        percentText(static_cast<double>(lost) / static_cast<double>(counter.expected)));
                }
            }
            rows.push_back(std::move(row));
            if (counter.found && counter.found->unexplained > 0) {
                rows.push_back({prefix + tr("not explained"), {countText(counter.found->unexplained)},
                    FactRow::Tone::Muted, tr("Lost updates of which the record does not show who overwrote them")});
            }
        }
    }
    return rows;
}

std::vector<FactSection> lockSections(const RunModel& model)
{
    struct Candidate {
        std::size_t variant;
        std::vector<const LockReport*> locks; ///< one, or the GILs of several processes
        Nanos wait;
    };
    std::vector<Candidate> candidates;
    std::size_t variants = 0;
    for (std::size_t i = 0; i < model.variants().size(); ++i) {
        const VariantModel& variant = model.variants()[i];
        const std::size_t before = candidates.size();
        std::optional<std::size_t> gils;
        for (const LockReport& lock : variant.report.locks) {
            if (!begun(variant) || (lock.holds == 0 && lock.wait == 0)) {
                continue;
            }
            if (lock.kind == "gil" && gils) {
                candidates[*gils].locks.push_back(&lock);
                candidates[*gils].wait += lock.wait;
                continue;
            }
            if (lock.kind == "gil") {
                gils = candidates.size();
            }
            candidates.push_back({i, {&lock}, lock.wait});
        }
        variants += candidates.size() > before ? 1U : 0U;
    }
    std::stable_sort(
        candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) { return a.wait > b.wait; });
    const std::size_t left = candidates.size() > kMostLocks ? candidates.size() - kMostLocks : 0;
    candidates.resize(candidates.size() - left);

    std::vector<FactSection> sections;
    for (const Candidate& candidate : candidates) {
        QString title = text(candidate.locks.front()->name).toUpper();
        if (candidate.locks.size() > 1) {
            title = tr("%1 GILS").arg(candidate.locks.size());
        } else if (title.size() == 1) {
            title = tr("LOCK %1").arg(title);
        }
        const VariantModel& variant = model.variants()[candidate.variant];
        if (variants > 1) {
            title += QStringLiteral(" · ") + variantTitle(variant).toUpper();
        }
        sections.push_back(
            {title, lockRows(candidate.locks, switchInterval(model, candidate.variant), variant.report.interpreter)});
    }
    if (left > 0) {
        sections.back().rows.push_back({tr("and %1").arg(pluralText(static_cast<std::int64_t>(left), tr("more lock"))),
            {}, FactRow::Tone::Muted, tr("The report has the figures of every lock")});
    }
    return sections;
}

std::vector<FactRow> latencyRows(const RunModel& model)
{
    std::vector<FactRow> rows;
    const auto millis = [](double ms) {
        return formatDuration(static_cast<Nanos>(std::llround(ms * static_cast<double>(kMillisecond))));
    };
    for (const VariantModel& variant : model.variants()) {
        if (!variant.report.latencyMillis) {
            continue;
        }
        const Quantiles& latency = *variant.report.latencyMillis;
        rows.push_back({variantTitle(variant), {}, FactRow::Tone::Heading, {}});
        rows.push_back({tr("median"), {millis(latency.p50)}, FactRow::Tone::Plain, {}});
        rows.push_back({tr("95 of 100 within"), {millis(latency.p95)}, FactRow::Tone::Plain, {}});
        rows.push_back({tr("latest"), {millis(latency.max)}, FactRow::Tone::Plain,
            tr("Of %1 wake-ups").arg(countText(static_cast<std::int64_t>(latency.count)))});
    }
    return rows;
}

std::vector<FactSection> threadSections(const RunModel& model)
{
    std::vector<FactSection> sections;
    for (const VariantModel& variant : model.variants()) {
        FactSection section{variantTitle(variant), {}};
        section.rows.push_back({QString(), {tr("ran"), tr("no core")}, FactRow::Tone::Heading,
            variant.report.wakeups || variant.report.source != Source::Measured
                ? tr("No core: it could have run, but waited for one")
                : tr("No core: it was stopped, and waited for one. How long it waited after a sleep is not recorded "
                     "here")});
        for (const ThreadReport& thread : variant.report.threads) {
            if (!thread.auxiliary) {
                section.rows.push_back({text(thread.name),
                    {formatDuration(thread.running), formatDuration(thread.runnable)}, FactRow::Tone::Plain,
                    thread.offCore > 0 ? tr("Off the core for %1: blocked, or waiting for a GIL that is not recorded")
                                             .arg(formatDuration(thread.offCore))
                                       : tr("Blocked for %1, waited for locks for %2")
                                             .arg(formatDuration(thread.blocked), formatDuration(thread.lockWait))});
            }
        }
        if (section.rows.size() > 1 && section.rows.size() <= kMostThreads + 1) {
            if (const Nanos besides = variant.report.starting + variant.report.ending; besides > 0) {
                section.rows.push_back({tr("starting, ending"), {formatDuration(besides), {}}, FactRow::Tone::Muted,
                    tr("CPU time in no bar: the kernel put threads onto cores for %1, and ended them for %2")
                        .arg(formatDuration(variant.report.starting), formatDuration(variant.report.ending))});
            }
            sections.push_back(std::move(section));
        }
    }
    return sections;
}

std::optional<TimeRange> lossRange(const VariantModel& variant)
{
    if (!variant.loss || variant.recording == nullptr) {
        return std::nullopt;
    }
    const Nanos start = originOf(variant.recording->timeline);
    const TimeRange window = variant.loss->window;
    // A loss within nanoseconds still needs a readable axis.
    const Nanos margin = std::max<Nanos>(window.length() / 4, kMicrosecond);
    return TimeRange{window.begin - start - margin, window.end - start + margin};
}

std::vector<Finding> findings(const RunModel& model)
{
    std::vector<Finding> sentences;
    const bool several = model.variants().size() > 1;
    for (const VariantModel& variant : model.variants()) {
        std::vector<Finding> own;
        const auto add = [&own](const QString& sentence, const std::optional<TimeRange>& where = {}) {
            own.push_back({sentence, where});
        };
        const std::string deadlock = variant.deadlock && variant.recording != nullptr
            ? describe(*variant.deadlock, variant.recording->timeline)
            : std::string();
        // What the panel tells of lost updates apart, with the others of them.
        const std::vector<std::string> apart = variant.losses && variant.loss
            ? describe(
                *variant.loss, variant.recording->timeline.counters[variant.lossCounter], variant.recording->timeline)
            : std::vector<std::string>();
        for (const std::string& finding : variant.report.findings) {
            if (std::find(apart.begin(), apart.end(), finding) != apart.end()) {
                continue;
            }
            add(text(finding),
                finding == deadlock ? deadlockRange(variant)
                    : apart.empty() ? lossRange(variant)
                                    : std::nullopt);
        }
        if (own.empty() && !deadlock.empty()) {
            add(text(deadlock), deadlockRange(variant));
        }
        if (const auto beyond = static_cast<std::int64_t>(variant.report.notRecorded); beyond > 0) {
            add(tr("Not recorded: %1. The recording's budget was used up, and the picture ends there.")
                    .arg(pluralText(beyond, tr("event"))));
        }
        if (const auto lost = static_cast<std::int64_t>(variant.report.lostEvents - variant.report.notRecorded);
            lost > 0) {
            add(tr("Lost: %1. The picture has gaps, and the figures of locks are too low.")
                    .arg(pluralText(lost, tr("event"))));
        }
        for (const std::string& sentence : unobservedSentences(variant.report.unobserved, kMostUnobserved)) {
            add(text(sentence));
        }
        const Exit& exit = variant.report.exit;
        if (variant.phase == VariantModel::Phase::Ended && exit.kind == Exit::Kind::NotRun) {
            add(tr("Not run: %1.").arg(text(exit.text)));
        } else if (variant.phase == VariantModel::Phase::Ended && !exit.ok() && exit.kind != Exit::Kind::Deadlocked) {
            add((
                model.endedAsExpected(variant) ? tr("It was meant to crash: %1.") : tr("The workload ended early: %1."))
                    .arg(text(exit.text)));
        }
        if (several && !own.empty()) {
            sentences.push_back({variantTitle(variant) + ':', {}});
        }
        sentences.insert(sentences.end(), own.begin(), own.end());
    }
    return sentences;
}

QString gilLine(const RunReport& report)
{
    std::vector<const LockReport*> busiest;
    std::uint64_t most = 0;
    std::uint64_t asked = 0;
    QString where;
    int variantsWithGil = 0;
    for (const VariantReport& variant : report.variants) {
        std::vector<const LockReport*> gils;
        std::uint64_t handoffs = 0;
        std::uint64_t timeouts = 0;
        for (const LockReport& lock : variant.locks) {
            if (lock.kind == "gil" && lock.holds > 0) {
                gils.push_back(&lock);
                handoffs += lock.handoffsTimeout + lock.handoffsVoluntary + lock.handoffsExit;
                timeouts += lock.handoffsTimeout;
            }
        }
        variantsWithGil += gils.empty() ? 0 : 1;
        if (handoffs > most) {
            busiest = std::move(gils);
            most = handoffs;
            asked = timeouts;
            where = oneLineText(variant.name);
        }
    }
    if (busiest.empty()) {
        return {};
    }
    const QString gil = busiest.size() > 1 ? tr("%1 GILs").arg(busiest.size()) : tr("GIL");
    const QString facts =
        tr("%1 held %2 · %3 of %4 hand-offs asked for").arg(gil, heldText(busiest), count(asked), count(most));
    return variantsWithGil > 1 ? where + QStringLiteral(": ") + facts : facts;
}

} // namespace timeslice
