#include "ui/plot/variant_rows.h"

#include "core/trace/process_lives.h"
#include "core/trace/unobserved_text.h"

#include "ui/plot/one_line.h"
#include "ui/plot/row_names.h"

#include <QStringList>
#include <algorithm>
#include <map>
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
        if (hasGroups()) {
            describeGroups();
            return;
        }
        if (m_threads.size() <= kManyThreads) {
            addThreads();
            addNote();
            addLocks([](const LockInfo&) { return true; });
            addOmitted(shownLocks, m_locks.size(), QStringLiteral("lock"), locksOfOneProcess());
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
        addOmitted(shownLocks, m_locks.size(), QStringLiteral("lock"), locksOfOneProcess());
    }

private:
    void add(RowKind kind, std::size_t track, const QString& label, int lanes = 1, std::size_t group = 0)
    {
        m_rows.push_back({kind, m_variant, track, label, lanes, group});
    }

    /// `all`: shownThreads() or its like; `shown`: so many of them have a row, `byWork`: for what they did.
    template <class All> void addOmitted(All all, std::size_t shown, const QString& noun, bool byWork = true)
    {
        RowOptions every = m_options;
        every.maxOfAKind = SIZE_MAX;
        if (const std::size_t count = all(m_timeline, every).size(); count > shown && shown > 0) {
            add(RowKind::Omitted, 0, QString());
            m_rows.back().note = omittedText(count - shown, noun, byWork ? shown : 0);
        }
    }

    bool chosenByWork() const
    {
        return m_timeline.latencies.empty() && m_timeline.reaps.empty() && m_options.told.empty()
            && m_options.named.empty() && m_options.prominence.empty();
    }

    /// Of the threads that may have a row those that have none, and what each of them is: a thread, or all there is of
    /// a process.
    void addOmittedThreads()
    {
        if (m_options.maxOfAKind == SIZE_MAX) {
            return;
        }
        const std::set<std::size_t> shown(m_threads.begin(), m_threads.end());
        RowOptions every = m_options;
        every.maxOfAKind = SIZE_MAX;
        std::map<Pid, std::size_t> sizes;
        const std::vector<std::size_t> all = shownThreads(m_timeline, every);
        for (const std::size_t thread : all) {
            ++sizes[m_timeline.threads[thread].pid];
        }
        std::size_t threads = 0;
        std::size_t processes = 0;
        for (const std::size_t thread : all) {
            if (!shown.contains(thread)) {
                ++(sizes.size() > 1 && sizes[m_timeline.threads[thread].pid] == 1 ? processes : threads);
            }
        }
        const std::size_t count = threads + processes;
        if (count > 0 && !shown.empty()) {
            add(RowKind::Omitted, 0, QString());
            const QString noun = threads == 0 ? QStringLiteral("process")
                : processes == 0              ? QStringLiteral("thread")
                                              : QStringLiteral("threads and process"); // two at least
            m_rows.back().note = omittedText(count, noun, chosenByWork() ? shown.size() : 0);
        }
    }

    /// A folded process shows all its threads in its one row.
    void addThreadsInside(const std::vector<ProcessLife>& lives)
    {
        if (m_options.maxOfAKind == SIZE_MAX) {
            return; // they are all there
        }
        const std::set<std::size_t> shown(m_threads.begin(), m_threads.end());
        std::vector<bool> lifeShown;
        for (const ProcessLife& life : lives) {
            lifeShown.push_back(std::any_of(life.threads.begin(), life.threads.end(),
                [&](std::uint32_t thread) { return shown.contains(thread); }));
        }
        std::vector<bool> unfolded(lives.size(), m_options.unfold);
        for (std::size_t i = 0; i < lives.size(); ++i) {
            auto parent = lifeShown[i] ? lives[i].parent : std::nullopt;
            while (parent && !lifeShown[*parent]) { // in whose place it stands
                parent = lives[*parent].parent;
            }
            if (parent) {
                unfolded[*parent] = true;
            }
        }
        for (std::size_t i = 0; i < lives.size(); ++i) {
            const auto wish = m_options.folds.find({m_variant, lives[i].threads.front()});
            if (!lifeShown[i] || (wish != m_options.folds.end() ? wish->second : unfolded[i])) {
                continue;
            }
            for (const std::uint32_t thread : lives[i].threads) {
                if (!shown.contains(thread) && (m_options.auxiliary || !m_timeline.threads[thread].auxiliary)) {
                    m_threads.push_back(thread);
                }
            }
        }
    }
    bool locksOfOneProcess() const
    {
        const auto& locks = m_timeline.locks;
        return std::all_of(
            locks.begin(), locks.end(), [&](const LockInfo& lock) { return lock.pid == locks.front().pid; });
    }

    bool showsMemory() const { return m_options.memory && !m_timeline.memory.empty(); }
    bool hasGroups() const { return m_options.groups || showsMemory(); }

    /// Locks that belong to no process of these, and what else there is, stand above a long tree and below a short one.
    void describeGroups()
    {
        const std::vector<ProcessLife> lives = processLives(m_timeline);
        addThreadsInside(lives);
        const std::vector<ProcessGroup> groups = processGroups(
            m_timeline, lives, ascending(m_threads), ascending(m_locks), m_variant, m_options.folds, m_options.unfold);
        std::size_t rows = 0;
        for (const ProcessGroup& group : groups) {
            rows += 1 + group.threadRows.size();
        }
        const auto rest = [&] {
            addNote();
            for (const std::size_t lock : m_locks) {
                if (m_timeline.locks[lock].pid == 0) {
                    add(RowKind::Lock, lock, m_names.lock(lock));
                }
            }
            addCounters();
            addCpu();
        };
        if (rows > kManyThreads) {
            rest();
        }
        for (const ProcessGroup& group : groups) {
            addGroup(group, lives[group.life]);
        }
        addOmittedThreads();
        addOmitted(shownLocks, m_locks.size(), QStringLiteral("lock"), locksOfOneProcess());
        if (rows <= kManyThreads) {
            rest();
        }
    }

    void addGroup(const ProcessGroup& group, const ProcessLife& life)
    {
        const std::uint32_t first = life.threads.front();
        const bool one = group.threads.size() == 1;
        const std::size_t shown = group.threads.front();
        add(one ? RowKind::Thread : RowKind::Process, shown,
            group.threadRows.empty() && one ? m_names.thread(shown) : m_names.processTitle(m_names.process(shown)));
        RowContent& row = inTree(group.depth, life);
        if (!one && !group.threadRows.empty()) { // its first thread, which stands below, is called the same
            row.label = QStringLiteral("%1 (process)").arg(row.label);
        }
        row.fold = group.fold;
        row.process = first;
        if (!one) {
            row.threads = group.threads;
        }
        if (showsMemory()) {
            add(RowKind::Memory, first, QStringLiteral("memory"));
            inTree(group.depth + 1, life).process = first;
        }
        for (const std::uint32_t thread : group.threadRows) {
            add(RowKind::Thread, thread, m_names.thread(thread));
            inTree(group.depth + 1, life);
        }
        for (const std::uint32_t lock : group.lockRows) {
            add(RowKind::Lock, lock, QString::fromStdString(m_timeline.locks[lock].name));
            inTree(group.depth + 1, life);
        }
    }

    /// The row that was added last.
    RowContent& inTree(int depth, const ProcessLife& life)
    {
        RowContent& row = m_rows.back();
        row.inTree = true;
        row.depth = depth;
        row.group = m_names.process(life.threads.front());
        return row;
    }

    static std::vector<std::size_t> ascending(std::vector<std::size_t> rows)
    {
        std::sort(rows.begin(), rows.end());
        return rows;
    }

    void addThreads()
    {
        const std::vector<std::size_t> groups = groupsOf(m_threads, m_names);
        for (std::size_t i = 0; i < m_threads.size(); ++i) {
            add(RowKind::Thread, m_threads[i], m_names.thread(m_threads[i]), 1, groups[i]);
        }
        addOmittedThreads();
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
        const std::vector<std::size_t> counters = shownCounters(m_timeline, m_options);
        for (const std::size_t i : counters) {
            const CounterInfo& counter = m_timeline.counters[i];
            add(RowKind::Counter, i, QString::fromStdString(counter.name),
                static_cast<int>(counterThreads(counter).size()));
        }
        addOmitted(shownCounters, counters.size(), QStringLiteral("counter"));
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

void describeTracks(
    const Timeline& timeline, std::size_t variant, const RowOptions& options, std::vector<RowContent>& rows)
{
    VariantRows(timeline, variant, options, rows).describe();
}

} // namespace timeslice
