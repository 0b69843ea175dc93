// One core's perf event and the ring that the kernel writes its records into.
//
// Source: perf_event_open(2), "MMAP layout". The kernel moves data_head, the reader data_tail.
#pragma once

#include "core/base/ids.h"
#include "core/base/unique_fd.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <linux/perf_event.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace timeslice {

/// Context switches, births, names and ends, each with thread, core and CLOCK_MONOTONIC; without the switches of
/// children.
inline perf_event_attr contextSwitchEvents()
{
    perf_event_attr attr{};
    attr.size = sizeof attr;
    attr.type = PERF_TYPE_SOFTWARE;
    attr.config = PERF_COUNT_SW_DUMMY;
    attr.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU;
    attr.sample_id_all = 1;
    attr.context_switch = 1;
    attr.task = 1;
    attr.comm = 1;
    attr.comm_exec = 1;
    attr.exclude_kernel = 1; // what an ordinary user may ask for; switches are recorded all the same
    attr.exclude_hv = 1;
    attr.use_clockid = 1;
    attr.clockid = CLOCK_MONOTONIC;
    attr.watermark = 1;
    return attr;
}

/// `pid` -1: whatever runs on `cpu`. Empty on failure, with the reason in errno.
inline UniqueFd perfEventOpen(perf_event_attr attr, Pid pid, CpuId cpu)
{
    return UniqueFd{static_cast<int>(syscall(
        SYS_perf_event_open, &attr, pid, static_cast<int>(cpu), -1, static_cast<unsigned long>(PERF_FLAG_FD_CLOEXEC)))};
}

/// Of all that the machine could have; some may be offline.
inline std::vector<CpuId> allCpus()
{
    std::vector<CpuId> cpus;
    for (long cpu = 0; cpu < sysconf(_SC_NPROCESSORS_CONF); ++cpu) {
        cpus.push_back(static_cast<CpuId>(cpu));
    }
    return cpus;
}

/// For one thread.
class CpuRing {
public:
    explicit CpuRing(UniqueFd fd) noexcept
        : m_fd(std::move(fd))
    {
    }
    CpuRing(CpuRing&& other) noexcept
        : m_fd(std::move(other.m_fd))
        , m_memory(std::exchange(other.m_memory, nullptr))
        , m_dataBytes(std::exchange(other.m_dataBytes, 0))
    {
    }
    CpuRing& operator=(CpuRing&&) = delete;
    CpuRing(const CpuRing&) = delete;
    CpuRing& operator=(const CpuRing&) = delete;
    ~CpuRing() { unmap(); }

    int fd() const noexcept { return m_fd.get(); }
    /// Records that found no room since the start, with those of all that inherited the event; 0 unless the event was
    /// opened with PERF_FORMAT_LOST.
    std::uint64_t lost() const noexcept
    {
        struct {
            std::uint64_t value;
            std::uint64_t lost;
        } counts{};
        return ::read(m_fd.get(), &counts, sizeof counts) == sizeof counts ? counts.lost : 0;
    }
    std::size_t dataBytes() const noexcept { return m_dataBytes; }

    /// 0, or the errno value.
    int map(std::size_t pages) noexcept
    {
        const std::size_t dataBytes = pages * pageBytes();
        void* memory = mmap(nullptr, pageBytes() + dataBytes, PROT_READ | PROT_WRITE, MAP_SHARED, m_fd.get(), 0);
        if (memory == MAP_FAILED) {
            return errno;
        }
        m_memory = memory;
        m_dataBytes = dataBytes;
        return 0;
    }
    void unmap() noexcept
    {
        if (m_memory != nullptr) {
            munmap(m_memory, pageBytes() + m_dataBytes);
            m_memory = nullptr;
        }
    }
    /// Replaces `into` by everything unread, in one piece, and frees the ring for the kernel.
    void read(std::vector<std::byte>& into)
    {
        auto* page = static_cast<perf_event_mmap_page*>(m_memory);
        const std::byte* data = static_cast<const std::byte*>(m_memory) + pageBytes();
        const std::uint64_t head = std::atomic_ref{page->data_head}.load(std::memory_order_acquire);
        const std::uint64_t tail = page->data_tail;
        const auto unread = static_cast<std::size_t>(head - tail);
        const auto start = static_cast<std::size_t>(tail % m_dataBytes);
        const std::size_t untilWrap = std::min(unread, m_dataBytes - start);
        into.resize(unread);
        if (unread > 0) {
            std::memcpy(into.data(), data + start, untilWrap);
            std::memcpy(into.data() + untilWrap, data, unread - untilWrap);
        }
        std::atomic_ref{page->data_tail}.store(head, std::memory_order_release);
    }

private:
    static std::size_t pageBytes() noexcept { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

    UniqueFd m_fd;
    void* m_memory = nullptr;
    std::size_t m_dataBytes = 0;
};

} // namespace timeslice
