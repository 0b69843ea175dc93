#include "ui/plot/row_list.h"

#include "core/trace/process_end.h"
#include "ui/plot/format_time.h"
#include "ui/plot/one_line.h"
#include "ui/plot/variant_rows.h"

#include <algorithm>
#include <numeric>
#include <set>

namespace timeslice {

namespace {

std::vector<std::size_t> firstNumbers(std::size_t count)
{
    std::vector<std::size_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), std::size_t{0});
    return numbers;
}

/// The absolute stretch that the options ask about.
TimeRange shownSection(const Timeline& timeline, const RowOptions& options)
{
    if (!options.section) {
        return timeline.workRange();
    }
    const Nanos origin = originOf(timeline);
    return {origin + options.section->begin, origin + options.section->end};
}

/// Whether all of so many rows are shown: a line that speaks of one takes as much room as that.
bool allShown(std::size_t rows, const RowOptions& options)
{
    return rows <= options.maxOfAKind || (options.oneMore && options.maxOfAKind > 1 && rows - 1 == options.maxOfAKind);
}

/// Keeps as many rows as there may be, ascending: those with the greatest rank(row), of equals the first.
template <class Rank> void keepGreatest(std::vector<std::size_t>& rows, const RowOptions& options, Rank rank)
{
    if (allShown(rows.size(), options)) {
        return;
    }
    using Ranked = std::pair<decltype(rank(std::size_t{0})), std::size_t>;
    std::vector<Ranked> ranked;
    ranked.reserve(rows.size());
    for (const std::size_t row : rows) {
        ranked.emplace_back(rank(row), row);
    }
    std::stable_sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) { return a.first > b.first; });
    ranked.resize(options.maxOfAKind);
    rows.clear();
    for (const Ranked& kept : ranked) {
        rows.push_back(kept.second);
    }
    std::sort(rows.begin(), rows.end());
}

/// How long a thread ran, or waited for a lock: what it does in a picture.
Nanos activeTime(const Shares& shares)
{
    return shares[static_cast<std::size_t>(SliceState::Running)]
        + shares[static_cast<std::size_t>(SliceState::WaitingForLock)];
}

/// Shares of their variants' sections.
std::map<std::string, double> prominenceOf(std::span<const VariantPicture> variants, const RowOptions& options)
{
    std::map<std::string, double> prominence;
    for (const VariantPicture& variant : variants) {
        if (variant.recording == nullptr) {
            continue;
        }
        const Timeline& timeline = variant.recording->timeline;
        const TimeRange section = shownSection(timeline, options);
        for (const ThreadInfo& thread : timeline.threads) {
            if (!thread.name.empty() && section.length() > 0) {
                prominence[thread.name] += static_cast<double>(activeTime(thread.track.shares(section)))
                    / static_cast<double>(section.length());
            }
        }
    }
    return prominence;
}

/// When the first process was killed; nothing: none was.
std::optional<Nanos> firstKill(const Timeline& timeline)
{
    std::optional<Nanos> first;
    for (const ReapPoint& reap : timeline.reaps) {
        if (wasKilled(reap.status)) {
            const auto thread = timeline.threadIndex(static_cast<Tid>(reap.pid));
            const Nanos exited = thread ? timeline.threads[*thread].exited : 0;
            const Nanos at = exited > 0 ? exited : reap.time;
            first = std::min(first.value_or(at), at);
        }
    }
    return first;
}

/// The threads of a variant without which its picture would not show what is said of it.
std::vector<std::uint32_t> toldOf(const VariantPicture& variant)
{
    std::vector<std::uint32_t> told;
    if (variant.deadlock) {
        for (const WaitEdge& edge : variant.deadlock->edges) {
            told.push_back(static_cast<std::uint32_t>(edge.thread));
        }
    }
    if (variant.loss) {
        told.insert(told.end(), {variant.loss->overwritten.thread, variant.loss->overwrite.thread});
    }
    return told;
}

} // namespace

