#include "core/recording/trace_layout.h"

#include <algorithm>
#include <map>
#include <utility>

namespace timeslice {

namespace {

/// "NAME (ID)", unless the name tells the id already.
std::string withId(const std::string& name, std::int64_t id)
{
    const std::string suffix = " (" + std::to_string(id) + ")";
    return name.ends_with(suffix) ? name : name + suffix;
}

/// Lays out one variant. A process is kept as its index in TraceLayout::processes; one without a row is given a tid
/// when it gets its first.
class Layout {
public:
    Layout(const VariantRecording& variant, const RowLabels& labels, TraceNumbers& numbers)
        : m_timeline(variant.timeline)
        , m_labels(labels)
        , m_numbers(numbers)
        , m_title(!variant.title.empty() ? variant.title
                  : !variant.id.empty()  ? variant.id
                                         : "recording")
    {
    }

    TraceLayout make()
    {
        if (!m_timeline.cores.empty()) {
            const std::size_t cores = addProcess(0, m_title + ": cores");
            for (std::size_t i = 0; i < m_timeline.cores.size(); ++i) {
                m_layout.cores.push_back(place(cores, m_numbers.tid()));
            }
        }
        placeThreads();
        for (const LockInfo& lock : m_timeline.locks) {
            m_layout.locks.push_back(place(processOf(lock.pid, lock.track.begin()), m_numbers.tid()));
        }
        for (const CounterInfo& counter : m_timeline.counters) {
            const Nanos first = counter.accesses.empty() ? 0 : counter.accesses.front().time;
            TraceProcess& process = m_layout.processes[processOf(counter.pid, first)];
            if (process.place.tid == 0) {
                process.place.tid = m_numbers.tid();
            }
            m_layout.counters.push_back(process.place);
        }
        nameProcesses();
        return std::move(m_layout);
    }

private:
    /// One life of a pid: the kernel may give it to another process when the first is gone.
    struct Life {
        std::size_t process = 0;
        Nanos born = 0;
    };

    std::size_t addProcess(Pid wanted, std::string name)
    {
        m_layout.processes.push_back({{m_numbers.pid(wanted), 0}, std::move(name)});
        return m_layout.processes.size() - 1;
    }

    TracePlace place(std::size_t process, std::int64_t tid)
    {
        TracePlace& home = m_layout.processes[process].place;
        home.tid = home.tid == 0 ? tid : home.tid;
        return {home.pid, tid};
    }

    void placeThreads()
    {
        for (std::size_t i = 0; i < m_timeline.threads.size(); ++i) {
            const ThreadInfo& thread = m_timeline.threads[i];
            const bool leads = thread.pid > 0 && thread.tid == thread.pid;
            if (leads && m_led.contains(thread.pid)) {
                startLife(thread.pid, thread.born);
            }
            const std::size_t process = processOf(thread.pid, thread.born);
            if (leads) {
                m_led.insert(thread.pid);
            }
            // The main thread is known to the viewers by its number, which is that of its process.
            const std::int64_t pid = m_layout.processes[process].place.pid;
            const TracePlace placed = place(process, m_numbers.tid(leads ? pid : thread.tid));
            m_layout.threads.push_back(placed);
            m_layout.threadNames.push_back(
                placed.tid == thread.tid ? m_labels.threads[i] : withId(m_labels.threads[i], thread.tid));
        }
    }

    std::size_t startLife(Pid pid, Nanos born)
    {
        const auto name = m_labels.processes.find(pid);
        const std::size_t process =
            addProcess(pid, name == m_labels.processes.end() ? "process " + std::to_string(pid) : name->second);
        m_lives[pid].push_back({process, born});
        m_run.emplace_back(process, pid);
        return process;
    }

    /// The process that had the id at that time; `pid` 0 is what several share.
    std::size_t processOf(Pid pid, Nanos at)
    {
        if (pid <= 0) {
            if (m_shared == kNone) {
                m_shared = addProcess(0, m_title + ": shared between processes");
            }
            return m_shared;
        }
        const auto lives = m_lives.find(pid);
        if (lives == m_lives.end()) {
            return startLife(pid, at);
        }
        const auto& all = lives->second;
        const auto then = std::find_if(all.rbegin(), all.rend(), [at](const Life& life) { return life.born <= at; });
        return then == all.rend() ? all.front().process : then->process;
    }

    /// A run's only process is called as the run is.
    void nameProcesses()
    {
        for (const auto& [process, pid] : m_run) {
            TraceProcess& named = m_layout.processes[process];
            named.name = m_run.size() > 1 ? m_title + ": " + named.name : m_title;
            named.name = named.place.pid == pid ? named.name : withId(named.name, pid);
        }
        if (m_shared != kNone) { // it was made when first needed, and is to be shown last
            const auto shared = m_layout.processes.begin() + static_cast<std::ptrdiff_t>(m_shared);
            std::rotate(shared, shared + 1, m_layout.processes.end());
        }
    }

    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

    const Timeline& m_timeline;
    const RowLabels& m_labels;
    TraceNumbers& m_numbers;
    std::string m_title;
    TraceLayout m_layout;
    std::map<Pid, std::vector<Life>> m_lives;
    std::unordered_set<Pid> m_led; ///< pids whose main thread has a row
    std::vector<std::pair<std::size_t, Pid>> m_run; ///< the run's own processes
    std::size_t m_shared = kNone;
};

} // namespace

std::int64_t TraceNumbers::take(std::unordered_set<std::int64_t>& taken, std::int64_t wanted)
{
    // What take() gives as a pid comes back as the wanted tid of its main thread.
    if (wanted > 0 && wanted < m_next && taken.insert(wanted).second) {
        return wanted;
    }
    while (!taken.insert(m_next).second) {
        ++m_next;
    }
    return m_next++;
}

TraceLayout layOutTrace(const VariantRecording& variant, const RowLabels& labels, TraceNumbers& numbers)
{
    return Layout(variant, labels, numbers).make();
}

} // namespace timeslice
