#include "core/workload/taskgroups.h"

#include "core/base/clean_name.h"
#include "core/base/unique_fd.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <mntent.h>
#include <set>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace timeslice {

namespace {

std::string findCpuController()
{
    std::string directory;
    if (FILE* mounts = setmntent("/proc/self/mounts", "re"); mounts != nullptr) {
        while (const mntent* mount = getmntent(mounts)) {
            if (std::string_view(mount->mnt_type) == "cgroup" && hasmntopt(mount, "cpu") != nullptr) {
                directory = mount->mnt_dir;
                break;
            }
        }
        endmntent(mounts);
    }
    return directory;
}

/// "" if there is none. Looked for once: groups change in the middle of the work.
const std::string& cpuController()
{
    static const std::string directory = findCpuController();
    return directory;
}

Error refusal(const std::string& name, const std::string& why)
{
    return {"cannot put a thread into the taskgroup " + cleanName(name) + ": " + why, ErrorKind::Unsupported};
}

std::set<std::string> namesIn(const WorkloadSpec& workload)
{
    std::set<std::string> names;
    for (const TaskSpec& task : workload.tasks) {
        names.insert(task.taskgroup);
        for (const PhaseSpec& phase : task.phases) {
            for (const TaskStep& step : phase.steps) {
                if (const auto* schedule = std::get_if<step::Schedule>(&step)) {
                    names.insert(schedule->scheduling.taskgroup);
                }
            }
        }
    }
    names.erase("");
    return names;
}

} // namespace

Result<Taskgroups> Taskgroups::create(const WorkloadSpec& workload, int made)
{
    Taskgroups groups;
    for (const std::string& name : namesIn(workload)) {
        if (Result<void> done = groups.make(name, made); !done) {
            return tl::unexpected<Error>(done.error());
        }
    }
    return groups;
}

Result<void> Taskgroups::make(const std::string& name, int made)
{
    if (cpuController().empty()) {
        return tl::unexpected<Error>(refusal(name,
            "it takes control groups of the first version with the controller \"cpu\", and none are mounted (for "
            "rt-app "
            "itself, too)"));
    }
    for (std::size_t end = 0; end != std::string::npos;) {
        end = name.find('/', end + 1);
        const std::string directory = cpuController() + name.substr(0, end);
        if (mkdir(directory.c_str(), 0775) == 0) {
            m_made.push_back(directory);
            if (made >= 0) { // without it, it is only that nobody removes them after us
                [[maybe_unused]] const ssize_t noted = write(made, directory.c_str(), directory.size() + 1);
            }
        } else if (errno != EEXIST) {
            const int error = errno;
            return tl::unexpected<Error>(refusal(name,
                "cannot make " + cleanName(directory) + ": " + std::strerror(error)
                    + (error == EACCES || error == EPERM || error == EROFS ? ". As a rule only root may" : "")));
        }
    }
    return {};
}

Taskgroups::Taskgroups(Taskgroups&& other) noexcept
    : m_made(std::exchange(other.m_made, {}))
{
}

Taskgroups& Taskgroups::operator=(Taskgroups&& other) noexcept
{
    std::swap(m_made, other.m_made);
    return *this;
}

Taskgroups::~Taskgroups()
{
    for (auto directory = m_made.rbegin(); directory != m_made.rend(); ++directory) {
        rmdir(directory->c_str());
    }
}

Result<void> Taskgroups::enter(const std::string& name)
{
    const std::string file = cpuController() + name + "/tasks";
    const UniqueFd fd{open(file.c_str(), O_WRONLY | O_CLOEXEC)};
    constexpr std::string_view kCallingThread = "0";
    if (fd && write(fd.get(), kCallingThread.data(), kCallingThread.size()) == 1) {
        return {};
    }
    return tl::unexpected<Error>(refusal(name, std::strerror(errno)));
}

} // namespace timeslice
