#include "core/record/system_switches.h"

#include "core/base/proc_stat.h"
#include "core/base/time.h"
#include "core/record/cpu_ring.h"
#include "core/record/pid_namespace.h"
#include "core/record/system_records.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <linux/perf_event.h>
#include <optional>
#include <string>
#include <utility>

namespace timeslice {

namespace {

// 32 pages of 4 KiB hold 3276 records of 40 bytes, and a core is drained each 10 ms. Small: the memory that an ordinary
// user may lock is for the run's own records.
constexpr std::size_t kPages = 32;
constexpr Nanos kRatePeriod = 100 * kMillisecond; // over which the rate of records is judged

std::optional<OtherProgram> processOf(Pid pid)
{
    std::optional<ProcStat> stat = readProcStat(pid);
    if (!stat) {
        return std::nullopt;
    }
    constexpr Pid kKthreadd = 2; // starts all threads of the kernel; in a PID namespace of its own any process may be 2
    const bool kernel = inFirstPidNamespace() && (pid == kKthreadd || stat->parent == kKthreadd);
    return OtherProgram{pid, std::move(stat->name), kernel ? OtherProgram::Kind::Kernel : OtherProgram::Kind::Program};
}

tl::unexpected<Error> refusedSystemWide(int error)
{
    const std::string what = "the kernel refuses records of other programs (" + std::string(std::strerror(error)) + ")";
    if (error == EACCES || error == EPERM) {
        return fail(what
                + ". To allow them until the next start of the machine, run: sudo sysctl "
                  "kernel.perf_event_paranoid=0",
            ErrorKind::Unsupported);
    }
    return fail(what, ErrorKind::Unsupported);
}

} // namespace

struct SystemSwitches::Impl {
    Impl(std::vector<CpuRing> opened, const std::vector<CpuId>& cpus, SystemRecords::Known known)
        : rings(std::move(opened))
        , records(cpus, std::move(known), processOf)
        , unread(cpus.size())
        , rateSince(monotonicNow())
    {
    }

    std::vector<CpuRing> rings; ///< none: there were too many records
    SystemRecords records;
    std::vector<std::vector<std::byte>> unread; ///< by ring
    Nanos rateSince;
    std::uint64_t most = 0; ///< bytes of one ring since then
    std::vector<std::uint64_t> bytes;

    void watchRate(Nanos now);
};

Result<SystemSwitches> SystemSwitches::open(const std::vector<CpuId>& cpus, Pid root, Pid guard)
{
    std::vector<CpuRing> rings;
    std::vector<CpuId> online;
    const Nanos opened = monotonicNow();
    for (const CpuId cpu : cpus.empty() ? allCpus() : cpus) {
        UniqueFd fd = perfEventOpen(contextSwitchEvents(), -1, cpu);
        if (!fd && errno == ENODEV) {
            continue; // offline
        }
        if (!fd) {
            return refusedSystemWide(errno);
        }
        rings.emplace_back(std::move(fd));
        online.push_back(cpu);
        if (const int error = rings.back().map(kPages); error != 0) {
            return refusedSystemWide(error);
        }
    }
    SystemRecords::Known known{root, {getpid(), guard}, opened, inFirstPidNamespace()};
    return SystemSwitches{std::make_unique<Impl>(std::move(rings), online, std::move(known))};
}

SystemSwitches::SystemSwitches(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}
SystemSwitches::SystemSwitches(SystemSwitches&&) noexcept = default;
SystemSwitches& SystemSwitches::operator=(SystemSwitches&&) noexcept = default;
SystemSwitches::~SystemSwitches() = default;

void SystemSwitches::read()
{
    for (std::size_t i = 0; i < m_impl->rings.size(); ++i) {
        m_impl->rings[i].read(m_impl->unread[i]);
    }
}

void SystemSwitches::Impl::watchRate(Nanos now)
{
    constexpr std::uint64_t kRecordBytes = 40;
    bytes.resize(unread.size());
    for (std::size_t i = 0; i < unread.size(); ++i) {
        bytes[i] += unread[i].size();
        most = std::max(most, bytes[i]);
    }
    const Nanos length = now - rateSince;
    if (length < kRatePeriod) {
        return;
    }
    if (static_cast<double>(most) / kRecordBytes > static_cast<double>(kMostRecords) * toSeconds(length)) {
        rings.clear();
    }
    rateSince = now;
    most = 0;
    bytes.assign(bytes.size(), 0);
}

void SystemSwitches::translate(std::span<const Event> own, Nanos now, Batch& batch)
{
    if (m_impl->rings.empty()) {
        return;
    }
    m_impl->records.learnOwn(own);
    std::vector<SystemRecords::Ring> rings;
    for (std::size_t i = 0; i < m_impl->rings.size(); ++i) {
        const std::vector<std::byte>& unread = m_impl->unread[i];
        rings.push_back({unread, unread.size() > m_impl->rings[i].dataBytes() / 2});
    }
    m_impl->records.translate(rings, now, batch);
    m_impl->watchRate(now);
}

Result<void> probeSystemSwitches()
{
    const Result<SystemSwitches> opened = SystemSwitches::open({}, 0, 0);
    if (!opened) {
        return tl::unexpected(opened.error());
    }
    return {};
}

} // namespace timeslice
