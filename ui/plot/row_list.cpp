#include "ui/plot/row_list.h"

#include "core/trace/unobserved_text.h"

#include "ui/plot/one_line.h"
#include "ui/plot/row_names.h"

#include <QStringList>
#include <algorithm>
#include <numeric>
#include <set>

namespace timeslice {

namespace {

/// Shown rows of one process together, in the order of the processes.
template <class ProcessOf> void groupByProcess(std::vector<std::size_t>& rows, ProcessOf processOf)
{
    std::stable_sort(
        rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) { return processOf(a) < processOf(b); });
}

/// A process with several threads is a group of its own; those with one stand together.
std::vector<std::size_t> groupsOf(const std::vector<std::size_t>& threads, const RowNames& names)
{
    std::vector<std::size_t> groups;
    for (std::size_t i = 0; i < threads.size(); ++i) {
        const std::size_t process = names.process(threads[i]);
        const auto same = [&](std::size_t j) { return j < threads.size() && names.process(threads[j]) == process; };
        const bool alone = !same(i + 1) && !(i > 0 && same(i - 1));
        groups.push_back(alone ? 0 : process + 1);
    }
    return groups;
}

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

/// Keeps `most` of the rows, ascending: those with the greatest rank(row), of equals the first.
template <class Rank> void keepGreatest(std::vector<std::size_t>& rows, std::size_t most, Rank rank)
{
    if (rows.size() <= most) {
        return;
    }
    using Ranked = std::pair<decltype(rank(std::size_t{0})), std::size_t>;
    std::vector<Ranked> ranked;
    ranked.reserve(rows.size());
    for (const std::size_t row : rows) {
        ranked.emplace_back(rank(row), row);
    }
    std::stable_sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) { return a.first > b.first; });
    ranked.resize(most);
    rows.clear();
    for (const Ranked& kept : ranked) {
        rows.push_back(kept.second);
    }
    std::sort(rows.begin(), rows.end());
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
    keepGreatest(shown, options.maxOfAKind, [&](std::size_t i) {
        const ThreadInfo& thread = timeline.threads[i];
        const Shares shares = thread.track.shares(section); // a thread's categories are its states
        const Nanos lived = std::accumulate(shares.begin() + 1, shares.end(), Nanos{0});
        return std::tuple(!thread.auxiliary, shares[static_cast<std::size_t>(SliceState::Running)], lived);
    });
    return shown;
}

