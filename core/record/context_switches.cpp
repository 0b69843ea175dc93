#include "core/record/context_switches.h"

#include "core/base/clean_name.h"
#include "core/base/proc_file.h"
#include "core/record/cpu_ring.h"
#include "core/record/perf_records.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <functional>
#include <iterator>
#include <linux/perf_event.h>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

namespace timeslice {

namespace {

// Tried in this order. 512 pages of 4 KiB hold 65536 switches of one core: far more than a core makes while the
// collector waits for its turn on a crowded machine. What an ordinary user gets depends on
// kernel.perf_event_mlock_kb (516 KiB a core by default) plus RLIMIT_MEMLOCK.
constexpr std::size_t kMostPages = 512;
// Of all cores together: this memory is locked, and a machine may have hundreds of cores.
constexpr std::size_t kMostPagesTogether = 16384;

perf_event_attr switchEvents()
{
    perf_event_attr attr = contextSwitchEvents();
    attr.inherit = 1;
    return attr;
}

std::optional<int> readNumber(const char* path)
{
    std::string text;
    std::string_view rest = readFile(path, text) ? text : std::string_view();
    return toNumber<int>(nextWord(rest));
}

// The level from which on a kernel refuses ordinary users altogether: Debian's and Ubuntu's kernels know 3 and 4, the
// kernel's own documentation ends at 2.
constexpr int kMostParanoidLevel = 2;

tl::unexpected<Error> refusedRecords(Pid pid, int error)
{
    const std::string what = "the kernel refuses context-switch records";
    switch (error) {
    case EACCES:
    case EPERM: {
        const std::optional<int> level = readNumber("/proc/sys/kernel/perf_event_paranoid");
        if (level && *level > kMostParanoidLevel) {
            return fail(what + ": kernel.perf_event_paranoid is " + std::to_string(*level) + ", at most "
                    + std::to_string(kMostParanoidLevel)
                    + " is needed. To allow them until the next start of the machine, run: sudo sysctl "
                      "kernel.perf_event_paranoid="
                    + std::to_string(kMostParanoidLevel),
                ErrorKind::Unsupported);
        }
        return fail(what + " of process " + std::to_string(pid) + " (" + std::strerror(error)
                + (level ? "), although kernel.perf_event_paranoid is " + std::to_string(*level) : std::string{")"})
                + ": the process belongs to another user, or a container's seccomp filter forbids perf_event_open. "
                  "In Docker, start the container with: docker run --security-opt seccomp=unconfined",
            ErrorKind::Unsupported);
    }
    case ENOSYS:
    case ENOENT:
    case EOPNOTSUPP:
        return fail(what + " (" + std::strerror(error)
                + "): it was built without CONFIG_PERF_EVENTS, or a sandbox or container hides perf_event_open",
            ErrorKind::Unsupported);
    case EMFILE:
    case ENFILE:
        return fail("cannot open one descriptor per core for context-switch records ("
                + std::string{std::strerror(error)} + "). To allow more, run: ulimit -n 4096",
            ErrorKind::Unsupported);
    case EINVAL:
    case E2BIG:
        return fail(what + " (" + std::strerror(error) + "): they need Linux 4.3 or newer", ErrorKind::Unsupported);
    case ESRCH:
        return fail("cannot record context switches: process " + std::to_string(pid) + " is gone");
    default:
        return failErrno(
            "cannot open context-switch records of process " + std::to_string(pid), error, ErrorKind::Unsupported);
    }
}

tl::unexpected<Error> mappingRefusal(int error)
{
    if (error == EPERM) {
        const std::optional<int> limit = readNumber("/proc/sys/kernel/perf_event_mlock_kb");
        return fail("the kernel grants no memory for context-switch records: kernel.perf_event_mlock_kb is "
                + (limit ? std::to_string(*limit) : std::string{"unknown"})
                + ", or other programs of this user have used it up. To allow more, run: sudo sysctl "
                  "kernel.perf_event_mlock_kb=2048",
            ErrorKind::Unsupported);
    }
    return failErrno("cannot map the memory of context-switch records", error, ErrorKind::Unsupported);
}

std::string nameOf(Pid pid)
{
    std::string name;
    (void)readFile(("/proc/" + std::to_string(pid) + "/comm").c_str(), name);
    return cleanName(name.substr(0, name.find('\n')));
}

} // namespace

struct ContextSwitches::Impl {
    std::vector<CpuRing> rings;
    PerfRecords records;
    std::vector<std::byte> unread; ///< of one ring at a time; kept for its memory

