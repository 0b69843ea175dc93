#include "core/record/wakeups.h"

#include "core/base/time.h"
#include "core/record/cpu_ring.h"
#include "core/record/pid_namespace.h"
#include "core/record/tracepoint.h"
#include "core/record/wakeup_records.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <linux/perf_event.h>
#include <string>
#include <sys/ioctl.h>
#include <utility>
#include <vector>

namespace timeslice {

namespace {

// 128 pages of 4 KiB hold 7281 records of 72 bytes, and a core is drained each 10 ms, or each 4 while much happens.
constexpr std::size_t kWakeupPages = 128;
constexpr std::size_t kLeastWakeupPages = 16;
constexpr std::size_t kWakeupPagesTogether = 8192; // of all cores: this memory is locked
constexpr Nanos kForeignPeriod = 100 * kMillisecond; // over which the rate of records is judged

perf_event_attr tracepointEvents(const Tracepoint& tracepoint)
{
    perf_event_attr attr{};
    attr.size = sizeof attr;
    attr.type = PERF_TYPE_TRACEPOINT;
    attr.config = tracepoint.id;
    attr.sample_period = 1;
    attr.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU | PERF_SAMPLE_RAW;
    attr.sample_id_all = 1;
    attr.use_clockid = 1;
    attr.clockid = CLOCK_MONOTONIC;
    attr.watermark = 1;
    return attr;
}

tl::unexpected<Error> refusedWakeups(int error)
{
    const std::string what = "the kernel refuses records of wake-ups (" + std::string(std::strerror(error)) + ")";
    if (error == EACCES || error == EPERM) {
        return fail(what
                + ". To allow them until the next start of the machine, run: sudo sysctl "
                  "kernel.perf_event_paranoid=-1",
            ErrorKind::Unsupported);
    }
    return fail(what, ErrorKind::Unsupported);
}

} // namespace

struct Wakeups::Impl {
    explicit Impl(WakeupLayout layout)
        : records(layout)
        , rateSince(monotonicNow())
    {
    }

    /// 0 (also when the core is offline), or errno.
    int add(const Tracepoint& waking, const Tracepoint& wakeup, CpuId cpu, std::size_t pages)
    {
        UniqueFd first = perfEventOpen(tracepointEvents(waking), -1, cpu);
        if (!first) {
            return errno == ENODEV ? 0 : errno;
        }
        UniqueFd second = perfEventOpen(tracepointEvents(wakeup), -1, cpu);
        if (!second) {
            return errno;
        }
        CpuRing& ring = rings.emplace_back(std::move(first));
        if (const int error = ring.map(pages); error != 0) {
            return error;
        }
        if (ioctl(second.get(), PERF_EVENT_IOC_SET_OUTPUT, ring.fd()) != 0) {
            return errno;
        }
        besides.push_back(std::move(second));
        return 0;
    }

    void watchRate(Nanos now);

    std::vector<CpuRing> rings; ///< none: there were too many records
    std::vector<UniqueFd> besides; ///< of the second tracepoint, which writes into the same rings
    WakeupRecords records;
    std::vector<std::vector<std::byte>> unread; ///< by ring
    std::vector<std::size_t> foreign; ///< by ring, since `rateSince`
    Nanos rateSince;
};

Result<Wakeups> Wakeups::open()
{
    if (!inFirstPidNamespace()) {
        return fail(
            "the kernel's records of wake-ups number threads as the whole machine does, and this is a container "
            "that numbers its own",
            ErrorKind::Unsupported);
    }
    const Result<Tracepoint> waking = readTracepoint("sched/sched_waking");
    if (!waking) {
        return tl::unexpected(waking.error());
    }
    const Result<Tracepoint> wakeup = readTracepoint("sched/sched_wakeup");
    if (!wakeup) {
        return tl::unexpected(wakeup.error());
    }
    const Result<WakeupLayout> layout = WakeupLayout::of(*waking, *wakeup);
    if (!layout) {
        return tl::unexpected(layout.error());
    }
    auto impl = std::make_unique<Impl>(*layout);
    const std::vector<CpuId> all = allCpus();
    const std::size_t share = std::bit_floor(kWakeupPagesTogether / std::max<std::size_t>(all.size(), 1));
    const std::size_t pages = std::clamp(share, kLeastWakeupPages, kWakeupPages);
    for (const CpuId cpu : all) {
        if (const int error = impl->add(*waking, *wakeup, cpu, pages); error != 0) {
            return refusedWakeups(error);
        }
    }
    impl->unread.resize(impl->rings.size());
    impl->foreign.resize(impl->rings.size());
    return Wakeups{std::move(impl)};
}

Wakeups::Wakeups(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}
Wakeups::Wakeups(Wakeups&&) noexcept = default;
Wakeups& Wakeups::operator=(Wakeups&&) noexcept = default;
Wakeups::~Wakeups() = default;

void Wakeups::read()
{
    for (std::size_t i = 0; i < m_impl->rings.size(); ++i) {
        m_impl->rings[i].read(m_impl->unread[i]);
    }
}

void Wakeups::Impl::watchRate(Nanos now)
{
    const Nanos length = now - rateSince;
    if (length < kForeignPeriod) {
        return;
    }
    const std::size_t most = foreign.empty() ? 0 : *std::max_element(foreign.begin(), foreign.end());
    if (static_cast<double>(most) > static_cast<double>(kMostForeign) * toSeconds(length)) {
        besides.clear();
        rings.clear();
    }
    rateSince = now;
    foreign.assign(foreign.size(), 0);
}

void Wakeups::translate(std::span<const Event> own, Nanos now, Batch& batch, bool last)
{
    if (m_impl->rings.empty()) {
        return;
    }
    m_impl->records.learnOwn(own); // before anything is added to the batch
    for (std::size_t i = 0; i < m_impl->rings.size(); ++i) {
        m_impl->foreign[i] += m_impl->records.parse(m_impl->unread[i]);
    }
    m_impl->records.conclude(batch, last);
    batch.wakeups = true;
    m_impl->watchRate(now);
}

Result<void> probeWakeups()
{
    const Result<Wakeups> opened = Wakeups::open();
    if (!opened) {
        return tl::unexpected(opened.error());
    }
    return {};
}

} // namespace timeslice