std::vector<std::size_t> shownLocks(const Timeline& timeline, const RowOptions& options)
{
    std::vector<std::size_t> shown = firstNumbers(timeline.locks.size());
    const TimeRange section = shownSection(timeline, options);
    keepGreatest(shown, options.maxOfAKind, [&](std::size_t i) {
        const LockInfo& lock = timeline.locks[i];
        const Shares shares = lock.track.shares(section); // its holders' colours
        const Nanos held = std::accumulate(shares.begin() + 1, shares.end(), Nanos{0});
        return std::tuple(held > 0 && lock.kind == ObjectKind::Gil, held);
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
    keepGreatest(shown, options.maxOfAKind, [&](std::size_t i) {
        const std::deque<CounterAccess>& accesses = timeline.counters[i].accesses;
        const auto from = [&](Nanos t) {
            return std::lower_bound(accesses.begin(), accesses.end(), t,
                [](const CounterAccess& access, Nanos at) { return access.time < at; });
        };
        return from(section.end) - from(section.begin);
    });
    return shown;
}

namespace {

/// Describes the tracks of one variant.
class VariantRows {
public:
    VariantRows(const Timeline& timeline, std::size_t variant, const RowOptions& options, std::vector<RowContent>& rows)
        : m_timeline(timeline)
        , m_variant(variant)
        , m_options(options)
        , m_rows(rows)
        , m_names(timeline)
        , m_threads(shownThreads(timeline, options))
        , m_locks(shownLocks(timeline, options))
    {
        groupByProcess(m_threads, [&](std::size_t thread) { return m_names.process(thread); });
        groupByProcess(m_locks, [&](std::size_t lock) { return m_names.processOfLock(lock); });
    }

    void describe()
    {
        if (m_options.cores) {
            for (std::size_t i = 0; i < m_timeline.cores.size(); ++i) {
                add(RowKind::Core, i, QStringLiteral("Core %1").arg(m_timeline.cores[i].cpu));
            }
        }
        if (!m_options.threads) {
            m_threads.clear();
        }
        if (!m_options.locks) {
            m_locks.clear();
        }
        if (m_threads.size() <= kManyThreads) {
            addThreads();
            addNote();
            addLocks([](const LockInfo&) { return true; });
            addCounters();
            addCpu();
            return;
        }
        // The row that all the others are about must not lie under a screenful of them.
        const auto above = [few = m_locks.size() <= kManyLocks](
                               const LockInfo& lock) { return few || lock.kind == ObjectKind::Gil; };
        addNote();
        addLocks(above);
        addCounters();
        addCpu();
        addThreads();
        addLocks([&](const LockInfo& lock) { return !above(lock); });
    }

private:
    void add(RowKind kind, std::size_t track, const QString& label, int lanes = 1, std::size_t group = 0)
    {
        m_rows.push_back({kind, m_variant, track, label, lanes, group});
    }

    void addThreads()
    {
        const std::vector<std::size_t> groups = groupsOf(m_threads, m_names);
        for (std::size_t i = 0; i < m_threads.size(); ++i) {
            add(RowKind::Thread, m_threads[i], m_names.thread(m_threads[i]), 1, groups[i]);
        }
    }

    void addNote()
    {
        if (!m_timeline.gilNote.empty()) {
            add(RowKind::Note, 0, QStringLiteral("GIL"));
            m_rows.back().note = oneLineText(m_timeline.gilNote);
        }
        if (!m_timeline.unobserved.empty()) {
            constexpr std::size_t kMostSentences = 2; // a note has three lines
            QStringList sentences;
            for (const std::string& sentence : unobservedSentences(m_timeline.unobserved, kMostSentences)) {
                sentences << oneLineText(sentence);
            }
            add(RowKind::Note, 0, QStringLiteral("not seen"));
            m_rows.back().note = sentences.join(QLatin1Char(' '));
        }
    }

    template <class Wanted> void addLocks(Wanted wanted)
    {
        for (const std::size_t lock : m_locks) {
            if (wanted(m_timeline.locks[lock])) {
                add(RowKind::Lock, lock, m_names.lock(lock));
            }
        }
    }

    void addCounters()
    {
        if (!m_options.counters) {
            return;
        }
        for (const std::size_t i : shownCounters(m_timeline, m_options)) {
            const CounterInfo& counter = m_timeline.counters[i];
            add(RowKind::Counter, i, QString::fromStdString(counter.name),
                static_cast<int>(counterThreads(counter).size()));
        }
    }

    void addCpu()
    {
        if (m_options.cpu && !m_timeline.cores.empty()) {
            add(RowKind::Cpu, 0, QStringLiteral("CPU"));
        }
    }

    const Timeline& m_timeline;
    std::size_t m_variant;
    const RowOptions& m_options;
    std::vector<RowContent>& m_rows;
    RowNames m_names;
    std::vector<std::size_t> m_threads;
    std::vector<std::size_t> m_locks;
};

} // namespace

std::vector<RowContent> describeRows(std::span<const VariantPicture> variants, const RowOptions& options)
{
    std::vector<RowContent> rows;
    for (std::size_t v = 0; v < variants.size(); ++v) {
        const VariantPicture& variant = variants[v];
        if (variant.recording == nullptr) {
            continue;
        }
        rows.push_back({RowKind::Heading, v, 0, oneLineText(variant.recording->title), 1, 0});
        if (const QString reason = notRunReason(variant); !reason.isEmpty()) {
            rows.push_back({RowKind::Note, v, 0, QStringLiteral("not run"), 1, 0, reason});
        } else if (!variant.recording->timeline.threads.empty() && options.onlyVariant.value_or(v) == v) {
            VariantRows(variant.recording->timeline, v, options, rows).describe();
        }
    }
    return rows;
}

Nanos originOf(const Timeline& timeline)
{
    return timeline.workRange().begin;
}

} // namespace timeslice
