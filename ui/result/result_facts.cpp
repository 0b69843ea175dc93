#include "ui/result/result_facts.h"

#include "core/trace/unobserved_text.h"
#include "ui/plot/format_time.h"
#include "ui/plot/row_list.h"
#include "ui/result/variant_words.h"
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
                : tr("No core: it was stopped, or had slept its time, and waited for one. How long it waited after "
                     "other standstills is not recorded here")});
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

} // namespace timeslice
