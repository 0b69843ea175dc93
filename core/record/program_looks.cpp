#include "core/record/program_looks.h"

#include "core/base/proc_file.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace timeslice {

namespace {

constexpr Nanos kFirstInterval = 4 * kMillisecond;
constexpr Nanos kLongestInterval = kSecond;

/// Of a line of /proc/PID/maps: range, protection, offset, device, inode, path. Nullopt: not there to be run, or no
/// file.
std::optional<MappedFile> executableFile(std::string_view line)
{
    nextWord(line);
    const std::string_view protection = nextWord(line);
    nextWord(line);
    nextWord(line);
    const auto inode = toNumber<std::uint64_t>(nextWord(line));
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    if (protection.size() < 3 || protection[2] != 'x' || !inode || !line.starts_with('/') || line.starts_with("//")) {
        return std::nullopt;
    }
    return MappedFile{std::string{line}, *inode};
}

std::vector<MappedFile> executableFiles(Pid pid, std::string_view maps)
{
    std::vector<MappedFile> files;
    for (std::string_view rest = maps; !rest.empty();) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        if (auto file = executableFile(line)) {
            files.push_back(std::move(*file));
        }
    }
    // The program itself comes first, wherever it lies; then the probe, as all that is preloaded is there when the C
    // library is.
    std::error_code none;
    const std::string exe = std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/exe", none).string();
    std::stable_sort(files.begin(), files.end(), [&](const MappedFile& a, const MappedFile& b) {
        const auto rank = [&](const MappedFile& file) {
            return file.path == exe ? 0 : programName(file.path) == kProbeFile ? 1 : 2;
        };
        return rank(a) < rank(b);
    });
    return files;
}

} // namespace

void ProgramLooks::begun(Pid pid, Nanos now)
{
    m_schedules[pid] = {now, 0};
}

void ProgramLooks::forked(Pid child, Nanos now)
{
    m_schedules[child] = {now + ProcessImages::kForGood, 0};
}

void ProgramLooks::look(ProcessImages& images)
{
    const Nanos now = monotonicNow();
    for (auto at = m_schedules.begin(); at != m_schedules.end();) {
        const bool due = at->second.next <= now;
        at = due && !lookAt(at->first, at->second, images) ? m_schedules.erase(at) : std::next(at);
    }
}

/// False: there is nothing more to see.
bool ProgramLooks::lookAt(Pid pid, Schedule& schedule, ProcessImages& images)
{
    if (schedule.interval > 0 && images.isSettled(pid)) {
        return false;
    }
    const Nanos now = monotonicNow();
    schedule.interval = std::clamp(2 * schedule.interval, kFirstInterval, kLongestInterval);
    schedule.next = now + schedule.interval;
    if (!readFile(("/proc/" + std::to_string(pid) + "/maps").c_str(), m_text)) {
        return false; // it has ended, or is not ours to see
    }
    // The kernel hands it out a page at a time, and no more when the process ends meanwhile; the stack comes last.
    std::vector<MappedFile> files = executableFiles(pid, m_text);
    if (!files.empty() && m_text.find("[stack]") != std::string::npos) {
        images.looked(now, pid, std::move(files));
    }
    return true;
}

} // namespace timeslice