std::vector<RowOptions> withFewerKinds(const RowOptions& options, const std::vector<Evidence>& evidence)
{
    std::vector<RowOptions> all{options};
    const auto without = [&](Evidence kind, bool RowOptions::*rows) {
        const bool proves = std::find(evidence.begin(), evidence.end(), kind) != evidence.end();
        if (!evidence.empty() && !proves && options.*rows) {
            RowOptions fewer = all.back();
            fewer.*rows = false;
            all.push_back(fewer);
        }
    };
    if (options.cpu) {
        RowOptions fewer = options;
        fewer.cpu = false;
        all.push_back(fewer);
    }
    without(Evidence::Memory, &RowOptions::memory);
    without(Evidence::Counters, &RowOptions::counters);
    without(Evidence::Locks, &RowOptions::locks);
    without(Evidence::Cores, &RowOptions::cores);
    without(Evidence::Threads, &RowOptions::threads);
    return all;
}

QString notRunReason(const VariantPicture& variant)
{
    if (variant.phase != VariantPicture::Phase::Ended || variant.exit.kind != Exit::Kind::NotRun) {
        return {};
    }
    const QString text = oneLineText(variant.exit.text);
    return text.isEmpty() ? QStringLiteral("it cannot run on this machine") : text;
}

std::vector<std::uint32_t> counterThreads(const CounterInfo& counter)
{
    constexpr std::size_t kLooks = 4096;
    std::set<std::uint32_t> threads;
    const std::size_t stride = counter.accesses.size() / kLooks + 1;
    for (std::size_t i = 0; i < counter.accesses.size(); i += stride) {
        threads.insert(counter.accesses[i].thread);
    }
    std::vector<std::uint32_t> result(threads.begin(), threads.end());
    result.resize(std::min(result.size(), static_cast<std::size_t>(kCounterLanes)));
    return result;
}

std::vector<std::size_t> shownThreads(const Timeline& timeline, const RowOptions& options)
{
    std::vector<std::size_t> shown;
    for (std::size_t i = 0; i < timeline.threads.size(); ++i) {
        if (options.auxiliary || !timeline.threads[i].auxiliary) {
            shown.push_back(i);
        }
    }
    const TimeRange section = shownSection(timeline, options);
    // Of whom the lesson tells: those whose delays were measured, and who were killed, too.
    std::set<std::uint32_t> told(options.told.begin(), options.told.end());
    if (!allShown(shown.size(), options)) {
        for (const LatencySample& sample : timeline.latencies) {
            told.insert(sample.thread);
        }
        if (const std::optional<Nanos> kill = firstKill(timeline)) { // who took its place
            for (std::uint32_t i = 0; i < timeline.threads.size(); ++i) {
                if (timeline.threads[i].born > *kill) {
                    told.insert(i);
                }
            }
        }
        for (const ReapPoint& reap : timeline.reaps) {
            if (const auto thread = timeline.threadIndex(static_cast<Tid>(reap.pid));
                thread && wasKilled(reap.status)) {
                told.insert(*thread);
            }
        }
    }
    keepGreatest(shown, options, [&](std::size_t i) {
        const ThreadInfo& thread = timeline.threads[i];
        const Shares shares = thread.track.shares(section); // a thread's categories are its states
        const Nanos lived = std::accumulate(shares.begin() + 1, shares.end(), Nanos{0});
        const auto inAll = options.prominence.find(thread.name);
        const bool named = std::find(options.named.begin(), options.named.end(), thread.name) != options.named.end();
        return std::tuple(!thread.auxiliary, named, told.contains(static_cast<std::uint32_t>(i)),
            inAll != options.prominence.end() ? inAll->second : 0.0, activeTime(shares), lived);
    });
    return shown;
}

