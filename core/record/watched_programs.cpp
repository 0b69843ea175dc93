#include "core/record/watched_programs.h"

#include "core/record/proc_file.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace timeslice {

namespace {

constexpr Nanos kFirstInterval = 4 * kMillisecond;
constexpr Nanos kLongestInterval = kSecond;

/// A line of /proc/PID/maps: range, protection, offset, device, inode, path.
struct Mapping {
    std::uint64_t inode = 0;
    std::string path;
};

/// Nullopt: not there to be run, or no file.
std::optional<Mapping> executableFile(std::string_view line)
{
    nextWord(line);
    const std::string_view protection = nextWord(line);
    nextWord(line);
    nextWord(line);
    const auto inode = toNumber<std::uint64_t>(nextWord(line));
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    if (protection.size() < 3 || protection[2] != 'x' || !inode || !line.starts_with('/')) {
        return std::nullopt;
    }
    return Mapping{*inode, std::string{line}};
}

} // namespace

void WatchedPrograms::observe(const std::vector<ThreadReading>& readings, Nanos now, bool last, Batch& batch)
{
    for (auto& [pid, process] : m_processes) {
        process.seen = false;
    }
    std::map<Pid, std::size_t> threads;
    for (const ThreadReading& reading : readings) {
        ++threads[reading.pid];
    }
    for (const ThreadReading& reading : readings) {
        if (reading.tid != reading.pid) {
            continue;
        }
        const auto [at, isNew] = m_processes.try_emplace(reading.pid);
        Process& process = at->second;
        const auto parent = !isNew || reading.parent == 0
            ? readings.end()
            : std::find_if(
                readings.begin(), readings.end(), [&](const ThreadReading& r) { return r.tid == reading.parent; });
        if (isNew && parent != readings.end()) {
            // A fork leaves the stack where it is; the program that an exec begins has it somewhere else.
            m_images.forked(now, reading.pid, parent->pid);
            const auto known = m_processes.find(parent->pid);
            process.stack = known != m_processes.end() ? known->second.stack : 0;
            process.known = known != m_processes.end() ? known->second.known : process.known;
        }
        if (process.stack != reading.stack || (isNew && parent == readings.end())) {
            m_images.exec(now, reading.pid);
            process.stack = reading.stack;
            process.known.clear();
            process.nextLook = now;
            process.interval = kFirstInterval;
        }
        process.seen = true;
        if (threads[reading.pid] > 1 && process.threads <= 1) {
            m_images.threadBorn(now, reading.pid);
        }
        process.threads = threads[reading.pid];
        if (now >= process.nextLook && reading.state != 'Z') {
            look(reading.pid, process, now);
        }
    }
    for (auto at = m_processes.begin(); at != m_processes.end();) {
        if (!at->second.seen) {
            m_images.ended(now, at->first);
        }
        at = at->second.seen ? std::next(at) : m_processes.erase(at);
    }
    m_images.conclude(now, last, batch);
}

void WatchedPrograms::look(Pid pid, Process& process, Nanos now)
{
    process.interval = std::clamp(2 * process.interval, kFirstInterval, kLongestInterval);
    process.nextLook = now + process.interval;
    if (!readProcFile(("/proc/" + std::to_string(pid) + "/maps").c_str(), m_text)) {
        return;
    }
    std::vector<Mapping> files;
    for (std::string_view rest{m_text}; !rest.empty();) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        if (auto file = executableFile(line); file && process.known.insert(file->path).second) {
            files.push_back(std::move(*file));
        }
    }
    // The program itself comes first, wherever it lies; the C library last, when all that is preloaded is there.
    std::error_code none;
    const std::string exe = std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/exe", none).string();
    std::stable_sort(files.begin(), files.end(), [&](const Mapping& a, const Mapping& b) {
        const auto rank = [&](const Mapping& m) {
            return m.path == exe ? 0 : programName(m.path) == kProbeFile ? 1 : 2;
        };
        return rank(a) < rank(b);
    });
    for (Mapping& file : files) {
        m_images.mapped(now, pid, std::move(file.path), file.inode);
    }
}

} // namespace timeslice
