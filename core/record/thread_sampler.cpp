#include "core/record/thread_sampler.h"

#include "core/base/proc_file.h"
#include "core/base/proc_stat.h"
#include "core/record/run_inference.h"
#include "core/record/watched_programs.h"

#include <ctime>
#include <dirent.h>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace timeslice {

namespace {

std::vector<Tid> threadsOf(Pid pid)
{
    std::vector<Tid> tids;
    DIR* directory = opendir(("/proc/" + std::to_string(pid) + "/task").c_str());
    if (directory == nullptr) {
        return tids;
    }
    while (const dirent* entry = readdir(directory)) {
        if (const auto tid = toNumber<Tid>(entry->d_name)) {
            tids.push_back(*tid);
        }
    }
    closedir(directory);
    return tids;
}

/// CPU time of a process, of all threads that it has and had.
std::optional<Nanos> cpuClockOf(Pid pid)
{
    clockid_t clock{};
    timespec used{};
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0) {
        return std::nullopt;
    }
    return Nanos{used.tv_sec} * kSecond + used.tv_nsec;
}

bool parseStat(std::string_view text, ThreadReading& reading)
{
    std::optional<ProcStat> stat = parseProcStat(text);
    if (stat) {
        reading.name = std::move(stat->name);
        reading.state = stat->state;
        reading.stack = stat->stack;
        reading.core = stat->core;
    }
    return stat.has_value();
}

// schedstat: nanoseconds on a core, nanoseconds runnable without one, number of turns.
bool parseSchedstat(std::string_view text, ThreadReading& reading)
{
    const auto ran = toNumber<Nanos>(nextWord(text));
    const auto waited = toNumber<Nanos>(nextWord(text));
    reading.ran = ran.value_or(0);
    reading.waited = waited.value_or(0);
    return ran && waited;
}

} // namespace

struct ThreadSampler::Impl {
    Impl(Pid root, RefusedPrograms* refused)
        : processes{{root, 0}}
    {
        if (refused != nullptr) {
            watched.emplace(*refused);
        }
    }

    /// Reads the threads of `pid`, and adds its children to `processes`. False when it is gone.
    bool readProcess(Pid pid, Tid parent);
    bool read(const std::string& folder, const char* file) { return readFile((folder + file).c_str(), text); }

    std::map<Pid, Tid> processes; ///< known to live, each with the thread that started it (0 = unknown)
    std::vector<std::pair<Pid, Tid>> found;
    std::vector<ThreadReading> readings;
    std::vector<ProcessReading> clocks;
    RunInference inference;
    std::optional<WatchedPrograms> watched;
    std::string text;
};

bool ThreadSampler::Impl::readProcess(Pid pid, Tid parent)
{
    if (const std::optional<Nanos> ran = cpuClockOf(pid)) {
        clocks.push_back({pid, *ran});
    }
    const std::vector<Tid> tids = threadsOf(pid);
    for (const Tid tid : tids) {
        const std::string folder = "/proc/" + std::to_string(pid) + "/task/" + std::to_string(tid);
        ThreadReading reading;
        reading.tid = tid;
        reading.pid = pid;
        reading.parent = tid == pid ? parent : 0;
        // A thread may end between two of these lines; the next sample knows.
        if (!read(folder, "/stat") || !parseStat(text, reading) || !read(folder, "/schedstat")
            || !parseSchedstat(text, reading)) {
            continue;
        }
        readings.push_back(std::move(reading));
        if (read(folder, "/children")) {
            std::string_view rest{text};
            while (const auto child = toNumber<Pid>(nextWord(rest))) {
                found.emplace_back(*child, tid);
            }
        }
    }
    return !tids.empty();
}

ThreadSampler::ThreadSampler(Pid root, RefusedPrograms* refused)
    : m_impl(std::make_unique<Impl>(root, refused))
{
}
ThreadSampler::ThreadSampler(ThreadSampler&&) noexcept = default;
ThreadSampler& ThreadSampler::operator=(ThreadSampler&&) noexcept = default;
ThreadSampler::~ThreadSampler() = default;

void ThreadSampler::sample(Batch& batch, bool last)
{
    Impl& impl = *m_impl;
    const Nanos now = monotonicNow();
    impl.readings.clear();
    impl.clocks.clear();
    // A child whose parent has ended is no longer among anybody's children: those known are asked by number.
    std::vector<std::pair<Pid, Tid>> toRead{impl.processes.begin(), impl.processes.end()};
    while (!toRead.empty()) {
        impl.found.clear();
        for (const auto& [pid, parent] : toRead) {
            if (!impl.readProcess(pid, parent)) {
                impl.processes.erase(pid);
            }
        }
        toRead.clear();
        for (const auto& [child, parent] : impl.found) {
            if (impl.processes.try_emplace(child, parent).second) {
                toRead.emplace_back(child, parent);
            }
        }
    }
    if (last) {
        impl.inference.awaitTotal(false);
    }
    impl.inference.observe(impl.readings, impl.clocks, now, batch);
    if (impl.watched) {
        impl.watched->observe(impl.readings, now, last, batch);
    }
}

void ThreadSampler::awaitEnd()
{
    m_impl->inference.awaitTotal(true);
}

void ThreadSampler::endWith(Nanos cpu)
{
    m_impl->inference.endWith(cpu);
}

} // namespace timeslice