std::vector<std::size_t> shownLocks(const Timeline& timeline, const RowOptions& options)
{
    std::vector<std::size_t> shown = firstNumbers(timeline.locks.size());
    const TimeRange section = shownSection(timeline, options);
    std::set<Pid> processes; // of the threads that are shown
    if (shown.size() > options.maxOfAKind) {
        for (const std::size_t thread : shownThreads(timeline, options)) {
            processes.insert(timeline.threads[thread].pid);
        }
    }
    keepGreatest(shown, options, [&](std::size_t i) {
        const LockInfo& lock = timeline.locks[i];
        const Shares shares = lock.track.shares(section); // its holders' colours
        const Nanos held = std::accumulate(shares.begin() + 1, shares.end(), Nanos{0});
        const bool gil = held > 0 && lock.kind == ObjectKind::Gil;
        return std::tuple(gil, gil && processes.contains(lock.pid), held);
    });
    return shown;
}

std::vector<std::size_t> shownCounters(const Timeline& timeline, const RowOptions& options)
{
    std::vector<std::size_t> shown;
    for (std::size_t i = 0; i < timeline.counters.size(); ++i) {
        if (!timeline.counters[i].accesses.empty()) {
            shown.push_back(i);
        }
    }
    const TimeRange section = shownSection(timeline, options);
    keepGreatest(shown, options, [&](std::size_t i) {
        const std::deque<CounterAccess>& accesses = timeline.counters[i].accesses;
        const auto from = [&](Nanos t) {
            return std::lower_bound(accesses.begin(), accesses.end(), t,
                [](const CounterAccess& access, Nanos at) { return access.time < at; });
        };
        return from(section.end) - from(section.begin);
    });
    return shown;
}

QString omittedText(std::size_t count, const QString& noun, std::size_t shown)
{
    const QString plural = noun + (noun.endsWith(u's') ? QStringLiteral("es") : QStringLiteral("s"));
    const QString text = QStringLiteral("%1 more %2 not shown").arg(count).arg(count == 1 ? noun : plural);
    return shown == 0 ? text
        : shown == 1  ? text + QStringLiteral("; this is the busiest")
                      : text + QStringLiteral("; these %1 are the busiest").arg(shown);
}

std::vector<RowContent> describeRows(std::span<const VariantPicture> variants, const RowOptions& options)
{
    std::vector<RowContent> rows;
    RowOptions common = options;
    if (options.maxOfAKind != SIZE_MAX && !options.onlyVariant && variants.size() > 1) {
        common.prominence = prominenceOf(variants, options);
    }
    for (std::size_t v = 0; v < variants.size(); ++v) {
        const VariantPicture& variant = variants[v];
        if (variant.recording == nullptr) {
            continue;
        }
        rows.push_back({RowKind::Heading, v, 0, oneLineText(variant.recording->title), 1, 0});
        if (const QString reason = notRunReason(variant); !reason.isEmpty()) {
            rows.push_back({RowKind::Note, v, 0, QStringLiteral("not run"), 1, 0, reason});
        } else if (!variant.recording->timeline.threads.empty() && options.onlyVariant.value_or(v) == v) {
            RowOptions own = common;
            own.told = toldOf(variant);
            const std::size_t first = rows.size();
            describeTracks(variant.recording->timeline, v, own, rows);
            for (std::size_t i = first; i < rows.size() && variant.phase == VariantPicture::Phase::Ended; ++i) {
                RowContent& row = rows[i];
                if (row.kind == RowKind::Lock && row.track < variant.medianHolds.size()
                    && variant.medianHolds[row.track]) {
                    row.note = medianHoldText(variants, *variant.medianHolds[row.track]);
                }
            }
        }
    }
    return rows;
}

QString medianHoldText(std::span<const VariantPicture> variants, double millis)
{
    double greatest = millis;
    for (const VariantPicture& variant : variants) {
        for (const std::optional<double>& hold : variant.medianHolds) {
            greatest = std::max(greatest, hold.value_or(greatest));
        }
    }
    return medianText(millis, unitBeside(millis, greatest));
}

Nanos originOf(const Timeline& timeline)
{
    return timeline.workRange().begin;
}

} // namespace timeslice