    /// All rings get the same size: the busiest core would lose records first, whichever it is. 0, or errno.
    int map(std::size_t pages)
    {
        for (CpuRing& ring : rings) {
            if (const int error = ring.map(pages); error != 0) {
                std::for_each(rings.begin(), rings.end(), [](CpuRing& r) { r.unmap(); });
                return error;
            }
        }
        return 0;
    }
};

Result<ContextSwitches> ContextSwitches::open(Pid pid, const std::vector<CpuId>& cpus, RefusedPrograms* refused)
{
    auto impl = std::make_unique<Impl>();
    perf_event_attr attr = switchEvents();
    attr.read_format = PERF_FORMAT_LOST;
    for (const CpuId cpu : cpus.empty() ? allCpus() : cpus) {
        UniqueFd fd = perfEventOpen(attr, pid, cpu);
        if (!fd && errno == EINVAL && attr.read_format != 0) {
            attr.read_format = 0; // before Linux 6.0
            fd = perfEventOpen(attr, pid, cpu);
        }
        if (!fd && errno == ENODEV) {
            continue; // offline
        }
        if (!fd) {
            return refusedRecords(pid, errno);
        }
        impl->rings.emplace_back(std::move(fd));
    }
    if (impl->rings.empty()) {
        return fail("cannot record context switches: none of the cores asked for is online", ErrorKind::Unsupported);
    }
    int error = EPERM;
    const std::size_t share = std::bit_floor(std::max<std::size_t>(kMostPagesTogether / impl->rings.size(), 1));
    for (std::size_t pages = std::min(kMostPages, share); pages > 0 && error != 0; pages /= 2) {
        error = impl->map(pages);
        if (error != 0 && error != EPERM && error != ENOMEM) {
            break;
        }
    }
    if (error != 0) {
        return mappingRefusal(error);
    }
    impl->records.seed(pid, nameOf(pid));
    if (refused != nullptr) {
        impl->records.watchPrograms(*refused);
    }
    return ContextSwitches{std::move(impl)};
}

ContextSwitches::ContextSwitches(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}
ContextSwitches::ContextSwitches(ContextSwitches&&) noexcept = default;
ContextSwitches& ContextSwitches::operator=(ContextSwitches&&) noexcept = default;
ContextSwitches::~ContextSwitches() = default;

void ContextSwitches::drain(Batch& batch, bool last)
{
    for (CpuRing& ring : m_impl->rings) {
        ring.read(m_impl->unread);
        m_impl->records.parse(m_impl->unread, batch);
    }
    m_impl->records.finish(batch, last);
    if (last) {
        const std::uint64_t known = std::transform_reduce(m_impl->rings.begin(), m_impl->rings.end(), std::uint64_t{0},
            std::plus<>{}, [](const CpuRing& ring) { return ring.lost(); });
        batch.lost.kernel = std::max(batch.lost.kernel, known);
    }
}

std::vector<int> ContextSwitches::pollFds() const
{
    std::vector<int> fds;
    std::transform(m_impl->rings.begin(), m_impl->rings.end(), std::back_inserter(fds),
        [](const CpuRing& ring) { return ring.fd(); });
    return fds;
}

std::size_t ContextSwitches::ringBytes() const
{
    return m_impl->rings.front().dataBytes();
}

Result<void> probeContextSwitches()
{
    const Result<ContextSwitches> opened = ContextSwitches::open(getpid(), {});
    if (!opened) {
        return tl::unexpected(opened.error());
    }
    return {};
}

} // namespace timeslice
